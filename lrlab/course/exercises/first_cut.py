"""When does the callback cut for the first time? The mistakes are the classical ones."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number


def draw(rng: np.random.Generator) -> Task:
    patience, falls = int(rng.integers(3, 6)), int(rng.integers(3, 7))
    losses = [round(float(loss), 2) for loss in 2.0 * 0.8 ** np.arange(falls)]
    best = losses[-1]
    while len(losses) < falls + patience + 3:  # up and down again, but never below the best
        losses.append(round(best + float(rng.choice([0.3, 0.2, 0.1])), 2))
    losses[falls + 1] = round(losses[falls] - 0.05, 2)  # better than the epoch before, and no new best
    after = rates(losses, 0.1, 0.5, patience)
    cut = 1 + int(np.argmax(after < 0.1))
    since_before = _first_cut_if_compared_with_the_epoch_before(losses, patience)
    listed = ", ".join(f"{loss:g}" for loss in losses)
    return number(
        f"The validation losses after epochs 1, 2, 3, ... are {listed}. "
        f"<code>ReduceLROnPlateau</code> has patience {patience}. At the end of which epoch is the rate cut for the first time?",
        cut,
        [
            Mistake(cut + 1, "That is the first epoch that trains with the lower rate. The cut is made at the end of the one before."),
            Mistake(falls, "That is the epoch of the best loss. From there the waiting begins."),
            Mistake(patience, "Patience is not counted from the start, but from the last epoch that brought a new best."),
            Mistake(patience + 1, "Patience is not counted from the start, but from the last epoch that brought a new best."),
            Mistake(since_before or np.nan, "You compared each loss with the one before. Keras compares with the best so far."),
            Mistake(cut - 1, "Then patience would be one epoch shorter: the epoch of the best loss is not counted."),
        ],
        lambda given: f"Find the epoch with the lowest loss, and count {patience} epochs without a lower one from there.",
        ["Which epoch brought the best loss so far? The waiting starts anew after that one.",
         f"Epochs that are no better than the best count: when there are {patience} of them, the rate is cut."],
        f"The best loss is {best:g}, after epoch {falls}. Epochs {falls + 1} to {cut} bring nothing lower: that is patience, "
        f"and the rate is cut at the end of epoch {cut}.",
        why=f"Yes: {patience} epochs after the best one, which is epoch {falls}.",
    )  # fmt: skip


def _first_cut_if_compared_with_the_epoch_before(losses: list[float], patience: int) -> int:
    wait = 0
    for epoch in range(1, len(losses)):
        wait = 0 if losses[epoch] < losses[epoch - 1] else wait + 1
        if wait == patience:
            return epoch + 1
    return 0


EXERCISE = Exercise("first_cut", 2, "The first cut", draw)
