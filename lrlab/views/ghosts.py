"""Ghosts: what runs left in a picture, kept faintly in the still part of it, to compare other settings with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from lrlab.core.arrays import Array
from lrlab.views.style import SMALL, WHOLE

FAINT = 0.4
THINNER = 0.55
NAMED = "losses"  # the panel in which ghosts have names
FROM_THE_END = 0.08  # of a line: each name stands so much further from it than the one before


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
        if line.get_animated() and line.get_gid() != WHOLE and line.get_linestyle() != "None" and len(line.get_xdata())
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
    for i, (name, lines) in enumerate(ghosts):
        for line in lines:
            axes = panels.get(line.axes)
            if axes is None:
                continue
            x, y = _within_reach(axes, line)
            axes.plot(x, y, alpha=FAINT, zorder=1.5, scalex=False, scaley=False, **line.look)
            if line.axes == NAMED:
                _name(axes, x, y, name, 1 - FROM_THE_END * (i % 8 + 1), line.look["color"])


def _within_reach(axes: Axes, line: GhostLine) -> tuple[Array, Array]:
    """The points without those that are far outside: Agg cannot draw what is millions of pixels away."""
    places = axes.transAxes.inverted().transform(axes.transData.transform(np.transpose([line.x, line.y])))
    with np.errstate(invalid="ignore"):
        near = (np.abs(places - 0.5) < 20).all(axis=1)
    return np.where(near, line.x, np.nan), np.where(near, line.y, np.nan)


def _name(axes: Axes, x: Array, y: Array, name: str, share: float, color: str) -> None:
    """A name on a line, at a share of what is to be seen of it."""
    low, high = axes.get_ylim()
    with np.errstate(invalid="ignore"):
        (seen,) = np.nonzero((y >= low) & (y <= high))
    if len(seen):
        here = seen[int(share * (len(seen) - 1))]
        axes.text(
            x[here], y[here], name, color=color, fontsize=SMALL, fontweight="bold", ha="center", va="center",
            zorder=8, clip_on=True, path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip
