"""What happens epoch by epoch: the losses with their cuts, and the learning rates as stairs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lrlab.core.basins import grid_of_starts
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.style import GRID, PAIR, QUIET, SMALL, RunStyle, dress

# Matplotlib's transforms overflow a little above this; the picture ends long before.
HUGE = 1e300
MANY = 12  # from more cuts than this on, their marks are smaller


class LossView:
    """The watched loss after each epoch on a log axis, cuts marked, the target as a dotted line.

    lines: one Line2D per run, x = epochs done (0 is the start). cuts: one per run, NaN where nothing was cut.

    On a surface the loss is measured from the lowest known one, so that surfaces with negative losses fit a log axis.
    """

    def __init__(
        self, axes: Axes, problem: Problem, epochs: int, target: float | None, styles: tuple[RunStyle, ...] = PAIR
    ) -> None:
        on_data = problem.samples is not None
        self.offset = 0.0 if on_data else _lowest(problem)
        words = "validation loss" if on_data else "loss" if self.offset == 0 else "loss above the lowest"
        dress(axes, f"{words}  (▼ rate cut)")
        _epochs_below(axes, epochs)
        start = float(problem.watch(problem.start_point)) - self.offset
        if on_data and problem.lowest:
            # Real losses stop well above 0, and what matters happens near the bottom: the start may be off the picture.
            _log_axis(axes, problem.lowest * 0.93, problem.lowest * 3)
        elif on_data and start > 0:
            # A model whose lowest loss nobody knows learns the better part of it, rarely more than nine tenths.
            _log_axis(axes, start / 20, start * 2)
        else:
            scale = start if start > 0 else 1.0  # 0 is a start in the minimum itself
            _log_axis(axes, scale * 1e-6, scale * 1e2)
        if target is not None:
            _level(axes, target - self.offset, "target")
        self.lines = [axes.plot([], [], **style.line)[0] for style in styles]
        self.cuts = [_cut_marks(axes, style) for style in styles]

    def draw(self, run: Run) -> None:
        """Show the losses of ``run``."""
        epochs = np.arange(run.epochs + 1)
        loss = np.clip(run.watched - self.offset, -HUGE, HUGE)
        after_cut = np.vstack([np.zeros_like(run.cuts[:1]), run.cuts])
        marks = np.where(after_cut, loss, np.nan)
        for i, (line, cuts) in enumerate(zip(self.lines, self.cuts, strict=True)):
            line.set_data(epochs, loss[:, i])
            cuts.set_data(epochs, marks[:, i])
            cuts.set_markersize(8 if run.cuts[:, i].sum() <= MANY else 5)


def _lowest(problem: Problem) -> float:
    """What the losses of a surface are measured from: the lowest known one, else the lowest in sight."""
    if problem.lowest is not None:
        return problem.lowest
    if problem.dim > 2:
        return min(0.0, float(problem.watch(problem.start_point)) - 1)
    losses = problem.loss(grid_of_starts(problem, 200))
    finite = losses[np.isfinite(losses)]
    return float(finite.min()) if len(finite) else 0.0


class RateView:
    """The learning rate as stairs on a log axis: the step over epoch e is the rate that epoch e was trained with.

    lines: one Line2D per run, x = epochs done, y = the rate used next.
    """

    def __init__(
        self,
        axes: Axes,
        alphas: tuple[float, float],
        epochs: int,
        edge: float | None,
        styles: tuple[RunStyle, ...] = PAIR,
    ) -> None:
        dress(axes, "learning rate", x="epoch")
        _epochs_below(axes, epochs)
        _log_axis(axes, alphas[0] / 30, alphas[1] * 2)
        if edge is not None:
            _level(axes, edge, "edge")
        self.lines = [axes.plot([], [], drawstyle="steps-post", **style.line)[0] for style in styles]

    def draw(self, run: Run) -> None:
        """Show the rates of ``run``."""
        epochs = np.arange(run.epochs + 1)
        rates = np.vstack([run.lr, run.final_lr])
        for i, line in enumerate(self.lines):
            line.set_data(epochs, rates[:, i])


def _epochs_below(axes: Axes, epochs: int) -> None:
    axes.set_xlim(0, epochs)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _log_axis(axes: Axes, low: float, high: float) -> None:
    """A log axis with few, readable ticks: powers of ten, or plain numbers where it spans less than three of them."""
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    wide = high / low > 300
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (0.7, 1.0, 1.5, 2.0, 3.0, 5.0), numticks=7))
    if not wide:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _level(axes: Axes, value: float, words: str) -> None:
    """A level to compare with, named beyond its right end, where no run can cover the name."""
    axes.axhline(value, color=QUIET, linewidth=1.1, linestyle=(0, (1, 1.8)), zorder=1)
    axes.annotate(
        words, (1, value), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
        ha="left", va="center", fontsize=SMALL, color=QUIET, annotation_clip=True,
    )  # fmt: skip


def _cut_marks(axes: Axes, style: RunStyle) -> Line2D:
    return axes.plot(
        [], [], animated=True, linestyle="", marker="v", markersize=8, markerfacecolor=style.color,
        markeredgewidth=0, zorder=style.zorder + 2,
    )[0]  # fmt: skip
