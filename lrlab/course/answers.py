"""What a learner calls in a notebook: ``lrlab.exercise(name)`` shows an exercise, ``lrlab.answer`` answers it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from html import escape
from types import FunctionType
from typing import Any

from lrlab.course.catalogue import LESSONS, TITLES, find, names, number_of
from lrlab.course.exercise import Verdict
from lrlab.course.progress import Progress, shared
from lrlab.course.unseen import unseen

# Where `lrlab check` wants to hear of each answer, a line of JSON each.
RESULTS = "LRLAB_RESULTS"
MARKS = {"done": "●", "tried": "◐", "": "○"}
_MISSING = object()
_views: dict[str, Any] = {}  # by name, the exercise that was shown last


def exercise(name: str) -> Any:
    """An exercise, to be answered in the cell. Raises ValueError for a name that there is not."""
    from lrlab.course.view import ExerciseView

    _views[name] = view = ExerciseView(find(name), shared())
    return view


def answer(name: str, value: Any = _MISSING) -> Any:
    """Answer an exercise in code, which also counts when a teacher's `lrlab check` runs the notebook.

    value: a number; one of the options, or its letter; a lab, or a dict of what its sliders are set to; or a function.
        Left out, this is a decorator for the function: ``@lrlab.answer(name)``

    Shows what is said of the answer. Raises ValueError for a name that there is not; never for an answer.
    """
    found = find(name)
    if value is _MISSING:
        return lambda function: _answered(found.name, _named(function), function)
    return _answered(found.name, value, None)


def solution(name: str) -> Any:
    """The solution of an exercise, for a teacher: without a try. Raises ValueError for a name that there is not."""
    from IPython.display import display

    from lrlab.course.words import Paragraph, Words

    task = find(name).task(shared().seed(name))
    display(Paragraph(task.solution) if "<pre>" not in task.solution else Words(task.solution))
    return task.picture() if task.picture else None


def progress() -> Any:
    """What is done, lesson by lesson, as a table; folded away below it, exercise by exercise."""
    from lrlab.course.words import Words

    return Words(table(shared()))


def table(kept: Progress) -> str:
    """The same as HTML."""
    done = sum(kept.of(name).right for name in names())
    said = f"<p>{escape(kept.said, quote=False)}</p>" if kept.said else ""
    lessons = _rows([_lesson_row(kept, lesson) for lesson in LESSONS], ("lesson", "exercises", "done"))
    each = _rows([_exercise_row(kept, name) for name in names()], ("", "exercise", "state", "tries"))
    key = " &nbsp; ".join(f"{mark} {state or 'not begun'}" for state, mark in MARKS.items())
    return (
        f"<p>{done} of {len(names())} exercises are done.</p>{said}{lessons}<p>{key}</p>"
        f"<details><summary>Exercise by exercise</summary>{each}</details>"
    )


def _lesson_row(kept: Progress, lesson: int) -> tuple[str, ...]:
    done = [kept.of(name) for name in LESSONS[lesson]]
    marks = " ".join(
        f"<span title='{escape(find(name).title)}'>{MARKS[one.state]}</span>"
        for name, one in zip(LESSONS[lesson], done, strict=True)
    )
    return f"{lesson} · {TITLES[lesson]}", marks, f"{sum(one.right for one in done)} of {len(done)}"


def _exercise_row(kept: Progress, name: str) -> tuple[str, ...]:
    exercise, done = find(name), kept.of(name)
    return number_of(exercise), escape(exercise.title), done.state or "–", str(done.tries or "–")


def _rows(rows: list[tuple[str, ...]], heads: tuple[str, ...]) -> str:
    lines = [[f"<th style='text-align: left'>{head}</th>" for head in heads]]
    lines += [[f"<td style='text-align: left'>{cell}</td>" for cell in row] for row in rows]
    return "<table>" + "".join(f"<tr>{''.join(line)}</tr>" for line in lines) + "</table>"


def _named(function: Any) -> Any:
    """Known by its name at once, not when its cell is done: it may call itself, and means these lines of its own."""
    of_a_cell = isinstance(function, FunctionType) and function.__qualname__ == function.__name__
    if of_a_cell:  # and not of another function, whose names are its own
        function.__globals__[function.__name__] = function
    return function


def _answered(name: str, value: Any, result: Callable[..., Any] | None) -> Any:
    from IPython.display import display

    from lrlab.course.view import ExerciseView
    from lrlab.course.words import Words

    view = _views.get(name)
    shown = view is not None and view.comm is not None
    if not shown:
        with unseen():
            view = ExerciseView(find(name), shared())
    verdict = view.give(value)
    _tell_teacher(name, verdict, view.said)
    display(Words(view.said_as_html))
    if not shown:
        view.close()
    return result


def _tell_teacher(name: str, verdict: Verdict | None, why: str) -> None:
    told = {"exercise": name, "right": bool(verdict and verdict.right), "tried": verdict is not None, "why": why}
    path = os.environ.get(RESULTS)
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
