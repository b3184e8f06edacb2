"""Whole jobs of one Keras model, for the `Worker`: each from the same first weights, each to its last epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.jobs import Job, job_of
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.history import History
from lrlab.keras_live.quietly import quietly
from lrlab.keras_live.session import BUILDING_ONE, AnySession
from lrlab.keras_live.worker import Look


class JobsSeen(NamedTuple):
    """What there is of some jobs at one moment: as `Seen`, of the present one, and the records of those before it.

    seconds: spent on all of them
    """

    doing: str
    history: History
    epochs: int
    seconds: float
    done: tuple[History, ...]


class JobsSession(AnySession):
    """A session with a `JobChain`, which trains whole runs only. The model is built once for all of them."""

    _building = BUILDING_ONE

    def jobs(
        self, rules: Sequence[dict[str, float]], epochs: int, own: Rule | None = None, **values: Any
    ) -> Callable[[], Iterator[Look | None]]:
        """Train a job of so many epochs for each of ``rules``, which are arguments of `Settings`; a factor of 1 is a
        constant job. own: a rule of the user's own that sets the rate instead. values: batch_size and seed
        """
        return partial(self._train, list(rules), epochs, own, values)

    def _load(self) -> Callable[..., Any]:
        return quietly("chain").JobChain

    def _train(
        self, rules: list[dict[str, float]], epochs: int, own: Rule | None, values: dict[str, Any]
    ) -> Iterator[Look | None]:
        yield from self._build(values | {"alpha": rules[0]["alpha"]})
        done: list[History] = []
        seconds = 0.0
        for rule in rules:
            self.built.start_over(Settings(**rule), own)
            history = self.built.history
            for _ in range(epochs):
                began = time.perf_counter()
                yield from self.built.epoch()
                seconds += time.perf_counter() - began
                yield partial(JobsSeen, "", history, history.epochs, seconds, tuple(done))
            done.append(history)
            yield partial(JobsSeen, "", history, history.epochs, seconds, tuple(done))


def metric_of(history: History) -> str:
    """The name of the metric that jobs are judged by, as ``fit`` logs it: an accuracy; "" where there is none.

    Of other metrics nobody can tell whether more is better.
    """
    names = history.logs(1)[0]
    return next((name for name in names if name.startswith("val_") and "acc" in name), "")


def job_in(history: History, epochs: int, kind: str) -> Job:
    """The job that has such a record, after so many epochs."""
    metric = metric_of(history) if epochs else ""
    scores = np.array(history.logs(epochs)[0][metric]) if metric else None
    return job_of(kind, history.run(epochs), scores)
