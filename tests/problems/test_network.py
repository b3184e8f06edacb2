"""The perceptron: its passes against differences and Keras, its training against runs alone and Keras' fit."""

from types import ModuleType
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss

from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.settings import Settings
from lrlab.problems.network import ACTIVATIONS, glorot_uniform, joined, layers_of, multilayer_perceptron
from tests.problems.prepared import Prepared, classes_of, dense, set_flat

DATA = ("moons", "circles", "digits")
MOONS = multilayer_perceptron()
BUILDS = [
    ("moons", 8, "tanh"),
    ("moons", (4, 3), "relu"),
    ("moons", (3, 2, 4), "sigmoid"),
    ("circles", 5, "relu"),
    ("circles", 1, "tanh"),
    ("digits", 8, "tanh"),
    ("digits", (6, 5), "relu"),
    ("digits", 7, "sigmoid"),
]
every_build = pytest.mark.parametrize(("data", "hidden", "activation"), BUILDS, ids=map(str, BUILDS))


def sizes_of(data: str, hidden: Any) -> list[int]:
    inputs, outputs = (64, 10) if data == "digits" else (2, 1)
    return [inputs, *np.atleast_1d(hidden).tolist(), outputs]


def some_weights(problem: Problem, count: int = 3) -> np.ndarray:
    return problem.start_point + np.random.default_rng(1).uniform(-1, 1, (count, problem.dim))


# Passes ---------------------------------------------------------------------------------------------------------------


def batch_loss(w: np.ndarray, x: np.ndarray, y: np.ndarray, sizes: list[int], activation: str) -> float:
    """The loss once more: unit by unit, row by row. y: classes, counted from 0."""
    squash = {"tanh": np.tanh, "relu": lambda z: max(z, 0.0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}[activation]
    total = 0.0
    for row, right in zip(x, y, strict=True):
        signal, at = list(row), 0
        for layer in range(1, len(sizes)):
            before, units = sizes[layer - 1 : layer + 1]
            bias = at + before * units
            sums = [w[bias + j] + sum(signal[i] * w[at + i * units + j] for i in range(before)) for j in range(units)]
            at = bias + units
            signal = sums if layer == len(sizes) - 1 else [squash(z) for z in sums]
        logits = [0.0, *signal] if len(signal) == 1 else signal  # one logit is that of class 1 against a 0
        total += np.logaddexp.reduce(logits) - logits[int(right)]
    return total / len(x)


@pytest.mark.parametrize(("data", "hidden", "activation"), BUILDS[:6], ids=map(str, BUILDS[:6]))
@given(seed=st.integers(0, 10**6))
@hypothesis.settings(max_examples=8)
def test_gradients_of_batches_equal_differences_of_their_losses(data, hidden, activation, seed: int) -> None:
    problem = multilayer_perceptron(data, hidden, activation)
    rng = np.random.default_rng(seed)
    w = rng.uniform(-1.5, 1.5, problem.dim)
    rows = rng.choice(len(problem.samples.targets), 4, replace=False)
    x, y = problem.samples.inputs[rows], problem.samples.targets[rows]
    gradient = problem.samples.grad(w, x, y)
    classes = y.argmax(axis=1) if data == "digits" else y
    for direction in rng.standard_normal((2, problem.dim)):
        step = 1e-6 * direction
        ends = [batch_loss(w + side * step, x, classes, sizes_of(data, hidden), activation) for side in (1, -1)]
        assert gradient @ direction == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-6)


@every_build
def test_gradients_equal_differences_of_the_loss(data, hidden, activation) -> None:
    problem = multilayer_perceptron(data, hidden, activation)
    rng = np.random.default_rng(0)
    for w in some_weights(problem):
        gradient = problem.grad(w)
        for direction in rng.standard_normal((5, problem.dim)):
            step = 1e-6 * direction
            slope = (problem.loss(w + step) - problem.loss(w - step)) / 2e-6
            assert gradient @ direction == pytest.approx(slope, rel=1e-4, abs=1e-6)


@every_build
def test_the_gradient_is_the_mean_of_the_gradients_of_batches(data, hidden, activation) -> None:
    problem = multilayer_perceptron(data, hidden, activation)
    samples, w = problem.samples, some_weights(problem)
    parts = np.split(np.arange(len(samples.targets)), [1, 33, 100])
    batches = [samples.grad(w, samples.inputs[part], samples.targets[part]) for part in parts]
    whole = np.average(batches, axis=0, weights=[len(part) for part in parts])
    np.testing.assert_allclose(whole, problem.grad(w), rtol=1e-10, atol=1e-13)


