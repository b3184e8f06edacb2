"""JobBench: what a Lab has that trains whole jobs and keeps them in a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets as widgets
from matplotlib.figure import Figure

from lrlab.core.run import Run
from lrlab.labs.callback_switch import OFF, ON
from lrlab.studies.jobs import CONSTANT, OWN, PLATEAU, Comparison, Job, Measure, best
from lrlab.views.job_words import cells, heads
from lrlab.views.jobs import JobsView
from lrlab.widgets.job_buttons import CLEAR, COMPARE, ONCE, TRAIN, TUNE, JobButtons
from lrlab.widgets.job_table import JobTable

KINDS = {OFF: CONSTANT, ON: PLATEAU}  # of jobs, by the switch; its third choice is a rule of the user's own
SEVERAL = "rules of your own"
MIXED = "These jobs differ in more than alpha, factor and patience, so their rows do not compare like with like."


class Row(NamedTuple):
    """A job in the table. name: of its kind. conditions: what it should share with those it is compared with"""

    job: Job
    name: str
    conditions: dict[str, Any]


class JobBench:
    """A mixin: rows for each problem or model, their table, the buttons, and which job is drawn strongly.

    A lab says in these what is its own:
    measure: what jobs are judged by. comparison: over seeds, where one was made
    _subject: the name of what is trained. _target: the watched loss that counts as arrived, or None
    _conditions: of the next job
    train_job, tune_alpha, compare: what buttons do. _press: does it, and tells what goes wrong
    _show_buttons: what can be pressed
    """

    measure: Measure
    comparison: Comparison | None
    train_job: Callable[..., Any]
    tune_alpha: Callable[[], Any]
    compare: Callable[[], None]
    _placed = ("callback", "tries")

    def _set_up_bench(self, controls: dict[str, Any]) -> None:
        self._rows_of: dict[str, list[Row]] = {}
        self._featured: dict[str, Job] = {}  # by subject, the job that is drawn strongly when none is looked at
        self.table = JobTable(empty="Rows come here: one for each job that you train.")
        self.buttons = JobButtons(self._press, controls["callback"], controls["tries"])
        self.table.observe(self._look_at, "looked")

    @property
    def jobs(self) -> list[Job]:
        """The jobs in the table."""
        return [row.job for row in self._rows]

    def clear(self) -> None:
        """Empty the table."""
        with self.figure.lock:
            self._rows.clear()
            self._featured.pop(self._subject, None)
            self._look_again()

    @property
    def _subject(self) -> str:
        raise NotImplementedError

    @property
    def _target(self) -> float | None:
        raise NotImplementedError

    @property
    def _conditions(self) -> dict[str, Any]:
        raise NotImplementedError

    def _press(self, name: str) -> None:
        raise NotImplementedError

    def _action(self, name: str) -> Callable[[], Any]:
        """What the button with that name is for."""
        return {
            TRAIN: self.train_job,
            ONCE: lambda: self.train_job(ON),
            TUNE: self.tune_alpha,
            COMPARE: self.compare,
            CLEAR: self.clear,
        }[name]

    def _show_buttons(self) -> None:
        raise NotImplementedError

    @property
    def _rows(self) -> list[Row]:
        return self._rows_of.setdefault(self._subject, [])

    @property
    def _job_in_table(self) -> Job | None:
        """The job that is looked at, else the last, or the best of a grid."""
        jobs, looked = self.jobs, self.table.looked
        return jobs[looked] if 0 <= looked < len(jobs) else self._featured.get(self._subject)

    @property
    def _present(self) -> Job | None:
        """The job that is drawn strongly."""
        return self._job_in_table

    def _add(self, jobs: list[Job], name: str) -> None:
        """Put jobs that were trained together into the table; the best of them is drawn strongly."""
        with self.figure.lock:
            self._put(jobs, name, self._conditions)
            self._featured[self._subject] = jobs[best(jobs, self.measure)]
            self._look_again()

    def _put(self, jobs: list[Job], name: str, conditions: dict[str, Any]) -> None:
        self._rows.extend(Row(job, name, conditions) for job in jobs)

    def _look_again(self) -> None:
        """The jobs are others, and nobody looks at one of them yet."""
        self.table.looked = -1
        self._update()

    def _change_problem(self, change: Any) -> None:
        """Another problem or model has other rows, and nobody looks at one of them yet."""
        with self._one_refresh():
            self.table.looked = -1
            super()._change_problem(change)

    def _look_at(self, _change: Any) -> None:
        """Another row is looked at: nothing is trained and nothing else moves."""
        with self.figure.lock, self._failures_told("row"):
            if not self._held and self._drawn is not None:
                self.view.draw(self._present)
                self.figure.push()
                if self._present is not None:
                    self.run = self._present.run
                self._mark_shown()

    def _fill_table(self) -> None:
        measure, target, jobs = self.measure, self._target, self.jobs
        top = best(jobs, measure) if jobs else -1
        self.table.heads = heads(measure)
        self.table.rows = [
            {"kind": row.job.kind, "cells": cells(i + 1, row.name, row.job, measure, target), "best": i == top}
            for i, row in enumerate(self._rows)
        ]
        self._mark_shown()

    def _mark_shown(self) -> None:
        shown = self._present
        self.table.shown = next((i for i, row in enumerate(self._rows) if row.job is shown), -1)

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> JobsView:
        return JobsView(figure, **still)

    def _draw(self, run: Run) -> None:
        self.view.draw(self._present)
        self.view.compare(self.comparison)

    def _named_runs(self) -> dict[str, Run]:
        """All jobs in the table, by their numbers and names there."""
        if not self._rows:
            raise ValueError("No job has been trained yet, so there are no numbers to save.")
        return {f"{i + 1} {row.name}": row.job.run for i, row in enumerate(self._rows)}

    def _own_names(self) -> set[str]:
        """What jobs with a rule of the user's own are called, those in the picture."""
        return {row.name for row in self._rows if row.job.kind == OWN}

    def _own(self, run: Any) -> str:
        """What these are called in the legend; where there are none, the rule that is chosen; "" without one."""
        names = self._own_names()
        if len(names) > 1:
            return SEVERAL
        return names.pop() if names else self.controls["rule"].called

    def _mixed(self) -> str:
        """A warning where rows do not compare."""
        return MIXED if any(row.conditions != self._rows[0].conditions for row in self._rows) else ""

    def _kept_elsewhere(self) -> str:
        """Where else there are jobs of the user's."""
        others = [
            f"{subject.replace('_', ' ')} ({len(rows)})"
            for subject, rows in self._rows_of.items()
            if rows and subject != self._subject
        ]
        kept = f"Your jobs elsewhere are kept, and come back with their problem or model: {', '.join(others)}."
        return kept if others else ""

    def _under_the_picture(self) -> list[widgets.Widget]:
        return [self.table, *super()._under_the_picture()]

    def _made_first(self) -> list[widgets.Widget]:
        return [*super()._made_first(), self.table, self.buttons]
