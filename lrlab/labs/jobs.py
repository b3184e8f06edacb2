"""JobsLab: tuning by whole jobs. Each job costs its epochs, and the table keeps what they came to."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule, RuleError
from lrlab.core.settings import RULE, Settings
from lrlab.keras_live.errors import explain
from lrlab.labs.callback_switch import OFF, ON, CallbackSwitch, check_callback
from lrlab.labs.comparing import SEEDS, Comparing, Question
from lrlab.labs.first_values import applying, batch_size_of, rate_near_edge
from lrlab.labs.job_bench import KINDS, JobBench
from lrlab.labs.moments import HasMoments
from lrlab.labs.news import News
from lrlab.labs.problem_lab import ProblemLab
from lrlab.labs.rules import NOT_ADDED, RuleMenu, ThirdRun, check_rule, told
from lrlab.studies.jobs import CONSTANT, OWN, Comparison, Job, Measure, best, measure_of, tune, whole_jobs
from lrlab.views.curves import Scale, scale_of
from lrlab.views.job_words import how_often_cut, sentences, spending, who_is_ahead
from lrlab.views.jobs import arrange
from lrlab.views.readout import notes
from lrlab.views.spent import value_axis
from lrlab.widgets.controls import problem_controls
from lrlab.widgets.fields import number
from lrlab.widgets.menu import ProblemMenu

CONDITIONS = ("epochs", "start", "noise", "batch_size", "momentum", "seed")
FAIR = 0.625  # of the stability edge: a first guess of which the rule makes something
FLATTERED = "The best of many scores on the same validation rows flatters whoever tries more often."
HOW_TUNED = (
    "Tuning pays for each job, also for those with a bad alpha. One plateau job pays once, and lives by the alpha "
    "that it starts from."
)
WHAT_IS_SEEN = (
    f"Over the epochs spent, strong lines are medians over {SEEDS} seeds, thin ones the quartiles: half of the seeds "
    "are between them. Alphas are drawn at random over the problem's range."
)


class JobsLab(HasMoments, JobBench, ThirdRun, ProblemLab):
    """Jobs, trained one by one at the press of a button, in a table and a picture; beside them, what epochs buy.

    problem: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem``
    alpha, factor, patience, min_delta, cooldown, min_lr: as in Keras' ``ReduceLROnPlateau``; alpha a fair first guess
        if left out
    epochs, noise, batch_size, momentum, seed, start: as in `lrlab.train`, for all jobs; what is left out the problem
        brings along
    tries: how many jobs "Tune alpha" trains, and up to how many the comparison goes
    callback: "off" or "on", what "Train" trains with
    rule: of your own, ``rule(epoch, rate, losses) -> rate``, or a name in ``lrlab.schedules.SCHEDULES``: a third choice
        for the callback

    jobs: the `Job` records of the present problem, in the order of the table. measure: what they are judged by
    comparison: over twenty seeds, tuning a constant rate against one plateau job, see `lrlab.studies.jobs.Comparison`;
        None where it has not been asked for. On a small surface it follows the sliders, elsewhere ``compare()`` asks
    run: of the job that is drawn strongly. controls, view, figure, examples: as in `DescentLab`. table: the `JobTable`
    buttons: the `JobButtons`

    Sliders change what the next job will be, and never a row. Rows are kept for each problem while the lab is open.
    Raises ValueError or TypeError for a bad argument.
    """

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
            "alpha": rate_near_edge(found, FAIR) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": found.epochs if epochs is None else epochs,
            "noise": noise,
            "batch_size": batch_size_of(found) if batch_size is None else batch_size,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        start = tuple(found.start) if start is None else start
        settings = Settings(*(values[name] for name in RULE))  # a bad argument raises here, before any widget is open
        check_one("tries", tries)
        check_rule(rule)
        check_callback(callback, rule)
        given = {**values, "start": start}
        first = applying(found, {name: given[name] for name in CONDITIONS})
        train(found, settings, **first | {"epochs": 1})
        self.comparison: Comparison | None = None
        self._scaled: Any = (None,)
        controls = problem_controls(ProblemMenu(problem, found), values, start, rule=RuleMenu(rule))
        controls["tries"] = number("tries", tries, tooltip="How many jobs Tune alpha trains")
        controls["callback"] = CallbackSwitch(callback, controls["rule"])
        self._news = News(self._draw_news, Comparing)
        self._comparing = self._news.worker
        self._set_up_bench(controls)
        super().__init__(controls, arrange)

    # For those who use the lab from code -------------------------------------------------------------------------

    @property
    def measure(self) -> Measure:
        """What jobs on this problem are judged by."""
        return measure_of(self.problem)

    def train_job(self, callback: str | None = None) -> Job:
        """Train one job with the controls' values, and add it. callback: as in the switch; the switch's if left out

        Raises ValueError for another callback, RuleError where the rule of the user's own fails.
        """
        chosen = self.controls["callback"].value if callback is None else callback
        check_callback(chosen, self.controls["rule"].value)
        rule = None if chosen in (OFF, ON) else self.rule
        values = {name: self.controls[name].value for name in RULE} | ({} if chosen == ON else {"factor": 1})
        kind, name = KINDS.get(chosen, OWN), KINDS.get(chosen, self.controls["rule"].called)
        self._add(whole_jobs(self.problem, kind, Settings(**values), rule, **self._options), name)
        return self.jobs[-1]

    def tune_alpha(self) -> Job:
        """Train a constant job for each alpha of a grid, and add them. Returns the best of these."""
        tries, min_delta = self.controls["tries"].value, self.controls["min_delta"].value
        tuned = tune(self.problem, tries, min_delta, **self._options)
        self._add(tuned, CONSTANT)
        return tuned[best(tuned, self.measure)]

    def compare(self) -> None:
        """Have the comparison of the present settings made, in a thread where that takes time; see ``wait``."""
        self._comparing.ask(self._question)
        self._refresh()

    def wait(self, seconds: float | None = None) -> bool:
        """Until a comparison that was asked for has been made, or for so long. Returns whether it has."""
        return self._news.wait(seconds)

    def close(self) -> None:
        """Close as every lab does; ``jobs`` and ``comparison`` stay readable."""
        if self.comm is not None:
            self._comparing.close()
        super().close()

    def _first_alpha(self) -> float:
        return rate_near_edge(self.problem, FAIR)

    # What a Lab asks for -----------------------------------------------------------------------------------------

    def _train(self) -> Run:
        """Nothing is trained here but the seeds of the comparison: jobs are trained at the press of a button."""
        self.comparison = self._comparing.answer(self._question)
        job = self._job_in_table
        return job.run if job else _at_the_start(self.problem, self.controls["start"].value)

    def _still(self, run: Run) -> dict[str, Any]:
        slider, epochs = self.controls["alpha"].slider, self.controls["epochs"].value
        scale, high = self._scales()
        return {
            "scale": scale,
            "jobs": tuple(self.jobs),
            "epochs": epochs,
            "budget": self.controls["tries"].value * epochs,
            "alphas": (10**slider.min, 10**slider.max),
            "target": self.problem.target,
            "edge": self.edge,
            "values": value_axis(self.measure, scale, high, self.jobs, self.comparison, "tuning, and one plateau job"),
            "own": self._own(run),
        }

    def _show(self, run: Run) -> None:
        super()._show(run)
        self._fill_table()
        self._show_buttons()

    def _tell(self) -> tuple[str, str]:
        spent, ahead = spending(self.jobs, self.measure), self._told_of_seeds()
        flattered = FLATTERED if self.measure.higher else ""
        alt = f"Training jobs on {self.problem.name}. {spent} {ahead}"
        words = notes(self._why(HOW_TUNED), WHAT_IS_SEEN, self._mixed(), flattered, self._kept_elsewhere())
        return alt, sentences(spent, ahead) + words

    def _told_of_seeds(self) -> str:
        """Who is ahead, as far as anybody knows."""
        comparison, question = self.comparison, self._question
        if comparison is None:
            jobs = SEEDS * (question.jobs + 1)
            return f"Who is ahead? Compare trains {jobs:,} jobs here, which takes a while: press it to know."
        return f"{who_is_ahead(comparison)} {how_often_cut(comparison)}".rstrip()

    def _standing_errors(self) -> list[str]:
        error = self._comparing.error(self._question)
        return [*super()._standing_errors(), *([explain(error)] if error else [])]

    def _close_parts(self) -> None:
        self._comparing.close()
        super()._close_parts()

    def _above(self) -> list[widgets.Widget]:
        return [self.buttons]

    # What is trained ---------------------------------------------------------------------------------------------

    @property
    def _subject(self) -> str:
        return self.controls["problem"].value

    @property
    def _target(self) -> float | None:
        return self.problem.target

    @property
    def _options(self) -> dict[str, Any]:
        """What jobs are trained with besides the rule."""
        return applying(self.problem, {name: self.controls[name].value for name in CONDITIONS})

    def _scales(self) -> tuple[Scale, float]:
        """How losses are drawn, and up to where the lowest of them: worked out once for a problem."""
        problem = self.problem
        if self._scaled[0] is not problem:
            scale = scale_of(problem)
            height = float(problem.watch(problem.start_point)) - scale.offset
            self._scaled = (problem, scale, scale.high if problem.samples else 3 * height)
        return self._scaled[1:]

    @property
    def _conditions(self) -> dict[str, Any]:
        return self._options

    @property
    def _question(self) -> Question:
        options = {name: value for name, value in self._options.items() if name != "seed"}
        rule = tuple(self.controls[name].value for name in RULE)
        tries, seed = self.controls["tries"].value, self.controls["seed"].value
        return Question(self.problem, rule, tries, seed, tuple(options.items()))

    def _draw_news(self) -> None:
        """There is more of a comparison; nothing was mended that failed, so that is still told."""
        with self.figure.lock, self._failures_told():
            if self._is_open:
                self._update()

    def _press(self, name: str) -> None:
        """What a button does; whatever goes wrong is told in the lab."""
        self._failed = None
        with self.figure.lock, self._failures_told("button"):
            try:
                self._action(name)()
            except RuleError as error:
                self._failed = (self.rule, told(error, NOT_ADDED))

    def _show_buttons(self) -> None:
        question, seeds = self._question, len(self.comparison.once) if self.comparison else 0
        self.buttons.show(has_jobs=bool(self._rows))
        busy = self._comparing.busy(question)
        self.buttons.show_comparing(asks=not question.quick, busy=busy, seeds=seeds, of=SEEDS)


def _at_the_start(problem: Problem, start: tuple[float, ...]) -> Run:
    """A run without epochs."""
    w = np.array(start, float)[None, None]
    rates, unknown = np.empty((0, 1), np.float32), np.full(1, np.nan, np.float32)
    return Run(w, problem.loss(w), problem.watch(w), rates, unknown, rates.astype(bool), Settings(1.0, 1, 1))
