"""What a lab has trained: models that are kept from one job to the next, and jobs for the `Worker`.

Nothing here imports TensorFlow before the first job does, in the worker's thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from lrlab.core.arrays import Array
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import RULE, Settings
from lrlab.keras_live.data import Data
from lrlab.keras_live.history import History
from lrlab.keras_live.quietly import quietly
from lrlab.keras_live.worker import Look

if TYPE_CHECKING:
    from lrlab.keras_live.chain import JobChain, Trained
    from lrlab.keras_live.twins import Twins

LOADING = "Loading TensorFlow, once in a notebook: a few seconds …"
BUILDING = "Building and compiling both models …"
BUILDING_ONE = "Building and compiling the model …"


class Seen(NamedTuple):
    """What there is at one moment: before the first epoch a word on what is being done, then the record.

    epochs: how many of ``history`` belong to it. seconds: spent on them
    outputs: what the models put out for the inputs that the session was asked for, (runs, rows, ...)
    jobs: what the run was cut into, where that has been trained by itself
    own: the run whose rate a rule of the user's own set, as far as it is trained
    """

    doing: str
    history: History | None = None
    epochs: int = 0
    seconds: float = 0.0
    outputs: Array | None = None
    jobs: Trained | None = None
    own: Run | None = None


class AnySession:
    """One ``get_model`` on one data set, trained again and again with other settings.

    get_model, data: as for `Twins`
    first_words: what is done before anything can be trained
    goal: how many epochs to train; may be raised while a job runs
    built: what trains, once it is built; it has a ``history``

    A session says in three methods what it builds, what for, and how it trains.
    """

    _building = BUILDING

    def __init__(self, get_model: Callable[[float], Any], data: Data) -> None:
        self.goal = 0
        self.first_words = self._building if "tensorflow" in sys.modules else LOADING
        self.built: Any = None
        self._get_model, self._data = get_model, data
        self._built_for: Any = None
        self._trained_with: Any = None  # None where what trains is not at the end of an epoch
        self._seconds = 0.0

    @property
    def epochs(self) -> int:
        """How many have been trained."""
        return 0 if self.built is None else self.built.history.epochs

    def job(self, values: dict[str, Any], afresh: bool = False) -> Callable[[], Iterator[Look | None]]:
        """Train with these values, by name: those of RULE, batch_size, seed, and what the session has besides.

        Goes on from where the last job was if that had the same, unless ``afresh``.
        """
        return partial(self._work, dict(values), afresh)

    def _load(self) -> Callable[..., Any]:
        """What makes the thing that trains, from a get_model, data, alpha, and what ``_build_for`` says."""
        raise NotImplementedError

    def _build_for(self, values: dict[str, Any]) -> tuple[Any, ...]:
        """What it has to be built anew for."""
        return (values["batch_size"], values["seed"])

    def _work(self, values: dict[str, Any], afresh: bool) -> Iterator[Look | None]:
        raise NotImplementedError

    def _build(self, values: dict[str, Any]) -> Iterator[Look]:
        wanted = self._build_for(values)
        if self._built_for == wanted:
            return
        self._built_for = self._trained_with = self.built = None
        yield partial(Seen, self.first_words)
        make = self._load()
        self.first_words = self._building
        yield partial(Seen, self._building)
        self.built = make(self._get_model, self._data, values["alpha"], *wanted)
        self._built_for = wanted


class Session(AnySession):
    """A session with `Twins`; a value "rule" may be a third run's, or None where there is none.

    inputs: rows for which ``Seen.outputs`` are wanted, or None
    """

    def __init__(self, get_model: Callable[[float], Any], data: Data, inputs: Array | None) -> None:
        super().__init__(get_model, data)
        self._inputs = inputs

    @property
    def twins(self) -> Twins | None:
        """The `Twins`, once they are built."""
        return self.built

    def _load(self) -> Callable[..., Any]:
        return load_twins()

    def _build_for(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return (*super()._build_for(values), 2 if values["rule"] is None else 3)

    def _work(self, values: dict[str, Any], afresh: bool) -> Iterator[Look | None]:
        yield from self._build(values)
        own = values["rule"]
        wanted = (*(values[name] for name in RULE), own)
        if afresh or self._trained_with != wanted or self.epochs > self.goal:
            self._trained_with, self._seconds = None, 0.0
            settings = Settings.pair(**{name: values[name] for name in RULE})
            self.built.start_over(settings if own is None else settings[[0, 1, 0]], own)
            self._trained_with = wanted
        yield self._look
        while self.epochs < self.goal:
            self._trained_with, began = None, time.perf_counter()
            yield from self.built.epoch()
            self._seconds += time.perf_counter() - began
            self._trained_with = wanted
            yield self._look

    def _look(self) -> Seen:
        # After an error the weights are those of half an epoch, of which no picture should be made.
        between_epochs = self._trained_with is not None
        outputs = self.built.predict(self._inputs) if self._inputs is not None and between_epochs else None
        return Seen("", self.built.history, self.epochs, self._seconds, outputs)


class ChainSession(AnySession):
    """A session with a `JobChain`. Values more: a rule of the user's own that a run is trained by as well ("rule", or
    None), whether the jobs are trained by themselves once all that is trained ("separate"), and whether they hand on
    the optimizer's state ("carry").
    """

    _building = BUILDING_ONE
    built: JobChain | None

    def __init__(self, get_model: Callable[[float], Any], data: Data) -> None:
        super().__init__(get_model, data)
        self._own_with: Any = None  # the rule; None where that run is not at the end of an epoch
        self._jobs_with: bool | None = None  # the value of "carry"; None where jobs are not at the end of an epoch
        self._own_seconds = self._job_seconds = 0.0

    def _load(self) -> Callable[..., Any]:
        return quietly("chain").JobChain

    def _work(self, values: dict[str, Any], afresh: bool) -> Iterator[Look | None]:
        yield from self._build(values)
        rule = {name: values[name] for name in RULE}
        wanted = tuple(rule.values())
        if afresh or self._trained_with != wanted or self.epochs > self.goal:
            self._trained_with, self._seconds = None, 0.0
            self.built.start_over(Settings(**rule))
            self._trained_with = wanted
        if values["rule"] is None or self._own_with is not values["rule"]:
            self._forget_own()
        if not values["separate"] or self._jobs_with != values["carry"]:
            self._forget_jobs()
        yield self._look
        while True:
            while self.epochs < self.goal:
                self._forget_own()
                self._forget_jobs()
                self._trained_with, began = None, time.perf_counter()
                yield from self.built.epoch()
                self._seconds += time.perf_counter() - began
                self._trained_with = wanted
                yield self._look
            if values["rule"] is not None:
                yield from self._train_own(values["rule"])
            if values["separate"]:
                yield from self._train_jobs(values["carry"])
            if self.epochs >= self.goal:  # it may have been raised while the jobs were trained
                return

    def _train_own(self, rule: Rule) -> Iterator[Look | None]:
        """Train it to the run's end, or until the run is to be longer."""
        if self.built.own is None:
            self._forget_jobs()  # it is trained with the same model
            self.built.start_own(rule)
        while self.built.own.epochs < self.epochs == self.goal:
            self._own_with, began = None, time.perf_counter()
            yield from self.built.own_epoch()
            self._own_seconds += time.perf_counter() - began
            self._own_with = rule
            yield self._look

    def _train_jobs(self, carry: bool) -> Iterator[Look | None]:
        """Train them to the run's end, or until the run is to be longer."""
        if self.built.jobs is None:
            self.built.start_jobs(carry)
        while self.built.jobs.epochs < self.epochs == self.goal:
            self._jobs_with, began = None, time.perf_counter()
            yield from self.built.job_epoch()
            self._job_seconds += time.perf_counter() - began
            self._jobs_with = carry
            yield self._look

    def _forget_own(self) -> None:
        self.built.own, self._own_with, self._own_seconds = None, None, 0.0

    def _forget_jobs(self) -> None:
        self.built.jobs, self._jobs_with, self._job_seconds = None, None, 0.0

    def _look(self) -> Seen:
        seconds, own = self._seconds + self._own_seconds + self._job_seconds, self.built.own
        trained = {"jobs": self.built.trained(), "own": None if own is None else own.run(own.epochs)}
        return Seen("", self.built.history, self.epochs, seconds, **trained)


def load_twins() -> type[Twins]:
    """`Twins`, and with it TensorFlow."""
    return quietly("twins").Twins
