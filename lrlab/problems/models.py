"""Models that are convex: linear, logistic and softmax regression, written in NumPy on real data.

The loss is a mean over rows of data, so there are mini-batches to train on. Weights w have the shape (..., dim):
one model, or all runs, or all points of a landscape at once. Inputs have a last column of ones, and the weight that
goes with it is the intercept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.samples import Fit, Samples
from lrlab.core.threads import one_thread
from lrlab.problems import data

L2 = 0.01  # of logistic regression
L2_DIGITS = 0.001  # of softmax regression
BLOCK = 100_000  # numbers, of 8 bytes each: what a core's cache holds


def linear_regression(features: int = 1) -> Problem:
    """Least squares on scikit-learn's diabetes data: disease progression a year later, from body-mass index or more.

    features: 1 (body-mass index, so the weights are slope and intercept of a line) or 10 (all there are)

    The loss is the mean squared error. All columns are standardised. Three quarters of the 442 patients are for
    training, the rest for validation. Source: Efron, Hastie, Johnstone, Tibshirani, "Least Angle Regression", Annals
    of Statistics 32 (2004). Raises ValueError for another number of features.
    """
    check_choice("features", features, (1, 10))
    patients = data.diabetes(features)
    inputs, inputs_val = data.with_ones(patients.inputs), data.with_ones(patients.inputs_val)
    targets, targets_val = patients.targets, patients.targets_val
    best, *_ = np.linalg.lstsq(inputs, targets)
    hessian = 2 / len(targets) * inputs.T @ inputs
    one: dict[str, Any] = {
        "name": "linear regression",
        "formula": r"$\frac{1}{n}\Sigma_i\,(w x_i + b - y_i)^2$",
        "start": (-1.5, 1.5),
        "view": ((-2.0, 3.0), (-2.5, 2.5)),
        "alpha_range": (0.002, 1.5),
        "axes": ("w (slope)", "b (intercept)"),
        "teaches": "Real data: each mini-batch points a little elsewhere, so a large rate never comes to rest.",
    }
    ten: dict[str, Any] = {
        "name": "linear regression, 10 features",
        "formula": r"$\frac{1}{n}\Sigma_i\,(w \cdot x_i + b - y_i)^2$",
        "start": (0.0,) * 11,
        "view": ((-1.0, 1.0),) * 11,
        "alpha_range": (0.0005, 0.4),
        "axes": (*patients.names, "intercept"),
        "teaches": "Features that say nearly the same make a valley 400 times as steep across as along.",
    }
    line = Fit(patients.inputs, lambda w, x: w @ data.with_ones(x).T, False, ("body-mass index", "progression"))
    return Problem(
        **(one if features == 1 else ten),
        loss=lambda w: mean_squared_error(w @ inputs.T, targets),
        grad=lambda w: _linear_grad(w, inputs, targets),
        hessian=lambda w: hessian,  # a parabola's is the same everywhere
        convex=True,
        minima=[tuple(best)],
        curvature=_largest(hessian),
        samples=Samples(
            inputs=inputs,
            targets=targets,
            grad=_linear_grad,
            validation_loss=lambda w: mean_squared_error(w @ inputs_val.T, targets_val),
            score=lambda w: 1 - mean_squared_error(w @ inputs_val.T, targets_val) / targets_val.var(),
            score_name="R²",
            fit=line if features == 1 else None,
        ),
        source="Data: Efron, Hastie, Johnstone, Tibshirani, Annals of Statistics 32 (2004). "
        "Model: Legendre (1805); Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, section 3.2.",
    )


def _linear_grad(w: Array, inputs: Array, targets: Array) -> Array:
    error = w @ inputs.T - targets
    return (2 / len(targets)) * (error @ inputs)


def logistic_regression(features: int = 2) -> Problem:
    """Benign or malignant, on scikit-learn's breast cancer data.

    features: 2 (mean radius and mean texture, so the classes are parted by a line that can be drawn) or 30 (all)

    The loss is the mean log-loss, plus a small penalty L2 / 2 * |w|^2 on all weights but the intercept; without it the
    weights of classes that can be told apart grow for ever. Like Keras, the validation loss includes the penalty.
    Features are standardised. Three quarters of the 569 tumours are for training, the rest for validation.
    Raises ValueError for another number of features.
    """
    check_choice("features", features, (2, 30))
    tumours = data.breast_cancer(features)
    inputs, inputs_val = data.with_ones(tumours.inputs), data.with_ones(tumours.inputs_val)
    targets, targets_val = tumours.targets, tumours.targets_val
    penalty = np.append(np.full(features, L2), 0)

    def loss(w: Array, inputs: Array = inputs, targets: Array = targets) -> Array:
        return log_loss(w @ inputs.T, targets) + w**2 @ penalty / 2

    def grad(w: Array, inputs: Array = inputs, targets: Array = targets) -> Array:
        error = sigmoid(w @ inputs.T) - targets
        return error @ inputs / len(targets) + penalty * w

    def hessian(w: Array) -> Array:
        chance = sigmoid(inputs @ w)
        return (inputs.T * chance * (1 - chance)) @ inputs / len(targets) + np.diag(penalty)

    best = _newton(grad, hessian, np.zeros(features + 1))
    two: dict[str, Any] = {
        "name": "logistic regression",
        "start": (1.5, 2.0, -1.5),
        "view": ((-5.0, 3.0), (-3.0, 3.0), (-2.0, 3.0)),
        "alpha_range": (0.05, 30.0),
        "teaches": "Convex, and no bowl: far out the slope hardly changes, and only near the minimum does it fade.",
    }
    thirty: dict[str, Any] = {
        "name": "logistic regression, 30 features",
        "start": (0.0,) * 31,
        "view": ((-2.0, 2.0),) * 31,
        "alpha_range": (0.01, 20.0),
        "teaches": "Thirty features, and still one minimum: whether a loss is convex is not a matter of size.",
    }
    line = Fit(tumours.inputs, lambda w, x: sigmoid(w @ data.with_ones(x).T), True, tumours.names)
    return Problem(
        **(two if features == 2 else thirty),
        formula=r"$\frac{1}{n}\Sigma_i\,\log(1 + e^{\mp(w \cdot x_i + b)}) + \frac{\lambda}{2} |w|^2$",
        loss=in_blocks(loss, numbers=len(targets)),
        grad=grad,
        hessian=hessian,
        convex=True,
        minima=[tuple(best)],
        curvature=_largest(hessian(best)),
        axes=(*tumours.names, "intercept"),
        samples=Samples(
            inputs=inputs,
            targets=targets,
            grad=grad,
            validation_loss=in_blocks(lambda w: loss(w, inputs_val, targets_val), numbers=len(targets_val)),
            score=lambda w: np.mean((w @ inputs_val.T > 0) == targets_val, axis=-1),
            score_name="accuracy",
            score_step=1 / len(targets_val),
            fit=line if features == 2 else None,
        ),
        source="Data: Street, Wolberg, Mangasarian, SPIE 1905 (1993). Model: Cox, Journal of the Royal Statistical "
        "Society B 20 (1958); Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, section 4.4.",
    )


@one_thread()
def softmax_regression() -> Problem:
    """Ten classes: handwritten digits of 8 x 8 pixels, on scikit-learn's digits data.

    Weights are a matrix W of (65, 10), row after row, so that inputs @ W are ten logits; its last row has the
    intercepts. The loss is the mean cross-entropy, plus a small penalty L2 / 2 * |W|^2 on all but the intercepts; like
    Keras, the validation loss includes it. Ink is scaled to 0 ... 1. Three quarters of the 1797 digits are for
    training, the rest for validation.
    """
    digits = data.digits()
    inputs, inputs_val = data.with_ones(digits.inputs), data.with_ones(digits.inputs_val)
    targets, targets_val = data.one_hot(digits.targets, 10), data.one_hot(digits.targets_val, 10)
    rows, shape = len(targets), (inputs.shape[1], 10)
    penalty = np.append(np.full(640, L2_DIGITS), np.zeros(10))

    def logits(w: Array, inputs: Array) -> Array:
        return inputs @ w.reshape(*w.shape[:-1], *shape)

    def loss(w: Array, inputs: Array, targets: Array) -> Array:
        return cross_entropy(logits(w, inputs), targets) + w**2 @ penalty / 2

    def grad(w: Array, inputs: Array, targets: Array) -> Array:
        error = softmax(logits(w, inputs)) - targets
        return (inputs.T @ error).reshape(w.shape) / len(targets) + penalty * w

    def hessian(w: Array) -> Array:
        chance = softmax(logits(w, inputs))
        blocks = np.empty((*shape, *shape))
        for j in range(10):
            for k in range(j + 1):
                weight = chance[:, j] * ((j == k) - chance[:, k]) / rows
                blocks[:, j, :, k] = blocks[:, k, :, j] = (inputs.T * weight) @ inputs
        return blocks.reshape(w.size, w.size) + np.diag(penalty)

    # The same number added to all ten intercepts changes nothing. Let them add up to 0, and the minimum is one point.
    level = np.append(np.zeros(640), np.ones(10))
    best = _newton(
        lambda w: grad(w, inputs, targets) + level * (level @ w),
        lambda w: hessian(w) + np.outer(level, level),
        np.zeros(650),
    )
    return Problem(
        name="softmax regression",
        formula=r"$-\frac{1}{n}\Sigma_i\,\log p_{y_i}(x_i) + \frac{\lambda}{2} |W|^2$",
        loss=in_blocks(lambda w: loss(w, inputs, targets), numbers=10 * rows),
        grad=lambda w: grad(w, inputs, targets),
        hessian=hessian,
        start=(0.0,) * 650,
        view=((-4.0, 4.0),) * 650,
        convex=True,
        minima=[tuple(best)],
        curvature=_largest(hessian(best)),
        alpha_range=(0.01, 10.0),
        epochs=60,
        samples=Samples(
            inputs=inputs,
            targets=targets,
            grad=grad,
            validation_loss=in_blocks(lambda w: loss(w, inputs_val, targets_val), numbers=10 * len(targets_val)),
            score=in_blocks(lambda w: accuracy(logits(w, inputs_val), targets_val), numbers=10 * len(targets_val)),
            score_name="accuracy",
            score_step=1 / len(targets_val),
        ),
        teaches="650 weights, and still convex: from any start the way down leads to the same lowest loss.",
        source="Data: Alpaydin, Kaynak, UCI Machine Learning Repository (1998). Model: Bridle, NIPS 2 (1989); "
        "Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4.",
    )


# Losses: what is made of a model's outputs ----------------------------------------------------------------------------


def mean_squared_error(outputs: Array, targets: Array) -> Array:
    """(..., rows) and (rows,) -> (...)."""
    error = outputs - targets
    return np.vecdot(error, error) / len(targets)


def log_loss(logits: Array, targets: Array) -> Array:
    """The mean of -log(probability of the right class), for two classes. (..., rows) and (rows,) of 0 or 1 -> (...).

    The probability of class 1 is sigmoid(logit). Written so that e is raised to negative powers only: no overflow.
    """
    wrong = (1 - 2 * targets) * logits  # how far the logit lies on the wrong side
    return np.mean(np.maximum(wrong, 0) + np.log1p(np.exp(-np.abs(wrong))), axis=-1)


def cross_entropy(logits: Array, targets: Array) -> Array:
    """The mean of -log(probability of the right class). (..., rows, classes) and (rows, classes), one-hot -> (...)."""
    by_class = np.moveaxis(logits, -1, 0).copy()  # classes first: twice as fast to add up as many short rows
    top = by_class.max(axis=0)  # taken out of the sum and put back after, so that e to the power stays finite
    log_of_sum = top + np.log(np.exp(by_class - top).sum(axis=0))
    return np.mean(log_of_sum - np.vecdot(logits, targets), axis=-1)


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^-z), for any z without overflow."""
    from scipy.special import expit  # here, so that `import lrlab` is quick

    return expit(z)


