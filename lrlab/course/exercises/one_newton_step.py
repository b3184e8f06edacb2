"""Where does one step of Newton's method end?"""

import numpy as np

from lrlab.core.problem import Problem
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.studies.ratefree import newton


def draw(rng: np.random.Generator) -> Task:
    bend, lowest, distance = (float(rng.choice(of)) for of in ([4, 5, 8, 10], [-2, -1, 2, 3], [2, 3, 4]))
    start, slope = lowest + distance, bend * distance  # nearer than solvers trust a first step to go
    end = float(newton(_parabola(bend, lowest, start), np.array([start]), 1).w[-1, 0])
    return number(
        f"At $w = {start:g}$ the loss has the slope {slope:g}, and its second derivative is {bend:g} everywhere: it is a "
        "parabola. Where is $w$ after one step of Newton's method?",
        end,
        [
            Mistake(start - slope, f"That is a step of gradient descent with rate 1. Newton's rate is 1 over the bend, 1/{bend:g}."),
            Mistake(start + slope / bend, "The right length, and the wrong way: downhill is against the slope."),
            Mistake(slope / bend, "That is how far it goes. Where does it come from?"),
            Mistake(start - slope * bend, "Divide by the second derivative. The more the loss bends, the nearer its lowest point is."),
            Mistake(start - 2 * slope / bend, "That is twice as far: on the other side, as high as before. The stability edge is there."),
        ],
        lambda given: "The step is the slope divided by the second derivative, downhill.",
        ["Newton's step is gradient descent with the rate 1 over the second derivative.",
         f"How far is it: {slope:g} divided by {bend:g}?"],
        f"${start:g} - {slope:g}/{bend:g} = {end:g}$, which is the lowest point: on a parabola one step is enough.",
        why="Yes, and that is the lowest point. The rate was not set, it was worked out.",
        within=1e-6,
    )  # fmt: skip


def _parabola(bend: float, lowest: float, start: float) -> Problem:
    return Problem(
        name="a parabola",
        formula="",
        start=(start,),
        view=((-10, 10),),
        convex=True,
        loss=lambda w: bend * (w[..., 0] - lowest) ** 2 / 2,
        grad=lambda w: bend * (w - lowest),
        hessian=lambda w: np.full((*w.shape, 1), bend),
    )


EXERCISE = Exercise("one_newton_step", 8, "One step of Newton", draw)
