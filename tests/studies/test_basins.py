"""Where runs end, against surfaces on which one can see it by eye."""

import numpy as np
import pytest

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.settings import Settings
from lrlab.studies.basins import DIVERGED, ELSEWHERE, MOVING, basins, global_minima, grid_of_starts, reach


def two_wells(minima=((-1.0,), (1.0,)), view=((-2.0, 2.0),)) -> Problem:
    """(x^2 - 1)^2: two equal wells, parted by 0, which is flat too. Small rates end on the side where they begin."""
    return Problem(
        name="wells", formula="", start=(0.5,), view=view, convex=False, minima=minima,
        loss=lambda w: (w[..., 0] ** 2 - 1) ** 2, grad=lambda w: 4 * w * (w**2 - 1),
    )  # fmt: skip


def ends_from(problem: Problem, starts, alpha=0.05, factor=1.0, epochs=100, **options):
    settings = Settings(alpha, np.full(len(starts), factor), 5, **options)
    return basins(problem, train(problem, settings, epochs=epochs, start=np.asarray(starts, float)))


def test_each_start_goes_to_the_well_on_its_side() -> None:
    result = ends_from(two_wells(), [(-1.7,), (-0.2,), (0.2,), (1.7,)])
    assert result.ends.tolist() == [0, 0, 1, 1]
    assert result.global_share == 1.0
    np.testing.assert_allclose(result.loss, 0, atol=1e-12)


def test_what_is_in_no_listed_minimum_is_told_apart() -> None:
    only_left = two_wells(minima=((-1.0,),))
    starts = [(-1.5,), (1.5,), (0.0,), (50.0,)]
    assert ends_from(only_left, starts).ends.tolist() == [0, ELSEWHERE, ELSEWHERE, DIVERGED]
    assert ends_from(only_left, [(-0.3,)], epochs=2).ends.tolist() == [MOVING]
    assert ends_from(only_left, starts).global_share == 0.25


def test_a_run_that_crawls_or_was_cut_to_a_standstill_is_not_at_rest() -> None:
    rosenbrock = problems.find("rosenbrock")
    crawls = ends_from(rosenbrock, [(-1.2, 1.0)], alpha=0.001, epochs=300)
    frozen = ends_from(rosenbrock, [(-1.2, 1.0)], alpha=0.001, factor=0.01, epochs=300, min_delta=1.0)
    assert crawls.ends.tolist() == frozen.ends.tolist() == [MOVING]


def test_a_run_that_rattles_about_a_minimum_has_not_settled_in_it() -> None:
    washboard = problems.find("tilted_washboard")
    starts = grid_of_starts(washboard, 40)
    rattles = ends_from(washboard, starts, alpha=1.0, epochs=200)
    assert (rattles.ends == MOVING).mean() > 0.95
    settles = ends_from(washboard, starts, alpha=1.0, factor=0.5, epochs=200)
    assert (settles.ends == 0).mean() > 0.7


def test_a_saddle_is_a_place_of_rest() -> None:
    assert ends_from(problems.find("saddle"), [(1.0, 0.0)]).ends.tolist() == [ELSEWHERE]


def test_share_and_epochs_are_those_of_the_runs() -> None:
    camel = problems.find("six_hump_camel")
    starts = grid_of_starts(camel, 25)
    run = train(camel, Settings(0.03, np.full(len(starts), 0.5), 5), epochs=100, start=starts)
    result = basins(camel, run)
    best = np.asarray(camel.minima)[:2]  # the two global ones
    width = np.ptp(camel.view, axis=1)
    near = np.array([(np.linalg.norm((end - best) / width, axis=1) < reach(camel)).any() for end in run.w[-1]])
    assert result.global_share == near.mean()
    assert 0.3 < result.global_share < 0.9
    assert result.median_epochs == np.median([run.epochs_to(camel.target)[i] for i in np.flatnonzero(near)])


def test_with_no_minimum_known_nothing_is_claimed() -> None:
    result = ends_from(two_wells(minima=()), [(-1.5,), (1.5,)])
    assert result.ends.tolist() == [ELSEWHERE, ELSEWHERE]
    assert np.isnan(result.global_share)
    assert np.isnan(result.median_epochs)


@pytest.mark.parametrize(("name", "expected"), [("himmelblau", 4), ("six_hump_camel", 2), ("styblinski_tang", 1)])
def test_global_minima_are_all_the_deepest_ones(name: str, expected: int) -> None:
    assert global_minima(problems.find(name)).tolist() == list(range(expected))


def test_starts_lie_in_the_middle_of_their_cells() -> None:
    starts = grid_of_starts(problems.find("himmelblau"), 4).reshape(4, 4, 2)  # the view is (-5, 5), (-5, 5)
    np.testing.assert_allclose(starts[0, :, 0], [-3.75, -1.25, 1.25, 3.75])
    np.testing.assert_allclose(starts[:, 2, 1], [-3.75, -1.25, 1.25, 3.75])
    assert grid_of_starts(two_wells(), 8).shape == (8, 1)


def test_minima_that_lie_close_together_are_told_apart() -> None:
    wells = two_wells(view=((-200.0, 200.0),))
    assert reach(wells) * 400 < 1
    assert ends_from(wells, [(-1.2,), (1.2,)]).ends.tolist() == [0, 1]