def keras_twin(keras: ModuleType, data: str, hidden: Any, activation: str) -> tuple[Any, Prepared]:
    losses = keras.losses
    loss = losses.SparseCategoricalCrossentropy if data == "digits" else losses.BinaryCrossentropy
    return dense(keras, sizes_of(data, hidden), activation, loss(from_logits=True)), classes_of(data)


@every_build
def test_losses_and_accuracies_equal_those_of_keras(keras: ModuleType, data, hidden, activation) -> None:
    problem = multilayer_perceptron(data, hidden, activation)
    model, rows = keras_twin(keras, data, hidden, activation)
    for w in some_weights(problem):
        set_flat(model, w)
        for loss, x, y in ((problem.loss, rows.x, rows.y), (problem.watch, rows.x_val, rows.y_val)):
            assert loss(w) == pytest.approx(model.evaluate(x, y, batch_size=len(y), verbose=0), rel=1e-5)
        logits = np.array(model(rows.x_val))
        said = logits.argmax(axis=1) if data == "digits" else logits[:, 0] > 0
        assert problem.samples.score(w) == accuracy_score(rows.y_val, said)
        if data != "digits":
            chance = problem.samples.fit.predict(w, rows.x_val)
            np.testing.assert_allclose(chance, 1 / (1 + np.exp(-logits[:, 0])), rtol=1e-4, atol=1e-6)
            assert problem.watch(w) == pytest.approx(log_loss(rows.y_val, chance), rel=1e-9)


# Training -------------------------------------------------------------------------------------------------------------


