"""Methods without a learning rate: they end where scikit-learn's do, and what they cost is counted from outside."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss, mean_squared_error

from lrlab import problems
from lrlab.core.arrays import Array
from lrlab.core.descent import train_pair
from lrlab.core.problem import Problem
from lrlab.problems.models import L2
from lrlab.studies.ratefree import (
    by_scikit_learn,
    closed_form,
    is_least_squares,
    lbfgs,
    newton,
    penalty_of_logistic,
    solvers,
    start_of,
)
from tests.problems.prepared import breast_cancer_of, diabetes_of

LINEAR = {1: problems.linear_regression(), 10: problems.linear_regression(10)}
LOGISTIC = {2: problems.logistic_regression(), 30: problems.logistic_regression(30)}
CONVEX = [*LINEAR.values(), *LOGISTIC.values()]
SOFTMAX = problems.softmax_regression()
MOONS = problems.multilayer_perceptron("moons")
every_convex = pytest.mark.parametrize("problem", CONVEX, ids=lambda problem: problem.name)
METHODS = {"Newton": newton, "L-BFGS": lbfgs}
every_method = pytest.mark.parametrize("method", METHODS)


def below(problem: Problem) -> float:
    assert problem.lowest_loss is not None
    return problem.lowest_loss


def counted(problem: Problem) -> tuple[Problem, dict[str, list[Array]]]:
    """The problem, and at which points its gradient and its Hessian are worked out."""
    calls: dict[str, list[Array]] = {"grad": [], "hessian": []}

    def noted(name: str) -> Any:
        function = getattr(problem, name)

        def call(w: Array) -> Array:
            calls[name].append(np.array(w))
            return function(w)

        return call if function else None

    wrapped = replace(problem, grad=noted("grad"), hessian=noted("hessian"))
    for points in calls.values():
        points.clear()  # a problem tries its functions when it is made
    return wrapped, calls


# They end where they should -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 10])
def test_the_closed_form_is_scikit_learns_solution(features: int) -> None:
    problem, rows = LINEAR[features], diabetes_of(features)
    solved = closed_form(problem, problem.start_point)
    solution = LinearRegression().fit(rows.x, rows.y)
    np.testing.assert_allclose(solved.w[-1], [*solution.coef_, solution.intercept_], rtol=1e-9, atol=1e-12)
    assert solved.loss[-1] == pytest.approx(below(problem), abs=1e-14)
    assert solved.iterations == 1
    assert not solved.work.any()  # it asks for no gradient at all


@every_method
@pytest.mark.parametrize("features", [2, 30])
def test_on_logistic_regression_they_find_scikit_learns_solution(method: str, features: int) -> None:
    problem, rows = LOGISTIC[features], breast_cancer_of(features)
    solved = METHODS[method](problem, problem.start_point)
    solver = LogisticRegression(C=1 / (len(rows.y) * L2), solver="newton-cholesky", tol=1e-14, max_iter=100)
    solution = solver.fit(rows.x, rows.y)
    np.testing.assert_allclose(solved.w[-1], [*solution.coef_[0], *solution.intercept_], atol=2e-6)
    assert solved.done
    assert solved.loss[-1] == pytest.approx(below(problem), abs=1e-12)


@every_convex
@every_method
@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_from_anywhere_they_reach_the_lowest_loss(problem: Problem, method: str, seed: int) -> None:
    solved = METHODS[method](problem, start_of(problem, seed))
    assert solved.loss[-1] - below(problem) < 1e-10
    assert solved.iterations < 80


def test_newton_ends_a_parabola_in_one_step() -> None:
    for problem in LINEAR.values():
        for seed in range(5):
            solved = newton(problem, start_of(problem, seed))
            assert (solved.iterations, solved.gradients[-1], solved.hessians[-1]) == (1, 1, 1)


def test_newton_solves_softmax_regression_too() -> None:
    solved = newton(SOFTMAX, SOFTMAX.start_point, most=15)
    assert solved.loss[-1] - below(SOFTMAX) < 1e-10
    assert solved.work[-1] == solved.gradients[-1] + 650 * solved.hessians[-1]


def test_newton_converges_quadratically() -> None:
    """Once near, each step squares the distance: the number of right digits doubles."""
    solved = newton(LOGISTIC[30], LOGISTIC[30].start_point)
    gaps = solved.loss - below(LOGISTIC[30])
    near = [i for i in range(solved.iterations) if 1e-7 < gaps[i] < 1e-3]
    assert near
    for i in near:
        assert gaps[i + 1] < 20 * gaps[i] ** 1.5


def test_lbfgs_on_a_network_finds_a_flat_place_which_depends_on_the_start() -> None:
    ends = [lbfgs(MOONS, problems.multilayer_perceptron("moons", seed=seed).start_point) for seed in range(6)]
    losses = [solved.loss[-1] for solved in ends]
    assert max(losses) > 5 * min(losses)
    for solved in ends:
        assert np.abs(MOONS.grad(solved.w[-1])).max() < 0.02
        assert solved.loss[-1] < 0.3 * solved.loss[0]
        assert solved.watched[-1] > 2 * solved.watched.min()  # overfitted


# The record -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [*CONVEX, MOONS], ids=lambda problem: problem.name)
def test_losses_are_those_of_the_problem_at_the_iterates(problem: Problem) -> None:
    for solved in solvers(problem, most=30):
        np.testing.assert_array_equal(solved.w[0], problem.start_point)
        np.testing.assert_array_equal(solved.loss, problem.loss(solved.w))
        np.testing.assert_array_equal(solved.watched, problem.watch(solved.w))
        assert len(solved.w) == len(solved.gradients) == len(solved.hessians) == solved.iterations + 1
        assert (np.diff(solved.loss) <= 1e-12).all()
        assert (np.diff(solved.gradients) >= 0).all()
        np.testing.assert_array_equal(solved.work, solved.gradients + problem.dim * solved.hessians)


def test_the_iterates_of_lbfgs_are_scipys() -> None:
    problem = LOGISTIC[30]
    solved = lbfgs(problem, problem.start_point, most=12)
    points = [problem.start_point]
    minimize(
        lambda w: (float(problem.loss(w)), problem.grad(w)), problem.start_point, jac=True, method="L-BFGS-B",
        callback=lambda w: points.append(w.copy()), options={"maxiter": 12, "ftol": 0, "gtol": 1e-8},
    )  # fmt: skip
    np.testing.assert_array_equal(solved.w, points)


@every_method
@pytest.mark.parametrize("problem", [LINEAR[10], LOGISTIC[2], LOGISTIC[30]], ids=lambda problem: problem.name)
@pytest.mark.parametrize("seed", [0, 4])
def test_costs_are_counted_as_an_onlooker_counts_them(problem: Problem, method: str, seed: int) -> None:
    """Stopped after i iterations, a solver has worked out so many gradients and Hessians elsewhere than at its end."""
    solved = METHODS[method](problem, start_of(problem, seed))
    for i in range(1, solved.iterations + 1):
        wrapped, calls = counted(problem)
        stopped = METHODS[method](wrapped, start_of(problem, seed), most=i)
        np.testing.assert_array_equal(stopped.w, solved.w[: i + 1])
        if np.array_equal(solved.w[i], solved.w[i - 1]):
            continue  # a step that was rejected
        for name, counts in {"grad": solved.gradients, "hessian": solved.hessians}.items():
            elsewhere = [point for point in calls[name] if not np.array_equal(point, stopped.w[-1])]
            assert counts[i] == len(elsewhere)


def test_a_line_search_that_tries_in_vain_is_counted() -> None:
    solved = lbfgs(MOONS, MOONS.start_point)
    assert solved.gradients[-1] > solved.iterations + 10


def test_an_epoch_of_gradient_descent_on_all_rows_is_one_gradient_for_each_run() -> None:
    problem, calls = LOGISTIC[2], []
    assert problem.samples is not None
    plain = problem.samples.grad

    def grad(w: Array, inputs: Array, targets: Array) -> Array:
        calls.append((len(w), len(targets)))
        return plain(w, inputs, targets)

    wrapped = replace(problem, samples=replace(problem.samples, grad=grad))
    calls.clear()
    train_pair(wrapped, alpha=1.0, factor=0.5, patience=3, epochs=17, batch_size=426)
    assert calls == [(2, 426)] * 17


def test_no_more_iterations_than_asked_for() -> None:
    for method in METHODS.values():
        solved = method(LOGISTIC[30], LOGISTIC[30].start_point, most=3)
        assert solved.iterations == 3
        assert not solved.done


# Which problems they fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "methods"),
    [
        (LINEAR[1], ["closed form", "Newton", "L-BFGS"]),
        (LINEAR[10], ["closed form", "Newton", "L-BFGS"]),
        (LOGISTIC[2], ["Newton", "L-BFGS"]),
        (MOONS, ["L-BFGS"]),
        (problems.ravine(), ["L-BFGS"]),  # no Hessian was given
    ],
    ids=lambda value: value.name if isinstance(value, Problem) else "",
)
def test_solvers_that_fit(problem: Problem, methods: list[str]) -> None:
    assert [solved.method for solved in solvers(problem, most=2)] == methods


def test_least_squares_are_known_by_their_losses() -> None:
    assert [problem.name for problem in [*CONVEX, SOFTMAX, MOONS, problems.bowl()] if is_least_squares(problem)] == [
        "linear regression",
        "linear regression, 10 features",
    ]
    ridge = replace(LINEAR[1], loss=lambda w: LINEAR[1].loss(w) + 0.01 * (w**2).sum(-1), grad=None, hessian=None,
                    minima=(), samples=replace(LINEAR[1].samples, grad=ridge_grad))  # fmt: skip
    assert not is_least_squares(ridge)


def ridge_grad(w: Array, inputs: Array, targets: Array) -> Array:
    return 2 / len(targets) * (w @ inputs.T - targets) @ inputs + 0.02 * w


def test_the_start_of_seed_0_is_the_problems_own_and_others_lie_in_its_view() -> None:
    np.testing.assert_array_equal(start_of(MOONS, 0), MOONS.start_point)
    low, high = np.transpose(LOGISTIC[30].view)
    starts = [start_of(LOGISTIC[30], seed) for seed in range(1, 6)]
    assert all(((low <= start) & (start <= high)).all() for start in starts)
    assert len({tuple(start) for start in starts}) == 5


# Hessians -------------------------------------------------------------------------------------------------------------


@every_convex
@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_hessians_are_the_differences_of_the_gradient(problem: Problem, seed: int) -> None:
    assert problem.hessian is not None
    w, steps = start_of(problem, seed + 1), 1e-5 * np.eye(problem.dim)
    differences = (problem.grad(w + steps) - problem.grad(w - steps)) / 2e-5
    np.testing.assert_allclose(problem.hessian(w), differences, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("hessian", "says"),
    [
        (lambda w: np.diag([2.0, 2.1]), r"mine: hessian must be the derivative of grad, and at \(.*\) it is not"),
        (lambda w: np.ones(2), r"mine: hessian must turn a point of shape \(2,\) into \(2, 2\), but gave .* \(2,\)"),
    ],
)
def test_a_wrong_hessian_is_told(hessian: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Problem(
            name="mine", formula="", loss=lambda w: (w**2).sum(-1), grad=lambda w: 2 * w, hessian=hessian,
            start=(1.0, 2.0), view=((-3, 3), (-3, 3)), convex=True,
        )  # fmt: skip


# scikit-learn ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("features", [1, 10])
def test_linear_regression_minimises_n_times_the_loss(features: int) -> None:
    problem, rows = LINEAR[features], diabetes_of(features)
    (fitted,) = by_scikit_learn(problem)
    assert problem.loss(fitted.w) == pytest.approx(below(problem), abs=1e-13)
    assert problem.loss(fitted.w) == pytest.approx(
        mean_squared_error(rows.y, rows.x @ fitted.w[:-1] + fitted.w[-1]), rel=1e-12
    )


@pytest.mark.parametrize("features", [2, 30])
def test_logistic_regression_minimises_the_loss_over_its_penalty(features: int) -> None:
    problem, rows = LOGISTIC[features], breast_cancer_of(features)
    l2 = penalty_of_logistic(problem)
    assert l2 == pytest.approx(L2, rel=1e-9)
    w = start_of(problem, 3)
    chances = 1 / (1 + np.exp(-(rows.x @ w[:-1] + w[-1])))
    # As its user guide has it: half the square of the weights, plus C times the sum of the log-losses.
    objective = w[:-1] @ w[:-1] / 2 + 1 / (len(rows.y) * l2) * log_loss(rows.y, chances, normalize=False)
    assert objective == pytest.approx(problem.loss(w) / l2, rel=1e-9)
    fitted = by_scikit_learn(problem)
    assert [one.call for one in fitted] == [
        f'LogisticRegression(C=0.2347, solver="{solver}")' for solver in ("newton-cholesky", "lbfgs")
    ]
    for one in fitted:
        assert 0 <= problem.loss(one.w) - below(problem) + 1e-14 < 1e-6
        assert one.iterations is not None
        assert 3 <= one.iterations < 50


@pytest.mark.parametrize("problem", [SOFTMAX, MOONS, problems.bowl()], ids=lambda problem: problem.name)
def test_other_losses_are_not_taken_for_scikit_learns(problem: Problem) -> None:
    assert by_scikit_learn(problem) == []
