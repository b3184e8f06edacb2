"""Write the gradient of a surface; it is compared with finite differences."""

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np

from lrlab.course.apart import Stopped, apart
from lrlab.course.exercise import Exercise, Task, Verdict, code

START = '''def gradient(x, y):
    """The two slopes at (x, y), along x and along y"""
    return ...'''
POINTS, STEP = 40, 1e-6


def draw(rng: np.random.Generator) -> Task:
    a, b, c = int(rng.integers(2, 6)), int(rng.integers(2, 5)), int(rng.integers(2, 5))
    seed = int(rng.integers(10**6))
    return code(
        f"The surface is $f(x, y) = x^4 - {a} x^2 + {b} x y + {c} y^2$. Write its gradient: a function of x and y that returns the "
        "two slopes, along x and along y. It is compared with finite differences at forty points.",
        START,
        lambda function: judge(function, (a, b, c), seed),
        ["For the slope along x, take y as a fixed number, and the other way round.",
         "The slope of x**4 is 4 * x**3; of x * y along x it is y."],
        f"<pre>def gradient(x, y):\n    return 4 * x**3 - {2 * a} * x + {b} * y, {b} * x + {2 * c} * y</pre>",
    )  # fmt: skip


def judge(function: Callable[..., Any], numbers: tuple[int, int, int], seed: int) -> Verdict:
    """Compare it with finite differences, point by point."""
    points = np.round(np.random.default_rng(seed).uniform(-2, 2, (POINTS, 2)), 2).tolist()
    try:
        given = apart(_all, function, points)
    except Stopped as stopped:
        return Verdict(False, str(stopped))
    if any(answer is None for answer in given):
        return Verdict(False, "It should return two numbers, the slope along x and the slope along y.")
    right, given = slopes(points, numbers), np.array(given)
    good = np.isclose(given, right, rtol=1e-4, atol=1e-4)
    if good.all():
        return Verdict(True, f"Yes: the same as finite differences at {POINTS} points.")
    return Verdict(False, _why(given, right, good, points), _table(points, given, right, good))


def slopes(points: Any, numbers: tuple[int, int, int]) -> np.ndarray:
    """(N, 2): the loss a little further on minus the loss a little before, through the distance."""
    a, b, c = numbers

    def loss(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x**4 - a * x**2 + b * x * y + c * y**2

    x, y = np.transpose(points)
    along_x, along_y = loss(x + STEP, y) - loss(x - STEP, y), loss(x, y + STEP) - loss(x, y - STEP)
    return np.stack([along_x, along_y], axis=-1) / (2 * STEP)


def _all(function: Callable[..., Any], points: list[list[float]]) -> list[Any]:
    """In the other process. None for what is no pair of numbers."""
    return [_pair(function(x, y)) for x, y in points]


def _pair(answer: Any) -> list[float] | None:
    try:
        x, y = answer
        return [float(x), float(y)]
    except (TypeError, ValueError):
        return None


def _why(given: np.ndarray, right: np.ndarray, good: np.ndarray, points: Any) -> str:
    """What the difference looks like, as far as it is a known mistake."""
    if np.allclose(given, -right, rtol=1e-4, atol=1e-4):
        return "All signs are turned round: that is the way downhill. The gradient points uphill, and the step subtracts it."
    if np.allclose(given, right[:, ::-1], rtol=1e-4, atol=1e-4):
        return "The two slopes are in the wrong order: first along x, then along y."
    if good[:, 0].all() or good[:, 1].all():
        wrong, fixed = ("y", "x") if good[:, 0].all() else ("x", "y")
        return f"The slope along {fixed} is right, the one along {wrong} is not. Take {fixed} as a fixed number there."
    y = np.array([y for _, y in points])
    missing = (right - given)[y != 0, 0] / y[y != 0]
    if np.ptp(missing) < 1e-3 * abs(missing).max():
        return "A term with y is not right in the slope along x: the product of x and y has a slope along both."
    return "Both slopes differ from finite differences. Go through the terms one by one."


def _table(points: Any, given: np.ndarray, right: np.ndarray, good: np.ndarray) -> str:
    rows = [i for i in range(len(points)) if not good[i].all()][:4]
    body = "".join(
        f"<tr><td>{points[i][0]:g}, {points[i][1]:g}</td><td>{escape(f'{given[i][0]:.4g}, {given[i][1]:.4g}')}</td>"
        f"<td>{right[i][0]:.4g}, {right[i][1]:.4g}</td></tr>"
        for i in rows
    )
    heads = "<tr><th>x, y</th><th>your gradient</th><th>finite differences</th></tr>"
    return f"<table class='lrlab-difference'><thead>{heads}</thead><tbody>{body}</tbody></table>"


EXERCISE = Exercise("write_gradient", 4, "Write a gradient", draw)
