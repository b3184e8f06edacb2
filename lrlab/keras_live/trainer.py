"""One compiled Keras model, trained an epoch at a time, with nothing but Keras' own functions, and started over."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lrlab.core.arrays import Array
from lrlab.keras_live.data import Data, batches, steps_per_epoch

Logs = dict[str, float]


class Trainer:
    """A model with its data and, perhaps, a callback: what ``model.fit`` does between two epochs, as a method.

    ``fit`` with ``epochs=1`` in a loop would be slow, and would start the callback anew every time. This calls the
    functions that ``fit`` calls (``train_function`` and ``test_function``), each once an epoch, for all batches.

    model: compiled
    callback: `keras.callbacks.ReduceLROnPlateau`, or None
    """

    def __init__(self, model: keras.Model, data: Data, batch_size: int, seed: int) -> None:
        self.model = model
        self._batches = batches(data, batch_size, seed)
        self._validation = iter(tf.data.Dataset.from_tensors((data.x_val, data.y_val)).repeat())
        self._first = self._state()
        self._compile(steps_per_epoch(data, batch_size))
        self.callback: keras.callbacks.ReduceLROnPlateau | None = None
        self.start_over(float(model.optimizer.learning_rate.numpy()), None)

    def start_over(self, alpha: float, callback: keras.callbacks.ReduceLROnPlateau | None) -> None:
        """Weights, optimizer, seeds, batches and metrics as they were at first; no function is compiled again."""
        for variable, value in zip(self._variables(), self._first, strict=True):
            variable.assign(value)
        self.model.optimizer.learning_rate = alpha
        self.callback, self.epochs = callback, 0
        self.model.stop_training = False
        self._rows = iter(self._batches)
        if callback is not None:
            callback.set_model(self.model)
            callback.on_train_begin()

    def epoch(self) -> Logs:
        """Train for one epoch, validate, and let the callback act. Returns what ``fit`` would log."""
        self._reset_metrics()
        logs = _numbers(self.model.train_function(self._rows))
        logs |= self.validate()
        logs["learning_rate"] = self.rate
        if self.callback is not None:
            self.callback.on_epoch_end(self.epochs, logs)
        self.epochs += 1
        return logs

    def validate(self) -> Logs:
        """Loss and metrics on the validation rows, named as in ``fit``: "val_loss"."""
        self._reset_metrics()
        return {f"val_{name}": value for name, value in _numbers(self.model.test_function(self._validation)).items()}

    @property
    def rate(self) -> float:
        """The learning rate in force: a float32 number."""
        return float(self.model.optimizer.learning_rate.numpy())

    @property
    def weights(self) -> Array:
        """All trainable weights in one array, (dim,), in the order of ``model.trainable_weights``."""
        return np.concatenate([weight.numpy().ravel() for weight in self.model.trainable_weights])

    def _compile(self, steps: int) -> None:
        """Have Keras make its functions, and trace them: one call for all batches of an epoch, one for validation."""
        model = self.model
        self._reset_metrics = tf.function(model.reset_metrics)
        model.steps_per_execution = steps
        model.make_train_function(force=True)
        model.train_function(iter(self._batches))
        model.steps_per_execution = 1  # read when a function is traced, so the one above keeps its own
        model.make_test_function(force=True)
        self.validate()

    def _variables(self) -> list[Any]:
        # All of the model's, so batch normalisation's averages and the seeds of dropout too; then the optimizer's.
        return [*self.model.variables, *self.model.optimizer.variables]

    def _state(self) -> list[Array]:
        self.model.optimizer.build(self.model.trainable_variables)
        return [np.array(variable.numpy()) for variable in self._variables()]


def _numbers(logs: dict[str, Any]) -> Logs:
    return {name: float(value) for name, value in logs.items()}
