"""One epoch in the picture: where it is, the loss to beat, and how long the rule has been waiting."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lrlab.core.inside import Inside
from lrlab.views.curves import HUGE, LossView, RateView
from lrlab.views.style import INK, PLATEAU, WHOLE


class EpochMark:
    """Live artists over a loss panel and a rate panel; nothing is seen of them until ``draw``, nor after ``hide``.

    now: a line across each panel, at the epoch
    threshold: the loss to beat, best - min_delta, from the epoch that brought the best onwards
    best: a ring around that epoch's loss
    waited: a mark on the threshold for each epoch that was counted. to_wait: an open one for each that is to come
    """

    def __init__(self, loss: LossView, rate: RateView) -> None:
        self._loss, self._axes = loss, loss.axes
        self.now = [_upright(axes) for axes in (loss.axes, rate.axes)]
        self.threshold = _line(loss.axes, color=INK, linewidth=1.3, linestyle="-")
        self.best = _line(loss.axes, marker="o", markersize=13, markerfacecolor="none", markeredgecolor=INK,
                          markeredgewidth=1.6, linestyle="")  # fmt: skip
        self.waited = _line(loss.axes, marker="s", markersize=6, markerfacecolor=PLATEAU.color, markeredgecolor="white",
                            markeredgewidth=0.8, linestyle="")  # fmt: skip
        self.to_wait = _line(loss.axes, marker="s", markersize=6, markerfacecolor="white",
                             markeredgecolor=PLATEAU.color, markeredgewidth=1.2, linestyle="")  # fmt: skip
        self.hide()

    def draw(self, rule: Inside, epoch: int) -> None:
        """Show ``epoch``, counted from 1."""
        e, offset = epoch - 1, self._loss.offset
        for line in self.now:
            line.set_data([epoch, epoch], [0, 1])
        best, best_epoch = rule.best[e] - offset, rule.best_epoch[e]
        level = np.clip(rule.threshold[e] - offset, -HUGE, HUGE)
        right = self._axes.get_xlim()[1]
        self.threshold.set_data([best_epoch, right], [level, level])
        self.best.set_data([best_epoch], [best])
        low, high = self._axes.get_ylim()
        self.best.set_clip_on(not low <= best <= high)  # whole, also where the axis begins or ends
        waited = rule.wait[e]
        counted = np.arange(epoch - waited + 1, epoch + 1)
        last = min(epoch + (rule.patience - waited if waited else 0), int(right))
        left = np.arange(epoch + 1, last + 1)
        self.waited.set_data(counted, np.full(len(counted), level))
        self.to_wait.set_data(left, np.full(len(left), level))

    def hide(self) -> None:
        """Show nothing."""
        for line in (*self.now, self.threshold, self.best, self.waited, self.to_wait):
            line.set_data([], [])


def _upright(axes: Axes) -> Line2D:
    return _line(axes, transform=axes.get_xaxis_transform(), color=INK, linewidth=1.3, linestyle=(0, (1, 1.4)))


def _line(axes: Axes, **style: object) -> Line2D:
    return axes.plot([], [], animated=True, gid=WHOLE, zorder=7, scalex=False, scaley=False, **style)[0]
