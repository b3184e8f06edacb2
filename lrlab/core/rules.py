"""What each parameter may be. One table, so that code and widgets refuse the same values in the same words.

(Rules by which a rate changes are `plateau` and `schedules`.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.arrays import Array


class Rule(NamedTuple):
    """What a parameter may be, in words and as a test on an array of candidate values."""

    says: str
    holds: Callable[[Array], Array]
    remedy: str
    whole: bool = False


MAX_EPOCHS = 100_000
BIG = 10**9  # whole numbers above this are slips of the keyboard, and the largest would not fit into 64 bits

RULES = {
    # Rates are kept in float32, as Keras keeps them, hence the two ends.
    "alpha": Rule("greater than 0 (1e-30 to 1e30)", lambda v: (v >= 1e-30) & (v <= 1e30), "Try 0.1."),
    "factor": Rule(
        "greater than 0 and at most 1", lambda v: (v > 0) & (v <= 1), "Try 0.5; 1 means that the rate is never cut."
    ),
    "patience": Rule(
        "a whole number, 0 or more (up to 1,000,000,000)", lambda v: (v >= 0) & (v <= BIG), "Try 5 epochs.", whole=True
    ),
    "min_delta": Rule("0 or more (up to 1e30)", lambda v: (v >= 0) & (v <= 1e30), "Try 0.0001, the default of Keras."),
    "cooldown": Rule(
        "a whole number, 0 or more (up to 1,000,000,000)", lambda v: (v >= 0) & (v <= BIG), "Try 0 epochs.", whole=True
    ),
    "min_lr": Rule("0 or more (up to 1e30)", lambda v: (v >= 0) & (v <= 1e30), "Try 0, which sets no lower limit."),
    "epochs": Rule(
        f"a whole number from 1 to {MAX_EPOCHS:,}", lambda v: (v >= 1) & (v <= MAX_EPOCHS), "Try 300.", whole=True
    ),
    "seed": Rule(
        "a whole number, 0 or more (up to 1,000,000,000)", lambda v: (v >= 0) & (v <= BIG), "Try 0.", whole=True
    ),
    "noise": Rule("0 or more (up to 1e30)", lambda v: (v >= 0) & (v <= 1e30), "Try 0.5; 0 means exact gradients."),
    "batch_size": Rule(
        "a whole number, 1 or more (up to 1,000,000,000)", lambda v: (v >= 1) & (v <= BIG), "Try 32.", whole=True
    ),
    "momentum": Rule("at least 0 and less than 1", lambda v: (v >= 0) & (v < 1), "Try 0.9; 0 means none."),
    "condition": Rule("1 or more (up to 1e12)", lambda v: (v >= 1) & (v <= 1e12), "Try 25."),
    "points": Rule("a whole number from 2 to 200", lambda v: (v >= 2) & (v <= 200), "Try 60.", whole=True),
    "seeds": Rule("a whole number from 1 to 99", lambda v: (v >= 1) & (v <= 99), "Try 5.", whole=True),
    "tries": Rule("a whole number from 1 to 100", lambda v: (v >= 1) & (v <= 100), "Try 10.", whole=True),
    "steps": Rule(
        "a whole number, 1 or more (up to 1,000,000,000)", lambda v: (v >= 1) & (v <= BIG), "Try 5.", whole=True
    ),
    "cycles": Rule(
        "a whole number, 1 or more (up to 1,000,000,000)", lambda v: (v >= 1) & (v <= BIG), "Try 4.", whole=True
    ),
    "peak": Rule("greater than 0 and at most 1", lambda v: (v > 0) & (v <= 1), "Try 0.4; 1 means that it only rises."),
    "target": Rule("a number", lambda v: v == v, "Try 0.01, or leave it out."),
}


def check(name: str, value: Any) -> Array:
    """Return ``value`` as an array of floats (or of integers, where the rule says whole numbers).

    Raises TypeError where it is not a number, ValueError where it breaks the rule of that name; the message
    says the rule, the value and a remedy.
    """
    rule = RULES[name]
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number, got {value!r}. {rule.remedy}")
    values = array.astype(np.float64)  # first: in float16, 1e-30 is 0
    allowed = np.isfinite(values) & rule.holds(values)
    if rule.whole:
        allowed &= values == np.trunc(values)
    if not allowed.all():
        wrong = array[~allowed].flat[0]
        raise ValueError(f"{name} must be {rule.says}, got {wrong}. {rule.remedy}")
    return values.astype(np.int64) if rule.whole else values


def check_one(name: str, value: Any) -> Any:
    """`check` for a single number: the same, and returns a Python int or float."""
    array = check(name, value)
    if array.ndim:
        raise TypeError(f"{name} must be one number, got {value!r}. {RULES[name].remedy}")
    return array.item()
