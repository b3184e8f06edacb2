"""Losses of one weight, given by a formula: the whole story fits into one curve."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem


def parabola() -> Problem:
    """x^2, with its minimum 0 at 0. Each step multiplies x by 1 - 2 alpha.

    Source: the first example of every textbook, as Boyd & Vandenberghe, "Convex Optimization", 2004, section 9.3.
    """

    def loss(w: Array) -> Array:
        x = w[..., 0]
        return x * x

    return Problem(
        name="parabola",
        formula=r"$x^2$",
        loss=loss,
        grad=lambda w: 2 * w,
        start=(-4.0,),
        view=((-5.0, 5.0),),
        convex=True,
        minima=[(0.0,)],
        curvature=2.0,
        alpha_range=(0.005, 2.0),
        epochs=100,
        teaches="Up to 0.5 a run rolls down one side, from 0.5 to 1 it hops across, beyond 1 each hop is longer.",
        source='Boyd & Vandenberghe, "Convex Optimization", 2004, section 9.3',
    )


def absolute_value() -> Problem:
    """|x|, with a corner in its minimum 0 at 0, where the gradient is taken to be 0, as frameworks do.

    Steps are alpha long however near the minimum is, so only a falling rate arrives.
    Source: Shor, "Minimization Methods for Non-Differentiable Functions", 1985.
    """
    return Problem(
        name="absolute value",
        formula=r"$|x|$",
        loss=lambda w: np.abs(w[..., 0]),
        grad=np.sign,
        start=(-2.77,),
        view=((-4.0, 4.0),),
        convex=True,
        minima=[(0.0,)],
        alpha_range=(0.02, 2.0),
        teaches="The slope does not fade near a corner: any constant rate rattles for ever, a falling one settles.",
        source='Shor, "Minimization Methods for Non-Differentiable Functions", 1985',
    )


def double_well() -> Problem:
    """x^4 - 2.48 x^2 + 0.96 x, whose derivative is 4 (x + 1.2) (x - 0.2) (x - 1).

    Global minimum -2.6496 at -1.2, a local one -0.52 at 1, and a hump between them at 0.2. Made for lrlab.
    """

    def loss(w: Array) -> Array:
        x = w[..., 0]
        return x * (x * (x * x - 2.48) + 0.96)

    return Problem(
        name="double well",
        formula=r"$x^4 - 2.48\,x^2 + 0.96\,x$",
        loss=loss,
        grad=lambda w: w * (4 * w * w - 4.96) + 0.96,
        start=(1.7,),
        view=((-1.9, 1.9),),
        convex=False,
        minima=[(-1.2,), (1.0,)],
        curvature=12.32,
        alpha_range=(0.002, 0.5),
        epochs=100,
        teaches="A small rate stays in the well where it starts; a larger first step may clear the hump.",
        source="made for lrlab",
    )


def tilted_washboard() -> Problem:
    """(x - 2)^2 / 20 - cos(3 x) / 2: dips down a slope that bends up again, far out.

    The global minimum is at 2.09. The seven minima in the view are among the zeros of (x - 2) / 10 + 3 sin(3 x) / 2,
    solved for by Newton's method in more digits than a float has. Made for lrlab, after the physicists' washboard
    potential.
    """

    def loss(w: Array) -> Array:
        x = w[..., 0]
        slope = x - 2
        return 0.05 * (slope * slope) - 0.5 * np.cos(3 * x)

    return Problem(
        name="tilted washboard",
        formula=r"$\frac{1}{20}(x - 2)^2 - \frac{1}{2}\cos 3x$",
        loss=loss,
        grad=lambda w: 0.1 * (w - 2) + 1.5 * np.sin(3 * w),
        start=(-7.0,),
        view=((-7.5, 7.5),),
        convex=False,
        minima=[
            (2.092343022269608,),
            (0.04359977510970851,),
            (4.141048294644364,),
            (-2.0043179402750346,),
            (6.188845448843363,),
            (-4.050395041077693,),
            (-6.093218619904069,),
        ],
        curvature=4.599914726854435,
        alpha_range=(0.01, 3.0),
        teaches="A small rate stops in the first dip; a large one walks over the dips, and cuts let it settle.",
        source="made for lrlab",
    )
