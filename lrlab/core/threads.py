"""One thread for matrix products: those of small models are over before a second thread has woken up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import threadpoolctl


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products in this block, or in the decorated function, use one thread.

    With more, a busy machine makes each small product wait for a thread that has no processor: a pair on digits then
    takes eight times as long.
    """
    with _controller("scipy.linalg" in sys.modules).limit(limits=1, user_api="blas"):
        yield


@cache
def _controller(with_scipy: bool) -> threadpoolctl.ThreadpoolController:
    """Looks through all loaded libraries: milliseconds, so once, and once more when SciPy has brought its own."""
    return threadpoolctl.ThreadpoolController()
