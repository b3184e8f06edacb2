"""One thread that trains, so that the kernel stays free; whoever asks for something new makes it drop what it does."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from threading import Condition, Thread
from typing import Any, NamedTuple
from weakref import WeakSet

Look = Callable[[], Any]
Work = Callable[[], Iterator[Look | None]]

_open: WeakSet[Worker] = WeakSet()


class State(NamedTuple):
    """A worker at one moment; see `Worker`."""

    latest: Any
    error: BaseException | None
    busy: bool
    paused: bool


class Worker:
    """Runs one job at a time: a function whose iterator does a piece of work a step.

    A step gives None where there is nothing to show and the job can only be dropped, or else a function that says what
    there is now. That one is called, in this thread, when somebody wants to see it: at first, after ``want``, before a
    pause, and at the end. So nobody is shown more than he can take, and what he is shown holds still.

    news: called in this thread when there is something new to see: ``latest``, ``error``, or that a job has ended
    latest: what there was when the present job was last looked at; None before that
    error: what the present job raised, or None
    busy: whether a job is at work. paused: whether it is held

    A new job replaces the old one, which is dropped at its next step. The thread begins with the first job, ends with
    ``close``, and never keeps a program from ending.
    """

    def __init__(self, news: Callable[[], None]) -> None:
        self._news = news
        self._changed = Condition()
        self._job: Work | None = None
        self._thread: Thread | None = None
        self._closed = self._wanted = self._stopping = False
        self.latest: Any = None
        self.error: BaseException | None = None
        self.busy = False
        self.paused = False

    def start(self, job: Work) -> None:
        """Drop what is at work, and work on ``job``."""
        with self._changed:
            if self._closed:
                return
            self._job, self.busy, self.paused = job, True, False
            self._wanted, self._stopping = True, False
            self.latest = self.error = None
            if self._thread is None:
                self._thread = Thread(target=self._work, name="lrlab training", daemon=True)
                self._thread.start()
                _open.add(self)
            self._changed.notify_all()

    @property
    def state(self) -> State:
        """All of it at one moment: what was seen last of a job that has ended is what there was at its end."""
        with self._changed:
            return State(self.latest, self.error, self.busy, self.paused)

    def want(self) -> None:
        """Have ``latest`` renewed after the next step."""
        with self._changed:
            self._wanted = True

    def pause(self, paused: bool = True) -> None:
        """Hold the job where there is something to show, or let it go on."""
        with self._changed:
            self.paused = paused and self.busy
            self._changed.notify_all()

    def stop(self) -> None:
        """End the job where there is something to show."""
        with self._changed:
            self._stopping, self.paused = True, False
            self._changed.notify_all()

    def close(self, seconds: float = 0.0) -> None:
        """Drop the job and end the thread as soon as its step is done; wait so long for that."""
        with self._changed:
            self._job, self.busy, self.paused, self._closed = None, False, False, True
            self._changed.notify_all()
        if self._thread is not None and seconds:
            self._thread.join(seconds)

    def wait(self, seconds: float | None = None) -> bool:
        """Until no job is at work or the job is held, or for so long. Returns whether none is at work."""
        with self._changed:
            self._changed.wait_for(lambda: not self.busy or self.paused, seconds)
            return not self.busy

    def _work(self) -> None:
        while (job := self._next_job()) is not None:
            try:
                self._do(job)
                failed = None
            except BaseException as error:  # of the user's own model, which may even exit(): told in the lab
                failed = error
            with self._changed:
                if self._job is job:
                    self._job, self.busy, self.paused, self.error = None, False, False, failed
                    self._changed.notify_all()
            self._news()

    def _do(self, job: Work) -> None:
        unseen = None
        try:
            for look in job():
                if self._job is not job:
                    return
                if look is None:
                    continue
                unseen = look
                if self._wanted:
                    self._show(job, look())
                    unseen = None
                while self.paused and self._job is job:
                    if unseen is not None:  # the pause has just begun
                        self._show(job, unseen())
                        unseen = None
                    self._rest(job)
                if self._stopping:
                    break
        finally:  # after an error too: what was done before it is worth seeing
            if unseen is not None and self._job is job:
                self._show(job, unseen())

    def _next_job(self) -> Work | None:
        with self._changed:
            self._changed.wait_for(lambda: self._job is not None or self._closed)
            return None if self._closed else self._job

    def _show(self, job: Work, latest: Any) -> None:
        """Keep what was seen of the job, unless another has taken its place, and tell."""
        with self._changed:
            if self._job is job:
                self.latest, self._wanted = latest, False
        self._news()

    def _rest(self, job: Work) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self.paused or self._job is not job)


def _close_all() -> None:
    """A thread inside TensorFlow when Python ends would bring it down. All are told, and then waited for together."""
    workers = list(_open)
    for seconds in (0.0, 30.0):  # where models are built, a step may take ten
        for worker in workers:
            worker.close(seconds)


# As early in Python's end as concurrent.futures does it, before ``atexit``: TensorFlow, if it is imported only then,
# takes the interpreter down with it.
getattr(threading, "_register_atexit", atexit.register)(_close_all)
