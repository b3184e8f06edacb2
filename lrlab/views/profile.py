"""One weight: the loss as a curve, with both runs' points rolling on it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.path import Paths, mark_minima
from lrlab.views.style import GRID, PAIR, RunStyle, dress

POINTS = 801


class ProfileView:
    """The curve, with crosses on the known minima (still), and the runs' paths on it (live).

    paths: the live artists. A step jumps from one point of the curve to another: the line between is the jump.
    """

    note = ""

    def __init__(self, axes: Axes, problem: Problem, styles: tuple[RunStyle, ...] = PAIR) -> None:
        dress(axes, f"{problem.name}:  {problem.formula}", problem.axes[0], "loss")
        self._problem = problem
        draw_curve(axes, problem)
        minima = np.asarray(problem.minima, float).reshape(-1, 1)
        mark_minima(axes, np.column_stack([minima, problem.loss(minima)]))
        self.paths = Paths(axes, styles)

    def draw(self, run: Run) -> None:
        """Show where ``run`` goes."""
        self.paths.draw(np.stack([run.w[..., 0], run.loss], axis=-1))


def draw_curve(axes: Axes, problem: Problem) -> None:
    """The loss over the whole view."""
    low, high = problem.view[0]
    x = np.linspace(low, high, POINTS)
    loss = problem.loss(x[:, None])
    finite = loss[np.isfinite(loss)]
    bottom, top = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    room = 0.08 * (top - bottom) or 1.0
    axes.set(xlim=(low, high), ylim=(bottom - room, top + room))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.plot(x, loss, color="#7d8a80", linewidth=2.2, zorder=1, solid_joinstyle="round")
    axes.fill_between(x, loss, bottom - room, color="#e6efe0", zorder=0)
