"""Whole jobs: each is what `train` trains, its worth is what one would report, and seeds are compared fairly."""

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrlab
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.problems import CATALOGUE, find
from lrlab.studies import jobs as whole
from lrlab.studies.contests import CONTESTS, NOBODY, PLATEAU_JOB, TUNING, holds
from lrlab.studies.jobs import Comparison, Measure, best, compare, draws, grid, measure_of, seeds_from, tune, whole_jobs

RAVINE, LINE, LOGISTIC = (find(name) for name in ("ravine", "linear_regression", "logistic_regression"))
NAMES = ("loss", "watched", "lr", "final_lr", "improved")

rules = st.fixed_dictionaries(
    {
        "alpha": st.floats(1e-4, 1.0),
        "factor": st.floats(0.1, 1.0),
        "patience": st.integers(0, 10),
        "min_delta": st.sampled_from([0.0, 1e-4, 0.1]),
        "cooldown": st.integers(0, 4),
        "min_lr": st.sampled_from([0.0, 0.01]),
    }
)
losses = st.lists(st.one_of(st.floats(-5, 5), st.sampled_from([np.nan, np.inf])), min_size=1, max_size=20)


def job_of(watched, score=np.nan, kind="constant"):
    """A job whose losses are known."""
    table = np.array(watched, float)[:, None]
    epochs = len(watched) - 1
    run = Run(np.empty((*table.shape, 0)), table, table, np.ones((epochs, 1), np.float32), np.ones(1, np.float32),
              np.ones((epochs, 1), bool), Settings(1.0, 1, 1))  # fmt: skip
    finite = [loss for loss in watched[1:] if np.isfinite(loss)]
    return whole.Job(kind, run, 0, min(finite, default=np.inf), score)


# Jobs -----------------------------------------------------------------------------------------------------------------


@given(rule=rules, name=st.sampled_from(["ravine", "rosenbrock", "double_well"]), seed=st.integers(0, 9),
       noise=st.sampled_from([0.0, 0.5]), momentum=st.sampled_from([0.0, 0.9]), epochs=st.integers(1, 50))  # fmt: skip
@hypothesis.settings(max_examples=60)
def test_a_job_is_what_train_trains_and_knows_its_best_epoch(rule, name, seed, noise, momentum, epochs):
    problem, options = find(name), {"seed": seed, "noise": noise, "momentum": momentum, "epochs": epochs}
    (job,) = whole_jobs(problem, "plateau", Settings(**rule), **options)
    run = lrlab.train(problem, Settings(**rule), **options)
    for part in NAMES:
        np.testing.assert_array_equal(getattr(job.run, part), getattr(run, part))
    best_loss, best_epoch = np.inf, 0
    for epoch, loss in enumerate(run.monitored[:, 0], 1):
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
    assert (job.best_loss, job.best_epoch) == (best_loss, best_epoch)
    assert (job.alpha, job.epochs) == (rule["alpha"], epochs)
    assert job.final_rate == run.final_lr[0]
    assert job.idle_epochs == run.idle_epochs[0] == epochs - run.improved[:, 0].sum()
    assert np.isnan(job.score)


@pytest.mark.parametrize("name", ["linear_regression", "logistic_regression", "softmax_digits", "mlp_moons"])
def test_on_data_a_job_is_scored_after_its_best_epoch(name):
    problem = find(name)
    settings = Settings(np.geomspace(*problem.alpha_range, 3), 0.5, 2)
    run = lrlab.train(problem, settings, epochs=8, batch_size=32, seed=3)
    for i, job in enumerate(whole_jobs(problem, "plateau", settings, epochs=8, batch_size=32, seed=3)):
        epoch = 1 + int(np.nanargmin(run.monitored[:, i]))
        assert job.best_epoch == epoch
        assert job.score == float(problem.samples.score(run.w[epoch, i]))
        assert job.run.w.size == 0


