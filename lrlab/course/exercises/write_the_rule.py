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
        losses, *numbers = case
        right = _rule(losses, *numbers)
        if answer is None or len(answer) != len(losses):
            return Verdict(
                False, f"For {len(losses)} losses it should return {len(losses)} rates, one after each epoch."
            )
        if not _same(answer, right):
            why = _known_mistake(cases, given) or _first_difference(losses, answer, right, numbers[-1])
            return Verdict(False, why, _table(losses, answer, right))
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


def _rule(losses: list[float], alpha: float, factor: float, patience: int) -> list[float]:
    return rates(losses, alpha, factor, patience, min_delta=0.0).tolist()


def _same(answer: Any, right: Any) -> bool:
    return len(answer) == len(right) and np.allclose(answer, right, rtol=1e-4, atol=0)


def _known_mistake(cases: list[Any], given: list[Any]) -> str:
    """What is said of a rule that gives just the rates of a known wrong one, on all runs; "" for any other."""
    for twist, why in TWISTS.items():
        if all(
            answer is not None and _same(answer, twisted(twist, *case))
            for case, answer in zip(cases, given, strict=True)
        ):
            return why
    return ""


# What people write, by what is wrong with it.
TWISTS = {
    "ties": "A loss that equals the best counts as better in your rule. It must not: better is lower.",
    "before": "Your rule compares each loss with the one before. The real one compares with the best loss so far.",
    "late": "Your rule waits one epoch too long. Cut when the waiting has come to patience, not when it is past it.",
    "shifted": "Your rates are those that each epoch was trained with. Asked for is the rate after it: cut first, then append.",
    "alpha": "Each cut of your rule begins with alpha, so the second one changes nothing. Multiply the rate that there is now.",
    "goes on": "Your rule cuts, and then cuts in every epoch that is no better. After a cut the waiting starts anew, at 0.",
    "adds up": "Your rule counts all epochs that were no better. A new best has to set the waiting to 0.",
    "forgets": "Your rule forgets the best loss when it cuts. The real one keeps it: what comes next has to be lower than that.",
    "never": "Your rule never cuts. Is the best loss kept when there is a lower one, and does the waiting grow when there is none?",
}  # fmt: skip


def twisted(twist: str, losses: list[float], alpha: float, factor: float, patience: int) -> list[float]:
    """The rule with one thing wrong."""
    rate, best, wait, after = alpha, float("inf"), 0, []
    for epoch, loss in enumerate(losses):
        if twist == "shifted":
            after.append(rate)
        against = losses[epoch - 1] if twist == "before" and epoch else best
        if loss < against or (twist == "ties" and loss == against):
            best, wait = loss, wait if twist == "adds up" else 0
        else:
            wait += twist != "never"
            if wait >= patience + (twist == "late"):
                rate = factor * (alpha if twist == "alpha" else rate)
                best, wait = float("inf") if twist == "forgets" else best, wait if twist == "goes on" else 0
        if twist != "shifted":
            after.append(rate)
    return after


def _first_difference(losses: list[float], answer: list[float], right: list[float], patience: int) -> str:
    """What it looks like, of a rule that is wrong in another way."""
    epoch = _first(answer, right)
    now, before, due = answer[epoch], answer[epoch - 1] if epoch else right[0], right[epoch] < right[max(epoch - 1, 0)]
    where = f"At epoch {epoch + 1}, with patience {patience}, your rule"
    if now > before:
        return f"{where} raises the rate. This rule only ever lowers it."
    if due and now == before:
        return f"{where} does not cut, though {patience} epoch{'s' * (patience > 1)} in a row brought nothing lower than the best."
    if now < before and not due and losses[epoch] < min(losses[:epoch], default=np.inf):
        return f"{where} cuts at a new best loss."
    if now < before and not due:
        return f"{where} cuts too early. Is the waiting set to 0 after a cut, and at every new best?"
    return f"{where} has another rate."


def _first(answer: list[float], right: list[float]) -> int:
    return next(epoch for epoch in range(len(right)) if not np.isclose(answer[epoch], right[epoch], rtol=1e-4, atol=0))


def _table(losses: list[float], answer: list[float], right: list[float]) -> str:
    epoch = _first(answer, right)
    first, last = max(0, epoch - 4), min(len(losses), epoch + 2)
    rows = "".join(
        f"<tr{' class=lrlab-differs' if e == epoch else ''}><td>{e + 1}</td><td>{losses[e]:g}</td>"
        f"<td>{escape(_rate(answer[e]))}</td><td>{_rate(right[e])}</td></tr>"
        for e in range(first, last)
    )
    return (
        "<table class='lrlab-difference'><thead><tr><th>epoch</th><th>loss</th><th>your rate</th><th>Keras' rate</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )


def _rate(rate: float) -> str:
    """Without the rounding of the last digits, which would write equal rates in two ways."""
    return readable(float(f"{rate:.6g}"))


EXERCISE = Exercise("write_the_rule", 2, "Write the rule", draw, varies=False)
