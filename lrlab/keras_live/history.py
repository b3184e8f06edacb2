"""What runs leave behind while they train. Lists only grow, so one thread may read what another appends."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.run import Run
from lrlab.core.settings import Settings


class History:
    """The record of R runs, one epoch after the other.

    settings: what the runs were given
    start: (R,), the validation losses before the first epoch. weights: (R, dim), or dim 0 where they are not kept
    rates: for each run, in force before the first epoch
    epochs: how many there are
    """

    def __init__(self, settings: Settings, start: Array, weights: Array, rates: list[float]) -> None:
        self.settings = settings
        self._start = start
        self._logs: list[list[dict[str, float]]] = []  # for each epoch those of all runs
        self._weights, self._improved = [weights], []
        self._rates = [np.float32(rates)]  # in force before the first epoch, and after each
        self.epochs = 0

    def append(self, logs: list[dict[str, float]], improved: Array, rates: list[float], weights: Array) -> None:
        """One epoch more. logs: for each run, by name. rates: in force after it."""
        self._logs.append(logs)
        self._improved.append(improved)
        self._rates.append(np.float32(rates))
        self._weights.append(weights)
        self.epochs += 1  # last: what is counted is complete

    def logs(self, epochs: int) -> list[dict[str, list[float]]]:
        """For each run what ``fit`` would have in ``history.history`` after so many epochs."""
        rows = self._logs[:epochs]
        names = rows[0][0] if rows else ()
        return [{name: [row[i][name] for row in rows] for name in names} for i in range(len(self.settings))]

    def run(self, epochs: int) -> Run:
        """The first so many epochs as a `Run`. loss is what Keras logs: the mean over an epoch's batches, each before
        its step; in row 0 it is the validation loss: nothing has been trained on yet.
        """
        rows, runs = self._logs[:epochs], len(self.settings)
        loss, watched = (
            np.vstack([self._start, np.array([[log[name] for log in row] for row in rows]).reshape(epochs, runs)])
            for name in ("loss", "val_loss")
        )
        rates = np.array(self._rates[: epochs + 1])
        return Run(
            w=np.array(self._weights[: epochs + 1]),
            loss=loss,
            watched=watched,
            lr=rates[:-1],
            final_lr=rates[-1],
            improved=np.array(self._improved[:epochs], bool).reshape(epochs, runs),
            settings=self.settings,
        )
