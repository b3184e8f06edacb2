"""What part of the way is left after some steps on the bowl?"""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.descent import DescentLab


def draw(rng: np.random.Generator) -> Task:
    alpha, steps = float(rng.choice([0.1, 0.2, 0.3, 0.4, 1.3, 1.6])), int(rng.integers(3, 6))
    run = train(problems.bowl(), Settings(alpha, 1, 1), epochs=steps)
    distances = np.linalg.norm(run.w[:, 0], axis=-1)
    left = 100 * float(distances[-1] / distances[0])
    one = abs(1 - alpha)
    return number(
        f"On the round bowl ($\\lambda = 1$), with alpha {alpha:g}, how much of the distance to the minimum is left after "
        f"{steps} steps? Give it in percent of the distance at the start, to a tenth.",
        left,
        [
            Mistake(100 - left, "That is the part that is behind. The question is what is left."),
            Mistake(
                100 * one, f"That is what one step leaves. There are {steps}, each beginning where the last one ended."
            ),
            Mistake(
                abs(100 * (1 - steps * alpha)),
                "Steps do not add up like that: each covers a share of what is left, not of the whole way.",
            ),
            Mistake(left / 100, "That is the fraction. In percent it is a hundred times that."),
            Mistake(100 * one ** (steps - 1), f"That is after {steps - 1} steps. One is missing."),
            Mistake(100 * one ** (steps + 1), f"That is after {steps + 1} steps, one too many."),
            Mistake(100 * alpha**steps, "That is alpha to that power. One step leaves 1 − alpha, not alpha."),
            Mistake(-left, "A distance has no sign, on whichever side of the minimum it is."),
        ],
        lambda given: (
            f"That is too {'much' if given > left else 'little'}. One step leaves |1 − {alpha:g}| = {one:g} of the distance, and each "
            f"of the {steps} steps leaves so much of what the one before has left."
        ),
        [
            "One step turns a distance d into |1 − alpha λ| d, and λ is 1 here.",
            f"After two steps |1 − {alpha:g}| · |1 − {alpha:g}| is left. And after {steps}?",
        ],
        f"Each step leaves ${one:g}$ of what was there, so ${one:g}^{steps} = {left / 100:.3f}$, or {left:.1f} percent.",
        why=f"Yes: {one:g} to the power of {steps}.",
        within=0.01 * left + 0.05,
        percent=True,
        picture=lambda: DescentLab("bowl", alpha=alpha, factor=1, epochs=20),
    )


EXERCISE = Exercise("left_over", 1, "What is left of the way", draw)
