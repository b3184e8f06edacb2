"""Progress: what a learner has done, as readable JSON in the user's data folder. Nothing leaves the machine.

    {"lrlab": 1, "learner": 482913, "exercises": {"edge": {"draw": 0, "tries": 2, "hints": 1, "right": true}}}

A file that is broken is kept beside, one of a newer lrlab is left as it is, and that is said: neither is overwritten.
Where no file can be written, everything works, is tried again with each answer, and forgotten when the kernel ends.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_data_path

VERSION = 1
LARGEST = 5_000_000  # bytes: a whole course has a few thousand
MOST = 1000  # exercises: a whole course has some fifty
LONGEST = 200  # characters in a name
NOT_WRITTEN, FORGOTTEN = "cannot be written", "What you do now is forgotten when the kernel ends."
PATIENCE = 2.0  # seconds for another notebook that is just writing; one that hangs must not hold up this one
FILE = "progress.json"


class Done(NamedTuple):
    """What somebody has done of an exercise.

    draw: which numbers it has, 0 the first. tries: answers that were checked. hints: how many were shown
    right: whether one was right, whichever numbers it had
    """

    draw: int = 0
    tries: int = 0
    hints: int = 0
    right: bool = False

    @property
    def state(self) -> str:
        """In a word: done, tried, or "" for what was not begun."""
        return "done" if self.right else "tried" if self.tries else ""


def default_path() -> Path:
    """Where progress is kept: LRLAB_PROGRESS, if that is set, else a file in the user's data folder."""
    told = os.environ.get("LRLAB_PROGRESS")
    return Path(told) if told else user_data_path("lrlab", appauthor=False) / FILE


_shared: dict[Path, Progress] = {}


def shared() -> Progress:
    """The progress of whoever uses this process, read again: one object, so that all cells know the same of it."""
    path = default_path()
    if path in _shared:
        _shared[path].read()
    else:
        _shared[path] = Progress(path)
    return _shared[path]


class Progress:
    """A learner's progress. Reading and recording never raise.

    path: the file. said: what there is to say about it, "" where all is well
    learner: a number that the draws of exercises begin with. It is written down at once: every notebook has the same
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self.said = ""
        self.learner = secrets.randbelow(10**6)
        self._done: dict[str, Done] = {}
        self._may_write = True
        self._unwritten: set[str] = set()  # what was recorded and is in no file, since the disk did not take it
        with self._locked():
            self.read()
            if self._may_write and not self.path.exists():
                self._write()

    def of(self, name: str) -> Done:
        """What was done of an exercise."""
        return self._done.get(name, Done())

    def seed(self, name: str) -> int:
        """The draw of an exercise: another one for each learner, and for each time it was drawn anew."""
        return self.learner + 10**6 * self.of(name).draw

    def all(self) -> dict[str, Done]:
        """By name, every exercise that was tried."""
        return dict(self._done)

    def record(self, name: str, **changes: Any) -> Done:
        """Write down what has changed: tries, hints, right or draw."""
        with self._locked():
            self.read()  # another notebook may have written meanwhile
            self._done[name] = self.of(name)._replace(**changes)
            self._unwritten.add(name)
            self._write()
        return self._done[name]

    def as_data(self) -> dict[str, Any]:
        """All of it, as plain data."""
        exercises = {name: done._asdict() for name, done in sorted(self._done.items())}
        return {"lrlab": VERSION, "learner": self.learner, "exercises": exercises}

    def read(self) -> None:
        """Read the file again. A file that cannot be used is told of in ``said``."""
        if not self._may_write:
            return
        try:
            if not self.path.exists():
                return
            found = self.path.stat()
            if not stat.S_ISREG(found.st_mode):  # to read a pipe might take for ever
                self._forget_file("is no file, but something else of that name")
                return
            if found.st_size > LARGEST:
                raise ValueError(f"it has more than {LARGEST:,} bytes")
            data = json.loads(self.path.read_text(encoding="utf-8"))
            if isinstance(data, dict) and isinstance(data.get("lrlab"), int) and data["lrlab"] > VERSION:
                self._forget_file("was written by a newer lrlab, and is left as it is")
                return
            self.learner, done = _checked(data)
            self._done = done | {name: self._done[name] for name in self._unwritten}
        except OSError as error:
            self._forget_file(f"cannot be read ({error.strerror})")
        except (ValueError, RecursionError) as error:
            self._put_aside(error)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two notebooks write one after the other, where the system has locks, and the other is not held up."""
        try:
            import fcntl

            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.with_name(f".{self.path.name}.lock").open("w")
        except (ImportError, OSError):
            yield
            return
        with file:
            for _ in range(round(PATIENCE / 0.02)):  # counted, and not measured: clocks may be set
                with suppress(OSError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go of when the file is closed
                    break
                time.sleep(0.02)
            yield

    def _put_aside(self, error: Exception) -> None:
        """Keep a broken file beside the new one."""
        for number in range(1, 1000):
            beside = self.path.with_name(f"{self.path.stem}-broken-{number}.json")
            if not beside.exists():
                break
        try:
            os.replace(self.path, beside)
            self.said = f"Your progress file is broken ({error}). It is kept as {beside}, and a new one was begun."
        except OSError:
            self._forget_file(f"is broken ({error}), and is left as it is")

    def _forget_file(self, why: str) -> None:
        self._may_write = False
        self.said = f"Your progress file {self.path} {why}. {FORGOTTEN}"

    def _write(self) -> None:
        if not self._may_write:
            return
        partial = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise PermissionError(13, "it may not be written")
            text = json.dumps(self.as_data(), indent=1)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self.path.parent, prefix=".progress-", delete=False
            ) as file:
                partial = file.name
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, self.path)
        except OSError as error:
            if partial is not None:
                Path(partial).unlink(missing_ok=True)
            self.said = f"Your progress file {self.path} {NOT_WRITTEN} ({error.strerror}). {FORGOTTEN}"
        else:
            self._unwritten.clear()
            if NOT_WRITTEN in self.said:
                self.said = ""


def _checked(data: Any) -> tuple[int, dict[str, Done]]:
    """The learner's number, and what was done, by name. Raises ValueError where the data is none."""
    if not isinstance(data, dict) or data.get("lrlab") != VERSION:
        raise ValueError("it has no version")
    learner, exercises = data.get("learner"), data.get("exercises")
    if not _counts(learner) or not isinstance(exercises, dict):
        raise ValueError("it needs a learner and exercises")
    if len(exercises) > MOST or max(map(len, exercises), default=0) > LONGEST:
        raise ValueError(f"it has more than {MOST:,} exercises, or names of more than {LONGEST} letters")
    done = {}
    for name, one in exercises.items():
        if not isinstance(one, dict):
            raise ValueError(f"{name!r} is no exercise")
        kept = Done(**{key: one[key] for key in Done._fields if key in one})
        if not all(map(_counts, kept[:3])) or not isinstance(kept.right, bool):
            raise ValueError(f"{name!r} has odd numbers")
        done[name] = kept
    return learner, done


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
