"""Moments of gradient descent beside solvers without a rate, for `RateFreeLab`.

Claims are of a problem, the pair (run 0 constant, run 1 plateau), what each solver did, and what L-BFGS did from other
starts.
"""

from __future__ import annotations

import numpy as np

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.moments.moment import Groups, Moment
from lrlab.studies.ratefree import Solved

SAME = 1e-9  # of a loss: all but the last digits
LITTLE = 0.25  # of the gradients that descent takes
APART = 1.5  # times: nobody would call these losses the same


def in_one_step(problem: Problem, run: Run, solved: list[Solved], others: list[Solved]) -> bool:
    """Newton's method takes one step, and ends where the closed form does."""
    by = {one.method: one for one in solved}
    if not {"closed form", "Newton"} <= by.keys():
        return False
    newton, closed = by["Newton"], by["closed form"]
    return newton.iterations == 1 and bool(abs(newton.loss[-1] - closed.loss[-1]) <= SAME * closed.loss[-1])


def along_the_valley(problem: Problem, run: Run, solved: list[Solved], others: list[Solved]) -> bool:
    """L-BFGS is at its end after a quarter of the gradients, and both runs of descent still end higher."""
    found = _lbfgs(solved)
    quick = found.done and found.work[-1] <= LITTLE * run.epochs
    return bool(quick and (run.loss[-1] > found.loss[-1] * (1 + 1e-4)).all())  # a share that three digits show


def indifferent_to_the_edge(problem: Problem, run: Run, solved: list[Solved], others: list[Solved]) -> bool:
    """The constant run diverges, and every solver comes to its end."""
    return bool(np.isfinite(run.diverged[0]) and all(one.done for one in solved))


def as_low_as_newton(problem: Problem, run: Run, solved: list[Solved], others: list[Solved]) -> bool:
    """The constant run ends as low as Newton's method, to all but the last digits."""
    newton = [one for one in solved if one.method == "Newton"]
    return bool(newton and run.loss[-1, 0] <= newton[0].loss[-1] * (1 + SAME))


def many_ends(problem: Problem, run: Run, solved: list[Solved], others: list[Solved]) -> bool:
    """From other starts L-BFGS ends at other losses: the highest at more than 1.5 times the lowest."""
    ends = [one.loss[-1] for one in (_lbfgs(solved), *others)]
    return len(ends) > 1 and bool(max(ends) > APART * min(ends))


def _lbfgs(solved: list[Solved]) -> Solved:
    return next(one for one in solved if one.method == "L-BFGS")


RATE_FREE: Groups = {
    "Without a rate": (
        Moment(
            "Newton in one step", "The loss is a parabola, and Newton's method knows its bend: one step, no rate.",
            "linear_regression", {"alpha": 0.05, "factor": 0.5, "patience": 5}, in_one_step,
        ),
        Moment(
            "L-BFGS in a valley",
            "Steep one way, flat the other. L-BFGS learns the shape as it goes, descent crawls along.",
            "linear_regression_10", {"alpha": 0.05, "factor": 0.5, "patience": 5}, along_the_valley,
        ),
        Moment(
            "one end for each start", "No rate to set, but a start to choose: on a network each one ends elsewhere.",
            "mlp_moons", {"alpha": 2.0, "factor": 0.5, "patience": 5}, many_ends,
        ),
    ),
    "With one": (
        Moment(
            "past the edge", "The constant run diverges at this rate. The solvers have none that could be too large.",
            "linear_regression", {"alpha": 1.5, "factor": 0.5, "patience": 5}, indifferent_to_the_edge,
        ),
        Moment(
            "as low as Newton", "At a good rate plain descent gets there, too. It only takes more steps, and the rate.",
            "logistic_regression", {"alpha": 10.0, "factor": 0.5, "patience": 5}, as_low_as_newton,
        ),
    ),
}  # fmt: skip
