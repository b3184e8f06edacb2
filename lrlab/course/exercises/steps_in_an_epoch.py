"""Batch size is a hyperparameter: how many steps does it leave in a job?"""

from math import ceil

import numpy as np

from lrlab import problems
from lrlab.course.exercise import Exercise, Mistake, Task, number

PROBLEMS = {
    "multilayer_perceptron": ("the two moons", lambda: problems.multilayer_perceptron("moons")),
    "linear_regression": ("the diabetes data", problems.linear_regression),
    "logistic_regression": ("the breast tumours", problems.logistic_regression),
}


def draw(rng: np.random.Generator) -> Task:
    words, make = PROBLEMS[str(rng.choice(sorted(PROBLEMS)))]
    rows = len(make().samples.targets)
    batch, epochs = int(rng.choice([16, 32, 64])), int(rng.choice([20, 50, 100]))
    steps = ceil(rows / batch) * epochs
    return number(
        f"There are {rows} rows to train on ({words}), in batches of {batch}; the last batch of an epoch may be smaller. How "
        f"many steps, each with its own gradient, does a job of {epochs} epochs take?",
        steps,
        [
            Mistake(rows // batch * epochs, "The last batch of each epoch is smaller, and it makes a step as well."),
            Mistake(ceil(rows / batch), f"Those are the steps of one epoch. The job has {epochs} of them."),
            Mistake(epochs, "That would be one step an epoch: with a batch of all rows."),
            Mistake(rows * epochs, "That would be so with batches of one row."),
            Mistake(batch * epochs, "Batch size is the number of rows in a step, not the number of steps."),
            Mistake(ceil(rows * epochs / batch), "Each epoch ends with what is left over. Count the steps of one epoch first."),
        ],
        lambda given: f"How many batches of {batch} are needed for {rows} rows? That many steps, in each of {epochs} epochs.",
        [f"{rows} divided by {batch} is {rows / batch:.2f}. And the rest?", "Multiply by the epochs."],
        f"{ceil(rows / batch)} steps an epoch, {steps:,} in all. Twice the batch size leaves about half as many steps, each with "
        "less noise. So it asks for another alpha.",
        why=f"Yes: {ceil(rows / batch)} steps in each epoch.",
    )  # fmt: skip


EXERCISE = Exercise("steps_in_an_epoch", 8, "Steps in an epoch", draw)
