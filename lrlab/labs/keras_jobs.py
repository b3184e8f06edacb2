"""KerasJobsLab: tuning a Keras model by whole jobs, trained one after the other in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets as widgets

from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import RULE
from lrlab.keras_live.jobs import (
    NO_METRIC,
    Contest,
    JobsSeen,
    JobsSession,
    SeedsSeen,
    job_in,
    measure_by,
    measure_of_history,
)
from lrlab.keras_live.session import Seen
from lrlab.keras_live.worker import State, Work
from lrlab.labs.callback_switch import OFF, ON, CallbackSwitch, check_callback
from lrlab.labs.job_bench import KINDS, JobBench
from lrlab.labs.keras_comparing import SEEDS, KerasComparing, KerasQuestion
from lrlab.labs.model_lab import ModelLab
from lrlab.labs.moments import HasMoments
from lrlab.labs.rules import NOT_ADDED, RuleMenu, ThirdRun, check_rule
from lrlab.studies.jobs import CONSTANT, OWN, Comparison, Job, Measure, best, grid
from lrlab.views.curves import lowered
from lrlab.views.job_words import sentences, spending
from lrlab.views.jobs import arrange
from lrlab.views.readout import notes
from lrlab.views.spent import value_axis
from lrlab.widgets.fields import number
from lrlab.widgets.progress import in_words

ONE_SEED = (
    "All jobs in the table begin with the same weights and see the same batches. Other weights may crown another job."
)
WHAT_IS_SEEN = (
    f"Over the epochs spent, strong lines are medians over {SEEDS} seeds, thin ones the quartiles: half of the seeds "
    "are between them. Each seed has its own first weights and batches, and its alphas are drawn at random over the "
    "slider's range."
)


class Plan(NamedTuple):
    """Jobs that were asked for together: the settings of each, what they are, and are called, their epochs, and the
    rule of one's own that sets their rates, if any.
    """

    rules: list[dict[str, Any]]
    kind: str
    name: str
    epochs: int
    own: Rule | None


class KerasJobsLab(HasMoments, JobBench, KerasComparing, ThirdRun, ModelLab):
    """Whole jobs of a Keras model at the press of a button, in a table and a picture, with what their epochs bought.

    get_model, data, alpha, factor, patience, min_delta, cooldown, min_lr, epochs, batch_size, seed: as in `KerasLab`
    tries: how many jobs "Tune alpha" trains. callback: "off" or "on", what "Train" trains with: the real
        `keras.callbacks.ReduceLROnPlateau`
    rule: of your own, ``rule(epoch, rate, losses) -> rate``, or a name in ``lrlab.schedules.SCHEDULES``: a third choice
        for the callback

    jobs: the `Job` records of the present model, in the order of the table. measure: what they are judged by: the
        validation accuracy after the epoch with the lowest validation loss, or that loss where there is no accuracy
    comparison: over five seeds, tuning a constant rate against one plateau job, see `lrlab.studies.jobs.Comparison`;
        None before ``compare()`` has asked for it with the present settings
    run: of the job that is drawn strongly; while one is trained, of that. controls, figure, view: as in `KerasLab`
    table: the `JobTable`. buttons: the `JobButtons`

    One job is trained at a time, from the same first weights; ``wait()`` waits for it, or a comparison. A job that
    is stopped counts with the epochs that it had. Another model drops the job at work. Raises what `KerasLab` raises.
    """

    _trains_on = False

    def __init__(
        self,
        get_model: str | Callable[[float], Any] = "moons",
        data: Any = None,
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        tries: int = 5,
        callback: str = OFF,
        rule: str | Rule | None = None,
    ) -> None:
        values = {
            "alpha": alpha,
            "factor": factor,
            "patience": patience,
            "epochs": epochs,
            "batch_size": batch_size,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        check_one("tries", tries)
        check_rule(rule)  # before any widget is open
        check_callback(callback, rule)
        self._asked: Plan | None = None  # what is being trained
        self._taken = 0  # how many of its jobs are in the table
        self._measures: dict[str, Measure] = {}
        self._compared: dict[KerasQuestion, Comparison] = {}
        super().__init__(get_model, data, values, lambda: self._own_controls(tries, callback, rule), arrange, runs=1)

    def _own_controls(self, tries: int, callback: str, rule: str | Rule | None) -> dict[str, Any]:
        field, menu = number("tries", tries, tooltip="How many jobs Tune alpha trains"), RuleMenu(rule)
        controls = {"rule": menu, "callback": CallbackSwitch(callback, menu), "tries": field}
        self._set_up_bench(controls)
        return controls

    # For those who use the lab from code -------------------------------------------------------------------------

    @property
    def measure(self) -> Measure:
        """What jobs of this model are judged by."""
        if self._subject in self._measures:
            return self._measures[self._subject]
        metric = self._chosen.metric
        return NO_METRIC if metric is None else measure_by(metric, len(self._chosen_data.x_val))

    def train_job(self, callback: str | None = None) -> None:
        """Have one job trained with the controls' values. callback: as in the switch; the switch's if left out

        Raises ValueError for another callback, RuntimeError while a job or a comparison is at work.
        """
        chosen = self.controls["callback"].value if callback is None else callback
        check_callback(chosen, self.controls["rule"].value)
        settings = self._rule() | ({} if chosen == ON else {"factor": 1.0})
        own = None if chosen in KINDS else self.rule
        self._ask([settings], KINDS.get(chosen, OWN), KINDS.get(chosen, self.controls["rule"].called), own)

    def tune_alpha(self) -> None:
        """Have a constant job trained for each alpha of a grid. Raises RuntimeError while something is at work."""
        alphas = grid(self._chosen.alphas, self.controls["tries"].value)
        self._ask([self._rule() | {"alpha": float(alpha), "factor": 1.0} for alpha in alphas], CONSTANT, CONSTANT)

    def compare(self) -> None:
        """Have the comparison of the present settings made over five seeds, or what is missing of it.

        Raises RuntimeError while something is at work.
        """
        with self.figure.lock:
            question, known = self._question, self.comparison
            self._check_free()
            if self._seeds_done(question) < SEEDS:
                self._comparing = question
                self._begin(self._session.compare(question.contest, question.seeds, known))

    def start_over(self) -> None:
        """There is nothing to start over: a job that has ended is in the table."""

    # What a Lab asks for -----------------------------------------------------------------------------------------

    def _new_session(self) -> JobsSession:
        return JobsSession(self._chosen.get_model, self._chosen_data)

    def _update(self) -> None:
        """Show: a control trains nothing here."""
        if self._session is None:
            self._session = self._new_session()
        self._show_news()

    def _show_news(self) -> None:
        self._state = self._worker.state
        news = self._state.latest
        if self._comparing is not None:
            self._take_seeds(news if isinstance(news, SeedsSeen) else None, self._state.busy)
        elif self._asked is not None:
            self._take(news if isinstance(news, JobsSeen) else None)
        self._show(self._present.run if self._present else self._run_of(Seen("")))
        self._fill_table()
        self._show_buttons()
        self._show_progress(self._state)

    def _still(self, run: Run) -> dict[str, Any]:
        jobs, epochs = self.jobs, self.controls["epochs"].value
        still = super()._still(run)
        if self._scale is not None:
            for job in jobs:
                self._scale = lowered(self._scale, job.run.watched)
        scale = self._scale or still["scale"]
        return {
            "scale": scale,
            "jobs": tuple(jobs),
            "epochs": epochs,
            "budget": self.controls["tries"].value * epochs,
            "alphas": still["alphas"],
            "target": None,
            "edge": None,
            "values": value_axis(self.measure, scale, scale.high, jobs, self.comparison, self._what_is_compared()),
            "own": self._own(run),
        }

    def _tell(self) -> tuple[str, str]:
        spent, ahead = spending(self.jobs, self.measure), self._told_of_seeds()
        alt = f"Training jobs of the Keras model {self._subject}. {spent} {ahead}"
        words = notes(self._why(self._chosen.teaches), ONE_SEED, WHAT_IS_SEEN, self._mixed(), self._kept_elsewhere())
        return alt, sentences(spent, ahead) + words

    def _change_problem(self, change: Any) -> None:
        with self.figure.lock:
            self._asked, self._live, self._comparing = None, None, None
            self._worker.start(lambda: iter(()))  # drops the job at work
            super()._change_problem(change)

    def _above(self) -> list[widgets.Widget]:
        return [self.buttons, *super()._above()]

    # What is trained ---------------------------------------------------------------------------------------------

    _live: Job | None = None  # the job at work, as far as it is trained

    @property
    def _subject(self) -> str:
        return self.controls["model"].value

    @property
    def _target(self) -> float | None:
        return None

    @property
    def _conditions(self) -> dict[str, Any]:
        return {name: self.controls[name].value for name in ("epochs", "batch_size", "seed")}

    @property
    def _present(self) -> Job | None:
        """The job that is drawn strongly: one that is looked at, else the one at work, else the last."""
        return self._job_in_table if self.table.looked >= 0 or self._live is None else self._live

    @property
    def _question(self) -> KerasQuestion:
        names = ("epochs", "batch_size", "seed")
        tries, epochs, batch_size, seed = (self.controls[name].value for name in ("tries", *names))
        rule = tuple(self._rule().items())
        return KerasQuestion(self._subject, Contest(rule, self._chosen.alphas, tries, epochs, batch_size), seed)

    def _own_names(self) -> set[str]:
        at_work = {self._asked.name} if self._asked is not None and self._asked.kind == OWN else set()
        return super()._own_names() | at_work

    def _rule(self) -> dict[str, Any]:
        return {name: self.controls[name].value for name in RULE}

    def _ask(self, rules: list[dict[str, Any]], kind: str, name: str, own: Rule | None = None) -> None:
        """Have jobs trained, one after another. name: what they are called. own: the rule of one's own, if by that"""
        with self.figure.lock:  # whoever draws news in between would take the job for one that has ended
            self._check_free()
            shared = self._conditions
            self._asked, self._taken, self._agreed = Plan(rules, kind, name, shared["epochs"], own), 0, shared
            self._begin(self._session.jobs(rules, own=own, **shared))

    def _check_free(self) -> None:
        if self._at_work:
            raise RuntimeError("One job at a time: wait() for the one at work, or stop() it.")

    def _begin(self, work: Work) -> None:
        self._failed = None
        self._failures.pop("button", None)
        self._worker.start(work)
        self._update()

    @property
    def _at_work(self) -> bool:
        return self._asked is not None or self._comparing is not None

    def _what_is_compared(self) -> str:
        return "what your jobs came to" if self.comparison is None else "tuning, and one plateau job"

    def _take(self, seen: JobsSeen | None) -> None:
        """Put what has been trained to its end into the table; at the very end, what was stopped before it, too."""
        plan = self._asked
        self._live = None
        if self._leave_out(self._state.error, plan.own, NOT_ADDED):
            seen = None  # a rule that has failed: whose job would that be?
            if self.rule is not plan.own:  # nobody sees that one in the menu any more, but its job was asked for
                self._failures["button"] = self._failed[1]
        if seen is not None:
            self._choose_measure(seen)
            ended = [job_in(history, history.epochs, plan.kind) for history in seen.done[self._taken :]]
            going_on = len(seen.done) < len(plan.rules) and seen.epochs > 0 and seen.history not in seen.done
            if going_on:
                self._live = job_in(seen.history, seen.epochs, plan.kind)
            if going_on and not self._state.busy:  # it was stopped, or has failed
                ended.append(self._live)
                self._live = None
            self._taken += len(ended)
            self._keep(ended, plan)
        if not self._state.busy:
            self._asked = None

    def _keep(self, ended: list[Job], plan: Plan) -> None:
        if ended:
            self._put(ended, plan.name, self._agreed)
            together = self.jobs[-self._taken :]
            self._featured[self._subject] = together[best(together, self.measure)]

    def _choose_measure(self, seen: JobsSeen) -> None:
        if self._subject not in self._measures and seen.epochs:
            self._measures[self._subject] = measure_of_history(seen.history, len(self._chosen_data.x_val))

    def _go_on(self) -> None:
        """A goal that was moved is for the next job."""

    def _press(self, name: str) -> None:
        with self.figure.lock, self._failures_told("button"):
            self._action(name)()

    def _show_buttons(self) -> None:
        self.buttons.show(has_jobs=bool(self._rows), training=self._at_work)
        self._show_comparing(free=not self._at_work)

    # How far it is -----------------------------------------------------------------------------------------------

    def _share_done(self, seen: Any) -> tuple[int, int]:
        if self._comparing is not None:
            return self._share_compared(seen if isinstance(seen, SeedsSeen) else None)
        if self._asked is None:
            return 0, 0
        done = sum(history.epochs for history in seen.done) if isinstance(seen, JobsSeen) else 0
        live = seen.epochs if isinstance(seen, JobsSeen) and seen.history not in seen.done else 0
        return done + live, self._asked.epochs * len(self._asked.rules)

    def _words(self, seen: Any, told: dict[str, bool]) -> str:
        if self._comparing is not None:
            return self._words_compared(seen, told)
        if self._asked is None:
            return "stopped by an error" if told["failed"] else "Ready for the next job."
        number = min(self._taken + 1, len(self._asked.rules))
        return f"job {number} of {len(self._asked.rules)}: {in_words(*self._share_done(seen), seen.seconds, **told)}"

    def _show_progress(self, state: State) -> None:
        super()._show_progress(state)
        if not self._at_work:
            self._progress.end.description, self._progress.end.disabled = "Stop", True
