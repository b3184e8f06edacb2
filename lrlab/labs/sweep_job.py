"""The long job of KerasSweepLab: cell after cell in a thread, then the third run; and how far it is, in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.keras_live.cells import Cell
from lrlab.keras_live.errors import explain
from lrlab.keras_live.spread import told_here
from lrlab.keras_live.sweep import KerasSweep
from lrlab.keras_live.worker import Look, State, Worker
from lrlab.widgets.progress import time_in_words

STARTING = "Starting. A process that trains has to load TensorFlow first: some seconds, once …"
PAUSE, CANCEL = "pause", "cancel"


class SweepJob:
    """What a `Worker` trains for a lab: the cells of a sweep that are left, and then the run of the user's own rule.

    ending: how the job was told to end: PAUSE, CANCEL, or "" where it was not
    rule: of the third run that is trained last, None where there is none
    own_runs: third runs, by all that they depend on; the last part of such a key is the rule, None where there is none
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._sweep: KerasSweep | None = None  # the one at work, or the last one that was
        self._next: Callable[[], None] | None = None  # begins what waits until that has ended
        self._told_at_first = told_here()
        self.ending = ""
        self.rule: Rule | None = None
        self.own_runs: dict[Any, Run] = {}

    def start(self, sweep: KerasSweep, key: Any) -> None:
        """Train what is left of it: now, or, where a job is being ended, when that has, see ``go_on``. key: of the
        third run
        """
        if not (sweep.left or self.misses(key) or sweep.unwritten):
            return
        backend, n_jobs = told_here() or self._told_at_first or (None, None)  # in this thread, which has asked
        begin = partial(self._begin, sweep, key, sweep.run(n_jobs, backend))
        if not self._worker.busy:
            begin()
        elif self.ending:
            self._next = begin

    def go_on(self) -> bool:
        """Begin what was to wait until a job has ended, if it has. Returns whether there was such."""
        if self._next is None or self._worker.busy:
            return False
        self._next()
        return True

    def _begin(self, sweep: KerasSweep, key: Any, cells: Iterator[Cell]) -> None:
        self._next = None
        self._sweep, self.ending, self.rule = sweep, "", key[-1]
        self._worker.start(lambda: job(cells, lambda: self._train_own(sweep, key)))

    def end(self, how: str) -> None:
        """End what is at work. how: PAUSE, where cells under way are finished, or CANCEL"""
        self._next = None
        if self._worker.busy:
            self.ending = how
            (self._sweep.pause if how == PAUSE else self._sweep.cancel)()

    def drop(self) -> None:
        """Cancel it where it is at work: other settings are wanted, and it would go on with those that it has."""
        self.end(CANCEL)
        if not self._worker.busy:
            self.ending = ""

    def misses(self, key: Any) -> bool:
        """Whether there is to be a third run, and it has not been trained yet."""
        return key[-1] is not None and key not in self.own_runs

    def _train_own(self, sweep: KerasSweep, key: Any) -> None:
        """In the worker's thread."""
        if not self.misses(key) or sweep.left or self.ending:
            return
        run = sweep.run_by(key[-1])
        if run is not None:
            self.own_runs[key] = run


def job(cells: Iterator[Cell], own: Callable[[], None]) -> Iterator[Look]:
    """After each cell, how many are finished, and in how many seconds since the first. own: what to do at the end"""
    yield lambda: (0, 0.0)
    first = 0.0
    for count, _ in enumerate(cells, start=1):
        first = first or time.monotonic()
        yield partial(_both, count, time.monotonic() - first)
    own()


def _both(count: int, seconds: float) -> tuple[int, float]:
    return count, seconds


def in_words(done: int, goal: int, ending: str, state: State, own_missing: bool) -> str:
    """How far the job is, how fast it goes, and how long it will take."""
    so_far = f"{done} of {goal} cells"
    if state.busy and done == goal:
        return f"all {goal} cells are trained; now the third run"
    if state.busy:
        count, seconds = state.latest or (0, 0.0)
        if ending:
            return f"{so_far} · {'finishing' if ending == PAUSE else 'dropping'} those under way …"
        if count < 2 or seconds < 1:  # the first ones come together, one from each process: no pace can be told
            return so_far if count else STARTING
        pace = (count - 1) / seconds
        speed = f"{pace:.1f} cells a second" if pace >= 1 else f"{time_in_words(1 / pace)} a cell"
        return f"{so_far} · {speed} · {time_in_words((goal - done) / pace)} left"
    if state.error is not None and done < goal:
        return f"stopped by an error after {so_far}"
    if done == goal:
        return f"all {goal} cells are trained{', and the third run is not yet: press Start' if own_missing else ''}"
    if ending and done:
        return f"{'paused' if ending == PAUSE else 'cancelled'} after {so_far}; they are kept"
    return so_far if done else f"{goal} cells to train, the constant run included"


def told_of(error: BaseException) -> str:
    """What a sweep raises itself is in words already."""
    return str(error) if isinstance(error, (RuntimeError, ValueError)) else explain(error)
