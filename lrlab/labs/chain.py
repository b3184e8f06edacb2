"""ChainLab: one plateau run, or many constant-rate jobs? They are trained one by one, and laid over the run."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import RULE, Settings
from lrlab.labs.first_values import applying, batch_size_of, middle_rate
from lrlab.labs.moments import HasMoments
from lrlab.labs.numbers import named_chain
from lrlab.labs.problem_lab import ProblemLab
from lrlab.labs.rules import RuleMenu, ThirdRun, check_rule
from lrlab.studies.chain import Chain, Job, beside, jobs, train_jobs
from lrlab.views.chain import ChainView, arrange, calmer
from lrlab.views.chain_words import jobs_table, lengths, moral, third, verdict
from lrlab.views.curves import scale_of
from lrlab.views.readout import notes
from lrlab.widgets.chain_switches import CARRY, SEPARATE, chain_switches, check_switches, switch_row
from lrlab.widgets.controls import problem_controls
from lrlab.widgets.menu import ProblemMenu

FEW = 100  # epochs, in which most jobs are wide enough to be seen


class ChainLab(HasMoments, ThirdRun, ProblemLab):
    """A plateau run cut into its stretches of constant rate, as bands in the picture and as a table of jobs.

    problem: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem``
    alpha, factor, patience, min_delta, cooldown, min_lr, epochs, noise, batch_size, momentum, seed, start: as in
        `DescentLab`
    separate: whether the jobs are trained by themselves as well, each from the weights that the one before it ended
        with, and drawn over the run. carry: whether the optimizer's state (momentum's velocity) is handed on, too
    rule: for a third run, as in `DescentLab`

    controls, view, figure, inspector: as in `DescentLab`; the switches are the controls "separate" and "carry"
    run: the plateau run, a `Run` of one run. jobs: what it is made of
    chain: the jobs as they were trained by themselves, and how far off they are; None where they were not
    own: the third run, a `Run` of one run, or None

    Raises ValueError or TypeError for a bad argument.
    """

    _plays = True
    _opens_rule_of = 0
    _placed = (SEPARATE, CARRY)

    jobs: list[Job]
    chain: Chain | None
    own: Run | None

    def __init__(
        self,
        problem: str | Problem = "rosenbrock",
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int | None = None,
        noise: float = 0.0,
        batch_size: int | None = None,
        momentum: float = 0.9,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        start: Any = None,
        separate: bool = False,
        carry: bool = True,
        rule: str | Rule | None = None,
    ) -> None:
        found = problems.find(problem)
        values = {
            "alpha": middle_rate(found) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": min(found.epochs, FEW) if epochs is None else epochs,
            "noise": noise,
            "batch_size": batch_size_of(found) if batch_size is None else batch_size,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        start = tuple(found.start) if start is None else start
        train_plateau(found, {**values, "start": start})  # a bad argument raises here, before any widget is open
        check_rule(rule)
        check_switches(separate, carry)
        controls = problem_controls(ProblemMenu(problem, found), values, start, rule=RuleMenu(rule))
        super().__init__({**controls, **chain_switches(separate, carry)}, arrange)

    def _train(self) -> Run:
        values = {name: control.value for name, control in self.controls.items()}
        self.controls[CARRY].disabled = not values[SEPARATE]
        run = train_plateau(self.problem, values)
        self.own = self._train_with_rule(lambda rule: None if rule is None else train_by(rule, self.problem, values))
        self.jobs, self.chain = jobs(run, 0), None
        if values[SEPARATE]:
            self.chain = train_jobs(self.problem, run, 0, carry=values[CARRY], **_chance(self.problem, values))
        return run

    def _still(self, run: Run) -> dict[str, Any]:
        slider = self.controls["alpha"].slider
        return {
            "problem": self.problem,
            "epochs": self.controls["epochs"].value,
            "alphas": (10**slider.min, 10**slider.max),
            "edge": self.edge,
            "own": self._own(run),
        }

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> ChainView:
        seen = self.problem if self.problem.dim <= 2 else None
        view = ChainView(figure, **{**still, "problem": seen}, scale=calmer(scale_of(self.problem)))
        if view.surface:
            self.figure.on_pointer(view.axes["surface"], self._move_start)
        return view

    def _draw(self, run: Run) -> None:
        others = (self.own,) if self.own else ()
        self.view.draw(beside(run, 0, self.chain.run if self.chain else None, *others), self.jobs)

    def _inspect(self, run: Run) -> None:
        super()._inspect(run)
        self.view.mark(self.jobs, self.player.limit)

    def _tell(self) -> tuple[str, str]:
        run, carry = self.run, self.controls[CARRY].value
        state = "momentum" if self.controls["momentum"].value else ""
        ends = {"final_loss": run.final_loss[0], "diverged": run.diverged[0]}
        sentence = verdict(self.chain, self.jobs, carry=carry, state=state, **ends)
        own = third(self.own, self._own(run), run)
        alt = f"A plateau run on {self.problem.name}, cut into jobs. {sentence} {own}".rstrip()
        why = notes(self._why(), own, lengths(self.jobs, run.settings), moral(self.chain, self.jobs, run.diverged[0]))
        return alt, jobs_table(self.jobs, run.settings, sentence) + why

    def _named_runs(self) -> dict[str, Run]:
        return named_chain(self.run, self.own, self._own(self.run), self.chain.run if self.chain else None)

    def _own(self, run: Run) -> str:
        return self.controls["rule"].called if self.own is not None else ""

    def _above(self) -> list[widgets.Widget]:
        return [switch_row(self.controls)]


def train_plateau(problem: Problem, values: dict[str, Any]) -> Run:
    """The plateau run that the controls' values describe. Raises ValueError or TypeError where one breaks its rule."""
    return _trained(problem, Settings(**{name: values[name] for name in RULE}), values)


def train_by(rule: Rule, problem: Problem, values: dict[str, Any]) -> Run:
    """The same with a rule of the user's own in the plateau rule's place. Raises RuleError where ``rule`` fails."""
    settings = Settings(**{name: values[name] for name in RULE} | {"factor": 1.0})
    return _trained(problem, settings, values, rule=rule)


def _trained(problem: Problem, settings: Settings, values: dict[str, Any], **rule: Rule) -> Run:
    """A run from the controls' start, with the controls' chance."""
    chance = _chance(problem, values)
    return train(problem, settings, epochs=values["epochs"], start=values["start"], **chance, **rule)


def _chance(problem: Problem, values: dict[str, Any]) -> dict[str, Any]:
    """What a run and its jobs have in common: the optimizer's momentum, and the same noise or batches."""
    return applying(problem, {name: values[name] for name in ("momentum", "seed", "noise", "batch_size")})
