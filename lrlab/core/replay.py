"""Replay: what the plateau rule would have done on losses that somebody has recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrlab.core.plateau import check_losses, follow
from lrlab.core.run import Run
from lrlab.core.settings import Settings


def replay_run(losses: Any, settings: Settings) -> Run:
    """The record that the rule would have left, for one run: its rates are the rule's, its losses are those given.

    losses: (epochs,), the monitored loss at the end of each epoch
    settings: of one run; of more, the first one's count
    returns: a Run without weights (dim 0) and without a loss at the start: it is NaN, so `Run.diverged` says nothing

    What it cannot know: with other rates the losses themselves would have been different.
    Raises TypeError or ValueError where losses are not numbers, or not in one row, or none.
    """
    table = check_losses(losses)
    if table.ndim != 1 or not table.size:
        raise ValueError(f"losses must be a list of numbers, 1 or more, one for each epoch, got shape {table.shape}.")
    after, improved = follow(table[:, None], settings[0])
    lr = np.concatenate([settings.alpha[:1].astype(np.float32)[None], after[:-1]])
    watched = np.concatenate([[np.nan], table])[:, None]
    return Run(np.empty((len(table) + 1, 1, 0)), watched, watched, lr, after[-1], improved, settings[0])
