"""The file in which a sweep keeps its results: a line of JSON for each, written when it is there. Plain data only."""

from __future__ import annotations

import json
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lrlab.keras_live.cells import Cell, Result

KIND = "KerasSweep 1"
_BEGINS = f'{{"lrlab": "{KIND}", '.encode()
_REMEDY = "Give another file name, or move this file away."
_GIVEN_UP = b"\n\n"  # after half a line: no whole line is followed by an empty one, unless two gave up the same half
BREATH = 0.05  # seconds in which somebody who is just writing a line has written it


class Store:
    """Results in a file.

    path: the file; it need not be there yet
    sweep: what all results of a sweep share, as plain data by name: settings, and a fingerprint of the data. The grid
        is not among it: a sweep over another grid takes what it can use

    results: those in the file, by cell
    torn: whether the file ends in half a line, as after a crash; it stays, and the next result begins on another line

    Several stores, in as many processes, may write to one file: lines are added at its end and nothing is ever taken
    away, since it might be what another has just written.

    Raises ValueError, with the reason, for a file that is of another sweep, or of none. It is never changed then.
    """

    def __init__(self, path: str | os.PathLike[str], sweep: dict[str, Any]) -> None:
        self.path, self._sweep = Path(path), sweep
        self.results: dict[Cell, Result] = {}
        self.torn = False
        self._head: dict[str, Any] | None = None
        if not self.path.parent.is_dir():
            raise ValueError(f"store: there is no folder {self.path.parent}. Make it first, or choose another.")
        if self.path.exists():
            self._read(self.path.read_bytes())

    def append(self, result: Result) -> None:
        """Keep a result. It is in the file, whole, before this returns.

        Raises ValueError, and writes nothing, where the other results are of another model; OSError as the disk does.
        Half a line may be left then: the next `append` gives it up.
        """
        self._catch_up()
        lines = [_line(result)]
        if self._head is None:
            head = {"lrlab": KIND, **self._sweep, "model": result.model}
            lines.insert(0, json.dumps(head))
        else:
            head = self._head
            self.compare(result.model)
        written = "".join(line + "\n" for line in lines).encode()
        with open(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644), "r+b", buffering=0) as file:
            left = memoryview(_GIVEN_UP + written if self.torn else written)
            while left:  # a disk that fills up takes a part, and refuses the rest
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        self._head, self.torn = head, False
        self.results[result.cell] = result

    def _catch_up(self) -> None:
        """Others may have written the first line meanwhile, or have died in the middle of their last one."""
        whole = self.path.exists() and _last_byte(self.path) == b"\n"
        if self._head is not None and whole:
            self.torn = False  # whoever wrote last has given half a line up, if there was one
            return
        text = self._settled()
        self._head, self.torn = None, False
        if text:
            self._read(text)

    def _settled(self) -> bytes:
        """What is in the file. Half a line at its end is read again until it stands still: it may be just growing."""
        text = self.path.read_bytes() if self.path.exists() else b""
        while text and not text.endswith(b"\n"):
            time.sleep(BREATH)
            before, text = text, self.path.read_bytes()
            if text == before:
                break
        return text

    def _read(self, text: bytes) -> None:
        *lines, rest = text.split(b"\n")
        self.torn = bool(rest)
        head = b""
        for number, (line, after) in enumerate(pairwise([*lines, rest]), start=1):
            if self._head is None and not _may_be_first(line):
                raise ValueError(f"{self.path} is no store of a KerasSweep. {_REMEDY}")
            if not line or (not after and number < len(lines) and not _is_whole(line)):
                continue  # nothing, or half a line that was given up
            if self._head is None:
                head, self._head = line, self._checked(number, line)
            elif line != head:  # two may have begun at the very same moment
                result = self._result(number, line)
                self.results.setdefault(result.cell, result)
        if self._head is None and not _may_be_first(rest):
            raise ValueError(f"{self.path} is no store of a KerasSweep. {_REMEDY}")

    def _checked(self, number: int, line: bytes) -> dict[str, Any]:
        """The first line. Raises ValueError where it is of another sweep."""
        head = self._parsed(number, line)
        differ = [
            f"{name} {head.get(name)} there and {value} here"
            for name, value in self._sweep.items()
            if head.get(name) != value
        ]
        if differ:
            raise ValueError(f"{self.path} belongs to another sweep: {', '.join(differ)}. {_REMEDY}")
        return head

    def _result(self, number: int, line: bytes) -> Result:
        kept = self._parsed(number, line)
        try:
            cell = Cell(int(kept["seed"]), float(kept["factor"]), int(kept["patience"]))
            history = {str(name): _widened(values) for name, values in kept["history"].items()}
            result = Result(
                cell, *_widened([kept["start"]]), history, *_widened([kept["final_rate"]]), self._head["model"]
            )
            if {len(history[name]) for name in ("loss", "val_loss", "learning_rate")} != {self._sweep["epochs"]}:
                raise ValueError("its lists are too short or too long")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ValueError(f"{self.path}, line {number}, is no result of a sweep ({error!r}). {_REMEDY}") from None
        return result

    def _parsed(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{self.path}, line {number}, is not JSON ({error}). {_REMEDY}") from None
        if not isinstance(parsed, dict):
            raise ValueError(f"{self.path}, line {number}, is no result of a sweep. {_REMEDY}")
        return parsed

    def compare(self, model: str) -> None:
        """Raises ValueError where the results in the file are of another model. model: its fingerprint"""
        if self._head["model"] != model:
            raise ValueError(
                f"{self.path} belongs to another sweep: get_model makes a model of other layers, another loss or "
                f"another optimizer here. {_REMEDY}"
            )


def _may_be_first(line: bytes) -> bool:
    """Whether it is a store's first line, or the beginning of one."""
    return line.startswith(_BEGINS) or _BEGINS.startswith(line)


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
        return file.read(1)


def _line(result: Result) -> str:
    return json.dumps(
        {
            **result.cell._asdict(),
            "start": _shortest(result.start),
            "final_rate": _shortest(result.final_rate),
            "history": {name: [_shortest(value) for value in values] for name, values in result.history.items()},
        }
    )


def _shortest(value: float) -> float:
    """The shortest number that is the same in float32, which is what Keras computes in."""
    return float(str(np.float32(value)))


def _widened(values: list[Any]) -> list[float]:
    return [float(value) for value in np.array(values, np.float32)]