def test_a_job_that_never_has_a_number_is_worth_nothing():
    (job,) = whole_jobs(LOGISTIC, "constant", Settings(1e30, 1, 1), epochs=3, batch_size=32)
    (lost,) = whole_jobs(find("rosenbrock"), "constant", Settings(1e30, 1, 1), epochs=3, start=(1e60, 1e60))
    assert lost.best_loss == np.inf
    assert lost.best_epoch == 0
    assert measure_of(LOGISTIC).better(np.array(0.5), np.array(np.nan))
    assert best([lost, job_of([3, 2])], measure_of(RAVINE)) == 1
    assert (job.best_epoch, job.best_loss) == (0, np.inf)
    assert np.isnan(job.score)


def test_a_grid_of_jobs_is_each_of_them_alone():
    options = {"epochs": 40, "noise": 0.3, "seed": 5, "momentum": 0.5}
    tuned = tune(RAVINE, 6, **options)
    alphas = [job.alpha for job in tuned]
    assert alphas == grid(RAVINE.alpha_range, 6).tolist() == sorted(alphas)
    assert (alphas[0], alphas[-1]) == RAVINE.alpha_range
    np.testing.assert_allclose(np.diff(np.log(alphas)), np.log(alphas[-1] / alphas[0]) / 5, rtol=0.02)
    for job in tuned:
        run = lrlab.train(RAVINE, Settings(job.alpha, 1, 1), **options)
        np.testing.assert_array_equal(job.run.watched, run.watched)
        assert job.final_rate == np.float32(job.alpha)
        assert job.kind == "constant"


def test_one_try_is_in_the_middle():
    assert grid(RAVINE.alpha_range, 1).tolist() == [pytest.approx(np.sqrt(np.prod(RAVINE.alpha_range)), rel=0.01)]


@given(st.lists(losses, min_size=1, max_size=8))
def test_the_best_job_has_the_lowest_loss(tables):
    made = [job_of([9.0, *watched]) for watched in tables]
    chosen = best(made, measure_of(RAVINE))
    lowest = [min((loss for loss in watched if np.isfinite(loss)), default=np.inf) for watched in tables]
    assert chosen == int(np.argmin(lowest))  # the first of them


@given(st.lists(st.tuples(st.sampled_from([0.5, 0.9, np.nan]), st.sampled_from([0.2, 0.3])), min_size=1, max_size=8))
def test_the_best_job_on_data_has_the_highest_score_then_the_lowest_loss(pairs):
    made = [job_of([9.0, loss], score) for score, loss in pairs]
    chosen = best(made, Measure("accuracy", True))
    known = [(-np.inf if np.isnan(score) else score, -loss) for score, loss in pairs]
    assert known[chosen] == max(known)
    assert chosen == known.index(max(known))


# What is better -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "higher"), [("accuracy", True), ("R²", True), ("lowest loss", False)])
def test_nothing_is_better_than_itself_and_two_are_never_better_than_each_other(name, higher):
    measure = Measure(name, higher, 0.0, 1e-6)
    values = np.array([np.nan, np.inf, 0.0, 1e-9, 0.5, 0.5005, 0.51, 1.0])
    if higher:
        values = values[np.isnan(values) | (values <= 1)]
    wins = measure.better(values[:, None], values)
    assert not (wins & wins.T).any()
    assert not wins.diagonal().any()
    (number,) = np.flatnonzero(values == 0.5)
    (lost,) = np.flatnonzero(np.isnan(values))
    assert wins[number, lost]
    assert not wins[lost].any()


@pytest.mark.parametrize("name", ["logistic_regression", "softmax_digits", "mlp_moons", "mlp_digits"])
def test_scores_that_differ_by_one_validation_row_are_the_same(name):
    problem = find(name)
    measure = measure_of(problem)
    weights = np.random.default_rng(0).normal(size=(5, problem.dim))
    rows_right = problem.samples.score(weights) / measure.step
    np.testing.assert_allclose(rows_right, np.rint(rows_right), atol=1e-6)
    for right in (0, 10, 20, round(1 / measure.step) - 2):
        score = np.array(right * measure.step)
        assert not measure.better(score + measure.step, score)
        assert measure.better(score + 2 * measure.step, score)


