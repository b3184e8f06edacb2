"""What epochs buy: the best value so far against the epochs spent, by tuning, by one plateau job, and by the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lrlab.core.arrays import Array
from lrlab.studies.jobs import Comparison, Job, Measure
from lrlab.studies.jobs import best as best_of
from lrlab.views.curves import HUGE, Scale, count_along, even_axis, level, log_axis
from lrlab.views.style import CONSTANT, INK, PLATEAU, RunStyle, dress

RING: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 13, "markerfacecolor": "none",
                        "markeredgecolor": INK, "markeredgewidth": 1.6, "zorder": 7}  # fmt: skip


class ValueAxis(NamedTuple):
    """How what jobs are worth is drawn: between which limits, measured from what.

    words: what is compared. floor: losses are drawn no lower than this; 0 where the axis is not a log one
    """

    measure: Measure
    words: str
    low: float
    high: float
    offset: float = 0.0
    floor: float = 0.0

    def place(self, values: Array) -> Array:
        """Where values are on the axis."""
        heights = np.clip(values - self.offset, -HUGE, HUGE)
        return heights if self.measure.higher else np.maximum(heights, self.floor)


def value_axis(
    measure: Measure, scale: Scale, high: float, jobs: Sequence[Job], comparison: Comparison | None, words: str
) -> ValueAxis:
    """The axis for these jobs and this comparison. For losses it is the same whatever they are.

    scale: that of the losses. high: where the axis of losses ends
    """
    if not measure.higher:
        floor = measure.arrived or scale.low
        return ValueAxis(measure, words, floor / 2, max(high, 10 * floor), scale.offset, floor)
    known = [job.score for job in jobs]
    if comparison is not None and len(comparison.once):
        tuned, once = comparison.quartiles
        known += [*tuned[:, -1], *tuned[1:, 0], *once]  # who tunes by one job may end anywhere: not all of that
    finite = np.array(known)[np.isfinite(known)]
    return ValueAxis(measure, words, *_round_limits(finite))


def _round_limits(values: Array) -> tuple[float, float]:
    """Limits for scores, at twentieths, so that they rarely move; half a point is enough, the worst may be below."""
    if not len(values):
        return 0.0, 1.05
    low, high = float(values.min()), float(values.max())
    low, high = np.floor(20 * max(low, high - 0.5) - 0.5) / 20, np.ceil(20 * high + 0.2) / 20
    return float(low), float(max(high, low + 0.1))


class SpentView:
    """tuned, once: lower quartile, median and upper quartile over seeds, a live line each.

    yours: the best of the user's jobs so far. best: a ring around the best. marks: the jobs themselves, by kind
    axes: the panel. It reaches a little further than ``budget`` epochs
    """

    def __init__(
        self, axes: Axes, values: ValueAxis, budget: float, jobs: Sequence[Job], looks: dict[str, RunStyle]
    ) -> None:
        self.axes, self._values = axes, values
        spent = np.cumsum([job.epochs for job in jobs], dtype=int)
        dress(axes, f"{values.measure.name}: {values.words}", x="epochs spent, in all jobs")
        axes.set_xlim(0, 1.04 * max([budget, *spent]))
        count_along(axes, 5)
        if values.measure.higher:
            even_axis(axes, values.low, values.high)
        else:
            log_axis(axes, values.low, values.high)
        if values.measure.arrived:
            level(axes, values.floor, "as good as\nminimum")
        self.tuned = [_line(axes, CONSTANT, middle, "steps-post") for middle in (False, True, False)]
        self.once = [_line(axes, PLATEAU, middle) for middle in (False, True, False)]
        self.yours, self.best, self.marks = self._own(jobs, spent, looks)

    def draw(self, comparison: Comparison | None) -> None:
        """Show ``comparison``; None: there is none."""
        if comparison is None or not len(comparison.once):
            for line in (*self.tuned, *self.once):
                line.set_data([], [])
            return
        spent = comparison.spent
        spent = np.append(spent, spent[-1] + comparison.epochs / 2)  # the last step, or the only one, is seen as well
        for lines, quartiles in zip((self.tuned, self.once), comparison.quartiles, strict=True):
            for line, values in zip(lines, quartiles, strict=True):
                steps = np.broadcast_to(values, len(spent) - 1)
                line.set_data(spent, self._values.place(np.append(steps, steps[-1])))

    def _own(
        self, jobs: Sequence[Job], spent: Array, looks: dict[str, RunStyle]
    ) -> tuple[Line2D, Line2D, dict[str, Line2D]]:
        values = np.array([job.value(self._values.measure) for job in jobs])
        still = {"scalex": False, "scaley": False}
        best = self._values.place(self._values.measure.best_so_far(values)) if len(jobs) else values
        (yours,) = self.axes.plot(spent, best, color=INK, linewidth=2.2, drawstyle="steps-post", zorder=5, **still)
        top = [best_of(jobs, self._values.measure)] if len(jobs) else []  # among equals, the line does not step there
        (ring,) = self.axes.plot(spent[top], self._values.place(values[top]), **RING, **still)
        places, kinds = self._values.place(values), np.array([job.kind for job in jobs], str)
        marks = {
            kind: self.axes.plot(spent[kinds == kind], places[kinds == kind], linestyle="", marker=look.head,
                                 markersize=7.5, markerfacecolor=look.color, markeredgecolor="white",
                                 markeredgewidth=1, zorder=6, **still)[0]
            for kind, look in looks.items()
        }  # fmt: skip
        return yours, ring, marks


def _line(axes: Axes, style: RunStyle, middle: bool, steps: str = "default") -> Line2D:
    look = style.line if middle else style.line | {"linewidth": 1.1, "linestyle": "-", "alpha": 0.55}
    return axes.plot([], [], drawstyle=steps, **look)[0]
