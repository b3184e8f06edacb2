"""What ``fit`` does inside an epoch, for two models at once: Keras' own train_step and test_step, in one loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lrlab.core.arrays import Array
from lrlab.keras_live.data import VALIDATION_ROWS, Data, steps_per_epoch

ONE_OF_MANY = (
    keras.losses.CategoricalCrossentropy,
    keras.losses.SparseCategoricalCrossentropy,
    keras.losses.CategoricalFocalCrossentropy,
)
Logs = dict[str, float]
PIECE = 0.03  # seconds: an epoch is trained in pieces of about this length, so that it can be dropped in between


def _is_news(record: logging.LogRecord) -> bool:
    # Every trainer traces its functions once. TensorFlow takes those of many trainers for one that is traced too often.
    return "tf.function retracing" not in record.getMessage() or "Trainer." not in record.getMessage()


tf.get_logger().addFilter(_is_news)


class Trainer:
    """Models that train on the same batches. ``fit`` would call each model's train_step from a compiled loop; so does
    this, but from one loop for all of them: a call costs as much as the few small matrix products of an epoch.

    models: compiled, and alike. data: see `data.check_data`. batch_size: rows per step
    seed: which order the rows come in, another one in every epoch, as ``tf.data.Dataset.shuffle(seed=...)`` makes it

    Each model may do as it likes in a train_step or test_step of its own.
    """

    def __init__(self, models: list[keras.Model], data: Data, batch_size: int, seed: int) -> None:
        self.models = models
        self.steps = steps_per_epoch(data, batch_size)
        self._batch_size = batch_size
        self._x, self._y = tf.constant(data.x), tf.constant(data.y)  # here, or each model's graph has its own
        firsts = range(0, len(data.x_val), VALIDATION_ROWS)
        self._validation = [
            tuple(tf.constant(rows[first : first + VALIDATION_ROWS]) for rows in (data.x_val, data.y_val))
            for first in firsts
        ]
        self._orders = _Orders(len(data.x), seed)
        for model in models:
            model.optimizer.build(model.trainable_variables)
        self._first = [tf.constant(variable.numpy()) for model in models for variable in _variables(model)]
        self._eager = any(model.run_eagerly for model in models)
        # Never converted by AutoGraph, since Keras does not convert them either.
        self._train = self._compiled(self._train_step)
        self._validate = self._compiled(self._test_step)
        self._restore = self._compiled(self._assign_first)
        self._predict = self._compiled(self._call)
        self._step_seconds = np.inf  # the fastest so far: whoever is slower was kept waiting

    def start_over(self) -> None:
        """Weights, optimizers, seeds and batches as they were at first; no function is compiled again."""
        self._restore()

    def state(self) -> list[list[Array]]:
        """For each model all that it is now: its own variables (averages of batch normalisation and seeds of dropout
        among them), then its optimizer's. For `restore`.
        """
        return [[variable.numpy() for variable in _variables(model)] for model in self.models]

    def restore(self, state: list[list[Array]], optimizers: bool = True) -> None:
        """Have the models as they were. optimizers: theirs, too; otherwise these stay as they are"""
        for model, values in zip(self.models, state, strict=True):
            variables = _variables(model) if optimizers else model.variables
            for variable, value in zip(variables, values, strict=optimizers):
                variable.assign(value)
            model.reset_metrics()

    def epoch(self, number: int) -> Generator[None, None, tuple[list[Logs], Array]]:
        """All of an epoch, counted from 0, in pieces: after each, the caller may drop the rest.

        Returns for each model what ``fit`` would log of it, as far as it is single numbers, and the weights,
        (models, dim).
        """
        done = 0
        while done < self.steps:
            last = min(done + max(1, int(PIECE / self._step_seconds)), self.steps)
            began = time.perf_counter()
            logs = self.train(number, done, last)
            took = (time.perf_counter() - began) / (last - done)
            if took > 0:  # a clock may stand still, or have been set back
                self._step_seconds = min(self._step_seconds, took)
            done = last
            if done < self.steps:
                yield
        validation, weights = self.validate()
        for log, more in zip(logs, validation, strict=True):
            log |= {f"val_{name}": value for name, value in more.items()}
        return logs, weights

    def train(self, epoch: int, first: int, last: int) -> list[Logs]:
        """Take the steps ``first`` to ``last`` (not included) of an epoch, counted from 0.

        Returns for each model what ``fit`` would log of the epoch so far. `validate` ends the epoch.
        """
        order = self._orders[epoch]
        return _numbers(self._train(tf.constant(order), tf.constant(first), tf.constant(last)))

    def validate(self) -> tuple[list[Logs], Array]:
        """For each model its losses and metrics on the validation rows ("loss", "accuracy"), and its weights.

        weights: (models, dim), all trainable ones, in the order of ``model.trainable_weights``
        """
        logs, weights = self._validate()
        return _numbers(logs), weights.numpy()

    def predict(self, inputs: Array) -> Array:
        """What each model puts out for ``inputs``, (models, rows, ...); probabilities where its loss takes logits."""
        return self._predict(tf.constant(inputs)).numpy()

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function if self._eager else tf.function(function, autograph=False)

    def _train_step(self, order: tf.Tensor, first: tf.Tensor, last: tf.Tensor) -> list[dict[str, Any]]:
        with _the_only_replica():
            return [self._train_one(model, order, first, last) for model in self.models]

    def _train_one(self, model: keras.Model, order: tf.Tensor, first: tf.Tensor, last: tf.Tensor) -> dict[str, Any]:
        x, y = self._x, self._y

        def step(rows: tf.Tensor) -> dict[str, Any]:
            return model.train_step((tf.gather(x, rows), tf.gather(y, rows)))

        if not self._eager:
            signature = [tf.TensorSpec((None,), order.dtype)]
            step = tf.function(step, autograph=False, input_signature=signature, jit_compile=model.jit_compile)

        def batch(number: tf.Tensor) -> tf.Tensor:
            return order[number * self._batch_size : (number + 1) * self._batch_size]

        def one_more(number: tf.Tensor) -> tuple[tf.Tensor]:
            step(batch(number))
            return (number + 1,)

        tf.while_loop(lambda number: number < last - 1, one_more, [first])
        return step(batch(last - 1))  # what the last step logs is what ``fit`` logs

    def _test_step(self) -> tuple[list[dict[str, Any]], tf.Tensor]:
        logs = []
        for model in self.models:
            model.reset_metrics()
            for rows in self._validation:
                log = model.test_step(rows)
            model.reset_metrics()  # for the next epoch
            logs.append(log)
        flat = [tf.concat([tf.reshape(w, [-1]) for w in model.trainable_weights], 0) for model in self.models]
        return logs, tf.stack(flat)

    def _call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.stack([_probabilities(model, model(inputs, training=False)) for model in self.models])

    def _assign_first(self) -> None:
        variables = [variable for model in self.models for variable in _variables(model)]
        for variable, value in zip(variables, self._first, strict=True):
            variable.assign(value)
        for model in self.models:
            model.reset_metrics()


class _Orders:
    """In which order the rows come in each epoch, (rows,) each: those that tf.data makes of a seed."""

    def __init__(self, rows: int, seed: int) -> None:
        options = tf.data.Options()
        options.autotune.enabled = False  # it has a thread, and whoever frees the iterator waits for it: seconds
        epochs = tf.data.Dataset.range(rows).shuffle(rows, seed=seed).batch(rows).repeat()
        self._known: list[Array] = []
        self._next = iter(epochs.with_options(options))

    def __getitem__(self, epoch: int) -> Array:
        while len(self._known) <= epoch:
            self._known.append(next(self._next).numpy())
        return self._known[epoch]


class _OnlyReplica(tf.distribute.ReplicaContext):
    """Where there is one replica, the sum over all is its own value.

    TensorFlow's own `all_reduce` says the same in a custom gradient, and registers each for good: with it the graph
    that it stands in, so all that was ever trained, some 5 MB for a pair of models.
    """

    def all_reduce(self, reduce_op: tf.distribute.ReduceOp, value: Any, options: Any = None) -> Any:
        return value


def _the_only_replica() -> AbstractContextManager[Any]:
    if tf.distribute.has_strategy():  # there may be others
        return nullcontext()
    return _OnlyReplica(tf.distribute.get_strategy(), 0)


def _variables(model: keras.Model) -> list[Any]:
    # All of the model's, so batch normalisation's averages and the seeds of dropout too; then the optimizer's.
    return [*model.variables, *model.optimizer.variables]


def _probabilities(model: keras.Model, outputs: tf.Tensor) -> tf.Tensor:
    if not getattr(model.loss, "from_logits", False):
        return outputs
    one_of_many = isinstance(model.loss, ONE_OF_MANY)  # otherwise each output is a probability by itself
    return tf.nn.softmax(outputs) if one_of_many else tf.sigmoid(outputs)


def _numbers(logs: list[dict[str, Any]]) -> list[Logs]:
    """What ``fit`` logs, as far as it is one number: F1Score, say, has one for each class, which make no curve."""
    arrays = [{name: np.asarray(value) for name, value in log.items()} for log in logs]
    return [{name: float(value.item()) for name, value in log.items() if _is_number(value)} for log in arrays]


def _is_number(value: Array) -> bool:
    return value.size == 1 and value.dtype.kind in "biuf"
