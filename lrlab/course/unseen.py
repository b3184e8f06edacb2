"""Widgets that no front end hears of: they are made for their numbers, and closed at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

import comm

_here = local()  # ``unseen``: whether this thread is in such a block
_one_at_a_time = Lock()


@contextmanager
def unseen() -> Iterator[None]:
    """What this thread makes in the block is of the kernel only. A browser that is told of a widget which is closed
    before it has been set up there writes errors. What other threads make meanwhile is seen as always.
    """
    _choose_by_thread()
    before, _here.unseen = getattr(_here, "unseen", False), True
    try:
        yield
    finally:
        _here.unseen = before


def _choose_by_thread() -> None:
    """Have widgets ask in which thread they are made, from now on: to put anything back would be up to the last."""
    with _one_at_a_time:
        create = comm.create_comm
        if getattr(create, "by_thread", False):
            return

        def create_here(*arguments: Any, **options: Any) -> Any:
            make = comm.DummyComm if getattr(_here, "unseen", False) else create
            return make(*arguments, **options)

        create_here.by_thread = True
        comm.create_comm = create_here
