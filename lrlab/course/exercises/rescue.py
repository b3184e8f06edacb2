"""Set factor and patience so that a run whose alpha is far too large is rescued in time."""

from typing import Any

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.descent import DescentLab

FACTORS, PATIENCES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), np.array([1, 2, 3, 4, 5])
MORE_FACTORS, MORE_PATIENCES = np.arange(1, 20) / 20, np.arange(1, 21)  # in which a remedy is looked for


def draw(rng: np.random.Generator) -> Task:
    alpha = float(rng.choice([0.12, 0.16, 0.2, 0.24]))
    problem = problems.ravine()
    grid = Settings.grid(alpha, FACTORS, PATIENCES)
    epochs = train(problem, grid, epochs=problem.epochs).epochs_to(problem.target)
    best = int(np.nanargmin(epochs))
    factor, patience = float(grid.factor[best]), int(grid.patience[best])
    most = int(np.ceil(1.15 * np.nanmin(epochs)))
    edge = problem.stability_edge()

    def judge(lab: DescentLab) -> Verdict:
        run = lab.run
        reached = run.epochs_to(problem.target)[1]
        if reached <= most:
            return Verdict(True, f"Yes: the target is reached after {reached:.0f} epochs.")
        return Verdict(False, _why(run[1], problem, reached, most))

    return sliders(
        f"Alpha is {alpha:g}, far past the edge of {edge:g}. Leave it there. Set factor and patience so that the blue run "
        f"reaches the target in at most {most} epochs.",
        lambda: DescentLab("ravine", alpha=alpha, factor=0.9, patience=20),
        judge,
        [f"As long as the rate is above the edge the loss climbs. Below {edge:g} it falls, and not far below it falls quickly.",
         "Once the rate is low enough, the loss needs some epochs to come back below its best, which is from before the climb. A patience that is "
         "shorter than that cuts again. Try a mild factor and a patience of 3 or 4."],
        f"For instance factor {factor:g} and patience {patience}: {np.nanmin(epochs):.0f} epochs. The loss climbs "
        "until the rate is below the edge, and comes down quickly if the rate has landed not far below it.",
        picture=lambda: DescentLab("ravine", alpha=alpha, factor=factor, patience=patience),
        free=("factor", "patience"),
    )  # fmt: skip


def _why(run: Run, problem: Problem, reached: float, most: int) -> str:
    """What is slow about a rescue. run: the one that is cut. reached: the epoch of the target, or NaN"""
    rates, edge = run.lr[:, 0], problem.stability_edge()
    stable = np.flatnonzero(rates < edge)
    if not len(stable):
        return f"The rate is still above the edge of {edge:g} at the end. Cut harder, or sooner."
    since, rate = int(stable[0]), float(rates[stable[0]])
    if since > most / 2:
        return f"The rate is above the edge of {edge:g} until epoch {since}, and so long the loss climbs. Cut harder, or sooner."
    below = f"From epoch {since + 1} on the rate is {rate:.3g}, below the edge of {edge:g}, and the loss falls."
    again = since + int(np.argmax(rates[since:] < rate))  # the first epoch with a lower one, or ``since``
    if again > since and not reached < again:
        return (
            f"{below} But the rate is cut again after epoch {again}: the best loss is from before the climb, and the run is not back below it by then. "
            f"{_slow(problem, run.w[again, 0], rate, float(rates[again]))}{_remedy(problem, run.settings, most)}"
        )
    return f"{below} But the way along the valley is slow with that rate. One that is nearer to the edge is quicker: a milder factor."


def _slow(problem: Problem, w: np.ndarray, rate: float, lower: float) -> str:
    """Which of two rates is slow from there on: the one before the cut, the lower one after it, or none."""
    held = train(problem, Settings(np.array([rate, lower]), 1, 1), epochs=problem.epochs, start=tuple(w))
    before, after = np.nan_to_num(held.epochs_to(problem.target), nan=np.inf)
    if before < after or (before == after and held.final_loss[0] < held.final_loss[1]):
        return f"With {lower:.3g} it goes on more slowly. "
    return "So near to the edge it bounces from wall to wall. " if rate > 0.9 * problem.stability_edge() else ""


def _remedy(problem: Problem, settings: Settings, most: int) -> str:
    """Which change would do, of factor alone or of patience alone: two of them at most."""
    factor, patience = settings.factor[0], settings.patience[0]
    milder, longer = factor < MORE_FACTORS, patience < MORE_PATIENCES
    changes = {
        "a milder factor": (MORE_FACTORS[milder], patience),
        "more patience": (factor, MORE_PATIENCES[longer]),
        "less patience": (factor, MORE_PATIENCES[~longer]),
        "a harder factor": (MORE_FACTORS[~milder], patience),
    }
    found = [words for words, change in changes.items() if _in_time(problem, settings.alpha[0], *change, most)]
    words = " or ".join(found[:2]).replace("milder factor or a harder", "milder or a harder").capitalize()
    return f"{words} would do." if found else "Change both, factor and patience."


def _in_time(problem: Problem, alpha: float, factors: Any, patiences: Any, most: int) -> bool:
    """Whether one of them reaches the target in time."""
    if not np.size(factors) or not np.size(patiences):
        return False
    run = train(problem, Settings(alpha, factors, patiences), epochs=problem.epochs)
    return bool((run.epochs_to(problem.target) <= most).any())


EXERCISE = Exercise("rescue", 1, "A rescue in time", draw)
