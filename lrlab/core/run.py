"""Run: what training leaves behind, and what can be read off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.settings import Settings


class Segment(NamedTuple):
    """A stretch of epochs at one rate: the first epoch (counted from 1), how many epochs, and the rate."""

    first: int
    length: int
    rate: float


@dataclass(frozen=True, eq=False)
class Run:
    """The record of R runs of E epochs. Row 0 is the start; row e is after e epochs.

    w: (E + 1, R, dim), the weights
    loss: (E + 1, R), the (training) loss at each w
    watched: (E + 1, R), what the plateau rule watches at each w: the validation loss where there is one, else the loss
    lr: (E, R), float32: the learning rate used in each epoch
    final_lr: (R,), float32: the rate in force after the last epoch
    improved: (E, R), whether the epoch brought a new best watched loss, by more than min_delta
    settings: what the runs were given

    Divergence is data: losses and weights may be infinite or NaN.
    """

    w: Array
    loss: Array
    watched: Array
    lr: Array
    final_lr: Array
    improved: Array
    settings: Settings

    @property
    def epochs(self) -> int:
        """Number of epochs, E."""
        return len(self.lr)

    @property
    def monitored(self) -> Array:
        """(E, R): what the rule watched at each epoch's end."""
        return self.watched[1:]

    @property
    def cuts(self) -> Array:
        """(E, R): whether the rate was cut at the epoch's end."""
        after = np.concatenate([self.lr[1:], self.final_lr[None]])
        return after < self.lr

    @property
    def final_loss(self) -> Array:
        """(R,): the watched loss after the last epoch."""
        return self.watched[-1]

    @property
    def best_loss(self) -> Array:
        """(R,): the lowest watched loss at the start or after any epoch; inf where none was a number."""
        return np.where(np.isnan(self.watched), np.inf, self.watched).min(axis=0)

    @property
    def idle_epochs(self) -> Array:
        """(R,): the number of epochs that did not improve the best loss by more than min_delta."""
        return (~self.improved).sum(axis=0)

    def epochs_to(self, target: float | None) -> Array:
        """(R,): after how many epochs the watched loss is first at ``target`` or below.

        NaN where it never is, and everywhere where ``target`` is None, as `Problem.target` is where none is known.
        """
        return np.full(len(self.final_lr), np.nan) if target is None else first_epoch(self.watched <= target)

    @property
    def diverged(self) -> Array:
        """(R,): the epoch after which the loss has left for good; NaN for a run that has not diverged.

        Left means: the loss or the watched loss is NaN, or more than 1000 times the size of the starting loss (or than
        1000, where that is less than 1) above it, as infinity is. For good means: and it stays so to the end, so a run
        that a cut brings back has not diverged. Downwards is no divergence, not even to minus infinity.
        """
        first = np.full(len(self.final_lr), np.nan)
        # Only who is far away at the end has left for good: mostly nobody, and a map has thousands of runs.
        (gone,) = np.nonzero(far_away(self.loss[[0, -1]])[-1] | far_away(self.watched[[0, -1]])[-1])
        if len(gone):
            far = far_away(self.loss[:, gone]) | far_away(self.watched[:, gone])
            first[gone] = first_epoch(np.logical_and.accumulate(far[::-1])[::-1])
        return first

    def segments(self, run: int) -> list[Segment]:
        """The stretches of constant rate of one run, in order.

        >>> from lrlab.core.descent import train
        >>> from lrlab.problems import ravine
        >>> run = train(ravine(), Settings.pair(0.085, factor=0.5, patience=5), epochs=20)
        >>> [(stretch.first, stretch.length) for stretch in run.segments(1)]
        [(1, 6), (7, 14)]
        """
        ends = np.flatnonzero(self.lr[1:, run] != self.lr[:-1, run]) + 1  # a rule of one's own may raise it
        firsts = np.concatenate([[0], ends])
        lengths = np.diff(np.append(firsts, self.epochs))
        return [
            Segment(int(first) + 1, int(length), float(self.lr[first, run]))
            for first, length in zip(firsts, lengths, strict=True)
        ]

    def __getitem__(self, runs: int | slice | list[int] | Array) -> Run:
        """Some of the runs, as a Run: ``run[1]`` is the second alone. A slice shares its memory with this Run."""
        keep = runs if isinstance(runs, slice) else np.atleast_1d(np.arange(self.lr.shape[1])[runs])
        return Run(
            self.w[:, keep],
            self.loss[:, keep],
            self.watched[:, keep],
            self.lr[:, keep],
            self.final_lr[keep],
            self.improved[:, keep],
            self.settings[keep],
        )


def first_epoch(happens: Array) -> Array:
    """(R,): the first row in which ``happens``, of shape (rows, R), is true; NaN where none is."""
    return np.where(happens.any(axis=0), happens.argmax(axis=0), np.nan)


def far_away(loss: Array) -> Array:
    """Where a loss is NaN, or more than 1000 times the first row's size (or than 1000) above it. (rows, R), as ``loss``

    So infinity is far away, and minus infinity is not. From a first row that is NaN, everything is.
    """
    scale = np.maximum(np.abs(loss[0]), 1)
    with np.errstate(all="ignore"):  # the start may be as far out as one likes
        return ~(loss - loss[0] < 1000 * scale)


def last_tenth(losses: Array) -> Array:
    """(R,): the mean over the last tenth of the epochs, one of them at least. losses: (E + 1, R), as in a `Run`"""
    return losses[-max((len(losses) - 1) // 10, 1) :].mean(axis=0)


def without_weights(run: Run) -> Run:
    """The same with no weights, (E + 1, R, 0), and arrays of its own: what is kept for long should not be large."""
    names = ("loss", "watched", "lr", "final_lr", "improved")
    copies = {name: getattr(run, name).copy() for name in names}
    return Run(w=np.empty((*run.watched.shape, 0)), settings=run.settings, **copies)
