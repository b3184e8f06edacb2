"""Finite differences: a gradient where none is given, and a check of one that is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrlab.core.arrays import Array

Loss = Callable[[Array], Array]

# Of more weights than this, the check tries this many random directions and not every weight by itself.
MAX_DIRECTIONS = 10


class Differences:
    """The gradient of ``loss`` by central differences, as a function (..., dim) -> (..., dim).

    widths: (dim,), how wide the view is in each direction. Steps are 6e-6 of that, the cube root of float64's
    resolution, where the error of the formula and that of rounding are about equal (Press et al., "Numerical Recipes",
    section 5.7). Costs 2 * dim losses.
    """

    def __init__(self, loss: Loss, widths: Array) -> None:
        self._loss = loss
        self._steps = np.diag(6e-6 * widths)
        self._spans = 12e-6 * widths

    def __call__(self, w: Array) -> Array:
        here = w[..., None, :]
        return (self._loss(here + self._steps) - self._loss(here - self._steps)) / self._spans


def wrong_gradient(loss: Loss, grad: Loss, points: Array, widths: Array) -> str | None:
    """Where ``grad`` is not the gradient of ``loss``, in words; None where it is, at every one of the points.

    points: (points, dim). widths: (dim,), how wide the view is

    Along a direction, the gradient must lie between the slope just before the point and the one just after, so a
    corner (as of an absolute value) is no mistake. 0.1 % of the gradient's size is granted, and what rounding costs.
    Where the loss or its gradient is not finite, nothing is said.
    """
    dim = points.shape[1]
    if dim <= MAX_DIRECTIONS:
        directions = np.eye(dim)
    else:
        directions = np.random.default_rng(0).standard_normal((MAX_DIRECTIONS, dim)) / np.sqrt(dim)
    step = 1e-6
    moves = step * directions * widths
    here = loss(points)[:, None]
    before = (here - loss(points[:, None] - moves)) / step
    after = (loss(points[:, None] + moves) - here) / step
    given = grad(points)
    slopes = given @ (directions * widths).T
    size = np.abs(given * widths).max(axis=1, keepdims=True)
    slack = 1e-3 * np.maximum(size, np.abs(after)) + 1e-8 * np.abs(here)
    outside = (slopes < np.minimum(before, after) - slack) | (slopes > np.maximum(before, after) + slack)
    outside &= np.isfinite(before) & np.isfinite(after)
    if not outside.any():
        return None
    point, direction = np.argwhere(outside)[0]
    where = f"at {_spelled(points[point])}"
    measured = (before + after)[point] / 2
    if dim <= MAX_DIRECTIONS:
        return f"{where} it gives {_spelled(given[point])}, differences of the loss {_spelled(measured / widths)}"
    along, found = slopes[point, direction], measured[direction]
    return f"{where}, along some direction, it gives a slope of {along:.4g}, differences of the loss {found:.4g}"


def _spelled(point: Array) -> str:
    shown = ", ".join(f"{value:.4g}" for value in point[:4])
    return f"({shown}{', ...' if len(point) > 4 else ''})"
