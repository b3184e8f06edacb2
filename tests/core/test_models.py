"""Least squares against scikit-learn. Gradient, minimum and curvature: test_problem.py; training: test_descent.py."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error

from lrlab.core.models import linear_regression
from tests.core.conftest import Diabetes

LINE = linear_regression()


@pytest.fixture
def solution(diabetes: Diabetes) -> LinearRegression:
    return LinearRegression().fit(diabetes.x[:, None], diabetes.y)


def test_the_minimum_is_the_solution(solution: LinearRegression) -> None:
    np.testing.assert_allclose(LINE.minima, [[solution.coef_[0], solution.intercept_]], rtol=1e-9, atol=1e-12)


def test_losses_are_mean_squared_errors(solution: LinearRegression, diabetes: Diabetes) -> None:
    for w in (LINE.minima[0], (0.7, -0.2)):
        solution.coef_, solution.intercept_ = np.array(w[:1]), w[1]
        for loss, x, y in ((LINE.loss, diabetes.x, diabetes.y), (LINE.watch, diabetes.x_val, diabetes.y_val)):
            expected = mean_squared_error(y, solution.predict(x[:, None]))
            assert loss(np.array(w)) == pytest.approx(expected, rel=1e-12)


def test_samples_are_the_training_rows(diabetes: Diabetes) -> None:
    samples = LINE.samples
    np.testing.assert_allclose(samples.inputs, np.column_stack([diabetes.x, np.ones_like(diabetes.x)]), rtol=1e-12)
    np.testing.assert_allclose(samples.targets, diabetes.y, rtol=1e-12)
    assert len(samples.targets) == 331
    assert len(diabetes.y_val) == 111


def test_the_gradient_is_the_mean_of_the_gradients_of_batches() -> None:
    samples, w = LINE.samples, np.array([[0.3, -1.0], [2.0, 0.5]])
    parts = [slice(0, 31), slice(31, 131), slice(131, 331)]
    batches = [samples.grad(w, samples.inputs[part], samples.targets[part]) for part in parts]
    whole = np.average(batches, axis=0, weights=[31, 100, 200])
    np.testing.assert_allclose(whole, LINE.grad(w), rtol=1e-12)
