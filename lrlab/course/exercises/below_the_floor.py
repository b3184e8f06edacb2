"""Noise: which change brings a constant run closer to the minimum?"""

import numpy as np

from lrlab import problems
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.descent import DescentLab
from lrlab.studies.jobs import train_seeds

SEEDS, EPOCHS = range(20), 400


def draw(rng: np.random.Generator) -> Task:
    alpha = float(rng.choice([0.04, 0.05, 0.06]))
    problem = problems.ravine()

    def floors(rates: list[float], start: float = 1.0) -> np.ndarray:
        """For each rate, the median over seeds of the loss at which a run rattles."""
        first = tuple(start * np.asarray(problem.start))
        settings = Settings(np.tile(rates, len(SEEDS)), 1, 1)
        run = train_seeds(problem, settings, SEEDS, epochs=EPOCHS, noise=1.0, start=first)
        return np.median(run.loss[-EPOCHS // 4 :].mean(axis=0).reshape(len(SEEDS), -1), axis=0)

    now, half, larger = floors([alpha, alpha / 2, 1.3 * alpha])
    half, larger, closer = half / now, larger / now, floors([alpha], 0.5)[0] / now
    options = [
        Option(
            f"halve alpha to {alpha / 2:g}", bool(half < 0.8), f"Yes: the run then rattles at {half:.0%} of the height."
        ),
        Option(
            f"raise alpha to {1.3 * alpha:g}",
            bool(larger < 0.8),
            f"A larger step follows the noise more closely, and the run rattles at {larger:.0%} of the height.",
        ),
        Option(
            "start half as far from the minimum",
            bool(closer < 0.8),
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
        "The noise floor grows with alpha. Along a direction of curvature $\\lambda$ its height is in proportion to "
        "$\\alpha / (2 - \\alpha\\lambda)$: far below the edge half the alpha has half the height, near the edge less than that.",
        picture=lambda: DescentLab("ravine", alpha=alpha / 2, factor=1, noise=1, epochs=EPOCHS),
    )


EXERCISE = Exercise("below_the_floor", 1, "Below the noise floor", draw)