def accuracy(logits: Array, targets: Array) -> Array:
    """The share of rows where the largest logit is that of the right class. Shapes as in `cross_entropy`."""
    return np.mean(logits.argmax(axis=-1) == targets.argmax(axis=-1), axis=-1)


def softmax(logits: Array) -> Array:
    """e^logit, as shares of the sum over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# Helpers --------------------------------------------------------------------------------------------------------------


def check_choice(name: str, value: Any, choices: Sequence[Any]) -> None:
    """Raises ValueError where ``value`` is none of the choices."""
    if not any(value == choice and type(value) is type(choice) for choice in choices):
        *others, last = map(repr, choices)
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, got {value!r}. Try {choices[0]!r}.")


def in_blocks(function: Callable[[Array], Array], numbers: int) -> Callable[[Array], Array]:
    """``function``, from (..., dim) to (...), worked out for so many weights at a time that the cache holds them.

    numbers: how many it keeps at hand for one (dim,). A landscape of digits would otherwise fill the memory.
    """
    block = max(1, BLOCK // numbers)

    def blocked(w: Array) -> Array:
        points = w.reshape(-1, w.shape[-1])
        if len(points) <= block:
            return function(w)
        with one_thread():
            parts = [function(points[i : i + block]) for i in range(0, len(points), block)]
        return np.concatenate(parts).reshape(w.shape[:-1])

    return blocked


def _newton(grad: Callable[[Array], Array], hessian: Callable[[Array], Array], w: Array) -> Array:
    """The minimum of a convex loss, by Newton's method: a step goes to the minimum of the parabola that fits at w."""
    for _ in range(50):
        step = np.linalg.solve(hessian(w), grad(w))
        w = w - step
        if np.abs(step).max() < 1e-12:
            break
    return w


def _largest(hessian: Array) -> float:
    return float(np.linalg.eigvalsh(hessian).max())
