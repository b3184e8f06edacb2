"""The plateau rule against the real callback, on 100,000 random traces: some ten minutes, by `make soak`."""

import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

pytestmark = pytest.mark.soak
TRACES, AT_ONCE = 100_000, 500


def trace(rng: random.Random) -> tuple[list[float], dict[str, float]]:
    """Losses that rise, fall, stand still by a hair or are no numbers, and a rule."""
    min_delta = rng.choice([0.0, 1e-4, 1e-4, 0.01, 0.5, rng.uniform(0, 10)])
    base, size = rng.choice([0.0, 1.0, rng.uniform(-1e3, 1e3)]), 10 ** rng.uniform(-5, 3)
    palette = [base + k * min_delta for k in range(-3, 4)] + [base + rng.gauss(0, size) for _ in range(4)]
    palette += rng.choice([[], [], [float("nan")], [float("inf")], [-float("inf")], [1e300], [1e-40]])
    fall = rng.choice([0.0, 0.0, 0.5, 1.0, 1.5]) * min_delta
    losses = [rng.choice(palette) - epoch * fall for epoch in range(rng.choice([1, 2, 5, 10, 10, 10, 20, 60]))]
    alpha = rng.choice([0.1, 1.0, 10 ** rng.uniform(-6, 1)])
    return losses, {
        "alpha": alpha,
        "factor": rng.choice([0.1, 0.5, rng.uniform(0.01, 0.99)]),
        "patience": rng.randrange(9),
        "min_delta": min_delta,
        "cooldown": rng.randrange(5),
        "min_lr": rng.choice([0.0, 0.0, alpha * rng.uniform(0, 2)]),
    }


def differ(seed: int) -> list[tuple[list[float], dict[str, float]]]:
    """Of so many traces, those on which lrlab and Keras do not agree to the last bit."""
    import warnings

    warnings.simplefilter("ignore")
    import keras

    from lrlab import plateau
    from tests.core.test_plateau import keras_rates

    rng, found = random.Random(seed), []
    for _ in range(AT_ONCE):
        losses, rule = trace(rng)
        if not np.array_equal(plateau.rates(losses, **rule), keras_rates(keras, losses, **rule)):
            found.append((losses, rule))
    return found


def test_rates_equal_those_of_keras_on_a_hundred_thousand_traces():
    pytest.importorskip("keras")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for found in pool.map(differ, range(TRACES // AT_ONCE)):
            assert found == []
