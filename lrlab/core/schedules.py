"""Rules of one's own: a function that says at which rate the next epoch is trained. Five well-known ones to start from.

A rule is called before the first epoch and after each one, as ``rule(epoch, rate, losses) -> rate``:

    epoch: how many epochs are done, 0 before the first
    rate: the learning rate in force, a float
    losses: (epoch + 1,), what the plateau rule would watch: at the start, and after each epoch

    def halve_when_it_rises(epoch, rate, losses):
        return rate / 2 if epoch and losses[-1] > losses[-2] else rate

    lrlab.DescentLab("ravine", rule=halve_when_it_rises)
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, cos, isfinite, pi

from lrlab.core.arrays import Array
from lrlab.core.rules import check_one

Rule = Callable[[int, float, Array], float]


class RuleError(ValueError):
    """A rule of the user's own raised something (``__cause__``), or returned what is no learning rate."""


def next_rate(rule: Rule, rate: float, losses: Array) -> float:
    """What ``rule`` says after ``len(losses) - 1`` epochs. losses: (epochs + 1,), read-only for the rule.

    Raises RuleError where the rule raises, or returns anything but a number from 0 to 1e30. Only where the last loss is
    not finite, and the answer neither, the rate stays as it is.
    """
    epoch = len(losses) - 1
    seen = losses.view()
    seen.flags.writeable = False
    try:
        answer = rule(epoch, rate, seen)
    except Exception as error:
        raise RuleError(f"Your rule raised {type(error).__name__} after epoch {epoch}: {error}.") from error
    try:
        number = float(answer)
    except (TypeError, ValueError):
        number = float("nan")
    if 0 <= number <= 1e30:
        return number
    if not isfinite(losses[-1]) and not isfinite(number):
        return rate  # no rule can make much of the losses of a run that is lost
    raise RuleError(
        f"Your rule must return a learning rate, a number from 0 to 1e30, got {answer!r} after epoch {epoch}. "
        "Return rate to keep it as it is."
    )


# Each makes a rule for a job of so many epochs that starts with, or rises to, the rate alpha. Raises TypeError or
# ValueError where these, or how many steps, cycles or epochs to the peak there are, break their rule.


def step_decay(alpha: float, epochs: int, *, steps: int = 5, factor: float = 0.5) -> Rule:
    """Cut the rate ``steps - 1`` times, evenly spread, whatever the losses do; in fewer epochs, after each.

    >>> rule = step_decay(0.1, epochs=6, steps=3)
    >>> [rule(epoch, 0.1, []) for epoch in range(6)]
    [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    """
    alpha, epochs = _job(alpha, epochs)
    steps = min(check_one("steps", steps), epochs)
    return lambda epoch, rate, losses: alpha * factor ** min(epoch * steps // epochs, steps - 1)


def exponential(alpha: float, epochs: int, *, share: float = 0.01) -> Rule:
    """Multiply the rate by the same number after each epoch, so that at the end ``share`` of it is left."""
    alpha, epochs = _job(alpha, epochs)
    return lambda epoch, rate, losses: alpha * share ** (epoch / epochs)


def cosine(alpha: float, epochs: int, *, lowest: float = 0.0) -> Rule:
    """Half a cosine from alpha down to ``lowest``: slow, fast, slow. Loshchilov and Hutter, 2017, arXiv:1608.03983."""
    alpha, epochs = _job(alpha, epochs)
    return lambda epoch, rate, losses: lowest + (alpha - lowest) * (1 + cos(pi * min(epoch / epochs, 1.0))) / 2


def warm_restarts(alpha: float, epochs: int, *, cycles: int = 4, lowest: float = 0.0) -> Rule:
    """Cosines one after another, each from alpha again: SGDR, in the same paper, with cycles as even as they can be."""
    alpha, epochs = _job(alpha, epochs)
    cycles = min(check_one("cycles", cycles), epochs)

    def rule(epoch: int, rate: float, losses: Array) -> float:
        cycle = min(epoch * cycles // epochs, cycles - 1)
        first, end = (ceil(part * epochs / cycles) for part in (cycle, cycle + 1))
        return cosine(alpha, end - first, lowest=lowest)(epoch - first, rate, losses)

    return rule


def one_cycle(alpha: float, epochs: int, *, first: float = 0.1, last: float = 0.01, peak: float = 0.4) -> Rule:
    """Up to alpha, then down: straight from ``first`` of it to all of it and on to ``last`` of it.

    peak: the share of the epochs that it rises. After Smith and Topin, 2018, arXiv:1708.07120
    """
    alpha, epochs = _job(alpha, epochs)
    peak = check_one("peak", peak)

    def rule(epoch: int, rate: float, losses: Array) -> float:
        done = min(epoch / epochs, 1.0)
        if done < peak:
            return alpha * (first + (1 - first) * done / peak)
        return alpha if peak == 1 else alpha * (1 - (1 - last) * (done - peak) / (1 - peak))

    return rule


def _job(alpha: float, epochs: int) -> tuple[float, int]:
    return check_one("alpha", alpha), check_one("epochs", epochs)


SCHEDULES: dict[str, Callable[[float, int], Rule]] = {
    "step decay": step_decay,
    "exponential": exponential,
    "cosine": cosine,
    "warm restarts": warm_restarts,
    "1-cycle": one_cycle,
}
