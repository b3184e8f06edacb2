"""The plane through a start and two ends, against plain linear algebra."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.studies.landscape import Plane, ends, loss_on, plane_of

MOONS = problems.find("mlp_moons")


def run_of(*paths: np.ndarray) -> Run:
    """A pair whose weights are these paths, (epochs + 1, dim) each, and which has not diverged."""
    w = np.stack(paths, axis=1)
    flat, epochs = np.ones(w.shape[:2]), len(w) - 1
    return Run(w, flat, flat, np.ones((epochs, 2)), np.ones(2), np.ones((epochs, 2), bool), Settings.pair(1, 0.5, 5))


def pair(alpha: float = 1.0, epochs: int = 60) -> Run:
    return train(MOONS, Settings.pair(alpha, 0.5, 3), epochs=epochs, batch_size=32)


def assert_is_frame(plane: Plane) -> None:
    frame = np.stack([plane.along, plane.across])
    np.testing.assert_allclose(frame @ frame.T, np.eye(2), atol=1e-12)


@given(seed=st.integers(0, 10**6), dim=st.integers(2, 40), size=st.sampled_from([1e-6, 1.0, 1e6]))
def test_start_and_both_ends_lie_in_the_plane(seed: int, dim: int, size: float) -> None:
    a, b = size * np.random.default_rng(seed).standard_normal((2, 5, dim))
    b[0] = a[0]
    plane = plane_of(run_of(a, b))
    assert_is_frame(plane)
    points = np.stack([a[0], a[-1], b[-1]])
    coordinates, away = plane.project(points)
    assert away.max() < 1e-12 * np.abs(points).max()
    np.testing.assert_allclose(plane.points(*coordinates.T), points, atol=1e-12 * np.abs(points).max())


@given(seed=st.integers(0, 10**6))
def test_projections_are_the_nearest_points_of_the_plane(seed: int) -> None:
    a, b, w = np.random.default_rng(seed).standard_normal((3, 4, 9))
    b[0] = a[0]
    plane = plane_of(run_of(a, b))
    coordinates, away = plane.project(w)
    frame = np.stack([plane.along, plane.across], axis=1)
    expected, squares, *_ = np.linalg.lstsq(frame, (w - plane.origin).T)
    np.testing.assert_allclose(coordinates, expected.T, atol=1e-12)
    np.testing.assert_allclose(away, np.sqrt(squares), atol=1e-9)


def test_the_plateau_run_ends_on_the_upper_side() -> None:
    plane = plane_of(pair())
    (constant, plateau), _ = plane.project(np.stack(ends(pair())))
    assert plateau[1] > constant[1]
    assert constant[0] + plateau[0] > 0


def test_the_loss_in_the_plane_is_that_of_the_model() -> None:
    run = pair()
    plane = plane_of(run)
    (constant, plateau), _ = plane.project(run.w[-1])
    for end, loss in ((constant, run.loss[-1, 0]), (plateau, run.loss[-1, 1])):
        grid = loss_on(MOONS, plane, np.array([0.0, end[0]]), np.array([0.0, end[1], 2.0]))
        assert grid.shape == (3, 2)
        assert grid[0, 0] == pytest.approx(run.loss[0, 0], rel=1e-10)  # the start
        assert grid[1, 1] == pytest.approx(loss, rel=1e-9)
    a, b = np.linspace(-1, 3, 40), np.linspace(-2, 2, 40)
    whole = loss_on(MOONS, plane, a, b)
    alone = MOONS.loss(plane.origin + a[7] * plane.along + b[31] * plane.across)
    assert whole[31, 7] == pytest.approx(alone, rel=1e-12)


def test_runs_that_are_the_same_still_have_a_plane() -> None:
    path = np.random.default_rng(0).standard_normal((6, 7))
    plane = plane_of(run_of(path, path))
    assert_is_frame(plane)
    _, away = plane.project(path)
    assert away[0] < 1e-12
    assert away[-1] < 1e-12
    assert (away < 1e-12).sum() == 3  # and the point that is furthest from the line between the two


@pytest.mark.parametrize(
    "path",
    [np.zeros((4, 5)), np.ones((4, 5)), np.linspace(0, 1, 4)[:, None] * np.ones(5)],
    ids=["at 0", "stays", "straight"],
)
def test_a_path_without_a_plane_of_its_own_gets_one(path: np.ndarray) -> None:
    plane = plane_of(run_of(path, path))
    assert_is_frame(plane)
    assert plane.project(path)[1].max() < 1e-12


def test_ends_on_opposite_sides_of_the_start() -> None:
    way = np.linspace(0, 1, 4)[:, None] * np.array([1.0, 2.0, 0.0])
    plane = plane_of(run_of(way, -way))
    assert_is_frame(plane)
    assert plane.project(np.stack([way[-1], -way[-1]]))[1].max() < 1e-12


def test_a_run_that_diverged_is_followed_until_it_left() -> None:
    bowl = problems.find("bowl")
    run = train(bowl, Settings.pair(2.5, 0.5, 2), epochs=400)
    assert np.isfinite(run.diverged[0])
    constant, plateau = ends(run)
    assert np.isfinite(constant).all()
    np.testing.assert_array_equal(constant, run.w[int(run.diverged[0]) - 1, 0])
    np.testing.assert_array_equal(plateau, run.w[-1, 1])
    assert_is_frame(plane_of(run))
