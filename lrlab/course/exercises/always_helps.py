"""The misconception that cutting the rate always helps: in one of four settings it does."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.descent import DescentLab
from lrlab.views.tables import readable

FACTOR, PATIENCE, EPOCHS = 0.5, 5, 200


def draw(rng: np.random.Generator) -> Task:
    problem = problems.ravine()
    alphas = [float(rng.choice(some)) for some in ([0.005, 0.01], [0.05, 0.055], [0.065, 0.07], [0.082, 0.09, 0.1])]
    options = []
    for alpha in rng.permutation(alphas):
        run = train(problem, Settings.pair(alpha, FACTOR, PATIENCE), epochs=EPOCHS)
        (constant, plateau), cuts = run.final_loss, int(run.cuts[:, 1].sum())
        ends = f"the constant run ends at a loss of {readable(float(constant))}, the one with the callback at {readable(float(plateau))}"
        if plateau < 0.98 * constant:
            why = f"Yes: {ends}. Past the edge the cut is a rescue."
        elif cuts:
            why = f"There the callback is a brake: {ends}. It took small and steady progress for a plateau, and cut {cuts} times."
        else:
            why = "There nothing is ever cut: the loss falls in every epoch, only slowly, and no callback makes that quicker."
        options.append(Option(f"alpha {alpha:g}", bool(plateau < 0.98 * constant), why))
    return choose(
        "On the valley, without noise, the stability edge is 0.08. Two runs train for 200 epochs, one of them with the "
        "callback (factor 0.5, patience 5). At which alpha does the callback lead to a lower loss?",
        options,
        [
            "A cut makes the steps smaller, and does nothing else.",
            "Which of these runs suffers from steps that are too large?",
        ],
        "Only the alpha past the edge, 0.08, has steps that are too large. Below the edge, without noise, smaller steps "
        "can only make the run slower: <strong>cutting does not always help.</strong>",
        picture=lambda: DescentLab("ravine", alpha=alphas[1], factor=FACTOR, patience=PATIENCE),
    )


EXERCISE = Exercise("always_helps", 1, "Does cutting help?", draw)
