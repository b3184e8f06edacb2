"""Surfaces made to mislead: saddles, a second well, a shelf with a cliff."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array, columns, stack
from lrlab.core.problem import Problem


def saddle() -> Problem:
    """x^2 - y^2 + y^4 / 2: a saddle at (0, 0), and two minima -1/2 at (0, 1) and (0, -1), the only ones.

    The start is nearly on the ridge. Made for lrlab.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w * w)
        return x + y * (0.5 * y - 1)

    def grad(w: Array) -> Array:
        x, y = columns(w)
        return stack(w, 2 * x, 2 * y * (y * y - 1))

    return Problem(
        name="saddle",
        formula=r"$x^2 - y^2 + \frac{1}{2}y^4$",
        loss=loss,
        grad=grad,
        start=(-1.8, 0.00001),
        view=((-2.0, 2.0), (-2.0, 2.0)),
        convex=False,
        minima=[(0.0, 1.0), (0.0, -1.0)],
        curvature=4.0,
        alpha_range=(0.005, 1.0),
        teaches="A saddle looks like a plateau: there the rule may cut a rate that would have found the way down.",
        source="made for lrlab",
    )


def monkey_saddle() -> Problem:
    """x^3 - 3 x y^2 + 3 (x^2 + y^2)^2 / 4: a saddle for a monkey (two legs and a tail) with three valleys.

    Each holds a minimum -1/4: (-1, 0), (1/2, sqrt(3)/2) and (1/2, -sqrt(3)/2), the only ones. The saddle as in Hilbert
    & Cohn-Vossen, "Geometry and the Imagination", 1952; the fourth power, which bounds it below, is lrlab's.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w)
        a, b = x * x, y * y
        square = a + b
        return x * (a - 3 * b) + 0.75 * (square * square)

    def grad(w: Array) -> Array:
        x, y = columns(w)
        a, b = x * x, y * y
        square = a + b
        return stack(w, 3 * (a - b + x * square), 3 * (y * (square - 2 * x)))

    height = 0.5 * float(np.sqrt(3))
    return Problem(
        name="monkey saddle",
        formula=r"$x^3 - 3xy^2 + \frac{3}{4}(x^2 + y^2)^2$",
        loss=loss,
        grad=grad,
        start=(1.2, 0.01),
        view=((-1.5, 1.5), (-1.5, 1.5)),
        convex=False,
        minima=[(-1.0, 0.0), (0.5, height), (0.5, -height)],
        curvature=9.0,
        alpha_range=(0.01, 0.5),
        teaches="Slope and curvature both vanish at this saddle, so small rates linger longer than at a common one.",
        source='Hilbert & Cohn-Vossen, "Geometry and the Imagination", 1952; bounded below for lrlab',
    )


def two_wells() -> Problem:
    """(x^2 + y^2) / 40 - 2 exp(-2 |w - (1.5, 1)|^2) - 1.5 exp(-|w + (1.5, 1)|^2 / 4): one well narrow, one wide.

    The narrow one is the deeper, and these two are the only minima; Newton's method found them in more digits than a
    float has. Made for lrlab, after the sharp and flat minima of Keskar et al., arXiv:1609.04836, 2016.
    """

    def parts(w: Array) -> tuple[Array, Array, Array, Array, Array]:
        x, y = columns(w)
        square = x * x + y * y
        # The squared distances to (1.5, 1) and to (-1.5, -1) are middle - apart and middle + apart.
        middle, apart = square + 3.25, 3 * x + 2 * y
        return x, y, square, 2 * np.exp(2 * (apart - middle)), 1.5 * np.exp(-0.25 * (apart + middle))

    def loss(w: Array) -> Array:
        _, _, square, narrow, wide = parts(w)
        return 0.025 * square - narrow - wide

    def grad(w: Array) -> Array:
        x, y, _, narrow, wide = parts(w)
        slope, push = 4 * narrow + 0.5 * wide + 0.05, 4 * narrow - 0.5 * wide
        return stack(w, slope * x - 1.5 * push, slope * y - push)

    return Problem(
        name="two wells",
        formula=r"$\frac{1}{40}|w|^2 - 2e^{-2|w - a|^2} - \frac{3}{2}e^{-|w + a|^2/4}$",
        loss=loss,
        grad=grad,
        start=(2.5, 2.0),
        view=((-4.5, 4.5), (-4.0, 4.0)),
        convex=False,
        minima=[(1.4794056395027768, 0.9862704263351846), (-1.4059689823897967, -0.9373126549265313)],
        curvature=8.07060694,
        alpha_range=(0.01, 3.0),
        teaches="The deeper well is the narrow one: a rate too large for it is thrown out, into the wide one.",
        source="made for lrlab, after Keskar et al., arXiv:1609.04836, 2016",
    )


def cliff() -> Problem:
    """-log(exp(-a) + exp(-b)), nearly the lower one of a bowl a and a shelf b, with a round edge between them.

    a = 2 (x - 2)^2 + y^2 / 2, b = 2 + ((x - 2)^2 + y^2) / 120. The minimum -log(1 + exp(-2)) at (2, 0) is the only one.
    Made for lrlab, after the cliffs of Goodfellow, Bengio & Courville, "Deep Learning", 2016, section 8.2.4.
    """

    def parts(w: Array) -> tuple[Array, Array, Array, Array]:
        x, y = columns(w)
        x = x - 2
        a, b = x * x, y * y
        return x, y, 2 * a + 0.5 * b, 2 + (a + b) / 120

    def loss(w: Array) -> Array:
        _, _, bowl, shelf = parts(w)
        return np.minimum(bowl, shelf) - np.log1p(np.exp(-np.abs(bowl - shelf)))

    def grad(w: Array) -> Array:
        x, y, bowl, shelf = parts(w)
        low = 0.5 + 0.5 * np.tanh(0.5 * (shelf - bowl))  # how much of the slope is the bowl's
        high = (1 - low) / 60
        return stack(w, (4 * low + high) * x, (low + high) * y)

    return Problem(
        name="cliff",
        formula=r"$-\log(e^{-a} + e^{-b})$, a bowl $a$ and a shelf $b$",
        loss=loss,
        grad=grad,
        start=(-1.5, 1.0),
        view=((-4.0, 4.0), (-4.0, 4.0)),
        convex=False,
        minima=[(2.0, 0.0)],
        curvature=4 / (1 + float(np.exp(-2))) + 1 / (60 * (1 + float(np.exp(2)))),
        alpha_range=(0.02, 5.0),
        epochs=300,
        teaches="The shelf asks for a large rate, the bowl below the cliff throws a large rate out again.",
        source='made for lrlab, after Goodfellow et al., "Deep Learning", 2016, section 8.2.4',
    )
