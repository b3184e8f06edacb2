"""KerasComparing: what a lab of Keras jobs has that compares tuning with one plateau job over seeds, when asked to."""

from __future__ import annotations

from typing import NamedTuple

from lrlab.keras_live.jobs import Contest, SeedsSeen
from lrlab.studies.jobs import Comparison, Measure, seeds_from
from lrlab.views.job_words import how_often_cut, who_is_ahead
from lrlab.widgets.job_buttons import JobButtons
from lrlab.widgets.progress import in_words

SEEDS = 5


class KerasQuestion(NamedTuple):
    """What is compared: on which model, by which contest, from which seed on."""

    model: str
    contest: Contest
    first: int

    @property
    def seeds(self) -> list[int]:
        """The seeds, the one of the lab first."""
        return seeds_from(self.first, SEEDS)

    @property
    def jobs(self) -> int:
        """How many are trained for one seed."""
        return self.contest.jobs + 1


class KerasComparing:
    """A mixin for a lab with a `JobsSession`. A comparison takes its time, so it is made only when it is asked for.

    What was compared is kept: it comes back with its settings, and where it was stopped it goes on with the next seed.
    A lab says in ``_question`` what it would compare now.
    """

    _compared: dict[KerasQuestion, Comparison]
    _measures: dict[str, Measure]  # by model, once one has been trained
    _comparing: KerasQuestion | None = None  # what is being compared
    buttons: JobButtons

    @property
    def comparison(self) -> Comparison | None:
        """Tuning a constant rate against one plateau job, over the seeds that are done; None where nobody has asked."""
        return self._compared.get(self._question)

    @property
    def _question(self) -> KerasQuestion:
        raise NotImplementedError

    def _seeds_done(self, question: KerasQuestion) -> int:
        return len(self._compared[question].once) if question in self._compared else 0

    def _take_seeds(self, seen: SeedsSeen | None, busy: bool) -> None:
        """Keep what is known by now."""
        if seen is not None and seen.comparison is not None:
            self._compared[self._comparing] = seen.comparison
            self._measures[self._comparing.model] = seen.comparison.measure
        if not busy:
            self._comparing = None

    def _show_comparing(self, free: bool) -> None:
        """What the button is for. free: whether nothing is at work"""
        question = self._question
        busy, seeds = self._comparing == question, self._seeds_done(question)
        self.buttons.show_comparing(asks=True, busy=busy, seeds=seeds, of=SEEDS, free=free)

    def _told_of_seeds(self) -> str:
        """Who is ahead, as far as anybody knows."""
        if self.comparison is not None:
            return f"{who_is_ahead(self.comparison)} {how_often_cut(self.comparison)}".rstrip()
        question = self._question
        jobs, epochs = SEEDS * question.jobs, question.contest.epochs
        return f"Who is ahead? Compare trains {jobs} jobs of {epochs:,} epochs each: press it to know."

    def _share_compared(self, seen: SeedsSeen | None) -> tuple[int, int]:
        """Epochs that are done, and all, of what is at work."""
        if seen is None:
            return 0, 1
        epochs = self._comparing.contest.epochs
        return seen.done * epochs + seen.epochs, seen.of * epochs

    def _words_compared(self, seen: SeedsSeen | None, told: dict[str, bool]) -> str:
        """How far that is."""
        if not isinstance(seen, SeedsSeen):
            return "about to begin"
        job = min(seen.done + 1, seen.of)
        return f"comparing, job {job} of {seen.of}: {in_words(*self._share_compared(seen), seen.seconds, **told)}"
