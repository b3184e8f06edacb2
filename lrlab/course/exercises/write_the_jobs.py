"""Write the function that finds the constant-rate jobs in a history of learning rates."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.apart import Stopped, apart
from lrlab.course.exercise import Exercise, Task, Verdict, code

START = '''def jobs(rates):
    """The constant-rate jobs in a list of rates, one for each epoch: a list of (first epoch, last epoch, rate)"""
    return ...'''
EXAMPLE = [0.1, 0.1, 0.1, 0.05, 0.05]
RUNS = 40
Found = list[tuple[int, int, float]]


def draw(rng: np.random.Generator) -> Task:
    seed = int(rng.integers(10**6))
    return code(
        f"Keras' history has the rate of each epoch, for example <code>{EXAMPLE}</code>. Write a function "
        f"that finds the jobs in it: here <code>{right_jobs(EXAMPLE)}</code>. Epochs are counted from 1.",
        START,
        lambda function: judge(function, seed),
        ["Go through the rates, and begin a job at each that differs from the one before.",
         "The last job has no change after it: do not forget it."],
        "<pre>def jobs(rates):\n    found, first = [], 1\n    for epoch, rate in enumerate(rates, start=1):\n"
        "        if epoch == len(rates) or rates[epoch] != rate:\n            found.append((first, epoch, rate))\n"
        "            first = epoch + 1\n    return found</pre>",
    )  # fmt: skip


def judge(function: Callable[..., Any], seed: int) -> Verdict:
    """Compare it with what is right, on the rates of random runs."""
    histories = _histories(seed)
    try:
        given = apart(_all, function, histories)
    except Stopped as stopped:
        return Verdict(False, str(stopped))
    for history, answer in zip(histories, given, strict=True):
        if (why := _why(history, answer)) is not None:
            return Verdict(False, f"For {[float(f'{rate:.3g}') for rate in history]}: {why}")
    return Verdict(True, f"Yes: the right jobs in {len(histories)} histories.")


def right_jobs(history: list[float]) -> Found:
    """The jobs in a history."""
    starts = [0, *(np.flatnonzero(np.diff(history)) + 1).tolist()]
    ends = [*starts[1:], len(history)]
    return [(first + 1, last, history[first]) for first, last in zip(starts, ends, strict=True)]


def _why(history: list[float], answer: Any) -> str | None:
    """What is wrong with it, as far as it is a known mistake; None where it is right."""
    right = right_jobs(history)
    try:
        given = [(int(first), int(last), float(rate)) for first, last, rate in answer]
    except (TypeError, ValueError, OverflowError):
        return "return a list of jobs, each as (first epoch, last epoch, rate)."
    if len(given) == len(right) and np.allclose(given, right):
        return None
    if not given:
        return "you found no job at all, and there is at least one."
    if given == right[:-1]:
        return "the last job is missing. Nothing comes after it, so no change of the rate shows its end."
    if given == [(first - 1, last - 1, rate) for first, last, rate in right]:
        return "your epochs are counted from 0, and Keras counts them from 1."
    if given == [(first, last - first + 1, rate) for first, last, rate in right] and len(right) > 1:
        return "the second number should be the last epoch, not the length."
    return f"there are {len(right)} jobs, {right}, and you found {given}."


def _histories(seed: int) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    found = [EXAMPLE]
    while len(found) < RUNS - 1:
        losses = 3 + np.cumsum(rng.normal(-0.02, 0.1, size=int(rng.integers(3, 14))))
        after = rates(losses, 0.1, 0.5, int(rng.integers(1, 4)))
        found.append([0.1, *(float(f"{rate:.6g}") for rate in after[:-1])])
    return [*found, [0.1]]


def _all(function: Callable[..., Any], histories: list[list[float]]) -> list[Any]:
    """In the other process."""
    return [_plain(function(list(history))) for history in histories]


def _plain(answer: Any) -> Any:
    """As JSON has it; what it has not, as text."""
    if isinstance(answer, (list, tuple)):
        return [_plain(one) for one in answer]
    return float(answer) if isinstance(answer, (int, float, np.number)) else repr(answer)


EXERCISE = Exercise("write_the_jobs", 5, "Find the jobs", draw)
