"""What the rule decided, in words: every branch, the quirks, and numbers that bear out what is said of them."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.core.inside import inside
from lrlab.core.replay import replay_run
from lrlab.core.settings import Settings
from lrlab.views.decision import decision, quirk


def opened(losses, **rule):
    return inside(replay_run(losses, Settings(**{"alpha": 0.1, "factor": 0.5, "patience": 2} | rule)), 0)


CASES = [
    ([0.5], {}, "Epoch 1: 0.5 is the first loss, and so the best; the wait starts over at 0."),
    ([0.5, 0.3127], {}, "Epoch 2: 0.3127 is below 0.5000 − 0.0001; the wait starts over at 0."),
    ([0.3121, 0.3127], {}, "Epoch 2: 0.3127 is not below 0.3121 − 0.0001; wait is now 1 of 2."),
    ([1, 1, 1], {}, "Epoch 3: 1.000 is not below 1.000 − 0.0001; wait is now 2 of 2: rate cut from 0.1 to 0.05."),
    ([1, 1, 1], {"cooldown": 3}, "Epoch 3: 1.000 is not below 1.000 − 0.0001; wait is now 2 of 2: rate cut from 0.1 to "
                                 "0.05, and a cooldown of 3 begins."),
    ([1, 1, 1, 1], {"cooldown": 3}, "Epoch 4: 1.000 is not below 1.000 − 0.0001; cooling down, with 2 epochs left in "
                                    "which no wait is counted."),
    ([1, 1, 1, 1, 1], {"cooldown": 3}, "Epoch 5: 1.000 is not below 1.000 − 0.0001; cooling down, with 1 epoch left in "
                                       "which no wait is counted."),
    ([1, 1, 1, 1, 1, 1], {"cooldown": 3}, "Epoch 6: 1.000 is not below 1.000 − 0.0001; wait is now 1 of 2."),
    ([1, 1, 1, 1], {"min_lr": 0.1}, "Epoch 4: 1.000 is not below 1.000 − 0.0001; wait is now 3 of 2, but the rate "
                                    "cannot be cut below 0.1."),
    ([1, 1, 1], {"factor": 1.0}, "Epoch 3: 1.000 is not below 1.000 − 0.0001; wait is now 2 of 2, and factor 1 leaves "
                                 "the rate at 0.1."),
    ([1, 1], {"min_delta": 0}, "Epoch 2: 1.000 is not below 1.000; wait is now 1 of 2."),
    ([1, np.nan], {}, "Epoch 2: not a number is not below 1 − 0.0001; wait is now 1 of 2."),
    ([np.inf, 5], {}, "Epoch 2: 5 is below infinite; the wait starts over at 0."),
    ([1.00001, 1.000005], {"min_delta": 0}, "Epoch 2: 1.000005 is below 1.000010; the wait starts over at 0."),
]  # fmt: skip


@pytest.mark.parametrize(("losses", "rule", "says"), CASES)
def test_a_sentence_for_each_thing_that_can_happen(losses, rule, says):
    assert decision(opened(losses, **rule), len(losses)) == says


QUIRKS = [
    ([np.nan], {}, "The first loss is not a number."),
    ([np.nan, 1], {}, "The best loss is that of the first epoch, which is not a number"),
    ([1, np.nan], {}, "A loss that is not a number is never an improvement."),
    ([1e-4, 5e-5], {}, "The loss is below the best, but not by more than min_delta, 0.0001."),
    ([1, 1], {"patience": 0}, "A patience of 0 acts as 1"),
    ([1, 1, 1], {"cooldown": 1}, "A cooldown of 1 acts as 0"),
    (
        [1, 3, 2],
        {"patience": 9},
        "It is lower than in the epoch before, but the rule compares with the best loss ever.",
    ),
    ([2, 2, 2, 1], {"cooldown": 4}, "A new best counts during a cooldown too"),
    ([1, 2, 3], {}, ""),
    ([3, 2, 1], {}, ""),
    ([1], {}, ""),
]


@pytest.mark.parametrize(("losses", "rule", "says"), QUIRKS)
def test_what_surprises_is_told_where_it_bites(losses, rule, says):
    told = quirk(opened(losses, **rule), len(losses))
    assert told.startswith(says)
    assert bool(told) == bool(says)


NUMBER = "[\\d.,]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"


def number(text):
    mantissa, _, power = text.replace(",", "").partition(" × 10")
    return float(f"{mantissa}e{power.translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789')) or 0}")


def test_losses_of_a_hundred_thousand_are_told_apart():
    rule = opened([123456.7, 123455.7, 123455.6, 123455.6])
    assert decision(rule, 2).startswith("Epoch 2: 123,456 is below 123,457 − 0.0001;")
    assert decision(rule, 3).startswith("Epoch 3: 123,455.6 is below 123,455.7 − 0.0001;")


@settings(deadline=None)
@given(
    losses=st.lists(st.floats(1e-4, 1e4) | st.floats(1e-9, 1e12), min_size=2, max_size=30),
    min_delta=st.sampled_from([0.0, 1e-4, 0.5]),
    patience=st.integers(0, 5),
)
def test_the_numbers_bear_out_what_is_said_of_them(losses, min_delta, patience):
    rule = opened(losses, min_delta=min_delta, patience=patience)
    for epoch in range(2, len(losses) + 1):
        said = decision(rule, epoch)
        match = re.match(rf"Epoch \d+: ({NUMBER}) is (not )?below ({NUMBER})(?: − ([\d.]+))?; ", said)
        assert match, said
        loss, fails, best, delta = match.groups()
        close = abs(losses[epoch - 1] + min_delta - rule.best[epoch - 1]) < 1e-9 * rule.best[epoch - 1] + 1e-11
        if not close:  # no number of digits that anybody would read tells these apart
            assert (number(loss) < number(best) - float(delta or 0)) == (fails is None), said
        assert fails is None or rule.cooling[epoch - 1] or "wait is now" in said


def test_the_example_in_the_readme_is_true():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    run = lrlab.train(lrlab.problems.ravine(), Settings.pair(0.085, 0.5, 5), epochs=200)
    assert f"> {decision(inside(run, 1), 6)}\n" in readme
