"""RateFreeLab: gradient descent beside methods that have no learning rate to set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from lrlab import problems
from lrlab.core.arrays import Array
from lrlab.core.descent import train_pair
from lrlab.core.problem import Problem
from lrlab.core.rules import BIG
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.labs.first_values import middle_rate
from lrlab.labs.moments import HasMoments
from lrlab.labs.problem_lab import ProblemLab
from lrlab.labs.rules import RuleMenu, ThirdRun, check_rule
from lrlab.studies.ratefree import MOST, Solved, by_scikit_learn, lbfgs, solvers, start_of
from lrlab.views.ratefree import RateFreeView, arrange, ground_of
from lrlab.views.ratefree_words import many_ends, readout, same_by_scikit_learn
from lrlab.views.readout import notes
from lrlab.views.style import styles_with
from lrlab.widgets.controls import parameters
from lrlab.widgets.menu import ProblemMenu

GROUPS = ("Convex models on data", "Models on data that are not convex")
NETWORKS = problems.GROUPS[GROUPS[1]]
STARTS = 5  # more, from which L-BFGS is run where there may be many minima


class RateFreeLab(HasMoments, ThirdRun, ProblemLab):
    """Sliders for gradient descent's alpha, factor and patience, beside solvers that these do not touch.

    On linear regression the closed form, on convex models Newton's method, on all models L-BFGS: NumPy's and SciPy's
    own solvers, from the same start and on the same training loss. Steps go by all training rows at once.

    problem: a model on data: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem`` with samples
    alpha, factor, patience, epochs, momentum, min_delta, cooldown, min_lr: as in `DescentLab`. The solvers may do as
        many iterations as there are epochs, but no more than 300
    seed: where all begin: the problem's own start for 0, others at random
    rule: for a third run, as in `DescentLab`

    controls, run, view, figure: as in `DescentLab`
    solved: a `Solved` for each solver. others: what L-BFGS does from other starts, where the problem is not convex

    Raises ValueError or TypeError for a bad argument.
    """

    solved: list[Solved]
    others: list[Solved]
    _more = "More settings: problem, start, momentum and the rest"

    def __init__(
        self,
        problem: str | Problem = "logistic_regression",
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int | None = None,
        momentum: float = 0.0,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        rule: str | Rule | None = None,
    ) -> None:
        found = _made_of_data(problems.find(problem))
        values = {
            "alpha": middle_rate(found) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": found.epochs if epochs is None else epochs,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        train_pair(found, **values)  # a bad argument raises here, before any widget is open
        check_rule(rule)
        self._known: dict[Any, Any] = {}
        fields = parameters(values, found.alpha_range)
        fields["seed"].box.tooltip = "Where all of them begin; 0 is the problem's own start"
        first = {name: fields.pop(name) for name in ("alpha", "factor", "patience")}
        menus = {"problem": ProblemMenu(problem, found, GROUPS), "rule": RuleMenu(rule)}
        super().__init__({**first, **menus, **fields}, arrange)

    def close(self) -> None:
        """As any lab's; what was worked out for other starts is forgotten."""
        if self.comm is not None:  # otherwise it is closed already
            super().close()
            self._known.clear()

    def _train(self) -> Run:
        self._solve()
        values = {name: control.value for name, control in self.controls.items() if name not in ("problem", "rule")}
        start, rows = self._start(values["seed"]), len(self.problem.samples.targets)
        return self._train_with_rule(
            lambda rule: train_pair(self.problem, start=start, batch_size=rows, rule=rule, **values)
        )

    def _solve(self) -> None:
        """What follows from problem, seed and epochs alone: done once for each, and not when a slider moves."""
        problem, seed, most = self.problem, self.controls["seed"].value, min(self.controls["epochs"].value, MOST)
        self.solved = self._once(("solved", seed, most), lambda: solvers(problem, self._start(seed), most))
        more = [] if problem.convex else [(seed + k) % (BIG + 1) for k in range(1, STARTS + 1)]
        self.others = [self._once(("other", k, most), lambda k=k: lbfgs(problem, self._start(k), most)) for k in more]

    def _once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made once for each problem and key."""
        key = (self.problem, *key)
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def _start(self, seed: int) -> Array:
        """Where all begin: a network's weights are drawn as they always are, others anywhere in sight."""
        make = NETWORKS.get(self.controls["problem"].value) if seed else None
        return self._once(
            ("start", seed), lambda: make(seed=seed).start_point if make else start_of(self.problem, seed)
        )

    def _still(self, run: Run) -> dict[str, Any]:
        shown = {"solved": self.solved, "others": self.others, "own": self._own(run)}
        return {"problem": self.problem, "epochs": self.controls["epochs"].value, **shown}

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> RateFreeView:
        return RateFreeView(figure, **still)

    def _tell(self) -> tuple[str, str]:
        problem, ground = self.problem, ground_of(self.problem, self.solved)
        styles = styles_with(self._own(self.run))
        table, sentence = readout(problem, self.run, self.solved, self.others, styles)
        fitted = self._once(("fitted",), lambda: by_scikit_learn(problem))
        count = len(problem.samples.targets)
        rows = f"Each gradient is over all {count} training rows; the plateau rule watches the validation loss."
        methods = ", ".join(one.method for one in self.solved)
        alt = f"Gradient descent beside {methods} on {problem.name}. {sentence}"
        return alt, table + notes(
            self._why(), many_ends(self.solved, self.others), same_by_scikit_learn(problem, fitted, ground), rows
        )

    def _buttons(self) -> dict[str, Any]:
        return {"New start": self._new_noise, "Reset": self._reset}


def _made_of_data(problem: Problem) -> Problem:
    if problem.samples is None:
        raise ValueError(f"RateFreeLab is for models on data, and {problem.name} is a surface. Use DescentLab.")
    return problem
