"""The real data, prepared by others, and models of Keras beside ours."""

from types import ModuleType
from typing import Any, NamedTuple

import numpy as np


class Prepared(NamedTuple):
    """Rows to train on and rows to validate with. x: (rows, features). y: (rows,)."""

    x: np.ndarray
    y: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def prepared(x: np.ndarray, y: np.ndarray, standardise: bool = True) -> Prepared:
    """What our models should train on, prepared by scikit-learn alone."""
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    x, x_val, y, y_val = train_test_split(x, y, test_size=0.25, random_state=0)
    if standardise:
        scaler = StandardScaler().fit(x)
        x, x_val = scaler.transform(x), scaler.transform(x_val)
    return Prepared(x, y, x_val, y_val)


def diabetes_of(features: int) -> Prepared:
    """Body-mass index, or all ten features, and disease progression; all of them standardised."""
    from sklearn.datasets import load_diabetes
    from sklearn.preprocessing import StandardScaler

    data = load_diabetes()
    bmi = data.feature_names.index("bmi")
    rows = prepared(data.data[:, [bmi]] if features == 1 else data.data, data.target)
    scaler = StandardScaler().fit(rows.y[:, None])
    return rows._replace(y=scaler.transform(rows.y[:, None])[:, 0], y_val=scaler.transform(rows.y_val[:, None])[:, 0])


def breast_cancer_of(features: int) -> Prepared:
    """Mean radius and mean texture, or all thirty features, and whether the tumour is benign."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    two = [list(data.feature_names).index(name) for name in ("mean radius", "mean texture")]
    return prepared(data.data[:, two] if features == 2 else data.data, data.target)


def classes_of(name: str) -> Prepared:
    """The data of the perceptrons: "moons", "circles" or "digits"."""
    from sklearn.datasets import load_digits, make_circles, make_moons

    if name == "digits":
        x, y = load_digits(return_X_y=True)
        return prepared(x / 16, y, standardise=False)
    if name == "moons":
        return prepared(*make_moons(200, noise=0.25, random_state=2))
    return prepared(*make_circles(200, noise=0.1, factor=0.5, random_state=0))


class Diabetes(NamedTuple):
    """Body-mass index and disease progression, standardised: x and y to train on, and to validate with."""

    x: np.ndarray
    y: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def dense(keras: ModuleType, sizes: list[int], activation: str | None, loss: Any, l2: float = 0.0) -> Any:
    """A Keras model of fully connected layers that gives logits (or numbers), compiled; l2 as in Keras: l2 * w^2."""
    inputs, *hidden, outputs = sizes
    model = keras.Sequential([keras.Input((inputs,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation=activation))
    model.add(keras.layers.Dense(outputs, kernel_regularizer=keras.regularizers.L2(l2) if l2 else None))
    model.compile(keras.optimizers.SGD(), loss)
    return model


def set_flat(model: Any, w: np.ndarray) -> None:
    """Give a Keras model the weights w, laid out one after the other in Keras' own order."""
    shapes = [part.shape for part in model.get_weights()]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    parts = np.split(w, ends[:-1])
    assert ends[-1] == len(w)
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
