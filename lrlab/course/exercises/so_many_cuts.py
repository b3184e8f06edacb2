"""How many cuts, and how many epochs, does a small rate cost?"""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number


def draw(rng: np.random.Generator) -> Task:
    factor, patience = float(rng.choice([0.2, 0.3, 0.5, 0.7])), int(rng.integers(3, 9))
    part = int(rng.choice([20, 50, 100]))
    after = rates(np.ones(2000), 1.0, factor, patience)
    flat = int(
        np.argmax(after < 1 / part)
    )  # the first loss counts as an improvement, so one epoch less than its number
    cuts = flat // patience
    exact = round(patience * np.log(part) / np.log(1 / factor), 1)  # lesson 2's formula, for another part than a tenth
    return number(
        f"A loss has come to rest and stays exactly where it is. The callback has factor {factor:g} and patience {patience}. How "
        f"many epochs of rest does it take until the rate is below one {part}th of what it was?",
        flat,
        [
            *(Mistake(value, "That is the formula, in which cuts come bit by bit. They come whole: count them, and patience epochs for each.")
              for value in (exact, np.floor(exact), np.ceil(exact))),
            Mistake(cuts, "So many cuts are needed, yes. Each of them costs patience epochs."),
            Mistake(patience, "That is one cut."),
            Mistake((cuts - 1) * patience, "One cut is missing: the rate is not yet below that part."),
            Mistake((cuts + 1) * patience, "One cut too many: the rate is below that part before."),
            Mistake(
                np.ceil((1 - 1 / part) / (1 - factor)) * patience,
                "Cuts do not subtract, they multiply: two cuts leave factor times factor.",
            ),
        ],
        lambda given: f"How many times must {factor:g} be multiplied with itself to come below 1/{part}? Each cut takes {patience} epochs.",
        [f"After one cut the rate is {factor:g} of what it was, after two {factor:g} · {factor:g} = {factor * factor:.3g}.",
         f"{cuts} cuts are needed, and each comes after {patience} epochs without progress."],
        f"${factor:g}^{{{cuts}}} = {factor**cuts:.2g}$ is the first power below $1/{part}$: {cuts} cuts. Each takes {patience} epochs: "
        f"{flat} epochs.",
        why=f"Yes: {cuts} cuts, {patience} epochs each.",
    )  # fmt: skip


EXERCISE = Exercise("so_many_cuts", 2, "A long way down", draw)
