"""Ready-made models. Each is two plain functions, its data and its ``get_model``, made to be read and copied: the lab's
Code panel shows these lines as they are. So they stand on their own, and import what they need when they are called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Ready(NamedTuple):
    """A model to train, on which data, and what a lab begins with.

    teaches: what there is to see. metric: what its jobs are judged by, by its name in the record; "" for the loss, None
        where that is only known when it has been trained
    """

    get_model: Callable[[float], Any]
    get_data: Callable[[], Any]
    alpha: float
    alphas: tuple[float, float]
    epochs: int
    teaches: str
    batch_size: int = 32
    metric: str | None = None


def moons_data():
    from sklearn.datasets import make_moons
    from sklearn.model_selection import train_test_split

    x, y = make_moons(200, noise=0.25, random_state=2)
    x, x_val, y, y_val = train_test_split(x, y, test_size=0.25, random_state=0)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    return ((x - mean) / deviation, y), ((x_val - mean) / deviation, y_val)


def moons(alpha):
    import keras

    model = keras.Sequential()
    model.add(keras.Input((2,)))
    model.add(keras.layers.Dense(16, activation="tanh"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    optimizer = keras.optimizers.SGD(learning_rate=alpha, momentum=0.9)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def circles_data():
    from sklearn.datasets import make_circles
    from sklearn.model_selection import train_test_split

    x, y = make_circles(200, noise=0.1, factor=0.5, random_state=0)
    x, x_val, y, y_val = train_test_split(x, y, test_size=0.25, random_state=0)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    return ((x - mean) / deviation, y), ((x_val - mean) / deviation, y_val)


def circles(alpha):
    import keras

    model = keras.Sequential()
    model.add(keras.Input((2,)))
    model.add(keras.layers.Dense(16, activation="relu"))
    model.add(keras.layers.Dense(16, activation="relu"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    optimizer = keras.optimizers.Adam(learning_rate=alpha)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def diabetes_data():
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import train_test_split

    x, y = load_diabetes(return_X_y=True)
    x, x_val, y, y_val = train_test_split(x, y, test_size=0.25, random_state=0)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    x, x_val = (x - mean) / deviation, (x_val - mean) / deviation
    mean, deviation = y.mean(), y.std()
    return (x, (y - mean) / deviation), (x_val, (y_val - mean) / deviation)


def diabetes(alpha):
    import keras

    model = keras.Sequential()
    model.add(keras.Input((10,)))
    model.add(keras.layers.Dense(16, activation="relu"))
    model.add(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(learning_rate=alpha)
    model.compile(optimizer=optimizer, loss="mean_squared_error", metrics=["mean_absolute_error"])
    return model


def digits_data():
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x, x_val, y, y_val = train_test_split(x / 16, y, test_size=0.25, random_state=0)
    return (x, y), (x_val, y_val)


def digits(alpha):
    import keras

    model = keras.Sequential()
    model.add(keras.Input((64,)))
    model.add(keras.layers.Dense(32, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    optimizer = keras.optimizers.SGD(learning_rate=alpha)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


READY = {
    "moons": Ready(
        moons, moons_data, 2.0, (0.01, 5.0), 100,
        "Large steps make it rattle, and cuts calm it. "
        "With small ones the loss rests on its way down, and cuts freeze it.",
        metric="val_accuracy",
    ),
    "circles": Ready(
        circles, circles_data, 0.03, (0.0005, 0.5), 100,
        "Adam scales its steps, yet alpha still decides how far each goes.",
        metric="val_accuracy",
    ),
    "diabetes": Ready(
        diabetes, diabetes_data, 0.1, (0.001, 0.3), 100,
        "With 331 patients it may go on to learn the training rows by heart: then the validation loss climbs again.",
        metric="",
    ),
    "digits": Ready(
        digits, digits_data, 0.5, (0.01, 2.0), 60,
        "Ten classes, 1,347 pictures, 2,410 weights. Its first steps can be so large that it never recovers.",
        metric="val_accuracy",
    ),
}  # fmt: skip


def find(name: str) -> Ready:
    """The ready-made model of that name. Raises ValueError, with the names there are."""
    if name not in READY:
        raise ValueError(f"model must be one of {', '.join(READY)}, or a get_model of your own, got {name!r}.")
    return READY[name]
