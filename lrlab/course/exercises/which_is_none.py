"""Which of these is no hyperparameter?"""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose

SET = {
    "the learning rate alpha": "You choose it before the job. A callback may change it later, by a rule that you chose as well.",
    "the number of hidden units": "You choose it before the job. Training cannot add one.",
    "the batch size": "You choose it before the job. It decides how many steps an epoch has, and how noisy they are.",
    "patience": "You choose it before the job. The callback takes its decisions from it, and not from the gradient.",
    "factor": "You choose it before the job. The gradient has no say in it.",
    "momentum": "You choose it before the job. It says how much of a step is kept for the next one.",
}


def draw(rng: np.random.Generator) -> Task:
    problem, alpha = problems.linear_regression(), float(rng.choice([0.05, 0.1, 0.2]))
    w = train(problem, Settings(alpha, 1.0, 1), epochs=20).w[:, 0, -1]
    learned = Option(
        "a bias of the network",
        bool(w[0] != w[-1]),
        "Yes: the gradient sets it, step by step. In the linear regression of this course it goes from "
        f"{w[0]:.3g} to {w[-1]:.3g} in 20 epochs at alpha {alpha:g}.",
    )
    others = rng.choice(sorted(SET), size=3, replace=False)
    options = [learned, *(Option(str(name), False, SET[name]) for name in others)]
    return choose(
        "Which of these is <em>no</em> hyperparameter?",
        [options[i] for i in rng.permutation(len(options))],
        ["A hyperparameter is fixed before training. What is not?", "Which of them does a gradient step change?"],
        "Weights and biases are parameters: training sets them. All the others are chosen before it.",
    )


EXERCISE = Exercise("which_is_none", 8, "Which is none?", draw)
