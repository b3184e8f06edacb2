"""min_delta: steady progress that is too small for the callback, unless it waits for long enough."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number

FALLS = (0.000015, 0.00003, 0.00004, 0.00006)  # in each epoch
LONGEST = 40


def draw(rng: np.random.Generator) -> Task:
    fall = float(rng.choice(FALLS))
    losses = 0.5 - fall * np.arange(400)
    calm = [patience for patience in range(1, LONGEST) if (rates(losses, 0.1, 0.5, patience) > 0.09).all()]
    right = min(calm)
    known = {  # of two that are one number the later one is told
        0: "Patience 0 acts as 1: the first epoch that is not better by more than 0.0001 leads to a cut.",
        5: "Work it out: how many epochs does the loss need to fall by more than 0.0001?",
        10: "That is Keras' default, and it would do. The question is for the smallest.",
        right
        - 1: "Nearly. After so many epochs the fall does not yet come to more than 0.0001, and the waiting has just reached patience.",
        right
        + 1: "With that it never cuts, but one less is enough: the epoch that brings the new best does not count as waiting.",
        1: f"The loss falls in every epoch, but by {fall:.6f} only. The callback asks for more than min_delta, 0.0001.",
    }
    return number(
        f"A loss of 0.5 falls steadily, by {fall:.6f} in every epoch. The callback has its usual <code>min_delta</code> of "
        "0.0001. What is the smallest patience with which it never cuts?",
        right,
        [Mistake(value, why) for value, why in known.items()],
        lambda given: (
            "So many epochs are right, and patience is a whole number: round up."
            if abs(given - 0.0001 / fall) < 0.05
            else "With that it never cuts. A smaller one would do, too."
            if given > right
            else "With that it cuts: before the loss has fallen by more than 0.0001 in all, the waiting is over."
        ),
        ["A new best must be lower than the old one by more than min_delta. The old one stays until then.",
         f"After how many epochs has the loss fallen by more than 0.0001, at {fall:.6f} each?"],
        f"A new best comes when the falls add up to more than 0.0001, that is after {right} epochs. The epochs before that one "
        f"count as waiting, {right - 1} of them, and that must stay below patience: {right}. (This is why a run near its "
        "minimum, which still gets better a little in every epoch, is cut again and again.)",
        why=f"Yes: every {right} epochs the falls add up to a new best, just before the waiting is over.",
    )  # fmt: skip


EXERCISE = Exercise("small_progress", 2, "Too small to count", draw)
