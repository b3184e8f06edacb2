"""The rule, opened: what ``ReduceLROnPlateau`` remembers at each epoch, what it compares, and what it decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.plateau import Plateau
from lrlab.core.run import Run
from lrlab.core.settings import Settings


@dataclass(frozen=True, eq=False)
class Inside:
    """The callback of one run from inside. Each array is (E,); row e - 1 is what happens at the end of epoch e.

    loss: what it looks at
    best: the best loss before that; NaN in the first epoch, which has none to beat
    best_epoch: the epoch that brought it; 0 in the first epoch
    improved: whether the loss was below ``best - min_delta``, compared in float32 as in Keras: a loss nearer to that
        than 1e-7 of its size may count either way. In any case in the first epoch
    wait: the epochs without improvement that it has counted, before a cut sets them back to 0
    cooling: how many epochs of a cooldown are left; nothing is counted while there are any
    rate, after: the learning rate in this epoch, and in the next one
    settings: the run's, a `Settings` of length 1
    """

    loss: Array
    best: Array
    best_epoch: Array
    improved: Array
    wait: Array
    cooling: Array
    rate: Array
    after: Array
    settings: Settings

    @property
    def threshold(self) -> Array:
        """What the loss must be below to count as an improvement, to float32's resolution; NaN in the first epoch."""
        return self.best - self.settings.min_delta

    @property
    def patience(self) -> int:
        """How many epochs it really waits: 0 acts as 1."""
        return max(int(self.settings.patience[0]), 1)


def inside(run: Run, i: int) -> Inside:
    """The rule of run ``i`` from inside: its losses once more, one by one, through the same `Plateau`."""
    losses = run.monitored[:, i]
    plateau = Plateau(run.settings[[i]])
    wait, cooling = np.zeros(run.epochs, int), np.zeros(run.epochs, int)
    with np.errstate(all="ignore"):
        for epoch in range(run.epochs):
            waited, cooled = plateau.wait[0], plateau.cooldown[0]
            plateau.step(losses[epoch : epoch + 1])
            cooling[epoch] = max(cooled - 1, 0)
            wait[epoch] = 0 if plateau.improved[0] or cooling[epoch] else waited + 1
    best_epoch = _last(run.improved[:, i])
    return Inside(
        loss=losses,
        best=np.where(best_epoch > 0, losses[best_epoch - 1], np.nan),
        best_epoch=best_epoch,
        improved=run.improved[:, i],
        wait=wait,
        cooling=cooling,
        rate=run.lr[:, i],
        after=np.append(run.lr[:, i], run.final_lr[i])[1:],
        settings=run.settings[[i]],
    )


def _last(improved: Array) -> Array:
    """(E,): for each epoch the last one before it that improved, counted from 1; 0 where there is none."""
    epochs = np.where(improved, np.arange(1, len(improved) + 1), 0)
    return np.append(0, np.maximum.accumulate(epochs)[:-1]) if len(epochs) else epochs
