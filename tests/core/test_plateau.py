"""The rule against the real callback of the installed Keras, which sets the rate of a real optimizer: bit for bit."""

import math
import random
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrlab import plateau
from lrlab.core.plateau import Plateau
from lrlab.core.settings import Settings

# Keras reads its variables in a way that NumPy will give up.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

inf, nan = math.inf, math.nan
FLOAT32_MAX = float(np.finfo(np.float32).max)

Case = tuple[list[float], dict[str, Any]]


def keras_rates(keras: ModuleType, losses: list[float], alpha: float, **rule: Any) -> np.ndarray:
    """The rate after each epoch, as `plateau.rates` returns it, but from Keras."""
    optimizer = keras.optimizers.SGD(learning_rate=alpha)
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", mode="min", **rule)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    used = []
    for epoch, loss in enumerate(losses):
        logs = {"loss": as_logged(loss)}
        callback.on_epoch_end(epoch, logs)
        used.append(logs["learning_rate"])
    return np.array([*used[1:], float(optimizer.learning_rate)], np.float32)


def as_logged(loss: float) -> float:
    """A loss as ``fit`` logs it: a Python float, but one that came out of float32 arithmetic, so 1e300 is infinite."""
    return math.copysign(inf, loss) if abs(loss) > FLOAT32_MAX else loss


# Mostly short (Keras takes 0.7 ms an epoch), sometimes up to 200 epochs.
LENGTHS = st.sampled_from([10] * 16 + [40] * 3 + [200]).flatmap(lambda most: st.integers(1, most))
SPECIAL = st.sampled_from([nan, inf, -inf, 1e300, -1e300, 0.0, -0.0, 1e-40, -1e-40, 2e-40, 1.2e-38, 5e-324])


@st.composite
def cases(draw: st.DrawFn, lengths: st.SearchStrategy[int] = LENGTHS) -> Case:
    """A trace and a rule, made so that ties, plateaus, slow falls and strange numbers are common."""
    min_delta = draw(st.sampled_from([0.0, 1e-4, 1e-4, 0.5, 1e6]) | st.floats(0, 10))
    base = draw(st.sampled_from([0.0, 1.0]) | st.floats(-3e38, 3e38) | st.floats(-1e3, 1e3, width=32))
    near = st.integers(-3, 3).map(lambda k: base + k * min_delta)
    loss = near | st.floats(0, 3) | st.floats(-(2.0**126), 2.0**126, width=32) | SPECIAL
    palette = draw(st.lists(loss, min_size=1, max_size=6))
    fall = draw(st.sampled_from([0.0, 0.0, 0.5, 1.0, 1.5])) * min_delta
    picks = random.Random(draw(st.integers(0, 2**32))).choices(palette, k=draw(lengths))
    losses = [pick - epoch * fall for epoch, pick in enumerate(picks)]

    alpha = draw(st.sampled_from([0.1, 1.0]) | st.floats(1e-6, 10))
    factor = draw(st.sampled_from([0.1, 0.5]) | st.floats(0.01, 0.99))
    reached = np.float32(alpha)
    for _ in range(draw(st.integers(0, 3))):
        reached = np.float32(float(reached) * factor)
    min_lr = draw(st.sampled_from([0.0, 0.0, float(reached), float(reached) * factor]) | st.floats(0, 2 * alpha))
    rule = {
        "factor": factor,
        "patience": draw(st.integers(0, 8)),
        "min_delta": min_delta,
        "cooldown": draw(st.integers(0, 4)),
        "min_lr": min_lr,
    }
    return losses, {"alpha": alpha, **rule}


@given(cases())
@settings(max_examples=700)  # 100,000 traces are part of `make soak`
def test_rates_equal_those_of_keras_bit_for_bit(keras: ModuleType, case: Case) -> None:
    losses, rule = case

    ours = plateau.rates(losses, **rule)

    assert ours.dtype == np.float32
    np.testing.assert_array_equal(ours, keras_rates(keras, losses, **rule))


@given(st.integers(1, 60).flatmap(lambda length: st.lists(cases(st.just(length)), min_size=1, max_size=8)))
@settings(max_examples=60)
def test_columns_equal_traces_one_by_one(columns: list[Case]) -> None:
    losses, rules = zip(*columns, strict=True)

    together = plateau.rates(np.transpose(losses), **{name: [rule[name] for rule in rules] for name in rules[0]})

    one_by_one = [plateau.rates(trace, **rule) for trace, rule in columns]
    np.testing.assert_array_equal(together, np.transpose(one_by_one))


