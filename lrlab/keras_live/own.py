"""A rule of the user's own, as a Keras callback."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lrlab.core.schedules import Rule, next_rate


class OwnRule(keras.callbacks.Callback):
    """Sets the learning rate before the first epoch and after each one to what ``rule`` says of the validation losses.

    rule: see `lrlab.schedules`. start: the validation loss before the first epoch

    Works with ``fit`` as well. Raises `lrlab.schedules.RuleError` where the rule fails.
    """

    def __init__(self, rule: Rule, start: float) -> None:
        super().__init__()
        self._rule, self._losses = rule, [float(start)]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        del self._losses[1:]
        self._set()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._losses.append(float((logs or {})["val_loss"]))
        self._set()

    def _set(self) -> None:
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate.numpy())
        optimizer.learning_rate = next_rate(self._rule, rate, np.array(self._losses))
