"""``ReduceLROnPlateau``, the rule: cut the learning rate when the loss has stopped improving.

This is the callback of Keras in mode "min", for any number of runs at once, and equal to it bit for bit
(keras/src/callbacks/reduce_lr_on_plateau.py, Keras 3.13 to 3.15). At the end of each epoch:

1.  A cooldown that is running counts down by one.
2.  The loss improved if ``loss + min_delta < best``, where best is the best loss *ever*, not the last one.
    The first loss always counts as an improvement. Then it is the new best, and the wait starts over.
3.  Otherwise, unless still cooling down, wait one epoch more; once the wait reaches ``patience``, and the rate is
    above ``min_lr``, multiply the rate by ``factor`` (not below ``min_lr``), start the cooldown, and wait from 0.

What follows from it, and surprises people: patience 0 acts as 1 and cooldown 1 as 0; a first loss that is NaN can
never be improved on; at ``min_lr`` the wait grows without end; and min_delta is an absolute number, so a loss that is
small but falls steadily counts as a plateau.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.settings import Settings

# When TensorFlow compares, it takes float32 numbers nearer to 0 than this for 0 (they are "subnormal"). ...
TINY = np.array(np.finfo(np.float32).tiny)
# ... So a best loss of that kind is improved on only by -TINY and less: by what is below the number after -TINY.
AFTER_MINUS_TINY = np.nextafter(-TINY, np.float32(0))


class Plateau:
    """The callback's memory, and what it does with one more loss. Every array has shape (runs,).

    rate: the learning rate in force, a float32 number as in Keras (kept in float64, so that arithmetic is not mixed)
    best: float32, the best loss so far, or rather what the next one must be below (another number near 0 only)
    wait: epochs since the last improvement or cut
    cooldown: epochs of cooldown left
    improved: whether the last epoch brought a new best
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.rate = _as_float32(settings.alpha)
        self.best = np.full(len(settings), np.nan, np.float32)
        self.wait = np.zeros(len(settings), np.int64)
        self.cooldown = np.zeros(len(settings), np.int64)
        self.improved = np.ones(len(settings), bool)
        self._fresh = True
        self._patience = np.maximum(settings.patience, 1)
        # Keras asks in float32 whether the rate is above min_lr, but clips the new rate in float64.
        self._floor = _as_float32(settings.min_lr)
        self._may_cool = bool(settings.cooldown.any())

    def step(self, loss: Array) -> None:
        """The end of an epoch: ``loss``, (runs,), is what is monitored.

        All arrays but ``improved`` change in place: this runs often.
        """
        if self._may_cool:
            self.cooldown -= self.cooldown > 0
        self.improved = self._improves(loss)
        self.wait += 1
        if np.count_nonzero(self.improved):  # mostly nobody's, once a pair is at rest
            np.copyto(self.best, loss, where=self.improved, casting="same_kind")
            tiny = np.abs(self.best) < TINY
            if np.count_nonzero(tiny):
                self.best[tiny] = AFTER_MINUS_TINY
            self.wait[self.improved] = 0
        if self._may_cool:
            self.wait[self.cooldown > 0] = 0
        due = self.wait >= self._patience
        if np.count_nonzero(due):
            self._cut(np.flatnonzero(due & (self.rate > self._floor)))

    def _improves(self, loss: Array) -> Array:
        if self._fresh:
            self._fresh = False
            return np.ones(loss.shape, bool)
        # Keras adds in float64 and compares in float32. A comparison with NaN is False: no improvement.
        return (loss + self.settings.min_delta).astype(np.float32) < self.best

    def _cut(self, runs: Array) -> None:
        lowered = np.maximum(self.rate[runs] * self.settings.factor[runs], self.settings.min_lr[runs])
        self.rate[runs] = _as_float32(lowered)
        self.cooldown[runs] = self.settings.cooldown[runs]
        self.wait[runs] = 0


def _as_float32(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)


def rates(
    losses: Any,
    alpha: Any,
    factor: Any,
    patience: Any,
    min_delta: Any = 1e-4,
    cooldown: Any = 0,
    min_lr: Any = 0.0,
) -> Array:
    """The learning rate in force after each epoch, for losses that are known already.

    losses: (epochs,) or (epochs, runs), the monitored loss at the end of each epoch
    the rest: a number or (runs,) each, as in `Settings`
    returns: float32, the same shape as ``losses``; entry i is the rate that epoch i + 2 trains with

    >>> rates([3.0, 2.0, 2.0, 2.0, 1.0], alpha=0.1, factor=0.5, patience=2)
    array([0.1 , 0.1 , 0.1 , 0.05, 0.05], dtype=float32)

    Raises TypeError or ValueError where a value breaks its rule or shapes do not fit.
    """
    losses = check_losses(losses)
    if losses.ndim not in (1, 2):
        raise ValueError(f"losses must have shape (epochs,) or (epochs, runs), got {losses.shape}.")
    table = losses.reshape(len(losses), *losses.shape[1:] or (1,))
    settings = Settings(alpha, factor, patience, min_delta, cooldown, min_lr)
    if len(settings) not in (1, table.shape[1]):
        raise ValueError(
            f"losses have {table.shape[1]} run(s) but the settings {len(settings)}. Give one loss column for each run."
        )
    after, _ = follow(table, settings[np.zeros(table.shape[1], int)] if len(settings) == 1 else settings)
    return after.reshape(losses.shape)


def check_losses(losses: Any) -> Array:
    """``losses`` as an array of floats, of any shape. Raises TypeError where they are not numbers."""
    array = np.asarray(losses)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"losses must be numbers, one for each finished epoch, got {array.dtype}.")
    return array.astype(np.float64)


def follow(losses: Array, settings: Settings) -> tuple[Array, Array]:
    """The rule on known losses, (epochs, runs): the rates in force after each epoch, and which brought a new best."""
    plateau = Plateau(settings)
    after, improved = np.empty(losses.shape, np.float32), np.empty(losses.shape, bool)
    with np.errstate(all="ignore"):
        for epoch, loss in enumerate(losses):
            plateau.step(loss)
            after[epoch], improved[epoch] = plateau.rate, plateau.improved
    return after, improved
