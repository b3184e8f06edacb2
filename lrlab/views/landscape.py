"""More than two weights: the loss on the plane through the start and both ends, with both paths projected onto it."""

from __future__ import annotations

from math import ceil, log2

import numpy as np
from matplotlib.axes import Axes

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.landscape import Plane, ends, loss_on, plane_of
from lrlab.views.isolines import isolines
from lrlab.views.path import Paths, moving_cross
from lrlab.views.style import LAND, PAIR, RINGS, WHOLE, RunStyle, dress

# Points of the grid on a side, and of the picture between two of them, where a smooth surface through the points is
# drawn. Where one loss takes long (digits: a thousand images, hundreds of weights), there are fewer points.
FINE, COARSE = (40, 4), (16, 10)
LONG = 200_000  # weights times rows
TOP = 4.0  # losses are cut off far above the colours' end, so that the corner this makes is not seen


class LandscapeView:
    """All of it live, since another run has another plane.

    paths: the live artists. land: an image of the loss. rings: one Line2D, all contour lines. minimum: a cross
    note: what the plane is, how far the paths leave it, and how far the known minimum is from it

    The axes are distances between weights, the same in both directions, and the colours stand for the same losses
    whatever the sliders do: from the lowest up to twice what the start is above it.
    """

    def __init__(self, axes: Axes, problem: Problem, size: float, styles: tuple[RunStyle, ...] = PAIR) -> None:
        dress(axes, f"{problem.name}:  {problem.formula}", "along: from the start to the ends", "across")
        self._problem = problem
        rows = len(problem.samples.targets) if problem.samples else 1
        points, self._between = FINE if rows * problem.dim < LONG else COARSE
        self._bottom, self._span = _scale(problem)
        axes.set(xlim=(-0.4 * size, 1.6 * size), ylim=(-size, size))
        low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
        self._a, self._b = (np.linspace(*limits, points) for limits in zip(low, high, strict=True))
        pixel = (high - low) / (points - 1) / self._between / 2  # points of the grid lie in the middle of pixels
        self.land = axes.imshow(
            np.zeros((2, 2)), animated=True, cmap=LAND, vmin=0, vmax=1, aspect="auto", origin="lower", zorder=0,
            interpolation="nearest",
            extent=(low[0] - pixel[0], high[0] + pixel[0], low[1] - pixel[1], high[1] + pixel[1]),
        )  # fmt: skip
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        (self.rings,) = axes.plot([], [], animated=True, color="#9aa79d", linewidth=0.6, gid=WHOLE, zorder=1)
        self.minimum = moving_cross(axes)
        self.paths = Paths(axes, styles)
        self.note = ""

    def draw(self, run: Run) -> None:
        """Show the plane of ``run`` and its paths, projected. A third run has no say in which plane that is."""
        pair = run[:2]
        plane = plane_of(pair)
        height = self._height(loss_on(self._problem, plane, self._a, self._b))
        self.land.set_data(height)
        rows, columns = (np.linspace(*side[[0, -1]], len(height)) for side in (self._b, self._a))
        self.rings.set_data(*isolines(columns, rows, height, np.linspace(0, 1, RINGS)[1:-1]))
        with np.errstate(all="ignore"):  # weights of a run that diverged
            points, away = plane.project(run.w)
        self.paths.draw(points)
        self.note = _note(pair, away[:, :2], self._mark_minimum(plane))

    def _mark_minimum(self, plane: Plane) -> float | None:
        """Put the cross where the first known minimum is nearest to, and return how far that is from it."""
        if not len(self._problem.minima):
            return None
        place, away = plane.project(np.asarray(self._problem.minima[0], float))
        self.minimum.set_data(*place[:, None])
        return float(away)

    def _height(self, loss: Array) -> Array:
        """Losses as shares of the colour scale, on a finer grid. Square roots space the rings of a quadratic evenly."""
        from scipy.interpolate import RectBivariateSpline  # takes a while to load, and only a landscape needs it

        share = np.sqrt(np.nan_to_num(np.clip((loss - self._bottom) / self._span, 0, TOP), nan=TOP))
        rows = np.arange(len(share))
        finer = np.linspace(0, rows[-1], rows[-1] * self._between + 1)
        return RectBivariateSpline(rows, rows, share)(finer, finer)


def size_of(problem: Problem, run: Run) -> float:
    """Half the width of a picture that holds ``run``: from a short list of sizes, so that it rarely changes.

    Never smaller than a quarter of the problem's view, so that a run that only crawls is seen to crawl.
    """
    # A run that diverged is on its way to anywhere: the picture keeps to the other.
    kept = [end for end, left in zip(ends(run), run.diverged, strict=True) if np.isnan(left)]
    coordinates, _ = plane_of(run).project(np.stack([run.w[0, 0], *kept]))
    a, b = np.abs(coordinates).max(axis=0)
    smallest = np.ptp(problem.view, axis=1).max() / 4
    needed = max(a / 1.4, b / 0.85, smallest)
    return float(smallest * 2 ** (ceil(2 * log2(needed / smallest) - 1e-9) / 2))


def _scale(problem: Problem) -> tuple[float, float]:
    """The lowest loss of the colour scale, and how far up it goes. Losses of models on data are 0 or more."""
    start = float(problem.loss(problem.start_point))
    bottom = problem.lowest_loss
    if bottom is None:
        bottom = 0.0 if problem.samples else start - max(1.0, abs(start))
    return bottom, 2 * (start - bottom) if start > bottom else 1.0


def _note(run: Run, away: Array, minimum_away: float | None) -> str:
    """What the plane is, and what is not in it."""
    left = np.isfinite(run.diverged)
    one_end = (run.w[-1, 0] == run.w[-1, 1]).all()
    if left.any():
        what = "the start and the ends of both runs; for a run that diverged, its last point before it left"
    elif one_end:
        what = "the start, the end, and the point of the path that is furthest from the line between them"
    else:
        what = "the start and the ends of both runs"
    here = np.where(left, run.diverged, run.epochs + 1)  # rows of a run before it left
    kept = np.where(np.arange(run.epochs + 1)[:, None] < here, away, 0)
    off, length = np.nanmax(kept), max(np.linalg.norm(end - run.w[0, 0]) for end in ends(run))
    sentence = f"The landscape is the loss on the plane through {what}. "
    if off < 1e-6 * length or not length:
        sentence += "The paths lie in it."
    else:
        share = f"{100 * off / length:.0f} %"
        sentence += f"In between, the paths leave it by up to {off:.2g}, {share} of the way from start to end."
    if minimum_away is not None:
        sentence += f" The cross is the minimum, {minimum_away:.2g} from the plane."
    return sentence