# What surprises people. Rates after each epoch, from 1.0 with factor 0.5.
QUIRKS = {
    "the first loss always counts": ([9, 9, 9], {"patience": 2}, [1, 1, 0.5]),
    "patience 0 acts as 1": ([9, 9, 9], {"patience": 0}, [1, 0.5, 0.25]),
    "patience 1": ([9, 9, 9], {"patience": 1}, [1, 0.5, 0.25]),
    "cooldown 1 acts as 0": ([9, 9, 9, 9], {"patience": 1, "cooldown": 1}, [1, 0.5, 0.25, 0.125]),
    "cooldown 2 costs one epoch": ([9] * 5, {"patience": 1, "cooldown": 2}, [1, 0.5, 0.5, 0.25, 0.25]),
    "an improvement while cooling": (
        [9, 9, 8, 8, 7, 7, 7],
        {"patience": 1, "cooldown": 3},
        [1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25],
    ),
    "best ever, not previous": ([5, 9, 8, 7, 6], {"patience": 2}, [1, 1, 0.5, 0.5, 0.25]),
    "a first NaN is never improved on": ([nan, 3, 2, 1], {"patience": 1}, [1, 0.5, 0.25, 0.125]),
    "a later NaN is one epoch without": ([3, nan, 2, nan, nan], {"patience": 2}, [1, 1, 1, 1, 0.5]),
    "down from infinity": ([inf, inf, 1, -inf, -inf], {"patience": 1}, [1, 0.5, 0.5, 0.5, 0.25]),
    "too large for float32 is infinite": ([1e300, 1e299, 1], {"patience": 1}, [1, 0.5, 0.5]),
    "too near to 0 for float32 is 0": ([2e-40, 1e-40, -1e-40], {"patience": 1, "min_delta": 0}, [1, 0.5, 0.25]),
    "by exactly min_delta is not enough": ([3, 2, 0.75], {"patience": 1, "min_delta": 1}, [1, 0.5, 0.5]),
    "a slow fall is a plateau, until it adds up": (
        [1, 0.75, 0.5, 0.25],
        {"patience": 1, "min_delta": 0.6},
        [1, 0.5, 0.25, 0.25],
    ),
    "equal in float32 is no improvement": ([1 + 1e-9, 1], {"patience": 1, "min_delta": 0}, [1, 0.5]),
    "the last cut stops at min_lr": ([9] * 4, {"patience": 1, "min_lr": 0.4}, [1, 0.5, 0.4, 0.4]),
    "min_lr above alpha: never cut, never raised": ([9] * 3, {"patience": 1, "min_lr": 2.0}, [1, 1, 1]),
    "min_lr equal to alpha": ([9] * 3, {"patience": 1, "min_lr": 1.0}, [1, 1, 1]),
}


@pytest.mark.parametrize(("losses", "rule", "expected"), QUIRKS.values(), ids=QUIRKS)
def test_quirk(keras: ModuleType, losses: list[float], rule: dict[str, Any], expected: list[float]) -> None:
    losses = [float(loss) for loss in losses]
    ours = plateau.rates(losses, alpha=1.0, factor=0.5, **rule)
    assert ours.tolist() == np.array(expected, np.float32).tolist()
    assert ours.tolist() == keras_rates(keras, losses, alpha=1.0, factor=0.5, **rule).tolist()


@pytest.mark.parametrize("patience", range(4))
@pytest.mark.parametrize("cooldown", range(4))
def test_flat_loss_is_cut_at_regular_intervals(keras: ModuleType, patience: int, cooldown: int) -> None:
    rule = {"alpha": 1.0, "factor": 0.5, "patience": patience, "cooldown": cooldown}
    wait, pause = max(patience, 1), max(cooldown - 1, 0)

    after = plateau.rates([7.0] * 25, **rule)

    cuts = np.flatnonzero(np.diff(after, prepend=1.0)) + 1
    assert cuts.tolist() == list(range(1 + wait, 26, wait + pause))
    np.testing.assert_array_equal(after, keras_rates(keras, [7.0] * 25, **rule))


def test_the_wait_grows_without_end_at_min_lr() -> None:
    rule = Plateau(Settings(alpha=1.0, factor=0.5, patience=2, min_lr=0.5))
    waits = []
    for _ in range(8):
        rule.step(np.array([7.0]))
        waits.append(int(rule.wait[0]))
    assert waits == [0, 1, 0, 1, 2, 3, 4, 5]


def test_keras_itself_fails_on_a_loss_that_float32_cannot_hold(keras: ModuleType) -> None:
    # Hence `as_logged`: a loss of 1e300 never comes out of ``fit``.
    with pytest.raises(ValueError, match="out of range"):
        keras.ops.less(1e300, 1.0)


def test_a_factor_of_1_keeps_the_rate() -> None:
    assert plateau.rates([7.0] * 30, alpha=0.3, factor=1, patience=1).tolist() == [np.float32(0.3)] * 30


def test_rates_keep_the_shape_of_the_losses() -> None:
    assert plateau.rates(np.ones(5), 0.1, 0.5, 1).shape == (5,)
    assert plateau.rates(np.ones((5, 1)), 0.1, 0.5, 1).shape == (5, 1)
    assert plateau.rates(np.ones((5, 3)), 0.1, 0.5, 1).shape == (5, 3)
    assert plateau.rates(np.ones((5, 3)), [0.1, 0.2, 0.3], 0.5, 1).shape == (5, 3)
    assert plateau.rates([], 0.1, 0.5, 1).shape == (0,)


def test_losses_are_left_alone() -> None:
    losses = np.array([3.0, 2.0, 2.0])
    plateau.rates(losses, 0.1, 0.5, 1)
    assert losses.tolist() == [3.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"min_delta": -1e-4}, ValueError, "min_delta must be 0 or more .*, got -0.0001"),
        ({"min_lr": -1.0}, ValueError, "min_lr must be 0 or more .*, got -1"),
        ({"cooldown": 1.5}, ValueError, "cooldown must be a whole number, 0 or more .*, got 1.5"),
        ({"losses": ["high", "low"]}, TypeError, "losses must be numbers"),
        ({"losses": 3.0}, ValueError, r"losses must have shape \(epochs,\)"),
        ({"alpha": [0.1, 0.2]}, ValueError, r"1 run\(s\) but the settings 2"),
    ],
)
def test_refuses(change: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        plateau.rates(**({"losses": [3.0, 2.0], "alpha": 0.1, "factor": 0.5, "patience": 1} | change))
