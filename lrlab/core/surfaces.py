"""Analytic surfaces: losses given by a formula, with their exact gradients."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array, columns
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one


def bowl() -> Problem:
    """The round bowl (x^2 + y^2) / 2, of curvature 1 in every direction: the gradient points at the minimum."""

    def loss(w: Array) -> Array:
        x, y = columns(w)
        return 0.5 * (x * x + y * y)

    return Problem(
        name="bowl",
        formula=r"$\frac{1}{2}(x^2 + y^2)$",
        loss=loss,
        grad=lambda w: w,
        start=(-4.0, 2.0),
        view=((-5.0, 5.0), (-5.0, 5.0)),
        convex=True,
        minima=[(0.0, 0.0)],
        curvature=1.0,
        alpha_range=(0.01, 3.0),
        teaches="One curvature everywhere: alpha = 1 arrives in a single step, alpha = 2 never does.",
    )


def ravine(condition: float = 25.0) -> Problem:
    """A long valley (x^2 + condition * y^2) / 2, ``condition`` times as steep across as along (1 to 1e12).

    The steep direction limits alpha to 2 / condition; the flat one then takes about ``condition`` steps.
    """
    condition = check_one("condition", condition)
    curvatures = np.array([1.0, condition])

    def loss(w: Array) -> Array:
        x, y = columns(w)
        return 0.5 * (x * x + condition * (y * y))

    # The view narrows with the valley, so that its rings fill the picture for any condition number.
    height = max(5.0 / np.sqrt(condition), 1e-6) * 2
    return Problem(
        name="ravine",
        formula=rf"$\frac{{1}}{{2}}(x^2 + {condition:g}\,y^2)$",
        loss=loss,
        grad=lambda w: w * curvatures,
        start=(-4.0, height / 2),
        view=((-5.0, 5.0), (-height, height)),
        convex=True,
        minima=[(0.0, 0.0)],
        curvature=condition,
        alpha_range=(0.02 / condition, 5.0 / condition),
        teaches="Steep across, flat along: a rate that is safe across the valley crawls along it.",
    )
