"""Every problem of the catalogue against numbers worked out without it, and what a Problem refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrlab.core.descent import train
from lrlab.core.gradients import Differences, wrong_gradient
from lrlab.core.problem import Problem
from lrlab.core.samples import Samples
from lrlab.core.settings import Settings
from lrlab.problems import CATALOGUE, GROUPS, find

PROBLEMS = {name: make() for name, make in CATALOGUE.items()}
every_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
seeds = st.integers(0, 10**6)

# Where a loss has a corner. Differences of it say nothing about the gradient from nearer than 1 % of the view.
CORNERS = {"absolute value": (0.0,), "ackley": (0.0, 0.0)}


def points(problem: Problem, seed: int, shape: tuple[int, ...] = (20,)) -> np.ndarray:
    """Random weights in the view, of shape (*shape, dim)."""
    low, high = np.transpose(problem.view)
    return np.random.default_rng(seed).uniform(low, high, (*shape, problem.dim))


def smooth_points(problem: Problem, seed: int, shape: tuple[int, ...] = (20,)) -> np.ndarray:
    """The same, (n, dim), without those that are next to a corner."""
    w = points(problem, seed, shape)
    if problem.name not in CORNERS:
        return w
    away = np.abs(w - CORNERS[problem.name]) / np.ptp(problem.view, axis=1)
    return w[away.max(axis=-1) > 0.01]


def fewer(problem: Problem, many: int) -> int:
    """``many`` points, or fewer where each costs a pass over digits with hundreds of weights."""
    return many if problem.dim <= 50 else max(many // 100, 4)


def slopes(problem: Problem, w: np.ndarray, directions: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The slopes of the loss at w (n, dim) along directions (m, dim), by central differences: (n, m)."""
    steps = h * directions
    return (problem.loss(w[:, None] + steps) - problem.loss(w[:, None] - steps)) / (2 * h)


def numerical_hessian(problem: Problem, w: np.ndarray, h: float = 1e-4) -> np.ndarray:
    """By central differences of the gradient."""
    steps = h * np.eye(problem.dim)
    return np.stack([(problem.grad(w + step) - problem.grad(w - step)) / (2 * h) for step in steps])


@every_problem
@given(seed=seeds)
def test_grad_is_the_gradient_of_loss(problem: Problem, seed: int) -> None:
    w = smooth_points(problem, seed, (fewer(problem, 20),))
    directions = np.eye(problem.dim)
    if problem.dim > 50:
        directions = np.random.default_rng(seed).standard_normal((2, problem.dim))
    directions = directions * np.ptp(problem.view, axis=1)
    expected = slopes(problem, w, directions)
    np.testing.assert_allclose(
        problem.grad(w) @ directions.T, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max(initial=0)
    )


@every_problem
def test_minima_are_flat_and_lower_than_all_around(problem: Problem) -> None:
    size = np.abs(problem.grad(points(problem, 0))).max()
    for minimum in np.asarray(problem.minima, float):
        assert np.abs(problem.grad(minimum)).max() < 1e-7 * size
        everywhere = points(problem, 1, (fewer(problem, 1000),))
        nearby = minimum + 1e-3 * (everywhere - minimum)
        assert (problem.loss(nearby) > problem.loss(minimum)).all()
        if problem.convex:
            assert (problem.loss(everywhere) > problem.loss(minimum)).all()


@every_problem
def test_curvature_is_the_largest_eigenvalue_of_the_hessian_at_the_minimum(problem: Problem) -> None:
    if problem.curvature is not None:
        hessian = numerical_hessian(problem, np.asarray(problem.minima[0], float))
        np.testing.assert_allclose(hessian, hessian.T, atol=1e-6 * problem.curvature)
        assert problem.curvature == pytest.approx(np.linalg.eigvalsh(hessian).max(), rel=1e-5)
        assert problem.stability_edge() == pytest.approx(2 / problem.curvature)


@every_problem
def test_convex_means_below_every_chord(problem: Problem) -> None:
    chords = fewer(problem, 4000)
    a, b = points(problem, 0, (chords,)), points(problem, 1, (chords,))
    share = np.random.default_rng(2).random(chords)
    between = problem.loss(share[:, None] * a + (1 - share[:, None]) * b)
    chord = share * problem.loss(a) + (1 - share) * problem.loss(b)
    assert (between <= chord + 1e-12 * np.abs(chord)).all() == problem.convex


