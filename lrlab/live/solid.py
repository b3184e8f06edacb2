"""Solid: a surface that can be turned, with paths on it. A LiveFigure's panel, seen in 3-D.

What is sent is the surface (once) and the paths (whenever they change). All that is seen of them, from every side, is
worked out in the browser, on a plain 2-D canvas: no graphics card is needed, nothing is loaded, and the kernel hears
nothing while a hand turns it.

Places are in shares of the box that is drawn: (x, y, height), each from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import anywidget
import numpy as np
import traitlets
from ipywidgets import widget_serialization
from numpy.typing import NDArray

from lrlab.live.figure import LiveFigure
from lrlab.live.script import script

Ticks = list[tuple[float, str]]  # places, in shares of an axis, and what stands there


class Surface(NamedTuple):
    """What stands still in the box.

    heights: (rows, columns), from 0 to 1; rows along y. Where it is not finite, there is a hole
    rings: (rows, columns); a line runs where this is a whole number above 0, a band of one colour in between
    bands: (bands, 3), the colours of 0 to 1, 1 to 2, ..., as numbers from 0 to 255
    line: its colour. names, ticks: of x, y and height. marks: (marks, 3), crosses on the surface
    """

    heights: NDArray[Any]
    rings: NDArray[Any]
    bands: list[list[int]]
    line: list[int]
    names: tuple[str, str, str]
    ticks: tuple[Ticks, Ticks, Ticks]
    marks: NDArray[Any]


class Stroke(NamedTuple):
    """How a path is drawn: lengths in heights of letters. dashes: empty for a solid line; head: "s", "o" or "D"."""

    color: list[int]
    width: float
    dashes: list[float]
    dot: float
    head: str
    order: float


class Solid(anywidget.AnyWidget):
    """A surface in a box. Drag it, or use the arrow keys, to turn it; Home or a double click turns it back.

    figure: the LiveFigure whose number of revealed points this one follows, in the browser
    alt: what a screen reader says. letters: their height, in shares of the width that the widget has
    """

    _esm = script(
        __file__, "theme.js", "news.js", "density.js", "raster.js", "solid_paths.js", "solid_box.js", "solid.js"
    )
    _css = script(__file__, "solid.css")

    figure = traitlets.Instance(LiveFigure).tag(sync=True, **widget_serialization)
    alt = traitlets.Unicode("").tag(sync=True)
    letters = traitlets.Float(0.03).tag(sync=True)
    _box = traitlets.Dict().tag(sync=True)
    _heights = traitlets.Bytes(b"").tag(sync=True)
    _rings = traitlets.Bytes(b"").tag(sync=True)
    _strokes = traitlets.List().tag(sync=True)
    _points = traitlets.Bytes(b"").tag(sync=True)
    _picked = traitlets.List().tag(sync=True, echo_update=False)

    def stand(self, surface: Surface) -> None:
        """Show another surface."""
        box = surface._asdict() | {"shape": surface.heights.shape, "marks": surface.marks.tolist()}
        del box["heights"], box["rings"]
        with self.hold_sync():
            self._heights, self._rings = _packed(surface.heights), _packed(surface.rings)
            self._box = box

    def lay(self, points: NDArray[Any], strokes: list[Stroke]) -> None:
        """Lay paths on the surface: points, (points, paths, 3), with NaN where there is none; a stroke for each path.

        Paths follow the surface from point to point, and end at the box's border.
        """
        with self.hold_sync():
            self._strokes = [stroke._asdict() for stroke in strokes]
            self._points = _packed(points.swapaxes(0, 1))

    def on_pick(self, callback: Callable[[float, float], None]) -> None:
        """Call ``callback(x, y)`` while the first path's first point is dragged over the surface, with where to.

        x and y are shares of the box, and outside 0 to 1 where the hand is beside it.
        """
        self.observe(lambda change: callback(*change.new), "_picked")

    def close(self) -> None:
        """Close the widget and forget the surface."""
        super().close()
        self.layout.close()  # a widget of its own
        self._heights = self._rings = self._points = b""


def _packed(numbers: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(numbers, "<f4").tobytes()
