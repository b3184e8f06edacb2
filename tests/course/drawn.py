"""Exercises with their numbers, drawn once for all tests of a process: some are simulated for a second."""

from functools import cache

from lrlab.course.catalogue import find
from lrlab.course.exercise import Task


@cache
def drawn(name: str, draw: int) -> Task:
    """What the exercise of that name asks with the numbers of that draw."""
    return find(name).task(draw)
