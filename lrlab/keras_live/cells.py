"""One cell of a sweep, and what trains it, in whatever process joblib has it done.

Nothing here imports TensorFlow before the first cell is trained.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.data import check_data
from lrlab.keras_live.errors import explain
from lrlab.keras_live.session import load_twins

if TYPE_CHECKING:
    from lrlab.keras_live.solo import Solo


class Cell(NamedTuple):
    """One run of a sweep. The constant run of a seed has factor 1, and patience 1, which means nothing then."""

    seed: int
    factor: float
    patience: int


class Result(NamedTuple):
    """What a run left behind: plain numbers.

    start: the validation loss before the first epoch
    history: what ``model.fit`` would have in ``history.history``: lists by name, one number an epoch
    final_rate: in force after the last epoch
    model: the fingerprint of the model, see `solo.Solo`
    """

    cell: Cell
    start: float
    history: dict[str, list[float]]
    final_rate: float
    model: str


class Task(NamedTuple):
    """All that is needed to train a cell anywhere.

    payload: ``(get_model, data)``, pickled by value. Bytes: joblib's dask backend would keep anything else that is
        large on one worker, and lose it with that worker. digest: of the payload
    shared: alpha, epochs, batch_size, min_delta, cooldown, min_lr
    stop: a file; once it is there, nobody wants the cell any more. parent: the process that asks
    """

    cell: Cell
    payload: bytes
    digest: str
    shared: dict[str, Any]
    stop: str
    parent: int


def train_cell(task: Task) -> Result | str | None:
    """The result; None if it was dropped; what is wrong, in words, if the model raised something: not every error of
    TensorFlow's survives the way between processes.
    """
    try:
        return train_here(task, lambda: _unwanted(task))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a model may even exit()
        return explain(error)


def train_here(task: Task, dropped: Callable[[], bool], own: Rule | None = None) -> Result | None:
    """The result; None if it was dropped. own: a rule of the user's own that sets the rate in the callback's place

    Raises RuleError where that one fails, and whatever the model raises.
    """
    _prepare(task)
    shared, cell = task.shared, task.cell
    rule = {name: shared[name] for name in ("min_delta", "cooldown", "min_lr")}
    settings = Settings.pair(shared["alpha"], cell.factor, cell.patience, **rule)
    with _solo(task) as solo:
        trained = solo.train(settings, shared["epochs"], dropped, own)
        return None if trained is None else Result(cell, *trained, solo.fingerprint)


def model_here(task: Task) -> str:
    """The fingerprint of the model that the task would train. Raises RuntimeError, in words, for what it raises."""
    try:
        _prepare(task)
        with _solo(task) as solo:
            return solo.fingerprint
    except Exception as error:
        raise RuntimeError(explain(error)) from error


def forget() -> None:
    """Let go of the models that this process keeps."""
    with _lock:
        _idle.clear()


def _unwanted(task: Task) -> bool:
    # A kernel that was killed leaves the processes that it started alive, and they would train on for nobody.
    alone = task.parent == _STARTED_BY != os.getppid()
    return alone or os.path.exists(task.stop)


_STARTED_BY = os.getppid()
_lock = Lock()
_idle: dict[tuple[Any, ...], list[Solo]] = {}  # compiled, and waiting for another cell; threads need one each


def _prepare(task: Task) -> None:
    """TensorFlow, loaded quietly. In a process of joblib's or dask's, with as many threads as those say it may have."""
    threads = os.environ.get("OMP_NUM_THREADS")
    if threads and os.getpid() != task.parent and "tensorflow" not in sys.modules:
        for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ.setdefault(name, threads)
    load_twins()


@contextmanager
def _solo(task: Task) -> Iterator[Solo]:
    """A model for this task, compiled now or for an earlier one of the same seed."""
    from lrlab.keras_live.solo import Solo

    key = (task.digest, task.shared["alpha"], task.shared["batch_size"], task.cell.seed)
    with _lock:
        for other in _idle.keys() - {key}:
            del _idle[other]
        waiting = _idle.setdefault(key, [])
        solo = waiting.pop() if waiting else None
    if solo is None:
        get_model, data = pickle.loads(task.payload)
        rows = check_data(data() if callable(data) else data)
        solo = Solo(get_model, rows, task.shared["alpha"], task.shared["batch_size"], task.cell.seed)
    yield solo
    with _lock:
        _idle.setdefault(key, []).append(solo)
