"""What each moment of two runs claims, simulated; and that each claim can fail."""

import inspect
from functools import cache
from typing import Any

import numpy as np
import pytest

import lrlab
from lrlab import moments
from lrlab.core.descent import train, train_pair
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.moments import MOMENTS, claims, moments_of, names
from lrlab.moments.moment import Moment
from lrlab.problems import find
from lrlab.studies.chain import Chain, jobs, train_jobs
from lrlab.studies.ratefree import Solved, lbfgs, solvers, start_of
from lrlab.studies.sweep import LOSS, Sweep, sweep

PAIRS = moments_of("DescentLab")
CHAINS = list(moments_of("ChainLab").values())
SEEDS, MOST = 20, 18  # of 20 seeds, at least 18


@cache
def pair_of(name: str, seed: int = 0) -> tuple[Problem, Run]:
    moment = PAIRS[name]
    problem = find(moment.problem)
    return problem, train_pair(problem, **moment.settings, seed=seed)


@pytest.mark.parametrize("moment", PAIRS.values(), ids=PAIRS)
def test_a_moment_shows_what_it_claims(moment: Moment) -> None:
    problem, run = pair_of(moment.name)
    assert moment.claim(problem, run)  # what a lab shows at first
    if moment.settings.get("noise") or problem.samples is not None:
        held = sum(moment.claim(*pair_of(moment.name, seed)) for seed in range(SEEDS))
        assert held >= MOST, f"{held} of {SEEDS}"


HELPED = {"diverges", "rattles", "rescued by the plateau", "stalls at the noise floor", "a corner",
          "batches of real data", "hops out and then settles", "momentum overshoots"}  # fmt: skip
UNCHANGED = {"crawls", "just right", "hops across", "on the edge", "a small rate", "a round bowl",
             "a classifier on its way", "lost before the first cut", "stuck in the wrong well",
             "thrown out of the deep well"}  # fmt: skip
HARMED = {"cut too early", "stalls at a saddle", "a plateau that ends", "momentum carries it along"}
# Of which other moments a claim is true as well. Where a moment is not named here, of none.
ALSO = {
    **dict.fromkeys(("a corner", "batches of real data"), HELPED),
    **dict.fromkeys(("a small rate", "a round bowl", "a classifier on its way"), UNCHANGED),
    "a plateau that ends": HARMED,
    "diverges": {"rescued by the plateau", "lost before the first cut"},
    "rescued by the plateau": {"diverges"},
    "stalls at the noise floor": {"a corner", "batches of real data", "hops out and then settles"},
    "cut too early": {"stalls at a saddle", "a plateau that ends"},
    "stuck in the wrong well": {"thrown out of the deep well"},
    "momentum overshoots": {"over the hump"},
    "momentum carries it along": {"a classifier on its way", "momentum overshoots", "over the hump"},
}


@pytest.mark.parametrize("name", PAIRS)
def test_its_claim_is_false_of_all_others_that_do_not_show_it(name: str) -> None:
    assert {other for other in PAIRS if PAIRS[name].claim(*pair_of(other))} == {name} | ALSO.get(name, set())


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("crawls", {"alpha": 0.05}), ("just right", {"alpha": 0.2}), ("just right", {"alpha": 0.7}),
        ("hops across", {"alpha": 0.4}), ("on the edge", {"alpha": 0.9}),
        ("diverges", {"alpha": 0.99}), ("rattles", {"alpha": 0.001}), ("rescued by the plateau", {"patience": 200}),
        ("stalls at the noise floor", {"noise": 0.0}), ("cut too early", {"patience": 200}),
        ("stalls at a saddle", {"patience": 100}), ("stuck in the wrong well", {"alpha": 0.15}),
        ("hops out and then settles", {"alpha": 0.1}), ("thrown out of the deep well", {"alpha": 0.1}),
        ("momentum overshoots", {"momentum": 0.2}), ("momentum carries it along", {"momentum": 0.0}),
        ("over the hump", {"momentum": 0.5}), ("lost before the first cut", {"alpha": 0.1}),
    ],
)  # fmt: skip
def test_it_is_lost_once_a_slider_is_moved_far(name: str, changes: dict) -> None:
    moment = PAIRS[name]
    problem = find(moment.problem)
    assert not moment.claim(problem, train_pair(problem, **moment.settings | changes, seed=0))


