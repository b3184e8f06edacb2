"""The surface from above, with both runs' paths on it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.style import INK, LAND, PAIR, RunStyle, dress

GRID_POINTS = 160
RINGS = 13


class ContourView:
    """Rings of equal loss (still), and for each run its path and where it ends (live).

    paths: one Line2D per run, in the order of the runs, with a dot per epoch so that the length of a step shows.
    heads: one per run, its last point. start: where they begin.

    A path is broken off (NaN) where it is further outside the view than half its size: a run that diverges leaves
    the picture instead of filling it.
    """

    def __init__(self, axes: Axes, problem: Problem, styles: tuple[RunStyle, ...] = PAIR) -> None:
        dress(axes, f"{problem.name}:  {problem.formula}", *problem.axes)
        self.view = np.asarray(problem.view, dtype=float)
        self._draw_surface(axes, problem)
        self.paths = [
            axes.plot([], [], marker=".", markersize=style.dot, markeredgewidth=0, **style.line)[0] for style in styles
        ]
        self.heads = [_head(axes, style) for style in styles]
        (self.start,) = axes.plot(
            [], [], animated=True, marker="o", markersize=8, markerfacecolor="white", markeredgecolor=INK,
            markeredgewidth=1.6, linestyle="", zorder=6, label="start",
        )  # fmt: skip

    def draw(self, run: Run) -> None:
        """Show where ``run`` goes."""
        low, high = self.view.T
        reach = (high - low) / 2
        near = ((run.w > low - reach) & (run.w < high + reach)).all(axis=-1, keepdims=True)
        seen = np.where(near, run.w, np.nan)
        for i, (path, head) in enumerate(zip(self.paths, self.heads, strict=True)):
            path.set_data(*seen[:, i].T)
            head.set_data(*seen[-1:, i].T)
        self.start.set_data(*run.w[:1, 0].T)

    @staticmethod
    def _draw_surface(axes: Axes, problem: Problem) -> None:
        (left, right), (bottom, top) = problem.view
        axes.set(xlim=(left, right), ylim=(bottom, top))
        x, y = np.meshgrid(np.linspace(left, right, GRID_POINTS), np.linspace(bottom, top, GRID_POINTS))
        loss = problem.loss(np.stack([x, y], axis=-1))
        finite = loss[np.isfinite(loss)]
        # Squared steps give a quadratic evenly spaced rings. A loss that is the same everywhere has none.
        if finite.size and np.ptp(finite) > 0:
            levels = finite.min() + np.ptp(finite) * np.linspace(0, 1, RINGS) ** 2
            axes.contourf(x, y, loss, levels=levels, cmap=LAND, norm="linear", zorder=0)
            axes.contour(x, y, loss, levels=levels[1:], colors="#9aa79d", linewidths=0.6, alpha=0.7, zorder=1)
        if len(problem.minima):
            axes.plot(
                *np.transpose(problem.minima), linestyle="", marker="+", markersize=26,
                markeredgecolor=INK, markeredgewidth=1.3, zorder=2,
            )  # fmt: skip


def _head(axes: Axes, style: RunStyle) -> Line2D:
    return axes.plot(
        [], [], animated=True, linestyle="", marker=style.head, markersize=9.5,
        markerfacecolor=style.color, markeredgecolor="white", markeredgewidth=1.4, zorder=style.zorder + 3,
    )[0]  # fmt: skip
