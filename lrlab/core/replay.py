"""Replay: what the plateau rule would have done on losses that somebody has recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.plateau import Plateau
from lrlab.core.run import Run
from lrlab.core.settings import Settings


def replay_run(losses: Any, settings: Settings) -> Run:
    """The record that the rule would have left, for one run: its rates are the rule's, its losses are those given.

    losses: (epochs,), the monitored loss at the end of each epoch
    returns: a Run without weights (dim 0) and without a loss at the start (NaN in row 0)

    What it cannot know: with other rates the losses themselves would have been different.
    Raises TypeError or ValueError where losses are not numbers, or not in one row, or none.
    """
    table = check_losses(losses)
    rule, epochs = Plateau(settings[0]), len(table)
    lr, improved = np.empty((epochs, 1), np.float32), np.empty((epochs, 1), bool)
    with np.errstate(all="ignore"):
        for epoch, loss in enumerate(table):
            lr[epoch] = rule.rate
            rule.step(np.array([loss]))
            improved[epoch] = rule.improved
    watched = np.concatenate([[np.nan], table])[:, None]
    return Run(np.empty((epochs + 1, 1, 0)), watched, watched, lr, rule.rate.astype(np.float32), improved, settings[0])


def check_losses(losses: Any) -> Array:
    """``losses`` as an array of floats, (epochs,)."""
    array = np.asarray(losses)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"losses must be numbers, one for each finished epoch, got {array.dtype}.")
    if array.ndim != 1 or not array.size:
        raise ValueError(f"losses must be a list of numbers, 1 or more, one for each epoch, got shape {array.shape}.")
    return array.astype(np.float64)
