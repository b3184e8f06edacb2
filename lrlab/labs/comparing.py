"""When seeds are compared: at once where that is quick, else in a thread of its own, and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.settings import Settings
from lrlab.keras_live.worker import Look, Worker
from lrlab.studies.jobs import Comparison, measure_of, plateau_once, seeds_from, tune_at_random

SEEDS = 20
# Numbers of a Run: with fewer, the comparison of a surface follows the sliders.
QUICK = 600_000


class Question(NamedTuple):
    """What is compared.

    rule: alpha, factor, patience and the rest of `Settings`. options: (name, value) pairs of what `train` takes
    """

    problem: Problem
    rule: tuple[float, ...]
    jobs: int
    seed: int
    options: tuple[tuple[str, Any], ...]

    @property
    def tuning(self) -> tuple[Any, ...]:
        """What tuning a constant rate depends on: no rule."""
        return (self.problem, self.jobs, self.seed, self.options)

    @property
    def seeds(self) -> list[int]:
        """The seeds, the one of the lab first."""
        return seeds_from(self.seed, SEEDS)

    @property
    def quick(self) -> bool:
        """Whether it may be answered under a slider."""
        numbers = SEEDS * (self.jobs + 1) * dict(self.options)["epochs"] * self.problem.dim
        return self.problem.samples is None and numbers <= QUICK


class Comparing:
    """Answers one question at a time: one plateau job against tuning.

    news: called in a thread when there is more of an answer
    """

    def __init__(self, news: Callable[[], None]) -> None:
        self._worker = Worker(news)
        # What tuning came to by seed, and what that depends on: no rule, so it is kept while one moves.
        self._kept: tuple[Any, dict[int, Array]] = (None, {})
        self._asked: Question | None = None
        self._answer: tuple[Question, Comparison] | None = None

    def error(self, question: Question) -> BaseException | None:
        """What went wrong in the thread while it was being answered."""
        return self._worker.error if self._asked == question else None

    def answer(self, question: Question) -> Comparison | None:
        """What is known of it by now: maybe of some seeds only, None where it was not asked."""
        if self._answer is not None and self._answer[0] == question:
            return self._answer[1]
        if question.quick:
            self._answer = (question, self._compare(question, question.seeds))
            return self._answer[1]
        if self._asked != question:
            self._worker.stop()
            return None
        state = self._worker.state
        if state.latest is not None and not state.busy and len(state.latest.once) == SEEDS:
            self._answer = (question, state.latest)
        return state.latest

    def ask(self, question: Question) -> None:
        """Have it answered, seed by seed, in the thread; a quick one is answered without being asked."""
        if question.quick or self.busy(question):
            return
        self._asked = question
        self._worker.start(partial(self._work, question))

    def busy(self, question: Question) -> bool:
        """Whether it is being answered."""
        return self._asked == question and self._worker.busy

    def want(self) -> None:
        """Have more of the answer told."""
        self._worker.want()

    def wait(self, seconds: float | None = None) -> bool:
        """Until nothing is at work, or for so long. Returns whether nothing is."""
        return self._worker.wait(seconds)

    def close(self) -> None:
        """End the thread after its present seed."""
        self._worker.close()

    def _work(self, question: Question) -> Iterator[Look]:
        whole: Comparison | None = None
        for seed in question.seeds:
            part = self._compare(question, [seed])
            whole = part if whole is None else whole.joined(part)
            yield lambda so_far=whole: so_far

    def _compare(self, question: Question, seeds: list[int]) -> Comparison:
        problem, options = question.problem, dict(question.options)
        kept = self._kept  # read once: another thread may replace it
        if kept[0] != question.tuning:
            kept = self._kept = (question.tuning, {})
        tuned = kept[1]
        new = [seed for seed in seeds if seed not in tuned]
        if new:
            tuned |= zip(new, tune_at_random(problem, question.jobs, new, **options), strict=True)
        once, cut = plateau_once(problem, Settings(*question.rule), seeds, **options)
        values = np.stack([tuned[seed] for seed in seeds])
        return Comparison(measure_of(problem), options["epochs"], values, once, cut)
