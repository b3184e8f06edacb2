"""Losses of one weight, by hand: what a run does on them can be worked out on paper."""

import numpy as np
import pytest

import lrlab
from lrlab.core.problem import Problem
from lrlab.core.run import Run


def pair(problem: Problem, alpha: float, epochs: int | None = None) -> Run:
    return lrlab.train(problem, lrlab.Settings.pair(alpha, 0.5, 5), epochs=epochs or problem.epochs)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9, 1.0, 1.1])
def test_on_the_parabola_each_step_is_a_factor(alpha: float) -> None:
    run = pair(lrlab.problems.parabola(), alpha, epochs=20)
    expected = -4 * (1 - 2 * np.float64(np.float32(alpha))) ** np.arange(21)
    np.testing.assert_allclose(run.w[:, 0, 0], expected, rtol=1e-9, atol=1e-12)
    assert lrlab.problems.parabola().stability_edge() == 1


def test_on_the_absolute_value_a_constant_rate_rattles_for_ever_and_a_falling_one_settles() -> None:
    run = pair(lrlab.problems.absolute_value(), 0.2)
    x = run.w[20:, 0, 0]
    np.testing.assert_allclose(x[2:], x[:-2], atol=1e-6)  # to and fro between two points, alpha apart
    np.testing.assert_allclose(np.abs(np.diff(x)), 0.2, atol=1e-6)
    assert run.final_loss[1] < 1e-9
    assert lrlab.problems.absolute_value().grad(np.zeros((3, 1))).tolist() == [[0], [0], [0]]


def test_the_double_well_has_its_hump_and_its_wells_where_its_derivative_says() -> None:
    problem = lrlab.problems.double_well()
    x = np.linspace(-2, 2, 41)[:, None]
    np.testing.assert_allclose(problem.grad(x), 4 * (x + 1.2) * (x - 0.2) * (x - 1), atol=1e-12)
    assert problem.curvature == pytest.approx(12 * 1.2**2 - 2 * 2.48)


def test_a_larger_first_step_clears_the_hump() -> None:
    problem = lrlab.problems.double_well()
    assert pair(problem, 0.032).w[-1, :, 0] == pytest.approx([1, 1], abs=0.01)
    assert pair(problem, 0.125).w[-1, :, 0] == pytest.approx([-1.2, -1.2], abs=0.01)


def test_the_washboard_holds_a_small_rate_in_the_first_dip_and_not_a_large_one() -> None:
    problem = lrlab.problems.tilted_washboard()
    dips = np.sort(np.ravel(problem.minima))
    assert pair(problem, 0.17).w[-1, :, 0] == pytest.approx(dips[0], abs=1e-3)
    assert pair(problem, 1.9).w[-1, 1, 0] == pytest.approx(problem.minima[0][0], abs=1e-3)
    assert len(dips) == 7
    assert np.diff(dips) == pytest.approx(2 * np.pi / 3, rel=0.05)  # a period apart, nearly
    assert np.abs(pair(problem, 1.9).w[100:, 0, 0] - problem.minima[0][0]).max() > 1  # the constant run hops on
