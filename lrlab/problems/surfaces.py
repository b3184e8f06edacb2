"""Convex surfaces of two weights, given by a formula: every minimum is a global one."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array, columns, stack
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one


def bowl() -> Problem:
    """The round bowl (x^2 + y^2) / 2, minimum 0 at (0, 0): downhill is always straight towards it. Made for lrlab."""

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
        source="made for lrlab",
    )


def ravine(condition: float = 25.0) -> Problem:
    """A long valley (x^2 + condition * y^2) / 2, ``condition`` times as steep across as along (1 to 1e12).

    Minimum 0 at (0, 0). The steep direction limits alpha to 2 / condition; the flat one then takes about ``condition``
    steps. Source: Boyd & Vandenberghe, "Convex Optimization", 2004, section 9.3.2.
    """
    condition = check_one("condition", condition)
    curvatures = np.array([1.0, condition])

    def loss(w: Array) -> Array:
        x, y = columns(w)
        return 0.5 * (x * x + condition * (y * y))

    # The view narrows with the valley, so that its rings fill the picture for any condition number.
    height = max(10.0 / float(np.sqrt(condition)), 2e-6)
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
        source='Boyd & Vandenberghe, "Convex Optimization", 2004, section 9.3.2',
    )


def rotated_ellipse() -> Problem:
    """((2 x - 3 y)^2 + 4 y^2) / 2, minimum 0 at (0, 0): a ravine aslant, along (2, 1). Made for lrlab.

    The curvature is 1 along the valley and 16 across.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w)
        return x * (2 * x - 6 * y) + 6.5 * (y * y)

    def grad(w: Array) -> Array:
        x, y = columns(w)
        return stack(w, 4 * x - 6 * y, 13 * y - 6 * x)

    return Problem(
        name="rotated ellipse",
        formula=r"$2x^2 - 6xy + \frac{13}{2}y^2$",
        loss=loss,
        grad=grad,
        start=(-4.0, 1.0),
        view=((-5.0, 5.0), (-5.0, 5.0)),
        convex=True,
        minima=[(0.0, 0.0)],
        curvature=16.0,
        alpha_range=(0.002, 0.4),
        teaches="A ravine that lies aslant: no rate of its own for x and another for y would cure it.",
        source="made for lrlab",
    )


def booth() -> Problem:
    """(x + 2 y - 7)^2 + (2 x + y - 5)^2, minimum 0 at (1, 3).

    Source: Jamil & Yang, arXiv:1308.4008, 2013.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w)
        a, b = x + 2 * y - 7, 2 * x + y - 5
        return a * a + b * b

    def grad(w: Array) -> Array:
        x, y = columns(w)
        return stack(w, 10 * x + 8 * y - 34, 8 * x + 10 * y - 38)

    return Problem(
        name="booth",
        formula=r"$(x + 2y - 7)^2 + (2x + y - 5)^2$",
        loss=loss,
        grad=grad,
        start=(-5.0, 4.0),
        view=((-7.0, 9.0), (-5.0, 11.0)),
        convex=True,
        minima=[(1.0, 3.0)],
        curvature=18.0,
        alpha_range=(0.002, 0.4),
        teaches="The steps go down the steep side first, then turn and follow the valley floor.",
        source="Jamil & Yang, arXiv:1308.4008, 2013",
    )


def matyas() -> Problem:
    """0.26 (x^2 + y^2) - 0.48 x y, minimum 0 at (0, 0).

    The curvature is 1 across the valley, and 0.04 along it. Source: Jamil & Yang, arXiv:1308.4008, 2013.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w)
        return 0.26 * (x * x + y * y) - 0.48 * (x * y)

    def grad(w: Array) -> Array:
        x, y = columns(w)
        return stack(w, 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x)

    return Problem(
        name="matyas",
        formula=r"$0.26\,(x^2 + y^2) - 0.48\,xy$",
        loss=loss,
        grad=grad,
        start=(-9.0, -3.0),
        view=((-10.0, 10.0), (-10.0, 10.0)),
        convex=True,
        minima=[(0.0, 0.0)],
        curvature=1.0,
        alpha_range=(0.05, 5.0),
        teaches="The floor of the valley is nearly flat: progress there is so slow that it looks like a plateau.",
        source="Jamil & Yang, arXiv:1308.4008, 2013",
    )


def huber_valley() -> Problem:
    """sqrt(1 + x^2 + 10 y^2) - 1, minimum 0 at (0, 0): round at the bottom, with straight walls further out.

    The gradient is never longer than sqrt(10). The pseudo-Huber loss of Charbonnier et al., "Deterministic
    edge-preserving regularization in computed imaging", IEEE Transactions on Image Processing 6, 1997, stretched.
    """
    curvatures = np.array([1.0, 10.0])

    def root(w: Array) -> Array:
        x, y = columns(w)
        return np.sqrt(1 + x * x + 10 * (y * y))

    return Problem(
        name="huber valley",
        formula=r"$\sqrt{1 + x^2 + 10\,y^2} - 1$",
        loss=lambda w: root(w) - 1,
        grad=lambda w: w * curvatures / root(w)[..., None],
        start=(-4.0, 1.5),
        view=((-5.0, 5.0), (-3.0, 3.0)),
        convex=True,
        minima=[(0.0, 0.0)],
        curvature=10.0,
        alpha_range=(0.01, 2.0),
        teaches="The slope is bounded, so no rate blows up: one that is too large rattles until it is cut.",
        source="pseudo-Huber loss: Charbonnier et al., IEEE Trans. Image Processing 6, 1997",
    )


def log_sum_exp() -> Problem:
    """log(exp(x + 3 y - 0.1) + exp(x - 3 y - 0.1) + exp(-x - 0.1)), minimum 1.5 log 2 - 0.1 at (-log(2) / 2, 0).

    The logarithm of the example of Boyd & Vandenberghe, "Convex Optimization", 2004, section 9.3.2: the same
    minimum and the same rings, but walls that become straight and do not overflow.
    """

    # e^3y + e^-3y = e^m makes the sum e^(x + m) + e^-x, which is e^(m/2) (e^t + e^-t) for t = x + m/2.
    def parts(w: Array) -> tuple[Array, Array, Array]:
        x, y = columns(w)
        y = 3 * y
        half = 0.5 * _log_sum(y)
        return y, half, x + half

    def loss(w: Array) -> Array:
        _, half, t = parts(w)
        return half + _log_sum(t) - 0.1

    def grad(w: Array) -> Array:
        y, _, t = parts(w)
        slope = np.tanh(t)
        return stack(w, slope, 1.5 * ((1 + slope) * np.tanh(y)))

    return Problem(
        name="log-sum-exp",
        formula=r"$\log(e^{x + 3y} + e^{x - 3y} + e^{-x}) - 0.1$",
        loss=loss,
        grad=grad,
        start=(-4.0, 1.0),
        view=((-5.0, 3.0), (-2.0, 2.0)),
        convex=True,
        minima=[(-0.5 * float(np.log(2)), 0.0)],
        curvature=4.5,
        alpha_range=(0.02, 3.0),
        teaches="The softmax loss in small: slopes that level out far away, one steep direction near the minimum.",
        source='Boyd & Vandenberghe, "Convex Optimization", 2004, section 9.3.2',
    )


def _log_sum(t: Array) -> Array:
    """log(exp(t) + exp(-t)), for any t."""
    size = np.abs(t)
    return size + np.log1p(np.exp(-2 * size))