@every_problem
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (2, 3, 4), (0,)])
def test_functions_take_any_leading_shape(problem: Problem, shape: tuple[int, ...]) -> None:
    w = points(problem, 0, shape)
    kept = w.copy()
    for function, tail in ((problem.loss, ()), (problem.watch, ()), (problem.grad, (problem.dim,))):
        values = function(w)
        assert np.shape(values) == shape + tail
        if w.size:
            last = (-1,) * len(shape)
            np.testing.assert_allclose(np.asarray(values)[last], function(w[last]), rtol=1e-12)
    assert (w == kept).all()


@every_problem
def test_start_minima_and_alpha_range_make_sense(problem: Problem) -> None:
    low, high = np.transpose(problem.view)
    for point in (problem.start_point, *np.asarray(problem.minima)):
        assert (low <= point).all()
        assert (point <= high).all()
    assert 0 < problem.alpha_range[0] < problem.alpha_range[1]
    if problem.curvature is not None:  # a slider that can be moved past the edge
        assert problem.alpha_range[0] < problem.stability_edge() < problem.alpha_range[1]
    assert len(problem.axes) == problem.dim
    assert problem.teaches


@every_problem
def test_target_is_nearly_all_the_way_down(problem: Problem) -> None:
    if len(problem.minima):
        at_start, at_best = problem.watch(problem.start_point), min(problem.watch(np.asarray(problem.minima, float)))
        assert problem.lowest == pytest.approx(at_best)
        assert (at_start - problem.target) / (at_start - at_best) == pytest.approx(0.999)


def test_with_nothing_known_there_is_no_target_and_no_edge() -> None:
    unknown = problem_of(minima=(), curvature=None)
    assert (unknown.lowest, unknown.target, unknown.stability_edge()) == (None, None, None)


def test_a_problem_stands_in_the_group_of_its_kind() -> None:
    for group, members in GROUPS.items():
        for name in members:
            assert PROBLEMS[name].convex == ("not convex" not in group), name
            assert (PROBLEMS[name].samples is None) == ("on data" not in group), name
            assert ("urfaces" in group) == ("on data" not in group)


@every_problem
def test_names_and_words_fit_into_menus_and_titles(problem: Problem) -> None:
    assert problem.formula.count("$") % 2 == 0
    assert len(problem.name) <= 35
    assert len(problem.teaches) <= 120
    assert problem.teaches.endswith(".")
    assert "!" not in problem.teaches


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["linear_regression", "Linear regression", " linear-regression "])
def test_find_takes_a_name_in_many_spellings(spelling: str) -> None:
    assert find(spelling).name == "linear regression"


def test_find_hands_back_a_problem() -> None:
    mine = problem_of()
    assert find(mine) is mine


@pytest.mark.parametrize(("typo", "meant"), [("ravin", "ravine"), ("bowel", "bowl"), ("Lineer regression", "linear")])
def test_find_names_the_nearest(typo: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"got '{typo}'. Did you mean '{meant}"):
        find(typo)


def test_find_lists_the_names_where_none_is_near() -> None:
    with pytest.raises(ValueError, match="There are: " + ", ".join(CATALOGUE)):
        find("xyz")
    with pytest.raises(TypeError, match=r"problem must be a name or a lrlab.Problem, got 3"):
        find(3)  # type: ignore[arg-type]


# What a Problem refuses -----------------------------------------------------------------------------------------------


