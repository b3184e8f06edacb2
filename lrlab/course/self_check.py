"""Does everything work here? A table for the first lesson: what is installed, and what was tried just now."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import numpy as np

PACKAGES = ("jupyterlab", "ipywidgets", "anywidget", "matplotlib", "numpy", "scikit-learn")


class Row(NamedTuple):
    """what: what was tried. works: True, False, or None where it is missing and need not be there. words: more of it"""

    what: str
    works: bool | None
    words: str


def self_check() -> Any:
    """A table of what is installed and works on this machine. Takes a few seconds; TensorFlow is not loaded for it."""
    from lrlab.course.words import Words

    marks = {True: "✓", False: "✗", None: "–"}
    rows = "".join(
        f"<tr><td>{marks[row.works]}</td><td style='text-align: left'>{escape(row.what)}</td>"
        f"<td style='text-align: left'>{escape(row.words, quote=False)}</td></tr>"
        for row in checked()
    )
    return Words(f"<table>{rows}</table>")


def checked() -> list[Row]:
    """The rows. What fails is told in its row, with a remedy, and never raised."""
    return [_tried(what, check) for what, check in CHECKS.items()]


def _tried(what: str, check: Callable[[], Row | str]) -> Row:
    try:
        found = check()
    except Exception as error:  # whatever it is, the other rows are still of use
        return Row(what, False, f"{type(error).__name__}: {error}")
    return found if isinstance(found, Row) else Row(what, True, found)


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()}, {sys.executable}"


def _packages() -> Row:
    found, missing = [], []
    for name in ("lrlab", *PACKAGES):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    remedy = f" Missing: run %pip install {' '.join(missing)} in a cell, then restart the kernel." if missing else ""
    return Row("packages", not missing, f"{', '.join(found)}.{remedy}" if missing else ", ".join(found))


def _training() -> str:
    """On the bowl each step leaves 1 - alpha of the distance."""
    from lrlab import problems
    from lrlab.core.descent import train
    from lrlab.core.settings import Settings

    w = train(problems.bowl(), Settings(0.3, 1, 1), epochs=20).w[:, 0]
    np.testing.assert_allclose(w[-1], 0.7**20 * w[0], rtol=1e-5)  # Keras keeps rates in float32, and so do runs
    return "gradient descent does what the formula says"


def _pictures() -> str:
    from lrlab.course.unseen import unseen
    from lrlab.labs.descent import DescentLab

    with unseen():
        lab = DescentLab("ravine", alpha=0.05)
    try:
        before = np.array(lab.view.loss.lines[0].get_ydata())
        lab.controls["alpha"].value = 0.06
        after = np.array(lab.view.loss.lines[0].get_ydata())
    finally:
        lab.close()
    if np.array_equal(before, after):
        raise RuntimeError("A slider moved, and the picture did not. Install lrlab again.")
    return "a lab was made, its slider moved, and its picture followed; whether you see one, the lab below shows"


def _exercises() -> str:
    from lrlab.course.apart import apart

    if apart(_call, _seven) != 7:
        raise RuntimeError("A function gave another answer in a process of its own. Restart the kernel.")
    return "functions that you write are run in a process of their own, which was tried"


def _call(function: Callable[[], int]) -> int:
    return function()


def _seven() -> int:
    return 7


def _progress() -> Row:
    from lrlab.course.progress import shared

    kept = shared()
    return Row("your progress", not kept.said, kept.said or f"is kept in {kept.path}")


def _tensorflow() -> Row:
    for name in ("tensorflow", "tensorflow-cpu"):
        with suppress(PackageNotFoundError):
            words = f"{name} {version(name)}, keras {version('keras')}"
            return Row("TensorFlow", True, f"{words}: lesson 6 and the Keras labs load it when they need it")
    return Row("TensorFlow", None, "not installed: only lesson 6 and the Keras labs need it. pip install lrlab[keras]")


def _films() -> Row:
    there = shutil.which("ffmpeg") is not None
    return Row("films", there or None, "GIF and MP4" if there else "GIF; for MP4 install ffmpeg")


CHECKS: dict[str, Callable[[], Row | str]] = {
    "Python": _python,
    "packages": _packages,
    "training": _training,
    "labs": _pictures,
    "exercises": _exercises,
    "your progress": _progress,
    "TensorFlow": _tensorflow,
    "films": _films,
}
