"""One thread for matrix products: those of small models are over before a second thread has woken up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import threadpoolctl


class _Inside:
    """How many are inside such a block just now, in any thread, and what is undone when the last one leaves.

    The limit is the whole process's. If each put back what it found, the one who came second would put back a limit.
    """

    def __init__(self) -> None:
        self.lock, self.count = Lock(), 0
        self.limit: Any = None


_inside = _Inside()


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products in this block, or in the decorated function, use one thread.

    With more, a busy machine makes each small product wait for a thread that has no processor: a pair on digits then
    takes eight times as long.
    """
    with _inside.lock:
        if not _inside.count:
            _inside.limit = _controller().limit(limits=1, user_api="blas")
        _inside.count += 1
    try:
        yield
    finally:
        with _inside.lock:
            _inside.count -= 1
            if not _inside.count:
                _inside.limit.restore_original_limits()


@cache
def _controller() -> threadpoolctl.ThreadpoolController:
    return threadpoolctl.ThreadpoolController()  # looks through all loaded libraries: milliseconds, so once