def problem_of(**changes: Any) -> Problem:
    """One that somebody has written: x^2 + y^2."""
    right = {
        "name": "mine",
        "formula": "$x^2 + y^2$",
        "loss": lambda w: (w**2).sum(-1),
        "grad": lambda w: 2 * w,
        "start": (1.0, 2.0),
        "view": ((-3, 3), (-3, 3)),
        "convex": True,
        "minima": [(0.0, 0.0)],
        "curvature": 2.0,
    }
    return Problem(**(right | changes))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"view": ((-3, 3),)},
            r"mine: view must be one \(low, high\) for each of the 2 numbers.*, got \(\(-3, 3\),\)",
        ),
        ({"minima": [(float("nan"), 0.0)]}, r"mine: minima must be a list of points of 2 numbers"),
        ({"alpha_range": (1.0, float("inf"))}, r"mine: alpha_range must be \(low, high\), with 0 < low < high, got"),
        ({"alpha_range": (1.0,)}, r"mine: alpha_range must be \(low, high\), with 0 < low < high, got \(1.0,\)"),
        ({"epochs": 0}, "epochs must be a whole number from 1 to 100,000, got 0"),
        ({"minima": [(0.0,)]}, r"mine: minima must be a list of points of 2 numbers, got \[\(0.0,\)\]"),
        (
            {"loss": lambda w: w**2},
            r"mine: loss must turn .* into \(...\), .* gave the shape \(3, 2\)",
        ),
        (
            {"grad": lambda w: w[..., 0]},
            r"mine: grad must turn .* into \(..., 2\), .* gave the shape \(3,\)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(change: dict[str, Any], says: str) -> None:
    assert problem_of().dim == 2
    with pytest.raises(ValueError, match=says):
        problem_of(**change)


@pytest.mark.parametrize(
    "slip",
    [
        lambda w: w,  # a factor 2
        lambda w: 2 * w * [1, -1],  # a sign
        lambda w: 2 * w[..., ::-1],  # x for y
        lambda w: 2 * w + 0.01,
    ],
)
def test_a_wrong_gradient_is_told_on_entry(slip: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(
        ValueError, match=r"mine: grad must be the gradient of loss, but at \(.*differences of the loss"
    ):
        problem_of(grad=slip)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"loss": lambda w: w.T[0] ** 2 + w.T[1] ** 2},
            r"gave something else once they stood in an array of shape \(1, 3, 2\)",
        ),
        ({"loss": lambda w: (w**2).sum(-1) + w.mean()}, "gave other numbers than for each alone"),
        (
            {"loss": lambda w: (w.astype(np.float32) ** 2).sum(-1), "grad": None},
            "loss is too coarse to take differences of. Work it out in float64",
        ),
        (
            {"minima": [(1.0, 1.0)]},
            r"minima must be places where the loss is lower than all around, and at \(1.0, 1.0\)",
        ),
    ],
)
def test_subtle_slips_are_told_on_entry(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        problem_of(**change)


X = np.linspace(-1, 1, 20)


def line_on(**changes: Any) -> Problem:
    """w * x fitted to 2 * x, on 20 rows."""
    right = {
        "inputs": X,
        "targets": 2 * X,
        "grad": lambda w, x, y: (2 * (w * x - y) * x).mean(axis=-1, keepdims=True),
        "validation_loss": lambda w: (w[..., 0] - 2) ** 2,
    }
    samples = Samples(**(right | changes))
    loss = lambda w: np.mean((w * X - 2 * X) ** 2, axis=-1)  # noqa: E731
    return problem_of(
        loss=loss, grad=None, start=(0.0,), view=((-3, 3),), minima=(), curvature=None, samples=samples
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"validation_loss": lambda w: np.mean((w * X - X) ** 2)}, r"samples.validation_loss must turn .* shape \(\)"),
        (
            {"validation_loss": lambda w: w[..., 0] + w.mean()},
            r"samples.validation_loss must .* other numbers than for each alone\. .*mean\(axis=-1\)",
        ),
        ({"score": lambda w: w}, r"samples.score must turn .* into \(...\), .* gave the shape \(3, 1\)"),
        ({"grad": lambda w, x, y: (w * x - y).mean()}, r"samples.grad, over all rows, must turn .* shape \(\)"),
        ({"targets": X[:-1]}, "inputs and targets must have the same number of rows, got 20 and 19"),
        ({"inputs": [], "targets": []}, "inputs must have 1 row or more, got shape"),
        ({"targets": 3.0}, "targets must have 1 row or more, got shape"),
    ],
)
def test_samples_that_mix_runs_or_rows_are_told_on_entry(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        line_on(**change)


@pytest.mark.parametrize("inputs", [["a"] * 20, [[1.0], [1.0, 2.0]] * 10, None, np.array([{}] * 20)])
def test_inputs_that_are_no_numbers_are_told_on_entry(inputs: Any) -> None:
    with pytest.raises(TypeError, match=r"inputs must be an array of numbers, row by row, got .*Try"):
        line_on(inputs=inputs)


def test_inputs_and_targets_may_be_lists() -> None:
    lists = line_on(inputs=X.tolist(), targets=(2 * X).tolist())
    runs = [train(line, Settings(0.1, 0.5, 5), epochs=3, batch_size=8) for line in (line_on(), lists)]
    np.testing.assert_array_equal(runs[0].w, runs[1].w)


@pytest.mark.parametrize("grad", [None, lambda w: 2 * w])
def test_a_loss_in_float32_gets_no_advice_that_does_not_help(grad: Any) -> None:
    with pytest.raises(ValueError, match=r"loss is too coarse to take differences of\. Work it out in float64\.$"):
        problem_of(loss=lambda w: (w.astype(np.float32) ** 2).sum(-1), grad=grad)


@pytest.mark.parametrize("grad", [None, lambda w: 2 * w])
@pytest.mark.parametrize("number", [bool, complex, str])
def test_a_loss_that_is_no_number_is_told(number: type, grad: Any) -> None:
    with pytest.raises(
        (TypeError, ValueError), match=r"mine: loss must (give numbers, and gives (bool|complex128)|turn)"
    ):
        problem_of(loss=lambda w: (w**2).sum(-1).astype(number), grad=grad)


def test_minima_known_to_three_digits_will_do() -> None:
    problem_of(minima=[(0.004, -0.003)])


def test_a_corner_is_no_mistake_even_where_the_check_looks() -> None:
    def mistake(grad: Callable[[np.ndarray], np.ndarray]) -> str | None:
        corners = np.array([[0.0, 1.0], [0.5, 0.0], [0.0, 0.0]])
        return wrong_gradient(lambda w: np.abs(w).sum(-1), grad, corners, np.array([10.0, 6.0]))

    assert mistake(np.sign) is None
    for at_corner in (-1, 1):
        assert mistake(lambda w, side=at_corner: np.where(w == 0, side, np.sign(w))) is None
    assert "differences of the loss" in mistake(lambda w: -np.sign(w))
    assert "differences of the loss" in mistake(lambda w: 1.1 * np.sign(w))


def test_a_gradient_left_out_is_taken_by_differences() -> None:
    left_out = problem_of(grad=None)
    assert problem_of().has_exact_gradient
    assert not left_out.has_exact_gradient
    w = points(left_out, 0, (3, 4))
    np.testing.assert_allclose(left_out.grad(w), 2 * w, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(left_out.grad(w), Differences(left_out.loss, np.array([6, 6]))(w))


@given(
    seed=seeds, name=st.sampled_from(["himmelblau", "two_wells", "double_well", "log_sum_exp", "linear_regression_10"])
)
def test_differences_are_close_to_exact_gradients(seed: int, name: str) -> None:
    problem = PROBLEMS[name]
    w = points(problem, seed, (3, 4))
    exact = problem.grad(w)
    near = Differences(problem.loss, np.ptp(problem.view, axis=1))(w)
    np.testing.assert_allclose(near, exact, atol=1e-7 * np.abs(exact).max())


def test_one_weight_and_thirty() -> None:
    line = problem_of(start=(1.0,), view=((-3, 3),), minima=[(0.0,)])
    assert (line.dim, line.axes, line.lowest) == (1, ("x",), 0)
    thirty = {"start": [1.0] * 30, "view": [(-3, 3)] * 30, "minima": np.zeros((1, 30))}
    many = problem_of(**thirty)
    assert (many.dim, many.axes[0], many.axes[29], many.lowest) == (30, "w1", "w30", 0)
    assert many.loss(many.start_point) == 30
    left_out = problem_of(**thirty, grad=None)
    np.testing.assert_allclose(left_out.grad(points(many, 0)), many.grad(points(many, 0)), rtol=1e-6, atol=1e-8)
    one_of_thirty = np.where(np.arange(30) == 17, -2, 2)
    with pytest.raises(
        ValueError, match=r"must be the gradient of loss, but at .* along some direction, it gives a slope"
    ):
        problem_of(**thirty, grad=lambda w: one_of_thirty * w)
