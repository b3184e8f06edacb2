"""What a model has learned, drawn over its data: the line of a regression, the regions of a classifier.

A panel says for which ``inputs`` it wants to know what both runs put out, and draws that: a panel knows no model. Its
``outcome`` are the artists that show it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.views.isolines import isolines
from lrlab.views.style import INK, PAIR, QUIET, SMALL, STEADY, WHOLE, RunStyle, dress

GRID_POINTS = 80
# Two classes, in neither of the runs' colours: reddish purple and bluish green (Okabe-Ito), pale for regions.
CLASS_COLORS = ("#8a4f76", "#00795a")
CLASS_MARKERS = ("o", "^")
REGIONS = LinearSegmentedColormap.from_list("regions", ["#ecd3e2", "#f8f7f6", "#c9e8dc"])
LEFT, BAR = (2.3, 5.0), 1.5  # of SampleFit: where the runs' guesses stand, and how long a sure one's bar is
ROWS = "#9aa1ac"  # rows of data that have no class


class LineFit:
    """Regression on one feature: the data (still), and each run's line (live).

    features: (rows, 1). targets: (rows,). labels: what the feature and the target are
    inputs: (points, 1). lines: one Line2D per run
    """

    def __init__(
        self,
        axes: Axes,
        features: Array,
        targets: Array,
        labels: Sequence[str],
        styles: tuple[RunStyle, ...] = PAIR,
    ) -> None:
        dress(axes, "the fitted lines", *labels)
        axes.plot(features[:, 0], targets, linestyle="", marker="o", markersize=3.5, color=ROWS, markeredgewidth=0)
        axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
        self.inputs = np.linspace(*axes.get_xlim(), 100)[:, None]
        self.lines = self.outcome = [axes.plot([], [], gid=WHOLE, **style.line)[0] for style in styles]

    def draw(self, outputs: Array) -> None:
        """Show what the runs put out for ``inputs``: (runs, points)."""
        for line, y in zip(self.lines, outputs, strict=True):
            line.set_data(self.inputs[:, 0], y)


class RegionFit:
    """Classification on two features: one run's regions and boundary, and the data over them (all of it live).

    features: (rows, 2). targets: (rows,), 0 or 1. labels: what the features are. i: which run
    inputs: (points, 2). regions: an image of the probability of class 1. boundary: one Line2D, where it is one half
    """

    def __init__(self, axes: Axes, features: Array, targets: Array, labels: Sequence[str], i: int) -> None:
        self._run = i
        style = PAIR[i]
        x, y = labels
        dress(axes, f"{style.name} has learned", "" if i == 0 else x, y)  # both panels share their x
        low, high = features.min(axis=0), features.max(axis=0)
        room = 0.1 * (high - low)
        (left, bottom), (right, top) = low - room, high + room
        self._x, self._y = np.linspace(left, right, GRID_POINTS), np.linspace(bottom, top, GRID_POINTS)
        self.inputs = np.stack(np.meshgrid(self._x, self._y), axis=-1).reshape(-1, 2)
        self.regions = axes.imshow(
            np.full((2, 2), 0.5), animated=True, cmap=REGIONS, vmin=0, vmax=1, extent=(left, right, bottom, top),
            origin="lower", aspect="auto", interpolation="nearest", zorder=0,
        )  # fmt: skip
        for value, (color, marker) in enumerate(zip(CLASS_COLORS, CLASS_MARKERS, strict=True)):
            axes.plot(*features[targets == value].T, **STEADY, linestyle="", marker=marker, markersize=3.6,
                      color=color, markeredgewidth=0, zorder=1)  # fmt: skip
        (self.boundary,) = axes.plot([], [], gid=WHOLE, **style.line)
        self.outcome = [self.regions, self.boundary]
        axes.set(xlim=(left, right), ylim=(bottom, top))

    def draw(self, outputs: Array) -> None:
        """Show what the runs put out for ``inputs``, (runs, points): the probability of class 1."""
        chance = outputs[self._run].reshape(GRID_POINTS, GRID_POINTS)
        self.regions.set_data(chance)
        self.boundary.set_data(*isolines(self._x, self._y, np.nan_to_num(chance), [0.5]))


class MeasuredFit:
    """Regression on many features: what the runs predict for rows that they have not seen, against what was measured.

    features: (rows, ...). targets: (rows,)
    inputs: these rows. dots: one Line2D per run
    """

    def __init__(self, axes: Axes, features: Array, targets: Array) -> None:
        dress(axes, "predicted for rows it has not seen", "measured", "predicted")
        self.inputs, self._targets = features, targets
        low, high = targets.min(), targets.max()
        room = 0.05 * (high - low or 1.0)
        axes.set(xlim=(low - room, high + room), ylim=(low - room, high + room))
        axes.plot([low, high], [low, high], color=QUIET, linewidth=1.1, linestyle=(0, (1, 1.8)), zorder=1)
        axes.annotate("right", (high, high), ha="right", va="bottom", fontsize=SMALL, color=QUIET)
        self.dots = self.outcome = [
            axes.plot([], [], **STEADY, linestyle="", marker=style.head, markersize=size, color=style.color,
                      markerfacecolor=face, markeredgewidth=1.2, zorder=style.zorder)[0]
            for style, size, face in zip(PAIR, (5, 5.5), ("none", PAIR[1].color), strict=True)
        ]  # fmt: skip

    def draw(self, outputs: Array) -> None:
        """Show what the runs put out for ``inputs``: (runs, rows)."""
        for dots, predicted in zip(self.dots, outputs, strict=True):
            dots.set_data(self._targets, predicted)


class SampleFit:
    """Classification of pictures: a few of them, and beside each what the runs take it for, and how surely.

    inputs: (samples, ...), as the models take them. pictures: (samples, height, width). classes: (samples,), the truth
    count: how many classes there are
    guesses: for each run, one Line2D per class, whose markers are its number. wrong: a box around each wrong guess
    bars: for each run, one Line2D: the probability of each guess, as a length
    """

    def __init__(self, axes: Axes, inputs: Array, pictures: Array, classes: Array, count: int) -> None:
        self.inputs, self._classes = inputs, classes
        samples = len(classes)
        dress(axes, "what it reads (boxed: wrong)")
        for i, (picture, truth) in enumerate(zip(pictures, classes, strict=True)):
            axes.imshow(picture, cmap="gray_r", extent=(0.08, 0.92, i + 0.92, i + 0.08), zorder=0)
            axes.text(1.2, i + 0.5, str(truth), fontsize=SMALL, color=QUIET, va="center")
        for style, left in zip(PAIR, LEFT, strict=True):
            axes.text(left - 0.35, -0.3, style.name, fontsize=SMALL, color=style.color, fontweight="bold", va="center")
        axes.set(xlim=(0, LEFT[1] + BAR + 0.6), ylim=(samples, -0.6), xticks=[], yticks=[])
        axes.set_anchor("NW")  # pictures are square, whatever room there is
        axes.spines[:].set_visible(False)
        self.guesses = [
            [axes.plot([], [], **STEADY, linestyle="", marker=f"${number}$", markersize=12, color=style.color,
                       markeredgewidth=0.3, zorder=style.zorder)[0] for number in range(count)]
            for style in PAIR
        ]  # fmt: skip
        self.bars = [
            axes.plot([], [], **STEADY, color=style.color, linewidth=7, solid_capstyle="butt", alpha=0.75)[0]
            for style in PAIR
        ]
        (self.wrong,) = wrong = axes.plot([], [], **STEADY, linestyle="", marker="s", markersize=22, color=INK,
                                  fillstyle="none", markeredgewidth=1.6, zorder=2)  # fmt: skip
        self.outcome = [*self.guesses[0], *self.guesses[1], *self.bars, *wrong]

    def draw(self, outputs: Array) -> None:
        """Show what the runs put out for ``inputs``, (runs, samples, classes): probabilities.

        A model that puts out what is no number takes a picture for nothing.
        """
        known = np.isfinite(outputs).all(axis=-1)
        guessed, sure = np.where(known, outputs.argmax(axis=-1), -1), outputs.max(axis=-1)
        places = np.arange(len(self._classes)) + 0.5
        for i, left in enumerate(LEFT):
            for number, line in enumerate(self.guesses[i]):
                y = places[guessed[i] == number]
                line.set_data(np.full(len(y), left), y)
            ends = np.stack(
                [np.full(len(places), left + 0.6), left + 0.6 + BAR * sure[i], np.full(len(places), np.nan)]
            )
            self.bars[i].set_data(ends.T.ravel(), np.repeat(places, 3))
        runs, wrong = np.nonzero(known & (guessed != self._classes))
        self.wrong.set_data(np.take(LEFT, runs), places[wrong])


class Learned:
    """The panels that a problem's models have, if any, and what the runs put out for them. Regions are the pair's.

    panels: in the order of `fit_panels`
    """

    def __init__(self, problem: Problem, axes: Sequence[Axes], styles: tuple[RunStyle, ...] = PAIR) -> None:
        fit = problem.samples.fit if problem.samples else None
        self.panels: list[LineFit | RegionFit] = []
        if fit and problem.samples:
            data = (fit.features, problem.samples.targets, fit.labels)
            self.panels = [RegionFit(ax, *data, i) for i, ax in enumerate(axes)] if fit.classes else [
                LineFit(axes[0], *data, styles)
            ]  # fmt: skip
            self._predict = fit.predict

    def draw(self, run: Run, epoch: int = -1) -> None:
        """Show what the models of the runs put out after an epoch; after the last one, if none is given."""
        if self.panels:
            with np.errstate(all="ignore"):
                outputs = self._predict(run.w[epoch], self.panels[0].inputs)
            for panel in self.panels:
                panel.draw(outputs)


def fit_panels(problem: Problem) -> list[str]:
    """The names of the panels that show what the runs learned; none where there is no such picture."""
    if problem.samples is None or problem.samples.fit is None:
        return []
    return ["fit constant", "fit plateau"] if problem.samples.fit.classes else ["fit"]
