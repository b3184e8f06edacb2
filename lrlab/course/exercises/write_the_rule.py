"""Write the plateau rule; it is compared with the real one on random losses."""

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.apart import Stopped, apart
from lrlab.course.exercise import Exercise, Task, Verdict, code
from lrlab.views.tables import readable

START = '''def rates(losses, alpha, factor, patience):
    """The rate in force after each epoch. losses: one for each epoch"""
    # Remember the rate, the best loss so far and the wait; go through the losses one by one.
    return ...'''
TRACES, LONGEST = 60, 30


def draw(rng: np.random.Generator) -> Task:
    seed = int(rng.integers(10**6))
    return code(
        "Write the rule of <code>ReduceLROnPlateau</code>, without min_delta, cooldown and min_lr. A loss counts as better "
        "if it is lower than the best so far. When <em>patience</em> epochs in a row are not better, the rate is multiplied "
        "by <em>factor</em>, and the waiting starts anew. Your rule is compared with the real one on sixty random runs.",
        START,
        lambda function: judge(function, seed),
        ["Three things have to be remembered: the rate, the best loss so far, and how many epochs were no better.",
         "A new best sets the waiting to 0. Any other epoch adds 1; when it comes to patience, cut, and set it to 0."],
        "<pre>def rates(losses, alpha, factor, patience):\n    rate, best, wait, after = alpha, float('inf'), 0, []\n"
        "    for loss in losses:\n        if loss &lt; best:\n            best, wait = loss, 0\n        else:\n            wait += 1\n"
        "            if wait &gt;= patience:\n                rate, wait = rate * factor, 0\n        after.append(rate)\n    return after</pre>",
    )  # fmt: skip


def judge(function: Callable[..., Any], seed: int) -> Verdict:
    """Compare it with the real rule, trace by trace."""
    cases = _traces(seed)
    try:
        given = apart(_all, function, cases)
    except Stopped as stopped:
        return Verdict(False, str(stopped))
    for case, answer in zip(cases, given, strict=True):
        losses, alpha, factor, patience = case
        right = rates(losses, alpha, factor, patience, min_delta=0.0)
        if answer is None or len(answer) != len(losses):
            return Verdict(
                False, f"For {len(losses)} losses it should return {len(losses)} rates, one after each epoch."
            )
        wrong = [e for e in range(len(losses)) if not np.isclose(answer[e], right[e], rtol=1e-4)]
        if wrong:
            return Verdict(
                False, _why(losses, answer, right, patience, wrong[0]), _table(losses, answer, right, wrong[0])
            )
    return Verdict(True, f"Yes: the same rates as Keras' rule on {len(cases)} random runs.")


def _traces(seed: int) -> list[tuple[list[float], float, float, int]]:
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(TRACES):
        steps = rng.choice([-0.2, -0.1, 0.0, 0.1], size=int(rng.integers(5, LONGEST)), p=[0.25, 0.25, 0.2, 0.3])
        losses = np.round(3 + np.cumsum(steps), 2).tolist()
        cases.append((losses, 0.1, float(rng.choice([0.5, 0.1])), int(rng.integers(1, 5))))
    return cases


def _all(function: Callable[..., Any], cases: list[Any]) -> list[Any]:
    """In the other process. None for what is no list of numbers."""
    return [_numbers(function(list(losses), *rest)) for losses, *rest in cases]


def _numbers(answer: Any) -> list[float] | None:
    try:
        return [float(rate) for rate in answer]
    except (TypeError, ValueError):
        return None


def _why(losses: list[float], answer: list[float], right: np.ndarray, patience: int, epoch: int) -> str:
    """What the first difference looks like, as far as it is a known mistake."""
    cut, due = (
        answer[epoch] < (answer[epoch - 1] if epoch else 0.1),
        right[epoch] < (right[epoch - 1] if epoch else 0.1),
    )
    where = f"At epoch {epoch + 1}, with patience {patience}, your rule"
    if answer[epoch] > (answer[epoch - 1] if epoch else 0.1):
        return f"{where} raises the rate. This rule only ever lowers it."
    if due and not cut:
        return f"{where} does not cut, and the real one does. Does a loss that equals the best count as better? It must not."
    if cut and not due and losses[epoch] <= min(losses[: epoch + 1]):
        return f"{where} cuts at a new best loss."
    if cut and not due:
        return f"{where} cuts too early. Is the waiting set to 0 after a cut, and at every new best?"
    return f"{where} has another rate."


def _table(losses: list[float], answer: list[float], right: np.ndarray, epoch: int) -> str:
    first, last = max(0, epoch - 4), min(len(losses), epoch + 2)
    rows = "".join(
        f"<tr{' class=lrlab-differs' if e == epoch else ''}><td>{e + 1}</td><td>{losses[e]:g}</td>"
        f"<td>{escape(readable(answer[e]))}</td><td>{readable(float(right[e]))}</td></tr>"
        for e in range(first, last)
    )
    return (
        "<table class='lrlab-difference'><thead><tr><th>epoch</th><th>loss</th><th>your rate</th><th>Keras' rate</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )


EXERCISE = Exercise("write_the_rule", 2, "Write the rule", draw, varies=False)
