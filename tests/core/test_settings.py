"""Settings: one value for each run, whatever they were made from."""

import warnings
from typing import Any

import numpy as np
import pytest

from lrlab.core.rules import RULES, check, check_one
from lrlab.core.settings import RULE, Settings

NAMES = ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")


def test_the_names_are_those_of_the_fields() -> None:
    assert tuple(Settings.__dataclass_fields__) == RULE


def test_single_numbers_are_one_run_with_the_defaults_of_keras() -> None:
    settings = Settings(0.1, 0.5, 5)
    assert len(settings) == 1
    assert [getattr(settings, name).tolist() for name in NAMES] == [[0.1], [0.5], [5], [1e-4], [0], [0.0]]


def test_numbers_and_arrays_are_broadcast() -> None:
    settings = Settings([0.1, 0.2, 0.3], 0.5, (1, 2, 3), cooldown=np.array([4]))
    assert len(settings) == 3
    assert settings.alpha.tolist() == [0.1, 0.2, 0.3]
    assert settings.factor.tolist() == [0.5] * 3
    assert settings.patience.tolist() == [1, 2, 3]
    assert settings.cooldown.tolist() == [4] * 3


def test_settings_are_copies() -> None:
    alphas = np.array([0.1, 0.2])
    settings = Settings(alphas, 0.5, 5)
    alphas[0] = 9
    settings.factor[0] = 0.9  # own memory for each run, though 0.5 was given once
    assert settings.alpha[0] == 0.1
    assert settings.factor.tolist() == [0.9, 0.5]


def test_whole_numbers_may_come_as_floats() -> None:
    assert Settings(0.1, 0.5, 5.0).patience.dtype == np.int64


def test_a_pair_is_constant_then_plateau() -> None:
    pair = Settings.pair(0.1, 0.3, 7, min_delta=0.01, cooldown=2, min_lr=0.001)
    assert pair.factor.tolist() == [1.0, 0.3]
    for name, value in {"alpha": 0.1, "patience": 7, "min_delta": 0.01, "cooldown": 2, "min_lr": 0.001}.items():
        assert getattr(pair, name).tolist() == [value, value]


def test_a_grid_is_factor_major() -> None:
    factors, patiences = [0.1, 0.5, 0.9], [1, 2, 4, 8]
    grid = Settings.grid(0.1, factors, patiences, min_lr=0.01)
    assert len(grid) == 12
    for f, factor in enumerate(factors):
        for p, patience in enumerate(patiences):
            assert (grid.factor[f * 4 + p], grid.patience[f * 4 + p]) == (factor, patience)
    assert set(grid.min_lr.tolist()) == {0.01}


def test_some_of_the_runs() -> None:
    settings = Settings([0.1, 0.2, 0.3], 0.5, [1, 2, 3])
    for runs, expected in ((1, [0.2]), (-1, [0.3]), (slice(0, 2), [0.1, 0.2]), (np.array([2, 0]), [0.3, 0.1])):
        part = settings[runs]
        assert part.alpha.tolist() == expected
        assert part.patience.tolist() == [round(10 * alpha) for alpha in expected]
        assert len(part) == len(part.min_lr) == len(expected)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"alpha": [0.1, 0.2], "patience": [1, 2, 3]}, r"one length, got alpha \(2,\), .*patience \(3,\)"),
        ({"alpha": [[0.1, 0.2]]}, r"shape \(runs,\), got \(1, 2\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Settings(**({"alpha": 0.1, "factor": 0.5, "patience": 5} | arguments))


def test_pair_and_grid_refuse_what_settings_refuse() -> None:
    with pytest.raises(ValueError, match="factor must be greater than 0 and at most 1, got 0"):
        Settings.pair(0.1, 0, 5)
    with pytest.raises(ValueError, match=r"patience must be a whole number, 0 or more .*, got -1"):
        Settings.grid(0.1, [0.5], [3, -1])


# The table of rules ---------------------------------------------------------------------------------------------------

ALLOWED = {
    "alpha": ([1e-30, 0.1, 1e30], [0, -0.1, 1e31]),
    "factor": ([1e-9, 0.5, 1], [0, -0.5, 1.0001]),
    "patience": ([0, 1, 10.0], [-1, 0.5]),
    "min_delta": ([0, 1e-4, 1e30], [-1e-9, 1e31]),
    "cooldown": ([0, 3], [-1, 1.5]),
    "min_lr": ([0, 0.1, 1e30], [-0.1, 1e31]),
    "epochs": ([1, 100_000], [0, 100_001, 1.5]),
    "seed": ([0, 10**9], [-1, 0.5, 1e19]),
    "target": ([0.1, -2.0], [float("nan"), float("inf")]),
    "noise": ([0, 3.5, 1e30], [-0.5, 1e31]),
    "batch_size": ([1, 1000], [0, 2.5]),
    "momentum": ([0, 0.99], [1, -0.1]),
    "points": ([2, 60, 200], [1, 201, 2.5]),
    "seeds": ([1, 5, 99], [0, 100, 1.5]),
    "tries": ([1, 10, 100], [0, 101, 2.5]),
    "steps": ([1, 5, 10**9], [0, 2.5]),
    "cycles": ([1, 4, 10**9], [0, 2.5]),
    "peak": ([1e-9, 0.4, 1], [0, 1.01]),
    "condition": ([1, 25, 1e12], [0.99, 1e13]),
}


def test_every_rule_is_tested() -> None:
    assert ALLOWED.keys() == RULES.keys()


@pytest.mark.parametrize("name", ALLOWED)
def test_rule(name: str) -> None:
    good, bad = ALLOWED[name]
    for value in good:
        assert check_one(name, value) == value
    for value in (*bad, float("nan"), float("inf")):
        for attempt in (value, [good[0], value]):
            with pytest.raises(ValueError, match=f"{name} must be .*, got .*Try"):
                check(name, attempt)
    for value in ("1", None, True, 1j, [None], {}):
        with pytest.raises(TypeError, match=f"{name} must be a number, got .*Try"):
            check(name, value)


def test_numbers_of_few_digits_are_held_to_the_same_rules() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"alpha must be greater than 0 .*, got 0\.0\. Try 0\.1"):
            Settings(np.float16(0), 0.5, 5)
        assert Settings(np.float16(0.5), 0.5, np.int8(5)).alpha.tolist() == [0.5]


def test_a_message_shows_the_wrong_one_of_many_values() -> None:
    with pytest.raises(ValueError, match=r"factor must be greater than 0 and at most 1, got 1.5\. Try 0.5"):
        check("factor", [0.1, 1.5, 0.3])
