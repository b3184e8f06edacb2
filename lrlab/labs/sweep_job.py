"""The long job of KerasSweepLab: cell after cell in a thread, and how far it is, in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from lrlab.keras_live.cells import Cell
from lrlab.keras_live.errors import explain
from lrlab.keras_live.worker import Look, State
from lrlab.labs.progress import time_in_words

STARTING = "Starting. A process that trains has to load TensorFlow first: some seconds, once …"


def job(cells: Iterator[Cell], own: Callable[[], None]) -> Iterator[Look]:
    """For the `Worker`: after each cell, how many are finished, and in how many seconds since the first.

    own: trains the third run, at the very end
    """
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
            return f"{so_far} · {'finishing' if ending == 'pause' else 'dropping'} those under way …"
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
        return f"{'paused' if ending == 'pause' else 'cancelled'} after {so_far}; they are kept"
    return so_far if done else f"{goal} cells to train, the constant run included"


def told_of(error: BaseException) -> str:
    """What a sweep raises itself is in words already."""
    return str(error) if isinstance(error, (RuntimeError, ValueError)) else explain(error)
