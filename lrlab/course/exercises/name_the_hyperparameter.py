"""Google's definition, applied to a job with the callback."""

import numpy as np

from lrlab.course.exercise import Exercise, Option, Task, choose

OPTIONS = (
    Option(
        "factor and patience",
        True,
        "Yes: you choose them before the job, the job does not touch them, and for the next job you may choose others.",
    ),
    Option(
        "the learning rate used in epoch 37",
        False,
        "Nobody sets that one between runs: it comes out of the run, from the losses and the rule. What you set is the rate "
        "at the start.",
    ),
    Option(
        "the weights after the last epoch",
        False,
        "Those are parameters: the model learns them while it trains. The glossary names them as the contrast.",
    ),
    Option(
        "the lowest validation loss",
        False,
        "That is a result. You look at it after the run, to decide what to adjust for the next one.",
    ),
)


def draw(rng: np.random.Generator) -> Task:
    return choose(
        "You train with <code>ReduceLROnPlateau</code>. Which of these is a hyperparameter by Google's definition, "
        "something that you or a tuning service adjust <em>during successive runs</em>?",
        [OPTIONS[i] for i in rng.permutation(len(OPTIONS))],
        ["Which of them do you write down before the run begins?", "Which of them stays what it is while the run goes on?"],
        "Factor and patience, as well as the rate at the start and the lowest rate. The rate of a single epoch comes out "
        "of the run.",
    )  # fmt: skip


EXERCISE = Exercise("name_the_hyperparameter", 3, "By Google's definition", draw, varies=False)
