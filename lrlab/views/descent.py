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
        figure.legend(
            handles=_legend(), loc="upper center", ncols=4, frameon=False, fontsize=TEXT, labelcolor=INK,
            borderaxespad=0.25, handlelength=2.6, columnspacing=1.8,
        )  # fmt: skip

    def draw(self, run: Run) -> None:
        """Show ``run``, a pair."""
        self.contour.draw(run)
        self.loss.draw(run)
        self.rate.draw(run)


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    narrow = width < NARROW
    # Lettering grows with the figure, so that a projector's picture is a larger one and not an emptier one.
    figure.dpi = 100 * min(max(width / 1000, 0.85), 1.7)
    height = width * 1.75 if narrow else min(max(width * 0.43, 330), 760)
    figure.set_size_inches(width / figure.dpi, height / figure.dpi)
    surface, losses, rates = figure.axes
    em = TEXT / 72 * figure.dpi  # the height of a letter, in pixels: margins are made of those

    def place(axes, left, top, right, bottom):  # type: ignore[no-untyped-def]
        axes.set_position((left / width, 1 - bottom / height, (right - left) / width, (bottom - top) / height))

    first, end = 3.7 * em, height - 3.0 * em
    if narrow:
        left, right, gap = 4.2 * em, width - 0.8 * em, 3.2 * em
        split, low = height * 0.50, height * 0.78
        place(surface, left, first, right, split - gap)
        place(losses, left, split, right, low - gap / 2)
        place(rates, left, low + gap / 4, right, end)
    else:
        middle = width * 0.47
        split = first + (end - first) * 0.56
        place(surface, 4.0 * em, first, middle, end)
        place(losses, middle + 5.0 * em, first, width - 0.8 * em, split)
        place(rates, middle + 5.0 * em, split + 2.4 * em, width - 0.8 * em, end)


def _legend() -> list[Line2D]:
    runs = [
        Line2D([], [], color=style.color, linestyle=style.dashes, linewidth=style.width, label=label,
               marker=style.head, markersize=7)
        for style, label in zip(PAIR, ("constant rate", "cut on plateaus"), strict=True)
    ]  # fmt: skip
    start = Line2D([], [], linestyle="", marker="o", markersize=8, markerfacecolor="white", markeredgecolor=INK,
                   markeredgewidth=1.6, label="start (drag it)")  # fmt: skip
    minimum = Line2D([], [], linestyle="", marker="+", markersize=14, markeredgecolor=INK,
                     markeredgewidth=1.3, label="minimum")  # fmt: skip
    return [*runs, start, minimum]
