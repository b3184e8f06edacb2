"""A plateau run and its chain of constant jobs: the same to the last bit, unless momentum is forgotten in between."""

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrlab.core.descent import train
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.problems import CATALOGUE, find
from lrlab.studies.chain import beside, jobs, largest_difference, train_jobs
from tests.core.test_descent import LINE, many, many_rules, rules


def chance(problem, noisy=True):
    """Noise or batches, by what the problem is made of."""
    if not noisy:
        return {}
    return {"noise": 0.5} if problem.samples is None else {"batch_size": 32}


# The same, bit for bit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noisy", [False, True], ids=["exact", "noisy"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("name", list(CATALOGUE))
def test_the_chain_is_the_run_over_the_whole_catalogue(name, momentum, noisy) -> None:
    problem = find(name)
    options = {"momentum": momentum, "seed": 3, **chance(problem, noisy)}
    low, high = problem.alpha_range
    run = train(problem, Settings((low * high) ** 0.5, 0.5, 1), epochs=min(problem.epochs, 60), **options)
    chain = train_jobs(problem, run, 0, **options)
    assert chain.same, (chain.weights, chain.loss)
    for name in ("w", "loss", "watched", "lr", "final_lr"):
        np.testing.assert_array_equal(getattr(chain.run, name), getattr(run, name), err_msg=name)


@given(
    rule=rules,
    name=st.sampled_from(["ravine", "rosenbrock", "double_well", "linear_regression"]),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    noisy=st.booleans(),
    seed=st.integers(0, 9),
)
@hypothesis.settings(max_examples=80)
def test_the_chain_is_the_run_whatever_the_settings(rule, name, momentum, noisy, seed) -> None:
    problem = find(name)
    options = {"momentum": momentum, "seed": seed, **chance(problem, noisy)}
    run = train(problem, Settings(**rule), epochs=40, **options)
    assert train_jobs(problem, run, 0, **options).same


@given(many_rules=many_rules, momentum=st.sampled_from([0.0, 0.9]))
@hypothesis.settings(max_examples=20)
def test_on_data_too_a_run_in_company_is_its_chain(many_rules, momentum) -> None:
    options = {"momentum": momentum, "batch_size": 32}
    run = train(LINE, many(many_rules), epochs=10, **options)
    for i in range(len(many_rules)):
        assert train_jobs(LINE, run, i, **options).same


def test_each_job_is_one_that_train_would_do() -> None:
    """Jobs one after the other by the public function alone: a constant rate, from where the last one ended."""
    problem = find("ravine")
    run = train(problem, Settings.pair(0.085, 0.5, 3), epochs=120)
    w, rows = run.w[0, 1], []
    for first, length, rate in run.segments(1):
        job = train(problem, Settings(rate, 1, 1), epochs=length, start=w)
        np.testing.assert_array_equal(job.lr[:, 0], run.lr[first - 1 : first - 1 + length, 1])
        rows.append(job.w[1:, 0])
        w = job.w[-1, 0]
    chain = train_jobs(problem, run, 1)
    assert len(rows) > 3
    np.testing.assert_array_equal(np.concatenate(rows), chain.run.w[1:, 0])
    np.testing.assert_array_equal(chain.run.w[:, 0], run.w[:, 1])


def test_rates_that_vanish_and_runs_that_diverge_are_the_same_too() -> None:
    problem = find("ravine")
    vanishing = train(problem, Settings(0.05, 0.01, 0, 1e9), epochs=60)
    assert vanishing.lr[-1, 0] == 0
    assert train_jobs(problem, vanishing, 0).same
    diverging = train(problem, Settings(1e20, 0.5, 2), epochs=60)
    assert not np.isfinite(diverging.watched[-1, 0])
    assert train_jobs(problem, diverging, 0).same


