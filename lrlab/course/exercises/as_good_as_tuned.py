"""Set one plateau job so that it is better than the best of ten tuned constant ones."""

import numpy as np

from lrlab import problems
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.jobs import JobsLab
from lrlab.studies.jobs import PLATEAU, Job, best, measure_of, tune, whole_jobs
from lrlab.views.tables import readable

WHERE = {"absolute_value": {"noise": 0.2}, "rosenbrock": {}}
STARTS = {"absolute_value": 0.0005, "rosenbrock": 0.0002}
EPOCHS = 200
THROWN = 10  # times the loss of the start


def draw(rng: np.random.Generator) -> Task:
    name, seed = str(rng.choice(list(WHERE))), int(rng.integers(5))
    problem, options = problems.find(name), WHERE[name] | {"epochs": EPOCHS, "seed": seed}
    tuned = tune(problem, 10, **options)
    champion = tuned[best(tuned, measure_of(problem))]

    def trained(alpha: float, factor: float, patience: int) -> float:
        return whole_jobs(problem, PLATEAU, Settings(alpha, factor, patience), **options)[0].best_loss

    def judge(lab: JobsLab) -> Verdict:
        alpha, factor, patience = (lab.controls[control].value for control in ("alpha", "factor", "patience"))
        job = whole_jobs(problem, PLATEAU, Settings(alpha, factor, patience), **options)[0]
        found = f"The plateau job with these settings comes to {readable(job.best_loss)}, the best constant one to {readable(champion.best_loss)}"
        return _said_of(job, champion, found)

    grid = [(a, f, p) for a in _alphas(problem) for f in (0.5, 0.8) for p in (5, 8, 12)]
    losses = [trained(*one) for one in grid]
    alpha, factor, patience = grid[int(np.argmin(losses))]
    return sliders(
        f"Ten constant jobs, over the whole range of alpha, come to a lowest loss of {readable(champion.best_loss)} at best (press <em>Tune "
        "alpha</em> to see them). Set alpha, factor and patience so that <strong>one</strong> job with the callback comes lower. Train as many as you "
        "like; what counts is where the sliders stand when you press Check.",
        lambda: JobsLab(name, alpha=STARTS[name], factor=0.5, patience=3, callback="on", **options),
        judge,
        ["Begin with a larger alpha than the best constant one: the cuts will make it smaller.",
         f"An alpha near {alpha:.2g} is a good start."],
        f"Alpha {alpha:.3g}, factor {factor:g} and patience {patience} come to {readable(min(losses))}. A rate that is large at first and small later on "
        "does here what no constant one can, however well it is tuned.",
        picture=lambda: JobsLab(name, alpha=alpha, factor=factor, patience=patience, callback="on", **options),
        free=("alpha", "factor", "patience", "callback", "tries"),
    )  # fmt: skip


def _said_of(job: Job, champion: Job, found: str) -> Verdict:
    """The verdict on a plateau job. found: what both came to, as words"""
    cut, lower, run = job.run.cuts.any(), job.best_loss < champion.best_loss, job.run
    if cut and lower:
        return Verdict(True, f"Yes. {found}.")
    if not lower and not (run.watched < THROWN * run.watched[0]).all():
        return Verdict(False, f"{found}. The first steps threw it out of the valley: a smaller alpha.")
    if not cut:
        why = "A factor below 1?" if run.settings.factor[0] == 1 else "Is alpha too small, or patience too long?"
        return Verdict(False, f"{found}. Its rate was never cut, so it was a constant job. {why}")
    if job.final_rate < job.alpha / 1000:
        rest = f"It was cut down to {job.final_rate:.1g} and came to rest too early: more patience, or a milder factor?"
        return Verdict(False, f"{found}. {rest}")
    if job.alpha <= champion.alpha:
        return Verdict(
            False, f"{found}. Try another alpha, larger at first: what is too large later on, the cuts will take back."
        )
    large = f"Alpha is larger than that of the best constant one, {champion.alpha:.2g}"
    return Verdict(False, f"{found}. {large}, as it should be. Try another factor, or another patience.")


def _alphas(problem: problems.Problem) -> list[float]:
    low, high = problem.alpha_range
    return [float(f"{alpha:.2g}") for alpha in np.geomspace(low, high, 16)]


EXERCISE = Exercise("as_good_as_tuned", 3, "One job against ten", draw)
