"""The picture of a replay: recorded losses with the cuts that the rule would have made, above its learning rates."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.core.run import Run
from lrlab.views.curves import LossView, RateView, Scale
from lrlab.views.epoch_mark import EpochMark
from lrlab.views.layout import NARROW, fit_letters, place, place_legend
from lrlab.views.style import PLATEAU


class ReplayView:
    """loss, rate: epoch by epoch. epoch_mark: one of them, and the plateau rule at it. axes: the panels by name"""

    def __init__(self, figure: Figure, *, scale: Scale, epochs: int, alphas: tuple[float, float]) -> None:
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in ("losses", "rates")}
        self.loss = LossView(self.axes["losses"], scale, epochs, styles=(PLATEAU,))
        self.rate = RateView(self.axes["rates"], alphas, epochs, None, styles=(PLATEAU,))
        for axes in self.axes.values():
            axes.set_xlim(0, epochs + 0.5)  # so that what happens at the last one is seen whole
        self.epoch_mark = EpochMark(self.loss, self.rate)
        self.axes["losses"].tick_params(labelbottom=False)
        line = Line2D([], [], color=PLATEAU.color, linestyle=PLATEAU.dashes, linewidth=PLATEAU.width)
        cut = Line2D([], [], color=PLATEAU.color, linestyle="", marker="v", markersize=8)
        line.set_label("above: your losses; below: the rates")
        cut.set_label("where the rule would have cut")
        figure.legend(handles=[line, cut])

    def draw(self, run: Run) -> None:
        """Show ``run``, a replay."""
        self.loss.draw(run)
        self.rate.draw(run)


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    em = fit_letters(figure, width)
    narrow = width < NARROW
    left, top, right = 4.2 * em, (5.4 if narrow else 3.9) * em, width - 2 * em
    high = min(max(width * 0.2, 150), 340)
    split = top + high
    boxes = [(left, top, right, split), (left, split + 2.4 * em, right, split + 2.4 * em + 0.6 * high)]
    place(figure, width, boxes[-1][3] + 3 * em, em, dict(zip(figure.axes, boxes, strict=True)))
    place_legend(figure, columns=1 if narrow else 2)
