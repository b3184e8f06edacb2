"""The picture of DescentLab: the surface on the left, losses above learning rates on the right."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.contour import ContourView
from lrlab.views.curves import LossView, RateView, scale_of
from lrlab.views.epoch_mark import EpochMark
from lrlab.views.fit import Learned, fit_panels
from lrlab.views.landscape import LandscapeView
from lrlab.views.layout import Box, arrange_with_fits, in_a_column, runs_in_legend
from lrlab.views.profile import ProfileView
from lrlab.views.style import INK, styles_with


class DescentView:
    """Panels for a pair of runs. ``draw(run)`` moves the live artists; everything else stays still.

    surface: a curve, a contour or a landscape, by the number of weights
    learned: what the runs have learned at an epoch, and fits: its panels, where it can be drawn
    loss, rate: epoch by epoch. epoch_mark: one of them, and the plateau rule at it. axes: the panels by name
    size: of a landscape, see `views.landscape.size_of`. own: the name of a third run, where there is one
    """

    def __init__(
        self,
        figure: Figure,
        problem: Problem,
        *,
        epochs: int,
        alphas: tuple[float, float],
        target: float | None,
        edge: float | None,
        size: float | None = None,
        own: str = "",
    ) -> None:
        styles = styles_with(own)
        fits = fit_panels(problem)
        names = ["surface", *fits, "losses", "rates"]
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in names}
        if size is not None:
            self.surface: Any = LandscapeView(self.axes["surface"], problem, size, styles)
        else:
            self.surface = (ProfileView if problem.dim == 1 else ContourView)(self.axes["surface"], problem, styles)
        self.learned = Learned(problem, [self.axes[name] for name in fits], styles)
        self.fits = self.learned.panels
        self.loss = LossView(self.axes["losses"], scale_of(problem), epochs, target, styles)
        self.rate = RateView(self.axes["rates"], alphas, epochs, edge, styles)
        self.epoch_mark = EpochMark(self.loss, self.rate)
        self.axes["losses"].tick_params(labelbottom=False)
        self._views = [self.surface, self.loss, self.rate]
        figure.legend(handles=[*runs_in_legend(styles), *places_in_legend(problem)])  # `arrange` puts it in its place

    def draw(self, run: Run) -> None:
        """Show ``run``, a pair or, with ``own``, three."""
        for view in self._views:
            view.draw(run)


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    arrange_with_fits(figure, width, 5, _side_by_side, _stacked)


def _side_by_side(width: float, em: float, fits: list[str], top: float) -> tuple[dict[str, Box], float]:
    """Boxes for the panels, and the figure's height: surface on the left, what was learned, curves on the right."""
    height = min(max(width * 0.43, 330), 760)
    bottom = height - 3 * em
    middle, right = width * (0.37 if fits else 0.46), width - 4 * em
    boxes = {"surface": (4 * em, top, middle, bottom)}
    column = middle + 5 * em
    if fits:
        boxes |= in_a_column(fits, column, column + width * 0.19, top, bottom, em)
        column += width * 0.19 + 5 * em
    split = top + (bottom - top) * 0.56
    boxes |= {"losses": (column, top, right, split), "rates": (column, split + 2.4 * em, right, bottom)}
    return boxes, height


def _stacked(width: float, em: float, fits: list[str], top: float) -> tuple[dict[str, Box], float]:
    """The same for a phone: one panel below the other."""
    left, right = 4.2 * em, width - 4 * em
    shares = [("surface", 0.75, 5 * em), *((name, 0.6, 5 * em) for name in fits), ("losses", 0.5, 2.4 * em),
              ("rates", 0.35, 3 * em)]  # fmt: skip
    boxes: dict[str, Box] = {}
    for name, share, room_below in shares:
        boxes[name] = (left, top, right, top + share * width)
        top += share * width + room_below
    return boxes, top


def places_in_legend(problem: Problem) -> list[Line2D]:
    """Entries for what is marked on the surface besides the runs."""
    may_drag = problem.dim <= 2
    start = Line2D([], [], linestyle="", marker="o", markersize=8, markerfacecolor="white", markeredgecolor=INK,
                   markeredgewidth=1.6, label="start (drag it)" if may_drag else "start")  # fmt: skip
    minimum = Line2D([], [], linestyle="", marker="+", markersize=14, markeredgecolor=INK,
                     markeredgewidth=1.3, label="minimum")  # fmt: skip
    return [start, minimum] if len(problem.minima) else [start]
