"""What an exercise is. One exercise is one small file in `lrlab.course.exercises`: a prompt, a check, hints.

Answers are worked out by simulation when an exercise is drawn, and never stored. A wrong one gets the reason that fits
it, as far as the exercise knows the mistake.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from itertools import combinations
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from lrlab.course.apart import listening
from lrlab.course.unseen import unseen


class Verdict(NamedTuple):
    """What is said of an answer.

    right: whether it is. why: a sentence or two, plain text. more: HTML that shows it, such as a small table
    """

    right: bool
    why: str
    more: str = ""


class Option(NamedTuple):
    """One of several answers to choose from, and what is said to whoever chooses it."""

    text: str
    right: bool
    why: str


class Mistake(NamedTuple):
    """A number that somebody gets who makes a known mistake, and what is said of it."""

    value: float
    why: str


class Task(NamedTuple):
    """An exercise with its numbers drawn.

    prompt: HTML, with LaTeX between dollars
    kind: "choose", "number", "sliders" or "code"
    check: the verdict on an answer that `read` has read. Raises nothing but ImportError, where a package is missing
    hints: one at a time, plain text. solution: HTML, for after a try
    options: of "choose". lab: makes the lab of "sliders". start: what the code of "code" begins with
    picture: makes a figure or a widget that shows the solution
    clear: whether each number that a known mistake leads to is a wrong one, and has one reason
    percent: whether a number is asked for in percent
    """

    prompt: str
    kind: str
    check: Callable[[Any], Verdict]
    hints: tuple[str, ...]
    solution: str
    options: tuple[str, ...] = ()
    lab: Callable[[], Any] | None = None
    start: str = ""
    picture: Callable[[], Any] | None = None
    clear: bool = True
    percent: bool = False

    def read(self, answer: Any) -> Any:
        """An answer as ``check`` takes it. Raises ValueError or TypeError, with the rule, for what is none."""
        return READERS[self.kind](self, answer)


REDRAWS = 50  # at most: an exercise whose numbers never are clear is given as it is


class Exercise(NamedTuple):
    """name: short, as in ``lrlab.exercise(name)``. lesson: its number. title: a few words

    draw: makes the task from random numbers: everybody has numbers of their own
    varies: whether these differ from one draw to the next
    """

    name: str
    lesson: int
    title: str
    draw: Callable[[np.random.Generator], Task]
    varies: bool = True

    def task(self, draw: int) -> Task:
        """The task with the numbers of that draw: the same for the same draw, on every machine.

        Numbers with which a mistake leads to the right answer, or two mistakes to one, are not kept.
        """
        rng = np.random.default_rng([draw, *map(ord, self.name)])
        task = self.draw(rng)
        for _ in range(REDRAWS):
            if task.clear:
                break
            task = self.draw(rng)
        return task


# Kinds of tasks -------------------------------------------------------------------------------------------------------


def choose(prompt: str, options: Sequence[Option], hints: Sequence[str], solution: str, picture: Any = None) -> Task:
    """One of several answers. Raises ValueError unless exactly one is right and no two are the same."""
    texts = tuple(option.text for option in options)
    if sum(option.right for option in options) != 1 or len(set(texts)) < len(texts):
        raise ValueError(f"Of the options exactly one must be right, and no two the same: {texts}.")

    def check(chosen: int) -> Verdict:
        return Verdict(options[chosen].right, options[chosen].why)

    (right,) = (at for at, option in enumerate(options) if option.right)
    named = f"<strong>{LETTERS[right]}) {escape(texts[right])}</strong><br>{solution}"
    return Task(prompt, "choose", check, tuple(hints), named, options=texts, picture=picture)


def number(
    prompt: str,
    right: float,
    mistakes: Sequence[Mistake],
    otherwise: Callable[[float], str],
    hints: Sequence[str],
    solution: str,
    *,
    why: str = "Yes.",
    within: float = 0.0,
    picture: Any = None,
    percent: bool = False,
) -> Task:
    """A number. within: how far off it may be, in the number's own unit. percent: whether that is percent

    mistakes: what is said of numbers that are no right answer (one that happens to be is left out)
    otherwise: what is said of any other number
    """

    margin = within + 1e-9 * abs(right)  # what is off by just so much is not refused for its last digit

    def check(given: float) -> Verdict:
        if abs(given - right) <= margin:
            return Verdict(True, why)
        for mistake in mistakes:
            if abs(given - mistake.value) <= margin:
                return Verdict(False, mistake.why)
        return Verdict(False, otherwise(given))

    clear = _are_clear([Mistake(right, why), *mistakes], margin)
    return Task(prompt, "number", check, tuple(hints), solution, picture=picture, clear=clear, percent=percent)


def _are_clear(known: Sequence[Mistake], margin: float) -> bool:
    """Whether no two of these numbers are the same and yet have different things said of them."""
    return not any(
        abs(one.value - other.value) <= margin and one.why != other.why for one, other in combinations(known, 2)
    )


def sliders(
    prompt: str,
    lab: Callable[[], Any],
    judge: Callable[[Any], Verdict],
    hints: Sequence[str],
    solution: str,
    picture: Any = None,
    *,
    free: Sequence[str] = (),
) -> Task:
    """A lab whose sliders are to be set so that something holds.

    judge: the verdict on the lab. free: the controls that may be moved; all, if none is named
    """

    def check(given: Any) -> Verdict:
        moved = _moved(given, _as_new(lab)[1]) - set(free) if free else set()
        if moved:
            words = f"Here only {' and '.join(free)} may be moved, and {', '.join(sorted(moved))} is not as it was"
            return Verdict(False, f"{words}. Press Reset under More settings, and begin again.")
        return judge(given)

    return Task(prompt, "sliders", check, tuple(hints), solution, lab=lab, picture=picture)


@lru_cache(maxsize=64)
def _as_new(lab: Callable[[], Any]) -> tuple[type, dict[str, Any]]:
    """What kind of lab that makes, and what it is set to at first."""
    with unseen():
        fresh = lab()
    found = type(fresh), _state(fresh)
    fresh.close()
    return found


def _state(lab: Any) -> dict[str, Any]:
    """What a lab is set to. A problem of one's own is told from another by its formula."""
    values, problem = {name: control.value for name, control in lab.controls.items()}, getattr(lab, "problem", None)
    return values if problem is None else values | {"problem": problem.formula}


