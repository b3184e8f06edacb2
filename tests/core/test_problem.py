"""Every problem of the catalogue against numbers worked out without it, and what a Problem refuses."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrlab.core.problem import Problem
from lrlab.core.problems import CATALOGUE, find

PROBLEMS = {name: make() for name, make in CATALOGUE.items()}
every_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
seeds = st.integers(0, 10**6)


def points(problem: Problem, seed: int, shape: tuple[int, ...] = (20,)) -> np.ndarray:
    """Random weights in the view, of shape (*shape, dim)."""
    low, high = np.transpose(problem.view)
    return np.random.default_rng(seed).uniform(low, high, (*shape, problem.dim))


def numerical_gradient(problem: Problem, w: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """By central differences."""
    width = h * np.diff(problem.view).ravel()
    steps = np.diag(width)
    return np.stack(
        [(problem.loss(w + step) - problem.loss(w - step)) / (2 * d) for step, d in zip(steps, width, strict=True)],
        axis=-1,
    )


def numerical_hessian(problem: Problem, w: np.ndarray, h: float = 1e-4) -> np.ndarray:
    """By central differences of the gradient."""
    steps = h * np.eye(problem.dim)
    return np.stack([(problem.grad(w + step) - problem.grad(w - step)) / (2 * h) for step in steps])


@every_problem
@given(seed=seeds)
def test_grad_is_the_gradient_of_loss(problem: Problem, seed: int) -> None:
    w = points(problem, seed)
    expected = numerical_gradient(problem, w)
    np.testing.assert_allclose(problem.grad(w), expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())


@every_problem
def test_minima_are_flat_and_lower_than_all_around(problem: Problem) -> None:
    size = np.abs(problem.grad(points(problem, 0))).max()
    for minimum in np.asarray(problem.minima, float):
        assert np.abs(problem.grad(minimum)).max() < 1e-7 * size
        everywhere = points(problem, 1, (1000,))
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
    a, b = points(problem, 0, (4000,)), points(problem, 1, (4000,))
    share = np.random.default_rng(2).random(4000)
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
        ({"minima": [(0.0,)]}, r"mine: minima must be a list of points of 2 numbers, got \[\(0.0,\)\]"),
        (
            {"loss": lambda w: w**2},
            r"mine: loss must turn .* into \(...\), .* or the shape \(3, 2\)",
        ),
        (
            {"grad": lambda w: w[..., 0]},
            r"mine: grad must turn .* into \(..., 2\), .* or the shape \(3,\)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_refused(change: dict[str, Any], says: str) -> None:
    assert problem_of().dim == 2
    with pytest.raises(ValueError, match=says):
        problem_of(**change)
