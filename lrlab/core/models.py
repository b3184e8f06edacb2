"""Models on real data, written in NumPy: the loss is a mean over samples, so there are mini-batches to train on."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.samples import Samples


def linear_regression() -> Problem:
    """Least squares on scikit-learn's diabetes data: body-mass index against disease progression a year later.

    Weights (w, b) of the line w * x + b; the loss is the mean squared error. Both columns are standardised with the
    training rows' mean and deviation. Three quarters of the 442 patients are for training, the rest for validation.
    Source: Efron, Hastie, Johnstone, Tibshirani, "Least Angle Regression", Annals of Statistics 32 (2004).
    """
    x, y, x_val, y_val = _diabetes_body_mass()
    inputs, inputs_val = _with_ones(x), _with_ones(x_val)
    best, *_ = np.linalg.lstsq(inputs, y)
    hessian = 2 / len(y) * inputs.T @ inputs
    return Problem(
        name="linear regression",
        formula=r"$\frac{1}{n}\Sigma_i\,(w x_i + b - y_i)^2$",
        loss=lambda w: _mean_squared_error(w, inputs, y),
        grad=lambda w: _mean_squared_error_grad(w, inputs, y),
        start=(-1.5, 1.5),
        view=((-2.0, 3.0), (-2.5, 2.5)),
        convex=True,
        minima=[tuple(best)],
        curvature=float(np.linalg.eigvalsh(hessian).max()),
        alpha_range=(0.002, 1.5),
        axes=("w (slope)", "b (intercept)"),
        samples=Samples(
            inputs=inputs,
            targets=y,
            grad=_mean_squared_error_grad,
            validation_loss=lambda w: _mean_squared_error(w, inputs_val, y_val),
        ),
        teaches="Real data: each mini-batch points a little elsewhere, so a large rate never comes to rest.",
    )


def _mean_squared_error(w: Array, inputs: Array, targets: Array) -> Array:
    error = w @ inputs.T - targets
    return np.vecdot(error, error) / len(targets)


def _mean_squared_error_grad(w: Array, inputs: Array, targets: Array) -> Array:
    error = w @ inputs.T - targets
    return (2 / len(targets)) * (error @ inputs)


def _with_ones(x: Array) -> Array:
    """A column of ones beside x, so that the intercept is a weight like any other. (n,) -> (n, 2)."""
    return np.column_stack([x, np.ones_like(x)])


def _diabetes_body_mass() -> tuple[Array, Array, Array, Array]:
    """Standardised x and y of the training rows, then of the validation rows."""
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import train_test_split

    features, progression = load_diabetes(return_X_y=True)
    x, x_val, y, y_val = train_test_split(features[:, 2], progression, test_size=0.25, random_state=0)
    return (
        (x - x.mean()) / x.std(),
        (y - y.mean()) / y.std(),
        (x_val - x.mean()) / x.std(),
        (y_val - y.mean()) / y.std(),
    )
