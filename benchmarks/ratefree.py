"""What does it cost to have a rate? Gradient descent, Newton's method and L-BFGS to the same loss.

    python benchmarks/ratefree.py [--rounds 9] [--quick] [--json FILE]

The loss: a millionth of the distance between the start's and the lowest is left. Times are in ms, to the iteration that
first is there, which is known before the clock starts.

* gradient descent: a bare loop, ``w = w - alpha * grad(w)``, that keeps nothing. Its alpha is the best of 40 over the
  problem's range, and the search for it is not counted: nobody gets it for nothing.
* closed form, Newton, L-BFGS: `lrlab.studies.ratefree`, that is NumPy and SciPy, with the record of all iterates.
* scikit-learn: its own solvers as they come (`LinearRegression`, or `LogisticRegression` by newton-cholesky and then by
  lbfgs), from weights of 0 and by their own rule for when to stop; what is left then stands beside it.

Then RateFreeLab: from setting alpha until the picture is packed for the browser, in ms; and what the part that does not
move took, which is done once for each problem and start.

The ways take turns, round by round, so that a busy moment of the machine hits all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import figures
import numpy as np
from figures import PART, PEER, Record, Table

import lrlab
from lrlab.core.problem import Problem
from lrlab.core.threads import one_thread
from lrlab.studies.ratefree import Solved, by_scikit_learn, closed_form, lbfgs, newton

MODELS = ("linear_regression", "linear_regression_10", "logistic_regression", "logistic_regression_30")
LABS = (*MODELS, "mlp_moons")
CLOSE = 1e-6
MOST = 20_000  # steps of gradient descent
DESCENT, NEWTON, LBFGS, CLOSED = "gradient descent", "Newton", "L-BFGS", "closed form"
SCIKIT = "scikit-learn, all of its solvers"


def measure(record: Record, rounds: int) -> None:
    """To the same loss, and the lab."""
    table = Table(
        "ratefree", "How long does it take to get to the same loss, with a rate and without?", "ms", LBFGS,
        {DESCENT: PEER, NEWTON: PART, CLOSED: PART, SCIKIT: PEER},
        why={
            DESCENT: "A bare loop that keeps nothing, with the best of 40 rates; the search for it is not counted.",
            SCIKIT: "It keeps no iterates, and stops by its own rule, which may be further away.",
        },
    )  # fmt: skip
    works = {}
    for name in MODELS:
        works[name], said = ways_of(name)
        table.notes.append(f"{name}: {said}.")
    table.take_turns(works, rounds)
    record.add(table)
    table = Table("ratefree_lab", "How fast does RateFreeLab follow alpha?", "ms", "lab", {"its training": PART})
    table.take_turns({name: moves(name) for name in LABS}, rounds)
    record.add(table)


def ways_of(name: str) -> tuple[dict[str, Callable[[], Any]], str]:
    """One model's ways, checked, and what each of them needs."""
    problem = lrlab.problems.find(name)
    far = problem.loss(problem.start_point) - problem.lowest_loss
    target = problem.lowest_loss + CLOSE * far
    alpha, steps = best_alpha(problem, target)
    ways: dict[str, Callable[[], Any]] = {DESCENT: lambda: descend(problem, alpha, steps)}
    said = [f"{steps:,} steps of gradient descent with alpha {alpha:.2g}"]
    for way, solve in ((NEWTON, newton), (LBFGS, lbfgs)):
        solved = solve(problem, problem.start_point)
        most = int(np.flatnonzero(solved.loss <= target)[0])
        ways[way] = lambda solve=solve, most=most: solve(problem, problem.start_point, most)
        said.append(f"{most} of {way} ({solved.gradients[most]} gradients, {solved.hessians[most]} Hessians)")
    if name.startswith("linear"):
        ways[CLOSED] = lambda: closed_form(problem, problem.start_point)
    check(problem, ways, target)
    ways[SCIKIT] = lambda: by_scikit_learn(problem)
    left = (max(problem.loss(one.w) - problem.lowest_loss, 0) / far for one in by_scikit_learn(problem))
    return ways, f"{', '.join(said)}; scikit-learn leaves {', '.join(f'{share:.0e}' for share in left)}"


def moves(name: str) -> dict[str, Callable[[], Any]]:
    """A move of alpha in the lab, and the part of it that trains."""
    lab = lrlab.RateFreeLab(name)
    alphas = cycle(lab.controls["alpha"].value * np.geomspace(0.5, 2, 16))
    return {"lab": lambda: setattr(lab.controls["alpha"], "value", float(next(alphas))), "its training": lab._train}


def best_alpha(problem: Problem, target: float) -> tuple[float, int]:
    """The rate with which gradient descent is there first, and after how many steps."""
    alphas = np.geomspace(*problem.alpha_range, 40)
    w = np.tile(problem.start_point, (len(alphas), 1))
    with np.errstate(all="ignore"):
        for step in range(1, MOST + 1):
            w = w - alphas[:, None] * problem.grad(w)
            there = np.flatnonzero(problem.loss(w) <= target)
            if len(there):
                return float(alphas[there[0]]), step
    raise SystemExit(f"{problem.name}: gradient descent is not there after {MOST} steps.")


@one_thread()
def descend(problem: Problem, alpha: float, steps: int) -> np.ndarray:
    w = problem.start_point
    for _ in range(steps):
        w = w - alpha * problem.grad(w)
    return w


def check(problem: Problem, ways: dict[str, Callable[[], Any]], target: float) -> None:
    """Raises AssertionError where a way does not get to the target."""
    for way, do in ways.items():
        result = do()
        end = result.w[-1] if isinstance(result, Solved) else result
        assert problem.loss(end) <= target * (1 + 1e-12), way


def main() -> int:
    arguments = figures.asked(figures.parser(__doc__, rounds=9))
    packages = ("numpy", "scipy", "scikit-learn", "lrlab")
    return figures.carry_out(__file__, __doc__, arguments, packages, lambda record: measure(record, arguments.rounds))


if __name__ == "__main__":
    sys.exit(main())
