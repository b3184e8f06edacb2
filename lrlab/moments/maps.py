"""Moments of whole maps: of starts, for `BasinLab`, and of settings, for `SweepLab`."""

from __future__ import annotations

import numpy as np

from lrlab.core.problem import Problem
from lrlab.moments.moment import Groups, Moment
from lrlab.studies.basins import DIVERGED, MOVING, Basins
from lrlab.studies.sweep import EPOCHS, LOSS, Sweep

# Maps of starts. Claims are of a problem and the `Basins` of both maps -----------------------------------------------

NEARLY_ALL = 0.95  # of a map's cells: what is left over is thin lines along its borders
FRAYED = 0.1  # of neighbours end apart; where the borders are plain lines, some 3 % do


def one_minimum(problem: Problem, constant: Basins, plateau: Basins) -> bool:
    """From every start, both end in the same minimum."""
    return bool(len(set(constant.ends) | set(plateau.ends)) == 1 and constant.ends[0] >= 0)


def the_start_decides(problem: Problem, constant: Basins, plateau: Basins) -> bool:
    """Each minimum has a fair share of the starts (half of an even one, or more), the same ones in both maps."""
    shares = [(constant.ends == minimum).mean() for minimum in range(len(problem.minima))]
    fair = len(shares) > 1 and min(shares) > 0.5 / len(shares)
    return bool(fair and (constant.ends == plateau.ends).mean() > NEARLY_ALL)


def the_borders_fray(problem: Problem, constant: Basins, plateau: Basins) -> bool:
    """In the plateau runs' map, more than a tenth of all neighbouring starts end apart, though nearly all settle."""
    return bool(frayed(problem, plateau) > FRAYED and (plateau.ends >= 0).mean() > NEARLY_ALL)


def large_rates_find_the_deepest(problem: Problem, constant: Basins, plateau: Basins) -> bool:
    """Hardly a constant run settles; three plateau runs of four do, in a deepest of many minima."""
    nobody = (constant.ends == MOVING).mean() > NEARLY_ALL
    return bool(nobody and plateau.global_share > 0.75 and len(plateau.best) < len(problem.minima) / 2)


def rescued_from_every_start(problem: Problem, constant: Basins, plateau: Basins) -> bool:
    """Nearly all constant runs diverge, and nearly all plateau runs end in a deepest minimum."""
    return bool((constant.ends == DIVERGED).mean() > NEARLY_ALL and plateau.global_share > NEARLY_ALL)


def nobody_finds_the_deepest(problem: Problem, constant: Basins, plateau: Basins) -> bool:
    """All constant runs settle, none of them in a deepest minimum."""
    return bool((constant.ends >= 0).all() and constant.global_share == 0)


def frayed(problem: Problem, found: Basins) -> float:
    """The share of neighbouring starts of a square map that end apart; 0 where there is one weight."""
    if problem.dim != 2:
        return 0.0
    ends = found.ends.reshape(2 * [round(len(found.ends) ** 0.5)])
    return float(np.mean([(ends[1:] != ends[:-1]).mean(), (ends[:, 1:] != ends[:, :-1]).mean()]))


STARTS: Groups = {
    "One rate for all starts": (
        Moment(
            "every start finds the same minimum", "A convex surface has one minimum, and every road leads there.",
            "ravine", {"alpha": 0.05, "factor": 0.5, "patience": 5}, one_minimum,
        ),
        Moment(
            "the start decides",
            "With small steps, each start finds the minimum it lies uphill of. Cuts change nothing.",
            "himmelblau", {"alpha": 0.005, "factor": 0.5, "patience": 5}, the_start_decides,
        ),
        Moment(
            "the deep well is too narrow",
            "At this constant rate no start settles in the deeper well: it throws them out.",
            "two_wells", {"alpha": 1.0, "factor": 0.5, "patience": 5}, nobody_finds_the_deepest,
        ),
    ),
    "Large rates": (
        Moment(
            "large rates reach the deep well",
            "All constant runs hop on for ever. Cut, most settle in the deepest dip.",
            "tilted_washboard", {"alpha": 1.0, "factor": 0.5, "patience": 5}, large_rates_find_the_deepest,
        ),
        Moment(
            "the borders fray", "Near the stability edge a hair's breadth at the start decides where a run ends.",
            "himmelblau", {"alpha": 0.024, "factor": 0.5, "patience": 5}, the_borders_fray,
        ),
        Moment(
            "rescued from every start", "Past the edge every constant run diverges, and every plateau run comes back.",
            "ravine", {"alpha": 0.085, "factor": 0.5, "patience": 5}, rescued_from_every_start,
        ),
    ),
}  # fmt: skip


