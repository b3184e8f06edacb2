"""The classical moments: what each lab's menu offers, by the lab's name. What each claims is simulated by the tests.

    lrlab.moments.names("DescentLab")                                   # what there is
    lab = lrlab.DescentLab.from_moment("rescued by the plateau")        # a new lab that shows it
    lab.examples.value = "crawls"                                       # another one, in the same lab

Settings were looked for on all sides, not to flatter the rule.
"""

from __future__ import annotations

from lrlab.moments.jobs import CHAIN, JOBS
from lrlab.moments.keras import TRAINED, TRAINED_CHAIN, TRAINED_JOBS
from lrlab.moments.maps import SETTINGS, STARTS
from lrlab.moments.moment import Groups, Moment
from lrlab.moments.pair import PAIR
from lrlab.moments.ratefree import RATE_FREE

MOMENTS: dict[str, Groups] = {
    "DescentLab": PAIR,
    "BasinLab": STARTS,
    "ChainLab": CHAIN,
    "JobsLab": JOBS,
    "SweepLab": SETTINGS,
    "RateFreeLab": RATE_FREE,
    "KerasLab": TRAINED,
    "KerasChainLab": TRAINED_CHAIN,
    "KerasJobsLab": TRAINED_JOBS,
}


def moments_of(lab: str) -> dict[str, Moment]:
    """A lab's moments by their names, in the order of its menu. Raises ValueError for a lab that has none."""
    if lab not in MOMENTS:
        raise ValueError(f"lab must be one of {', '.join(MOMENTS)}, got {lab!r}.")
    return {moment.name: moment for group in MOMENTS[lab].values() for moment in group}


def names(lab: str) -> list[str]:
    """The names of a lab's moments, in the order of its menu. Raises ValueError for a lab that has none."""
    return list(moments_of(lab))
