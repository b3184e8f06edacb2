"""Moments of runs cut into jobs, for `ChainLab`, and of tuning by whole jobs, for `JobsLab`."""

from __future__ import annotations

from functools import partial

import numpy as np

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.moments.moment import Groups, Moment
from lrlab.studies.chain import Chain, jobs
from lrlab.studies.contests import CONTESTS, NOBODY, PLATEAU_JOB, TUNING, holds

# A run as jobs. Claims are of a problem, the plateau run, and the `Chain` of its jobs or None ------------------------

MANY = 10  # jobs
SEEN = 0.05  # of the way from the start to the minimum: more than a line is wide
REST = 0.01  # of the start's height: less than a line is wide


def is_one_job(problem: Problem, run: Run, chain: Chain | None) -> bool:
    """The rate is never cut, though there is time for it."""
    return len(jobs(run, 0)) == 1 and run.epochs > 2 * run.settings.patience[0]


def is_three_jobs(problem: Problem, run: Run, chain: Chain | None) -> bool:
    """There are three, and trained one by one they are the run to the last bit."""
    return len(jobs(run, 0)) == 3 and chain is not None and chain.same


def forgets_its_momentum(problem: Problem, run: Run, chain: Chain | None) -> bool:
    """There are several, and trained one by one they leave the run's path, so far that it is seen."""
    way = np.linalg.norm(run.w[0, 0] - problem.minima[0])
    return len(jobs(run, 0)) > 1 and chain is not None and bool(chain.weights > SEEN * way)


def has_nothing_to_forget(problem: Problem, run: Run, chain: Chain | None) -> bool:
    """There are several, they are the run to the last bit: asked for without momentum, and with fresh optimizers."""
    return len(jobs(run, 0)) > 1 and chain is not None and chain.same


def is_cut_to_a_standstill(problem: Problem, run: Run, chain: Chain | None) -> bool:
    """There are many, and in the second half of the epochs next to nothing changes, though it is not there yet."""
    half = run.watched[run.epochs // 2 :, 0]
    not_there = problem.target is not None and run.final_loss[0] > problem.target
    return len(jobs(run, 0)) >= MANY and not_there and bool(np.ptp(half) < REST * run.watched[0, 0])


CHAIN: Groups = {
    "How many jobs": (
        Moment(
            "one job", "Every few epochs bring progress, so the rule never acts: this run is one constant-rate job.",
            "rosenbrock", {"alpha": 0.001, "factor": 0.5, "patience": 10, "epochs": 100, "momentum": 0.9}, is_one_job,
        ),
        Moment(
            "three jobs", "Two cuts make three jobs. Each begins with all that the one before left behind.",
            "rotated_ellipse", {"alpha": 0.02, "factor": 0.5, "patience": 15, "epochs": 60, "momentum": 0.9,
                                "separate": True, "carry": True}, is_three_jobs,
        ),
        Moment(
            "cut to a standstill", "Each job is cut before its swing is over, and half-way the rate is gone.",
            "rotated_ellipse", {"alpha": 0.02, "factor": 0.5, "patience": 5, "epochs": 150, "momentum": 0.9},
            is_cut_to_a_standstill,
        ),
    ),
    "What is lost between jobs": (
        Moment(
            "momentum is lost between jobs", "A fresh optimizer starts each job at rest, so the jobs go another way.",
            "rotated_ellipse", {"alpha": 0.02, "factor": 0.5, "patience": 15, "epochs": 60, "momentum": 0.9,
                                "separate": True, "carry": False}, forgets_its_momentum,
        ),
        Moment(
            "nothing to forget", "Without momentum the weights are all there is, so fresh optimizers do just as well.",
            "ravine", {"alpha": 0.085, "factor": 0.5, "patience": 5, "epochs": 100, "momentum": 0.0,
                       "separate": True, "carry": False}, has_nothing_to_forget,
        ),
    ),
}  # fmt: skip

# Whole jobs. Claims are of a `Comparison` ----------------------------------------------------------------------------


def _contests(ahead: str) -> tuple[Moment, ...]:
    return tuple(
        Moment(one.name, one.why, one.problem, {**one.settings, "tries": 10}, partial(holds, one))
        for one in CONTESTS
        if one.ahead == ahead
    )


JOBS: Groups = {
    "One plateau job is ahead": _contests(PLATEAU_JOB),
    "A tie": _contests(NOBODY),
    "Tuning is ahead": _contests(TUNING),
}
