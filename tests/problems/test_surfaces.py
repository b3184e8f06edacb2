"""The surfaces against the literature, by hand, and by scipy's search. Gradients and chords: test_problem.py."""

from math import cos, exp, log, sqrt
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import minimize

import lrlab
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.problems import GROUPS
from lrlab.studies.basins import basins
from tests.core.test_problem import CORNERS, PROBLEMS, numerical_hessian, points, smooth_points

SURFACES = {name: PROBLEMS[name] for group, members in GROUPS.items() if "urfaces" in group for name in members}
every_surface = pytest.mark.parametrize("problem", SURFACES.values(), ids=SURFACES)

# These list their global minimum only, and say so.
MORE_MINIMA = {"rastrigin", "ackley"}


class Known(NamedTuple):
    """Typed in from the sources that the functions name, or worked out with pencil and paper: none is from our code.

    places: of the global minima. half: half a unit in the last digit that is given
    """

    lowest: float
    places: list[tuple[float, ...]]
    half: float = 1e-12


KNOWN = {
    "parabola": Known(0, [(0,)]),
    "absolute_value": Known(0, [(0,)]),
    "double_well": Known(-2.6496, [(-1.2,)]),
    "bowl": Known(0, [(0, 0)]),
    "ravine": Known(0, [(0, 0)]),
    "rotated_ellipse": Known(0, [(0, 0)]),
    "booth": Known(0, [(1, 3)]),
    "matyas": Known(0, [(0, 0)]),
    "huber_valley": Known(0, [(0, 0)]),
    "log_sum_exp": Known(log(2 * sqrt(2)) - 0.1, [(-log(2) / 2, 0)]),
    "saddle": Known(-0.5, [(0, 1), (0, -1)]),
    "monkey_saddle": Known(-0.25, [(-1, 0), (0.5, sqrt(0.75)), (0.5, -sqrt(0.75))]),
    "cliff": Known(-log(1 + exp(-2)), [(2, 0)]),
    "rosenbrock": Known(0, [(1, 1)]),
    "himmelblau": Known(0, [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)], half=1e-6),
    "beale": Known(0, [(3, 0.5)]),
    "six_hump_camel": Known(-1.0316, [(0.0898, -0.7126), (-0.0898, 0.7126)], half=1e-4),
    "styblinski_tang": Known(-78.332, [(-2.903534, -2.903534)], half=5e-4),
    "rastrigin": Known(0, [(0, 0)]),
    "ackley": Known(0, [(0, 0)]),
}

# Values elsewhere: by hand, from the formulas as they are published.
VALUES = {
    "parabola": [((-3,), 9)],
    "absolute_value": [((-3,), 3), ((0.5,), 0.5)],
    "double_well": [((1,), -0.52), ((0.2,), 0.0944), ((0,), 0)],
    "tilted_washboard": [((2,), -cos(6) / 2), ((0,), 0.2 - 0.5), ((-8,), 5 - cos(24) / 2)],
    "bowl": [((-4, 2), (16 + 4) / 2)],
    "ravine": [((-4, 1), (16 + 25) / 2)],
    "rotated_ellipse": [((1, 1), 2.5), ((2, 1), 2.5), ((1, -2), 40)],
    "booth": [((0, 0), 74), ((1, 1), 16 + 4)],
    "matyas": [((10, 10), 4), ((10, -10), 100)],
    "huber_valley": [((0, 1), sqrt(11) - 1), ((sqrt(14), 1), 4)],
    "log_sum_exp": [((0, 0), log(3) - 0.1), ((1, 1), log(exp(4) + exp(-2) + exp(-1)) - 0.1)],
    "two_wells": [((1.5, 1), 3.25 / 40 - 2 - 1.5 * exp(-13 / 4)), ((-1.5, -1), 3.25 / 40 - 2 * exp(-26) - 1.5)],
    "saddle": [((0, 0), 0), ((1, 1), 0.5), ((2, 0), 4)],
    "monkey_saddle": [((0, 0), 0), ((1, 0), 1.75), ((1, 1), 1)],
    "cliff": [((2 - 60, 0), 32), ((2, 0), -log(1 + exp(-2))), ((3, 2), -log(exp(-4) + exp(-2 - 5 / 120)))],
    "rosenbrock": [((-1.2, 1), 24.2), ((0, 0), 1)],
    "himmelblau": [((0, 0), 170), ((-0.270845, -0.923039), 181.617)],  # its local maximum
    "beale": [((1, 1), 14.203125), ((0, 0), 14.203125), ((2, -1), 2.5**2 + 2.25**2 + 1.375**2)],
    "six_hump_camel": [
        ((1, 1), 4 - 2.1 + 1 / 3 + 1),
        ((1.7036, -0.7961), -0.2155),
        ((1.6071, 0.5687), 2.1043),
    ],
    "styblinski_tang": [((0, 0), 0), ((1, 2), (1 - 16 + 5 + 16 - 64 + 10) / 2), ((-2.903534, 2.746803), -64.1956)],
    "rastrigin": [((0.5, 0.5), 40.5), ((1, 2), 5), ((4.52299366, 4.52299366), 80.7066)],
    "ackley": [((1, 1), 20 - 20 * exp(-0.2)), ((0.5, 0.5), 20 + exp(1) - 20 * exp(-0.1) - exp(-1))],
}


