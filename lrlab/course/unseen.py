"""Widgets that no front end hears of: they are made for their numbers, and closed at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import comm


@contextmanager
def unseen() -> Iterator[None]:
    """What is made in the block is of the kernel only. A browser that is told of a widget which is closed before it
    has been set up there writes errors.
    """
    create = comm.create_comm
    comm.create_comm = comm.DummyComm
    try:
        yield
    finally:
        comm.create_comm = create
