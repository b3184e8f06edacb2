"""The picture of KerasLab: what the models have learned on the left, losses above learning rates on the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.core.arrays import Array
from lrlab.core.run import Run
from lrlab.views.curves import HUGE, LossView, RateView, Scale
from lrlab.views.epoch_mark import EpochMark
from lrlab.views.fit import LineFit, MeasuredFit, RegionFit, SampleFit
from lrlab.views.layout import Box, arrange_with_fits, in_a_column, runs_in_legend
from lrlab.views.style import BESIDES, PAIR, RunStyle, styles_with

# How easy each picture shown is: the share of all validation rows that are harder. Most are easy, and say little.
EASE = (0.0, 0.01, 0.03, 0.1, 0.3, 0.6)
MANY_CLASSES = 20
FLAT_PICTURES = (64, 784)  # pixels of the digits of scikit-learn, and of MNIST: other tables may be square by chance
FEATURES = ("feature 1", "feature 2")


class Panels(NamedTuple):
    """What can be drawn of a model.

    make: panels by name. outputs: what to make of a model's outputs, (runs, rows, ...), for them
    """

    make: dict[str, Callable[[Axes], Any]]
    outputs: Callable[[Array], Array | None]

    def inputs(self) -> Array | None:
        """The rows for which the panels want to know what the models put out."""
        makers = list(self.make.values())
        return makers[0](Figure().add_subplot()).inputs if makers else None


def panels_for(x: Array, y: Array, x_val: Array, y_val: Array) -> Panels:
    """The panels for a model on these rows; none where nobody could draw it.

    Two features and two classes: regions. One feature and a number: lines. Many and a number: predicted against
    measured. Square pictures and classes: a few of them.
    """
    classes, classes_val = _classes(y), _classes(y_val)
    if classes is None:
        targets, targets_val = y.reshape(len(y), -1), y_val.reshape(len(y_val), -1)
        if targets.shape[1] != 1:
            return Panels({}, _none)
        if x.shape[1:] == (1,):
            return Panels({"fit": partial(LineFit, features=x, targets=targets[:, 0], labels=("feature", "target"))},
                          _one)  # fmt: skip
        return Panels({"fit": partial(MeasuredFit, features=x_val, targets=targets_val[:, 0])}, _one)
    if x.shape[1:] == (2,) and classes.max() == 1:
        regions = partial(RegionFit, features=x, targets=classes, labels=FEATURES)
        return Panels({f"fit {style.name}": partial(regions, i=i) for i, style in enumerate(PAIR)}, _chance)
    side = _side(x)
    if side and classes_val is not None and classes.max() < MANY_CLASSES:
        count = int(classes.max()) + 1
        chosen = _hard_to_easy(x, classes, x_val, classes_val)
        pictures = x_val[chosen].reshape(len(chosen), side, side)
        samples = partial(SampleFit, inputs=x_val[chosen], pictures=pictures, classes=classes_val[chosen], count=count)
        return Panels({"fit": samples}, partial(_chances, count=count))
    return Panels({}, _none)


class TrainingView:
    """Panels for a pair of runs that are being trained, and a third one where ``own`` names it.

    fits: what the runs learned, where it can be drawn
    loss, rate: epoch by epoch. trained: thin lines, the training loss, which may fall while the validation loss climbs
    epoch_mark: one of them, and the plateau rule at it. axes: the panels by name
    """

    def __init__(
        self,
        figure: Figure,
        *,
        panels: Panels,
        scale: Scale,
        epochs: int,
        alphas: tuple[float, float],
        own: str = "",
    ) -> None:
        styles = styles_with(own)
        names = [*panels.make, "losses", "rates"]
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in names}
        self.fits = [make(self.axes[name]) for name, make in panels.make.items()]
        self._outputs = panels.outputs
        self.loss = LossView(self.axes["losses"], scale, epochs, styles=styles, besides=", thin: training loss")
        self.trained = [_thin(self.axes["losses"], style) for style in styles]
        self.rate = RateView(self.axes["rates"], alphas, epochs, None, styles)
        self.epoch_mark = EpochMark(self.loss, self.rate)
        self.axes["losses"].tick_params(labelbottom=False)
        figure.legend(handles=runs_in_legend(styles))

    def draw(self, run: Run, outputs: Array | None) -> None:
        """Show ``run``, and what its models put out for the panels' inputs, (runs, rows, ...): those of the pair."""
        self.loss.draw(run)
        for line, losses in zip(self.trained, run.loss.T, strict=True):
            # Keras tells the mean over an epoch's batches, so there is none at the start.
            line.set_data(np.arange(1, run.epochs + 1), np.clip(losses[1:], -HUGE, HUGE))
        self.rate.draw(run)
        drawable = None if outputs is None else self._outputs(outputs[:2])
        if drawable is not None:
            for fit in self.fits:
                fit.draw(drawable)

    def see_outcome(self, seen: bool) -> None:
        """Whether the panels show what the models have learned by now."""
        for fit in self.fits:
            for artist in fit.outcome:
                artist.set_visible(seen)


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    arrange_with_fits(figure, width, 3, _side_by_side, _stacked)


