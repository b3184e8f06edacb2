"""One thread that trains, so that the kernel stays free; whoever asks for something new makes it drop what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Condition, Thread
from typing import Any

Job = Callable[[], Iterator[Any]]


class Worker:
    """Runs one job at a time: a function whose iterator does a piece of work a step, and gives what there is so far.

    news: called in the worker's thread after each piece, and when a job ends or fails
    latest: what the present job gave last; None before that
    error: what the present job raised, or None
    busy: whether a job is at work. paused: whether it is held

    A new job replaces the old one, which is dropped at its next step. The thread begins with the first job, ends with
    ``close``, and never keeps a program from ending.
    """

    def __init__(self, news: Callable[[], None]) -> None:
        self._news = news
        self._changed = Condition()
        self._job: Job | None = None
        self._thread: Thread | None = None
        self._closed = False
        self.latest: Any = None
        self.error: BaseException | None = None
        self.busy = False
        self.paused = False

    def start(self, job: Job) -> None:
        """Drop what is at work, and work on ``job``."""
        with self._changed:
            if self._closed:
                return
            self._job, self.busy, self.paused = job, True, False
            self.latest = self.error = None
            if self._thread is None:
                self._thread = Thread(target=self._work, name="lrlab training", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def pause(self, paused: bool = True) -> None:
        """Hold the job, or let it go on."""
        with self._changed:
            self.paused = paused
            self._changed.notify_all()

    def stop(self) -> None:
        """Drop the job; what it gave last stays."""
        with self._changed:
            self._job, self.busy, self.paused = None, False, False
            self._changed.notify_all()

    def close(self) -> None:
        """Drop the job and end the thread, as soon as its step is done."""
        self.stop()
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        """Until the job has ended, or for so long. Returns whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.busy, seconds)

    def _work(self) -> None:
        while (job := self._next_job()) is not None:
            try:
                for result in job():
                    if not self._keep(job, latest=result):
                        break
                    self._news()
                    self._rest(job)
            except Exception as error:  # of the user's own model: told in the lab
                self._keep(job, error=error)
            with self._changed:
                if self._job is job:
                    self._job, self.busy = None, False
                    self._changed.notify_all()
            self._news()

    def _next_job(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._job is not None or self._closed)
            return None if self._closed else self._job

    def _keep(self, job: Job, **found: Any) -> bool:
        """Note what the job gave, unless another has taken its place. Returns whether it should go on."""
        with self._changed:
            if self._job is not job:
                return False
            for name, value in found.items():
                setattr(self, name, value)
            return True

    def _rest(self, job: Job) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self.paused or self._job is not job)
