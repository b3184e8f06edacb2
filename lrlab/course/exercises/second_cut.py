"""When is the second cut? The misconception that patience counts since the last cut."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.replay import replay


def draw(rng: np.random.Generator) -> Task:
    patience, falls, better = int(rng.integers(3, 5)), int(rng.integers(2, 4)), int(rng.integers(1, 3))
    losses = [round(float(loss), 2) for loss in 3.0 * 0.8 ** np.arange(falls)]
    losses += _above(rng, losses[-1], patience)  # the first plateau; the cut is at the end of its last epoch
    first = len(losses)
    losses += [round(min(losses) - 0.1 * (1 + i), 2) for i in range(better)]  # the smaller rate brings new bests
    losses += _above(rng, min(losses), patience + 2)
    after = rates(losses, 0.1, 0.5, patience)
    second = 1 + int(np.argmax(after < 0.04))
    listed = ", ".join(f"{loss:g}" for loss in losses)
    return number(
        f"The validation losses after epochs 1, 2, 3, ... are {listed}. With patience {patience}, the callback cuts the rate "
        f"for the first time at the end of epoch {first}. At the end of which epoch does it cut for the second time?",
        second,
        [
            Mistake(
                first + patience,
                f"You counted patience from the cut. Keras counts from the last improvement, and after the cut there was one: epoch {first + better}.",
            ),
            Mistake(second + 1, "That is the first epoch that trains with the lower rate. The cut is made at the end of the one before."),
            Mistake(first + 1, "A cut sets the waiting to 0, so the next one is at least patience epochs away."),
            Mistake(first, "That is the first cut. The second one comes later."),
        ],
        lambda given: (
            f"Find the last epoch after epoch {first} that brought a new best, and count {patience} epochs from there."
        ),
        ["A cut sets the waiting to 0. So does every new best loss.",
         f"The last new best is in epoch {first + better}."],
        f"After the cut at the end of epoch {first} the loss falls again, down to {min(losses):g} in epoch {first + better}. "
        f"Then {patience} epochs bring nothing lower, and the rate is cut at the end of epoch {second}.",
        why=f"Yes: {patience} epochs after the last new best, which is epoch {first + better}.",
        picture=lambda: replay(losses, alpha=0.1, factor=0.5, patience=patience),
    )  # fmt: skip


def _above(rng: np.random.Generator, best: float, count: int) -> list[float]:
    """Losses that go up and down, and are never below ``best``."""
    return [round(best + float(rng.choice([0.3, 0.2, 0.1])), 2) for _ in range(count)]


EXERCISE = Exercise("second_cut", 2, "The second cut", draw)