def test_losses_of_which_nobody_knows_the_lowest_are_the_same_within_two_percent_of_themselves():
    measure = Measure("lowest validation loss", False, None)
    assert not measure.better(np.array(0.2), np.array(0.2000001))
    assert not measure.better(np.array([0.2, 0.1]), np.array([0.2000001, 0.1])).any(), "whatever other seeds have"
    assert measure.better(np.array(0.19), np.array(0.2))
    assert measure.better(np.array(-1.1), np.array(-1.0))
    assert not measure.better(np.array(-1.01), np.array(-1.0))
    assert measure.better(np.array(5.0), np.array(np.inf))
    assert not measure.better(np.array(np.inf), np.array(np.inf))
    assert not measure.better(np.array(np.nan), np.array(np.inf))


def test_losses_are_the_same_within_two_percent_and_below_a_millionth_of_the_way():
    measure = measure_of(RAVINE)
    height = float(RAVINE.loss(RAVINE.start_point))
    assert measure.better(np.array(0.97), np.array(1.0))
    assert not measure.better(np.array(0.99), np.array(1.0))
    assert not measure.better(np.array(1e-30), np.array(1e-6 * height))
    assert measure.better(np.array(1e-30), np.array(2e-6 * height))


@given(st.lists(st.lists(st.one_of(st.floats(-3, 3), st.just(np.nan)), min_size=4, max_size=4), min_size=1, max_size=4))
def test_the_best_so_far_never_gets_worse(values):
    values = np.array(values)
    for higher, pick in ((False, np.nanmin), (True, np.nanmax)):
        so_far = Measure("", higher).best_so_far(values)
        for row, known in zip(so_far, values, strict=True):
            for k in range(4):
                seen = known[: k + 1]
                if np.isnan(seen).all():
                    assert np.isnan(row[k])
                else:
                    assert row[k] == pick(seen)


# Over seeds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ravine", "saddle", "tilted_washboard", "linear_regression", "logistic_regression"])
def test_a_comparison_is_what_single_runs_come_to(name):
    problem = find(name)
    options = {"epochs": 30, "momentum": 0.5}
    options |= {"noise": 0.4} if problem.samples is None else {"batch_size": 32}
    rule, seeds = Settings(0.03, 0.5, 3), [4, 11]
    found = compare(problem, rule, jobs=3, seeds=seeds, **options)
    measure = measure_of(problem)
    assert found.cut.shape == (2,)
    exact = {"rtol": 0} if problem.samples is None else {"rtol": 1e-9}
    for s, seed in enumerate(seeds):
        alone = [
            whole_jobs(problem, "constant", Settings(alpha, 1, 1), seed=seed, **options)[0].value(measure)
            for alpha in draws(problem.alpha_range, 3, seed)
        ]
        pick = max if measure.higher else min
        np.testing.assert_allclose(found.tuned[s], [pick(alone[: k + 1]) for k in range(3)], **exact)
        (job,) = whole_jobs(problem, "plateau", rule, seed=seed, **options)
        np.testing.assert_allclose(found.once[s], job.value(measure), **exact)
        assert found.cut[s] == (job.final_rate < job.alpha - 1e-7)
    assert found.spent.tolist() == [30, 60, 90]


def test_blocks_of_seeds_change_nothing(monkeypatch):
    arguments = {"jobs": 4, "seeds": seeds_from(0, 7), "epochs": 25, "noise": 0.3}
    at_once = compare(RAVINE, Settings(0.05, 0.5, 2), **arguments)
    monkeypatch.setattr(whole, "MAX_NUMBERS", 2 * 25 * 4 * 2)
    in_blocks = compare(RAVINE, Settings(0.05, 0.5, 2), **arguments)
    np.testing.assert_array_equal(at_once.tuned, in_blocks.tuned)
    np.testing.assert_array_equal(at_once.once, in_blocks.once)


