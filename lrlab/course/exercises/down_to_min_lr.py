"""How many cuts until the lowest rate is reached?"""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.replay import replay
from lrlab.views.tables import readable

EPOCHS = 60


def draw(rng: np.random.Generator) -> Task:
    alpha, factor = float(rng.choice([0.1, 0.2, 0.4])), float(rng.choice([0.5, 0.3]))
    min_lr, patience = float(rng.choice([0.001, 0.003, 0.006])), int(rng.integers(2, 4))
    flat = np.ones(EPOCHS)
    after = rates(flat, alpha, factor, patience, min_lr=min_lr)
    cuts = int((np.diff(after, prepend=np.float32(alpha)) < 0).sum())
    before = alpha * factor ** (cuts - 1)
    return number(
        f"A run begins with alpha {alpha:g}, factor {factor:g} and <code>min_lr={min_lr:g}</code>, and the loss never moves. "
        "How often is the rate lowered before it stays where it is for good?",
        cuts,
        [
            Mistake(cuts - 1, f"Then it is {readable(before)}, still above {min_lr:g}. One cut more, and it is set to {min_lr:g}."),
            Mistake(cuts + 1, f"One too many: after {cuts} cuts it is at {min_lr:g}, and the rule does nothing there."),
            Mistake(EPOCHS // patience, "The rule lowers it only while it is above min_lr."),
            Mistake(
                round((alpha - min_lr) / (alpha * (1 - factor))),
                "You took the same amount away each time. A cut multiplies: each is smaller than the one before.",
            ),
        ],
        lambda given: f"Multiply {alpha:g} by {factor:g} until you are at {min_lr:g} or below, and count.",
        [f"After one cut the rate is {readable(alpha * factor)}. And after two?",
         "What would fall below min_lr is set to min_lr. That counts as well."],
        f"After {cuts - 1} cuts the rate is {readable(before)}; the next would give {readable(before * factor)}, which is below "
        f"{min_lr:g}, so it is set to that. {cuts} in all.",
        why=f"Yes: after {cuts} it is at {min_lr:g}.",
        picture=lambda: replay(flat.tolist(), alpha, factor, patience, min_lr=min_lr),
    )  # fmt: skip


EXERCISE = Exercise("down_to_min_lr", 7, "Down to the lowest rate", draw)