def test_training_equals_keras_fit(keras: ModuleType) -> None:
    ours = train(MOONS, Settings(0.5, 1, 0), epochs=40)
    model, rows = keras_twin(keras, "moons", 8, "tanh")
    set_flat(model, MOONS.start_point)
    model.optimizer.learning_rate = 0.5
    size = len(rows.y)
    validation = {"validation_data": (rows.x_val, rows.y_val), "validation_batch_size": len(rows.y_val)}
    history = model.fit(rows.x, rows.y, size, 40, shuffle=False, verbose=0, **validation).history
    # Keras measures the training loss before the epoch's one step.
    np.testing.assert_allclose(ours.loss[:-1, 0], history["loss"], rtol=1e-5)
    np.testing.assert_allclose(ours.monitored[:, 0], history["val_loss"], rtol=1e-5)
    flat = np.concatenate([part.ravel() for part in model.get_weights()])
    np.testing.assert_allclose(ours.w[-1, 0], flat, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("data", DATA)
def test_each_run_of_a_pair_equals_itself_alone(data: str) -> None:
    problem = multilayer_perceptron(data)
    options = {"epochs": 15, "batch_size": problem.samples.batch_size, "momentum": 0.5}
    settings = Settings.pair(0.1, 0.5, 2, min_delta=0.01)
    pair = train(problem, settings, **options)
    assert data == "digits" or pair.cuts[:, 1].any()
    for i in range(2):
        alone = train(problem, settings[i], **options)
        np.testing.assert_allclose(pair[i].w, alone.w, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(pair[i].watched, alone.watched, rtol=1e-8, atol=1e-10)


def test_what_is_taught_is_so() -> None:
    moons, circles, digits = (multilayer_perceptron(data) for data in DATA)
    options = {"batch_size": 32}
    rests = train(moons, Settings(1.0, 1, 0), epochs=80, **options).watched[:, 0]
    np.testing.assert_allclose(rests[5:21], 0.35, atol=0.04)
    assert rests[80] < 0.25
    waits = train(circles, Settings(0.1, 1, 0), epochs=100, **options).watched[:, 0]
    np.testing.assert_allclose(waits[:16], np.log(2), atol=0.02)
    assert waits[100] < 0.5
    reads = train(digits, Settings([0.1, 3.0], 1, 0), epochs=40, **options)
    assert digits.samples.score(reads.w[15, 0]) > 0.9
    assert reads.final_loss[1] > reads.watched[0, 1]


@pytest.mark.parametrize("data", DATA)
def test_the_range_of_alpha_goes_from_too_slow_to_too_fast(data: str) -> None:
    problem = multilayer_perceptron(data)
    low, high = problem.alpha_range
    run = train(problem, Settings([low, np.sqrt(low * high), high], 1, 0), epochs=problem.epochs, batch_size=32)
    slow, right, fast = run.final_loss
    assert right < slow < run.watched[0, 0]
    assert fast > run.watched[0, 2]
    assert problem.samples.score(run.w[-1, 1]) > 0.9


def test_weights_far_out_raise_nothing_and_ordinary_ones_warn_of_nothing() -> None:
    for data, hidden, activation in BUILDS:
        problem = multilayer_perceptron(data, hidden, activation)
        wide = 30 * some_weights(problem)
        assert np.isfinite(problem.loss(wide)).all()
        assert np.isfinite(problem.grad(wide)).all()
        with np.errstate(all="ignore"):
            for far in (1e300, np.inf, np.nan):
                w = np.full((2, problem.dim), far)
                assert problem.loss(w).shape == problem.samples.score(w).shape == (2,)


# Weights --------------------------------------------------------------------------------------------------------------


def test_weights_taken_apart_and_joined_again() -> None:
    w = np.random.default_rng(0).standard_normal((3, 2, 44))
    layers = layers_of(w, [4, 5, 3, 1][:3])  # 4 * 5 + 5, 5 * 3 + 3: 43, and one that belongs to nobody
    assert [part.shape for layer in layers for part in layer] == [
        (3, 2, 4, 5),
        (3, 2, 1, 5),
        (3, 2, 5, 3),
        (3, 2, 1, 3),
    ]
    np.testing.assert_array_equal(layers[0].weights[1, 0], w[1, 0, :20].reshape(4, 5))
    np.testing.assert_array_equal(joined(layers, w[..., :43]), w[..., :43])


def test_the_start_is_that_of_keras_and_the_same_for_everybody() -> None:
    start = glorot_uniform([64, 32, 10])
    (first, no_first), (second, no_second) = layers_of(start, [64, 32, 10])
    assert (no_first == 0).all()
    assert (no_second == 0).all()
    for weights in (first, second):
        limit = np.sqrt(6 / sum(weights.shape))
        assert np.abs(weights).max() < limit
        assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.1)
    np.testing.assert_array_equal(multilayer_perceptron().start, MOONS.start)
    assert (glorot_uniform([64, 32, 10], seed=1) != start)[:2048].all()
    assert multilayer_perceptron(seed=1).start != MOONS.start


def test_every_weight_has_a_name_and_nothing_is_claimed_to_be_known() -> None:
    small = multilayer_perceptron(hidden=2)
    assert small.axes == (
        "W1[0, 0]",
        "W1[0, 1]",
        "W1[1, 0]",
        "W1[1, 1]",
        "b1[0]",
        "b1[1]",
        "W2[0, 0]",
        "W2[1, 0]",
        "b2[0]",
    )
    for data in DATA:
        problem = multilayer_perceptron(data)
        assert problem.name == f"MLP on {data}"
        assert (problem.convex, len(problem.minima), problem.curvature) == (False, 0, None)


def test_predictions_of_any_weights_over_any_points() -> None:
    w, points = some_weights(MOONS, 6).reshape(2, 3, -1), np.random.default_rng(0).standard_normal((7, 2))
    chances = MOONS.samples.fit.predict(w, points)
    assert chances.shape == (2, 3, 7)
    np.testing.assert_allclose(chances[1, 2], MOONS.samples.fit.predict(w[1, 2], points), rtol=1e-12)
    assert MOONS.samples.fit.classes
    assert multilayer_perceptron("digits").samples.fit is None


BAD = [
    ({"hidden": 0}, "hidden must be a whole number of units, 1 or more, .*, got 0. Try 8, or "),
    ({"hidden": -3}, "hidden must be .*, got -3. Try 8"),
    ({"hidden": 2.5}, "hidden must be .*, got 2.5. Try 8"),
    ({"hidden": True}, "hidden must be .*, got True. Try 8"),
    ({"hidden": "8"}, "hidden must be .*, got '8'. Try 8"),
    ({"hidden": ()}, r"hidden must be .*, got \(\). Try 8"),
    ({"hidden": (8, 0)}, r"hidden must be .*, got \(8, 0\). Try 8"),
    ({"activation": "swish"}, "activation must be 'tanh', 'relu' or 'sigmoid', got 'swish'. Try 'tanh'."),
    ({"activation": None}, "activation must be .*, got None. Try 'tanh'."),
    ({"data": "mnist"}, "data must be 'moons', 'circles' or 'digits', got 'mnist'. Try 'moons'."),
    ({"seed": -1}, "seed must be a whole number, 0 or more .*, got -1. Try 0."),
]


@pytest.mark.parametrize(("change", "says"), BAD, ids=[str(change) for change, _ in BAD])
def test_bad_arguments_are_told_by_rule_value_and_remedy(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        multilayer_perceptron(**change)


def test_numpys_whole_numbers_are_as_good() -> None:
    assert multilayer_perceptron(hidden=np.int64(8)).dim == multilayer_perceptron(hidden=[np.int64(8)]).dim == MOONS.dim
    assert set(ACTIVATIONS) == {"tanh", "relu", "sigmoid"}