# Maps of settings. Claims are of a `Sweep` over factor (rows) and patience (columns) ---------------------------------

BEST = 0.1  # the share of cells that counts as the best ones
DECIDES, HARDLY = 0.6, 0.2  # shares of what differs between cells, see `Sweep.matters`


def any_setting_will_do(sweep: Sweep) -> bool:
    """All cells, and the constant runs, come to the same, and none is lost."""
    both = np.append(sweep.values.ravel(), sweep.constant)
    return bool(np.isfinite(both).all() and not sweep.diverged.any() and np.ptp(both) <= 1e-6 * np.abs(both).max())


def one_good_corner(sweep: Sweep) -> bool:
    """Nine of ten of the best tenth of cells lie in one quarter of the map."""
    values = np.where(sweep.diverged | np.isnan(sweep.values), np.inf, sweep.values)
    rows, columns = np.unravel_index(np.argsort(values, axis=None)[: round(BEST * values.size)], values.shape)
    upper, right = rows >= values.shape[0] / 2, columns >= values.shape[1] / 2
    in_quarters = [((upper == u) & (right == r)).mean() for u in (True, False) for r in (True, False)]
    return bool(max(in_quarters) >= 1 - BEST and np.ptp(sweep.values[sweep.known]) > 0)


def cutting_always_helps(sweep: Sweep) -> bool:
    """The constant runs diverge, and nearly all cells are better."""
    return bool(sweep.constant_diverged.all() and sweep.better.mean() > NEARLY_ALL)


def cutting_only_harms(sweep: Sweep) -> bool:
    """No cell is better than its constant run, and nearly all are worse."""
    return bool(not sweep.better.any() and sweep.worse.mean() > NEARLY_ALL)


def patience_decides(sweep: Sweep) -> bool:
    """Patience tells most of what differs between cells, factor hardly any."""
    factor, patience = sweep.matters
    return patience > DECIDES and factor < HARDLY


def factor_decides(sweep: Sweep) -> bool:
    """Factor tells most of what differs between cells, patience hardly any."""
    factor, patience = sweep.matters
    return factor > DECIDES and patience < HARDLY


SETTINGS: Groups = {
    "What to tune": (
        Moment(
            "any setting will do", "In a round bowl every run is there before the rule has anything to cut.",
            "bowl", {"alpha": 0.3, "factor": 0.5, "patience": 5, "metric": EPOCHS}, any_setting_will_do,
        ),
        Moment(
            "one good corner",
            "Along a bent valley, gentle cuts and little patience do best. The rest of the map is worse.",
            "rosenbrock", {"alpha": 0.004, "factor": 0.8, "patience": 3, "epochs": 500, "metric": LOSS},
            one_good_corner,
        ),
        Moment(
            "patience decides", "It must outlast the rest at the saddle. By how much the rate is cut hardly matters.",
            "saddle", {"alpha": 0.07, "factor": 0.5, "patience": 20, "metric": EPOCHS}, patience_decides,
        ),
        Moment(
            "factor decides", "One cut brings the rate back inside the edge. A large one leaves a rate that crawls.",
            "ravine", {"alpha": 0.085, "factor": 0.8, "patience": 5, "noise": 0.2, "seeds": 5, "metric": EPOCHS},
            factor_decides,
        ),
    ),
    "Whether to cut at all": (
        Moment(
            "cutting always helps", "Past the edge the constant run diverges, so nearly every cut is better than none.",
            "ravine", {"alpha": 0.085, "factor": 0.5, "patience": 5, "noise": 0.2, "metric": LOSS},
            cutting_always_helps,
        ),
        Moment(
            "cutting only harms",
            "Without noise, inside the edge, a constant rate settles by itself. A cut slows it down.",
            "ravine", {"alpha": 0.07, "factor": 0.5, "patience": 5, "metric": LOSS}, cutting_only_harms,
        ),
    ),
}  # fmt: skip
