"""The misconception that smaller steps escape local minima."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.descent import DescentLab


def draw(rng: np.random.Generator) -> Task:
    problem = problems.double_well()
    alpha = float(rng.choice([0.03, 0.04, 0.05]))
    large = float(rng.choice([0.14, 0.15]))
    (deep,), (shallow,) = problem.minima

    def ends(rate: float, epochs: int = 100, factor: float = 1.0) -> float:
        return float(train(problem, Settings(rate, factor, 5), epochs=epochs).w[-1, 0, 0])

    tries = [
        (f"Train again from the same start with a tenth of alpha, {alpha / 10:g}.", ends(alpha / 10, 1000),
         "Smaller steps follow the slope more closely, and the slope leads into this well"),
        (f"Train again from the same start with a larger alpha, {large:g}.", ends(large),
         "The first step clears the hump, and the run settles behind it"),
        ("Train for ten times as many epochs.", ends(alpha, 1000),
         "At the bottom the gradient is 0, and so is every step"),
        ("Add the callback, so that the rate is cut.", ends(alpha, 100, 0.5),
         "A cut makes the steps smaller, and steps of this size only go downhill"),
    ]  # fmt: skip
    options = [
        Option(words, end < 0, f"{'Yes. ' if end < 0 else ''}{why}: it ends at x = {end:.2f}.")
        for words, end, why in tries
    ]
    return choose(
        f"On the curve with two wells a run with alpha {alpha:g} begins at x = {problem.start[0]:g} and settles at x = {shallow:g}, in the "
        f"well that is less deep. Which of these gets a run into the deeper one, at x = {deep:g}?",
        [options[i] for i in rng.permutation(len(options))],
        ["What is the gradient at the bottom of a well?", "Between the wells is a hump, at x = 0.2. Which steps can cross it at all?"],
        "Small steps never leave a well: they follow the slope, and it leads to the bottom. A long step may land behind the hump. "
        "(It may also land somewhere worse.)",
        picture=lambda: DescentLab(problem, alpha=large, factor=1),
    )  # fmt: skip


EXERCISE = Exercise("out_of_the_well", 4, "Out of the well", draw)
