"""The first exercise: type a number into a lab, read one off it."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.descent import DescentLab


def draw(rng: np.random.Generator) -> Task:
    alpha = float(rng.choice([0.045, 0.062, 0.068, 0.072]))
    problem = problems.ravine()
    run = train(problem, Settings.pair(alpha, 0.5, 5), epochs=problem.epochs)
    reached = int(run.epochs_to(problem.target)[0])
    return number(
        f"In the lab above, type {alpha:g} into the box next to <em>alpha</em> and press Enter. The table under the pictures says when each run reached the "
        "target. After how many epochs did the <strong>constant</strong> run?",
        reached,
        [
            Mistake(alpha, "That is alpha. The question is for a number of epochs."),
            Mistake(problem.epochs, "That is how long the whole run is. It reached the target before."),
            Mistake(
                float(train(problem, Settings(0.02, 1, 1), epochs=problem.epochs).epochs_to(problem.target)[0]),
                "That is for alpha 0.02, with which the lab begins. Was Enter pressed?",
            ),
        ],
        lambda given: f"Not quite. Is alpha {alpha:g} in the lab, and are factor and patience 0.5 and 5? Then read the table under the pictures.",
        ["Press Reset under More settings, then type alpha again.", "The table under the pictures has a row for each run."],
        f"The constant run reaches the target after {reached} epochs.",
        picture=lambda: DescentLab("ravine", alpha=alpha, factor=0.5, patience=5),
    )  # fmt: skip


EXERCISE = Exercise("read_the_lab", 0, "Read a lab", draw)
