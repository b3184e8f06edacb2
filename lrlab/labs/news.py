"""News: what a thread has got done is drawn in the kernel's own loop, and not too often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lrlab.keras_live.worker import Worker

BREATH = 0.05


class News:
    """Between a thread that works and the lab that draws: pictures are never drawn in that thread.

    draw: draws what there is now. breath: seconds between two pictures, for whatever else the kernel has to do
    make: makes the ``worker`` from what that is to call, in its thread, when it has news. It has ``want`` and ``wait``,
        as a `Worker` has
    """

    def __init__(
        self,
        draw: Callable[[], None],
        make: Callable[[Callable[[], None]], Any] = Worker,
        breath: float = BREATH,
    ) -> None:
        self._draw, self._breath = draw, breath
        try:
            self.loop: Any = asyncio.get_running_loop()  # the kernel's
        except RuntimeError:
            self.loop = None  # no notebook: whoever waits draws
        self._soon, self._not_before = False, 0.0
        self.worker = make(self._hear)

    def draw(self) -> None:
        """Draw, and ask for more."""
        self._soon = False
        self._draw()
        self._not_before = time.monotonic() + self._breath
        self.worker.want()

    def hurry(self) -> None:
        """What a hand has asked for is drawn at once."""
        self._not_before = 0.0

    def wait(self, seconds: float | None, enough: Callable[[], bool] = lambda: False) -> bool:
        """Draw until the work is done, or for so long, or until it is ``enough``. Returns whether it is done."""
        end = None if seconds is None else time.monotonic() + seconds
        ended = False
        while not ended and not enough() and (end is None or time.monotonic() < end):
            ended = self.worker.wait(0.1 if end is None else min(0.1, max(end - time.monotonic(), 0)))
            self.draw()
            if ended:  # what was drawn may have been a reason to go on, and that may be done by now
                ended = self.worker.wait(0)
                self.draw()
        return ended

    def _hear(self) -> None:
        """In the worker's thread."""
        if self.loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and the kernel with it
                self.loop.call_soon_threadsafe(self._draw_soon)

    def _draw_soon(self) -> None:
        if not self._soon:
            self._soon = True
            left = self._not_before - time.monotonic()
            self.loop.call_later(min(max(0.0, left), self._breath), self.draw)  # a clock may have been set back
