"""A plateau run of one Keras model, and then the constant-rate jobs that it is made of, each trained by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import keras
import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.plateau import Plateau
from lrlab.core.run import Run, Segment
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.checks import GetModel
from lrlab.keras_live.data import Data
from lrlab.keras_live.history import History
from lrlab.keras_live.own import OwnRule
from lrlab.keras_live.trainer import Logs
from lrlab.keras_live.twins import callback_of, few, new_trainer, rate_of
from lrlab.studies.chain import Chain, compare, largest_difference

CONSTANT = Settings(1.0, 1, 1)


class Trained(NamedTuple):
    """Jobs as far as they are trained: their record, and the chain that it makes once it is as long as the run."""

    run: Run
    chain: Chain | None


class JobChain:
    """One model that ``get_model`` made, with the weights and batches that `Twins` of the same seed have.

    get_model, data, alpha, batch_size, seed: as for `Twins`

    history: the `History` of the plateau run, which Keras' own callback cuts
    own: that of a run from the same start whose rate a rule of the user's own sets; None while none has been begun
    jobs: that of the jobs, or None while none has been begun. Each begins with the model and the optimizer as they were
        when they were built; then it is given the weights that the job before it ended with, and all else that belongs
        to the model (averages of batch normalisation, seeds of dropout). The optimizer's state is handed on too, or it
        is not: that is the question. No callback, one rate, and the batches of the epochs that it stands for.
    state: what the optimizer remembers besides its rate and how many steps it took: "momentum", "moments", ..., or ""
    """

    def __init__(self, get_model: GetModel, data: Data, alpha: float, batch_size: int, seed: int) -> None:
        self._trainer = new_trainer(get_model, data, alpha, batch_size, seed, models=1)
        (self.model,) = self._trainer.models
        self.state = state_of(self.model.optimizer)
        self.start_over(Settings(alpha, 1.0, 1))

    def start_over(self, settings: Settings, rule: Rule | None = None) -> None:
        """The model as it was at first, and these settings, of length 1. rule: sets the rate in the callback's place

        Raises `core.schedules.RuleError` where ``rule`` fails.
        """
        self._rule = Plateau(settings)  # which epochs brought a new best; the rates are Keras'
        self.history, self._last, self._callback = self._begin_run(settings, rule)
        self._end: Any = None  # what the model was at the end of the run, while others are trained with it
        self.own: History | None = None
        self.jobs: History | None = None

    def epoch(self) -> Iterator[None]:
        """Train the plateau run for one epoch more, in pieces: after each, the caller may start over."""
        if self._end is not None:
            self._trainer.restore(self._end)
            self._end = None
        self.own = self.jobs = None
        self._last = yield from self._epoch_of(self.history, self._callback, self._rule)

    def start_own(self, rule: Rule) -> None:
        """Begin a run from the same start, whose rate ``rule`` sets. Raises RuleError where that one fails."""
        self._leave_the_run()
        settings = replace(self.history.settings, factor=1.0)
        self._own_rule = Plateau(settings)
        self.own, _, self._own_callback = self._begin_run(settings, rule)

    def own_epoch(self) -> Iterator[None]:
        """Train that run for one epoch more, in pieces."""
        yield from self._epoch_of(self.own, self._own_callback, self._own_rule)

    def start_jobs(self, carry: bool) -> None:
        """Begin the first job of the run as far as it is trained. carry: whether optimizers hand on their state"""
        self._leave_the_run()
        self._carry = carry
        self._segments = {segment.first - 1: segment for segment in self.run().segments(0)}
        self._begin(self._segments[0].rate)
        (logs,), self._last_job = self._trainer.validate()
        self.jobs = self._new_history(self.history.settings, logs, self._last_job)

    def job_epoch(self) -> Iterator[None]:
        """Train the jobs for one epoch more, in pieces; where one has had its epochs, the next one begins."""
        done = self.jobs.epochs
        if done in self._segments:
            self._begin_job(self._segments[done])
        rate = rate_of(self.model)
        (logs,), weights = yield from self._trainer.epoch(done)
        upcoming = self._segments.get(done + 1)
        after = rate if upcoming is None else upcoming.rate
        self._last_job = _append(self.jobs, logs | {"learning_rate": rate}, self._job_rule, after, weights)

    def run(self) -> Run:
        """The record of the plateau run so far: one run."""
        return self.history.run(self.history.epochs)

    def trained(self) -> Trained | None:
        """The jobs so far; a chain once they are as long as the run. None where none has been begun."""
        if self.jobs is None:
            return None
        run, whole = self.run(), self.jobs.run(self.jobs.epochs)
        if whole.epochs < run.epochs:
            return Trained(whole, None)
        chain = compare(run, whole)
        # Of a large model weights are not kept for every epoch, but the last ones always are.
        apart = max(chain.weights, largest_difference(self._last, self._last_job))
        return Trained(whole, chain._replace(weights=apart))

    def _leave_the_run(self) -> None:
        """Keep what the model is at the end of the run: another is trained with it now."""
        if self._end is None:
            self._end = self._trainer.state()
        self.jobs = None

    def _epoch_of(self, history: History, callback: Any, rule: Plateau) -> Iterator[None]:
        """Train an epoch with a callback, and write it down. Returns the weights after it."""
        rate = rate_of(self.model)
        (logs,), weights = yield from self._trainer.epoch(history.epochs)
        logs["learning_rate"] = rate
        if callback is not None:
            callback.on_epoch_end(history.epochs, logs)
        return _append(history, logs, rule, rate_of(self.model), weights)

    def _begin_run(self, settings: Settings, rule: Rule | None) -> tuple[History, Array, Any]:
        """The model as it was at first, under Keras' callback or a rule of one's own: record, weights, callback."""
        self._begin(float(settings.alpha[0]))
        (logs,), weights = self._trainer.validate()
        callback = callback_of(settings, 0) if rule is None else OwnRule(rule, logs["loss"])
        if callback is not None:
            callback.set_model(self.model)
            callback.on_train_begin()
        return self._new_history(settings, logs, weights), weights, callback

    def _begin(self, rate: float) -> None:
        """The model and its optimizer as they were built, with this rate."""
        self._trainer.start_over()
        self.model.optimizer.learning_rate = rate

    def _begin_job(self, job: Segment) -> None:
        if job.first > 1:
            handed = self._trainer.state()
            self._begin(job.rate)
            self._trainer.restore(handed, optimizers=self._carry)
            self.model.optimizer.learning_rate = job.rate
        self._job_rule = Plateau(CONSTANT)

    def _new_history(self, settings: Settings, logs: Logs, weights: Array) -> History:
        return History(settings, np.array([logs["loss"]]), few(weights), [rate_of(self.model)])


def state_of(optimizer: keras.optimizers.Optimizer) -> str:
    """What an optimizer remembers besides its rate and how many steps it took, in a word; "" where it is nothing."""
    if len(optimizer.variables) <= 2:  # the number of steps, and the rate
        return ""
    name = type(optimizer).__name__
    return "momentum" if name == "SGD" else "moments" if "adam" in name.lower() else "state"


def _append(history: History, logs: Logs, rule: Plateau, rate: float, weights: Array) -> Array:
    """One epoch more in a record; returns the weights after it. rate: in force from then on"""
    rule.step(np.array([logs["val_loss"]]))
    history.append([logs], rule.improved.copy(), [rate], few(weights))
    return weights
