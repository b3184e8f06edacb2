"""When cutting the rate helps, when it changes nothing, and when it harms: settings to try, each with what it claims.

Every claim is simulated over twenty seeds by the tests. Settings were looked for on all sides, not to flatter the rule.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lrlab.core.problem import Problem
from lrlab.core.run import Run, last_tenth

# The losses of both runs count as the same within a tenth, and one run as better where its loss is half the other's.
SAME, BETTER = 1.1, 2.0


class Regime(NamedTuple):
    """One setting: arguments for `DescentLab`, or for `train_pair`, and the verdict that it claims.

    name: a few words. verdict: "helps", "neutral" or "harms". why: a sentence. problem, settings: the arguments
    """

    name: str
    verdict: str
    why: str
    problem: str
    settings: dict[str, Any]


REGIMES = (
    Regime(
        "rescued by the plateau", "helps",
        "Alpha is past the stability edge: the constant run diverges, a cut brings it back.",
        "ravine", {"alpha": 0.085, "factor": 0.5, "patience": 5, "noise": 0.2},
    ),
    Regime(
        "stalls at the noise floor", "helps",
        "With noise a constant rate never rests. A smaller one averages the noise away.",
        "ravine", {"alpha": 0.07, "factor": 0.5, "patience": 10, "noise": 1.0},
    ),
    Regime(
        "a corner", "helps",
        "At a corner the slope does not fade, so any constant rate rattles; a falling one settles.",
        "absolute_value", {"alpha": 0.3, "factor": 0.5, "patience": 8, "noise": 0.2},
    ),
    Regime(
        "batches of real data", "helps",
        "Each batch points a little elsewhere: the same noise floor, with real numbers.",
        "linear_regression", {"alpha": 0.6, "factor": 0.5, "patience": 5, "epochs": 100},
    ),
    Regime(
        "a small rate", "neutral",
        "Alpha is small, every epoch improves on the last, and the rule never acts.",
        "ravine", {"alpha": 0.01, "factor": 0.5, "patience": 10, "noise": 0.2},
    ),
    Regime(
        "a round bowl", "neutral",
        "A patient rule has nothing to do while the loss still falls.",
        "bowl", {"alpha": 0.02, "factor": 0.5, "patience": 10, "noise": 0.1},
    ),
    Regime(
        "a classifier on its way", "neutral",
        "Sixty epochs at a small rate: every few of them still bring progress, so it is never cut.",
        "logistic_regression", {"alpha": 0.05, "factor": 0.5, "patience": 5, "epochs": 60},
    ),
    Regime(
        "cut too early", "harms",
        "Two epochs without a new best mean nothing under noise, yet the rate is cut to a tenth, and the run crawls.",
        "ravine", {"alpha": 0.03, "factor": 0.1, "patience": 2, "noise": 1.5},
    ),
    Regime(
        "stalls at a saddle", "harms",
        "A saddle looks like a plateau. The constant run finds the way down, with patience.",
        "saddle", {"alpha": 0.07, "factor": 0.5, "patience": 5},
    ),
    Regime(
        "a plateau that ends", "harms",
        "The network's loss rests for a while and then falls again: too late for a cut run.",
        "mlp_moons", {"alpha": 0.5, "factor": 0.5, "patience": 3},
    ),
)  # fmt: skip


def verdict(problem: Problem, run: Run) -> str:
    """Whether the rule "helps", "harms" or is "neutral" in a pair: one run twice as low as the other, or both the same.

    "in between" where one is lower by more than a tenth, and not by half. Compared is the training loss above the
    lowest known one, the mean of the last tenth of the epochs. A run that diverged is worse than any that did not.
    """
    tiny = 1e-12 * max(abs(float(run.loss[0, 0])), 1.0)  # below that, rounding decides
    with np.errstate(all="ignore"):
        excess = np.maximum(last_tenth(run.loss) - lowest_of(problem, run), 0) + tiny
    constant, plateau = np.where(np.isnan(excess) | np.isfinite(run.diverged), np.inf, excess)
    if plateau * BETTER < constant:
        return "helps"
    if constant * BETTER < plateau:
        return "harms"
    return "neutral" if max(constant, plateau) <= SAME * min(constant, plateau) else "in between"


def lowest_of(problem: Problem, run: Run) -> float:
    """The lowest known loss: of the known minima, of models 0, else the lowest that either run came to."""
    if problem.lowest_loss is not None:
        return problem.lowest_loss
    return 0.0 if problem.samples else float(run.best_loss.min())
