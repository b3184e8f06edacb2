"""The picture of a chain of jobs: a plateau run's losses and rates over bands, one for each job; the jobs on top."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from lrlab.core.chain import Job
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views import descent, training
from lrlab.views.contour import ContourView
from lrlab.views.curves import LossView, RateView, Scale
from lrlab.views.layout import runs_in_legend
from lrlab.views.moment import Moment
from lrlab.views.profile import ProfileView
from lrlab.views.style import INK, PLATEAU, RunStyle, styles_with

# Painted last, thin, dark and dashed with light gaps: seen inside the solid blue line as well as away from it.
JOBS = RunStyle("separate jobs", INK, (0, (2.5, 2.5)), 1.5, 3.6, "d", 5)
GAP = "#ffe28a"
STYLES = (PLATEAU, JOBS)
TINTS = (0.17, 0.05)  # of the plateau run's blue, by turns: how dense it is in a band
NUMBERED = 12  # jobs at most
ROOM = 0.024  # of the panel's width: a narrower band has no room for its number


class ChainView:
    """Panels for a plateau run and its jobs. ``draw(run, jobs)`` moves the live artists; everything else stays still.

    surface: a curve or a contour, for a problem with one or two weights; None without a ``problem``
    loss, rate: epoch by epoch, line 0 the run, line 1 the jobs, line 2 a run with another rule, whose name is ``own``,
        where there is one. moment: one of them, and the plateau rule at it
    bands: two, behind losses and rates. numbers: the first jobs' numbers, as markers. axes: the panels by name
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
        self.moment = Moment(self.loss, self.rate)
        self._epochs = epochs
        paths = self.surface.paths.lines if self.surface else []
        for lines in (self.loss.lines, self.rate.lines, paths):
            for line in lines[1:2]:
                line.set_gapcolor(GAP)
        figure.legend(handles=_legend(problem, styles))  # `arrange` puts it in its place

    def draw(self, run: Run, jobs: list[Job]) -> None:
        """Show ``run``, a pair or three as `core.chain.beside` makes it, and where its ``jobs`` begin and end."""
        for view in filter(None, (self.surface, self.loss, self.rate)):
            view.draw(run)
        self.loss.cuts[1].set_data([], [])  # a job of its own has none
        colours = np.zeros((1, self._epochs, 4))
        for i, job in enumerate(jobs):
            colours[0, job.first - 1 : job.last] = to_rgba(PLATEAU.color, TINTS[i % 2])
        for band in self.bands:
            band.set_data(colours)
        for i, number in enumerate(self.numbers):
            wide = i < len(jobs) and jobs[i].length >= ROOM * self._epochs
            number.set_data(*(([(jobs[i].first - 1 + jobs[i].last) / 2], [0.94]) if wide else ([], [])))


def calmer(scale: Scale) -> Scale:
    """A scale with less room above and below, on a surface: jobs with momentum neither fall as far nor are lost."""
    return scale._replace(low=scale.low * 100, high=scale.high / 10) if scale.high > 1e6 * scale.low else scale


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
    return axes.plot(
        [], [], animated=True, linestyle="", marker=f"${number}$", markersize=7 if number < 10 else 10,
        markerfacecolor=INK, markeredgewidth=0, transform=axes.get_xaxis_transform(), scalex=False, scaley=False,
        zorder=6,
    )[0]  # fmt: skip


def _legend(problem: Problem | None, styles: tuple[RunStyle, ...]) -> list[Line2D]:
    runs = runs_in_legend(styles, ("plateau run", "as separate jobs"))
    runs[1].set_gapcolor(GAP)
    return [*runs, *descent.places_in_legend(problem)] if problem else runs
