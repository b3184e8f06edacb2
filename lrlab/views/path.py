"""What moves on a surface: each run's path with a dot per epoch, where it ends, and the start they share."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lrlab.core.arrays import Array
from lrlab.views.style import INK, PAIR, RunStyle


class Paths:
    """Live artists for the points of runs in a picture.

    lines: one Line2D per run, in the order of the runs, with a dot per epoch so that the length of a step shows.
    heads: one per run, on its last point that is shown. start: where they begin.

    head: the size of these

    A path is broken off (NaN) where it is further outside the axes than half their size: a run that diverges leaves
    the picture instead of filling it.
    """

    def __init__(self, axes: Axes, styles: tuple[RunStyle, ...] = PAIR, head: float = 9.5) -> None:
        self._low, self._high = np.transpose([axes.get_xlim(), axes.get_ylim()])
        self.lines = [
            axes.plot([], [], marker=".", markersize=style.dot, markeredgewidth=0, **style.line)[0] for style in styles
        ]
        self.heads = [_head(axes, style, head) for style in styles]
        (self.start,) = axes.plot(
            [], [], animated=True, marker="o", markersize=8, markerfacecolor="white", markeredgecolor=INK,
            markeredgewidth=1.6, linestyle="", zorder=6, label="start",
        )  # fmt: skip

    def draw(self, points: Array) -> None:
        """Show ``points``, (epochs + 1, runs, 2), in the axes' coordinates."""
        reach = (self._high - self._low) / 2
        near = ((points > self._low - reach) & (points < self._high + reach)).all(axis=-1, keepdims=True)
        seen = np.where(near, points, np.nan)
        for i, (line, head) in enumerate(zip(self.lines, self.heads, strict=True)):
            line.set_data(*seen[:, i].T)
            head.set_data(*seen[:, i].T)
        self.start.set_data(*points[:1, 0].T)


def mark_minima(axes: Axes, points: Array) -> None:
    """A cross on each of ``points``, (minima, 2); part of the still picture."""
    if len(points):
        # Many crosses are small ones.
        size, width = (26, 1.3) if len(points) <= 4 else (15, 1.1)
        axes.plot(
            *points.T, linestyle="", marker="+", markersize=size, markeredgecolor=INK, markeredgewidth=width, zorder=2
        )


def moving_cross(axes: Axes) -> Line2D:
    """The same for a minimum whose place depends on the runs: live."""
    return axes.plot(
        [], [], animated=True, linestyle="", marker="+", markersize=26, markeredgecolor=INK, markeredgewidth=1.3,
        zorder=2,
    )[0]  # fmt: skip


def _head(axes: Axes, style: RunStyle, size: float) -> Line2D:
    return axes.plot(
        [], [], animated=True, linestyle="", marker=style.head, markersize=size, markevery=[-1],
        markerfacecolor=style.color, markeredgecolor="white", markeredgewidth=1.4, zorder=style.zorder + 3,
    )[0]  # fmt: skip
