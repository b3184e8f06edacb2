"""The picture of DescentLab: the surface on the left, losses above learning rates on the right."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.contour import ContourView
from lrlab.views.curves import LossView, RateView
from lrlab.views.style import INK, PAIR, TEXT

# In CSS pixels: below this width the panels stand on top of each other.
NARROW = 700


class DescentView:
    """Three panels for a pair of runs. ``draw(run)`` moves the live artists; everything else stays still.

    contour, loss, rate: the panels' views
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
    ) -> None:
        figure.clear()
        surface, losses, rates = (figure.add_axes((0, 0, 1, 1), label=name) for name in ("surface", "losses", "rates"))
        self.axes = {"surface": surface, "losses": losses, "rates": rates}
        self.contour = ContourView(surface, problem)
        self.loss = LossView(losses, problem, epochs, target)
        self.rate = RateView(rates, alphas, epochs, edge)
        losses.tick_params(labelbottom=False)

    def draw(self, run: Run) -> None:
        """Show ``run``, a pair."""
        self.contour.draw(run)
        self.loss.draw(run)
        self.rate.draw(run)


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    # Lettering grows with the figure, so that a projector's picture is a larger one and not an emptier one.
    figure.dpi = 100 * min(max(width / 1000, 0.85), 1.7)
    em = TEXT / 72 * figure.dpi  # the height of a letter in pixels: what margins are made of
    narrow = width < NARROW
    boxes, height = _stacked(width, em) if narrow else _side_by_side(width, em)
    figure.set_size_inches(width / figure.dpi, height / figure.dpi)
    for axes, (left, top, right, bottom) in zip(figure.axes, boxes, strict=True):
        axes.set_position((left / width, 1 - bottom / height, (right - left) / width, (bottom - top) / height))
        # Fixed places for the names of the axes: finding a place beyond all ticks is half of matplotlib's drawing time.
        axes.xaxis.set_label_coords(0.5, -1.6 * em / (bottom - top))
        axes.yaxis.set_label_coords(-2.7 * em / (right - left), 0.5)
    for legend in list(figure.legends):
        legend.remove()
    figure.legend(
        handles=_legend(), loc="upper center", ncols=2 if narrow else 4, frameon=False, fontsize=TEXT,
        labelcolor=INK, borderaxespad=0.25, handlelength=2.6, columnspacing=1.8,
    )  # fmt: skip


Box = tuple[float, float, float, float]  # left, top, right, bottom in CSS pixels from the top left corner


def _side_by_side(width: float, em: float) -> tuple[list[Box], float]:
    """Boxes for surface, losses and rates, and the figure's height: one panel on the left, two on the right."""
    height = min(max(width * 0.43, 330), 760)
    top, bottom = 3.7 * em, height - 3 * em
    middle, right = width * 0.46, width - 4 * em
    split = top + (bottom - top) * 0.56
    column = middle + 5 * em
    return [
        (4 * em, top, middle, bottom),
        (column, top, right, split),
        (column, split + 2.4 * em, right, bottom),
    ], height


def _stacked(width: float, em: float) -> tuple[list[Box], float]:
    """The same for a phone: one panel below the other."""
    left, right = 4.2 * em, width - 4 * em
    boxes: list[Box] = []
    top = 5.4 * em
    for share, room_below in ((0.75, 5 * em), (0.5, 2.4 * em), (0.35, 3 * em)):
        boxes.append((left, top, right, top + share * width))
        top += share * width + room_below
    return boxes, top


def _legend() -> list[Line2D]:
    runs = [
        Line2D([], [], color=style.color, linestyle=style.dashes, linewidth=style.width, label=label,
               marker=style.head, markersize=7)
        for style, label in zip(PAIR, ("constant", "plateau (rate cut)"), strict=True)
    ]  # fmt: skip
    start = Line2D([], [], linestyle="", marker="o", markersize=8, markerfacecolor="white", markeredgecolor=INK,
                   markeredgewidth=1.6, label="start (drag it)")  # fmt: skip
    minimum = Line2D([], [], linestyle="", marker="+", markersize=14, markeredgecolor=INK,
                     markeredgewidth=1.3, label="minimum")  # fmt: skip
    return [*runs, start, minimum]
