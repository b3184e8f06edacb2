"""Runs of one Keras model, from the same weights, on the same batches: a constant rate, and one cut on plateaus.

There may be a third, whose rate comes from a rule of the user's own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import keras
import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.plateau import Plateau
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.checks import GetModel, build, check_apart
from lrlab.keras_live.data import Data
from lrlab.keras_live.history import History
from lrlab.keras_live.own import OwnRule
from lrlab.keras_live.trainer import Logs, Trainer

# Weights are kept for every epoch of small models only: a thousand epochs of all runs up to so many numbers.
MAX_WEIGHTS = 2_000_000
TRIES = 3  # to build models that are the same
one_at_a_time = Lock()  # seeds and TensorFlow's tracing are global


class Twins:
    """Models that ``get_model`` made, trained in step; the second with `keras.callbacks.ReduceLROnPlateau`.

    get_model: alpha -> compiled model. data: see `data.check_data`
    batch_size: rows per step. seed: which batches, and the initial weights where the model's layers have no seed
    runs: 2, or 3 for a rule of the user's own

    models: constant, plateau, and the third. history: the `History` so far
    """

    def __init__(
        self, get_model: GetModel, data: Data, alpha: float, batch_size: int = 32, seed: int = 0, runs: int = 2
    ) -> None:
        self._trainer = new_trainer(get_model, data, alpha, batch_size, seed, runs)
        self.models = self._trainer.models
        self.start_over(Settings(np.full(runs, alpha), 1.0, 1))

    def start_over(self, settings: Settings, rule: Rule | None = None) -> None:
        """All models as they were at first, and these settings: run 0 without a callback, run 1 with it.

        rule: of run 2, where there is one. Raises RuleError where it fails.
        """
        self._trainer.start_over()
        for model, alpha in zip(self.models, settings.alpha, strict=True):
            model.optimizer.learning_rate = float(alpha)
        self._rule = Plateau(settings)  # which epochs brought a new best; the rates are Keras'
        logs, weights = self._trainer.validate()
        losses = np.array([log["loss"] for log in logs])
        self._callbacks = {1: callback_of(settings), 2: None if rule is None else OwnRule(rule, losses[-1])}
        for i, callback in self._callbacks.items():
            if callback is not None:
                callback.set_model(self.models[i])
                callback.on_train_begin()
        self._rates = [rate_of(model) for model in self.models]  # in force; nobody but the callbacks changes one
        self.history = History(settings, losses, few(weights), self._rates)

    def epoch(self) -> Iterator[None]:
        """Train all for one epoch more, in pieces: after each, the caller may drop the rest, and start over."""
        self._end_epoch(*(yield from self._trainer.epoch(self.history.epochs)))

    def predict(self, inputs: Array) -> Array:
        """What the models put out for ``inputs``, (runs, rows, ...); probabilities where their loss takes logits."""
        return self._trainer.predict(inputs)

    def run(self) -> Run:
        """The record so far."""
        return self.history.run(self.history.epochs)

    def _end_epoch(self, logs: list[Logs], weights: Array) -> None:
        """What ``fit`` does when an epoch has been trained and validated."""
        for rate, log in zip(self._rates, logs, strict=True):
            log["learning_rate"] = rate
        for i, callback in self._callbacks.items():
            if callback is not None:
                callback.on_epoch_end(self.history.epochs, logs[i])
                self._rates[i] = rate_of(self.models[i])
        self._rule.step(np.array([log["val_loss"] for log in logs]))
        self.history.append(logs, self._rule.improved, self._rates, few(weights))


def new_trainer(get_model: GetModel, data: Data, alpha: float, batch_size: int, seed: int, models: int) -> Trainer:
    """So many models that are the same, their functions compiled, and everything as it was at first."""
    with one_at_a_time, generators_given_back():
        # Two at least: a model that was there before has learned already, which only another call tells.
        built = _alike(get_model, data, alpha, seed, max(models, 2))
        check_apart(built)
        first, *others = built = built[:models]
        for model in others:
            for to, value in zip(model.variables, first.variables, strict=True):
                to.assign(value)
        trainer = Trainer(built, data, batch_size, seed)
        trainer.train(0, 0, 1)  # compiles, as do the next two
        trainer.validate()
        trainer.start_over()
    return trainer


def _alike(get_model: GetModel, data: Data, alpha: float, seed: int, count: int) -> list[keras.Model]:
    """Models that were built from the seed, with the same weights if that is to be had: not of one that draws unseeded.

    Keras draws from Python's ``random``, which all threads share. Those of dask draw from it when a worker has died,
    and a model built at that moment has other weights than the seed's. Models that are equal were not disturbed.
    """
    for _ in range(TRIES):
        built = []
        for _ in range(count):
            keras.utils.set_random_seed(seed)
            built.append(build(get_model, alpha))
            built[-1](data.x[:1], training=False)  # a model that has not seen its inputs yet has no weights
        if len({tuple(value.numpy().tobytes() for value in model.variables) for model in built}) == 1:
            break
    return built


def callback_of(settings: Settings, run: int = 1) -> keras.callbacks.ReduceLROnPlateau | None:
    """Keras' own callback, with the settings of a run. None for a factor of 1, which Keras refuses: it cuts nothing."""
    rule: dict[str, Any] = {name: getattr(settings, name)[run].item() for name in ARGUMENTS}
    return None if rule["factor"] == 1 else keras.callbacks.ReduceLROnPlateau(monitor="val_loss", verbose=0, **rule)


ARGUMENTS = ("factor", "patience", "min_delta", "cooldown", "min_lr")


@contextmanager
def generators_given_back() -> Iterator[None]:
    """Python's and NumPy's are the user's again afterwards, whatever seed was set."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def rate_of(model: keras.Model) -> float:
    """The learning rate in force: a float32 number."""
    return float(model.optimizer.learning_rate.numpy())


def few(weights: Array) -> Array:
    """The weights, (runs, dim), if they are few enough to be kept for every epoch; otherwise (runs, 0)."""
    return weights if weights.size * 1000 < MAX_WEIGHTS else weights[:, :0]