def test_a_rule_of_ones_own_that_raises_the_rate_has_jobs_too() -> None:
    problem = find("ravine")
    run = train(problem, Settings.pair(0.02, 0.5, 3)[[0, 1, 0]], epochs=30, momentum=0.9,
                rule=lambda epoch, rate, losses: 0.02 + 0.01 * (epoch // 10 % 2))  # fmt: skip
    assert [(one.first, one.last) for one in jobs(run, 2)] == [(1, 10), (11, 20), (21, 30)]
    assert train_jobs(problem, run, 2, momentum=0.9).same


# Momentum forgotten ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ravine", "rosenbrock", "linear_regression", "mlp_moons"])
def test_a_fresh_optimizer_goes_another_way_after_the_first_cut(name) -> None:
    problem = find(name)
    options = {"momentum": 0.9, **chance(problem)}
    run = train(problem, Settings(problem.alpha_range[1] / 5, 0.5, 2), epochs=40, **options)
    chain = train_jobs(problem, run, 0, carry=False, **options)
    first = jobs(run, 0)[0].last
    assert first < 39
    np.testing.assert_array_equal(chain.run.w[: first + 1, 0], run.w[: first + 1, 0])
    assert (chain.run.w[first + 1, 0] != run.w[first + 1, 0]).any()
    assert not chain.same
    assert chain.weights > 0 < chain.loss


def test_the_first_step_of_a_fresh_job_is_that_of_plain_descent() -> None:
    problem = find("ravine")
    run = train(problem, Settings(0.02, 0.5, 3, 1e9), epochs=20, momentum=0.9)
    chain = train_jobs(problem, run, 0, carry=False, momentum=0.9)
    for job in jobs(run, 0):
        here = chain.run.w[job.first - 1, 0]
        np.testing.assert_array_equal(chain.run.w[job.first, 0], here - job.rate * problem.grad(here))


@given(rule=rules, noisy=st.booleans())
@hypothesis.settings(max_examples=20)
def test_without_momentum_there_is_nothing_to_forget(rule, noisy) -> None:
    problem = find("ravine")
    run = train(problem, Settings(**rule), epochs=40, **chance(problem, noisy))
    assert train_jobs(problem, run, 0, carry=False, **chance(problem, noisy)).same


# The table of jobs ----------------------------------------------------------------------------------------------------


@given(rule=rules, name=st.sampled_from(["ravine", "rosenbrock", "linear_regression"]), noisy=st.booleans())
@hypothesis.settings(max_examples=100)
def test_jobs_follow_one_another_and_each_says_why_it_ended(rule, name, noisy) -> None:
    problem = find(name)
    run = train(problem, Settings(**rule), epochs=50, **chance(problem, noisy))
    table = jobs(run, 0)
    assert [job.first for job in table] == [1, *(job.last + 1 for job in table[:-1])]
    assert table[-1].last == 50
    assert all(job.cut for job in table[:-1])
    for job in table:
        assert job.length == job.last - job.first + 1 > 0
        assert (run.lr[job.first - 1 : job.last, 0] == np.float32(job.rate)).all()
        np.testing.assert_equal([job.loss_from, job.loss_to], run.watched[[job.first - 1, job.last], 0])
        inside = run.improved[job.first - 1 : job.last, 0]
        assert job.improved == (job.first + np.flatnonzero(inside)[-1] if inside.any() else 0)
        if job.cut:
            # Until the last improvement (or to the end of a cooldown), plus patience.
            assert job.waited == max(rule["patience"], 1)
            assert job.length == max(job.improved - job.first + 1, job.uncounted, 0) + job.waited


def test_the_jobs_of_a_run_that_is_told_by_hand() -> None:
    """Patience 3: improving until epoch 2, three without, and so on."""
    losses = np.array([9.0, 5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3])  # the first is at the start
    run = _replayed(losses, patience=3)
    assert [(job.first, job.last, job.improved, job.waited, job.cut) for job in jobs(run, 0)] == [
        (1, 5, 2, 3, True), (6, 9, 6, 3, True), (10, 12, 0, 3, True), (13, 13, 0, 1, False),
    ]  # fmt: skip
    cooling = jobs(_replayed(losses, patience=3, cooldown=3), 0)
    assert [(job.first, job.last, job.improved, job.uncounted, job.waited) for job in cooling] == [
        (1, 5, 2, 0, 3), (6, 10, 6, 2, 3), (11, 13, 0, 2, 1),
    ]  # fmt: skip


def _replayed(losses, **rule) -> Run:
    from lrlab.core.plateau import follow

    settings = Settings(0.1, 0.5, **rule)
    after, improved = follow(losses[1:, None], settings)
    lr = np.vstack([np.float32([[0.1]]), after])
    w = np.zeros((len(losses), 1, 1))
    return Run(w, losses[:, None], losses[:, None], lr[:-1], lr[-1], improved, settings)


# Small parts ----------------------------------------------------------------------------------------------------------


def test_beside_pairs_a_run_with_as_many_jobs_as_there_are() -> None:
    problem = find("ravine")
    run = train(problem, Settings.pair(0.079, 0.5, 3), epochs=30)
    alone = beside(run, 1, None)
    np.testing.assert_array_equal(alone.watched[:, 0], run.watched[:, 1])
    assert np.isnan(alone.watched[:, 1]).all()
    assert np.isnan(alone.w[:, 1]).all()
    both = beside(run, 1, train_jobs(problem, run, 1).run)
    for name in ("w", "watched", "lr", "final_lr"):
        values = getattr(both, name)
        np.testing.assert_array_equal(values.take(0, -1 if values.ndim < 3 else 1),
                                      values.take(1, -1 if values.ndim < 3 else 1))  # fmt: skip
    assert both.w.shape == (31, 2, 2)
    assert len(both.settings) == 2


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.5),
        ([np.nan, np.inf, -np.inf], [np.nan, np.inf, -np.inf], 0.0),
        ([np.nan], [1.0], np.inf),
        ([np.inf], [-np.inf], np.inf),
        ([], [], 0.0),
        ([1.0], [np.nextafter(1.0, 2)], np.spacing(1.0)),
    ],
)
def test_the_largest_difference(a, b, expected) -> None:
    assert largest_difference(np.array(a), np.array(b)) == expected
