"""Methods with no learning rate to set: the closed form, Newton's method and L-BFGS, each by somebody else's solver.

NumPy and SciPy do the work on the loss, gradient and Hessian of a `Problem`; here they are called, and what they do is
written down, iteration by iteration. So all curves are of one loss, and every gradient is counted, also those that a
line search tries and rejects.

    closed form   numpy.linalg.lstsq: linear least squares only
    Newton        scipy.optimize.minimize(method="trust-exact"), Newton's method kept safe by a trust region, with the
                  exact Hessian. Exact, and not differences of the gradient: then one step ends a parabola, as it should
    L-BFGS        scipy.optimize.minimize(method="L-BFGS-B"), with the last 10 gradients

Sources: Nocedal, Wright, "Numerical Optimization" (2006), chapters 4 and 7; Byrd, Lu, Nocedal, Zhu, "A limited memory
algorithm for bound constrained optimization", SIAM Journal on Scientific Computing 16 (1995).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.threads import one_thread
from lrlab.problems.models import log_loss, mean_squared_error

MOST = 300  # iterations: on a network L-BFGS may go on for thousands
MEMORY = 10  # gradients that L-BFGS remembers, as SciPy has it
FLAT = 1e-8  # they stop where no part of the gradient is larger: losses of 16 digits can hardly tell flatter from flat
# How far Newton's first step may go. On standardised data minima are nearer, and longer steps overshoot.
FIRST_STEP = 5.0


@dataclass(frozen=True, eq=False)
class Solved:
    """What a solver did: row 0 is the start, row i is after i iterations.

    method: "closed form", "Newton" or "L-BFGS"
    w: (iterations + 1, dim), the weights
    loss: (iterations + 1,), the training loss at each w. watched: the same on validation rows, where there are some
    gradients, hessians: (iterations + 1,), how many it took to get there: those at this w, if any, are for the next
    done: whether it stopped of itself, and not because it had no iterations left
    """

    method: str
    w: Array
    loss: Array
    watched: Array
    gradients: Array
    hessians: Array
    done: bool

    @property
    def iterations(self) -> int:
        """Number of iterations."""
        return len(self.w) - 1

    @property
    def work(self) -> Array:
        """(iterations + 1,): gradients computed, a Hessian counted as dim of them: differences would take so many."""
        return self.gradients + self.w.shape[1] * self.hessians


def solvers(problem: Problem, start: Any = None, most: int = MOST) -> list[Solved]:
    """What every solver that fits the problem does, from ``start`` (the problem's own if left out).

    The closed form fits least squares, Newton's method a convex problem that has a Hessian, L-BFGS all.
    most: how many iterations each may do
    """
    w = problem.start_point if start is None else np.asarray(start, float)
    found = [closed_form(problem, w)] if is_least_squares(problem) else []
    if problem.convex and problem.hessian is not None:
        found.append(newton(problem, w, most))
    return [*found, lbfgs(problem, w, most)]


def closed_form(problem: Problem, start: Array) -> Solved:
    """Linear least squares, solved in one go by numpy.linalg.lstsq. start: (dim,), which only the picture needs."""
    assert problem.samples is not None
    solution, *_ = np.linalg.lstsq(problem.samples.inputs, problem.samples.targets)
    none = np.zeros(2, int)
    return _solved("closed form", problem, [start, solution], none, none, True)


def newton(problem: Problem, start: Array, most: int = MOST) -> Solved:
    """Newton's method in a trust region, by SciPy. The problem must have a Hessian. start: (dim,)"""
    assert problem.hessian is not None
    trust = {"initial_trust_radius": FIRST_STEP, "max_trust_radius": 1000 * FIRST_STEP}
    return _minimize("Newton", problem, start, most, "trust-exact", gtol=FLAT, **trust)


def lbfgs(problem: Problem, start: Array, most: int = MOST) -> Solved:
    """L-BFGS, by SciPy; for any problem with a gradient. start: (dim,)"""
    endless = {"ftol": 0.0, "maxfun": 10**9}  # the gradient says when it is done
    return _minimize("L-BFGS", problem, start, most, "L-BFGS-B", gtol=FLAT, maxcor=MEMORY, **endless)


def is_least_squares(problem: Problem) -> bool:
    """Whether the loss is the mean squared error of a linear model of the problem's own samples, with no penalty."""
    return _is_loss(problem, lambda w, inputs, targets: mean_squared_error(w @ inputs.T, targets))


def start_of(problem: Problem, seed: int) -> Array:
    """A place to start from, (dim,): the problem's own for seed 0, else one at random in its view."""
    if seed == 0:
        return problem.start_point
    low, high = np.transpose(np.asarray(problem.view, float))
    return np.random.default_rng(seed).uniform(low, high)


def _is_loss(problem: Problem, loss: Callable[[Array, Array, Array], Array]) -> bool:
    """Whether the problem's loss is this one, of (w, inputs, targets), at its start and at places around."""
    rows = problem.samples
    if rows is None or rows.inputs.shape[1:] != (problem.dim,) or rows.targets.ndim != 1:
        return False
    around = np.random.default_rng(0).standard_normal((5, problem.dim))
    w = np.vstack([problem.start_point, around])
    return bool(np.allclose(loss(w, rows.inputs, rows.targets), problem.loss(w), rtol=1e-10))


class _Counted:
    """A function, and how often it has been worked out. Asked for the same point again, as SciPy does, it remembers."""

    def __init__(self, function: Callable[[Array], Array] | None) -> None:
        self._function = function
        self._point: Array | None = None
        self.calls = 0

    def __call__(self, w: Array) -> Array:
        assert self._function is not None
        if self._point is None or not np.array_equal(w, self._point):
            self._point, self._value = w.copy(), self._function(w)
            self.calls += 1
        return self._value

    def calls_before(self, w: Array) -> int:
        """How often at other points than ``w``, where it may have been called last."""
        return self.calls - bool(self._point is not None and np.array_equal(w, self._point))


def _minimize(method: str, problem: Problem, start: Array, most: int, scipys: str, **options: Any) -> Solved:
    from scipy.optimize import minimize  # here, so that `import lrlab` is quick

    grad, hessian = _Counted(problem.grad), _Counted(problem.hessian)
    w, gradients, hessians = [start], [0], [0]

    def note(here: Array) -> None:
        moved = not np.array_equal(here, w[-1])  # a step that is rejected has cost something too
        gradients.append(grad.calls_before(here) if moved else grad.calls)
        hessians.append(hessian.calls_before(here) if moved else hessian.calls)
        w.append(here.copy())

    with np.errstate(all="ignore"), one_thread():
        result = minimize(
            problem.loss, start, jac=grad, hess=hessian if scipys == "trust-exact" else None, method=scipys,
            callback=note, options={"maxiter": most, **options},
        )  # fmt: skip
        return _solved(method, problem, w, gradients, hessians, bool(result.success))


def _solved(method: str, problem: Problem, w: Any, gradients: Any, hessians: Any, done: bool) -> Solved:
    w = np.array(w)
    return Solved(method, w, problem.loss(w), problem.watch(w), np.array(gradients), np.array(hessians), done)


# The same by scikit-learn ---------------------------------------------------------------------------------------------


class Fitted(NamedTuple):
    """What scikit-learn makes of the same rows.

    call: as one writes it. w: (dim,). iterations: None where there are none
    """

    call: str
    w: Array
    iterations: int | None


def by_scikit_learn(problem: Problem) -> list[Fitted]:
    """The estimators that minimise the very loss of ``problem``, fitted from weights of 0.

    The list is empty for other losses, for samples without a last column of ones, and without scikit-learn.

    LinearRegression minimises the sum of squared errors, the loss times the number of rows n. LogisticRegression
    minimises C times the sum of log-losses, plus |w|^2 / 2. With a penalty of l2 / 2 |w|^2 beside the mean of
    log-losses, C = 1 / (n l2) makes that the loss divided by l2.
    """
    rows = problem.samples
    if find_spec("sklearn") is None or rows is None or rows.inputs.ndim != 2 or (rows.inputs[:, -1] != 1).any():
        return []  # an intercept is what a column of ones stands for
    if is_least_squares(problem):
        from sklearn.linear_model import LinearRegression

        linear = LinearRegression().fit(rows.inputs[:, :-1], rows.targets)
        return [Fitted("LinearRegression()", np.append(linear.coef_, linear.intercept_), None)]
    l2 = penalty_of_logistic(problem)
    if l2 is None:
        return []
    from sklearn.linear_model import LogisticRegression

    strength, found = 1 / (len(rows.targets) * l2), []
    for solver in ("newton-cholesky", "lbfgs"):
        model = LogisticRegression(C=strength, solver=solver)
        with one_thread():
            model.fit(rows.inputs[:, :-1], rows.targets)
        call = f'LogisticRegression(C={strength:.4g}, solver="{solver}")'
        found.append(Fitted(call, np.append(model.coef_[0], model.intercept_), int(model.n_iter_[0])))
    return found


def penalty_of_logistic(problem: Problem) -> float | None:
    """The l2 for which the loss is the mean log-loss plus l2 / 2 |w|^2, all but the last weight; None where none is."""
    rows = problem.samples
    if rows is None or rows.targets.ndim != 1 or rows.inputs.shape[1:] != (problem.dim,):
        return None
    if not np.isin(rows.targets, (0, 1)).all():
        return None
    first = np.eye(problem.dim)[0]
    l2 = 2 * float(problem.loss(first) - log_loss(first @ rows.inputs.T, rows.targets))
    penalty = np.append(np.full(problem.dim - 1, l2), 0)
    penalised = _is_loss(problem, lambda w, x, y: log_loss(w @ x.T, y) + w**2 @ penalty / 2)
    return l2 if penalised and l2 > 1e-12 else None
