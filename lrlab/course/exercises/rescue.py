"""Set factor and patience so that a run whose alpha is far too large is rescued in time."""

import numpy as np

from lrlab.core import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.descent import DescentLab

FACTORS, PATIENCES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), np.array([1, 2, 3, 4, 5])


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
        stable = np.flatnonzero(run.lr[:, 1] < edge)
        if not len(stable):
            return Verdict(False, f"The rate is still above the edge of {edge:g} at the end. Cut harder, or sooner.")
        rate, since = float(run.lr[stable[0], 1]), int(stable[0])
        if rate < edge / 3 and since < most / 2:
            return Verdict(
                False,
                f"The cut overshoots: from epoch {since + 1} on the rate is {rate:.3g}, far below the edge of {edge:g}. From there the run crawls.",
            )
        return Verdict(
            False, f"It takes {since} epochs until the rate is below the edge of {edge:g}, and all that while the loss climbs. Less patience, or a harder cut?"
        )  # fmt: skip

    return sliders(
        f"Alpha is {alpha:g}, far past the edge of {edge:g}. Leave it there. Set factor and patience so that the blue run "
        f"reaches the target in at most {most} epochs.",
        lambda: DescentLab("ravine", alpha=alpha, factor=0.9, patience=20),
        judge,
        ["As long as the rate is above the edge the loss climbs: the first cut should come soon.",
         f"The rate should land a little below {edge:g}. Which factor takes {alpha:g} there in one or two cuts?"],
        f"For instance factor {factor:g} and patience {patience}: {np.nanmin(epochs):.0f} epochs. The loss climbs "
        "until the rate is below the edge, and comes down quickly if the rate has landed not far below it.",
        picture=lambda: DescentLab("ravine", alpha=alpha, factor=factor, patience=patience),
        free=("factor", "patience"),
    )  # fmt: skip


EXERCISE = Exercise("rescue", 1, "A rescue in time", draw)
