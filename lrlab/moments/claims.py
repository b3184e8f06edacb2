"""What moments of two runs claim: functions of a problem and a pair, run 0 constant, run 1 plateau.

Heights are losses above the lowest known one, as shares of the height of the start. At the target, a thousandth is
left (`Problem.target`). "Late" is the last quarter of the epochs.
"""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.studies.basins import ELSEWHERE, MOVING, basins
from lrlab.studies.regimes import lowest_of, verdict

FEW = 10  # epochs
ALMOST = 0.05  # what is within a twentieth looks the same in the picture
FAR = 0.1  # a tenth of the height or of the way left: plain to see on any scale
AT_TARGET = 1e-3  # `Problem.target`
ABOVE = 10 * AT_TARGET

# The rule helps, changes nothing, or harms ----------------------------------------------------------------------------


def helps(problem: Problem, run: Run) -> bool:
    """The plateau run ends at half of the constant run's height, or lower."""
    return verdict(problem, run) == "helps"


def changes_nothing(problem: Problem, run: Run) -> bool:
    """Both end within a tenth of each other."""
    return verdict(problem, run) == "neutral"


def harms(problem: Problem, run: Run) -> bool:
    """The constant run ends at half of the plateau run's height, or lower."""
    return verdict(problem, run) == "harms"


def is_rescued(problem: Problem, run: Run) -> bool:
    """The constant run diverges, the plateau run is at the target at the end."""
    return diverges(problem, run) and _is_there(problem, run, 1) and helps(problem, run)


