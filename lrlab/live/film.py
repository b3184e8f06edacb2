"""Film: pictures of a figure with live artists, point by point, without drawing the whole figure for each.

What is still is drawn once by matplotlib's Agg. For each frame that background is put back, and only the live artists
are drawn above it, with their points so far: two milliseconds or so, where the whole figure takes a hundred. This is
matplotlib's blitting; what is seen is what the browser shows of a `LiveFigure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from PIL import Image

from lrlab.live import wire
from lrlab.live.drawing import DRAWING

FAINT = 0.22  # as in figure.js: how much is seen of points that are not revealed yet


class Film:
    """Frames of ``figure``, which nobody else may touch meanwhile: give it a copy (``copy.deepcopy``).

    width: of a frame, in pixels; its height follows, and both are even, which most movie formats ask for
    faint: whether points that are not revealed yet are seen faintly
    size: (width, height) of a frame
    """

    def __init__(self, figure: Figure, width: int, *, faint: bool = True) -> None:
        ratio = width / figure.bbox.width
        self._figure, self._faint = figure, list(faint_lines(figure)) if faint else []
        self.size = 2 * max(1, round(width / 2)), 2 * max(1, round(figure.bbox.height * ratio / 2))
        figure.dpi *= ratio
        with DRAWING:
            self._renderer = draw_still(figure, self.size)
        self._still = self._renderer.copy_from_bbox(Bbox.from_bounds(0, 0, *self.size))

    def frame(self, points: int) -> Image.Image:
        """The picture with the first ``points`` points of each live line, where these are by now."""
        artists = list(wire.live_artists(self._figure))
        lines = [artist for artist in artists if isinstance(artist, Line2D)]
        images = [artist for artist in artists if isinstance(artist, AxesImage)]
        self._renderer.restore_region(self._still)
        with DRAWING, cut(lines, points), np.errstate(all="ignore"):  # a run may diverge
            for artist in (*images, *self._faint, *lines):
                artist.draw(self._renderer)
        return Image.fromarray(np.asarray(self._renderer.buffer_rgba())).convert("RGB")

    def colours(self) -> list[tuple[int, int, int]]:
        """Those of the lines and their markers, which a palette should have exactly."""
        lines = [line for line in wire.live_artists(self._figure) if isinstance(line, Line2D)]
        named = [
            (line.get_color(), line.get_markerfacecolor(), line.get_markeredgecolor())
            for line in (*lines, *self._faint)
        ]
        known = [to_rgb(colour) for colours in named for colour in colours if not _is_none(colour)]
        return list(dict.fromkeys(tuple(round(255 * part) for part in colour) for colour in known))


def draw_still(figure: Figure, size: tuple[int, int]) -> RendererAgg:
    """What is not live, drawn at the figure's dpi on ``size`` pixels."""
    # Before 3.11, matplotlib draws images even if they are animated.
    images = [artist for artist in wire.live_artists(figure) if isinstance(artist, AxesImage)]
    renderer = RendererAgg(*size, figure.dpi)
    try:
        for image in images:
            image.set_visible(False)
        figure.draw(renderer)
    finally:
        for image in images:
            image.set_visible(True)
    return renderer


@contextmanager
def cut(artists: Sequence[Artist], points: int | None) -> Iterator[None]:
    """Live lines with their first ``points`` points only (None: all) while this lasts; whole ones stay as they are."""
    kept = [] if points is None else [line for line in artists if _is_revealed(line)]
    before = [(line.get_data(orig=True), line.get_markevery()) for line in kept]
    try:
        for line, ((x, y), every) in zip(kept, before, strict=True):
            line.set_data(x[:points], y[:points])
            if np.ndim(every) == 1 and not isinstance(every, tuple) and list(every) != [-1]:
                line.set_markevery([i for i in np.arange(len(x))[every].tolist() if i < points])
        yield
    finally:
        for line, (data, every) in zip(kept, before, strict=True):
            line.set_data(*data)
            line.set_markevery(every)


@contextmanager
def revealed(figure: Figure, points: int | None, *, faint: bool) -> Iterator[None]:
    """The figure as a browser shows it with so many points, for ``savefig``, while this lasts."""
    artists = list(wire.live_artists(figure))
    added = []
    try:
        if faint and points is not None:
            for pale in faint_lines(figure):
                added.append(pale.axes.add_artist(pale))
        with cut(artists, points):
            yield
    finally:
        for pale in added:
            pale.remove()


def faint_lines(figure: Figure) -> Iterator[Line2D]:
    """For each line that is revealed point by point, all of it, pale, to be painted below it."""
    lines = [artist for artist in wire.live_artists(figure) if _is_revealed(artist) and artist.axes is not None]
    for line in lines:
        pale = Line2D(*line.get_data(orig=True))
        pale.update_from(line)
        pale.set(color=_pale(line.get_color()), gapcolor=_pale(line.get_gapcolor()), markevery=line.get_markevery())
        pale.set(markerfacecolor=_pale(line.get_markerfacecolor()), markeredgecolor=_pale(line.get_markeredgecolor()))
        pale.set_zorder(min(one.get_zorder() for one in lines if one.axes is line.axes) - 0.01)
        pale.axes, pale.figure = line.axes, line.get_figure()
        yield pale


def _is_revealed(artist: Artist) -> bool:
    return isinstance(artist, Line2D) and artist.get_gid() != wire.WHOLE


def _is_none(colour: object) -> bool:
    return colour is None or str(colour).lower() == "none"


def _pale(colour: object) -> object:
    """Mixed with white, not see-through: where many dots lie on one another, they do not add up."""
    return colour if _is_none(colour) else tuple(1 - FAINT * (1 - part) for part in to_rgb(colour))
