"""Whether one plateau job or tuning a constant rate is ahead: settings to try, each with what it claims.

Every claim is simulated by the tests, over several sets of twenty seeds. Settings were looked for on all sides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lrlab.studies.jobs import Comparison

PLATEAU_JOB, NOBODY, TUNING = "plateau", "nobody", "tuning"


class Contest(NamedTuple):
    """One setting: arguments for `JobsLab`, and what it claims of budgets up to ten jobs.

    ahead: "plateau", of tuning with up to ``jobs`` jobs; "tuning", with ``jobs`` jobs or more; or "nobody" with
        ``jobs`` jobs or more
    name: a few words. why: a sentence or two. problem, settings: the arguments
    """

    name: str
    ahead: str
    jobs: int
    why: str
    problem: str
    settings: dict[str, Any]


CONTESTS = (
    Contest(
        "a corner", PLATEAU_JOB, 10,
        "At a corner no constant rate settles, however well it is tuned. One job that cuts its rate does.",
        "absolute_value", {"alpha": 0.3, "factor": 0.5, "patience": 8, "noise": 0.2},
    ),
    Contest(
        "a bent valley", PLATEAU_JOB, 10,
        "The rate that is fastest at first is too large later on. A constant job has to do with one rate for both.",
        "rosenbrock", {"alpha": 0.004, "factor": 0.5, "patience": 5},
    ),
    Contest(
        "many minima", PLATEAU_JOB, 3,
        "A large rate hops over the small minima, cuts let it settle. Tuning needs luck for that, and many jobs.",
        "rastrigin", {"alpha": 0.02, "factor": 0.5, "patience": 5},
    ),
    Contest(
        "a good first guess", PLATEAU_JOB, 1,
        "From a fair alpha, one plateau job is as good as a few of tuning. With enough of them, tuning finds better.",
        "ravine", {"alpha": 0.05, "factor": 0.5, "patience": 5},
    ),
    Contest(
        "a round bowl", NOBODY, 2,
        "Nearly every rate arrives here, so the first job is as good as the last: nothing to tune, nothing to cut.",
        "bowl", {"alpha": 0.5, "factor": 0.5, "patience": 10},
    ),
    Contest(
        "a flat basin", NOBODY, 3,
        "The loss is soon as low as it gets, with a cut rate and with many a constant one.",
        "log_sum_exp", {"alpha": 1.0, "factor": 0.5, "patience": 5},
    ),
    Contest(
        "cut too early", TUNING, 3,
        "The rule takes noise for a plateau and cuts to a tenth, so its job crawls. Two or three draws do better.",
        "ravine", {"alpha": 0.03, "factor": 0.1, "patience": 2, "noise": 1.0},
    ),
    Contest(
        "stalls at a saddle", TUNING, 1,
        "A saddle looks like a plateau, and cuts make it one. One constant job, at nearly any rate, walks past it.",
        "saddle", {"alpha": 0.07, "factor": 0.5, "patience": 5},
    ),
    Contest(
        "too small a start", TUNING, 2,
        "The rule only ever lowers the rate: from too small an alpha it has no way up. Tuning may draw a larger one.",
        "ravine", {"alpha": 0.002, "factor": 0.5, "patience": 5},
    ),
    Contest(
        "a plateau that ends", TUNING, 2,
        "The network's loss rests for a while and then falls again: a job that was cut meanwhile never gets there.",
        "mlp_moons", {"alpha": 0.5, "factor": 0.5, "patience": 3},
    ),
)  # fmt: skip


def holds(contest: Contest, comparison: Comparison) -> bool:
    """Whether ``comparison`` bears out what ``contest`` claims."""
    if contest.ahead == PLATEAU_JOB:
        return bool((comparison.ahead[: contest.jobs] == 1).all())
    return bool((comparison.ahead[contest.jobs - 1 :] == (0 if contest.ahead == NOBODY else -1)).all())
