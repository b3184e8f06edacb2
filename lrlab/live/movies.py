"""Movies: the frames of a Film in a file, a GIF by Pillow or an MP4 by matplotlib's own ffmpeg writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from subprocess import CalledProcessError

import numpy as np
from matplotlib.animation import FFMpegWriter
from matplotlib.figure import Figure
from PIL import Image

from lrlab.live.film import Film

MOST = 200  # frames, where nobody asks for more
SECONDS = 9.0  # what a whole run takes
SLOWEST, FASTEST = 4.0, 50.0  # frames a second; browsers show no GIF faster
HOLD = 1.5  # seconds for which the last frame stays
COLOURS = 255  # of a GIF; one is left for "as in the frame before"
NO_FFMPEG = "An MP4 needs ffmpeg, and there is none here. Install it (conda install ffmpeg), or save a .gif instead."


class Cancelled(Exception):
    """A movie was cancelled while it was being written."""


class Movie:
    """What is to be written: frames of ``film``, from its first point to all of them.

    points: how many there are. before: called with the number of points before a frame is drawn
    fps, seconds: frames a second, and how long all points take; either may be left out. A last frame stays a little
        longer
    shown: how many points each frame shows

    Raises ValueError for numbers that no movie can have.
    """

    def __init__(
        self,
        film: Film,
        points: int,
        *,
        fps: float | None = None,
        seconds: float | None = None,
        before: Callable[[int], None] = lambda points: None,
    ) -> None:
        self._film, self._before = film, before
        self.shown, self.fps = timing(points, fps, seconds)

    def write(
        self,
        path: Path,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Write it; its suffix says as what, .gif or .mp4.

        progress: called as ``progress(done, of)`` after each frame. cancelled: asked before each frame

        Raises Cancelled, and leaves an unfinished file then; RuntimeError where ffmpeg is missing or fails.
        """
        frames = self._frames(progress or (lambda done, of: None), cancelled)
        if path.suffix.lower() == ".mp4":
            _write_mp4(path, frames, self.fps, self._film.size)
        else:
            palette = Palette([self._frame(points) for points in self._typical()], self._film.colours())
            _write_gif(path, frames, delays(len(self.shown), self.fps), palette)

    def _frames(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Iterator[Image.Image]:
        for done, points in enumerate(self.shown):
            if cancelled():
                raise Cancelled
            yield self._frame(points)
            progress(done + 1, len(self.shown))

    def _frame(self, points: int) -> Image.Image:
        self._before(points)
        return self._film.frame(points)

    def _typical(self) -> list[int]:
        return [self.shown[0], self.shown[len(self.shown) // 2], self.shown[-1]]


def has_ffmpeg() -> bool:
    """Whether matplotlib finds an ffmpeg that writes MP4s."""
    return FFMpegWriter.isAvailable()


def timing(points: int, fps: float | None = None, seconds: float | None = None) -> tuple[list[int], float]:
    """How many of ``points`` each frame shows, from 1 to all of them, and frames a second; see `Movie`."""
    for name, value, most in (("fps", fps, FASTEST), ("seconds", seconds, 600.0)):
        if value is not None and not 0 < value <= most:
            raise ValueError(f"{name} must be above 0 and at most {most:g}, got {value!r}.")
    frames = min(points, MOST)
    if seconds is not None:
        frames = min(points, max(2, round(seconds * fps)) if fps else min(frames, max(2, round(seconds * FASTEST))))
    shown = sorted({int(points) for points in np.linspace(1, points, frames).round()})
    if fps is None:
        wanted = len(shown) / (seconds or SECONDS)
        fps = wanted if seconds else max(wanted, SLOWEST)
    return shown, min(fps, FASTEST)


def delays(frames: int, fps: float) -> list[int]:
    """How long each frame stays, in milliseconds: whole hundredths of a second, which is what GIF knows."""
    ends = np.round(np.arange(frames + 1) * 100 / fps).astype(int)
    each = 10 * np.diff(ends)
    each[-1] += 1000 * HOLD
    return each.tolist()


class Palette:
    """Colours for pictures like ``samples``: those in ``exact``, those that are seen most, and means of the rest."""

    def __init__(self, samples: Sequence[Image.Image], exact: Sequence[tuple[int, int, int]]) -> None:
        pixels = np.concatenate([np.asarray(sample.convert("RGBA")).view("<u4").ravel() for sample in samples])
        packed, counts = np.unique(pixels, return_counts=True)  # a number for each pixel: a hundred times as fast
        colours = packed.view(np.uint8).reshape(-1, 4)[:, :3]
        common = colours[np.argsort(-counts)[:128]].tolist()
        means = Image.fromarray(colours[None]).quantize(COLOURS // 2, Image.Quantize.MEDIANCUT).getpalette() or []
        # Pillow looks for the colour that is nearest to the corner of a box, four levels wide. So there is one colour
        # for a box at most, and it is looked for by that corner.
        chosen: dict[tuple[int, ...], Sequence[int]] = {}
        for colour in (*exact, *common, *np.reshape(means, (-1, 3)).tolist()):
            chosen.setdefault(tuple(part - part % 4 for part in colour), colour)
        self._corners = Image.new("P", (1, 1))
        self._corners.putpalette([*chain.from_iterable(chosen)][: 3 * COLOURS])
        self._colours = [*chain.from_iterable(chosen.values())][: 3 * COLOURS]

    def paint(self, frame: Image.Image) -> Image.Image:
        """The frame in these colours."""
        painted = frame.quantize(palette=self._corners, dither=Image.Dither.NONE)
        painted.putpalette(self._colours)
        return painted


def _write_gif(path: Path, frames: Iterator[Image.Image], stay: list[int], palette: Palette) -> None:
    # One palette for all: with one for each frame, what is still would flicker, and the file be ten times as large.
    painted = map(palette.paint, frames)
    next(painted).save(path, "GIF", save_all=True, append_images=painted, duration=stay, loop=0)


class _Writer(FFMpegWriter):
    """matplotlib's writer for frames that are drawn already."""

    def grab_frame(self, frame: Image.Image) -> None:
        self._proc.stdin.write(frame.convert("RGBA").tobytes())


def _write_mp4(path: Path, frames: Iterator[Image.Image], fps: float, size: tuple[int, int]) -> None:
    if not has_ffmpeg():
        raise RuntimeError(NO_FFMPEG)
    writer = _Writer(fps=fps, codec="h264")
    writer.setup(Figure(figsize=(size[0] / 100, size[1] / 100)), str(path), dpi=100)
    try:
        for frame in frames:
            writer.grab_frame(frame)
        for _ in range(round(HOLD * fps)):
            writer.grab_frame(frame)
    except BrokenPipeError:
        pass  # ffmpeg has ended; why, it is about to say
    except BaseException:
        with suppress(CalledProcessError):
            writer.finish()
        raise
    try:
        writer.finish()
    except CalledProcessError as error:
        raise RuntimeError(f"ffmpeg could not write this movie: {error.stderr.strip()}") from None
