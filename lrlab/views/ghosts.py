"""Ghosts: what runs left in a picture, kept faintly in the still part of it, to compare other settings with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from lrlab.core.arrays import Array
from lrlab.views.style import BESIDES, SMALL, WHOLE

FAINT = 0.4
THINNER = 0.55
NAMED = "losses"  # the panel in which ghosts have names
NEAR_THE_END = 0.92  # of what is to be seen of a line: there its name stands, or before that
LETTER = (0.05, 0.125)  # the room that a letter needs, as shares of the panel, where that is small
MARGIN = LETTER[1] / 2
PLACES = 60  # that are tried on a line


class GhostLine(NamedTuple):
    """A line of a panel. axes: the panel's label. look: keyword arguments for a line"""

    axes: str
    x: Array
    y: Array
    look: dict[str, Any]


def capture(figure: Figure) -> tuple[GhostLine, ...]:
    """Copies of the live lines that are records of epochs, as they are now."""
    return tuple(
        GhostLine(axes.get_label(), np.array(line.get_xdata(), float), np.array(line.get_ydata(), float), look)
        for axes in figure.axes
        for line in axes.lines
        if line.get_animated() and line.get_gid() not in (WHOLE, BESIDES)
        if line.get_linestyle() != "None" and len(line.get_xdata())
        for look in [
            {
                "color": line.get_color(),
                "linestyle": "-" if not line.is_dashed() else (0, (4, 2)),
                "linewidth": THINNER * line.get_linewidth(),
                "drawstyle": line.get_drawstyle(),
            }
        ]
    )


def draw(figure: Figure, ghosts: Sequence[tuple[str, Sequence[GhostLine]]]) -> None:
    """Put ghosts into the still picture, behind what is live. ghosts: the name of each, and its lines"""
    panels = {axes.get_label(): axes for axes in figure.axes}
    named: list[_Named] = []
    for name, lines in ghosts:
        for line in lines:
            axes = panels.get(line.axes)
            if axes is None:
                continue
            x, y = _within_reach(axes, line)
            axes.plot(x, y, alpha=FAINT, zorder=1.5, scalex=False, scaley=False, **line.look)
            if line.axes == NAMED:
                same = next((one for one in named if one.is_the_same(x, y, line.look["color"])), None)
                if same:
                    same.names.append(name)
                else:
                    named.append(_Named([name], axes, x, y, line.look["color"]))
    taken: list[tuple[Array, float]] = []
    for one in named:
        one.write(taken)


class _Named(NamedTuple):
    """A line, and the names of all ghosts that left just this one."""

    names: list[str]
    axes: Axes
    x: Array
    y: Array
    color: Any

    def is_the_same(self, x: Array, y: Array, color: Any) -> bool:
        pairs = ((x, self.x), (y, self.y))
        return color == self.color and all(np.array_equal(one, other, equal_nan=True) for one, other in pairs)

    def write(self, taken: list[tuple[Array, float]]) -> None:
        """The names on the line, as near to its end as others leave room. taken: places and half widths of those."""
        places = self._places()
        if not len(places):
            return
        half = LETTER[0] * (0.2 + 0.8 * len(self.names)) / 2
        room = [
            min((max(abs(x - at[0]) / (half + width), abs(y - at[1]) / LETTER[1]) for at, width in taken), default=1.0)
            for x, y in places
        ]
        free = np.flatnonzero(np.array(room) >= 1)
        place = places[free[0] if len(free) else int(np.argmax(room))]
        taken.append((place, half))
        self.axes.text(
            *place, " ".join(self.names), transform=self.axes.transAxes, color=self.color, fontsize=SMALL,
            fontweight="bold", ha="center", va="center", zorder=8, clip_on=True,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip

    def _places(self) -> Array:
        """(n, 2): along what is to be seen of the line, from near its end to its start, as shares of the panel."""
        with np.errstate(invalid="ignore"):
            points = self.axes.transAxes.inverted().transform(
                self.axes.transData.transform(np.transpose([self.x, self.y]))
            )
            inside = (points >= (0, MARGIN)) & (points <= (1, 1 - MARGIN))  # so that no letter is cut off
        seen = points[inside.all(axis=1)]
        if not len(seen):
            return seen
        along = np.linspace(NEAR_THE_END * (len(seen) - 1), 0, PLACES)
        return np.transpose([np.interp(along, np.arange(len(seen)), column) for column in seen.T])


def _within_reach(axes: Axes, line: GhostLine) -> tuple[Array, Array]:
    """The points without those that are far outside: Agg cannot draw what is millions of pixels away."""
    places = axes.transAxes.inverted().transform(axes.transData.transform(np.transpose([line.x, line.y])))
    with np.errstate(invalid="ignore"):
        near = (np.abs(places - 0.5) < 20).all(axis=1)
    return np.where(near, line.x, np.nan), np.where(near, line.y, np.nan)