def test_heights_are_shares_of_the_start() -> None:
    problem, run = pair_of("just right")
    np.testing.assert_allclose(claims.heights_of(problem, run), run.loss / 16)


def chain_of(moment: Moment) -> tuple[Problem, Run, Chain | None]:
    problem, wanted = find(moment.problem), dict(moment.settings)
    separate, carry = wanted.pop("separate", False), wanted.pop("carry", True)
    options = {"momentum": wanted.pop("momentum")}
    epochs = wanted.pop("epochs")
    run = train(problem, Settings(**wanted), epochs=epochs, **options)
    return problem, run, train_jobs(problem, run, 0, carry=carry, **options) if separate else None


@pytest.mark.parametrize("moment", CHAINS, ids=lambda moment: moment.name)
def test_a_moment_of_a_chain_shows_what_it_claims(moment: Moment) -> None:
    assert moment.claim(*chain_of(moment))
    assert any(not moment.claim(*chain_of(other)) for other in CHAINS)


def test_three_jobs_are_three() -> None:
    _, run, _ = chain_of(moments_of("ChainLab")["three jobs"])
    assert len(jobs(run, 0)) == 3


def map_of(moment: Moment, seed: int) -> tuple[Sweep]:
    """What SweepLab's map is made of: factors up, patiences across."""
    wanted = {"metric": LOSS, "epochs": find(moment.problem).epochs, **moment.settings, "seed": seed}
    return (sweep(find(moment.problem), **wanted | {"factor": np.linspace(0.05, 0.92, 30), "patience": range(1, 31)}),)


@cache
def data_of(name: str) -> Problem:
    return find(name)


def solved_of(moment: Moment, seed: int) -> tuple[Problem, Run, list[Solved], list[Solved]]:
    """What RateFreeLab compares, from the start of that seed."""
    problem = data_of(moment.problem)
    rows, starts = (
        len(problem.samples.targets),
        [start_of(problem, seed + i) for i in range(1 if problem.convex else 3)],
    )
    run = train_pair(problem, **moment.settings, start=starts[0], batch_size=rows)
    others = [lbfgs(problem, start, problem.epochs) for start in starts[1:]]
    return problem, run, solvers(problem, starts[0], problem.epochs), others


SEEDED = [(moment, map_of, SEEDS) for moment in moments_of("SweepLab").values() if moment.settings.get("noise")] + [
    (moment, solved_of, 4 if moment.problem.startswith("mlp") else SEEDS)  # of a network, a start takes a second
    for moment in moments_of("RateFreeLab").values()
]


@pytest.mark.parametrize(("moment", "evidence", "seeds"), SEEDED, ids=lambda part: getattr(part, "name", None))
def test_moments_of_other_labs_hold_for_other_noise_and_other_starts(moment: Moment, evidence: Any, seeds: int) -> None:
    held = sum(moment.claim(*evidence(moment, seed)) for seed in range(seeds))
    assert held >= seeds * MOST / SEEDS, f"{held} of {seeds}"


@pytest.mark.parametrize("lab", MOMENTS)
def test_moments_have_words_and_what_a_lab_takes(lab: str) -> None:
    found = [moment for group in MOMENTS[lab].values() for moment in group]
    assert names(lab) == [moment.name for moment in found]
    assert len(set(names(lab))) == len(found)  # or one of them could not be chosen
    assert len({(one.problem, repr(sorted(one.settings.items()))) for one in found}) == len(found)
    takes = inspect.signature(getattr(lrlab, lab)).parameters
    for moment in found:
        assert moment.settings.keys() <= takes.keys() - {"problem", "get_model", "data"}
        assert {"alpha", "factor", "patience"} <= moment.settings.keys()
        assert moment.why.endswith(".")
        assert 40 < len(moment.why) < 125
        assert "!" not in moment.name + moment.why


def test_a_lab_without_moments_is_named() -> None:
    assert lrlab.moments is moments
    with pytest.raises(ValueError, match=r"lab must be one of DescentLab, BasinLab.*got 'ReplayLab'"):
        names("ReplayLab")