def _side_by_side(width: float, em: float, fits: list[str], top: float) -> tuple[dict[str, Box], float]:
    """Boxes for the panels, and the figure's height: what was learned on the left, curves on the right."""
    height = min(max(width * 0.43, 330), 760)
    bottom = height - 3 * em
    left, right = 4.2 * em, width - 2 * em
    boxes: dict[str, Box] = {}
    if fits:
        middle = width * 0.38
        boxes |= in_a_column(fits, 5.2 * em, middle, top, bottom, em)
        left = middle + 5 * em
    split = top + (bottom - top) * 0.56
    boxes |= {"losses": (left, top, right, split), "rates": (left, split + 2.4 * em, right, bottom)}
    return boxes, height


def _stacked(width: float, em: float, fits: list[str], top: float) -> tuple[dict[str, Box], float]:
    """The same for a phone: one panel below the other, curves first."""
    left, right = 4.2 * em, width - 2 * em
    shares = [("losses", 0.5, 2.4 * em), ("rates", 0.35, 5 * em), *((name, 0.6, 5 * em) for name in fits)]
    boxes: dict[str, Box] = {}
    for name, share, room_below in shares:
        boxes[name] = (5.2 * em if name.startswith("fit") else left, top, right, top + share * width)
        top += share * width + room_below
    return boxes, top - (2 * em if not fits else 1.6 * em)


def _thin(axes: Axes, style: RunStyle) -> Line2D:
    return axes.plot(
        [], [], **{**style.line, "linewidth": 0.9, "alpha": 0.75, "zorder": style.zorder - 1.5, "gid": BESIDES}
    )[0]


# What data are, and what to make of outputs ---------------------------------------------------------------------------


def _classes(targets: Array) -> Array | None:
    """(rows,): the class of each row, counted from 0; None where targets are numbers and not classes."""
    flat = targets.reshape(len(targets), -1)
    zeros_and_ones = bool(((flat == 0) | (flat == 1)).all())
    if flat.shape[1] > 1:
        return flat.argmax(axis=1) if zeros_and_ones and bool((flat.sum(axis=1) == 1).all()) else None
    whole = targets.dtype.kind in "iub" and flat.min() >= 0 and flat.max() < MANY_CLASSES
    return flat[:, 0].astype(int) if zeros_and_ones or whole else None


def _side(x: Array) -> int:
    """How many pixels high and wide the pictures in ``x`` are; 0 where they are no square pictures."""
    shape = x.shape[1:-1] if x.ndim == 4 and x.shape[-1] == 1 else x.shape[1:]
    if len(shape) == 1:
        side = round(shape[0] ** 0.5)
        return side if shape[0] in FLAT_PICTURES else 0
    return shape[0] if len(shape) == 2 and shape[0] == shape[1] >= 8 else 0


def _hard_to_easy(x: Array, classes: Array, x_val: Array, classes_val: Array) -> Array:
    """A few validation rows. Hard is a row that is as near to the mean of another class as to that of its own."""
    flat, flat_val = x.reshape(len(x), -1).astype(float), x_val.reshape(len(x_val), -1).astype(float)
    means = np.stack([flat[classes == number].mean(axis=0) for number in np.unique(classes)])
    distances = ((flat_val**2).sum(axis=1)[:, None] - 2 * flat_val @ means.T + (means**2).sum(axis=1)) ** 0.5
    own = np.unique(classes)[:, None] == classes_val
    margin = np.where(own.T, np.inf, distances).min(axis=1) - np.where(own.T, distances, np.inf).min(axis=1)
    order = np.argsort(margin, kind="stable")
    return order[[int(ease * (len(order) - 1)) for ease in EASE]]


def _none(outputs: Array) -> None:
    return None


def _one(outputs: Array) -> Array | None:
    """The one number that a model puts out for a row."""
    flat = outputs.reshape(*outputs.shape[:2], -1)
    return flat[..., 0] if flat.shape[-1] == 1 else None


def _chance(outputs: Array) -> Array | None:
    """The probability of class 1, from one output or two."""
    flat = outputs.reshape(*outputs.shape[:2], -1)
    return flat[..., -1] if flat.shape[-1] <= 2 else None


def _chances(outputs: Array, count: int) -> Array | None:
    """The probability of each class."""
    return outputs if outputs.ndim == 3 and outputs.shape[-1] == count else None
