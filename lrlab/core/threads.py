"""One thread for matrix products: those of small models are over before a second thread has woken up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import threadpoolctl


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products in this block, or in the decorated function, use one thread.

    With more, a busy machine makes each small product wait for a thread that has no processor: a pair on digits then
    takes eight times as long.
    """
    own, shared = _controllers("scipy.linalg" in sys.modules)
    # In this order: threadpoolctl lets one thread at a time change what is shared, and the first block ends its turn.
    with own.limit(limits=1, user_api="blas"), _shared_limit(shared):
        yield


_lock = Lock()
_inside = 0
_limits: list[tuple[Any, Any]] = []


@contextmanager
def _shared_limit(shared: threadpoolctl.ThreadpoolController) -> Iterator[None]:
    """Of all who are inside, in whatever threads, the first one sets the limit and the last one sets it back."""
    global _inside
    with _lock:
        if shared not in [controller for controller, _ in _limits]:  # SciPy may come while somebody is inside
            _limits.append((shared, shared.limit(limits=1, user_api="blas")))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            while not _inside and _limits:  # the last limit first: what it found was the one before it
                _limits.pop()[1].restore_original_limits()


@cache
def _controllers(
    with_scipy: bool,
) -> tuple[threadpoolctl.ThreadpoolController, threadpoolctl.ThreadpoolController]:
    """Of the libraries in which each thread has a limit of its own (OpenMP's), and of those in which all share one.

    Looks through all loaded libraries: milliseconds, so once, and once more when SciPy has brought its own.
    """
    found = threadpoolctl.ThreadpoolController()
    products = [library for library in found.info() if library["user_api"] == "blas"]
    own, shared = (
        [library["filepath"] for library in products if (library.get("threading_layer") == "openmp") == is_own]
        for is_own in (True, False)
    )
    return found.select(filepath=own), found.select(filepath=shared)
