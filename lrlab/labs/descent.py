"""DescentLab: one problem, two runs from the same start, a constant rate and the same rate cut on plateaus."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.labs.first_values import applying, batch_size_of, middle_rate
from lrlab.labs.moments import HasMoments
from lrlab.labs.problem_lab import ProblemLab
from lrlab.labs.rules import RuleMenu, ThirdRun, check_rule
from lrlab.views.descent import DescentView, arrange
from lrlab.views.landscape import size_of
from lrlab.views.readout import Score, notes, summary, table
from lrlab.views.style import styles_with
from lrlab.widgets.controls import problem_controls
from lrlab.widgets.menu import ProblemMenu

LOWER = "A run found a lower place than the lowest minimum that this problem knows."
DIFFERENCES = "No gradient was given, so differences of the loss stand in for it: a little less exact, and slower."


class DescentLab(HasMoments, ThirdRun, ProblemLab):
    """Sliders for alpha, factor and patience over a live picture of two runs.

    problem: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem``
    alpha: the learning rate at the start; in the middle of the problem's range if left out
    factor, patience, min_delta, cooldown, min_lr: as in Keras' ``ReduceLROnPlateau``; for the second run only
    epochs, noise, batch_size, momentum, seed, start: as in `lrlab.train`, for both runs; what is left out the problem
        brings along
    target: the watched loss that counts as arrived; ``problem.target`` if left out
    rule: for a third run, ``rule(epoch, rate, losses) -> rate``, your own or a name in ``lrlab.schedules.SCHEDULES``

    controls: the parameters by name; each has a ``value`` that can be read and set
    run: the `Run` in the picture, a pair: run 0 constant, run 1 plateau
    view: the views, with their matplotlib artists. figure: the LiveFigure that shows them
    examples: a menu of classical moments, see `lrlab.moments`; its ``value`` is a name, or ""

    inspector: what the plateau rule remembers, compares and decides at each epoch
    solid: two weights in 3-D, in the contour's place; ``solid.opened.value`` switches it

    One weight is drawn as a curve, two as a contour, more as a landscape on a plane; a model's predictions beside it.
    Raises ValueError or TypeError for a bad argument. What is typed into a control and breaks its rule is told in the
    lab, which keeps its last good value and goes on.
    """

    _plays = _stands_up = True
    _opens_rule_of = 1
    _made_with = ("target",)

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
        target: float | None = None,
        rule: str | Rule | None = None,
    ) -> None:
        found = problems.find(problem)
        values = {
            "alpha": middle_rate(found) if alpha is None else alpha,
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
        simulate(found, {**values, "start": start})  # a bad argument raises here, before any widget is open
        check_rule(rule)
        self._target = None if target is None else check_one("target", target)
        controls = problem_controls(ProblemMenu(problem, found), values, start, rule=RuleMenu(rule))
        super().__init__(controls, self._place_all)

    @property
    def target(self) -> float | None:
        """The watched loss that counts as arrived."""
        return self.problem.target if self._target is None else self._target

    def _train(self) -> Run:
        values = {name: control.value for name, control in self.controls.items()}
        return self._train_with_rule(lambda rule: simulate(self.problem, values, rule))

    def _still(self, run: Run) -> dict[str, Any]:
        slider = self.controls["alpha"].slider
        return {
            "problem": self.problem,
            "epochs": self.controls["epochs"].value,
            "alphas": (10**slider.min, 10**slider.max),
            "target": self.target,
            "edge": self.edge,
            "size": size_of(self.problem, run[:2]) if self.problem.dim > 2 else None,
            "own": self._own(run),
        }

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> DescentView:
        view = DescentView(figure, **still)
        if self.problem.dim <= 2:
            self.figure.on_pointer(view.axes["surface"], self._move_start)
            self.solid.moved = self._move_start
        return view

    def _place_all(self, figure: Figure, width: float) -> None:
        arrange(figure, width)
        self.solid.stand_over(self.view.axes["surface"])

    def _draw(self, run: Run) -> None:
        super()._draw(run)
        self.solid.show(self.problem, run, styles_with(self._own(run)), self.view.axes["surface"])

    def _follows(self) -> bool:
        return super()._follows() or bool(self.view.fits)

    def _draw_epoch(self, view: DescentView, run: Run, epoch: int) -> None:
        view.learned.draw(run, epoch)

    def _tell(self) -> tuple[str, str]:
        problem = self.problem
        lowest = 0.0 if problem.samples else problem.lowest
        styles = styles_with(self._own(self.run))
        count = ("Two", "Three")[len(styles) - 2]
        alt = f"{count} training runs on {problem.name}. {summary(self.run, self.target, lowest, styles)}"
        differences = "" if problem.has_exact_gradient else DIFFERENCES
        found_lower = LOWER if problem.samples is None and _below(self.run, problem.lowest) else ""
        return alt, table(self.run, self.target, _score(problem, self.run), lowest, styles=styles) + notes(
            self._why(problem.teaches), self.view.surface.note, differences, found_lower
        )


def simulate(problem: Problem, values: dict[str, Any], rule: Rule | None = None) -> Run:
    """Train the pair that the controls' values describe, and a third run where there is a rule for it.

    Raises ValueError or TypeError where a value breaks its rule, RuleError where ``rule`` fails.
    """
    wanted = {name: value for name, value in values.items() if name not in ("problem", "rule")}
    return train_pair(problem, rule=rule, **applying(problem, wanted))


def _below(run: Run, lowest: float | None) -> bool:
    return lowest is not None and bool((run.best_loss < lowest - 1e-6 * max(1.0, abs(lowest))).any())


def _score(problem: Problem, run: Run) -> Score | None:
    """What one would report of both models after the last epoch."""
    samples = problem.samples
    if samples is None or samples.score is None:
        return None
    known = np.isfinite(run.w[-1]).all(axis=-1)
    return Score(samples.score_name, np.where(known, samples.score(run.w[-1]), np.nan))
