"""The classic test functions that are not convex: optimisers have been tried on them for decades."""

from __future__ import annotations

import numpy as np

from lrlab.core.arrays import Array, columns, stack
from lrlab.core.problem import Problem


def rosenbrock() -> Problem:
    """(1 - x)^2 + 100 (y - x^2)^2, minimum 0 at (1, 1), the only one.

    Source: Rosenbrock, "An automatic method for finding the greatest or least value of a function", The Computer
    Journal 3, 1960; the start is his.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w)
        short, off = 1 - x, y - x * x
        return short * short + 100 * (off * off)

    def grad(w: Array) -> Array:
        x, y = columns(w)
        pull = 200 * (y - x * x)
        return stack(w, 2 * (x - 1) - 2 * (x * pull), pull)

    return Problem(
        name="rosenbrock",
        formula=r"$(1 - x)^2 + 100\,(y - x^2)^2$",
        loss=loss,
        grad=grad,
        start=(-1.2, 1.0),
        view=((-2.0, 2.0), (-1.0, 3.0)),
        convex=False,
        minima=[(1.0, 1.0)],
        curvature=501 + float(np.sqrt(250601)),
        alpha_range=(1e-4, 0.01),
        epochs=1000,
        teaches="A bent valley: its walls limit the rate, and its floor is so flat that the way along it takes ages.",
        source="Rosenbrock, The Computer Journal 3, 1960",
    )


def himmelblau() -> Problem:
    """(x^2 + y - 11)^2 + (x + y^2 - 7)^2, with four minima, all 0, of which one is (3, 2).

    These are all the minima there are. Source: Himmelblau, "Applied Nonlinear Programming", 1972.
    """

    def parts(w: Array) -> tuple[Array, Array, Array, Array]:
        x, y = columns(w)
        return x, y, x * x + y - 11, x + y * y - 7

    def loss(w: Array) -> Array:
        _, _, a, b = parts(w)
        return a * a + b * b

    def grad(w: Array) -> Array:
        x, y, a, b = parts(w)
        return stack(w, 4 * (x * a) + 2 * b, 2 * a + 4 * (y * b))

    return Problem(
        name="himmelblau",
        formula=r"$(x^2 + y - 11)^2 + (x + y^2 - 7)^2$",
        loss=loss,
        grad=grad,
        start=(0.5, -0.5),
        view=((-5.0, 5.0), (-5.0, 5.0)),
        convex=False,
        minima=[
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
            (3.5844283403304917, -1.8481265269644036),
        ],
        curvature=54 + 20 * float(np.sqrt(2)),
        alpha_range=(0.001, 0.1),
        teaches="Four minima, equally deep: the start and the rate decide together which one a run finds.",
        source='Himmelblau, "Applied Nonlinear Programming", 1972',
    )


def beale() -> Problem:
    """(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2, minimum 0 at (3, 0.5), the only one.

    Far to the upper left a valley falls towards 0.45, for ever. Source: Beale, "On an iterative method for finding a
    local minimum of a function of more than one variable", Princeton Technical Report 25, 1958.
    """

    def parts(w: Array) -> tuple[Array, ...]:
        x, y = columns(w)
        square = y * y
        p, q, r = 1 - y, 1 - square, 1 - square * y
        return x, y, p, q, r, 1.5 - x * p, 2.25 - x * q, 2.625 - x * r

    def loss(w: Array) -> Array:
        *_, a, b, c = parts(w)
        return a * a + b * b + c * c

    def grad(w: Array) -> Array:
        x, y, p, q, r, a, b, c = parts(w)
        return stack(w, -2 * (a * p + b * q + c * r), 2 * x * (a + y * (2 * b + 3 * (y * c))))

    return Problem(
        name="beale",
        formula=r"$\Sigma_{i=1}^{3}\,(c_i - x + x y^i)^2$",
        loss=loss,
        grad=grad,
        start=(0.5, -2.0),
        view=((-4.5, 4.5), (-4.5, 4.5)),
        convex=False,
        minima=[(3.0, 0.5)],
        curvature=48.97978635,
        alpha_range=(0.002, 0.1),
        teaches="Nearly flat in the middle, with steep walls in the corners: one rate has to serve both.",
        source="Beale, Princeton Technical Report 25, 1958",
    )


def six_hump_camel() -> Problem:
    """(4 - 2.1 x^2 + x^4 / 3) x^2 + x y + 4 (y^2 - 1) y^2, with six minima, two of them global.

    These are -1.0316 at (0.0898, -0.7127) and at the point opposite; two are -0.2155 and two 2.1043, and these are all.
    Source: Dixon & Szegö, "Towards Global Optimisation 2", 1978.
    """

    def loss(w: Array) -> Array:
        x, y = columns(w)
        a, b = x * x, y * y
        return (4 + a * (a / 3 - 2.1)) * a + x * y + 4 * ((b - 1) * b)

    def grad(w: Array) -> Array:
        x, y = columns(w)
        a, b = x * x, y * y
        return stack(w, (8 + a * (2 * a - 8.4)) * x + y, x + (16 * b - 8) * y)

    return Problem(
        name="six-hump camel",
        formula=r"$4x^2 - 2.1x^4 + \frac{1}{3}x^6 + xy - 4y^2 + 4y^4$",
        loss=loss,
        grad=grad,
        start=(2.0, 1.0),
        view=((-2.2, 2.2), (-1.3, 1.3)),
        convex=False,
        minima=[
            (0.08984201310031806, -0.7126564030207396),
            (-0.08984201310031806, 0.7126564030207396),
            (-1.703606714969981, 0.7960835686726251),
            (1.703606714969981, -0.7960835686726251),
            (1.6071047529201972, 0.5686514548841314),
            (-1.6071047529201972, -0.5686514548841314),
        ],
        curvature=16.49319523,
        alpha_range=(0.002, 0.5),
        teaches="Six minima at three depths: a larger first step may take a run out of a shallow one into a deep one.",
        source='Dixon & Szegö, "Towards Global Optimisation 2", 1978',
    )


def styblinski_tang() -> Problem:
    """The sum over x and y of (x^4 - 16 x^2 + 5 x) / 2, with four minima, the lowest -78.332 at (-2.9035, -2.9035).

    These are all. Source: Styblinski & Tang, "Experiments in nonconvex optimization", Neural Networks 3, 1990.
    """
    deep, shallow = -2.903534027771177, 2.746802770990837

    def loss(w: Array) -> Array:
        x, y = columns(w * (w * (0.5 * (w * w) - 8) + 2.5))
        return x + y

    return Problem(
        name="styblinski-tang",
        formula=r"$\frac{1}{2}\Sigma_i\,(x_i^4 - 16x_i^2 + 5x_i)$",
        loss=loss,
        grad=lambda w: w * (2 * (w * w) - 16) + 2.5,
        start=(4.5, 4.0),
        view=((-5.0, 5.0), (-5.0, 5.0)),
        convex=False,
        minima=[(deep, deep), (deep, shallow), (shallow, deep), (shallow, shallow)],
        curvature=6 * deep * deep - 16,
        alpha_range=(0.001, 0.15),
        teaches="Four wells, one deepest: plain descent takes the nearest, a bold first step may find a better one.",
        source="Styblinski & Tang, Neural Networks 3, 1990",
    )


def rastrigin() -> Problem:
    """20 + the sum over x and y of x^2 - 10 cos(2 pi x), minimum 0 at (0, 0).

    Only this one is listed: in the view there is a local minimum near every point of whole numbers. Source: Rastrigin,
    "Systems of extremal control", 1974, as in Mühlenbein et al., Parallel Computing 17, 1991.
    """
    full = 2 * np.pi

    def loss(w: Array) -> Array:
        x, y = columns(w * w - 10 * np.cos(full * w))
        return 20 + x + y

    return Problem(
        name="rastrigin",
        formula=r"$20 + \Sigma_i\,(x_i^2 - 10 \cos 2\pi x_i)$",
        loss=loss,
        grad=lambda w: 2 * w + (10 * full) * np.sin(full * w),
        start=(-3.3, 2.4),
        view=((-5.12, 5.12), (-5.12, 5.12)),
        convex=False,
        minima=[(0.0, 0.0)],
        curvature=2 + 10 * full * full,
        alpha_range=(0.0003, 0.03),
        teaches="A hundred dents in a bowl: small rates stop in the first, large ones jump about until they are cut.",
        source="Rastrigin 1974; Mühlenbein et al., Parallel Computing 17, 1991",
    )


def ackley() -> Problem:
    """20 + e - 20 exp(-r / 5) - exp((cos 2 pi x + cos 2 pi y) / 2), r^2 = (x^2 + y^2) / 2, minimum 0 at (0, 0).

    The minimum is the tip of a cone, so it has no curvature, and the gradient is taken to be 0 there. Only this one is
    listed: there is a local minimum near many points of whole numbers. Source: Ackley, "A Connectionist Machine for
    Genetic Hillclimbing", 1987.
    """
    full = 2 * np.pi

    def parts(w: Array) -> tuple[Array, Array, Array]:
        x, y = columns(w)
        a, b = columns(np.cos(full * w))
        r = np.sqrt(0.5 * (x * x + y * y))
        return r, np.exp(-0.2 * r), np.exp(0.5 * (a + b))

    def loss(w: Array) -> Array:
        _, cone, dents = parts(w)
        return (20 - 20 * cone) + (np.e - dents)

    def grad(w: Array) -> Array:
        r, cone, dents = parts(w)
        cone = 2 * cone / np.maximum(r, 1e-150)  # so that it is 0 and not 0/0 at the tip
        return cone[..., None] * w + (np.pi * dents)[..., None] * np.sin(full * w)

    return Problem(
        name="ackley",
        formula=r"$20 + e - 20\,e^{-r/5} - e^{\frac{1}{2}\Sigma_i \cos 2\pi x_i}$",
        loss=loss,
        grad=grad,
        start=(-3.4, 2.3),
        view=((-5.0, 5.0), (-5.0, 5.0)),
        convex=False,
        minima=[(0.0, 0.0)],
        alpha_range=(0.01, 1.0),
        teaches="A funnel full of dents with a sharp tip: large steps find the funnel, small ones settle in its tip.",
        source='Ackley, "A Connectionist Machine for Genetic Hillclimbing", 1987',
    )
