"""All exercises, by lesson, in the order of the lessons."""

from __future__ import annotations

from importlib import import_module

from lrlab.course.exercise import Exercise

# The names of files in `lrlab.course.exercises`.
LESSONS: dict[int, tuple[str, ...]] = {
    1: ("edge", "quick_alpha", "below_the_floor", "first_cut"),
    2: ("write_the_rule",),
}


def names() -> tuple[str, ...]:
    """Of all exercises."""
    return tuple(name for lesson in LESSONS.values() for name in lesson)


def find(name: str) -> Exercise:
    """The exercise of that name. Raises ValueError, with the names there are, for another."""
    if name not in names():
        raise ValueError(f"There is no exercise {name!r}. There are: {', '.join(names())}.")
    return import_module(f"lrlab.course.exercises.{name}").EXERCISE
