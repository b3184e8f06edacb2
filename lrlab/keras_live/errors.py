"""What went wrong in a user's model, in a few lines that help. TensorFlow wraps it in a hundred."""

from __future__ import annotations

import re
import sysconfig
import traceback
from pathlib import Path

LINES = 4
COLUMNS = 300
_PLACES = sysconfig.get_paths()
# Not the user's code: Python, what is installed, and lrlab.
_ELSEWHERE = (*(_PLACES[name] for name in ("stdlib", "purelib", "platlib")), str(Path(__file__).parents[1]))
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NOISE = re.compile(
    r'File "|Graph execution error|Detected at node|Traceback \(most recent|\[\[\{\{node|\[Op:|Stack trace for op'
    r"|Arguments received by|•|raise |ret = func|return func|During handling|.*\^\^\^"
)


def explain(error: BaseException) -> str:
    """The error's kind and message, then the last line of the user's own code that led to it."""
    lines = [line.strip()[:COLUMNS] for line in _COLOURS.sub("", str(error)).splitlines() if line.strip()]
    # A message of the user's own may look like noise: better all of it than none.
    said = list(dict.fromkeys(line for line in lines if not _NOISE.match(line))) or lines
    kind = type(error).__name__
    place = place_of(error)
    return "\n".join([f"{kind}: {said[0]}" if said else kind, *said[1:LINES], *([place] if place else [])])


def place_of(error: BaseException) -> str:
    """The last line of the user's own code that led to it, or to its cause; "" where none did."""
    frames = _own_frames(error) or _own_frames(error.__cause__)
    return f"in {frames[-1].name}, line {frames[-1].lineno}: {frames[-1].line}" if frames else ""


def _own_frames(error: BaseException | None) -> list[traceback.FrameSummary]:
    """Those of the user's code."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    return [frame for frame in frames if not frame.filename.startswith(_ELSEWHERE)]
