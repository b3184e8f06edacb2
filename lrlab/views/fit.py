"""What a model has learned, drawn over its data: the line of a regression, the regions of a classifier."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.samples import Fit, Samples
from lrlab.views.isolines import isolines
from lrlab.views.style import PAIR, dress

GRID_POINTS = 80
# Two classes, in neither of the runs' colours: reddish purple and bluish green (Okabe-Ito), pale for regions.
CLASS_COLORS = ("#8a4f76", "#00795a")
CLASS_MARKERS = ("o", "^")
REGIONS = LinearSegmentedColormap.from_list("regions", ["#ecd3e2", "#f8f7f6", "#c9e8dc"])


class LineFit:
    """Regression on one feature: the data (still), and each run's line (live).

    lines: one Line2D per run
    """

    def __init__(self, axes: Axes, samples: Samples) -> None:
        self._fit = _fit(samples)
        dress(axes, "the fitted lines", *self._fit.labels)
        x = self._fit.features[:, 0]
        axes.plot(x, samples.targets, linestyle="", marker="o", markersize=3.5, color="#9aa1ac", markeredgewidth=0)
        axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
        self._x = np.linspace(*axes.get_xlim(), 100)
        self.lines = [axes.plot([], [], **style.line)[0] for style in PAIR]

    def draw(self, run: Run) -> None:
        """Show what the runs predict after their last epoch."""
        with np.errstate(all="ignore"):
            predicted = self._fit.predict(run.w[-1], self._x[:, None])
        for line, y in zip(self.lines, predicted, strict=True):
            line.set_data(self._x, y)


class RegionFit:
    """Classification on two features: one run's regions and boundary, and the data over them (all of it live).

    regions: an image of the probability of class 1. boundary: one Line2D, where it is one half.
    """

    def __init__(self, axes: Axes, samples: Samples, i: int) -> None:
        self._fit, self._run = _fit(samples), i
        style = PAIR[i]
        x, y = self._fit.labels
        dress(axes, f"{style.name}: what it learned", "" if i == 0 else x, y)  # both panels share their x
        low, high = self._fit.features.min(axis=0), self._fit.features.max(axis=0)
        room = 0.1 * (high - low)
        (left, bottom), (right, top) = low - room, high + room
        self._x, self._y = np.linspace(left, right, GRID_POINTS), np.linspace(bottom, top, GRID_POINTS)
        self._grid = np.stack(np.meshgrid(self._x, self._y), axis=-1).reshape(-1, 2)
        self.regions = axes.imshow(
            np.zeros((2, 2)), animated=True, cmap=REGIONS, vmin=0, vmax=1, extent=(left, right, bottom, top),
            origin="lower", aspect="auto", interpolation="nearest", zorder=0,
        )  # fmt: skip
        for value, (color, marker) in enumerate(zip(CLASS_COLORS, CLASS_MARKERS, strict=True)):
            points = self._fit.features[samples.targets == value]
            axes.plot(*points.T, animated=True, linestyle="", marker=marker, markersize=3.6, color=color,
                      markeredgewidth=0, zorder=1)  # fmt: skip
        (self.boundary,) = axes.plot([], [], **style.line)
        axes.set(xlim=(left, right), ylim=(bottom, top))

    def draw(self, run: Run) -> None:
        """Show what the run tells apart after its last epoch."""
        with np.errstate(all="ignore"):
            chance = self._fit.predict(run.w[-1, self._run], self._grid).reshape(GRID_POINTS, GRID_POINTS)
        self.regions.set_data(chance)
        self.boundary.set_data(*isolines(self._x, self._y, np.nan_to_num(chance), [0.5]))


def fit_panels(problem: Problem) -> list[str]:
    """The names of the panels that show what the runs learned; none where there is no such picture."""
    if problem.samples is None or problem.samples.fit is None:
        return []
    return ["fit constant", "fit plateau"] if problem.samples.fit.classes else ["fit"]


def fit_views(problem: Problem, axes: list[Axes]) -> list[LineFit | RegionFit]:
    """The views for these panels."""
    samples = problem.samples
    if not axes or samples is None:
        return []
    return [LineFit(axes[0], samples)] if len(axes) == 1 else [RegionFit(ax, samples, i) for i, ax in enumerate(axes)]


def _fit(samples: Samples) -> Fit:
    assert samples.fit is not None
    return samples.fit