def _moved(lab: Any, at_first: dict[str, Any]) -> set[str]:
    """The names of what is not as it is in a new lab."""
    state = _state(lab)
    return {name for name in at_first if at_first[name] != state.get(name)}


def code(
    prompt: str,
    start: str,
    judge: Callable[[Callable[..., Any]], Verdict],
    hints: Sequence[str],
    solution: str,
    picture: Any = None,
) -> Task:
    """A function to write. start: what it begins with. judge: the verdict on the function, which it runs apart

    What the function prints is shown with the verdict.
    """

    def check(function: Callable[..., Any]) -> Verdict:
        with listening() as heard:
            verdict = judge(function)
        printed = "".join(f"<p>Your function printed:</p><pre>{escape(text, quote=False)}</pre>" for text in heard)
        return verdict._replace(more=verdict.more + printed)

    return Task(prompt, "code", check, tuple(hints), solution, start=start, picture=picture)


# Answers --------------------------------------------------------------------------------------------------------------

LETTERS = "abcdefgh"


def _read_choice(task: Task, answer: Any) -> int:
    letters = LETTERS[: len(task.options)]
    if isinstance(answer, str):
        if answer in task.options:
            return task.options.index(answer)
        if len(answer.strip()) == 1 and answer.strip().lower() in letters:
            return letters.index(answer.strip().lower())
    raise ValueError(f"Choose one of {', '.join(letters)}, got {answer!r}.")


def _read_number(task: Task, answer: Any) -> float:
    if isinstance(answer, str):
        part = answer.strip().endswith("%") and not task.percent
        answer = _number_in(answer) / (100 if part else 1)
    if isinstance(answer, bool) or not isinstance(answer, (int, float, np.integer, np.floating)):
        raise TypeError(f"An answer here is a number, got {answer!r}.")
    if not isfinite(answer):
        raise ValueError(f"An answer here is a number that is not too large, got {answer!r}.")
    return float(answer)


def _number_in(text: str) -> float:
    """What somebody has typed: a number, a fraction such as 2/16, or a number of percent."""
    plain = text.replace("−", "-").strip().removesuffix("%")
    above, line, below = plain.partition("/")
    try:
        return float(above) / float(below) if line else float(plain)
    except (ValueError, ZeroDivisionError):
        point = " Write a point for the decimals, and no other commas." if "," in text else ""
        raise ValueError(f"An answer here is a number, such as 12, 0.05 or 2/25, got {text!r}.{point}") from None


def _read_sliders(task: Task, answer: Any) -> Any:
    """A lab of the task's kind; or what its sliders are set to, as a dict or a scene."""
    if hasattr(answer, "controls"):
        kind, _ = _as_new(task.lab)
        if not isinstance(answer, kind):
            raise TypeError(f"An answer here is a {kind.__name__}, got a {type(answer).__name__}.")
        return answer
    with unseen():
        lab = task.lab()
    try:
        if isinstance(answer, dict) and "lrlab" not in answer:
            lab.set(**answer)
        else:
            lab.scene = answer
    except BaseException:
        lab.close()
        raise
    return lab


def _read_code(_task: Task, answer: Any) -> Callable[..., Any]:
    if not callable(answer):
        raise TypeError(f"An answer here is a function, got {answer!r}.")
    if _returns_dots(answer):
        raise ValueError("Nothing is written yet: put your own lines in the place of the one that returns dots.")
    return answer


def _returns_dots(function: Callable[..., Any]) -> bool:
    """Whether somewhere it says ``return ...``, as in the cells of the lessons, which are run before anybody writes."""
    steps = list(dis.get_instructions(function)) if hasattr(function, "__code__") else []
    return any(
        step.argval is Ellipsis and (step.opname == "RETURN_CONST" or after.opname == "RETURN_VALUE")
        for step, after in zip(steps, [*steps[1:], *steps[-1:]], strict=True)
    )


READERS: dict[str, Callable[[Task, Any], Any]] = {
    "choose": _read_choice,
    "number": _read_number,
    "sliders": _read_sliders,
    "code": _read_code,
}
