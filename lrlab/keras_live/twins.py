"""Two runs of one Keras model, from the same weights, on the same batches: a constant rate, and one cut on plateaus."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.plateau import Plateau
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.keras_live.checks import GetModel, build
from lrlab.keras_live.data import Data
from lrlab.keras_live.trainer import Logs, Trainer

# Weights are kept for every epoch of small models only: a thousand epochs of both runs up to so many numbers.
MAX_WEIGHTS = 2_000_000


class Twins:
    """Two models that ``get_model`` made, trained in step; the second with `keras.callbacks.ReduceLROnPlateau`.

    get_model: alpha -> compiled model. data: see `data.check_data`
    batch_size: rows per step. seed: which batches, and the initial weights where the model's layers have no seed

    trainers: constant and plateau. history: for each, what ``fit`` would have in ``history.history``
    """

    def __init__(self, get_model: GetModel, data: Data, alpha: float, batch_size: int = 32, seed: int = 0) -> None:
        keras.utils.set_random_seed(seed)
        models = [build(get_model, alpha) for _ in range(2)]
        for to, value in zip(models[1].variables, models[0].variables, strict=True):
            to.assign(value)
        self.trainers = [Trainer(model, data, batch_size, seed) for model in models]
        self.start_over(Settings.pair(alpha, 1.0, 1))

    def start_over(self, settings: Settings) -> None:
        """Both models as they were at first, and these settings: run 0 without a callback, run 1 with it."""
        self.settings = settings
        self._rule = Plateau(settings)  # which epochs brought a new best; the rates are Keras'
        constant, plateau = self.trainers
        constant.start_over(float(settings.alpha[0]), None)
        plateau.start_over(float(settings.alpha[1]), callback_of(settings))
        self.history: tuple[dict[str, list[float]], dict[str, list[float]]] = ({}, {})
        self._improved: list[Array] = []
        self._weights = [self._current_weights()]
        self._before = [trainer.validate()["val_loss"] for trainer in self.trainers]

    def epoch(self) -> None:
        """Train both for one epoch more."""
        logs = [trainer.epoch() for trainer in self.trainers]
        self._rule.step(np.array([log["val_loss"] for log in logs]))
        self._improved.append(self._rule.improved)
        self._weights.append(self._current_weights())
        for history, log in zip(self.history, logs, strict=True):
            _append(history, log)

    @property
    def epochs(self) -> int:
        """How many have been trained."""
        return len(self._improved)

    def run(self) -> Run:
        """The record so far. loss is what Keras logs: the mean over an epoch's batches, each before its step; in row 0
        it is the validation loss: nothing has been trained on yet. Where weights are too many to keep, w has dim 0.
        """
        watched, loss, lr = (
            np.array([history.get(name, []) for history in self.history], np.float64).T.reshape(self.epochs, 2)
            for name in ("val_loss", "loss", "learning_rate")
        )
        final = np.array([trainer.rate for trainer in self.trainers], np.float32)
        return Run(
            w=np.array(self._weights),
            loss=np.vstack([self._before, loss]),
            watched=np.vstack([self._before, watched]),
            lr=lr.astype(np.float32),
            final_lr=final,
            improved=np.array(self._improved, bool).reshape(self.epochs, 2),
            settings=self.settings,
        )

    def _current_weights(self) -> Array:
        weights = np.stack([trainer.weights for trainer in self.trainers])
        return weights if weights.size * 1000 < MAX_WEIGHTS else weights[:, :0]


def callback_of(settings: Settings) -> keras.callbacks.ReduceLROnPlateau | None:
    """Keras' own callback, with the settings of run 1. None for a factor of 1, which Keras refuses: it cuts nothing."""
    rule: dict[str, Any] = {name: getattr(settings, name)[1].item() for name in ARGUMENTS}
    return None if rule["factor"] == 1 else keras.callbacks.ReduceLROnPlateau(monitor="val_loss", verbose=0, **rule)


ARGUMENTS = ("factor", "patience", "min_delta", "cooldown", "min_lr")


def _append(history: dict[str, list[float]], logs: Logs) -> None:
    for name, value in logs.items():
        history.setdefault(name, []).append(value)
