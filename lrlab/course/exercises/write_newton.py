"""Write a step of Newton's method; it is tried on random bowls."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lrlab.course.apart import Stopped, apart
from lrlab.course.exercise import Exercise, Task, Verdict, code

START = '''def newton(w, gradient, hessian):
    """Where w is after one step. w, gradient: arrays of n numbers; hessian: n rows of n"""
    return ...'''
BOWLS = 20
Bowl = tuple[list[float], list[float], list[list[float]]]


def draw(rng: np.random.Generator) -> Task:
    seed = int(rng.integers(10**6))
    return code(
        "Write one step of Newton's method: like gradient descent, with the inverse of the Hessian in the place of alpha, "
        "$w - H^{-1} g$. On a bowl one step has to end in the minimum. It is tried on twenty tilted bowls with 2 to 5 weights.",
        START,
        lambda function: judge(function, seed),
        ["The step s solves H s = g. NumPy has a function for that.", "It is np.linalg.solve(hessian, gradient)."],
        "<pre>import numpy as np\n\ndef newton(w, gradient, hessian):\n    return w - np.linalg.solve(hessian, gradient)</pre>",
    )


def judge(function: Callable[..., Any], seed: int) -> Verdict:
    """Try it on random bowls."""
    bowls = _bowls(seed)
    try:
        given = apart(_all, function, bowls)
    except Stopped as stopped:
        return Verdict(False, str(stopped))
    for bowl, answer in zip(bowls, given, strict=True):
        if (why := _why(*map(np.array, bowl), answer)) is not None:
            return Verdict(False, why)
    return Verdict(True, f"Yes: one step each to the minimum of {len(bowls)} bowls, and no rate to set.")


def _why(w: np.ndarray, gradient: np.ndarray, hessian: np.ndarray, answer: Any) -> str | None:
    """What is wrong, as far as it is a known mistake; None where it is right."""
    if isinstance(answer, dict):
        return _of_shape(answer["shape"], len(w))
    if not isinstance(answer, list) or len(answer) != len(w):
        return f"For {len(w)} weights return an array of {len(w)} numbers: where w is after the step."
    end, step = np.array(answer), np.linalg.solve(hessian, gradient)
    known = {
        "That is where it was: the step is missing.": w,
        "Your step goes uphill: the sign is the other way round.": w + step,
        "You return the step. Return where w is after it.": step,
        "You multiply by the Hessian. It has to be its inverse: np.linalg.solve(hessian, gradient).": w
        - hessian @ gradient,
        "You divide by the Hessian's diagonal alone, and this bowl is tilted.": w - gradient / np.diag(hessian),
        "That is gradient descent with rate 1: the Hessian has no part in it.": w - gradient,
    }
    if np.allclose(end, w - step, atol=1e-6):
        return None
    return next((why for why, wrong in known.items() if np.allclose(end, wrong)), None) or (
        f"From {np.round(w, 2).tolist()} it should step to {np.round(w - step, 2).tolist()}, and yours goes to "
        f"{np.round(end, 2).tolist()}."
    )


def _of_shape(shape: list[int], n: int) -> str:
    """What is said of an array that is not one row of numbers."""
    yours = f"{' × '.join(map(str, shape))} numbers" if shape else "a single number"
    told = f"For {n} weights return {n} numbers, in one row. Yours are {yours}"
    if shape != [n, n]:
        return f"{told}."
    return (
        f"{told}: / and * go number by number. The inverse of the Hessian times the gradient is "
        "np.linalg.solve(hessian, gradient), or a product with @."
    )


def _bowls(seed: int) -> list[Bowl]:
    """Each with a place, the gradient there, and the Hessian."""
    rng = np.random.default_rng(seed)
    bowls = []
    for _ in range(BOWLS):
        n = int(rng.integers(2, 6))
        turn = np.linalg.qr(rng.normal(size=(n, n)))[0]
        hessian = turn @ np.diag(rng.uniform(0.5, 20, n)) @ turn.T
        w, lowest = rng.normal(size=(2, n))
        bowls.append((w.tolist(), (hessian @ (w - lowest)).tolist(), hessian.tolist()))
    return bowls


def _all(function: Callable[..., Any], bowls: list[Bowl]) -> list[Any]:
    """In the other process."""
    found = []
    for bowl in bowls:
        answer = function(*map(np.array, bowl))
        end = None if answer is None else np.asarray(answer, float)
        found.append(None if end is None else end.tolist() if end.ndim == 1 else {"shape": list(end.shape)})
    return found


EXERCISE = Exercise("write_newton", 8, "Write Newton's step", draw)
