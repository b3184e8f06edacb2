"""Saves: what a lab shows, as a file: its picture, its epochs as a movie, its numbers, its scene."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from lrlab.core.inside import inside
from lrlab.core.run import Run
from lrlab.labs.numbers import name_apart, to_csv
from lrlab.labs.scene import Scene, to_text
from lrlab.live.figure import LiveFigure
from lrlab.live.film import Film
from lrlab.live.movies import NO_FFMPEG, Movie, has_ffmpeg
from lrlab.views.style import PAIR, PLATEAU
from lrlab.widgets.hiding import Hiding
from lrlab.widgets.inspector import Inspector
from lrlab.widgets.player import Player

PICTURES, MOVIES = (".png", ".svg", ".pdf"), (".gif", ".mp4")
TEXTS = (".csv", ".json", ".txt")
LONGER_SIDE = 1000  # of a movie, in pixels
SHARPER = 2  # than on a plain screen, a PNG
WIDTHS = (100, 8000)

Progress = Callable[[int, int], None]
Write = Callable[[Path, Progress | None, Callable[[], bool]], None]


def _never() -> bool:
    return False


class Saves:
    """What every Lab has: ``save``."""

    figure: LiveFigure
    player: Player | None
    hiding: Hiding | None
    inspector: Inspector | None
    run: Run
    view: Any
    scene: Scene

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        width: int | None = None,
        fps: float | None = None,
        seconds: float | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] = _never,
    ) -> Path:
        """Save what the lab shows; the name's ending says as what. Returns the path.

        .png, .svg, .pdf: the picture as it is now, at the epoch that is shown
        .gif, .mp4: its epochs as a movie, about nine seconds long; .mp4 needs ffmpeg
        .csv: the runs' numbers, one row an epoch. .json, .txt: the lab's scene, as JSON or as a line

        width: of a PNG or a movie, in pixels. fps: frames a second. seconds: how long the run takes in the movie
        progress: called as ``progress(done, of)`` after each frame. cancelled: asked before each frame; where it says
            True, ``Cancelled`` (of `lrlab.live.movies`) is raised

        A file of that name is replaced, and only by a whole one. Raises ValueError for another ending, a bad option, or
        a movie of a lab without epochs to play; RuntimeError for an MP4 without ffmpeg; OSError as the disk does.
        """
        path = Path(path)
        write = self._writer(path.suffix.lower(), width=width, fps=fps, seconds=seconds)
        try:
            with whole_file(path.parent, path.suffix.lower()) as partial:
                write(partial, progress, cancelled)
                os.replace(partial, path)
        except OSError as error:
            if error.errno is None:
                raise
            raise OSError(error.errno, error.strerror, str(path)) from None  # not of the hidden file
        return path

    def _writer(
        self, suffix: str, *, width: int | None = None, fps: float | None = None, seconds: float | None = None
    ) -> Write:
        """What writes such a file of the lab as it is now. It may do so in another thread, while the lab goes on."""
        if width is not None and not WIDTHS[0] <= width <= WIDTHS[1]:
            raise ValueError(f"width must be between {WIDTHS[0]} and {WIDTHS[1]} pixels, got {width!r}.")
        with self.figure.lock:
            if suffix in MOVIES:
                return self._movie(suffix, width, fps, seconds).write
            if suffix in PICTURES:
                return _writes(self._picture(suffix, width))
            if suffix == ".csv":
                return _writes(to_csv(self._named_runs()).encode())
            if suffix == ".json":
                return _writes(f"{json.dumps(self.scene, indent=1)}\n".encode())
            if suffix == ".txt":
                return _writes(f"{to_text(self.scene)}\n".encode())
        known = ", ".join((*PICTURES, *MOVIES, *TEXTS))
        raise ValueError(f"The name of the file must end in one of {known}, got {suffix or 'no ending'!r}.")

    def _picture(self, suffix: str, width: float | None) -> bytes:
        figure, shown = self._open_figure(), None
        if self.player is not None and not (self.player.at_the_end and not self.player.hides):
            shown = self.player.epoch + 1
        ratio = SHARPER if width is None else width / figure.bbox.width
        out = BytesIO()
        self.figure.savefig(out, points=shown, faint=self._faint, format=suffix[1:], dpi=figure.dpi * ratio)
        return out.getvalue()

    def _still_picture(self) -> dict[str, bytes]:
        """The picture as it is now, for places that show a notebook without a kernel; none once the lab is closed."""
        with self.figure.lock:
            if self.figure.figure is None:
                return {}
            with matplotlib.rc_context({"savefig.bbox": None}):  # otherwise a user's setting may change the size
                return {"image/png": self._picture(".png", self.figure.figure.bbox.width)}

    def _open_figure(self) -> Figure:
        if self.figure.figure is None:
            raise ValueError("This lab is closed, and has no picture left to save.")
        return self.figure.figure

    @property
    def _faint(self) -> bool:
        """Whether epochs to come are seen faintly, as in the browser."""
        return self.player is not None and not self.player.hides

    def _movie(self, suffix: str, width: int | None, fps: float | None, seconds: float | None) -> Movie:
        """Of a copy, so that nobody has to wait for it, and a slider that moves meanwhile moves nothing in it."""
        if self.player is None:
            raise ValueError("This lab has no epochs to play. Save its picture: .png, .svg or .pdf.")
        if suffix == ".mp4" and not has_ffmpeg():
            raise RuntimeError(NO_FFMPEG)
        figure, run = self._open_figure(), self.run
        last = min(self.player.limit, run.epochs) if self.player.hides else run.epochs  # it may hide what is to come
        if not run.epochs:
            raise ValueError("No epoch has been trained yet, so there is no movie to save.")
        figure, view = deepcopy((figure, self.view))
        width = width or round(LONGER_SIDE * figure.bbox.width / max(figure.bbox.size))
        opened = self.inspector is not None and self.inspector.opened.value
        rule = inside(run, self._opens_rule_of) if opened else None

        def before(points: int) -> None:
            with np.errstate(all="ignore"):
                self._draw_epoch(view, run, points - 1)
                if rule is not None and points > 1:
                    view.epoch_mark.draw(rule, points - 1)
                elif rule is not None:
                    view.epoch_mark.hide()

        return Movie(Film(figure, width, faint=self._faint), last + 1, fps=fps, seconds=seconds, before=before)

    def _named_runs(self) -> dict[str, Run]:
        """The runs in the picture, by name: what is saved as numbers. Each is a Run of one."""
        count, own = self.run.lr.shape[1], self._own(self.run)
        pair = [style.name for style in PAIR] if count > 1 else [PLATEAU.name]
        names = [*pair, name_apart(own, pair)] if own else pair
        return {name: self.run[i] for i, name in enumerate(names[:count])}


def _writes(content: bytes) -> Write:
    def write(path: Path, _progress: Progress | None, _cancelled: Callable[[], bool]) -> None:
        path.write_bytes(content)

    return write


@contextmanager
def whole_file(folder: Path, suffix: str) -> Iterator[Path]:
    """A hidden file to write to and then to move; nothing is left of it where that does not come to pass."""
    partial = folder / f".lrlab-{token_hex(8)}{suffix}"
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