def stalls_at_a_floor(problem: Problem, run: Run) -> bool:
    """The constant run comes to the target in the first half, and late is on average twice as high or more.

    The plateau run is then at half of the constant run's height, or lower.
    """
    constant, plateau = heights_of(problem, run)[-(run.epochs // 4) :].mean(axis=0)
    early = run.epochs_to(problem.target)[0] < run.epochs / 2
    return bool(early and constant > 2 * AT_TARGET and plateau < constant / 2) and helps(problem, run)


def is_cut_too_early(problem: Problem, run: Run) -> bool:
    """The plateau run's rate is down to a hundredth before it is at the target, and that harms."""
    small = np.flatnonzero(run.lr[:, 1] <= 0.011 * run.lr[0, 1])  # two cuts to a tenth, in float32
    return bool(len(small)) and bool(heights_of(problem, run)[small[0], 1] > AT_TARGET) and harms(problem, run)


def stalls_at_a_saddle(problem: Problem, run: Run) -> bool:
    """The plateau run rests where there is no minimum, the constant run in a minimum, which is lower."""
    constant, plateau = basins(problem, run).ends
    return bool(constant >= 0 and plateau == ELSEWHERE) and harms(problem, run)


def is_lost(problem: Problem, run: Run) -> bool:
    """Both diverge."""
    return bool(np.isfinite(run.diverged).all())


# One rate: what the constant run does ---------------------------------------------------------------------------------


def crawls(problem: Problem, run: Run) -> bool:
    """The loss falls at every epoch, a twentieth in the last tenth of them, and more than a tenth is still left."""
    heights = heights_of(problem, run)[:, 0]
    if not np.isfinite(heights).all():
        return False
    under_way = heights[-1] < (1 - ALMOST) * heights[-1 - run.epochs // 10]
    return bool((np.diff(heights) < 0).all() and under_way and heights[-1] > FAR)


def is_just_right(problem: Problem, run: Run) -> bool:
    """At the target within ten epochs; at half the rate or at twice, it takes twice as long or is never reached."""
    alpha = float(run.settings.alpha[0])
    others = train(problem, Settings([alpha / 2, 2 * alpha], 1, 1), epochs=run.epochs, start=run.w[0, 0])
    epochs = run.epochs_to(problem.target)[0]
    slower = np.nan_to_num(others.epochs_to(problem.target), nan=np.inf) >= 2 * epochs
    return bool(epochs <= FEW and slower.all())


def hops_across(problem: Problem, run: Run) -> bool:
    """On one weight: each step goes to the other side of the minimum, and it arrives all the same."""
    epochs = run.epochs_to(problem.target)[0]
    if problem.dim > 1 or np.isnan(epochs):
        return False
    return bool(_flips(problem, run)[: int(epochs)].all()) and _is_there(problem, run, 0)


def is_on_the_edge(problem: Problem, run: Run) -> bool:
    """Alpha is within a twentieth of the stability edge, and each hop across is within a twentieth of the last."""
    edge, alpha = problem.stability_edge(), run.settings.alpha[0]
    if edge is None or problem.dim > 1 or abs(alpha / edge - 1) > ALMOST:
        return False
    sizes = np.abs(_offsets(problem, run))
    return bool(_flips(problem, run).all() and (np.abs(np.diff(sizes)) <= ALMOST * sizes[:-1]).all())


def rattles(problem: Problem, run: Run) -> bool:
    """Late, it never comes near the target, goes up as often as down, and swings by half its height or more."""
    late = heights_of(problem, run)[-(run.epochs // 4) :, 0]
    if not np.isfinite(late).all():
        return False
    rises = (np.diff(late) > 0).mean()
    return bool(late.min() > ABOVE and 1 / 3 < rises < 2 / 3 and np.ptp(late) > late.mean() / 2)


def diverges(problem: Problem, run: Run) -> bool:
    """The loss leaves for good, as `Run.diverged` has it."""
    return bool(np.isfinite(run.diverged[0]))


# Momentum: what the constant run does beside one without --------------------------------------------------------------


def overshoots(problem: Problem, run: Run) -> bool:
    """On one weight: it runs a tenth of the way past the minimum, which it never passes without momentum; it arrives.

    By more than a tenth, so that the bend can be seen in the picture.
    """
    if problem.dim > 1:
        return False
    with_it, without = (_offsets(problem, one) for one in (run, _without_momentum(problem, run)))
    passed, never = (with_it / with_it[0]).min() < -FAR, (without / without[0]).min() >= 0
    return bool(passed and never) and _is_there(problem, run, 0)


def is_carried_along(problem: Problem, run: Run) -> bool:
    """It arrives in half as many epochs as without momentum, or only with it."""
    epochs, alone = (one.epochs_to(problem.target)[0] for one in (run, _without_momentum(problem, run)))
    return _is_there(problem, run, 0) and bool(2 * epochs <= np.nan_to_num(alone, nan=np.inf))


def rolls_over_the_hump(problem: Problem, run: Run) -> bool:
    """It ends in a deepest minimum, and without momentum in one that is not."""
    without = basins(problem, _without_momentum(problem, run))
    return _in_the_deepest(problem, run)[0] and bool(without.ends[0] >= 0) and without.ends[0] not in without.best


# More than one minimum ------------------------------------------------------------------------------------------------


def is_stuck_in_the_wrong_well(problem: Problem, run: Run) -> bool:
    """Both settle in a minimum that is not a deepest."""
    found = basins(problem, run)
    return bool((found.ends >= 0).all() and not np.isin(found.ends, found.best).any())


def hops_out_and_settles(problem: Problem, run: Run) -> bool:
    """The constant run is on its way to the end, the plateau run settles in a deepest minimum.

    From the same start, a tenth of the rate stays in a minimum that is not a deepest.
    """
    moving = basins(problem, run).ends[0] == MOVING
    small = basins(problem, _at(problem, run, 0.1))
    left_one = small.ends[0] >= 0 and small.ends[0] not in small.best
    return bool(moving and left_one) and _in_the_deepest(problem, run)[1]


def is_thrown_out(problem: Problem, run: Run) -> bool:
    """Both settle in a minimum that is not a deepest, and a twentieth of the rate settles in a deepest."""
    return is_stuck_in_the_wrong_well(problem, run) and _in_the_deepest(problem, _at(problem, run, 0.05))[0]


# Helpers --------------------------------------------------------------------------------------------------------------


def heights_of(problem: Problem, run: Run) -> Array:
    """(E + 1, R): the training loss above the lowest known one, as a share of that of the start."""
    lowest = lowest_of(problem, run)
    with np.errstate(all="ignore"):
        return (run.loss - lowest) / (run.loss[0] - lowest)


def _is_there(problem: Problem, run: Run, i: int) -> bool:
    return problem.target is not None and bool(run.final_loss[i] <= problem.target)


def _in_the_deepest(problem: Problem, run: Run) -> list[bool]:
    found = basins(problem, run)
    return [bool(end in found.best) for end in found.ends]


def _offsets(problem: Problem, run: Run) -> Array:
    """(E + 1,): how far the constant run's one weight is from the minimum, with its sign."""
    return run.w[:, 0, 0] - problem.minima[0][0]


def _flips(problem: Problem, run: Run) -> Array:
    """(E,): whether the step of each epoch goes across the minimum."""
    sides = np.sign(_offsets(problem, run))
    return sides[1:] == -sides[:-1]


def _at(problem: Problem, run: Run, share: float) -> Run:
    """A constant run from the same start at so much of its rate, without noise."""
    return train(problem, Settings(share * run.settings.alpha[0], 1, 1), epochs=run.epochs, start=run.w[0, 0])


def _without_momentum(problem: Problem, run: Run) -> Run:
    return _at(problem, run, 1.0)
