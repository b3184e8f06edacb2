"""One Keras model, trained again and again from the same weights, each time with other settings of the callback."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.checks import GetModel
from lrlab.keras_live.data import Data
from lrlab.keras_live.own import OwnRule
from lrlab.keras_live.trainer import Logs
from lrlab.keras_live.twins import callback_of, new_trainer, rate_of

Lists = dict[str, list[float]]  # what ``fit`` has in ``history.history``
_NUMBERED = re.compile(r'"([a-z]\w*?)_\d+"')  # "dense_7": Keras counts all the layers that a process has made


class Solo:
    """A model that ``get_model`` made, with the weights and batches that `Twins` of the same seed have.

    get_model, data, alpha, batch_size, seed: as for `Twins`

    fingerprint: the same for models of the same layers, loss and optimizer, as far as their configuration tells
    """

    def __init__(self, get_model: GetModel, data: Data, alpha: float, batch_size: int, seed: int) -> None:
        self._trainer = new_trainer(get_model, data, alpha, batch_size, seed, models=1)
        (self.model,) = self._trainer.models
        self.fingerprint = _fingerprint(self.model)

    def train(
        self, settings: Settings, epochs: int, dropped: Callable[[], bool] = lambda: False, rule: Rule | None = None
    ) -> tuple[float, Lists, float] | None:
        """From the first weights, as run 1 of a pair, with the real callback; a factor of 1 is the constant run.

        rule: of the user's own, sets the rate in the callback's place.
        dropped: asked again and again whether nobody wants to know any more; if so, returns None.

        Returns the validation loss at the start, what ``fit`` would have in ``history.history``, and the final rate.
        """
        self._trainer.start_over()
        self.model.optimizer.learning_rate = float(settings.alpha[1])
        start = self._trainer.validate()[0][0]["loss"]
        callback = callback_of(settings) if rule is None else OwnRule(rule, start)
        if callback is not None:
            callback.set_model(self.model)
            callback.on_train_begin()
        history: Lists = {}
        for epoch in range(epochs):
            rate = rate_of(self.model)
            logs = self._epoch(epoch, dropped)
            if logs is None:
                return None
            logs["learning_rate"] = rate
            if callback is not None:
                callback.on_epoch_end(epoch, logs)
            for name, value in logs.items():
                history.setdefault(name, []).append(float(value))
        return start, history, rate_of(self.model)

    def _epoch(self, number: int, dropped: Callable[[], bool]) -> Logs | None:
        """What ``fit`` would log of an epoch; None if it was dropped between two of its pieces."""
        pieces = self._trainer.epoch(number)
        while not dropped():
            try:
                next(pieces)
            except StopIteration as end:
                (logs,), _ = end.value
                return logs
        return None


def _fingerprint(model: keras.Model) -> str:
    optimizer = model.optimizer.get_config()
    optimizer.pop("learning_rate", None)  # alpha, which is a setting
    try:
        layers = model.get_config()
    except Exception:  # a class of the user's own has none
        layers = [type(layer).__name__ for layer in model.layers]
    shapes = [list(weight.shape) for weight in model.weights]
    parts = [type(model).__name__, layers, shapes, type(model.optimizer).__name__, optimizer, model.loss]
    text = json.dumps(parts, sort_keys=True, default=_plain)
    return hashlib.sha256(_NUMBERED.sub(r'"\1"', text).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """What a configuration may hold besides plain data, without anything that another process would have otherwise."""
    if hasattr(value, "get_config"):
        return [type(value).__name__, value.get_config()]
    if hasattr(value, "__array__"):
        return np.asarray(value).tolist()
    return getattr(value, "__name__", type(value).__name__)
