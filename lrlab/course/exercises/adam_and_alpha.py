"""Adam makes alpha irrelevant? How long is its first step?"""

import numpy as np

from lrlab.course.exercise import Exercise, Option, Task, choose

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7  # Keras' own


def draw(rng: np.random.Generator) -> Task:
    alpha, gradient = float(rng.choice([0.01, 0.05, 0.1])), float(rng.choice([20, 50, 200]))
    now, larger, faster = (
        first_step(alpha, gradient),
        first_step(alpha, 10 * gradient),
        first_step(10 * alpha, gradient),
    )
    options = [
        Option(
            "nothing: Adam finds the step's length by itself", False,
            f"Adam divides by the size of the gradients, and then multiplies by alpha: {now:.3g} becomes {faster:.3g}.",
        ),
        Option(
            f"it becomes {faster / now:.0f} times as long", np.isclose(faster, 10 * now),
            f"Yes: from {now:.3g} to {faster:.3g}. Adam takes the size of the gradient out of the step, not alpha.",
        ),
        Option(
            "it becomes a tenth as long, since Adam makes up for it", False,
            f"Adam makes up for large gradients (10 times the gradient leaves the step at {larger:.3g}), and not for alpha.",
        ),
        Option(
            f"it becomes {10 * alpha * gradient:g} long: alpha times the gradient", False,
            f"That is plain gradient descent. Adam divides by the gradient's size: the step is {faster:.3g} long.",
        ),
    ]  # fmt: skip
    return choose(
        f"A weight has the gradient {gradient:g}, and Adam takes its first step with alpha {alpha:g}. Now alpha is made 10 times "
        "as large. What happens to that first step?",
        [options[i] for i in rng.permutation(len(options))],
        ["Adam divides an average of the gradients by the root of an average of their squares.",
         "After one gradient both averages are of one number: what is g divided by the root of g²?"],
        f"The first step is alpha times g / √g², so it is alpha long, whatever the gradient: {now:.3g}, then {faster:.3g}. Alpha "
        "is still what says how far a step goes.",
    )  # fmt: skip


def first_step(alpha: float, gradient: float) -> float:
    """How long Adam's first step is. Kingma and Ba, 2015, algorithm 1."""
    mean, square = (1 - BETA1) * gradient, (1 - BETA2) * gradient**2
    return alpha * (mean / (1 - BETA1)) / (np.sqrt(square / (1 - BETA2)) + EPSILON)


EXERCISE = Exercise("adam_and_alpha", 8, "Adam and alpha", draw)