def test_more_jobs_begin_with_the_same_draws_which_are_spread_evenly():
    np.testing.assert_array_equal(draws(RAVINE.alpha_range, 10, 3)[:4], draws(RAVINE.alpha_range, 4, 3))
    low, high = np.log(RAVINE.alpha_range)
    shares = (np.log([draws(RAVINE.alpha_range, 50, seed) for seed in range(100)]) - low) / (high - low)
    assert shares.min() >= 0
    assert shares.max() <= 1
    np.testing.assert_allclose(np.histogram(shares, 10, (0, 1))[0] / shares.size, 0.1, atol=0.015)


def test_seeds_stay_such_that_train_takes_them():
    assert seeds_from(10**9 - 1, 4) == [10**9 - 1, 10**9, 0, 1]


@given(st.data())
def test_shares_of_seeds_are_counted(data):
    value = st.sampled_from([0.1, 0.2, 0.3, np.nan])
    seeds, jobs = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    table = np.array(data.draw(st.lists(value, min_size=seeds * jobs, max_size=seeds * jobs))).reshape(seeds, jobs)
    once = np.array(data.draw(st.lists(value, min_size=seeds, max_size=seeds)))
    measure = Measure("accuracy", True)
    found = Comparison(measure, 10, measure.best_so_far(table), once)
    low = np.nan_to_num
    for k in range(jobs):
        mine, theirs = low(once, nan=-1.0), low(found.tuned[:, k], nan=-1.0)
        assert found.once_wins[k] == (mine > theirs).mean()
        assert found.tuned_wins[k] == (theirs > mine).mean()
        assert found.ahead[k] == ((mine > theirs).mean() > 0.5) - int((theirs > mine).mean() > 0.5)
    joined = found.joined(found)
    np.testing.assert_array_equal(joined.ahead, found.ahead)
    assert len(joined.once) == 2 * seeds
    tuned, single = found.quartiles
    assert tuned.shape == (3, jobs)
    assert (single[:-1] <= single[1:]).all()


def test_quartiles_of_runs_that_diverge_are_infinite_and_not_nan():
    found = Comparison(measure_of(RAVINE), 1, np.array([[1.0], [np.inf], [np.inf], [np.nan]]), np.full(4, np.nan))
    tuned, once = found.quartiles
    assert tuned.ravel().tolist() == [1.0, np.inf, np.inf]
    assert once.tolist() == [np.inf] * 3


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_problem_has_a_measure(name):
    problem = find(name)
    measure = measure_of(problem)
    assert measure.higher == (problem.samples is not None)
    start = float(problem.watch(problem.start_point))
    assert 0 <= measure.arrived <= 1e-6 * max(abs(start), 1) * 1e3


# Examples -------------------------------------------------------------------------------------------------------------

SETS = [
    (contest, first) for contest in CONTESTS for first in ((0,) if find(contest.problem).samples else (0, 100, 500))
]


@pytest.mark.parametrize(("contest", "first"), SETS, ids=lambda part: getattr(part, "name", part))
def test_what_an_example_claims_is_so(contest, first):
    problem = find(contest.problem)
    rule = {name: contest.settings[name] for name in ("alpha", "factor", "patience")}
    options = {"epochs": problem.epochs} | {k: v for k, v in contest.settings.items() if k not in rule}
    if problem.samples is not None:
        options.setdefault("batch_size", problem.samples.batch_size)
    seeds = seeds_from(first, 20 if problem.samples is None else 8)  # data take a second each
    found = compare(problem, Settings(**rule), jobs=10, seeds=seeds, **options)
    assert holds(contest, found), (found.once_wins, found.tuned_wins)
    others = [contest._replace(ahead=ahead, jobs=1) for ahead in {PLATEAU_JOB, NOBODY, TUNING} - {contest.ahead}]
    assert not any(holds(other, found) for other in others if other.ahead != PLATEAU_JOB)


def test_examples_are_on_all_sides():
    sides = [contest.ahead for contest in CONTESTS]
    assert all(sides.count(side) >= 2 for side in (PLATEAU_JOB, NOBODY, TUNING))
    assert len({contest.name for contest in CONTESTS}) == len(CONTESTS)
