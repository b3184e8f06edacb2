"""A problem: something to minimise, as a record of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrlab.core.arrays import Array


@dataclass(frozen=True)
class Samples:
    """What a problem made of data adds to a `Problem`: mini-batches, and a validation loss for the rule to watch.

    inputs, targets: the training rows, (rows, ...) each
    grad: (w of shape (..., dim), inputs and targets of some rows) -> (..., dim), the gradient of the loss on those rows
    validation_loss: (..., dim) -> (...), on rows that are never trained on
    batch_size: what a lab starts with
    """

    inputs: Array
    targets: Array
    grad: Callable[[Array, Array, Array], Array]
    validation_loss: Callable[[Array], Array]
    batch_size: int = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """A loss to minimise over weights w of shape (..., dim); every function takes any leading shape at once.

    name: short, for menus and titles
    formula: mathtext, shown above the picture
    loss: (..., dim) -> (...)
    grad: (..., dim) -> (..., dim), the exact gradient of ``loss``
    start: (dim,), where runs begin unless told otherwise
    view: one (low, high) per dimension, what the picture shows
    convex: True where every local minimum is a global one because the loss is convex
    minima: (minima, dim), the known ones; may be empty
    curvature: the largest eigenvalue of the Hessian at the minimum, lambda_max, where it is known
    alpha_range: (low, high), the learning rates worth trying
    axes: one label per dimension
    samples: for problems made of data
    teaches: one line on what it is good for

    Raises ValueError where shapes do not fit each other.
    """

    name: str
    formula: str
    loss: Callable[[Array], Array]
    grad: Callable[[Array], Array]
    start: Sequence[float]
    view: Sequence[tuple[float, float]]
    convex: bool
    minima: Sequence[Sequence[float]] = ()
    curvature: float | None = None
    alpha_range: tuple[float, float] = (0.001, 1.0)
    axes: Sequence[str] = ("x", "y")
    samples: Samples | None = None
    teaches: str = ""

    def __post_init__(self) -> None:
        if len(self.view) != self.dim:
            raise ValueError(
                f"{self.name}: view must give one (low, high) for each of the {self.dim} numbers in start, "
                f"got {len(self.view)}. Add or remove a pair."
            )
        if any(len(point) != self.dim for point in self.minima):
            raise ValueError(f"{self.name}: each minimum must have {self.dim} numbers, like start, got {self.minima}.")
        at_start = self.start_point
        for label, value, shape in (
            ("loss", self.loss(at_start), ()),
            ("grad", self.grad(at_start), (self.dim,)),
        ):
            if np.shape(value) != shape:
                raise ValueError(
                    f"{self.name}: {label} must turn weights of shape (..., {self.dim}) into "
                    f"{'(...)' if shape == () else f'(..., {self.dim})'}, but at the start it gave shape "
                    f"{np.shape(value)}. Work on the last axis: w[..., 0], w[..., 1]."
                )

    @property
    def dim(self) -> int:
        """Number of weights."""
        return len(self.start)

    @property
    def start_point(self) -> Array:
        """``start`` as an array of shape (dim,)."""
        return np.asarray(self.start, dtype=float)

    def watch(self, w: Array) -> Array:
        """What the plateau rule watches at w: the validation loss where there is one, else the loss. (...)."""
        return self.loss(w) if self.samples is None else self.samples.validation_loss(w)

    @cached_property
    def lowest(self) -> float | None:
        """The watched loss at the best known minimum, or None where no minimum is known."""
        if not len(self.minima):
            return None
        return float(np.min(self.watch(np.asarray(self.minima, dtype=float))))

    @cached_property
    def target(self) -> float | None:
        """The watched loss that counts as arrived: 99.9 % of the way from the start down to the lowest known loss."""
        if self.lowest is None:
            return None
        return self.lowest + 1e-3 * (float(self.watch(self.start_point)) - self.lowest)

    def stability_edge(self, momentum: float = 0.0) -> float | None:
        """The largest alpha at which descent can still settle in the minimum, or None where it is not known.

        Plain gradient descent multiplies the distance along the steepest direction by 1 - alpha * lambda_max at each
        step, which shrinks only while alpha < 2 / lambda_max. With (heavy-ball) momentum the edge moves out to
        2 (1 + momentum) / lambda_max (Goh, "Why Momentum Really Works", Distill 2017).
        """
        return None if self.curvature is None else 2 * (1 + momentum) / self.curvature
