"""Two maps of starts, coloured by where the runs from there end: constant on the left, plateau on the right."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.basins import DIVERGED, ELSEWHERE, MOVING, Basins, global_minima, grid_of_starts
from lrlab.views.contour import draw_rings
from lrlab.views.layout import NARROW, Box, fit_letters, place, place_legend
from lrlab.views.path import Paths
from lrlab.views.profile import draw_curve
from lrlab.views.style import INK, PAIR, dress

# Minima by their numbers. Neither of the runs' colours is among them; each minimum also wears its number.
# On dark pages every colour is turned over, as light as it was dark. So these are about half way: whoever is pale here
# is nearly black there, and hard to tell from its neighbours.
MINIMA = ("#2fae7c", "#cb5597", "#c49a2e", "#4fa6cf", "#a8694a", "#7a48b8", "#86ad3c", "#d65a55")
OTHERS = "#7d8794"  # from the ninth on
# At rest elsewhere: the stronger, the lower. On a white page that is darker, on a black one lighter.
LOW, HIGH = "#74746f", "#d5d4ce"
REST = {ELSEWHERE: "#a5a5a0", MOVING: "#f7f5ee", DIVERGED: "#8a5a86"}
OPAQUE = 0.72  # so that the surface's rings are seen
WORDS = {ELSEWHERE: "at rest elsewhere", MOVING: "not settled", DIVERGED: "diverged"}


class Maps(NamedTuple):
    """What is drawn: where the runs from a grid of starts end, and the pair from one of the starts."""

    constant: Basins
    plateau: Basins
    run: Run


class BasinView:
    """maps: one image per panel. paths: one `Paths` per panel, with one run each. axes: "constant" and "plateau"

    points: starts per side of the map
    """

    def __init__(self, figure: Figure, problem: Problem, points: int) -> None:
        self._problem, self._points = problem, points
        losses = problem.loss(grid_of_starts(problem, 30))
        self._lowest = losses.min() if problem.lowest is None else problem.lowest
        self._usual = max(np.median(losses) - self._lowest, 1e-12)
        self.axes = {style.name: figure.add_axes((0, 0, 1, 1), label=style.name) for style in PAIR}
        titles = ("constant", "plateau (rate cut)")
        self.maps = [self._panel(axes, title) for axes, title in zip(self.axes.values(), titles, strict=True)]
        # Heads so large that they show around the number of the minimum in which a run has ended.
        self.paths = [Paths(axes, (style,), head=19) for axes, style in zip(self.axes.values(), PAIR, strict=True)]
        figure.legend(handles=_legend(problem))

    def draw(self, maps: Maps) -> None:
        """Show both maps and the pair's paths."""
        for i, basins in enumerate((maps.constant, maps.plateau)):
            shape = (1, -1, 3) if self._problem.dim == 1 else (self._points, self._points, 3)
            self.maps[i].set_data(self._colours(basins).reshape(shape))
            run = maps.run[i]
            self.paths[i].draw(run.w if self._problem.dim == 2 else np.stack([run.w[..., 0], run.loss], axis=-1))

    def _colours(self, basins: Basins) -> Array:
        """(n, 3), one for each start."""
        numbers = [*sorted(REST), *range(max(basins.ends.max(), 0) + 1)]
        table = np.array([to_rgb(REST[n] if n < 0 else _colour(n)) for n in numbers])
        colours = table[basins.ends + len(REST)]
        elsewhere = basins.ends == ELSEWHERE
        height = np.sqrt(np.clip((basins.loss[elsewhere, None] - self._lowest) / self._usual, 0, 1))
        colours[elsewhere] = (1 - height) * to_rgb(LOW) + height * to_rgb(HIGH)
        return colours

    def _panel(self, axes: Axes, title: str) -> object:
        """The still surface, the map over it, and the numbers of the minima over that."""
        problem = self._problem
        dress(axes, title, *problem.axes)
        if problem.dim == 2:
            draw_rings(axes, problem)
            extent, alpha = (*axes.get_xlim(), *axes.get_ylim()), OPAQUE
        else:
            axes.set_ylabel("loss")
            draw_curve(axes, problem)
            bottom, top = axes.get_ylim()
            strip = 0.13 * (top - bottom)
            axes.set_ylim(bottom - strip, top)
            extent, alpha = (*axes.get_xlim(), bottom - strip, bottom), 1.0
        image = axes.imshow(
            np.zeros((2, 2, 3)), animated=True, extent=extent, origin="lower", aspect="auto", alpha=alpha,
            interpolation="nearest", zorder=0,
        )  # fmt: skip
        axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
        for i, minimum in enumerate(problem.minima):
            height = [] if problem.dim == 2 else [float(problem.loss(np.asarray(minimum, float)))]
            place = (*minimum, *height)
            axes.plot(*place, animated=True, marker="o", markersize=14, color="white", markeredgecolor=INK,
                      markeredgewidth=0.8, zorder=8)  # fmt: skip
            axes.plot(*place, animated=True, marker=f"${i + 1}$", markersize=7 if i < 9 else 10, color=INK,
                      markeredgewidth=0, zorder=9)  # fmt: skip
        return image


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    em = fit_letters(figure, width)
    narrow = width < NARROW
    columns = 2 if narrow else 8
    rows = ceil(len(figure.legends[0].legend_handles) / columns)
    left, top, right = 4 * em, (2.4 + 1.6 * rows) * em, width - 2 * em
    boxes: list[Box]
    if narrow:
        side = right - left
        boxes = [(left, top, right, top + side), (left, top + side + 5 * em, right, top + 2 * side + 5 * em)]
    else:
        bottom = top + min(max(width * 0.34, 280), 640)
        side = (right - left - 5.5 * em) / 2
        boxes = [(left, top, left + side, bottom), (right - side, top, right, bottom)]
    place(figure, width, boxes[-1][3] + 3 * em, em, dict(zip(figure.axes, boxes, strict=True)))
    place_legend(figure, columns=columns, close=True)


def _colour(minimum: int) -> str:
    return MINIMA[minimum] if minimum < len(MINIMA) else OTHERS


def _legend(problem: Problem) -> list[Line2D]:
    best = set(global_minima(problem))
    names = [f"{i + 1} {'global' if i in best else 'local'}" for i in range(len(problem.minima))]
    more = [(OTHERS, "other minima")] if len(names) > len(MINIMA) else []
    rest = [(REST[end], WORDS[end]) for end in (ELSEWHERE, MOVING, DIVERGED)]
    shown = [*zip(MINIMA, names, strict=False), *more, *rest]
    return [
        Line2D([], [], linestyle="", marker="s", markersize=10, color=color, markeredgecolor="#8b8f98",
               markeredgewidth=0.6, label=name)
        for color, name in shown
    ]  # fmt: skip
