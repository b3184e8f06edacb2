"""Maps of settings, against single runs of `train`, cell by cell."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.studies.sweep import EPOCHS, GAIN, LOSS, Sweep, beside_constant, measure, sweep

inf, nan = np.inf, np.nan
RAVINE = problems.ravine()
LINE = problems.linear_regression()


def alone(
    problem: Problem, alpha: float, factor: float, patience: int, rule: dict[str, Any], rest: dict[str, Any]
) -> Run:
    return train(problem, Settings(alpha, factor, patience, **rule), **rest)


def came_to(run: Run, metric: str, target: float) -> float:
    """What the cell should be, said another way than in `studies.sweep`."""
    losses = run.watched[:, 0].tolist()
    if metric == EPOCHS:
        return next((epoch for epoch, loss in enumerate(losses) if loss <= target), inf)
    if np.isfinite(run.diverged[0]):
        return inf
    late = losses[-max(run.epochs // 10, 1) :]
    return float(np.mean(late))


@given(
    alpha=st.floats(0.005, 0.12),
    factors=st.lists(st.floats(0.05, 1), min_size=1, max_size=3),
    patiences=st.lists(st.integers(0, 9), min_size=1, max_size=3),
    metric=st.sampled_from([EPOCHS, LOSS]),
    noise=st.sampled_from([0.0, 0.5, 2.0]),
    momentum=st.sampled_from([0.0, 0.8]),
    epochs=st.integers(1, 60),
    seed=st.integers(0, 5),
    rule=st.fixed_dictionaries(
        {"min_delta": st.floats(0, 0.1), "cooldown": st.integers(0, 4), "min_lr": st.floats(0, 0.01)}
    ),
)
@settings(max_examples=60)
def test_each_cell_is_its_run_trained_alone(
    alpha: float, factors: list[float], patiences: list[int], metric: str, noise: float, momentum: float, epochs: int,
    seed: int, rule: dict[str, Any],
) -> None:  # fmt: skip
    rest = {"epochs": epochs, "noise": noise, "momentum": momentum, "seed": seed}
    found = sweep(RAVINE, metric, alpha=alpha, factor=factors, patience=patiences, **rule, **rest)
    assert found.values.shape == found.diverged.shape == (len(factors), len(patiences))
    assert RAVINE.target is not None
    constant = alone(RAVINE, alpha, 1.0, 1, rule, rest)
    assert found.constant.tolist() == [came_to(constant, metric, RAVINE.target)] * len(factors)
    assert found.constant_diverged.tolist() == [np.isfinite(constant.diverged[0])] * len(factors)
    for i, factor in enumerate(factors):
        for j, patience in enumerate(patiences):
            run = alone(RAVINE, alpha, factor, patience, rule, rest)
            assert found.values[i, j] == pytest.approx(came_to(run, metric, RAVINE.target), rel=1e-12)
            assert found.diverged[i, j] == np.isfinite(run.diverged[0])


@pytest.mark.parametrize("metric", [EPOCHS, LOSS])
def test_rows_of_alphas_have_a_constant_run_each(metric: str) -> None:
    alphas, rest = [0.01, 0.05, 0.085], {"epochs": 80, "noise": 0.3, "seed": 3}
    found = sweep(RAVINE, metric, alpha=alphas, factor=0.5, patience=[2, 8], **rest)
    for i, alpha in enumerate(alphas):
        for j, (factor, patience) in enumerate([(0.5, 2), (0.5, 8), (1.0, 1)]):
            run = alone(RAVINE, alpha, factor, patience, {}, rest)
            cell = np.append(found.values[i], found.constant[i])[j]
            assert cell == pytest.approx(came_to(run, metric, RAVINE.target), rel=1e-12)


def test_on_data_a_cell_is_its_run_to_rounding() -> None:
    rest = {"epochs": 20, "batch_size": 32, "seed": 1}
    found = sweep(LINE, LOSS, alpha=0.5, factor=[0.2, 0.7], patience=[1, 4], **rest)
    for i, factor in enumerate([0.2, 0.7]):
        for j, patience in enumerate([1, 4]):
            run = alone(LINE, 0.5, factor, patience, {}, rest)
            assert found.values[i, j] == pytest.approx(came_to(run, LOSS, 0.0), rel=1e-9)


def test_on_data_a_run_whose_training_loss_has_left_is_lost() -> None:
    found = sweep(LINE, LOSS, alpha=1e6, factor=[0.99], patience=[50], epochs=30, batch_size=32)
    run = alone(LINE, 1e6, 0.99, 50, {}, {"epochs": 30, "batch_size": 32})
    assert np.isfinite(run.diverged[0])
    assert found.diverged.all()
    assert found.constant_diverged.all()
    assert found.values.tolist() == [[inf]]


def test_a_cell_is_the_median_over_seeds() -> None:
    rest = {"epochs": 60, "noise": 1.0}
    grid = {"alpha": 0.07, "factor": [0.3, 0.8], "patience": [2, 5, 9]}
    for metric in (EPOCHS, LOSS):
        whole = sweep(RAVINE, metric, **grid, **rest, seed=4, seeds=3)
        parts = [sweep(RAVINE, metric, **grid, **rest, seed=seed) for seed in (4, 5, 6)]
        np.testing.assert_array_equal(whole.values, np.median([part.values for part in parts], axis=0))
        np.testing.assert_array_equal(whole.constant, np.median([part.constant for part in parts], axis=0))
    gains = sweep(RAVINE, GAIN, **grid, **rest, seed=4, seeds=3)
    parts = [sweep(RAVINE, LOSS, **grid, **rest, seed=seed) for seed in (4, 5, 6)]
    ratios = [part.constant[:, None] / part.values for part in parts]  # twins share their noise
    np.testing.assert_allclose(gains.values, np.median(ratios, axis=0))
    assert gains.constant.tolist() == [1.0, 1.0]


def test_without_noise_more_seeds_train_no_more_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = []
    monkeypatch.setattr(
        "lrlab.studies.sweep._losses", lambda *a: passes.append(1) or (np.ones((5, 2)), np.zeros(2, bool))
    )
    sweep(RAVINE, LOSS, alpha=0.05, factor=[0.5], patience=[3], epochs=4, seeds=9)
    assert len(passes) == 1


def test_gain_is_measured_from_the_lowest() -> None:
    well = problems.double_well()
    grid = {"alpha": 0.08, "factor": [0.2, 0.5], "patience": [1, 4], "epochs": 50, "noise": 0.3}
    losses, gains = sweep(well, LOSS, **grid), sweep(well, GAIN, **grid)
    assert well.lowest is not None
    assert well.lowest < 0
    np.testing.assert_allclose(
        gains.values, (losses.constant[:, None] - well.lowest) / (losses.values - well.lowest), rtol=1e-9
    )
    from_below = sweep(well, GAIN, **grid, lowest=-5.0)
    np.testing.assert_allclose(from_below.values, (losses.constant[:, None] + 5) / (losses.values + 5))


def test_where_no_minimum_is_known_gains_are_measured_from_the_lowest_found() -> None:
    slope = Problem(name="slope", formula="x", loss=lambda w: w[..., 0], grad=lambda w: np.ones_like(w), start=(0.0,),
                    view=[(-9, 9)], convex=True)  # fmt: skip
    found = sweep(slope, GAIN, alpha=0.1, factor=[0.5], patience=[1, 50], min_delta=1.0, epochs=20)
    assert found.values[0, 1] == 1.0  # never cut: the same as constant, which is the lowest
    assert found.values[0, 0] == 0.0
    assert np.isinf(sweep(slope, EPOCHS, alpha=0.1, factor=[0.5], patience=[1], epochs=20).values).all()


def test_what_diverged_is_not_the_lowest_found() -> None:
    unknown = Problem(name="unknown", formula="x", loss=lambda w: w[..., 0] ** 2, grad=lambda w: 2 * w, start=(1.0,),
                      view=[(-9, 9)], convex=True)  # fmt: skip
    rest = {"factor": [0.999], "patience": [1, 2], "epochs": 2000}
    with np.errstate(all="raise"):
        lost = sweep(unknown, GAIN, alpha=5.0, **rest)
    assert lost.diverged.all()
    assert lost.values.tolist() == [[1.0, 1.0]], "as bad as constant"
    fallen = Problem(name="fallen", formula="x", loss=lambda w: -np.exp(w[..., 0]), grad=lambda w: -np.exp(w),
                     start=(1.0,), view=[(-3, 3)], convex=False)  # fmt: skip
    found = sweep(fallen, GAIN, alpha=0.01, factor=[0.1], patience=[1, 400], min_delta=1.0, epochs=300)
    assert not np.isnan(found.values).any()


def test_a_map_too_large_for_one_pass_is_made_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"alpha": 0.07, "factor": np.linspace(0.1, 0.9, 7), "patience": range(1, 8), "epochs": 40, "noise": 0.5}
    whole = sweep(RAVINE, LOSS, **grid)
    monkeypatch.setattr("lrlab.studies.sweep.MAX_NUMBERS", 1000)
    parts = sweep(RAVINE, LOSS, **grid)
    np.testing.assert_array_equal(parts.values, whole.values)
    np.testing.assert_array_equal(parts.constant, whole.constant)


def record(metric: str, values: Any, constant: Any, diverged: Any = False, lost: Any = False) -> Sweep:
    values = np.array(values, float)
    return Sweep(
        metric, np.arange(len(values)), np.arange(values.shape[1]), values, np.array(constant, float),
        np.broadcast_to(diverged, values.shape), np.broadcast_to(lost, len(values)),
    )  # fmt: skip


def test_better_and_worse() -> None:
    found = record(LOSS, [[1, 2, 3, nan, inf]], [2], [[False, False, False, False, True]])
    assert found.better.tolist() == [[True, False, False, False, False]]
    assert found.worse.tolist() == [[False, False, True, False, True]]
    assert found.known.tolist() == [[True, True, True, False, True]]
    assert found.best == (0, 0)


def test_a_gain_is_better_where_it_is_higher() -> None:
    found = record(GAIN, [[0.5, 1, 4, inf, 0]], [1], [[False, False, False, False, True]])
    assert found.better.tolist() == [[False, False, True, True, False]]
    assert found.worse.tolist() == [[True, False, False, False, True]]
    assert found.best == (0, 3)


def test_two_runs_that_never_arrive_are_as_good() -> None:
    found = record(EPOCHS, [[inf, 7]], [inf])
    assert found.better.tolist() == [[False, True]]
    assert found.worse.tolist() == [[False, False]]
    assert record(EPOCHS, [[inf, 7]], [9]).worse.tolist() == [[True, False]]
    assert record(EPOCHS, [[inf, inf]], [inf]).best is None


def test_of_several_as_good_the_best_cuts_least_and_waits_longest() -> None:
    assert record(EPOCHS, [[9, 5, 5], [5, 5, 8]], [5, 5]).best == (1, 1)


def test_so_many_are_as_good_as_the_best() -> None:
    assert record(EPOCHS, [[9, 5, 5], [5, nan, 8]], [5, 5]).as_good_as_best == 3
    assert record(GAIN, [[0.5, 1, 4]], [1]).as_good_as_best == 1
    assert record(EPOCHS, [[inf, inf]], [inf]).as_good_as_best == 0


def test_losses_that_differ_by_rounding_are_the_same() -> None:
    found = record(LOSS, [[1 + 1e-13, 1 - 1e-13]], [1])
    assert not found.better.any()
    assert not found.worse.any()


def test_which_setting_matters() -> None:
    by_row = record(LOSS, [[1, 1, 1], [2, 2, 2], [inf, inf, inf]], [5, 5, 5], [[False] * 3] * 2 + [[True] * 3])
    assert by_row.matters == pytest.approx((1.0, 0.0))
    by_column = record(LOSS, by_row.values.T, [5, 5, 5], by_row.diverged.T)
    assert by_column.matters == pytest.approx((0.0, 1.0))
    assert record(LOSS, [[1, 2], [2, 1]], [5, 5]).matters == pytest.approx((0.0, 0.0))
    assert record(LOSS, [[1, 1], [1, 1]], [5, 5]).matters == (0.0, 0.0)
    assert record(LOSS, [[1, nan], [1, 2]], [5, 5]).matters == (0.0, 0.0)
    either_way = [record(metric, [[1, 5], [9, 4]], [1, 1]).matters for metric in (LOSS, GAIN)]
    assert either_way[0] == pytest.approx(either_way[1])


def test_what_is_not_known_yet_stays_so() -> None:
    values = np.array([[[1.0, nan]], [[3.0, nan]]])
    found = beside_constant(
        LOSS, [0.5], [1, 2], values, np.array([[4.0], [4.0]]), np.zeros((2, 1, 2)), np.zeros((2, 1))
    )
    np.testing.assert_array_equal(found.values, [[2.0, nan]])
    half = beside_constant(GAIN, [0.5], [1, 2], values, np.array([[4.0], [nan]]), np.zeros((2, 1, 2)), np.zeros((2, 1)))
    np.testing.assert_array_equal(half.values, [[4.0, nan]])


def test_a_gain_where_one_or_both_diverge() -> None:
    values, constant = np.array([[[2.0, inf]]]), np.array([[inf]])
    found = beside_constant(GAIN, [0.5], [1, 2], values, constant, np.isinf(values), np.isinf(constant))
    assert found.values[0, 0] == inf
    assert found.better.tolist() == [[True, False]]
    assert found.diverged.tolist() == [[False, True]]
    other = beside_constant(GAIN, [0.5], [1, 2], values, np.array([[2.0]]), np.isinf(values), np.array([[False]]))
    assert other.values.tolist() == [[1.0, 0.0]]
    assert other.worse.tolist() == [[False, True]]


def test_the_first_epoch_at_the_target_may_be_the_start() -> None:
    watched = np.array([[1.0, 5.0, 5.0], [5.0, 2.0, 5.0]])
    assert measure(EPOCHS, watched, np.zeros(3, bool), 2.0).tolist() == [0, 1, inf]
    assert measure(EPOCHS, watched, np.zeros(3, bool), None).tolist() == [inf] * 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"metric": "loss"}, "metric must be one of epochs to target, final loss, gain over constant, got 'loss'"),
        ({"alpha": [0.1, 0.2]}, "One of alpha and factor may have several values"),
        ({"factor": [0.5, 1.5]}, "factor must be greater than 0 and at most 1, got 1.5"),
        ({"patience": [-1]}, "patience must be a whole number"),
        ({"seeds": 0}, "seeds must be a whole number from 1 to 99"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"batch_size": 8}, "batch_size is for problems made of data"),
        ({"noise": -1.0}, "noise must be 0 or more"),
        ({"start": (1, 2, 3)}, "start must be 2 numbers"),
    ],
)
def test_bad_arguments_are_told(change: dict[str, Any], says: str) -> None:
    arguments = {"metric": LOSS, "alpha": 0.1, "factor": [0.5, 0.6], "patience": [1, 2], "epochs": 5} | change
    with pytest.raises(ValueError, match=says):
        sweep(RAVINE, arguments.pop("metric"), **arguments)
