"""Work spread over processes or machines by joblib, and what has to be known of joblib for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor
from typing import Any

import cloudpickle
from joblib import Parallel
from joblib.parallel import get_active_backend


def spread(tasks: Iterable[Any], backend: Any, n_jobs: int) -> Iterator[Any]:
    """What comes of the tasks, joblib's ``delayed`` calls, as it comes, in any order.

    backend: see `backend_here`. n_jobs: how many at a time; -1: one for each processor

    Whoever drops the iterator halfway kills joblib's processes, which others may use: let the tasks end instead.
    """
    return Parallel(n_jobs, backend=_that_tells(backend), batch_size=1, return_as="generator_unordered")(tasks)


def backend_here() -> tuple[Any, int | None]:
    """The backend that ``joblib.parallel_config`` has set in this thread, else joblib's own; and the number of jobs."""
    return get_active_backend()


def told_here() -> tuple[Any, int | None] | None:
    """The same; None if joblib was told nothing in this thread."""
    backend, n_jobs = get_active_backend()
    return None if n_jobs is None and type(backend).__name__ == "LokyBackend" else (backend, n_jobs)


def pickled(what: Any) -> bytes:
    """A function and its data for other processes, by value. Raises TypeError, with the remedy, where that fails."""
    try:
        return cloudpickle.dumps(what)
    except Exception as error:
        raise TypeError(
            f"get_model cannot be sent to other processes: {error}. Make models, layers and files inside of it."
        ) from None


def died(error: BaseException) -> bool:
    """Whether a process has ended while it trained: what joblib's own backends raise, and what dask does."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def _that_tells(backend: Any) -> Any:
    """joblib's dask backend (1.6) says nothing when dask gives up a task whose workers died, and one waits for ever."""
    if type(backend).__name__ == "DaskDistributedBackend" and "submit" not in vars(backend):
        submit = backend.submit

        def submit_and_tell(task: Any, callback: Any = None) -> Any:
            future = submit(task, callback)
            future.add_done_callback(lambda done: callback(done.exception()) if done.exception() else None)
            return future

        backend.submit = submit_and_tell
    return backend
