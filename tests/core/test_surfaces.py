"""The surfaces' formulas, by hand. Gradients, minima and curvatures: test_problem.py."""

import pytest

from lrlab.core.surfaces import bowl, ravine


def test_values_worked_out_by_hand() -> None:
    assert bowl().loss(bowl().start_point) == (16 + 4) / 2
    assert ravine(25).loss(ravine(25).start_point) == (16 + 25 * 1) / 2  # its start is at (-4, 1)
    assert ravine(100).stability_edge() == 0.02
    assert ravine(100).stability_edge(momentum=0.9) == pytest.approx(0.038)


@pytest.mark.parametrize("condition", [1, 10, 1e4, 1e12])
def test_a_ravine_fits_its_view_whatever_its_condition(condition: float) -> None:
    problem = ravine(condition)
    (_, right), (_, top) = problem.view
    assert problem.curvature == condition
    assert 0.05 < problem.loss(problem.start_point * [0, 1]) / problem.loss(problem.start_point * [1, 0]) < 20
    assert 0 < problem.start_point[1] < top <= 2 * right


@pytest.mark.parametrize("condition", [0.5, -1, float("nan"), 1e13])
def test_a_condition_number_is_1_or_more(condition: float) -> None:
    with pytest.raises(ValueError, match=r"condition must be 1 or more.* Try 25"):
        ravine(condition)
