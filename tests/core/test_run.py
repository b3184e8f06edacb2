"""What is read off a Run, against runs made by hand and against plain loops."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrlab.core.descent import train
from lrlab.core.run import Run, Segment
from lrlab.core.settings import Settings
from lrlab.problems.surfaces import ravine

inf, nan = math.inf, math.nan


def run_of(losses: list[Any], rates: list[float] | None = None, watched: list[Any] | None = None) -> Run:
    """One run (or several: rows of numbers) by hand. ``losses`` start with the loss at the start, ``rates`` end with
    the final rate.
    """
    loss = np.array(losses, float).reshape(len(losses), -1)
    runs = loss.shape[1]
    lr = np.array(rates if rates else [0.1] * len(losses), np.float32)[:, None] * np.ones(runs, np.float32)
    return Run(
        w=np.arange(loss.size * 2, dtype=float).reshape(*loss.shape, 2),
        loss=loss,
        watched=loss if watched is None else np.array(watched, float).reshape(loss.shape),
        lr=lr[:-1],
        final_lr=lr[-1],
        improved=np.arange(loss[1:].size).reshape(loss[1:].shape) % 2 == 0,
        settings=Settings(0.1, 0.5, np.arange(runs)),
    )


def test_losses() -> None:
    run = run_of([5, 3, nan, 4], watched=[6, 2, nan, 7])
    assert run.epochs == 3
    np.testing.assert_array_equal(run.monitored[:, 0], [2, nan, 7])
    assert run.final_loss == [7]
    assert run.best_loss == [2]


def test_the_best_loss_may_be_that_of_the_start_and_is_inf_where_there_is_none() -> None:
    assert run_of([[1, nan], [2, nan], [inf, nan]]).best_loss.tolist() == [1, inf]


def test_cuts_are_where_the_rate_falls_the_last_epoch_included() -> None:
    run = run_of([9] * 6, rates=[1, 1, 0.5, 0.5, 0.25, 0.125])
    assert run.cuts[:, 0].tolist() == [False, True, False, True, True]


@pytest.mark.parametrize(
    ("rates", "segments"),
    [
        ([1, 1, 1, 1], [(1, 3, 1.0)]),
        ([1, 1, 0.5, 0.5, 0.25, 0.125], [(1, 2, 1.0), (3, 2, 0.5), (5, 1, 0.25)]),
        ([1, 0.5], [(1, 1, 1.0)]),  # a cut at the very end starts no segment: nothing trains with it
    ],
)
def test_segments(rates: list[float], segments: list[tuple[int, int, float]]) -> None:
    assert run_of([9] * len(rates), rates).segments(0) == segments


@given(alpha=st.floats(0.01, 0.2), factor=st.floats(0.1, 1), patience=st.integers(0, 8), noise=st.floats(0, 2))
def test_segments_cover_every_epoch_at_its_rate(alpha: float, factor: float, patience: int, noise: float) -> None:
    run = train(ravine(10), Settings.pair(alpha, factor, patience), epochs=60, noise=noise)
    for i in (0, 1):
        segments = run.segments(i)
        rates = [segment.rate for segment in segments for _ in range(segment.length)]
        assert rates == run.lr[:, i].tolist()
        assert segments[0].first == 1
        for one, following in pairwise(segments):
            assert following.first == one.first + one.length
            assert following.rate < one.rate


def test_a_segment_lasts_until_the_last_improvement_plus_patience() -> None:
    # At the edge the steep part of the loss stays at 5. The flat part is 0.5 * 0.64^t, which improves on its best by
    # more than 1e-4 up to epoch 17, then (in two epochs together) at 19, and no more.
    run = train(ravine(10), Settings(0.2, 0.5, 3), epochs=100, start=(1, 1))
    segments = run.segments(0)
    assert len(segments) > 2
    for first, length, _ in segments[:-1]:
        improved = np.flatnonzero(run.improved[first - 1 : first - 1 + length, 0]) + 1
        assert length == max(improved, default=0) + 3
    assert segments[0] == (1, 19 + 3, np.float32(0.2))


@given(st.lists(st.sampled_from([0.5, 1.0, 2.0, nan, inf, -inf]), min_size=2, max_size=12), st.sampled_from([1.0, 0.2]))
def test_epochs_to_a_target(losses: list[float], target: float) -> None:
    expected = next((epoch for epoch, loss in enumerate(losses) if loss <= target), nan)
    np.testing.assert_array_equal(run_of(losses).epochs_to(target), [expected])


def test_where_there_is_no_target_nobody_comes_to_it() -> None:
    np.testing.assert_array_equal(run_of([[2, 2], [1, -inf]]).epochs_to(None), [nan, nan])


def idle_epochs(losses: list[float], min_delta: float) -> int:
    """By the definition: epochs that did not improve the best loss by more than min_delta, in float32."""
    idle, best = 0, losses[0]
    for loss in losses[1:]:
        if np.float32(loss + min_delta) < np.float32(best):
            best = loss
        else:
            idle += 1
    return idle


@given(
    alpha=st.floats(0.01, 0.25),
    min_delta=st.sampled_from([0.0, 1e-4, 0.5]),
    noise=st.floats(0, 3),
    n=st.integers(1, 80),
)
def test_idle_epochs_equal_a_plain_count(alpha: float, min_delta: float, noise: float, n: int) -> None:
    run = train(ravine(10), Settings.pair(alpha, 0.5, 3, min_delta=min_delta), epochs=n, noise=noise)
    assert run.idle_epochs.tolist() == [idle_epochs(run.monitored[:, i].tolist(), min_delta) for i in (0, 1)]


@pytest.mark.parametrize(
    ("losses", "epoch"),
    [
        ([5, 4, 3], nan),
        ([5, 4, nan], 2),
        ([5, inf, nan, inf], 1),
        ([5, 1e9, 1e12, 1e15], 1),
        ([5, 4, 5004, 5006, 1e9], 3),  # 1000 times the start above it, and no less
        ([0.1, 999, 1002], 2),  # or 1000, from a start below 1
        ([-0.1, 999, 1002], 2),
        ([5, 1e9, 1e12, 4], nan),  # it came back
        ([5, nan, 4, 1e12], 3),  # it came back, and left for good
        ([5, 4, -inf], nan),  # downwards is no divergence
        ([inf, inf, 3], nan),
        ([inf, inf, inf], 0),
    ],
)
def test_diverged(losses: list[float], epoch: float) -> None:
    np.testing.assert_array_equal(run_of(losses).diverged, [epoch])


def test_either_loss_may_diverge() -> None:
    assert run_of([5, 4, 3, 2], watched=[5, 4, inf, inf]).diverged == [2]
    assert run_of([5, 4, 3, inf], watched=[5, 4, 3, 2]).diverged == [3]


def test_each_run_is_read_by_itself() -> None:
    run = run_of([[5, 5, 5], [4, inf, 6], [1, inf, 7]])
    np.testing.assert_array_equal(run.diverged, [nan, 1, nan])
    np.testing.assert_array_equal(run.epochs_to(4), [1, nan, nan])
    assert run.best_loss.tolist() == [1, 5, 5]
    assert run.idle_epochs.tolist() == [1, 1, 1]


@pytest.mark.parametrize("runs", [1, -1, slice(0, 2), np.array([2, 0]), np.array([True, False, True])], ids=repr)
def test_some_of_the_runs(runs: Any) -> None:
    run = run_of([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    part = run[runs]
    kept = np.atleast_1d(np.arange(3)[runs])
    for name in ("w", "loss", "watched", "lr", "improved"):
        assert (getattr(part, name) == getattr(run, name)[:, kept]).all(), name
    assert part.settings.patience.tolist() == kept.tolist()
    assert len(part.final_lr) == len(part.settings) == len(kept)
    assert isinstance(part.segments(0)[0], Segment)


def test_the_record_of_training_agrees_with_itself() -> None:
    problem = ravine(10)
    run = train(problem, Settings.pair(0.15, 0.5, 2), epochs=40, noise=0.5, start=(1, 1))
    assert run.w.shape == (41, 2, 2)
    assert run.loss.shape == run.watched.shape == (41, 2)
    assert run.lr.shape == run.improved.shape == run.monitored.shape == run.cuts.shape == (40, 2)
    np.testing.assert_array_equal(run.loss, problem.loss(run.w))
    assert (run.w[0] == (1, 1)).all()
    assert (run.lr[0] == np.float32(0.15)).all()
    assert (run.lr[1:] / run.lr[:-1])[run.cuts[:-1]] == pytest.approx(0.5)
    assert run.cuts[:, 1].any()
    assert not run.cuts[:, 0].any()
