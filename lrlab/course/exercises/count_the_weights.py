"""How many numbers does training set, and how many did you?"""

import numpy as np

from lrlab import problems
from lrlab.course.exercise import Exercise, Mistake, Task, number

INPUTS, OUTPUTS = 2, 1


def draw(rng: np.random.Generator) -> Task:
    first, second = int(rng.integers(3, 9)), int(rng.integers(2, 7))
    while second == first:
        second = int(rng.integers(2, 7))
    weights = problems.multilayer_perceptron("moons", hidden=(first, second)).dim
    without = INPUTS * first + first * second + second * OUTPUTS
    return number(
        f"A network has {INPUTS} inputs, a hidden layer of {first} units, one of {second}, and {OUTPUTS} output. How many "
        "numbers does training set: all weights and biases together?",
        weights,
        [
            Mistake(without, "The biases are missing: one for each unit, hidden or output."),
            Mistake(first + second + OUTPUTS, "That is how many units there are. Each has a weight for each of its inputs."),
            Mistake(
                INPUTS * first + first + first * OUTPUTS + OUTPUTS, "That would be the network with its first layer only."
            ),
            Mistake(2, "Those are the hyperparameters, the sizes of the layers: you set them, training does not."),
        ],
        lambda given: "Count layer by layer: inputs times units, and one bias for each unit.",
        [f"The first hidden layer has {INPUTS} × {first} weights and {first} biases.",
         f"The second has {first} inputs for each of its {second} units."],
        f"({INPUTS} + 1) × {first} + ({first} + 1) × {second} + ({second} + 1) × {OUTPUTS} = {weights}. Training sets these. You "
        f"set two: {first} and {second}.",
        why="Yes. Training sets these; the sizes of the layers are yours, and so is alpha.",
    )  # fmt: skip


EXERCISE = Exercise("count_the_weights", 8, "Count the weights", draw)
