"""The convex models against scikit-learn and Keras. Curvature: test_problem.py; training: test_descent.py."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score

from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.settings import Settings
from lrlab.problems.models import L2, L2_DIGITS, linear_regression, logistic_regression, softmax_regression
from tests.problems.prepared import Diabetes, Prepared, breast_cancer_of, classes_of, dense, diabetes_of, set_flat

LINE = linear_regression()
LINEAR = {1: LINE, 10: linear_regression(10)}
LOGISTIC = {2: logistic_regression(), 30: logistic_regression(30)}
SOFTMAX = softmax_regression()
EVERY = [*LINEAR.values(), *LOGISTIC.values(), SOFTMAX]
every_model = pytest.mark.parametrize("problem", EVERY, ids=lambda problem: problem.name)


def some_weights(problem: Problem, seed: int = 0) -> list[np.ndarray]:
    """The best ones, where training starts, and two at random."""
    low, high = np.transpose(problem.view)
    at_random = np.random.default_rng(seed).uniform(low, high, (2, problem.dim)) / 2
    return [np.asarray(problem.minima[0]), problem.start_point, *at_random]


# The minima are what scikit-learn's solvers find ----------------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 10])
def test_the_linear_minimum_is_the_solution(features: int) -> None:
    rows = diabetes_of(features)
    solution = LinearRegression().fit(rows.x, rows.y)
    expected = [[*solution.coef_, solution.intercept_]]
    np.testing.assert_allclose(LINEAR[features].minima, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("features", [2, 30])
def test_the_logistic_minimum_is_the_solution(features: int) -> None:
    rows = breast_cancer_of(features)
    solver = LogisticRegression(C=1 / (len(rows.y) * L2), solver="newton-cholesky", tol=1e-14, max_iter=100)
    solution = solver.fit(rows.x, rows.y)
    expected = [[*solution.coef_[0], *solution.intercept_]]
    np.testing.assert_allclose(LOGISTIC[features].minima, expected, rtol=1e-9, atol=1e-11)
    assert np.abs(LOGISTIC[features].grad(np.array(LOGISTIC[features].minima))).max() < 1e-14


def test_the_softmax_minimum_is_the_solution() -> None:
    rows = classes_of("digits")
    solver = LogisticRegression(C=1 / (len(rows.y) * L2_DIGITS), solver="newton-cholesky", tol=1e-12, max_iter=100)
    solution = solver.fit(rows.x, rows.y)
    matrix = np.reshape(SOFTMAX.minima[0], (65, 10))
    np.testing.assert_allclose(matrix[:-1], solution.coef_.T, atol=1e-8)
    intercepts = solution.intercept_ - solution.intercept_.mean()  # a shift of all of them changes nothing
    np.testing.assert_allclose(matrix[-1], intercepts, atol=1e-8)
    assert matrix[-1].sum() == pytest.approx(0, abs=1e-10)
    shifted = np.append(matrix[:-1], matrix[-1:] + 3).ravel()
    assert SOFTMAX.loss(shifted) == pytest.approx(SOFTMAX.loss(matrix.ravel()), rel=1e-12)


# Losses and scores are what scikit-learn's metrics say ----------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 10])
def test_linear_losses_and_scores(features: int) -> None:
    problem, rows = LINEAR[features], diabetes_of(features)
    for w in some_weights(problem):
        outputs, outputs_val = rows.x @ w[:-1] + w[-1], rows.x_val @ w[:-1] + w[-1]
        assert problem.loss(w) == pytest.approx(mean_squared_error(rows.y, outputs), rel=1e-12)
        assert problem.watch(w) == pytest.approx(mean_squared_error(rows.y_val, outputs_val), rel=1e-12)
        assert problem.samples.score(w) == pytest.approx(r2_score(rows.y_val, outputs_val), rel=1e-12)
    assert problem.samples.score_name == "R²"


@pytest.mark.parametrize("features", [2, 30])
def test_logistic_losses_and_scores(features: int) -> None:
    problem, rows = LOGISTIC[features], breast_cancer_of(features)
    for w in some_weights(problem):
        penalty = L2 / 2 * (w[:-1] ** 2).sum()
        for loss, x, y in ((problem.loss, rows.x, rows.y), (problem.watch, rows.x_val, rows.y_val)):
            chance = 1 / (1 + np.exp(-(x @ w[:-1] + w[-1])))
            assert loss(w) == pytest.approx(log_loss(y, chance) + penalty, rel=1e-9)
        assert problem.samples.score(w) == accuracy_score(rows.y_val, chance > 0.5)


def test_softmax_losses_and_scores() -> None:
    rows = classes_of("digits")
    for w in some_weights(SOFTMAX):
        matrix = w.reshape(65, 10)
        penalty = L2_DIGITS / 2 * (matrix[:-1] ** 2).sum()
        for loss, x, y in ((SOFTMAX.loss, rows.x, rows.y), (SOFTMAX.watch, rows.x_val, rows.y_val)):
            powers = np.exp(x @ matrix[:-1] + matrix[-1])
            chances = powers / powers.sum(axis=1, keepdims=True)
            assert loss(w) == pytest.approx(log_loss(y, chances) + penalty, rel=1e-9)
        assert SOFTMAX.samples.score(w) == accuracy_score(rows.y_val, chances.argmax(axis=1))


# Losses are what Keras reports ----------------------------------------------------------------------------------------


def keras_cases(keras: ModuleType) -> list[tuple[Problem, Prepared, Any]]:
    mse, losses = "mse", keras.losses
    two, ten = losses.BinaryCrossentropy(from_logits=True), losses.SparseCategoricalCrossentropy(from_logits=True)
    return [
        *((LINEAR[k], diabetes_of(k), dense(keras, [k, 1], None, mse)) for k in LINEAR),
        *((LOGISTIC[k], breast_cancer_of(k), dense(keras, [k, 1], None, two, l2=L2 / 2)) for k in LOGISTIC),
        (SOFTMAX, classes_of("digits"), dense(keras, [64, 10], None, ten, l2=L2_DIGITS / 2)),
    ]


def test_losses_with_their_penalties_equal_those_of_keras(keras: ModuleType) -> None:
    for problem, rows, model in keras_cases(keras):
        for w in some_weights(problem):
            set_flat(model, w)
            for loss, x, y in ((problem.loss, rows.x, rows.y), (problem.watch, rows.x_val, rows.y_val)):
                reported = model.evaluate(x, y, batch_size=len(y), verbose=0)
                assert loss(w) == pytest.approx(reported, rel=1e-5), problem.name


# Gradients ------------------------------------------------------------------------------------------------------------

# Each loss once more, on any rows, for one w, written another way.
LOSSES: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], float]] = {
    "linear": lambda w, x, y: np.mean((x @ w - y) ** 2),
    "logistic": lambda w, x, y: np.mean(np.logaddexp(0, x @ w) - y * (x @ w)) + L2 / 2 * (w[:-1] ** 2).sum(),
    "softmax": lambda w, x, y: (
        np.mean(logsumexp(x @ w.reshape(65, 10), axis=1) - (x @ w.reshape(65, 10))[y == 1])
        + L2_DIGITS / 2 * (w[:640] ** 2).sum()
    ),
}


@every_model
@given(seed=st.integers(0, 10**6), size=st.integers(1, 40))
@hypothesis.settings(max_examples=20)
def test_gradients_of_batches_equal_differences_of_their_losses(problem: Problem, seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = np.transpose(problem.view)
    w = rng.uniform(low, high)
    rows = rng.choice(len(problem.samples.targets), size, replace=False)
    x, y = problem.samples.inputs[rows], problem.samples.targets[rows]
    loss = LOSSES[problem.name.split()[0]]
    gradient = problem.samples.grad(w, x, y)
    for direction in rng.standard_normal((5, problem.dim)):
        step = 1e-5 * direction
        slope = (loss(w + step, x, y) - loss(w - step, x, y)) / 2e-5
        assert gradient @ direction == pytest.approx(slope, rel=1e-5, abs=1e-5 * np.linalg.norm(gradient) + 1e-8)


@every_model
def test_the_gradient_is_the_mean_of_the_gradients_of_batches(problem: Problem) -> None:
    samples, w = problem.samples, np.stack(some_weights(problem)[1:])
    parts = np.split(np.arange(len(samples.targets)), [31, 131])
    batches = [samples.grad(w, samples.inputs[part], samples.targets[part]) for part in parts]
    whole = np.average(batches, axis=0, weights=[len(part) for part in parts])
    np.testing.assert_allclose(whole, problem.grad(w), rtol=1e-10, atol=1e-13)


def test_samples_are_the_training_rows(diabetes: Diabetes) -> None:
    samples = LINE.samples
    np.testing.assert_allclose(samples.inputs, np.column_stack([diabetes.x, np.ones_like(diabetes.x)]), rtol=1e-12)
    np.testing.assert_allclose(samples.targets, diabetes.y, rtol=1e-12)
    assert len(samples.targets) == 331
    assert len(diabetes.y_val) == 111


# Training and pictures ------------------------------------------------------------------------------------------------


@every_model
def test_a_pair_learns_and_each_run_equals_itself_alone(problem: Problem) -> None:
    alpha = np.sqrt(np.prod(problem.alpha_range))
    settings, options = Settings.pair(alpha, 0.5, 5), {"epochs": 12, "batch_size": problem.samples.batch_size}
    pair = train(problem, settings, **options)
    assert (pair.final_loss < problem.watch(problem.start_point)).all()
    for i in range(2):
        alone = train(problem, settings[i], **options)
        np.testing.assert_allclose(pair[i].w, alone.w, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("problem", [*LOGISTIC.values(), SOFTMAX], ids=lambda problem: problem.name)
def test_inside_the_edge_descent_settles_and_past_it_it_does_not(problem: Problem) -> None:
    best = np.asarray(problem.minima[0])
    kick = np.random.default_rng(0).standard_normal(problem.dim) * 1e-3
    edge = problem.stability_edge()
    run = train(problem, Settings(np.array([0.98, 1.02]) * edge, 1, 0), epochs=400, start=best + kick)
    inside, outside = run.loss[-1] - problem.loss(best)
    assert inside < run.loss[0, 0] - problem.loss(best)
    assert outside > 100 * inside


@pytest.mark.parametrize(("problem", "features"), [(LINE, 1), (LOGISTIC[2], 2)], ids=["line", "logistic"])
def test_predictions_of_any_weights_over_any_points(problem: Problem, features: int) -> None:
    fit = problem.samples.fit
    np.testing.assert_array_equal(fit.features, problem.samples.inputs[:, :-1])
    w, points = np.stack(some_weights(problem)), np.random.default_rng(0).standard_normal((7, features))
    sums = np.array([[sum(one[:-1] * point) + one[-1] for point in points] for one in w])
    expected = 1 / (1 + np.exp(-sums)) if fit.classes else sums
    np.testing.assert_allclose(fit.predict(w, points), expected, rtol=1e-10)
    np.testing.assert_allclose(fit.predict(w[0], points), expected[0], rtol=1e-10)
    assert len(fit.labels) == 2
    assert fit.classes == (features == 2)


def test_with_many_features_there_is_no_picture_and_all_weights_have_names() -> None:
    assert all(problem.samples.fit is None for problem in (LINEAR[10], LOGISTIC[30], SOFTMAX))
    assert LINEAR[10].axes == ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "intercept")
    assert LOGISTIC[2].axes == ("mean radius", "mean texture", "intercept")


@every_model
def test_weights_far_out_raise_nothing_and_ordinary_ones_warn_of_nothing(problem: Problem) -> None:
    wide = 50 * np.stack(some_weights(problem))
    assert np.isfinite(problem.loss(wide)).all()
    assert np.isfinite(problem.grad(wide)).all()
    with np.errstate(all="ignore"):
        for far in (1e300, np.inf, np.nan):
            w = np.full((2, problem.dim), far)
            assert problem.loss(w).shape == problem.samples.score(w).shape == (2,)


def test_the_landscape_is_the_same_in_blocks() -> None:
    w = np.random.default_rng(0).uniform(-1, 1, (4, 9, 650))
    alone = [[SOFTMAX.loss(one) for one in row] for row in w]
    np.testing.assert_allclose(SOFTMAX.loss(w), alone, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "features", "rule"),
    [
        (linear_regression, 3, "features must be 1 or 10, got 3. Try 1."),
        (linear_regression, "bmi", "features must be 1 or 10, got 'bmi'. Try 1."),
        (linear_regression, True, "features must be 1 or 10, got True. Try 1."),
        (logistic_regression, 3, "features must be 2 or 30, got 3. Try 2."),
        (logistic_regression, [2], r"features must be 2 or 30, got \[2\]. Try 2."),
    ],
)
def test_features_there_are_none_of(make: Callable[[Any], Problem], features: Any, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        make(features)
