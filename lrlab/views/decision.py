"""What the plateau rule decided at the end of an epoch, and why, in words."""

from __future__ import annotations

import numpy as np

from lrlab.core.inside import Inside
from lrlab.views.tables import counted, decimals_of, readable, small

MOST_DIGITS = 17  # a float64 has no more
PLAIN = (1e-5, 1e9)  # losses between these are written without a power of ten


def decision(rule: Inside, epoch: int) -> str:
    """One sentence on ``epoch``, counted from 1: what was compared with what, and what came of it."""
    return f"Epoch {epoch}: {_compared(rule, epoch - 1)}; {_done(rule, epoch - 1)}."


def quirk(rule: Inside, epoch: int) -> str:
    """What surprises people about this very epoch; "" where nothing does."""
    e = epoch - 1
    loss, best, min_delta = rule.loss[e], rule.best[e], rule.settings.min_delta[0]
    if e == 0:
        return (
            "The first loss is not a number. Nothing compares as lower than that, so to this callback no later epoch "
            "will ever be an improvement."
            if np.isnan(loss)
            else ""
        )
    if np.isnan(best):
        return "The best loss is that of the first epoch, which is not a number: nothing compares as lower than that."
    if np.isnan(loss):
        return "A loss that is not a number is never an improvement."
    if rule.improved[e] and rule.cooling[e]:
        return "A new best counts during a cooldown too; only waiting does not."
    if not rule.improved[e] and loss < best:
        return (
            f"The loss is below the best, but not by more than min_delta, {small(min_delta)}. That is an absolute "
            "number: once losses are small, even a steady fall counts as a plateau."
        )
    if rule.after[e] < rule.rate[e]:
        return _quirk_of_a_cut(rule)
    if rule.wait[e] and loss < rule.loss[e - 1]:
        return "It is lower than in the epoch before, but the rule compares with the best loss ever."
    return ""


def _quirk_of_a_cut(rule: Inside) -> str:
    if rule.settings.patience[0] == 0:
        return "A patience of 0 acts as 1: an epoch that fails is only known when it is over."
    if rule.settings.cooldown[0] == 1:
        return "A cooldown of 1 acts as 0: it is counted down before the next epoch is looked at."
    return ""


def _compared(rule: Inside, e: int) -> str:
    if e == 0:
        return f"{readable(rule.loss[e])} is the first loss, and so the best"
    relation = "below" if rule.improved[e] else "not below"
    loss, best = _told_apart(rule, e)
    min_delta = rule.settings.min_delta[0]
    return f"{loss} is {relation} {best}" + (
        f" − {small(min_delta)}" if min_delta and np.isfinite(rule.best[e]) else ""
    )


def _told_apart(rule: Inside, e: int) -> tuple[str, str]:
    """Loss and best, with as many digits as it takes to see which is lower."""
    loss, best, min_delta = rule.loss[e], rule.best[e], rule.settings.min_delta[0]
    if not np.isfinite([loss, best]).all():
        return readable(loss, 6), readable(best, 6)
    largest = max(abs(loss), abs(best))
    for digits in range(4, MOST_DIGITS + 1):
        if (_read(loss, largest, digits) < _read(best, largest, digits) - min_delta) == rule.improved[e]:
            break
    return told(loss, largest, digits), told(best, largest, digits)


def plain(largest: float) -> bool:
    """Whether losses of this size are written without a power of ten."""
    return PLAIN[0] <= largest < PLAIN[1]


def told(loss: float, largest: float, digits: int = 4) -> str:
    """A loss with so many digits of the ``largest`` that it is compared with."""
    return f"{loss:,.{decimals_of(largest, digits)}f}" if plain(largest) else readable(loss, digits)


def _read(loss: float, largest: float, digits: int) -> float:
    """The number that a reader takes from ``told``."""
    return float(f"{loss:.{decimals_of(largest, digits)}f}" if plain(largest) else f"{loss:.{digits - 1}e}")


def _done(rule: Inside, e: int) -> str:
    wait, patience = rule.wait[e], rule.patience
    if rule.cooling[e]:
        return f"cooling down, with {counted(rule.cooling[e], 'epoch')} left in which no wait is counted"
    if rule.improved[e]:
        return "the wait starts over at 0"
    if wait < patience:
        return f"wait is now {wait} of {patience}"
    waited = f"wait is now {wait} of {patience}"
    if rule.after[e] < rule.rate[e]:
        cooldown = rule.settings.cooldown[0]
        cools = f", and a cooldown of {cooldown} begins" if cooldown > 1 else ""
        return f"{waited}: rate cut from {readable(rule.rate[e])} to {readable(rule.after[e])}{cools}"
    if rule.settings.factor[0] == 1:
        return f"{waited}, and factor 1 leaves the rate at {readable(rule.after[e])}"
    return f"{waited}, but the rate cannot be cut below {readable(rule.after[e])}"
