"""Two weights in 3-D: how high the surface stands over the picture's view, and where the runs are on it."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.contour import RING, band_colors, grid_over, levels_of
from lrlab.views.style import TEXT, RunStyle
from lrlab.views.tables import readable

GRID_POINTS = 121
MIDDLE = 0.3  # how high half of the surface should at least stand
MOST = 1e7  # how strongly heights are squeezed at most
APART = 0.14  # numbers on the vertical axis, in shares of it
SQUEEZED = "loss (squeezed towards the top)"


class Heights:
    """From losses to heights in the box, 0 the lowest place of the view and 1 the highest.

    In proportion, if half of the surface then stands higher than an eighth or so of the box. Otherwise steep walls
    would leave a flat floor of the rest, and high losses are squeezed: log(1 + k loss), which leaves low ones alone.

    low, span: the lowest loss of the view, and how far above it the highest one is. squeeze: k, 0 in proportion
    """

    def __init__(self, loss: Array) -> None:
        finite = loss[np.isfinite(loss)]
        self.low = float(finite.min()) if finite.size else 0.0
        span = float(np.ptp(finite)) if finite.size else 0.0
        self.span = span if 0 < span < np.inf else 1.0
        self.squeeze = _squeeze_for(float(np.median(finite - self.low)) / self.span) if finite.size else 0.0

    def __call__(self, loss: Array) -> Array:
        """Heights of losses of any shape. Outside the view they may be above 1, and below 0 where none are squeezed.

        NaN where a loss is not a number.
        """
        share = (np.asarray(loss, float) - self.low) / self.span
        if not self.squeeze:
            return share
        return np.log1p(self.squeeze * np.maximum(share, 0)) / np.log1p(self.squeeze)

    def ticks(self) -> list[tuple[float, str]]:
        """Round losses, not too near to each other, and their heights."""
        top = self.low + self.span
        if not self.squeeze:
            values = [value for value in MaxNLocator(4).tick_values(self.low, top) if self.low <= value <= top]
            return [(float(self(value)), _said(value)) for value in values]
        found: list[tuple[float, str]] = []
        exponents = range(int(np.floor(np.log10(max(abs(top), abs(self.low))))), -4, -1)
        round_ones = [0.0, *(m * 10.0**e for m in (1, -1) for e in exponents)]
        for value in [*round_ones, *(m * 10.0**e for e in exponents for m in (5, 2, -2, -5))]:
            height = float(self(value))
            if self.low <= value <= top and all(abs(height - other) >= APART for other, _ in found):
                found.append((height, _said(value)))
        return sorted(found)


class Relief:
    """A problem with two weights as a surface in a box: what `lrlab.live.solid.Surface` is made of.

    surface: its fields, by name. heights: from losses to heights
    """

    def __init__(self, problem: Problem) -> None:
        (left, right), (bottom, top) = problem.view
        self._low, self._span = np.array([left, bottom]), np.array([right - left, top - bottom])
        loss = problem.loss(grid_over(problem, GRID_POINTS))
        levels = levels_of(problem.loss(grid_over(problem)))  # as in the contour
        self.heights = Heights(loss)
        minima = np.asarray(problem.minima, float).reshape(-1, 2)
        marks = self._places(minima, problem.loss(minima))
        self.surface = {
            "heights": self.heights(np.where(np.isfinite(loss), loss, np.nan)),
            "rings": np.interp(loss, levels, np.arange(len(levels))) if len(levels) else np.zeros(loss.shape),
            "bands": [_rgb(color) for color in band_colors(levels)],
            "line": _rgb(RING),
            "names": (*map(_plain, problem.axes), SQUEEZED if self.heights.squeeze else "loss"),
            "ticks": (*(_ticks(low, high) for low, high in problem.view), self.heights.ticks()),
            "marks": marks[((marks[:, :2] >= 0) & (marks[:, :2] <= 1)).all(axis=-1)].clip(0),
        }

    def places(self, run: Run) -> Array:
        """(epochs + 1, runs, 3): where the runs are in the box; NaN where they are far out of it, as in the contour."""
        points = self._places(run.w, run.loss)
        near = ((points[..., :2] > -0.5) & (points[..., :2] < 1.5)).all(axis=-1, keepdims=True)
        return np.where(near, np.clip(points, -1, 2), np.nan)

    def weights(self, x: float, y: float) -> tuple[float, float]:
        """The weights at a place of the box."""
        first, second = self._low + self._span * (x, y)
        return float(first), float(second)

    def _places(self, w: Array, loss: Array) -> Array:
        return np.concatenate([(w - self._low) / self._span, self.heights(loss)[..., None]], axis=-1)


def strokes(styles: tuple[RunStyle, ...]) -> list[dict]:
    """How the runs' paths are drawn: the fields of `lrlab.live.solid.Stroke`, lengths in heights of letters."""
    return [
        {
            "color": _rgb(style.color),
            "width": style.width / TEXT,
            "dashes": [] if style.dashes == "-" else [part * style.width / TEXT for part in style.dashes[1]],
            "dot": style.dot / 2 / TEXT,  # as matplotlib draws its "."
            "head": style.head,
            "order": style.zorder,
        }
        for style in styles
    ]


def _squeeze_for(middle: float) -> float:
    """The k with which a surface whose middle loss is at that share of the highest has it at the height MIDDLE."""
    if middle > 0.4 * MIDDLE:
        return 0.0
    candidates = np.geomspace(0.01, MOST, 400)
    heights = np.log1p(candidates * middle) / np.log1p(candidates)
    return float(candidates[np.searchsorted(heights, MIDDLE).clip(max=len(candidates) - 1)])


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    values = [value for value in MaxNLocator(4).tick_values(low, high) if low <= value <= high]
    return [(float((value - low) / (high - low)), _said(value)) for value in values]


def _said(value: float) -> str:
    """A tick's number, with a real minus."""
    return ("−" if value < 0 else "") + readable(abs(float(value)))


def _plain(label: str) -> str:
    """A label of an axis without mathtext's signs: "$w_1$" is w1."""
    return label.translate(_SIGNS)


_SIGNS = str.maketrans("", "", "$\\{}_")


def _rgb(color: object) -> list[int]:
    return [round(255 * part) for part in to_rgb(color)]
