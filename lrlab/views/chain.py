"""The picture of a chain of jobs: a plateau run's losses and rates over bands, one for each job; the jobs on top."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.chain import Job
from lrlab.views import descent, training
from lrlab.views.contour import ContourView
from lrlab.views.curves import LossView, RateView, Scale
from lrlab.views.epoch_mark import EpochMark
from lrlab.views.layout import runs_in_legend
from lrlab.views.profile import ProfileView
from lrlab.views.style import INK, PLATEAU, RunStyle, styles_with

# Painted last, thin, dark and dashed with light gaps: seen inside the solid blue line as well as away from it.
JOBS = RunStyle("separate jobs", INK, (0, (2.5, 2.5)), 1.5, 3.6, "d", 5)
GAP = "#ffe28a"
STYLES = (PLATEAU, JOBS)
TINTS = (0.17, 0.05)  # of the plateau run's blue, by turns: how dense it is in a band
NUMBERED = 40  # jobs at most: as many as there is room for in a wide panel
EVERY = 5  # of the jobs' numbers, where there is no room for all
MARGIN = 4  # pixels that a band is wider than its number, at least


class ChainView:
    """Panels for a plateau run and its jobs. ``draw(run, jobs)`` moves the live artists; everything else stays still.

    surface: a curve or a contour, for a problem with one or two weights; None without a ``problem``
    loss, rate: epoch by epoch, line 0 the run, line 1 the jobs, line 2 a run with another rule, whose name is ``own``,
        where there is one. epoch_mark: one of them, and the plateau rule at it
    bands: two, behind losses and rates. numbers: the jobs' numbers, as markers, which are visible where they have room;
        every fifth may take that of its neighbours, where these have none
    axes: the panels by name
    """

    def __init__(
        self,
        figure: Figure,
        *,
        scale: Scale,
        epochs: int,
        alphas: tuple[float, float],
        edge: float | None = None,
        problem: Problem | None = None,
        own: str = "",
    ) -> None:
        styles = (*STYLES, *styles_with(own)[2:])
        names = [*(["surface"] if problem else []), "losses", "rates"]
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in names}
        self.surface: Any = None
        if problem:
            self.surface = (ProfileView if problem.dim == 1 else ContourView)(self.axes["surface"], problem, styles)
        self.loss = LossView(self.axes["losses"], scale, epochs, styles=styles)
        self.rate = RateView(self.axes["rates"], alphas, epochs, edge, styles)
        self.axes["losses"].tick_params(labelbottom=False)
        self.bands = [_band(self.axes[name]) for name in ("losses", "rates")]
        self.numbers = [_number(self.axes["losses"], number) for number in range(1, NUMBERED + 1)]
        self.epoch_mark = EpochMark(self.loss, self.rate)
        self._epochs = epochs
        paths = self.surface.paths.lines if self.surface else []
        for lines in (self.loss.lines, self.rate.lines, paths):
            for line in lines[1:2]:
                line.set_gapcolor(GAP)
        figure.legend(handles=_legend(problem, styles))  # `arrange` puts it in its place

    def draw(self, run: Run, jobs: list[Job]) -> None:
        """Show ``run``, a pair or three as `studies.chain.beside` makes it, and where its ``jobs`` begin and end."""
        for view in filter(None, (self.surface, self.loss, self.rate)):
            view.draw(run)
        self.loss.cuts[1].set_data([], [])  # a job of its own has none
        self.mark(jobs)

    def mark(self, jobs: list[Job], limit: int | None = None) -> None:
        """Bands and numbers, up to the epoch ``limit``: where what comes is hidden, they must not give it away."""
        limit = self._epochs if limit is None else limit
        seen = [job._replace(last=min(job.last, limit)) for job in jobs if job.first <= limit]
        colours = np.zeros((1, self._epochs, 4))
        for i, job in enumerate(seen):
            colours[0, job.first - 1 : job.last] = to_rgba(PLATEAU.color, TINTS[i % 2])
        for band in self.bands:
            band.set_data(colours)
        lengths = np.pad([job.length for job in seen], EVERY // 2)
        for i, number in enumerate(self.numbers):
            span = (seen[i].first - 1, seen[i].last) if i < len(seen) else (0, 0)
            number.stand_in(*span, lengths[i : i + EVERY])


class _Number(Line2D):
    """A job's number, in the middle of its band: visible as long as that is wide enough for it, in pixels."""

    def __init__(self, number: int, **options: Any) -> None:
        super().__init__(
            [], [], linestyle="", marker=f"${number}$", markersize=7 if number < 10 else 10, markerfacecolor=INK,
            markeredgewidth=0, animated=True, **options,
        )  # fmt: skip
        self._number = number

    def stand_in(self, first: float, last: float, around: Array) -> None:
        """Stand in the middle between two places on the axis of epochs; nowhere where they are one.

        around: how long the bands are, from two to the left of it to two to the right
        """
        self._span, self._around = last - first, around
        self.set_data(*(([(first + last) / 2], [0.94]) if self._span else ([], [])))

    def get_visible(self) -> bool:
        if not (super().get_visible() and len(self.get_xdata())):
            return False
        left, right = self.axes.get_xlim()
        point = self.get_figure(root=True).dpi / 72
        # In epochs: what a number needs. A marker's size is that of its longer side.
        one, two = ((wide * point + MARGIN) * (right - left) / self.axes.bbox.width for wide in (0.7 * 7, 10))
        if self._span >= (one if self._number < 10 else two):
            return True
        theirs = one if self._number - EVERY // 2 < 10 else two
        return self._number % EVERY == 0 and bool((self._around < theirs).all() and self._around.sum() >= two)


def calmer(scale: Scale) -> Scale:
    """A scale with less room above, on a surface: jobs with momentum are not lost."""
    return scale._replace(high=scale.high / 10) if scale.high > 1e6 * scale.low else scale


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    has_surface = any(axes.get_label() == "surface" for axes in figure.axes)
    (descent if has_surface else training).arrange(figure, width)


def _band(axes: Axes) -> AxesImage:
    """A pixel an epoch, over the whole panel."""
    return axes.imshow(
        np.zeros((1, 1, 4)), animated=True, extent=(0, 1, 0, 1), transform=axes.transAxes, aspect="auto",
        interpolation="nearest", zorder=0,
    )  # fmt: skip


def _number(axes: Axes, number: int) -> Line2D:
    return axes.add_line(_Number(number, transform=axes.get_xaxis_transform(), zorder=6))


def _legend(problem: Problem | None, styles: tuple[RunStyle, ...]) -> list[Line2D]:
    runs = runs_in_legend(styles, ("plateau run", "as separate jobs"))
    runs[1].set_gapcolor(GAP)
    return [*runs, *descent.places_in_legend(problem)] if problem else runs
