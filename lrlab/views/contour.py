"""Two weights: the surface from above, with both runs' paths on it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from lrlab.core.arrays import Array, columns
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.path import Paths, mark_minima
from lrlab.views.style import LAND, PAIR, RINGS, RunStyle, dress

GRID_POINTS = 160
RING = "#9aa79d"


class ContourView:
    """Rings of equal loss and crosses on the known minima (still), and the runs' paths (live).

    paths: the live artists
    """

    note = ""

    def __init__(self, axes: Axes, problem: Problem, styles: tuple[RunStyle, ...] = PAIR) -> None:
        dress(axes, f"{problem.name}:  {problem.formula}", *problem.axes)
        draw_rings(axes, problem)
        mark_minima(axes, np.asarray(problem.minima, float))
        self.paths = Paths(axes, styles)

    def draw(self, run: Run) -> None:
        """Show where ``run`` goes."""
        self.paths.draw(run.w)


def draw_rings(axes: Axes, problem: Problem) -> None:
    """The surface of a problem with two weights, as coloured rings."""
    axes.set(xlim=problem.view[0], ylim=problem.view[1])
    places = grid_over(problem)
    x, y, loss = *columns(places), problem.loss(places)
    levels = levels_of(loss)
    if len(levels):
        axes.contourf(x, y, loss, levels=levels, cmap=LAND, norm="linear", zorder=0)
        axes.contour(x, y, loss, levels=levels[1:], colors=RING, linewidths=0.6, alpha=0.7, zorder=1)


def grid_over(problem: Problem, points: int = GRID_POINTS) -> Array:
    """(points, points, 2): weights all over the view, rows along y."""
    (left, right), (bottom, top) = problem.view
    return np.stack(np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points)), axis=-1)


def band_colors(levels: Array) -> Array:
    """(bands, 4), RGBA: what `draw_rings` fills the room between two levels with; one colour if there are none."""
    if not len(levels):
        return LAND([0.5])
    middles = (levels[1:] + levels[:-1]) / 2
    return LAND((middles - levels[0]) / (levels[-1] - levels[0]))


def levels_of(loss: Array) -> Array:
    """Losses to draw rings at; none where the loss is the same everywhere."""
    finite = loss[np.isfinite(loss)]
    if not finite.size or np.ptp(finite) == 0:
        return np.empty(0)
    # Squared steps give a quadratic evenly spaced rings. Where most of the surface lies lower still, as between the
    # steep walls of a polynomial, a higher power puts half of the rings into the lower half of it.
    median = np.median(finite - finite.min()) / np.ptp(finite)
    power = np.clip(np.log(max(median, 1e-9)) / np.log(0.5), 2, 8)
    # On a surface that is nearly level, rounding makes some of them one.
    return np.unique(finite.min() + np.ptp(finite) * np.linspace(0, 1, RINGS) ** power)
