"""From which alpha on does gradient descent diverge?"""

import numpy as np

from lrlab import problems
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.descent import DescentLab
from lrlab.views.tables import readable


def draw(rng: np.random.Generator) -> Task:
    condition = int(rng.choice([5, 8, 10, 16, 20, 40]))
    problem = problems.ravine(condition=condition)
    edge = problem.stability_edge()
    return number(
        f"A valley is {condition} times as curved across as along: $\\lambda = {condition}$ across, $\\lambda = 1$ "
        "along. Up to which alpha does gradient descent stay stable on it? (Three digits are enough.)",
        edge,
        [
            Mistake(
                2.0, "That is the edge of the flat direction. The steep one gives way first, and takes all with it."
            ),
            Mistake(1 / condition, "That alpha arrives across the valley in one step. It is stable up to twice that."),
            Mistake(condition / 2, "Upside down: the steeper the valley, the smaller the step that it bears."),
            Mistake(
                2 / (condition + 1), "That is the alpha that balances both directions. The edge lies a little above."
            ),
        ],
        lambda given: (
            "With an alpha of 0 or less no step leads downhill."
            if given <= 0
            else "Too large: at that alpha each step across lands further away than it began."
            if given > edge
            else "It is stable there, but it would be at a larger alpha, too."
        ),
        [
            "Along a direction of curvature λ, one step turns a distance d into (1 − alpha λ) d.",
            "That shrinks as long as 1 − alpha λ lies between −1 and 1. Which of the two λ is the first to break it?",
        ],
        f"The edge is $2/\\lambda$ with the largest $\\lambda$: $2/{condition} = {readable(edge)}$.",
        why=f"Yes: 2/λ with the steepest λ, 2/{condition}.",
        within=0.006 * edge,
        picture=lambda: DescentLab(problem, alpha=round(1.03 * edge, 6), factor=1),
    )


EXERCISE = Exercise("edge", 1, "The edge", draw)
