"""A problem: something to minimise, as a record of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.gradients import MAX_DIRECTIONS, Differences, wrong_gradient
from lrlab.core.rules import check_one
from lrlab.core.samples import Samples


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """A loss to minimise over weights w of shape (..., dim); every function takes any leading shape at once.

    name: short, for menus and titles
    formula: mathtext, shown above the picture
    loss: (..., dim) -> (...)
    grad: (..., dim) -> (..., dim), the exact gradient of ``loss``; finite differences if left out
    hessian: (dim,) -> (dim, dim), the exact second derivatives, at one point; what Newton's method goes by
    start: (dim,), where runs begin unless told otherwise
    view: one (low, high) per dimension, what the picture shows
    convex: True where every local minimum is a global one because the loss is convex
    minima: (minima, dim), the known ones, a global one first; may be empty
    curvature: the largest eigenvalue of the Hessian at the first minimum, lambda_max, where it is known
    alpha_range: (low, high), the learning rates worth trying
    epochs: how long a lab trains at first
    axes: one label per dimension
    samples: for problems made of data
    teaches: one line on what it is good for
    source: where it was published, or who uses it

    Raises TypeError or ValueError where shapes do not fit each other, where the loss at the start is not finite, where
    ``grad`` is not the gradient or ``hessian`` not its derivative, and where a minimum has a lower place beside it.
    """

    name: str
    formula: str
    loss: Callable[[Array], Array]
    grad: Callable[[Array], Array] = None  # type: ignore[assignment]  # never None once __post_init__ is through
    hessian: Callable[[Array], Array] | None = None
    start: Sequence[float]
    view: Sequence[tuple[float, float]]
    convex: bool
    minima: Sequence[Sequence[float]] = ()
    curvature: float | None = None
    alpha_range: tuple[float, float] = (0.001, 1.0)
    epochs: int = 200
    axes: Sequence[str] = ()
    samples: Samples | None = None
    teaches: str = ""
    source: str = ""

    def __deepcopy__(self, _memo: object) -> Problem:
        """Itself: it never changes, and a picture that is copied need not carry another of its data."""
        return self

    def __post_init__(self) -> None:
        try:
            start, view, minima = self.start_point, np.asarray(self.view, float), np.asarray(self.minima, float)
        except (TypeError, ValueError):
            raise TypeError(f"{self.name}: start, view and minima must be made of numbers.") from None
        dim = start.size
        self._require(start.ndim == 1 and dim > 0 and bool(np.isfinite(start).all()), "start", "finite numbers, (x, y)")
        good_view = view.shape == (dim, 2) and bool((view[:, 0] < view[:, 1]).all())
        self._require(good_view, "view", f"one (low, high) for each of the {dim} numbers in start, low below high")
        good_minima = minima.size == 0 or (minima.shape[1:] == (dim,) and bool(np.isfinite(minima).all()))
        self._require(good_minima, "minima", f"a list of points of {dim} numbers")
        good_range = np.shape(self.alpha_range) == (2,) and 0 < self.alpha_range[0] < self.alpha_range[1] < np.inf
        self._require(good_range, "alpha_range", "(low, high), with 0 < low < high")
        check_one("epochs", self.epochs)
        self._require(self.curvature is None or self.curvature > 0, "curvature", "greater than 0, or None")
        object.__setattr__(self, "axes", tuple(self.axes) or _axes(dim))
        self._require(len(self.axes) == dim, "axes", f"one label for each of the {dim} numbers in start")
        if self.grad is None:
            object.__setattr__(self, "grad", Differences(self.loss, np.ptp(view, axis=1)))
        self._check_functions(view)

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise ValueError(f"{self.name}: {name} must be {rule}, got {getattr(self, name)!r}.")

    def _check_functions(self, view: Array) -> None:
        """Loss and gradient of three points at once must be those of each point alone: runs train side by side."""
        widths = np.ptp(view, axis=1)
        # Off the diagonals, or a gradient with x and y exchanged would pass.
        places = np.linspace(0, 1, 3 * self.dim).reshape(self.dim, 3).T
        points = view.mean(axis=1) + (0.37 * np.sin(9 * places + 1)) * widths
        with np.errstate(all="ignore"):
            losses, gradients = {"loss": self.loss}, {"grad": self.grad}
            if rows := self.samples:
                losses["samples.validation_loss"] = rows.validation_loss
                gradients["samples.grad, over all rows,"] = lambda w: rows.grad(w, rows.inputs, rows.targets)
                if rows.score is not None:
                    losses["samples.score"] = rows.score
            for name, loss in losses.items():
                self._require_pointwise(name, loss, points, (), "(...)")
            kind = np.asarray(self.loss(points)).dtype
            if kind.kind not in "iuf":
                raise TypeError(f"{self.name}: loss must give numbers, and gives {kind}. Work it out in float64.")
            for name, grad in gradients.items():
                self._require_pointwise(name, grad, points, (self.dim,), f"(..., {self.dim})")
            if not np.isfinite(self.loss(self.start_point)):
                raise ValueError(f"{self.name}: the loss at the start must be finite. Move the start.")
            for name, grad in gradients.items():
                mistake = wrong_gradient(self.loss, grad, points, widths)
                coarse = kind in (np.float16, np.float32)  # a gradient that is given is checked by differences, too
                if mistake and (coarse or not self.has_exact_gradient):
                    raise ValueError(f"{self.name}: loss is too coarse to take differences of. Work it out in float64"
                                     f"{'' if coarse else ', or give its gradient as grad'}.")  # fmt: skip
                if mistake:
                    raise ValueError(f"{self.name}: {name} must be the gradient of loss, but {mistake}. Leave it out, "
                                     "and lrlab takes differences.")  # fmt: skip
            self._check_hessian(points[0], widths)
            self._check_minima(widths)

    def _check_hessian(self, point: Array, widths: Array) -> None:
        """Along one direction, it must give what differences of the gradient give."""
        if self.hessian is None:
            return
        matrix, direction = np.asarray(self.hessian(point)), 1e-5 * np.cos(np.arange(self.dim)) * widths
        if matrix.shape != (self.dim, self.dim):
            raise ValueError(f"{self.name}: hessian must turn a point of shape ({self.dim},) into ({self.dim}, "
                             f"{self.dim}), but gave the shape {matrix.shape}. Leave it out, or mend it.")  # fmt: skip
        found, expected = matrix @ direction, (self.grad(point + direction) - self.grad(point - direction)) / 2
        if np.isfinite(expected).all() and not np.abs(found - expected).max() <= 1e-3 * np.abs(expected).max() + 1e-12:
            raise ValueError(f"{self.name}: hessian must be the derivative of grad, and at "
                             f"{tuple(point[:4].tolist())} it is not. Leave it out, or mend it.")  # fmt: skip

    def _check_minima(self, widths: Array) -> None:
        """A hundredth of the view to either side, no minimum may have a lower neighbour."""
        steps = 0.01 * np.diag(widths)[:MAX_DIRECTIONS]
        for minimum in np.asarray(self.minima, float).reshape(-1, self.dim):
            here, around = self.loss(minimum), self.loss(minimum + np.concatenate([steps, -steps]))
            if (around < here - 1e-9 * np.abs(here)).any():
                raise ValueError(f"{self.name}: minima must be places where the loss is lower than all around, and at "
                                 f"{tuple(minimum.tolist())} it is not. Leave out what you do not know.")  # fmt: skip

    def _require_pointwise(
        self, name: str, function: Callable[[Array], Array], points: Array, shape: tuple[int, ...], words: str
    ) -> None:
        try:
            together, nested = np.asarray(function(points)), np.asarray(function(points[None]))
            alone = np.stack([function(point) for point in points])
            if together.shape != (len(points), *shape):
                found = f"gave the shape {together.shape}"
            elif not np.allclose(together, alone, rtol=1e-6, equal_nan=True):
                found = "gave other numbers than for each alone"
            elif nested.shape != (1, *together.shape) or not np.allclose(nested[0], together, equal_nan=True):
                found = f"gave something else once they stood in an array of shape {points[None].shape}"
            else:
                return
        except (IndexError, ValueError, TypeError) as error:
            found = f"raised {type(error).__name__}: {error}"
        raise ValueError(
            f"{self.name}: {name} must turn weights of shape (..., {self.dim}) into {words}, point by point, but for "
            f"{len(points)} points at once it {found}. Work on the last axis: w[..., 0], w[..., 1], mean(axis=-1)."
        )

    @property
    def has_exact_gradient(self) -> bool:
        """False where no gradient was given, and differences of the loss stand in for it."""
        return not isinstance(self.grad, Differences)

    @property
    def dim(self) -> int:
        """Number of weights."""
        return self.start_point.size

    @property
    def start_point(self) -> Array:
        """``start`` as an array of shape (dim,)."""
        return np.asarray(self.start, dtype=float)

    def watch(self, w: Array) -> Array:
        """What the plateau rule watches at w: the validation loss where there is one, else the loss. (...)."""
        return self.loss(w) if self.samples is None else self.samples.validation_loss(w)

    @cached_property
    def lowest_loss(self) -> float | None:
        """The lowest (training) loss of the known minima, or None where no minimum is known."""
        return float(np.min(self.loss(np.asarray(self.minima, dtype=float)))) if len(self.minima) else None

    @cached_property
    def lowest(self) -> float | None:
        """The lowest watched loss of the known minima, or None where no minimum is known."""
        return float(np.min(self.watch(np.asarray(self.minima, dtype=float)))) if len(self.minima) else None

    @cached_property
    def target(self) -> float | None:
        """The watched loss that counts as arrived: 99.9 % of the way from the start to `lowest`. Or None."""
        if self.lowest is None:
            return None
        return self.lowest + 1e-3 * (float(self.watch(self.start_point)) - self.lowest)

    def stability_edge(self, momentum: float = 0.0) -> float | None:
        """The largest alpha at which descent can still settle in the minimum, or None where it is not known.

        Plain gradient descent multiplies the distance along the steepest direction by 1 - alpha * lambda_max at each
        step, which shrinks only while alpha < 2 / lambda_max. With (heavy-ball) momentum the edge moves out to
        2 (1 + momentum) / lambda_max (Goh, "Why Momentum Really Works", Distill 2017).

        >>> from lrlab.problems import ravine
        >>> ravine(condition=25).stability_edge()
        0.08
        """
        return None if self.curvature is None else 2 * (1 + momentum) / self.curvature


def _axes(dim: int) -> tuple[str, ...]:
    return ("x", "y")[:dim] if dim <= 2 else tuple(f"w{i + 1}" for i in range(dim))
