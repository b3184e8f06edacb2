"""What a lab has trained: twins that are kept from one job to the next, and jobs for the `Worker`.

Nothing here imports TensorFlow before the first job does, in the worker's thread.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from lrlab.core.arrays import Array
from lrlab.core.settings import Settings
from lrlab.keras_live.data import Data
from lrlab.keras_live.history import History
from lrlab.keras_live.worker import Look

if TYPE_CHECKING:
    from lrlab.keras_live.twins import Twins

LOADING = "Loading TensorFlow, once in a notebook: a few seconds …"
BUILDING = "Building and compiling both models …"
RULE = ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")


class Seen(NamedTuple):
    """What there is at one moment: before the first epoch a word on what is being done, then the record.

    epochs: how many of ``history`` belong to it. seconds: spent on them
    outputs: what the models put out for the inputs that the session was asked for, (runs, rows, ...)
    """

    doing: str
    history: History | None = None
    epochs: int = 0
    seconds: float = 0.0
    outputs: Array | None = None


class Session:
    """One ``get_model`` on one data set, trained again and again with other settings.

    first_words: what is done before anything can be trained
    goal: how many epochs to train; may be raised while a job runs
    inputs: rows for which ``Seen.outputs`` are wanted, or None
    twins: the `Twins`, once they are built
    """

    def __init__(self, get_model: Callable[[float], Any], data: Data, inputs: Array | None) -> None:
        self.goal = 0
        self.first_words = BUILDING if "tensorflow" in sys.modules else LOADING
        self.twins: Twins | None = None
        self._get_model, self._data, self._inputs = get_model, data, inputs
        self._built_for: Any = None
        self._trained_with: Any = None  # None where the twins are not at the end of an epoch
        self._seconds = 0.0

    def job(self, values: dict[str, Any], afresh: bool = False) -> Callable[[], Iterator[Look | None]]:
        """Train with these values of alpha, factor, patience, min_delta, cooldown, min_lr, batch_size, seed and rule.

        rule: a third run's, or None where there is none.
        Goes on from where the twins are if they have been trained with the same, unless ``afresh``.
        """
        return partial(self._work, dict(values), afresh)

    def _work(self, values: dict[str, Any], afresh: bool) -> Iterator[Look | None]:
        yield from self._build(values)
        own = values["rule"]
        wanted = (*(values[name] for name in RULE), own)
        if afresh or self._trained_with != wanted or self.twins.history.epochs > self.goal:
            self._trained_with, self._seconds = None, 0.0
            settings = Settings.pair(**{name: values[name] for name in RULE})
            self.twins.start_over(settings if own is None else settings[[0, 1, 0]], own)
            self._trained_with = wanted
        history = self.twins.history
        yield self._look
        while history.epochs < self.goal:
            self._trained_with = None
            began = time.perf_counter()
            for _ in self.twins.epoch():
                yield None
            self._seconds += time.perf_counter() - began
            self._trained_with = wanted
            yield self._look

    def _build(self, values: dict[str, Any]) -> Iterator[Look]:
        wanted = (values["batch_size"], values["seed"], 2 if values["rule"] is None else 3)
        if self._built_for == wanted:
            return
        self._built_for = self._trained_with = self.twins = None
        yield partial(Seen, self.first_words)
        twins = load_twins()
        self.first_words = BUILDING
        yield partial(Seen, BUILDING)
        self.twins = twins(self._get_model, self._data, values["alpha"], *wanted)
        self._built_for = wanted

    def _look(self) -> Seen:
        # After an error the weights are those of half an epoch, of which no picture should be made.
        between_epochs = self._trained_with is not None
        outputs = self.twins.predict(self._inputs) if self._inputs is not None and between_epochs else None
        return Seen("", self.twins.history, self.twins.history.epochs, self._seconds, outputs)


def load_twins() -> type[Twins]:
    """`Twins`, and with it TensorFlow, whose greetings are kept out of the notebook."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its C++ parts: errors only
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lrlab.keras_live.twins import Twins
    return Twins
