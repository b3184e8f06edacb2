"""Write a schedule that beats the plateau rule on a noisy ravine, within a budget of epochs."""

from collections.abc import Callable
from math import cos, pi
from typing import Any

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.schedules import Rule, RuleError
from lrlab.core.settings import Settings
from lrlab.course.apart import Stopped, apart
from lrlab.course.exercise import Exercise, Task, Verdict, code
from lrlab.labs.descent import DescentLab
from lrlab.views.tables import readable

EPOCHS, SEEDS, NOISE, FACTOR, PATIENCE = 150, 41, 1.0, 0.5, 5
SHARE = 0.8  # of the plateau run's loss
START = '''def schedule(epoch, rate, losses):
    """The rate of the next epoch. epoch: how many are done, from 0; losses: at the start and after each of them"""
    return ...'''


def draw(rng: np.random.Generator) -> Task:
    alpha, first = float(rng.choice([0.06, 0.065, 0.07])), int(rng.integers(10**6))
    return code(
        f"On the noisy valley a run of {EPOCHS} epochs begins with alpha {alpha:g}. <code>ReduceLROnPlateau</code> with factor "
        f"{FACTOR:g} and patience {PATIENCE} cuts it here and there. Write a schedule that ends lower: at {SHARE:.0%} of its loss "
        f"or less, late in training, in the median over {SEEDS} noises. <code>rate</code> is {alpha:g} before the first epoch.",
        START,
        lambda function: judge(function, alpha, first),
        ["The way along the valley is long, and only a large rate covers it. So do not lower it early.",
         f"Then the noise has to be averaged away: let the rate fall smoothly to nearly 0 by epoch {EPOCHS}.",
         "The epoch tells you where you are. The losses are not needed."],
        f"<pre>from math import cos, pi\n\ndef schedule(epoch, rate, losses):\n    return {alpha:g} * (1 + cos(pi * epoch / {EPOCHS}))"
        " / 2</pre>A half cosine: it stays high for long, and ends at nearly 0. The plateau rule cannot know how many epochs are "
        "left. A schedule is told, and that is its advantage.",
        picture=lambda: DescentLab(
            "ravine", alpha=alpha, factor=FACTOR, patience=PATIENCE, noise=NOISE, epochs=EPOCHS, rule=cosine(alpha)
        ),
    )  # fmt: skip


def cosine(alpha: float) -> Rule:
    """The schedule of the solution."""
    return lambda epoch, rate, losses: alpha * (1 + cos(pi * epoch / EPOCHS)) / 2


def judge(function: Callable[..., Any], alpha: float, first: int) -> Verdict:
    """Train with it, apart, on the noises from ``first`` on, and compare."""
    plateau = median_loss(alpha, first, FACTOR)
    try:
        mine = apart(_own_loss, function, alpha, first)
    except Stopped as stopped:
        return Verdict(False, str(stopped))
    if isinstance(mine, str):
        return Verdict(False, mine)
    mine, lr = mine
    said = f"your schedule ends at {readable(mine)}, the plateau rule at {readable(plateau)}"
    if mine <= SHARE * plateau:
        return Verdict(True, f"Yes: in the median over {SEEDS} noises {said}.")
    if not np.isfinite(mine) or mine > 100:
        edge = problems.ravine().stability_edge()
        return Verdict(False, f"With your schedule the run diverges: the edge is at {edge:g}. Stay below it.")
    if max(lr) == 0:
        return Verdict(False, "Your rate is 0 from the first epoch to the last: no weight ever moves.")
    if min(lr) == max(lr):
        told = f"That is a constant rate, {readable(lr[0])} in every epoch: {said}"
        return Verdict(False, f"{told}. Keep it high for long, and lower it late.")
    if mine > plateau:
        return Verdict(False, f"In the median {said}. {_where(lr)}")
    return Verdict(
        False, f"Lower, but not by enough: in the median {said}. At most {SHARE:.0%} of that is wanted. {_where(lr)}"
    )


def _where(lr: list[float]) -> str:
    """Where a schedule lowers its rate too early or too late, or not far enough, as far as that can be told from its rates."""
    half, last = lr[EPOCHS // 2 - 1], lr[-1]
    if half < 0.2 * max(lr):
        return f"Half-way your rate is down to {readable(half)} already: is it lowered too early?"
    if last > 0.1 * max(lr):
        return f"In the last epoch your rate is still {readable(last)}: is that low enough for the noise to fade?"
    if lr[int(0.85 * EPOCHS)] > 0.5 * max(lr):
        late = 1 + int(np.flatnonzero(np.array(lr) > 0.5 * max(lr))[-1])
        return (
            f"Your rate is high until epoch {late}: that leaves too few epochs for the noise to fade. Lower it earlier."
        )
    return "Try to keep the rate high for longer, and to let it fall smoothly to nearly 0."


def median_loss(alpha: float, first: int, factor: float) -> float:
    """Late in training, the median over noises, with the plateau rule; with factor 1 of a constant rate."""
    return _median(Settings(alpha, factor, PATIENCE), first, None)[0]


def _median(settings: Settings, first: int, rule: Rule | None) -> tuple[float, list[float]]:
    """The loss, and the rates of the first run."""
    runs = [
        train(problems.ravine(), settings, epochs=EPOCHS, noise=NOISE, seed=first + seed, rule=rule)
        for seed in range(SEEDS)
    ]
    with np.errstate(all="ignore"):
        loss = float(np.median([run.watched[-EPOCHS // 10 :].mean() for run in runs]))
    return loss, [float(f"{rate:.6g}") for rate in runs[0].lr[:, -1]]


def _own_loss(function: Callable[..., Any], alpha: float, first: int) -> tuple[float, list[float]] | str:
    """In the other process: the same with a learner's schedule, or what is wrong with what it returns."""
    try:
        loss, lr = _median(Settings(alpha, 1.0, 1), first, function)
    except RuleError as error:
        if error.__cause__ is not None and not str(error).startswith("Your rule must"):
            raise error.__cause__ from None  # the learner's own, with its line
        return str(error).replace("Your rule", "Your schedule")
    return (loss if np.isfinite(loss) else 1e30), lr


EXERCISE = Exercise("beat_the_plateau", 7, "Beat the plateau", draw)
