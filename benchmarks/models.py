"""Pairs of runs on data: trained by lrlab, by scikit-learn and by Keras. `engine.py` times them.

All see the same rows in the same order and start from the same weights. `Pair.check` makes sure that they get the same.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDRegressor

import lrlab
from lrlab.problems import data
from lrlab.problems.models import L2, L2_DIGITS

LRLAB, ALONE, SCIKIT, FIT, BARE = "lrlab", "one at a time", "scikit-learn", "Keras fit", "Keras, bare"
EPOCHS = 20
RULE = {"factor": 0.5, "patience": 2, "min_delta": 0.01}  # cuts the rate within 20 epochs
DOUBLE, SINGLE = 1e-9, 1e-4  # how far losses may differ after 20 epochs, as a share


class Twin(NamedTuple):
    """What others have to be told about a model of the catalogue.

    rows: its data. units: of each layer, the inputs first. loss: its name in `keras.losses`, from logits where it has
    any. l2: the penalty, times half the square of the weights
    """

    rows: Callable[[], data.Data]
    units: list[int]
    loss: str
    l2: float = 0.0


TWINS = {
    "linear_regression": Twin(lambda: data.diabetes(1), [1, 1], "MeanSquaredError"),
    "logistic_regression_30": Twin(lambda: data.breast_cancer(30), [30, 1], "BinaryCrossentropy", L2),
    "softmax_digits": Twin(data.digits, [64, 10], "SparseCategoricalCrossentropy", L2_DIGITS),
    "mlp_moons": Twin(data.moons, [2, 8, 1], "BinaryCrossentropy"),
    "mlp_digits": Twin(data.digits, [64, 8, 10], "SparseCategoricalCrossentropy"),
}


class Losses(NamedTuple):
    """Of one run: the training loss after each epoch, if it is known, and the validation loss, or just the last one."""

    training: Any
    validation: Any


@dataclass
class Pair:
    """Two runs on a model, a constant rate and the same rate cut on plateaus: EPOCHS epochs."""

    model: str
    batch_size: int

    @property
    def name(self) -> str:
        return f"{self.model}, batch {self.batch_size}"

    @cached_property
    def problem(self) -> lrlab.Problem:
        return lrlab.problems.find(self.model)

    @cached_property
    def settings(self) -> lrlab.Settings:
        """Alpha from the middle of the range; for smaller batches it is smaller by as much."""
        alpha = np.sqrt(np.prod(self.problem.alpha_range)) * self.batch_size / 32
        return lrlab.Settings.pair(float(alpha), **RULE)

    @cached_property
    def trained(self) -> lrlab.Run:
        """What everybody should get."""
        return self.train()

    def train(self) -> lrlab.Run:
        return lrlab.train(self.problem, self.settings, epochs=EPOCHS, batch_size=self.batch_size)

    def one_at_a_time(self) -> list[Losses]:
        runs = [
            lrlab.train(self.problem, self.settings[i], epochs=EPOCHS, batch_size=self.batch_size) for i in range(2)
        ]
        return [Losses(run.loss[1:, 0], run.watched[1:, 0]) for run in runs]

    def ways(self) -> dict[str, Callable[[], Any]]:
        """Everybody who can do this work, ready to do it; each has done it once, and its result is checked."""
        ways: dict[str, Callable[[], Any]] = {ALONE: self.one_at_a_time}
        self.check(self.one_at_a_time(), DOUBLE)
        if self.batch_size == 1:
            ways[SCIKIT] = scikit_fits(self)
            self.check(ways[SCIKIT](), DOUBLE)
        elif quiet_keras():
            ways |= {FIT: keras_fits(self), BARE: bare_keras_fits(self)}
            self.check(ways[FIT](), SINGLE)
            self.check(ways[BARE](), SINGLE)
        return {LRLAB: self.train, **ways}

    def check(self, pair: list[Losses], tolerance: float) -> None:
        """Raises AssertionError where the losses are not those of lrlab's runs."""
        for i, losses in enumerate(pair):
            expected = self.trained.watched[-len(losses.validation) :, i]
            np.testing.assert_allclose(losses.validation, expected, rtol=tolerance)
            if losses.training is not None:
                np.testing.assert_allclose(losses.training, self.trained.loss[1:, i], rtol=tolerance)

    def orders(self) -> np.ndarray:
        """In which order the epochs take the rows: (EPOCHS, rows)."""
        rng = np.random.default_rng(0)
        return np.array([rng.permutation(len(self.problem.samples.targets)) for _ in range(EPOCHS)])


def pairs() -> list[Pair]:
    """In batches of 32, as in the labs; and row by row, as in scikit-learn, which has two of the models."""
    return [Pair(name, 32) for name in TWINS] + [
        Pair(name, 1) for name in ("linear_regression", "logistic_regression_30")
    ]


# scikit-learn ---------------------------------------------------------------------------------------------------------


