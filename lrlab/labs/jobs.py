"""JobsLab: tuning by whole jobs. Each job costs its epochs, and the table keeps what they came to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab.core import problems
from lrlab.core.contests import CONTESTS, NOBODY, PLATEAU_JOB, TUNING, Contest
from lrlab.core.descent import train
from lrlab.core.jobs import CONSTANT, OWN, PLATEAU, Comparison, Job, Measure, best, measure_of, tune, whole_jobs
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.errors import explain
from lrlab.labs.callback_switch import OFF, ON, CallbackSwitch
from lrlab.labs.comparing import SEEDS, Comparing, Question
from lrlab.labs.controls import middle, problem_controls
from lrlab.labs.fields import number
from lrlab.labs.job_table import JobTable
from lrlab.labs.menu import Menu, ProblemMenu
from lrlab.labs.problem_lab import ProblemLab
from lrlab.labs.rules import RuleMenu, ThirdRun
from lrlab.views.job_words import cells, heads, spending, who_is_ahead
from lrlab.views.jobs import JobsView, arrange
from lrlab.views.readout import notes
from lrlab.views.spent import value_axis

EXAMPLES = [("", [("choose", "")])] + [
    (words, [(contest.name, contest.name) for contest in CONTESTS if contest.ahead == ahead])
    for ahead, words in ((PLATEAU_JOB, "One plateau job is ahead"), (NOBODY, "A tie"), (TUNING, "Tuning is ahead"))
]
BY_NAME = {contest.name: contest for contest in CONTESTS}
# What an example does not mention.
PLAIN = {"noise": 0.0, "momentum": 0.0, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0, "seed": 0}
RULE = ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")
CONDITIONS = ("epochs", "start", "noise", "batch_size", "momentum", "seed")
FLATTERED = "The best of many scores on the same validation rows flatters whoever tries more often."
HOW_TUNED = (
    "Tuning pays for each job, also for those with a bad alpha. One plateau job pays once, and lives by the alpha "
    "that it starts from."
)
WHAT_IS_SEEN = (
    f"On the right, medians over {SEEDS} seeds with their quartiles as thin lines; alphas are drawn at random over the "
    "problem's range."
)
MIXED = "These jobs differ in more than alpha, factor and patience, so their rows do not compare like with like."


class Row(NamedTuple):
    """A job in the table. name: of its kind. conditions: what it shares with others that it is compared with"""

    job: Job
    name: str
    conditions: dict[str, Any]


class JobsLab(ThirdRun, ProblemLab):
    """Jobs, trained one by one at the press of a button, in a table and a picture; beside them, what epochs buy.

    problem: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem``
    alpha, factor, patience, min_delta, cooldown, min_lr: as in Keras' ``ReduceLROnPlateau``
    epochs, noise, batch_size, momentum, seed, start: as in `lrlab.train`, for all jobs; what is left out the problem
        brings along
    tries: how many jobs "Tune alpha" trains, and up to how many the comparison goes
    callback: "off" or "on", what "Train" trains with
    rule: of your own, ``rule(epoch, rate, losses) -> rate``, or a name in ``lrlab.schedules.SCHEDULES``: a third choice
        for the callback

    jobs: the `Job` records of the present problem, in the order of the table. measure: what they are judged by
    comparison: over twenty seeds, tuning a constant rate against one plateau job, see `lrlab.core.jobs.Comparison`;
        None where it has not been asked for. On a small surface it follows the sliders, elsewhere ``compare()`` asks
    run: of the job that is drawn strongly. controls, view, figure, examples: as in `DescentLab`. table: the `JobTable`
    buttons: "Train", "One plateau job", "Tune alpha", "Compare" and "Clear"

    Sliders change what the next job will be, and never a row. Rows are kept for each problem while the lab is open.
    Raises ValueError or TypeError for a bad argument.
    """

    _placed = ("callback", "tries")

    def __init__(
        self,
        problem: str | Problem = "ravine",
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int | None = None,
        noise: float = 0.0,
        batch_size: int | None = None,
        momentum: float = 0.0,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        start: Any = None,
        tries: int = 10,
        callback: str = OFF,
        rule: str | Rule | None = None,
    ) -> None:
        found = problems.find(problem)
        values = {
            "alpha": middle(found) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": found.epochs if epochs is None else epochs,
            "noise": noise,
            "batch_size": _batch_size(found) if batch_size is None else batch_size,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        start = tuple(found.start) if start is None else start
        settings = Settings(*(values[name] for name in RULE))  # a bad argument raises here, before any widget is open
        first = {name: {**values, "start": start}[name] for name in _means_something(found)}
        train(found, settings, **first | {"epochs": 1})
        self._rows_of: dict[str, list[Row]] = {}
        self._featured: dict[str, Job] = {}  # for each problem, the job that is drawn strongly when none is looked at
        self.comparison: Comparison | None = None
        controls = problem_controls(ProblemMenu(problem, found), values, start, rule=RuleMenu(rule))
        controls["tries"] = number("tries", tries, tooltip="How many jobs Tune alpha trains")
        controls["callback"] = CallbackSwitch(callback, controls["rule"])
        self._comparing = Comparing(self._hear_news)
        self._loop = _kernel_loop()
        self.table = JobTable(empty="Rows come here: one for each job that you train.")
        self.buttons = self._make_buttons()
        self.examples = Menu("example", EXAMPLES, "", tooltip="Who is ahead, one plateau job or tuning")
        self.examples.observe(self._set_example, "value")
        super().__init__(controls, arrange, extras=[self.examples])
        self.table.observe(self._look_at, "looked")

    # For those who use the lab from code -------------------------------------------------------------------------

    @property
    def jobs(self) -> list[Job]:
        """The jobs in the table."""
        return [row.job for row in self._rows]

    @property
    def measure(self) -> Measure:
        """What jobs on this problem are judged by."""
        return measure_of(self.problem)

    def train_job(self, callback: str | None = None) -> Job:
        """Train one job with the controls' values, and add it. callback: as in the switch; the switch's if left out."""
        chosen = self.controls["callback"].value if callback is None else callback
        rule = None if chosen in (OFF, ON) else self.rule
        values = {name: self.controls[name].value for name in RULE} | ({} if chosen == ON else {"factor": 1})
        kind, name = {OFF: (CONSTANT, CONSTANT), ON: (PLATEAU, PLATEAU)}.get(chosen, (OWN, chosen))
        self._add(whole_jobs(self.problem, kind, Settings(**values), rule, **self._options), name)
        return self.jobs[-1]

    def tune_alpha(self) -> Job:
        """Train a constant job for each alpha of a grid, and add them. Returns the best of these."""
        tries, min_delta = self.controls["tries"].value, self.controls["min_delta"].value
        tuned = tune(self.problem, tries, min_delta, **self._options)
        self._add(tuned, CONSTANT)
        return tuned[best(tuned, self.measure)]

    def clear(self) -> None:
        """Empty the table of this problem."""
        self._rows.clear()
        self._featured.pop(self.controls["problem"].value, None)
        self._look_again()

    def compare(self) -> None:
        """Have the comparison of the present settings made, in a thread where that takes time; see ``wait``."""
        self._comparing.ask(self._question)
        self._refresh()

    def wait(self, seconds: float | None = None) -> bool:
        """Until a comparison that was asked for has been made, or for so long. Returns whether it has."""
        ended = self._comparing.wait(seconds)
        self._draw_news()
        return ended

    def close(self) -> None:
        """Close as every lab does; ``jobs`` and ``comparison`` stay readable."""
        if self.comm is not None:
            self._comparing.close()
        super().close()

    # What a Lab asks for -----------------------------------------------------------------------------------------

    def _train(self) -> Run:
        """Nothing is trained here but the seeds of the comparison: jobs are trained at the press of a button."""
        self.comparison = self._comparing.answer(self._question)
        return self._shown.run if self._shown else _at_the_start(self.problem, self.controls["start"].value)

    def _still(self, run: Run) -> dict[str, Any]:
        slider, epochs = self.controls["alpha"].slider, self.controls["epochs"].value
        return {
            "problem": self.problem,
            "jobs": tuple(self.jobs),
            "epochs": epochs,
            "budget": self.controls["tries"].value * epochs,
            "alphas": (10**slider.min, 10**slider.max),
            "target": self.problem.target,
            "edge": self.edge,
            "values": value_axis(self.problem, self.measure, self.jobs, self.comparison),
            "own": self._own(run),
        }

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> JobsView:
        return JobsView(figure, **still)

    def _draw(self, run: Run) -> None:
        self.view.draw(self._shown)
        self.view.compare(self.comparison)

    def _show(self, run: Run) -> None:
        super()._show(run)
        measure, jobs, target = self.measure, self.jobs, self.problem.target
        top = best(jobs, measure) if jobs else -1
        self.table.heads = heads(measure)
        self.table.rows = [
            {"kind": row.job.kind, "cells": cells(i + 1, row.name, row.job, measure, target), "best": i == top}
            for i, row in enumerate(self._rows)
        ]
        self._label_buttons()

    def _own(self, run: Run) -> str:
        """What jobs with a rule of the user's own are called in the legend; "" where there are none."""
        names = [row.name for row in self._rows if row.job.kind == OWN]
        return self.controls["rule"].value or (names[-1] if names else "")

    def _tell(self) -> tuple[str, str]:
        spent, ahead = spending(self.jobs, self.measure), self._told_of_seeds()
        example = self._example()
        mixed = MIXED if any(row.conditions != self._rows[0].conditions for row in self._rows) else ""
        flattered = FLATTERED if self.measure.higher else ""
        alt = f"Training jobs on {self.problem.name}. {spent} {ahead}"
        words = notes(example.why if example else HOW_TUNED, WHAT_IS_SEEN, mixed, flattered, self._kept_elsewhere())
        return alt, f"<p class='lrlab-sentence'>{spent}</p><p class='lrlab-sentence'>{ahead}</p>{words}"

    def _told_of_seeds(self) -> str:
        """Who is ahead, as far as anybody knows."""
        comparison, question = self.comparison, self._question
        if comparison is None:
            jobs = SEEDS * (question.jobs + 1)
            return f"Who is ahead? Compare trains {jobs:,} jobs here, which takes a while: press it to know."
        return who_is_ahead(comparison)

    def _kept_elsewhere(self) -> str:
        others = [f"{name.replace('_', ' ')} ({len(rows)})" for name, rows in self._rows_of.items()
                  if rows and name != self.controls["problem"].value]  # fmt: skip
        return f"Your jobs on other problems come back with them: {', '.join(others)}." if others else ""

    def _standing_errors(self) -> list[str]:
        error = self._comparing.error
        return [*super()._standing_errors(), *([explain(error)] if error else [])]

    def _close_parts(self) -> None:
        self._comparing.close()
        super()._close_parts()
        for part in (self.table, *self.buttons.values()):
            part.close()

    def _above(self) -> list[widgets.Widget]:
        names = ("Train", "One plateau job", "Tune alpha", "Compare", "Clear")
        train, once, tune_it, compare, clear = (self.buttons[name] for name in names)
        row = widgets.HBox(
            [train, self.controls["callback"], once, tune_it, self.controls["tries"], compare, clear]
        )  # fmt: skip
        row.add_class("lrlab-job-buttons")
        return [row]

    def _parts(self) -> list[widgets.Widget]:
        parts = super()._parts()
        parts.insert(parts.index(self.figure) + 1, self.table)
        return parts

    # Jobs, and who looks at them ---------------------------------------------------------------------------------

    @property
    def _rows(self) -> list[Row]:
        return self._rows_of.setdefault(self.controls["problem"].value, [])

    @property
    def _shown(self) -> Job | None:
        """The job that is drawn strongly: the one that is looked at, else the last, or the best of a grid."""
        jobs, looked = self.jobs, self.table.looked
        return jobs[looked] if 0 <= looked < len(jobs) else self._featured.get(self.controls["problem"].value)

    @property
    def _options(self) -> dict[str, Any]:
        """What jobs are trained with besides the rule."""
        names = _means_something(self.problem)
        return {name: self.controls[name].value for name in names}

    @property
    def _question(self) -> Question:
        options = {name: value for name, value in self._options.items() if name != "seed"}
        rule = tuple(self.controls[name].value for name in RULE)
        tries, seed = self.controls["tries"].value, self.controls["seed"].value
        return Question(self.problem, rule, tries, seed, tuple(options.items()))

    def _add(self, jobs: list[Job], name: str) -> None:
        """Put jobs that were trained together into the table; the best of them is drawn strongly."""
        self._rows.extend(Row(job, name, self._options) for job in jobs)
        self._featured[self.controls["problem"].value] = jobs[best(jobs, self.measure)]
        self._look_again()

    def _look_again(self) -> None:
        """The jobs are others: the last is the one that is drawn strongly."""
        with self._one_refresh():
            self.table.looked = -1

    def _look_at(self, _change: Any) -> None:
        """Another row is looked at: nothing is trained and nothing else moves."""
        with self.figure.lock:
            if not self._held and self.figure.figure is not None:
                self.view.draw(self._shown)
                self.figure.push()
                if self._shown is not None:
                    self.run = self._shown.run

    def _make_buttons(self) -> dict[str, widgets.Button]:
        actions = {
            "Train": (self.train_job, "Train one job with these settings, from its first epoch to its last"),
            "One plateau job": (lambda: self.train_job(ON), "One job with the callback, from the alpha of the slider"),
            "Tune alpha": (self.tune_alpha, "One constant job for each alpha of a grid over the range of the slider"),
            "Compare": (self.compare, "Over many seeds: what tuning and one plateau job come to"),
            "Clear": (self.clear, "Empty the table"),
        }
        buttons = {}
        for words, (action, meaning) in actions.items():
            buttons[words] = widgets.Button(description=words, tooltip=meaning)
            buttons[words].on_click(lambda _button, action=action: self._press(action))
        buttons["Train"].add_class("lrlab-job-strong")
        return buttons

    def _press(self, action: Callable[[], Any]) -> None:
        with self.figure.lock, self._failures_told():
            action()

    def _label_buttons(self) -> None:
        question, compare = self._question, self.buttons["Compare"]
        compare.layout.display = "none" if question.quick else None
        busy = self._comparing.busy(question)
        seeds = len(self.comparison.once) if self.comparison else 0
        compare.description = f"{seeds} of {SEEDS} seeds" if busy else "Compare"
        compare.disabled = busy or seeds == SEEDS
        self.buttons["Clear"].disabled = not self._rows

    # News of the comparison --------------------------------------------------------------------------------------

    def _hear_news(self) -> None:
        """In the thread that compares: have the kernel's loop draw."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and the kernel with it
                self._loop.call_soon_threadsafe(self._draw_news)

    def _draw_news(self) -> None:
        if self.figure.figure is not None:
            self._refresh()
            self._comparing.want()

    # Examples ----------------------------------------------------------------------------------------------------

    def _set_example(self, change: Any) -> None:
        if change.new:
            self.set(**_values_of(change.new))

    def _example(self) -> Contest | None:
        """The chosen example, as long as no control has been moved away from it."""
        name = self.examples.value
        if name and all(self.controls[key].value == value for key, value in _values_of(name).items()):
            return BY_NAME[name]
        self.examples.value = ""
        return None


@cache
def _values_of(example: str) -> dict[str, Any]:
    """All the controls' values that an example stands for."""
    contest = BY_NAME[example]
    problem = problems.find(contest.problem)
    own = {"problem": contest.problem, "epochs": problem.epochs, "start": tuple(problem.start), "tries": 10}
    return own | PLAIN | {"batch_size": _batch_size(problem)} | contest.settings


def _batch_size(problem: Problem) -> int:
    return 32 if problem.samples is None else problem.samples.batch_size


def _means_something(problem: Problem) -> list[str]:
    """What `train` takes for this problem, besides the rule."""
    return [name for name in CONDITIONS if name != ("batch_size" if problem.samples is None else "noise")]


def _kernel_loop() -> Any:
    """The kernel's loop, where pictures are drawn; None in a script, where `JobsLab.wait` draws."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _at_the_start(problem: Problem, start: tuple[float, ...]) -> Run:
    """A run without epochs."""
    w = np.array(start, float)[None, None]
    rates, unknown = np.empty((0, 1), np.float32), np.full(1, np.nan, np.float32)
    return Run(w, problem.loss(w), problem.watch(w), rates, unknown, rates.astype(bool), Settings(1.0, 1, 1))
