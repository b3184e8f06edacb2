"""Whole jobs of one Keras model, for the `Worker`: each from the same first weights, each to its last epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.history import History
from lrlab.keras_live.quietly import quietly
from lrlab.keras_live.session import BUILDING_ONE, AnySession
from lrlab.keras_live.worker import Look
from lrlab.studies.jobs import CONSTANT, PLATEAU, Comparison, Job, Measure, draws, job_of

NO_METRIC = Measure("lowest validation loss", False, None)


class JobsSeen(NamedTuple):
    """What there is of some jobs at one moment: as `Seen`, of the present one, and the records of those before it.

    seconds: spent on all of them
    """

    doing: str
    history: History
    epochs: int
    seconds: float
    done: tuple[History, ...]


class SeedsSeen(NamedTuple):
    """What there is of a comparison over seeds at one moment.

    doing, history, epochs: as `Seen`, of the present job. seconds: spent on all of them
    done, of: how many jobs, of those that are to be trained. comparison: over the seeds that are done, None at first
    """

    doing: str
    history: History
    epochs: int
    seconds: float
    done: int
    of: int
    comparison: Comparison | None


class Contest(NamedTuple):
    """Tuning a constant rate by so many jobs, on alphas drawn from that range, beside one plateau job.

    rule: of the plateau job, (name, value) pairs: arguments of `Settings`
    """

    rule: tuple[tuple[str, float], ...]
    alphas: tuple[float, float]
    jobs: int
    epochs: int
    batch_size: int


class JobsSession(AnySession):
    """A session with a `JobChain`, which trains whole runs only. The model is built once for all with one seed."""

    _building = BUILDING_ONE

    def jobs(
        self, rules: Sequence[dict[str, float]], epochs: int, own: Rule | None = None, **values: Any
    ) -> Callable[[], Iterator[Look | None]]:
        """Train a job of so many epochs for each of ``rules``, which are arguments of `Settings`; a factor of 1 is a
        constant job. own: a rule of the user's own that sets the rate instead. values: batch_size and seed
        """
        return partial(self._train, list(rules), epochs, own, values)

    def compare(
        self, contest: Contest, seeds: Sequence[int], known: Comparison | None
    ) -> Callable[[], Iterator[Look | None]]:
        """Hold the contest once for each seed, which has its own first weights, batches and draws.

        known: over the first of them, where those have been compared already
        """
        return partial(self._compare, contest, list(seeds), known)

    def _load(self) -> Callable[..., Any]:
        return quietly("chain").JobChain

    def _train(
        self, rules: list[dict[str, float]], epochs: int, own: Rule | None, values: dict[str, Any]
    ) -> Iterator[Look | None]:
        yield from self._build(values | {"alpha": rules[0]["alpha"]})
        done: list[History] = []
        seconds = 0.0
        for rule in rules:
            for spent in self._job(rule, epochs, own):
                if spent is None:
                    yield None
                    continue
                seconds += spent
                history = self.built.history
                yield partial(JobsSeen, "", history, history.epochs, seconds, tuple(done))
            done.append(history)
            yield partial(JobsSeen, "", history, history.epochs, seconds, tuple(done))

    def _compare(self, contest: Contest, seeds: list[int], known: Comparison | None) -> Iterator[Look | None]:
        seeds = seeds if known is None else seeds[len(known.once) :]
        seconds, done, of, rule = 0.0, 0, len(seeds) * (contest.jobs + 1), dict(contest.rule)
        for seed in seeds:
            alphas = draws(contest.alphas, contest.jobs, seed)
            rules = [rule | {"alpha": float(alpha), "factor": 1.0} for alpha in alphas] + [rule]
            yield from self._build({"batch_size": contest.batch_size, "seed": seed, "alpha": rules[0]["alpha"]})
            jobs: list[Job] = []
            for settings in rules:
                for spent in self._job(settings, contest.epochs):
                    if spent is None:
                        yield None
                        continue
                    seconds += spent
                    history = self.built.history
                    yield partial(SeedsSeen, "", history, history.epochs, seconds, done, of, known)
                done += 1
                jobs.append(job_in(history, history.epochs, PLATEAU if settings is rule else CONSTANT))
            part = _compared(jobs, measure_of_history(history, len(self._data.x_val)), contest.epochs)
            known = part if known is None else known.joined(part)
            yield partial(SeedsSeen, "", history, 0, seconds, done, of, known)

    def _job(self, rule: dict[str, float], epochs: int, own: Rule | None = None) -> Iterator[float | None]:
        """Train a job. After each epoch: the seconds that it took; None where there is nothing to show yet."""
        self.built.start_over(Settings(**rule), own)
        for _ in range(epochs):
            began = time.perf_counter()
            yield from self.built.epoch()
            yield time.perf_counter() - began


def _compared(jobs: Sequence[Job], measure: Measure, epochs: int) -> Comparison:
    """The comparison over one seed. jobs: those of tuning in their order, then the plateau job"""
    *tuned, once = (job.value(measure) for job in jobs)
    cut = jobs[-1].run.cuts.any(axis=0)
    return Comparison(measure, epochs, measure.best_so_far(np.array([tuned])), np.array([once]), cut)


def measure_of_history(history: History, rows: int) -> Measure:
    """What jobs with such a record are judged by. rows: how many there are for validation"""
    return measure_by(metric_of(history), rows)


def measure_by(metric: str, rows: int) -> Measure:
    """The measure for a metric by its name in the record, "" for none. rows: how many there are for validation"""
    name = metric.removeprefix("val_").replace("_", " ")
    return Measure(name, True, step=1 / rows) if name else NO_METRIC


def metric_of(history: History) -> str:
    """The name of the metric that jobs are judged by, as ``fit`` logs it: an accuracy; "" where there is none.

    Of other metrics nobody can tell whether more is better.
    """
    names = history.logs(1)[0]
    return next((name for name in names if name.startswith("val_") and "acc" in name), "")


def job_in(history: History, epochs: int, kind: str) -> Job:
    """The job that has such a record, after so many epochs."""
    metric = metric_of(history) if epochs else ""
    scores = np.array(history.logs(epochs)[0][metric]) if metric else None
    return job_of(kind, history.run(epochs), scores)
