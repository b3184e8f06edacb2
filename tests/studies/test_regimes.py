"""When cutting the rate helps; what each regime claims is simulated in test_moments.py."""

import numpy as np
import pytest

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.studies.regimes import REGIMES, verdict


def test_each_verdict_has_settings_on_different_problems() -> None:
    for claim in ("helps", "neutral", "harms"):
        assert len({regime.problem for regime in REGIMES if regime.verdict == claim}) >= 2
    assert {regime.verdict for regime in REGIMES} == {"helps", "neutral", "harms"}
    assert len({regime.name for regime in REGIMES}) == len(REGIMES)


@pytest.mark.parametrize(
    ("constant", "plateau", "expected"),
    [
        (1.0, 0.4, "helps"), (1.0, 2.1, "harms"), (1.0, 1.05, "neutral"), (1.0, 1.5, "in between"),
        (np.inf, 1.0, "helps"), (np.nan, 1.0, "helps"), (1.0, np.nan, "harms"), (np.nan, np.inf, "neutral"),
        (0.0, 1.0, "harms"), (0.0, 0.0, "neutral"), (1e-20, 1e-15, "neutral"),
    ],
)  # fmt: skip
def test_verdict_compares_the_last_tenth(constant: float, plateau: float, expected: str) -> None:
    loss = np.ones((21, 2))
    loss[-2:] = constant, plateau
    run = Run(
        np.zeros((21, 2, 2)), loss, loss, np.ones((20, 2)), np.ones(2), np.ones((20, 2), bool), Settings.pair(1, 0.5, 5)
    )
    assert verdict(problems.find("bowl"), run) == expected  # whose lowest loss is 0


def test_verdict_needs_no_known_minimum() -> None:
    saddle = problems.find("saddle")
    lowered = Problem(
        name="lowered", formula="", loss=lambda w: saddle.loss(w) - 5, grad=saddle.grad, start=saddle.start,
        view=saddle.view, convex=False,
    )  # fmt: skip
    assert verdict(lowered, train_pair(lowered, alpha=0.07, factor=0.5, patience=5)) == "harms"


def test_a_pair_is_trained_as_its_problem_suggests() -> None:
    moons = problems.find("mlp_moons")
    run = train_pair(moons, alpha=0.5, factor=0.5, patience=3)
    assert run.epochs == moons.epochs
    again = train_pair(moons, alpha=0.5, factor=0.5, patience=3, batch_size=moons.samples.batch_size)
    np.testing.assert_array_equal(run.w, again.w)
