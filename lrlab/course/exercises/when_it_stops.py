"""EarlyStopping beside ReduceLROnPlateau: when does training stop? Each callback counts for itself."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Mistake, Task, number


def draw(rng: np.random.Generator) -> Task:
    cut_after, stop_after = int(rng.integers(3, 5)), int(rng.integers(7, 10))
    best = int(rng.integers(4, 8))
    losses = [round(2.0 * 0.8**epoch, 2) for epoch in range(best)]
    lowest = losses[-1]
    while len(losses) < best + 3 * stop_after:
        losses.append(round(lowest + float(rng.choice([0.02, 0.05, 0.1, 0.15])), 2))
    stop = _stops(losses, stop_after)
    after = rates(losses, 0.1, 0.5, cut_after)
    cuts = (np.flatnonzero(np.diff(after, prepend=np.float32(0.1)) < 0) + 1).tolist()
    before = [cut for cut in cuts if cut < stop]
    reset = (
        "The cut of the rate resets nothing in EarlyStopping: it only knows the losses, and counts from the best one."
    )
    return number(
        "A job has both callbacks: <code>ReduceLROnPlateau(patience="
        f"{cut_after})</code> and <code>EarlyStopping(patience={stop_after})</code>, with the same min_delta. The best loss "
        f"comes in epoch {best}, and no epoch after it is better. While it waits, the rate is cut at "
        f"the end of {_listed(before)}. At the end of which epoch does training stop?",
        stop,
        [
            Mistake(before[0] + stop_after, reset),
            Mistake(before[-1] + stop_after, reset),
            Mistake(stop_after, "That would be counted from the start. It counts from the last new best."),
            Mistake(stop + 1, f"It stops at the end of the epoch that makes {stop_after}, and begins no other."),
            Mistake(stop - 1, "One epoch too early: the epoch of the best loss is not counted."),
        ],
        lambda given: f"Count {stop_after} epochs from the best one, which is epoch {best}.",
        ["What does EarlyStopping look at? Does it know the learning rate?",
         f"It counts epochs that are no better than the best. Epoch {best + 1} is the first of them."],
        f"{best} + {stop_after} = {stop}. The rate is cut on the way, and EarlyStopping goes on counting.",
        why=f"Yes: {stop_after} epochs after the best one, whatever the rate does meanwhile.",
    )  # fmt: skip


def _listed(epochs: list[int]) -> str:
    *first, last = map(str, epochs)
    return f"the epochs {', '.join(first)} and {last}" if first else f"epoch {last}"


def _stops(losses: list[float], patience: int) -> int:
    """At the end of which epoch EarlyStopping stops, by its rule."""
    best, wait = float("inf"), 0
    for epoch, loss in enumerate(losses, start=1):
        best, wait = (loss, 0) if loss < best else (best, wait + 1)
        if wait >= patience:
            return epoch
    raise AssertionError("These losses go on for long enough.")


EXERCISE = Exercise("when_it_stops", 6, "When it stops", draw)
