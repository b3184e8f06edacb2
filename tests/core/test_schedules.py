"""Rules of one's own: what they are told, what they may answer, and the well-known ones against Keras' schedules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrlab
from lrlab.core.descent import train_pair
from lrlab.core.schedules import SCHEDULES, RuleError, next_rate
from lrlab.core.settings import Settings

ARGUMENTS = {"alpha": 0.05, "factor": 0.5, "patience": 5, "epochs": 40}
ravine = lrlab.problems.ravine()


def test_a_rule_is_told_what_there_is_and_its_answer_is_the_next_rate():
    told = []

    def rule(epoch, rate, losses):
        told.append((epoch, rate, losses.copy()))
        return 0.04 / (epoch + 1)

    run = train_pair(ravine, rule=rule, **ARGUMENTS)
    assert [epoch for epoch, _, _ in told] == list(range(41))
    assert [rate for _, rate, _ in told] == [np.float32(0.05), *run.lr[:, 2]]
    for epoch, _, losses in told:
        np.testing.assert_array_equal(losses, run.watched[: epoch + 1, 2])
    rates = np.float32(0.04) / np.arange(1, 42)
    np.testing.assert_allclose([*run.lr[:, 2], run.final_lr[2]], rates, rtol=1e-6)


@pytest.mark.parametrize("problem", ["ravine", "linear_regression", "double_well"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_third_run_changes_nothing_for_the_pair(problem, momentum):
    found = lrlab.problems.find(problem)
    arguments = ARGUMENTS | {"momentum": momentum, "seed": 3}
    pair = train_pair(found, **arguments)
    three = train_pair(found, rule=lambda epoch, rate, losses: rate * 0.9, **arguments)
    np.testing.assert_array_equal(three.lr[:, :2], pair.lr)
    np.testing.assert_allclose(three.watched[:, :2], pair.watched, rtol=1e-9)


def test_a_rule_that_says_what_the_plateau_does_gives_the_plateau_run():
    pair = train_pair(ravine, **ARGUMENTS)
    rates = [*pair.lr[:, 1], pair.final_lr[1]]
    run = train_pair(ravine, rule=lambda epoch, rate, losses: rates[epoch], **ARGUMENTS)
    np.testing.assert_array_equal(run.w[:, 2], run.w[:, 1])
    np.testing.assert_array_equal(run.final_lr[2], run.final_lr[1])


def test_a_rule_that_keeps_the_rate_gives_the_constant_run_and_train_takes_one_too():
    settings = Settings([0.05, 0.05], 1.0, 5)
    run = lrlab.train(ravine, settings, epochs=40, rule=lambda epoch, rate, losses: rate)
    np.testing.assert_array_equal(run.w[:, 0], run.w[:, 1])
    assert not run.cuts.any()


# What goes wrong ------------------------------------------------------------------------------------------------------


def test_an_error_in_a_rule_is_told_with_its_cause():
    def rule(epoch, rate, losses):
        return rate / (3 - epoch)

    with pytest.raises(RuleError, match=r"raised ZeroDivisionError after epoch 3: ") as caught:
        train_pair(ravine, rule=rule, **ARGUMENTS)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("answer", [None, "fast", -0.1, np.nan, np.inf, 1e31, [0.1, 0.2], 1j])
def test_what_is_no_rate_is_refused(answer):
    with pytest.raises(RuleError, match=r"must return a learning rate, .* got .* after epoch 0\. Return rate"):
        next_rate(lambda epoch, rate, losses: answer, 0.1, np.array([1.0]))


@pytest.mark.parametrize("answer", [0, 0.5, np.float32(0.25), np.array(0.125), True])
def test_any_number_will_do(answer):
    assert next_rate(lambda epoch, rate, losses: answer, 0.1, np.array([1.0])) == float(answer)


def test_losses_are_not_for_writing():
    def rule(epoch, rate, losses):
        losses[0] = 0.0
        return rate

    losses = np.array([1.0, 2.0])
    with pytest.raises(RuleError, match="read-only"):
        next_rate(rule, 0.1, losses)
    losses[0] = 3.0  # only for the rule


def test_a_run_that_is_lost_keeps_its_rate_whatever_the_rule_makes_of_its_losses():
    def rule(epoch, rate, losses):
        return 2.0 if epoch < 3 else rate * losses[-2] / losses[-1]

    run = train_pair(ravine, rule=rule, **ARGUMENTS | {"alpha": 1e6, "epochs": 300})
    assert np.isfinite(run.diverged[2])
    assert np.isfinite(run.lr).all()


# Well-known schedules ------------------------------------------------------------------------------------------------


def rates(rule, epochs, alpha):
    rate, said = alpha, []
    for epoch in range(epochs + 1):
        rate = next_rate(rule, rate, np.ones(epoch + 1))
        said.append(rate)
    return np.array(said)


def keras_rates(schedule, epochs):
    return np.array([float(schedule(epoch)) for epoch in range(epochs + 1)])


@pytest.mark.parametrize(("alpha", "epochs"), [(0.1, 100), (2.5, 37)])
def test_schedules_are_those_of_keras(alpha, epochs):
    schedules = pytest.importorskip("keras").optimizers.schedules
    of = lrlab.schedules
    close = {"rtol": 1e-5, "atol": 1e-7 * alpha}
    np.testing.assert_allclose(
        rates(of.exponential(alpha, epochs), epochs, alpha),
        keras_rates(schedules.ExponentialDecay(alpha, epochs, 0.01), epochs), **close
    )  # fmt: skip
    np.testing.assert_allclose(
        rates(of.cosine(alpha, epochs, lowest=0.1 * alpha), epochs, alpha),
        keras_rates(schedules.CosineDecay(alpha, epochs, alpha=0.1), epochs), **close
    )  # fmt: skip


@pytest.mark.parametrize(("alpha", "epochs"), [(0.1, 100), (2.5, 40)])
def test_schedules_with_even_parts_are_those_of_keras_until_they_end(alpha, epochs):
    schedules = pytest.importorskip("keras").optimizers.schedules
    steps = schedules.ExponentialDecay(alpha, epochs // 5, 0.5, staircase=True)
    mine = rates(lrlab.schedules.step_decay(alpha, epochs), epochs, alpha)
    np.testing.assert_allclose(mine[:-1], keras_rates(steps, epochs)[:-1], rtol=1e-5)
    theirs = schedules.CosineDecayRestarts(alpha, epochs // 4, t_mul=1.0, m_mul=1.0)
    mine = rates(lrlab.schedules.warm_restarts(alpha, epochs), epochs, alpha)
    keep = np.arange(epochs + 1) % (epochs // 4) != 0  # theirs, in float32, may see a restart an epoch late
    np.testing.assert_allclose(mine[keep], keras_rates(theirs, epochs)[keep], rtol=1e-3, atol=1e-5 * alpha)
    assert (mine[~keep][:-1] == alpha).all()


@pytest.mark.parametrize("epochs", range(4, 60))
def test_there_are_as_many_cuts_and_cycles_as_promised_however_many_epochs(epochs):
    for steps in (2, 5, 7):
        said = rates(lrlab.schedules.step_decay(1.0, epochs, steps=steps), epochs, 1.0)
        assert (np.diff(said) < 0).sum() == min(steps, epochs) - 1
        assert said[-1] == 0.5 ** (min(steps, epochs) - 1), "none after the last epoch"
    trained = rates(lrlab.schedules.warm_restarts(1.0, epochs), epochs, 1.0)[:-1]
    assert (trained == 1.0).sum() == 4
    lengths = np.diff([*np.flatnonzero(trained == 1.0), epochs])
    assert lengths.max() - lengths.min() <= 1


@pytest.mark.parametrize("name", SCHEDULES)
@given(alpha=st.floats(1e-6, 1e3), epochs=st.integers(1, 500))
def test_every_schedule_goes_from_rates_above_zero_to_lower_ones(name, alpha, epochs):
    said = rates(SCHEDULES[name](alpha, epochs), epochs, alpha)
    assert said.max() <= alpha * (1 + 1e-9)
    assert said.min() >= 0
    assert (said[:-1] > 0).all(), "every epoch moves"


def test_one_cycle_rises_then_falls():
    said = rates(lrlab.schedules.one_cycle(1.0, 100), 100, 1.0)
    assert said.argmax() == 40
    assert said[[0, 40, 100]] == pytest.approx([0.1, 1.0, 0.01])
    assert (np.diff(said[:41]) > 0).all()
    assert (np.diff(said[40:]) < 0).all()


def test_one_cycle_may_rise_to_the_end():
    said = rates(lrlab.schedules.one_cycle(2.0, 10, peak=1.0), 10, 2.0)
    np.testing.assert_allclose(said, np.linspace(0.2, 2.0, 11))


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("step decay", {"steps": 0}, "steps must be a whole number, 1 or more .*, got 0"),
        ("step decay", {"steps": 2.5}, "steps must be a whole number"),
        ("warm restarts", {"cycles": 0}, "cycles must be a whole number, 1 or more .*, got 0"),
        ("1-cycle", {"peak": 0.0}, r"peak must be greater than 0 and at most 1, got 0\.0"),
        ("1-cycle", {"peak": 1.5}, "peak must be greater than 0 and at most 1, got 1.5"),
        *((name, {"epochs": 0}, "epochs must be a whole number from 1") for name in SCHEDULES),
        *((name, {"alpha": -0.1}, "alpha must be greater than 0") for name in SCHEDULES),
    ],
)
def test_what_no_schedule_can_be_made_of_is_refused_when_it_is_made(name, arguments, says):
    with pytest.raises(ValueError, match=says) as caught:
        SCHEDULES[name](**{"alpha": 0.1, "epochs": 20} | arguments)
    assert not isinstance(caught.value, RuleError), "the user has written no rule"