@pytest.mark.parametrize("name", SURFACES)
def test_values_are_those_of_the_published_formula(name: str) -> None:
    for point, value in VALUES[name]:
        assert SURFACES[name].loss(np.array(point, float)) == pytest.approx(value, rel=2e-5, abs=5e-5), point


@pytest.mark.parametrize("name", KNOWN)
def test_global_minima_are_where_the_literature_has_them(name: str) -> None:
    problem, known = SURFACES[name], KNOWN[name]
    listed = np.asarray(problem.minima, float)[: len(known.places)]
    np.testing.assert_allclose(listed, known.places, atol=known.half)
    np.testing.assert_allclose(problem.loss(listed), known.lowest, atol=known.half)
    np.testing.assert_allclose(problem.lowest, known.lowest, atol=known.half)
    rest = problem.loss(np.asarray(problem.minima, float)[len(known.places) :])
    assert (rest > known.lowest + 0.1).all()  # the global ones come first


@every_surface
def test_nothing_in_the_view_is_lower_than_the_minimum_or_not_a_number(problem: Problem) -> None:
    sides = [np.linspace(low, high, 100_001 if problem.dim == 1 else 401) for low, high in problem.view]
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    losses = problem.loss(grid)  # outside of train(), so a warning of NumPy's is an error here
    assert np.isfinite(losses).all()
    assert losses.min() >= problem.lowest - 1e-12
    assert np.isfinite(problem.grad(grid)).all()
    assert losses.min() == pytest.approx(problem.lowest, abs=1e-3 * np.ptp(losses))


@every_surface
def test_every_listed_minimum_is_one(problem: Problem) -> None:
    if problem.name in CORNERS:  # there, the slopes on either side point away: test_problem.py looks all around
        return
    for minimum in np.asarray(problem.minima, float):
        eigenvalues = np.linalg.eigvalsh(numerical_hessian(problem, minimum))
        assert eigenvalues.min() > 1e-2
        assert np.abs(problem.grad(minimum)).max() < 1e-13 * eigenvalues.max()  # solved for to the last digits


@pytest.mark.parametrize("name", [name for name in SURFACES if name not in MORE_MINIMA | {"absolute_value"}])
def test_no_minimum_in_the_view_is_missing(name: str) -> None:
    problem = SURFACES[name]
    low, high = np.transpose(problem.view)
    minima, found = np.asarray(problem.minima, float), set()
    with np.errstate(all="ignore"):  # a line search may try far points
        for start in points(problem, 0, (100,)):
            end = minimize(
                problem.loss, start, jac=problem.grad, method="BFGS", options={"gtol": 1e-8, "maxiter": 200}
            ).x
            if ((low < end) & (end < high)).all():
                distances = np.linalg.norm(minima - end, axis=1)
                assert distances.min() < 1e-5, f"from {start} to {end}"
                found.add(int(distances.argmin()))
    assert found == set(range(len(minima)))


@pytest.mark.parametrize("name", sorted(MORE_MINIMA))
def test_where_minima_are_missing_the_docstring_says_so(name: str) -> None:
    problem = SURFACES[name]
    end = minimize(problem.loss, (0.9, 0.9), jac=problem.grad, method="BFGS").x
    assert np.linalg.norm(end - [0.97, 0.97]) < 0.05
    assert "Only this one is" in " ".join(getattr(lrlab.problems, name).__doc__.split())


@every_surface
def test_convex_means_that_no_curvature_is_negative(problem: Problem) -> None:
    w = smooth_points(problem, 3, (300,))
    lowest = [np.linalg.eigvalsh(numerical_hessian(problem, point))[0] for point in w]
    assert (min(lowest) > -1e-6) == problem.convex


@every_surface
def test_everything_that_a_lab_shows_is_there(problem: Problem) -> None:
    assert problem.source
    assert problem.has_exact_gradient
    assert len(problem.minima)
    assert (problem.curvature is None) == (problem.name in CORNERS)
    assert np.abs(problem.grad(problem.start_point)).max() > 1e-3


def test_the_tip_of_the_cone_has_no_slope_and_no_nan() -> None:
    ackley = SURFACES["ackley"]
    for point in ((0.0, 0.0), (1e-200, 0.0), (5e-324, -5e-324)):
        assert np.abs(ackley.grad(np.array(point))).max() <= 2
    assert (ackley.grad(np.zeros((2, 2))) == 0).all()
    assert ackley.loss(np.zeros(2)) == 0


