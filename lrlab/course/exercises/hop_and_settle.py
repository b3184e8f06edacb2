"""Set alpha so that a constant run hops into the deeper well and settles there."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.descent import DescentLab

NEAR = 0.02
ALPHAS = np.round(np.arange(0.01, 0.3, 0.002), 3)


def draw(rng: np.random.Generator) -> Task:
    problem = problems.double_well()
    (deep,), (shallow,) = problem.minima
    start = float(rng.choice([1.65, 1.7, 1.75, 1.8]))
    ends = train(problem, Settings(ALPHAS, 1, 1), epochs=problem.epochs, start=(start,)).w[-10:, :, 0]
    good = ALPHAS[(abs(ends - deep) < NEAR).all(axis=0)]
    middle = float(good[len(good) // 2])

    def judge(lab: DescentLab) -> Verdict:
        last, alpha = lab.run.w[-10:, 0, 0], lab.controls["alpha"].value
        if (abs(last - deep) < NEAR).all():
            return Verdict(True, f"Yes: with alpha {alpha:g} it hops over the hump and settles at x = {deep:g}.")
        if (abs(last - shallow) < NEAR).all():
            crossed = bool((lab.run.w[:, 0, 0] < 0).any())
            why = "it hops over the hump, and back again" if crossed else "its steps are too short to clear the hump"
            return Verdict(
                False, f"With alpha {alpha:g} it settles at x = {shallow:g}, in the well that is less deep: {why}."
            )
        if np.isfinite(lab.run.diverged[0]):
            return Verdict(False, f"With alpha {alpha:g} it diverges: the walls are steep, and each step lands higher.")
        if alpha < problem.stability_edge():
            crossed = bool((lab.run.w[:, 0, 0] < 0).any())
            why = (
                "so near to the edge each step lands almost as far on the other side of the minimum"
                if crossed
                else "its steps are too short to clear the hump"
            )
            return Verdict(False, f"With alpha {alpha:g} it is still on its way after {len(lab.run.lr)} epochs: {why}.")
        return Verdict(
            False,
            f"With alpha {alpha:g} it does not come to rest: that is past the edge of the deeper well, {problem.stability_edge():.2f}.",
        )

    return sliders(
        f"The run begins at x = {start:g}. Set alpha so that the <strong>constant</strong> run hops over the hump and settles in the deeper well, at x = "
        f"{deep:g}.",
        lambda: DescentLab(problem, alpha=0.05, factor=1, start=(start,)),
        judge,
        ["The first step has to clear the hump at x = 0.2, and the last ones have to settle.",
         f"To settle, alpha must be below the edge of the deeper well, {problem.stability_edge():.2f}. Try a little below it."],
        f"Alpha {middle:g} does it. The window is narrow, since one alpha has to do both, the long step at first and the short ones at the end.",
        picture=lambda: DescentLab(problem, alpha=middle, factor=1, start=(start,)),
        free=("alpha",),
    )  # fmt: skip


EXERCISE = Exercise("hop_and_settle", 4, "Hop and settle", draw)
