"""The misconception that logistic regression gets stuck in a local minimum."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.descent import DescentLab


def draw(rng: np.random.Generator) -> Task:
    problem = problems.logistic_regression()
    small, large = float(rng.choice([0.002, 0.004])), float(rng.choice([1.0, 2.0]))
    run = train(problem, Settings([small, large], 1, 1), epochs=60)
    rests, lowest = run.loss[-1]
    options = [
        Option(
            "It is still on its way: alpha is too small.",
            True,
            f"Yes: with alpha {large:g}, from the same start, the loss comes to {lowest:.2f} in the same 60 epochs.",
        ),
        Option(
            "It is stuck in a local minimum.",
            False,
            "The loss of logistic regression is convex: there is no local minimum but the global one. Nothing there can hold it.",
        ),
        Option(
            "It is on a plateau, so its rate should be cut.",
            False,
            "A cut makes small steps smaller. The loss falls in every epoch, so the callback would not even want to.",
        ),
        Option(
            f"The lowest loss of this model is {rests:.2f}.",
            False,
            f"It is lower: with alpha {large:g} the same model comes to {lowest:.2f}.",
        ),
    ]
    return choose(
        f"The classifier of this lesson is trained with alpha {small:g}, on all rows at once. After 60 epochs its loss is "
        f"{rests:.2f} and falls by {1000 * (run.loss[-2, 0] - rests):.1f} thousandths an epoch. What holds it up?",
        [options[i] for i in rng.permutation(len(options))],
        ["Is this loss convex? What follows from that?", "What would you try next: a smaller alpha, or a larger one?"],
        f"A convex loss has one bottom, and the way down leads there from everywhere. With alpha {large:g} it takes few epochs. It was "
        "the size of the steps, not the shape of the loss.",
        picture=lambda: DescentLab(problem, alpha=small, factor=1, epochs=60),
    )  # fmt: skip


EXERCISE = Exercise("stuck_classifier", 4, "What holds it up?", draw)