def test_walls_that_level_out_do_not_overflow() -> None:
    far = np.array([(1e5, 1e5), (-1e5, 1e5), (-1e5, 0), (0, -1e5)], float)
    np.testing.assert_allclose(SURFACES["log_sum_exp"].loss(far), [4e5 - 0.1, 2e5 - 0.1, 1e5 - 0.1, 3e5 - 0.1])
    np.testing.assert_allclose(SURFACES["log_sum_exp"].grad(far), [(1, 3), (1, 3), (-1, 0), (1, -3)])
    assert np.linalg.norm(SURFACES["huber_valley"].grad(far), axis=1).max() <= sqrt(10)
    assert np.isfinite(SURFACES["cliff"].loss(far)).all()


# What one sees when they are trained on ---------------------------------------------------------------------------


def pair(problem: Problem, alpha: float) -> Run:
    """A constant run and one with the rule, as a lab shows them at first."""
    return lrlab.train(problem, lrlab.Settings.pair(alpha, 0.5, 5), epochs=problem.epochs)


@every_surface
def test_the_range_of_alpha_holds_progress_and_trouble(problem: Problem) -> None:
    low, high = problem.alpha_range
    middle = pair(problem, float(f"{sqrt(low * high):.2g}"))  # where a lab's slider stands
    assert np.isnan(middle.diverged).all()
    descent = middle.loss[0] - problem.lowest
    assert (middle.final_loss - problem.lowest < 0.75 * descent).all()
    least = pair(problem, low).loss[:, 0]
    assert (np.diff(least) <= 1e-9 + (low if problem.name in CORNERS else 0)).all()
    assert least[-1] < least[0]
    too_much = pair(problem, high)
    assert not too_much.final_loss[0] <= problem.target


def ends(problem: Problem, alpha: float) -> list[int]:
    return basins(problem, pair(problem, alpha)).ends.tolist()


def test_the_narrow_well_throws_a_large_rate_out() -> None:
    wells = SURFACES["two_wells"]
    assert ends(wells, 0.17) == [0, 0]
    assert ends(wells, 0.8) == ends(wells, 1.5) == [1, 1]


def test_the_rule_takes_the_saddle_for_a_plateau() -> None:
    run = pair(SURFACES["saddle"], 0.071)
    constant, plateau = run.final_loss
    assert constant == pytest.approx(-0.5)
    assert plateau == pytest.approx(0, abs=1e-3)


def test_the_cliff_throws_a_large_rate_out() -> None:
    cliff = SURFACES["cliff"]
    assert ends(cliff, 0.32) == [0, 0]
    assert ends(cliff, 1.2)[1] == 0
    assert pair(cliff, 1.2).final_loss[0] > 1
    assert pair(cliff, 0.03).final_loss[0] > 2  # still on the shelf


def test_a_bounded_slope_cannot_blow_up() -> None:
    run = pair(SURFACES["huber_valley"], 2.0)
    assert run.final_loss[0] > 1 > 1e-4 > run.final_loss[1]
    assert run.loss.max() < 20


def test_where_a_run_ends_depends_on_the_rate() -> None:
    assert [ends(SURFACES["himmelblau"], alpha)[1] for alpha in (0.01, 0.015)] == [3, 0]
    assert [ends(SURFACES["six_hump_camel"], alpha)[1] for alpha in (0.03, 0.08)] == [4, 1]
    assert [ends(SURFACES["styblinski_tang"], alpha)[1] for alpha in (0.012, 0.043)] == [3, 1]


# Ravines ----------------------------------------------------------------------------------------------------------


def test_the_edge_of_a_ravine() -> None:
    ravine = lrlab.problems.ravine
    assert ravine(100).stability_edge() == 0.02
    assert ravine(100).stability_edge(momentum=0.9) == pytest.approx(0.038)


@pytest.mark.parametrize("condition", [1, 10, 1e4, 1e12])
def test_a_ravine_fits_its_view_whatever_its_condition(condition: float) -> None:
    problem = lrlab.problems.ravine(condition)
    (_, right), (_, top) = problem.view
    assert problem.curvature == condition
    assert 0.05 < problem.loss(problem.start_point * [0, 1]) / problem.loss(problem.start_point * [1, 0]) < 20
    assert 0 < problem.start_point[1] < top <= 2 * right


@pytest.mark.parametrize("condition", [0.5, -1, float("nan"), 1e13])
def test_a_condition_number_is_1_or_more(condition: float) -> None:
    with pytest.raises(ValueError, match=r"condition must be 1 or more.* Try 25"):
        lrlab.problems.ravine(condition)
