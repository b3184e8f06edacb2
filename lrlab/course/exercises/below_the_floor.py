"""Noise: which change brings a constant run closer to the minimum?"""

import numpy as np

from lrlab.core import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose

SEEDS, EPOCHS = 20, 400


def draw(rng: np.random.Generator) -> Task:
    alpha = float(rng.choice([0.04, 0.05, 0.06]))
    problem = problems.ravine()

    def floor(rate: float, start: float = 1.0) -> float:
        """The median over seeds of the loss at which a run rattles."""
        first = tuple(start * np.asarray(problem.start))
        runs = [
            train(problem, Settings(rate, 1.0, 1), epochs=EPOCHS, noise=1.0, seed=seed, start=first)
            for seed in range(SEEDS)
        ]
        return float(np.median([run.loss[-EPOCHS // 4 :, 0].mean() for run in runs]))

    now = floor(alpha)
    half, double, closer = floor(alpha / 2) / now, floor(1.3 * alpha) / now, floor(alpha, 0.5) / now
    options = [
        Option(f"halve alpha to {alpha / 2:g}", half < 0.8, f"Yes: the run then rattles at {half:.0%} of the height."),
        Option(
            f"raise alpha to {1.3 * alpha:g}",
            double < 0.8,
            f"A larger step follows the noise more closely, and the run rattles at {double:.0%} of the height.",
        ),
        Option(
            "start half as far from the minimum",
            closer < 0.8,
            f"It arrives sooner, and then rattles as before: at {closer:.0%} of the height. The floor forgets the start.",
        ),
        Option(
            "train for twice as many epochs",
            False,
            "On average nothing changes after the first hundred epochs: the run has come to its floor, and stays there.",
        ),
    ]
    order = rng.permutation(len(options))
    return choose(
        f"On the valley, with noise in every gradient, a constant run at alpha {alpha:g} rattles around the minimum. "
        "Which change lets it rattle at a lower loss?",
        [options[i] for i in order],
        ["What does one step do with the noise of one gradient?", "A small step averages over more gradients."],
        "The noise floor grows with alpha: half the alpha, about half the height.",
    )


EXERCISE = Exercise("below_the_floor", 1, "Below the noise floor", draw)