def scikit_fits(pair: Pair) -> Callable[[], list[Losses]]:
    """The pair's two runs by `partial_fit`, an epoch a call.

    It has no plateau rule that watches validation rows, so it is given the rates that lrlab's run found. It keeps no
    losses either: its weights are kept after each epoch, and lrlab works out the losses of all of them at once.
    """
    problem, rates, start = pair.problem, pair.trained.lr, pair.problem.start_point
    rows = TWINS[pair.model].rows()
    common = {"learning_rate": "constant", "shuffle": False}
    if pair.model == "linear_regression":
        model, steepness = SGDRegressor(penalty=None, **common), 2  # it minimises half the squared error
        model.partial_fit(rows.inputs, rows.targets)
    else:
        model, steepness = SGDClassifier("log_loss", alpha=TWINS[pair.model].l2, **common), 1
        model.partial_fit(rows.inputs, rows.targets, classes=[0, 1])

    def run(i: int) -> Losses:
        model.coef_ = start[:-1].reshape(model.coef_.shape).copy()
        model.intercept_ = start[-1:].copy()
        w = []
        for order, rate in zip(pair.orders(), rates[:, i], strict=True):
            model.eta0 = steepness * float(rate)
            model.partial_fit(rows.inputs[order], rows.targets[order])
            w.append(np.append(model.coef_, model.intercept_))
        return Losses(problem.loss(np.array(w)), problem.watch(np.array(w)))

    return lambda: [run(0), run(1)]


# Keras ----------------------------------------------------------------------------------------------------------------


@cache
def quiet_keras() -> SimpleNamespace | None:
    """Keras and TensorFlow without the noise of their import; None where one is missing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import keras
            import tensorflow
        except ImportError:
            return None
    return SimpleNamespace(keras=keras, tensorflow=tensorflow)


def keras_fits(pair: Pair) -> Callable[[], list[Losses]]:
    """The pair's two runs by `fit`, in float32, the second with `ReduceLROnPlateau`; validation in one batch."""
    keras, rows = quiet_keras().keras, TWINS[pair.model].rows()
    fit = keras_fit(pair, keras_model(pair))
    validation = {
        "validation_data": (rows.inputs_val.astype(np.float32), rows.targets_val.astype(np.float32)),
        "validation_batch_size": len(rows.targets_val),
    }

    def run(callbacks: list[Any]) -> Losses:
        return Losses(None, fit(callbacks=callbacks, **validation).history["val_loss"])

    return lambda: [run([]), run([keras.callbacks.ReduceLROnPlateau(**RULE)])]


def bare_keras_fits(pair: Pair) -> Callable[[], list[Losses]]:
    """As fast as `fit` goes: no validation, which takes Keras as long as training or longer; one call for all steps.

    So it can watch no plateau, and is given the rates that lrlab's run found.
    """
    keras = quiet_keras().keras
    model = keras_model(pair, steps_per_execution=steps_of(pair))
    fit = keras_fit(pair, model)

    def run(i: int) -> Losses:
        rates = pair.trained.lr[:, i]
        fit(callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: float(rates[epoch]))])
        w = np.concatenate([part.ravel() for part in model.get_weights()])
        return Losses(None, [pair.problem.watch(w)])

    return lambda: [run(0), run(1)]


def keras_fit(pair: Pair, model: Any) -> Callable[..., Any]:
    """`model.fit` from the pair's start, with what both ways share.

    The rows come from a `tf.data` pipeline: in lrlab's order, and faster than `fit(x, y)`. Making it is not timed.
    """
    batches, start = batches_in_order(pair), parts_like(model.get_weights(), pair.problem.start_point)
    common = {"epochs": EPOCHS, "steps_per_epoch": steps_of(pair), "shuffle": False, "verbose": 0}

    def fit(**options: Any) -> Any:
        model.set_weights(start)
        model.optimizer.learning_rate = float(pair.settings.alpha[0])
        return model.fit(batches, **common, **options)

    return fit


def keras_model(pair: Pair, **options: Any) -> Any:
    keras, twin = quiet_keras().keras, TWINS[pair.model]
    inputs, *hidden, outputs = twin.units
    penalty = keras.regularizers.L2(twin.l2 / 2) if twin.l2 else None
    model = keras.Sequential([keras.Input((inputs,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, "tanh"))
    model.add(keras.layers.Dense(outputs, kernel_regularizer=penalty))
    logits = {"from_logits": True} if "entropy" in twin.loss else {}
    model.compile(keras.optimizers.SGD(), getattr(keras.losses, twin.loss)(**logits), **options)
    return model


def steps_of(pair: Pair) -> int:
    """Batches in an epoch; the last may be smaller."""
    return -(-len(pair.problem.samples.targets) // pair.batch_size)


def batches_in_order(pair: Pair) -> Any:
    """All batches of all epochs as a `tf.data.Dataset`."""
    tensorflow, rows = quiet_keras().tensorflow, TWINS[pair.model].rows()
    table = rows.inputs.astype(np.float32), rows.targets.astype(np.float32)
    slices = tensorflow.data.Dataset.from_tensor_slices

    def epoch(order: Any) -> Any:
        return slices(tuple(tensorflow.gather(column, order) for column in table)).batch(pair.batch_size)

    return slices(pair.orders()).flat_map(epoch).prefetch(tensorflow.data.AUTOTUNE)


def parts_like(parts: list[np.ndarray], w: np.ndarray) -> list[np.ndarray]:
    """Flat weights in the shapes of Keras' ``get_weights``."""
    cuts = np.cumsum([part.size for part in parts])[:-1]
    return [flat.reshape(part.shape) for flat, part in zip(np.split(w, cuts), parts, strict=True)]
