"""The picture of SweepLab: the map and its bar on the left, losses above learning rates of one cell on the right."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.sweep import EPOCHS, LOSS, Sweep
from lrlab.views.curves import LossView, RateView, scale_of
from lrlab.views.layout import NARROW, Box, fit_letters, legend_height, place, place_legend, runs_in_legend
from lrlab.views.style import styles_with
from lrlab.views.sweep import Meter, Side, SweepView, meter_of, places_in_legend

# Gains that the colours reach to. What is left to gain on real data is little: losses stop well above 0.
GAIN, GAIN_ON_DATA = 100.0, 1.25
# In CSS pixels: below this width the legend takes two rows.
ROW = 800


class Shown(NamedTuple):
    """What is drawn: a map, where in it the present settings lie, what those come to, and the pair with them."""

    sweep: Sweep
    across: float
    up: float
    constant: float
    value: float
    run: Run


class SweepPanels:
    """map: a `SweepView`. loss, rate: of the pair with the present settings, and a third run, if ``own`` names one.

    axes: "map", "bar", "losses", "rates"
    """

    def __init__(
        self,
        figure: Figure,
        problem: Problem,
        *,
        metric: str,
        across: Side,
        up: Side,
        epochs: int,
        alphas: tuple[float, float],
        target: float | None,
        edge: float | None,
        own: str = "",
    ) -> None:
        styles = styles_with(own)
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in ("map", "bar", "losses", "rates")}
        scale = scale_of(problem)
        offset = scale.offset if metric == LOSS else 0.0
        meter = meter_for(problem, metric, epochs)
        self.map = SweepView(self.axes["map"], self.axes["bar"], across, up, meter, offset)
        self.axes["map"].set_title(title(metric, epochs, bool(offset)), loc="left")
        self.loss = LossView(self.axes["losses"], scale, epochs, target, styles)
        self.rate = RateView(self.axes["rates"], alphas, epochs, edge, styles)
        self.axes["losses"].tick_params(labelbottom=False)
        figure.legend(handles=[*runs_in_legend(styles, ("constant", "plateau")), *places_in_legend(metric)])

    def draw(self, shown: Shown) -> None:
        """Show the map, and the pair that one of its cells stands for."""
        self.map.draw(shown.sweep)
        self.map.mark(shown.across, shown.up)
        self.map.tell(shown.constant, shown.value)
        self.loss.draw(shown.run)
        self.rate.draw(shown.run)


def meter_for(problem: Problem, metric: str, epochs: int) -> Meter:
    """The meter for a map on ``problem``. Its limits depend on nothing that is dragged."""
    scale = scale_of(problem)
    if problem.samples is None:
        height = scale.low * 1e6  # of the start above the lowest
        return meter_of(metric, epochs, (height * 5e-6, height * 0.05), GAIN)
    losses = (problem.lowest * 0.97, problem.lowest * 1.6) if problem.lowest else (scale.low * 2, scale.high / 2)
    return meter_of(metric, epochs, losses, GAIN_ON_DATA)


def title(metric: str, epochs: int, above: bool) -> str:
    """What stands above the map."""
    late = max(epochs // 10, 1)
    if metric == EPOCHS:
        return "epochs to target"
    if metric == LOSS:
        mean = f"mean of the last {late} epochs" if late > 1 else "after the last epoch"
        return f"final loss{' above the lowest' if above else ''} ({mean})"
    return "final loss, times lower than constant"


def arrange(figure: Figure, width: float, columns: int = 6) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide. columns: of the legend, if it is wide"""
    em = fit_letters(figure, width)
    panels: dict[str, Axes] = {axes.get_label(): axes for axes in figure.axes}
    narrow = width < NARROW
    columns = 2 if narrow else columns if width >= ROW else ceil(columns / 2)
    top = legend_height(figure, columns, em) + 1.5 * em
    boxes, height = (_stacked if narrow else _side_by_side)(width, em, top)
    place(figure, width, height, em, {panels[name]: box for name, box in boxes.items()})
    left, _, right, _ = boxes["map"]
    panels["map"].yaxis.set_label_coords(-3.5 * em / (right - left), 0.5)  # beyond rates with three decimals
    place_legend(figure, columns, close=narrow)


def _side_by_side(width: float, em: float, top: float) -> tuple[dict[str, Box], float]:
    height = min(max(width * 0.37, 330), 680)
    bottom, middle, right = height - 3 * em, width * 0.5, width - 4 * em
    column = middle + 10 * em
    split = top + (bottom - top) * 0.56
    return {
        "map": (5 * em, top, middle, bottom),
        "bar": (middle + 1 * em, top, middle + 2.2 * em, bottom),
        "losses": (column, top, right, split),
        "rates": (column, split + 2.4 * em, right, bottom),
    }, height


def _stacked(width: float, em: float, top: float) -> tuple[dict[str, Box], float]:
    """The same for a phone: one panel below the other."""
    left, right = 4.2 * em, width - 4 * em
    bottom = top + 0.8 * width
    losses = bottom + 5 * em
    rates = losses + 0.5 * width + 2.4 * em
    return {
        "map": (left + 0.8 * em, top, right - 2.2 * em, bottom),
        "bar": (right - 1.4 * em, top, right - 0.4 * em, bottom),
        "losses": (left, losses, right, losses + 0.5 * width),
        "rates": (left, rates, right, rates + 0.35 * width),
    }, rates + 0.35 * width + 3 * em
