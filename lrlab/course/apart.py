"""A learner's function is run in a process of its own: it may raise, loop for ever or print endlessly, and takes
nothing down.
"""

from __future__ import annotations

import json
import linecache
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import cloudpickle

SECONDS = 10.0
PRINTED = 20_000  # characters
MEMORY = 4 * 2**30  # bytes, where the system can hold a process to it
LOADING = 60.0  # seconds until Python is up, on a machine that is busy


SHOWN = 500  # characters of what is printed
_heard: ContextVar[list[str] | None] = ContextVar("_heard", default=None)


class Stopped(Exception):
    """A learner's function raised something, took too long or printed too much; the message says which, and where."""


@contextmanager
def listening() -> Iterator[list[str]]:
    """What functions print that are run apart in this block: the beginning of it, a text for each that prints."""
    heard: list[str] = []
    before = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(before)


def apart(work: Callable[..., Any], function: Callable[..., Any], *arguments: Any, seconds: float = SECONDS) -> Any:
    """``work(function, *arguments)``, run in another process. What it returns must be plain data, as JSON has it.

    work: a function of lrlab. seconds: how long it may take

    Raises Stopped, with a clear word, where the function fails.
    """
    try:
        payload = cloudpickle.dumps((work, function, arguments))
    except Exception as error:
        raise Stopped(f"Your function cannot be handed to another process: {error}") from None
    with tempfile.TemporaryDirectory(prefix="lrlab-apart-", ignore_cleanup_errors=True) as folder:
        given, result, printed, errors = (Path(folder, name) for name in ("given", "result", "printed", "errors"))
        given.write_bytes(payload)
        with printed.open("wb") as output, errors.open("wb") as warned:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "lrlab.course.apart", str(given), str(result)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=warned, cwd=folder, env=_environment(),
            )  # fmt: skip
            try:
                _watch(process, result.with_suffix(".begun"), (printed, errors), seconds)
            finally:
                process.kill()
                process.wait()
                _hear(printed)
        if not result.exists():
            raise Stopped(f"Your function ended its process. It printed: {_end_of(printed, errors)}")
        found = json.loads(result.read_text(encoding="utf-8"))
    if "error" in found:
        raise Stopped(_told(found))
    return found["value"]


def _watch(process: subprocess.Popen[bytes], begun: Path, printed: tuple[Path, ...], seconds: float) -> None:
    """Until it ends, or does too much of something. Its time begins when its work does."""
    limit, started = time.monotonic() + LOADING, False
    while process.poll() is None:
        if not started and begun.exists():
            started, limit = True, time.monotonic() + seconds
        if sum(path.stat().st_size for path in printed) > PRINTED:
            raise Stopped(
                f"Your function was stopped: it printed more than {PRINTED:,} characters. Take the print out."
            )
        if time.monotonic() > limit:
            raise Stopped(
                f"Your function was stopped after {seconds:g} seconds. Does a loop in it never end?"
                if started
                else f"Python did not start in {LOADING:g} seconds. Is the machine very busy? Then try again."
            )
        time.sleep(0.02)


def _environment() -> dict[str, str]:
    """One thread each: a process for a small function should not take all of a machine."""
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH", ""), str(Path.cwd())]))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _told(found: dict[str, Any]) -> str:
    """What was raised, and the line at fault, which this process can read: a notebook's cells are files to it only."""
    place = ""
    if found["file"]:
        line = linecache.getline(found["file"], found["line"]).strip()
        place = f" (line {found['line']}{f': {line}' if line else ''})"
    return f"Your function raised {found['error']}{place}"


def _end_of(*printed: Path) -> str:
    text = b"".join(path.read_bytes()[-300:] for path in printed).decode(errors="replace").strip()
    return text or "nothing"


def _hear(printed: Path) -> None:
    """Tell whoever listens."""
    heard, text = _heard.get(), printed.read_bytes()[: 4 * SHOWN + 4].decode(errors="replace").strip()
    if heard is not None and text:
        heard.append(text if len(text) <= SHOWN else f"{text[:SHOWN]} …")


# In the other process -------------------------------------------------------------------------------------------------


def _main(given: Path, result: Path) -> None:
    _hold_memory()
    try:
        work, function, arguments = cloudpickle.loads(given.read_bytes())
        result.with_suffix(".begun").touch()
        found = {"value": work(function, *arguments)}
        text = json.dumps(found)
    except BaseException as error:  # it may even exit()
        text = json.dumps(_failure(error))
    partial = result.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, result)
    sys.stdout.flush()
    os._exit(0)  # threads that the function has left behind are not waited for


def _failure(error: BaseException) -> dict[str, Any]:
    here, place = str(Path(__file__).parents[1]) + os.sep, ("", 0)
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith((here, "<frozen")) and "site-packages" not in file and "importlib" not in file:
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return {"error": f"{type(error).__name__}: {error}".rstrip(": "), "file": place[0], "line": place[1]}


def _hold_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # not on every system
        pass


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
