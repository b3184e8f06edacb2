"""The classical moments of one rate and of two runs, for `DescentLab`. Claims are of a problem and a pair."""

from __future__ import annotations

from lrlab.moments import claims
from lrlab.moments.moment import Claim, Groups, Moment
from lrlab.studies.regimes import REGIMES

VERDICTS: dict[str, Claim] = {"helps": claims.helps, "neutral": claims.changes_nothing, "harms": claims.harms}
# Regimes whose names say more than that the rule helps or harms; so do their claims.
BY_NAME: dict[str, Claim] = {
    "rescued by the plateau": claims.is_rescued,
    "stalls at the noise floor": claims.stalls_at_a_floor,
    "cut too early": claims.is_cut_too_early,
    "stalls at a saddle": claims.stalls_at_a_saddle,
}


def _regimes(verdict: str) -> tuple[Moment, ...]:
    return tuple(
        Moment(one.name, one.why, one.problem, one.settings, BY_NAME.get(one.name, VERDICTS[verdict]))
        for one in REGIMES
        if one.verdict == verdict
    )


ONE_RATE = (
    Moment(
        "crawls", "Each step is in the right direction and far too short: a hundred epochs are not enough.",
        "parabola", {"alpha": 0.005, "factor": 0.5, "patience": 5}, claims.crawls,
    ),
    Moment(
        "just right", "Two steps, and it is there. Half or twice the rate takes at least twice as long.",
        "parabola", {"alpha": 0.45, "factor": 0.5, "patience": 5}, claims.is_just_right,
    ),
    Moment(
        "hops across", "Every step lands on the other side, a little lower each time. It arrives all the same.",
        "parabola", {"alpha": 0.9, "factor": 0.5, "patience": 5}, claims.hops_across,
    ),
    Moment(
        "on the edge", "A hair below the stability edge: each hop across is nearly as long as the one before.",
        "parabola", {"alpha": 0.99, "factor": 0.5, "patience": 5}, claims.is_on_the_edge,
    ),
    Moment(
        "diverges", "A little past the edge each hop is longer than the last. Only a smaller rate stops that.",
        "parabola", {"alpha": 1.05, "factor": 0.5, "patience": 20}, claims.diverges,
    ),
    Moment(
        "rattles", "At a constant rate, it goes up and down between the walls of the valley, well above its floor.",
        "rosenbrock", {"alpha": 0.005, "factor": 0.5, "patience": 5}, claims.rattles,
    ),
)  # fmt: skip

LOST = (
    Moment(
        "lost before the first cut", "These walls get steeper and steeper. Two steps, and there is no way back.",
        "double_well", {"alpha": 0.35, "factor": 0.5, "patience": 5}, claims.is_lost,
    ),
)  # fmt: skip

MINIMA = (
    Moment(
        "stuck in the wrong well", "Small steps end in the well where they begin. A deeper one lies beyond the hump.",
        "double_well", {"alpha": 0.01, "factor": 0.5, "patience": 5}, claims.is_stuck_in_the_wrong_well,
    ),
    Moment(
        "hops out and then settles",
        "A large rate hops over the dips and never rests. Cuts let it settle in the deepest.",
        "tilted_washboard",
        {"alpha": 1.1, "factor": 0.9, "patience": 20, "noise": 0.1, "epochs": 400}, claims.hops_out_and_settles,
    ),
    Moment(
        "thrown out of the deep well",
        "The deeper well is the narrow one. This rate is too large for it, not for the other.",
        "two_wells", {"alpha": 1.0, "factor": 0.5, "patience": 5}, claims.is_thrown_out,
    ),
)  # fmt: skip

MOMENTUM = (
    Moment(
        "momentum overshoots", "It rolls past the minimum and swings back, at a rate that alone never passes it.",
        "parabola", {"alpha": 0.02, "factor": 0.5, "patience": 20, "momentum": 0.9}, claims.overshoots,
    ),
    Moment(
        "momentum carries it along",
        "Small steps along the valley add up. Without momentum it would still be on its way.",
        "ravine", {"alpha": 0.01, "factor": 0.5, "patience": 20, "momentum": 0.9}, claims.is_carried_along,
    ),
    Moment(
        "over the hump", "The rate is small, yet the speed from the first slope takes it over the hump.",
        "double_well", {"alpha": 0.01, "factor": 0.5, "patience": 20, "momentum": 0.9}, claims.rolls_over_the_hump,
    ),
)  # fmt: skip

PAIR: Groups = {
    "One rate": ONE_RATE,
    "Cutting helps": _regimes("helps"),
    "Cutting changes nothing": _regimes("neutral") + LOST,
    "Cutting harms": _regimes("harms"),
    "More than one minimum": MINIMA,
    "Momentum": MOMENTUM,
}
