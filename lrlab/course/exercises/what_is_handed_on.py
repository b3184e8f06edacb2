"""What must one job hand on to the next, so that the chain is the run?"""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.chain import ChainLab
from lrlab.studies.chain import train_jobs

EPOCHS, ALPHA, PATIENCE = 100, 0.02, 10


def draw(rng: np.random.Generator) -> Task:
    problem, momentum = problems.rotated_ellipse(), float(rng.choice([0.85, 0.9, 0.92]))
    run = train(problem, Settings(ALPHA, 0.5, PATIENCE), epochs=EPOCHS, momentum=momentum)
    carried, fresh = (train_jobs(problem, run, 0, carry=carry, momentum=momentum) for carry in (True, False))
    options = [
        Option(
            "the weights", fresh.same,
            f"The velocity would be lost: such a chain is off by up to {fresh.weights:.2g} in a weight. Without momentum "
            "the weights would have been enough.",
        ),
        Option(
            "the weights and the velocity", carried.same,
            f"Yes: the chain then differs from the run by {carried.weights:g}, in every weight and after every epoch.",
        ),
        Option(
            "the velocity", False, "Then each job would begin at the start again. The weights are what it has learned."
        ),
        Option(
            "nothing: the learning rate says it all", False,
            "The rate says how far the next step goes, not from where. Each job would begin anew, at a lower rate.",
        ),
    ]  # fmt: skip
    return choose(
        f"A run of gradient descent with momentum {momentum:g} is cut into its jobs of constant rate, and these are trained "
        "one by one. What has each to hand on to the next, so that the chain is the run, to the last bit?",
        [options[i] for i in rng.permutation(len(options))],
        ["What does the next step depend on?", "Momentum adds to each step a part of the one before."],
        "All that the next step depends on: the weights, and what the optimizer remembers. That is what <em>state</em> means.",
        picture=lambda: ChainLab(
            problem, ALPHA, 0.5, PATIENCE, epochs=EPOCHS, momentum=momentum, separate=True, carry=False
        ),
    )


EXERCISE = Exercise("what_is_handed_on", 5, "What is handed on", draw)
