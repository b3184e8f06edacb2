"""Which rate does the optimizer hold when fit is done? Not always the last of the history."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.views.tables import readable

ALPHA = 0.08


def draw(rng: np.random.Generator) -> Task:
    patience, cuts = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    losses = [round(1.5 * 0.8**epoch, 2) for epoch in range(int(rng.integers(2, 5)))]
    best = losses[-1]
    for cut in range(cuts):
        if cut:
            best = round(best - 0.05, 2)
            losses.append(best)
        losses.extend(round(best + float(rng.choice([0.01, 0.02, 0.03])), 2) for _ in range(patience))
    after = rates(losses, ALPHA, 0.5, patience)
    left, last = float(after[-1]), float(after[-2])
    listed = ", ".join(f"{loss:g}" for loss in losses)
    return number(
        f"A job of {len(losses)} epochs began with alpha {ALPHA:g}, factor 0.5 and patience {patience}. Its validation losses "
        f"were {listed}. Which learning rate does the optimizer hold when <code>fit</code> is done?",
        left,
        [
            Mistake(last, "With that rate the last epoch was trained. At its end the rate is cut once more, for an epoch that "
                          "never comes."),
            Mistake(ALPHA, "That is what you set before the first epoch. The callback has written over it since."),
            Mistake(ALPHA * 0.5 ** (len(losses) // patience), "You cut after every so many epochs. It waits anew after each "
                                                              "new best loss."),
            Mistake(left / 2, "One cut too many. An epoch with a new best is not counted."),
        ],
        lambda given: f"Go through the losses, count the epochs that are no new best, and halve the rate at {patience}.",
        ["How often does the rule cut? Mark the new bests first.",
         "A cut at the end of the last epoch counts, too: the optimizer has that rate now."],
        f"There are {cuts} cuts, the last at the end of the last epoch. {ALPHA:g} is halved {cuts} times: {readable(left)}. The "
        f"history says {readable(last)} for that epoch, which is the rate that it was trained with.",
        why=f"Yes: it was halved {cuts} times, the last time after the last epoch.",
        within=1e-6,
    )  # fmt: skip


EXERCISE = Exercise("rate_that_is_left", 6, "The rate that is left", draw)
