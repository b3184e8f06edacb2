"""The misconception that the callback compares with the previous epoch."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.replay import replay


def draw(rng: np.random.Generator) -> Task:
    patience = int(rng.integers(3, 6))
    best = round(float(rng.choice([0.8, 0.9, 1.1])), 1)
    bump = [round(best + 0.5 - 0.05 * i, 2) for i in range(patience + 1)]  # it falls in every epoch after the jump
    losses = [round(best + 0.4, 2), best, *bump]
    cut = 1 + int(np.argmax(rates(losses, 0.1, 0.5, patience) < 0.1))
    options = [
        Option(
            f"It is cut at the end of epoch {cut}.",
            True,
            f"Yes: since epoch 2 no loss was below {best:g}, the best so far. That the last ones fall does not matter.",
        ),
        Option(
            "It is not cut: after the jump the loss falls in every epoch.",
            False,
            f"That would be so if each loss were compared with the one before. Keras compares with the best so far, {best:g}, "
            "and none of these epochs beats it.",
        ),
        Option(
            "It is cut at the end of epoch 3, since the loss rises there.",
            False,
            f"One worse epoch is not enough: patience {patience} waits for {patience} of them.",
        ),
        Option(
            "It is raised again when the loss falls.",
            False,
            "This callback never raises the rate, whatever the loss does.",
        ),
    ]
    return choose(
        f"The validation losses are {', '.join(f'{loss:g}' for loss in losses)}. The callback has patience {patience}. "
        "What happens to the rate?",
        [options[i] for i in rng.permutation(len(options))],
        ["With what is a new loss compared: with the last one, or with another?", f"The best loss so far is {best:g}, from epoch 2 on."],
        f"The best loss is {best:g}, after epoch 2. Epochs 3 to {cut} are all above it, so the waiting reaches {patience} at the end of "
        f"epoch {cut}, and the rate is cut there.",
        picture=lambda: replay(losses, alpha=0.1, factor=0.5, patience=patience),
    )  # fmt: skip


EXERCISE = Exercise("compared_with", 2, "Better than what?", draw)
