"""Real and made-up data from scikit-learn: split into training and validation rows, and put on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from lrlab.core.arrays import Array

NO_SCIKIT_LEARN = (
    "This data comes with scikit-learn, which is not installed here. Run %pip install scikit-learn in a cell, then "
    "restart the kernel. Surfaces such as 'ravine' work without it."
)

# scikit-learn takes a second to import, so each function imports what it needs when it is called.


@contextmanager
def from_scikit_learn() -> Iterator[None]:
    """For what loads data: an ImportError that says what to install, where scikit-learn is missing."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").split(".")[0] != "sklearn":
            raise
        raise ImportError(NO_SCIKIT_LEARN, name="sklearn") from error


class Data(NamedTuple):
    """What a model trains on, and what it is validated with: three quarters of the rows, and the rest.

    inputs: (rows, features). targets: (rows,), numbers or classes counted from 0. names: one for each feature
    """

    inputs: Array
    targets: Array
    inputs_val: Array
    targets_val: Array
    names: Sequence[str]


@from_scikit_learn()
def diabetes(features: int) -> Data:
    """442 patients: body-mass index alone (1 feature), or all 10, against disease progression a year later.

    Features and targets have mean 0 and deviation 1 on the training rows.
    Source: Efron, Hastie, Johnstone, Tibshirani, "Least Angle Regression", Annals of Statistics 32 (2004).
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes()
    names = {1: ["bmi"], 10: bunch.feature_names}[features]
    data = _split(_columns(bunch, names), bunch.target, names)
    targets, targets_val = _standardised(data.targets, data.targets_val)
    return _standardised_inputs(data)._replace(targets=targets, targets_val=targets_val)


@from_scikit_learn()
def breast_cancer(features: int) -> Data:
    """569 tumours: mean radius and mean texture of the cells' nuclei (2 features), or all 30. Class 1 is benign.

    Features have mean 0 and deviation 1 on the training rows.
    Source: Street, Wolberg, Mangasarian, "Nuclear feature extraction for breast tumor diagnosis", SPIE 1905 (1993).
    """
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    names = {2: ["mean radius", "mean texture"], 30: list(bunch.feature_names)}[features]
    return _standardised_inputs(_split(_columns(bunch, names), bunch.target.astype(float), names))


@from_scikit_learn()
def digits() -> Data:
    """1797 handwritten digits of 8 x 8 pixels, as (rows, 64); ink is scaled to 0 ... 1. Classes 0 to 9.

    Source: Alpaydin, Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning Repository (1998).
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _split(bunch.data / 16, bunch.target, bunch.feature_names)


@from_scikit_learn()
def moons() -> Data:
    """200 points in two crescents, each reaching into the other. With this noise they mix: there is much to overfit."""
    from sklearn.datasets import make_moons

    inputs, targets = make_moons(200, noise=0.25, random_state=2)
    return _standardised_inputs(_split(inputs, targets.astype(float), ["x", "y"]))


@from_scikit_learn()
def circles() -> Data:
    """200 points on two rings, one inside the other."""
    from sklearn.datasets import make_circles

    inputs, targets = make_circles(200, noise=0.1, factor=0.5, random_state=0)
    return _standardised_inputs(_split(inputs, targets.astype(float), ["x", "y"]))


def with_ones(inputs: Array) -> Array:
    """(rows, features) -> (rows, features + 1): a column of ones, so that the intercept is a weight like any other."""
    return np.column_stack([inputs, np.ones(len(inputs))])


def one_hot(classes: Array, count: int) -> Array:
    """(rows,) -> (rows, count): in each row a one in the column of its class, and zeros."""
    return np.eye(count)[classes]


def _columns(bunch: dict[str, Array], names: Sequence[str]) -> Array:
    return bunch["data"][:, [list(bunch["feature_names"]).index(name) for name in names]]


def _split(inputs: Array, targets: Array, names: Sequence[str]) -> Data:
    from sklearn.model_selection import train_test_split

    inputs, inputs_val, targets, targets_val = train_test_split(inputs, targets, test_size=0.25, random_state=0)
    return Data(inputs, targets, inputs_val, targets_val, names)


def _standardised_inputs(data: Data) -> Data:
    inputs, inputs_val = _standardised(data.inputs, data.inputs_val)
    return data._replace(inputs=inputs, inputs_val=inputs_val)


def _standardised(rows: Array, rows_val: Array) -> tuple[Array, Array]:
    """Mean 0 and deviation 1 on the training rows. What is known of the validation rows must not leak into them."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    return (rows - mean) / deviation, (rows_val - mean) / deviation
