"""What happens epoch by epoch: the losses with their cuts, and the learning rates as stairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.basins import grid_of_starts
from lrlab.views.style import GRID, OWN, PAIR, QUIET, SMALL, RunStyle, dress

# Matplotlib's transforms overflow a little above this; the picture ends long before.
HUGE = 1e300
MOST_ON_LOG = 1e250  # ticks above a log axis must still be numbers
LEAST = 1e-60  # of the highest loss: a log axis that reaches further down has no readable ticks
MOST = 0.75  # of a run's losses
MANY = 12  # from more cuts than this on, their marks are smaller


class Scale(NamedTuple):
    """How losses are drawn: in which words, between which limits, measured from what, and whether on a log axis."""

    words: str
    low: float
    high: float
    offset: float = 0.0
    log: bool = True


def scale_of(problem: Problem) -> Scale:
    """The scale for a problem. A surface's losses are measured from its lowest: negative ones do not fit a log axis."""
    start = float(problem.watch(problem.start_point))
    if problem.samples is None:
        offset = _lowest(problem)
        height = start - offset if start > offset else 1.0  # 0 is a start in the minimum itself
        return Scale("loss above the lowest" if offset else "loss", height * 1e-6, height * 1e2, offset)
    if problem.lowest:
        # Real losses stop well above 0, and what matters happens near the bottom: the start may be off the picture.
        return Scale("validation loss", problem.lowest * 0.93, problem.lowest * 3)
    # A model whose lowest loss nobody knows learns the better part of it, rarely more than nine tenths.
    return Scale("validation loss", start / 20, start * 2) if start > 0 else Scale("validation loss", 1e-6, 1e2)


def scale_of_losses(losses: Array, words: str) -> Scale:
    """The scale for losses that are there already: all of them fit. Where one is not above 0, it is no log axis."""
    finite = np.clip(losses[np.isfinite(losses)], -HUGE, HUGE)
    low, high = (finite.min(), finite.max()) if len(finite) else (0.1, 1.0)
    if low > 0:
        high = min(high, MOST_ON_LOG)
        return Scale(words, min(max(low, high * LEAST), high) / 1.15, high * 1.15)
    room = 0.05 * max(high - low, abs(low) * 1e-6) or 0.05
    return Scale(words, low - room, high + room, log=False)


def scale_of_training(start: float) -> Scale:
    """The scale for losses that are still to come, from the first of them. `lowered` makes room below."""
    if -np.inf < start <= 0:
        return Scale("validation loss", 2 * start - 1, 1.0, log=False)
    return Scale("validation loss", start / 3, start * 3) if 0 < start < np.inf else Scale("validation loss", 0.1, 10)


def lowered(scale: Scale, losses: Array) -> Scale:
    """The scale, reaching as far down as the losses do, in steps: a picture should not move with every epoch.

    A loss below 0 has no place on a log axis: from the first one on, it is none.
    """
    finite = losses[np.isfinite(losses)]
    if finite.min(initial=0.0) < 0:
        bottom = 0.0 if scale.log else scale.low
        while finite.min() < bottom:
            bottom -= scale.high - bottom
        return scale._replace(low=bottom, log=False)
    if not scale.log:
        return scale
    lowest = finite[finite > 0].min(initial=np.inf)
    while lowest < scale.low * 1.05:
        scale = scale._replace(low=scale.low / 3)
    return scale


def raised(scale: Scale, losses: Array) -> Scale:
    """The scale, reaching as far up as most of each run's losses do, in steps; a run that leaves for good leaves it."""
    usual = np.quantile(np.where(np.isfinite(losses), losses, np.inf), MOST, axis=0, method="lower")
    usual = usual[usual < 30 * scale.high]
    while len(usual) and usual.max() > scale.high:
        scale = scale._replace(high=scale.high * 3)  # above 0, on whatever axis
    return scale


class LossLines:
    """Losses after each epoch, with a mark where the rate was cut; not for a schedule, which lowers it all the time.

    lines: one Line2D per run, x = epochs done (0 is the start). cuts: one per run, NaN where nothing was cut
    """

    def __init__(self, axes: Axes, styles: tuple[RunStyle, ...]) -> None:
        self.lines = [axes.plot([], [], **style.line)[0] for style in styles]
        self.cuts = [_cut_marks(axes, style) for style in styles]
        self._marked = [style.color != OWN.color for style in styles]

    def draw(self, run: Run, losses: Array) -> None:
        """Show ``losses``, (E + 1, runs), and the cuts of ``run``."""
        epochs, losses = np.arange(run.epochs + 1), np.clip(losses, -HUGE, HUGE)
        after_cut = np.vstack([np.zeros_like(run.cuts[:1]), run.cuts])
        marks = np.where(after_cut & self._marked, losses, np.nan)
        for i, (line, cuts) in enumerate(zip(self.lines, self.cuts, strict=True)):
            line.set_data(epochs, losses[:, i])
            cuts.set_data(epochs, marks[:, i])
            cuts.set_markersize(8 if run.cuts[:, i].sum() <= MANY else 5)


class LossView:
    """The watched loss after each epoch, mostly on a log axis, cuts marked, the target as a dotted line.

    lines, cuts: those of `LossLines`
    """

    def __init__(
        self,
        axes: Axes,
        scale: Scale,
        epochs: int,
        target: float | None = None,
        styles: tuple[RunStyle, ...] = PAIR,
        besides: str = "",
    ) -> None:
        self.axes, self.offset = axes, scale.offset
        dress(axes, f"{scale.words}  (▼ rate cut{besides})")
        _epochs_below(axes, epochs)
        (log_axis if scale.log else even_axis)(axes, scale.low, scale.high)
        if target is not None:
            level(axes, target - self.offset, "target")
        self._losses = LossLines(axes, styles)
        self.lines, self.cuts = self._losses.lines, self._losses.cuts

    def draw(self, run: Run) -> None:
        """Show the losses of ``run``."""
        self._losses.draw(run, run.watched - self.offset)


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
        self.axes = axes
        dress(axes, "learning rate", x="epoch")
        _epochs_below(axes, epochs)
        log_axis(axes, alphas[0] / 30, alphas[1] * 2)
        if edge is not None:
            level(axes, edge, "edge")
        self.lines = [axes.plot([], [], drawstyle="steps-post", **style.line)[0] for style in styles]

    def draw(self, run: Run) -> None:
        """Show the rates of ``run``."""
        epochs = np.arange(run.epochs + 1)
        rates = np.vstack([run.lr, run.final_lr])
        for i, line in enumerate(self.lines):
            line.set_data(epochs, rates[:, i])


def _epochs_below(axes: Axes, epochs: int) -> None:
    axes.set_xlim(0, epochs)
    count_along(axes, 6)


def count_along(axes: Axes, ticks: int) -> None:
    """Few ticks at whole numbers, which are written as everywhere: 1,500."""
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))


def log_axis(axes: Axes, low: float, high: float) -> None:
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


def even_axis(axes: Axes, low: float, high: float) -> None:
    """An even axis with few, readable ticks."""
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def level(axes: Axes, value: float, words: str) -> None:
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
