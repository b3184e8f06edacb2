"""The callback looks at losses. Does that make the rate a parameter, as weights are?"""

import numpy as np

from lrlab.course.exercise import Exercise, Option, Task, choose

OPTIONS = (
    Option(
        "No. A rule that was fixed before the run works it out; no gradient is taken with respect to the rate.",
        True,
        "Yes: it depends on the data, but it is not fitted to them. Its rule, factor and patience, is what you set.",
    ),
    Option(
        "Yes. It changes while the model trains, and whatever changes then is a parameter.",
        False,
        "The epoch's number changes, too, and so does the loss. Parameters are what the training fits, such as weights and biases.",
    ),
    Option(
        "Yes. The callback finds the rate that makes the loss smallest.",
        False,
        "It looks for nothing. It multiplies by the same factor whenever the waiting is over, whether that helps or not.",
    ),
    Option(
        "No. The validation loss has no influence on the rate.",
        False,
        "It has: when it brings no new best for patience epochs, the rate is cut. Other data may mean other cuts.",
    ),
)


def draw(rng: np.random.Generator) -> Task:
    return choose(
        "The rate after a plateau run depends on the data. Has it become a parameter, learned as weights are?",
        [OPTIONS[i] for i in rng.permutation(len(OPTIONS))],
        ["How does a weight get its value? And how does the rate?", "What would have to be computed for the rate to be learned by gradient descent?"],
        "No. Weights follow the gradient of the loss. The rate follows a rule that was fixed before the run began.",
    )  # fmt: skip


EXERCISE = Exercise("learned_or_set", 3, "Learned, or set?", draw, varies=False)
