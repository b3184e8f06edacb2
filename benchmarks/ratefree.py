"""What does it cost to have a rate? Gradient descent, Newton's method and L-BFGS to the same loss.

    python benchmarks/ratefree.py [--rounds 15]

The loss: a millionth of the distance between the start's and the lowest is left. Times are in ms, to the iteration that
first is there, which is known before the clock starts.

* gradient descent: a bare loop, ``w = w - alpha * grad(w)``, that keeps nothing. Its alpha is the best of 40 over the
  problem's range, and the search for it is not counted: nobody gets it for nothing.
* closed form, Newton, L-BFGS: `lrlab.core.ratefree`, that is NumPy and SciPy, with the record of all iterates.
* scikit-learn: its own solvers as they come (`LinearRegression`, or `LogisticRegression` by newton-cholesky and then by
  lbfgs), from weights of 0 and by their own rule for when to stop; what is left then stands beside it.

Then RateFreeLab: from setting alpha until the picture is packed for the browser, in ms; and what the part that does not
move took, which is done once for each problem and start.

The ways take turns, round by round, so that a busy moment of the machine hits all of them. Medians, and in brackets the
fastest; ratios are those of medians.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import scipy
import sklearn

import lrlab
from lrlab.core.problem import Problem
from lrlab.core.ratefree import Solved, by_scikit_learn, closed_form, lbfgs, newton
from lrlab.core.threads import one_thread

MODELS = ("linear_regression", "linear_regression_10", "logistic_regression", "logistic_regression_30")
LABS = (*MODELS, "mlp_moons")
CLOSE = 1e-6
MOST = 20_000  # steps of gradient descent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, ", end="")
    print(f"scikit-learn {sklearn.__version__}\n")
    print("| model | way | steps | gradients, Hessians | ms (fastest) | times L-BFGS |\n|---|---|---|---|---|---|")
    for name in MODELS:
        compare(name, rounds)
    print("\n| RateFreeLab | alpha set, ms (fastest) | of it the training | another start, ms |\n|---|---|---|---|")
    for name in LABS:
        time_lab(name, rounds)


def compare(name: str, rounds: int) -> None:
    """One model's rows of the first table."""
    problem = lrlab.problems.find(name)
    target = problem.lowest_loss + CLOSE * (problem.loss(problem.start_point) - problem.lowest_loss)
    alpha, steps = best_alpha(problem, target)
    ways = {f"gradient descent, alpha {alpha:.2g}": lambda: descend(problem, alpha, steps)}
    costs = {next(iter(ways)): (f"{steps:,}", f"{steps:,}, 0")}
    for solve in (newton, lbfgs):
        solved = solve(problem, problem.start_point)
        most = int(np.flatnonzero(solved.loss <= target)[0])
        ways[solved.method] = lambda solve=solve, most=most: solve(problem, problem.start_point, most)
        costs[solved.method] = (str(most), f"{solved.gradients[most]}, {solved.hessians[most]}")
    if name.startswith("linear"):
        ways["closed form"] = lambda: closed_form(problem, problem.start_point)
        costs["closed form"] = ("1", "0, 0")
    check(problem, ways, target)
    ways["scikit-learn, all of its solvers"] = lambda: by_scikit_learn(problem)
    far = problem.loss(problem.start_point) - problem.lowest_loss
    left = ", ".join(
        f"{max(problem.loss(one.w) - problem.lowest_loss, 0) / far:.0e}" for one in by_scikit_learn(problem)
    )
    costs["scikit-learn, all of its solvers"] = ("–", f"left: {left}")
    times = take_turns(ways, rounds)
    for way, taken in times.items():
        ratio = median(taken) / median(times["L-BFGS"])
        print(f"| {name} | {way} | {' | '.join(costs[way])} | {shown(taken)} | {ratio:.2g} |", flush=True)


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


def time_lab(name: str, rounds: int) -> None:
    """One row of the second table."""
    lab = lrlab.RateFreeLab(name)
    alphas = lab.controls["alpha"].value * np.geomspace(0.5, 2, rounds + 1)
    whole, training = [], []
    for alpha in alphas[1:]:
        whole.append(taken_by(lambda alpha=alpha: setattr(lab.controls["alpha"], "value", float(alpha))))
        training.append(taken_by(lab._train))
    start = taken_by(lambda: setattr(lab.controls["seed"], "value", 1))
    print(f"| {name} | {shown(whole)} | {median(training):.1f} | {start:.0f} |", flush=True)
    lab.close()


def take_turns(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round, by way."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, do in ways.items():
            taken[way].append(taken_by(do))
    return taken


def taken_by(do: Callable[[], Any]) -> float:
    since = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - since)


def shown(taken: list[float]) -> str:
    return f"{median(taken):.2f} ({min(taken):.2f})"


if __name__ == "__main__":
    main()
