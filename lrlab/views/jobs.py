"""The picture of JobsLab: every job's losses and rates, faint but one; beside them, what epochs buy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.core.arrays import Array
from lrlab.studies.jobs import CONSTANT, OWN, PLATEAU, Comparison, Job
from lrlab.views.curves import HUGE, LossView, RateView, Scale
from lrlab.views.layout import NARROW, Box, fit_letters, place, place_legend, runs_in_legend
from lrlab.views.spent import RING, SpentView, ValueAxis
from lrlab.views.style import INK, PAIR, RunStyle, styles_with

KINDS = (CONSTANT, PLATEAU, OWN)  # in the order of `styles_with`
FAINT = 0.45


class JobsView:
    """``draw(shown)`` moves the strong lines, ``compare(comparison)`` those beside epochs spent.

    loss, rate: epoch by epoch; a line for each kind of job, of which one is shown
    faint: by kind, the losses and the rates of all jobs, still
    spent: what epochs buy. axes: the panels by name
    """

    def __init__(
        self,
        figure: Figure,
        *,
        scale: Scale,
        jobs: Sequence[Job],
        epochs: int,
        budget: int,
        alphas: tuple[float, float],
        target: float | None,
        edge: float | None,
        values: ValueAxis,
        own: str,
    ) -> None:
        self._styles = styles_with(own or "yours")
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in ("losses", "rates", "spent")}
        longest = max([epochs, *(job.epochs for job in jobs)])
        self.loss = LossView(self.axes["losses"], scale, longest, target, self._styles)
        self.rate = RateView(self.axes["rates"], alphas, longest, edge, self._styles)
        self.axes["losses"].tick_params(labelbottom=False)
        self.faint = {
            kind: self._faint_lines([job for job in jobs if job.kind == kind], style)
            for kind, style in zip(KINDS, self._styles, strict=True)
        }
        looks = dict(zip(KINDS, self._styles, strict=True))
        self.spent = SpentView(self.axes["spent"], values, budget + epochs / 2, jobs, looks)
        figure.legend(handles=_legend(self._styles if own else PAIR))

    def draw(self, shown: Job | None) -> None:
        """Show one job's losses and rates strongly; None: no job's."""
        for i, kind in enumerate(KINDS):
            artists = (self.loss.lines[i], self.loss.cuts[i], self.rate.lines[i])
            if shown is None or shown.kind != kind:
                for artist in artists:
                    artist.set_data([], [])
                continue
            epochs, losses, rates = _curves(shown, self.loss.offset)
            cut = np.append(False, shown.run.cuts[:, 0]) & (kind != OWN)  # a schedule lowers its rate all the time
            for artist, y in zip(artists, (losses, np.where(cut, losses, np.nan), rates), strict=True):
                artist.set_data(epochs, y)

    def compare(self, comparison: Comparison | None) -> None:
        """Show what epochs buy; None: nobody knows yet."""
        self.spent.draw(comparison)

    def _faint_lines(self, jobs: Sequence[Job], style: RunStyle) -> tuple[Line2D, Line2D]:
        """Losses and rates of some jobs, a line for all of them, with gaps: hundreds of lines would take their time."""
        look: dict[str, Any] = {"color": style.color, "linestyle": style.dashes, "linewidth": 0.6 * style.width,
                                "alpha": FAINT, "zorder": 2, "scalex": False, "scaley": False}  # fmt: skip
        epochs, losses, rates = in_one([_curves(job, self.loss.offset) for job in jobs])
        (loss,) = self.loss.axes.plot(epochs, np.where(losses > 0, losses, np.nan), **look)
        (rate,) = self.rate.axes.plot(epochs, rates, drawstyle="steps-post", **look)
        return loss, rate


def in_one(curves: Sequence[tuple[Array, ...]]) -> tuple[Array, Array, Array]:
    """Epochs, losses and rates of some jobs one after another, NaN in between."""
    gap = np.full((3, 1), np.nan)
    parts = [part for curve in curves for part in (np.array(curve, float), gap)]
    epochs, losses, rates = np.concatenate(parts, axis=1) if parts else np.empty((3, 0))
    return epochs, losses, rates


def _curves(job: Job, offset: float) -> tuple[Array, Array, Array]:
    """Epochs done, the watched loss after them, and the rate used next."""
    run = job.run
    losses = np.clip(run.watched[:, 0] - offset, -HUGE, HUGE)
    return np.arange(run.epochs + 1), losses, np.append(run.lr[:, 0], run.final_lr[0])


def arrange(figure: Figure, width: float) -> None:
    """Size, lettering and panels for a cell that is ``width`` CSS pixels wide."""
    em = fit_letters(figure, width)
    panels = {axes.get_label(): axes for axes in figure.axes}
    narrow = width < NARROW
    boxes, height = _stacked(width, em) if narrow else _side_by_side(width, em)
    place(figure, width, height, em, {panels[name]: box for name, box in boxes.items()})
    place_legend(figure, columns=2 if narrow else 4, close=narrow)


def _side_by_side(width: float, em: float) -> tuple[dict[str, Box], float]:
    height = min(max(width * 0.38, 330), 700)
    top, bottom = 3.7 * em, height - 3 * em
    middle = width * 0.5 - 1.5 * em
    split = top + (bottom - top) * 0.58
    return {
        "losses": (4.2 * em, top, middle, split),
        "rates": (4.2 * em, split + 2.4 * em, middle, bottom),
        "spent": (middle + 8 * em, top, width - 5.6 * em, bottom),
    }, height


def _stacked(width: float, em: float) -> tuple[dict[str, Box], float]:
    """The same for a phone: one panel below the other."""
    left, right = 4.2 * em, width - 5.6 * em
    boxes: dict[str, Box] = {}
    top = 5.4 * em
    for name, share, room_below in (("losses", 0.5, 2.4 * em), ("rates", 0.35, 5 * em), ("spent", 0.6, 3 * em)):
        boxes[name] = (left, top, right, top + share * width)
        top += share * width + room_below
    return boxes, top


def _legend(styles: tuple[RunStyle, ...]) -> list[Line2D]:
    yours = Line2D([], [], **{**RING, "linestyle": "-"}, color=INK, linewidth=2.2, label="your best so far")
    return [*runs_in_legend(styles), yours]
