"""The picture of RateFreeLab: gradient descent beside methods that have no learning rate."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.ratefree import Solved
from lrlab.views.curves import LossLines, level, log_axis
from lrlab.views.layout import NARROW, fit_letters, in_a_column, legend_height, place, place_legend, runs_in_legend
from lrlab.views.style import GRID, INK, QUIET, SMALL, RunStyle, dress, styles_with

# Told apart by grey, marker and the name at the end. Where two agree, the wider line is seen under the other.
SOLVERS: dict[str, dict[str, Any]] = {
    "closed form": {"color": "#a4abb6", "linewidth": 4.5, "marker": "s", "markersize": 11},
    "Newton": {"color": INK, "linewidth": 1.5, "marker": "D", "markersize": 6},
    "L-BFGS": {"color": QUIET, "linewidth": 1.5, "marker": "o", "markersize": 5, "markerfacecolor": "white"},
}
OTHERS: dict[str, Any] = {"color": "#b9bec7", "linewidth": 1.2}
COUNTS = (0, 1, 3, 10, 30, 100, 300, 1000)
MANY_COUNTS = (0, 1, 10, 100, 1000, 10_000, 100_000)
BAND = 0.26  # of a panel's height: below what rounding lets one see, where the names of those that got there stand
IN_THE_AIR = "in the air"  # the name of a solver that has not got to the ground
CROWD = 60  # from more iterates than this on, their marks are smaller
WORSE = 100  # times the loss at the start: what is drawn of a validation loss that runs away
ROW = 1.25 * SMALL  # points: from one name to the next


class Ground(NamedTuple):
    """What losses are measured from, and the smallest difference that numbers of 16 digits can tell from none."""

    lowest: float
    floor: float


class Panel(NamedTuple):
    """What is drawn against what: for a solver, x and y of each iterate; for runs, y after each epoch, (E + 1, R)."""

    title: str
    x_label: str
    x: Callable[[Solved], Array]
    y: Callable[[Solved | Run], Array]


def ground_of(problem: Problem, solved: list[Solved]) -> Ground | None:
    """For a convex problem, the lowest loss known or found. None where there may be more than one minimum."""
    if not problem.convex:
        return None
    known = [] if problem.lowest_loss is None else [problem.lowest_loss]
    lowest = min([*known, *(float(np.nanmin(one.loss)) for one in solved)])
    return Ground(lowest, float(np.finfo(float).eps * max(abs(solved[0].loss[0]), abs(lowest), 1e-290)))


def panels_of(problem: Problem, solved: list[Solved]) -> tuple[Panel, Panel]:
    """On a convex problem, the loss above the lowest twice: by iterations, and by the gradients they took.

    On others no lowest loss is known, and iterations tell little: the training loss and the validation loss.
    """
    ground = ground_of(problem, solved)
    counted = any(one.hessians.any() for one in solved)
    gradients = f"gradients computed{f' (a Hessian counts as {problem.dim})' if counted else ''}"
    if ground is None:
        return (
            Panel("training loss", gradients, lambda one: one.work, lambda record: record.loss),
            Panel("validation loss", gradients, lambda one: one.work, lambda record: record.watched),
        )

    def gap(record: Solved | Run) -> Array:
        return np.maximum(record.loss - ground.lowest, ground.floor)

    return (
        Panel("loss above the lowest, by iterations", "iterations", lambda one: np.arange(len(one.loss)), gap),
        Panel("the same, by gradients", gradients, lambda one: one.work, gap),
    )


class PanelView:
    """One of the panels. lines, cuts: those of `LossLines`; each epoch done computes one gradient."""

    def __init__(
        self,
        axes: Axes,
        panel: Panel,
        epochs: int,
        solved: list[Solved],
        others: list[Solved],
        ground: Ground | None,
        styles: tuple[RunStyle, ...],
    ) -> None:
        self._panel = panel
        dress(axes, panel.title, x=panel.x_label)
        every = [*solved, *others]
        _count_axis(axes, max(epochs, *(int(panel.x(one)[-1]) for one in every)))
        _loss_axis(axes, np.concatenate([panel.y(one) for one in every]), ground)
        for one in others:
            axes.plot(panel.x(one), panel.y(one), zorder=1.5, **OTHERS)
        for one in solved:
            axes.plot(panel.x(one), panel.y(one), zorder=2, label=one.method, **SOLVERS[one.method])
            if one.iterations > CROWD:
                axes.lines[-1].set_markersize(SOLVERS[one.method]["markersize"] * 0.6)
        _name_ends(axes, {one.method: (panel.x(one)[-1], panel.y(one)[-1]) for one in solved}, ground)
        self._losses = LossLines(axes, styles)
        self.lines, self.cuts = self._losses.lines, self._losses.cuts

    def draw(self, run: Run) -> None:
        """Show the losses of ``run``."""
        self._losses.draw(run, self._panel.y(run))


class RateFreeView:
    """Two panels of losses. ``draw(run)`` moves the runs of gradient descent; what solvers did stands still.

    solved: what the solvers did. others: L-BFGS from other starts. own: the name of a third run, where there is one
    panels: a `PanelView` each. axes: the panels by name
    """

    def __init__(
        self, figure: Figure, problem: Problem, *, epochs: int, solved: list[Solved], others: list[Solved], own: str
    ) -> None:
        styles, ground = styles_with(own), ground_of(problem, solved)
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in ("left", "right")}
        self.panels = [
            PanelView(axes, panel, epochs, solved, others, ground, styles)
            for axes, panel in zip(self.axes.values(), panels_of(problem, solved), strict=True)
        ]
        entries = runs_in_legend(styles, ("gradient descent, constant", "with plateau (▼ rate cut)"))
        if others:
            entries.append(Line2D([], [], label=f"L-BFGS from {len(others)} other starts", **OTHERS))
        figure.legend(handles=entries)  # `arrange` puts it in its place

    def draw(self, run: Run) -> None:
        """Show ``run``, a pair or, with ``own``, three."""
        for panel in self.panels:
            panel.draw(run)


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    em = fit_letters(figure, width)
    panels = {axes.get_label(): axes for axes in figure.axes}
    narrow = width < NARROW
    columns = 1 if narrow else 4
    top, left, right = legend_height(figure, columns, em) + 1.5 * em, 4 * em, width - 5 * em
    if narrow:
        height = top + 2 * max(0.6 * width, 20 * em) + 8.5 * em
        boxes = in_a_column(list(panels), left, right, top, height - 3.2 * em, 1.6 * em)
    else:
        height = min(max(width * 0.35, 330), 640)
        middle, gap = (left + right) / 2, 4.5 * em
        boxes = {
            "left": (left, top, middle - gap, height - 3.2 * em),
            "right": (middle + gap, top, right, height - 3.2 * em),
        }
    place(figure, width, height, em, {panels[name]: box for name, box in boxes.items()})
    place_legend(figure, columns)
    for axes in panels.values():
        _part_names(axes)


def _count_axis(axes: Axes, most: int) -> None:
    """From none to ``most``: the first is as far from none as the third is from the first, and so on."""
    axes.set_xscale("symlog", linthresh=1, linscale=0.5)
    axes.set_xlim(-0.25, most * 1.15)
    counts = COUNTS if most <= COUNTS[-1] else MANY_COUNTS
    axes.xaxis.set_major_locator(FixedLocator([count for count in counts if count <= most]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())


def _loss_axis(axes: Axes, losses: Array, ground: Ground | None) -> None:
    """A log axis on which all of the losses fit, and with a ground a band below it for names."""
    seen = losses[np.isfinite(losses) & (losses > 0)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.1, 1.0)
    if ground is None:
        log_axis(axes, low / 2, min(high * 3, losses[0] * WORSE) if losses[0] > 0 else high * 3)
        return
    low, high = log10(ground.floor), log10(max(high, ground.floor * 1e6)) + 1
    log_axis(axes, 10 ** (low - (high - low) * BAND / (1 - BAND)), 10**high)
    axes.yaxis.set_major_locator(FixedLocator([10.0**power for power in range(ceil(low), floor(high) + 1, 3)]))
    axes.axhspan(0, ground.floor, color=GRID, alpha=0.45, linewidth=0, zorder=0)
    level(axes, ground.floor, "rounding")


def _name_ends(axes: Axes, ends: dict[str, tuple[float, float]], ground: Ground | None) -> None:
    """Each solver's name at the end of its line. Of those on the ground, the first stands lowest: none is covered."""
    row, top = 0, axes.get_ylim()[1]
    for name, (x, y) in sorted(ends.items(), key=lambda end: -end[1][0]):
        down = 0.0
        if ground is not None and y <= ground.floor * 30:
            down, row = -(row + 0.9) * ROW, row + 1
        axes.annotate(
            name, (x, min(y, top)), xytext=(6, down), textcoords="offset points", ha="left", va="center",
            fontsize=SMALL, color=INK, annotation_clip=False, zorder=3, gid="" if down else IN_THE_AIR,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7, "relpos": (0, 0.5), "shrinkA": 0,
                        "shrinkB": 2} if down else None,
            bbox=None if down else {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1},
        )  # fmt: skip


def _part_names(axes: Axes) -> None:
    """Names that would cover each other step aside, by as much as it takes with the panel's present height."""
    names = [text for text in axes.texts if text.get_gid() == IN_THE_AIR]
    height = {name: axes.transData.transform(name.xy)[1] / axes.figure.dpi * 72 for name in names}
    names.sort(key=height.__getitem__)
    place = -np.inf
    for name in names:
        place = max(height[name], place + ROW)
        name.xyann = (6, place - height[name])
