"""The landscape: how the loss of a model with many weights looks on one plane.

The plane goes through the start and through both ends of a pair of runs, so these three points lie exactly in it, and
what is drawn there is the true loss. The paths in between leave the plane; they are projected onto it at right angles,
and how far they leave it is said. Other choices show less: a plane in two random directions (Li et al., "Visualizing
the Loss Landscape of Neural Nets", NeurIPS 2018) hardly contains any of a run's way, and principal axes of one path
contain neither of the ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.threads import one_thread


@dataclass(frozen=True, eq=False)
class Plane:
    """origin + a * along + b * across, for two directions of length 1 at right angles. Each is of shape (dim,)."""

    origin: Array
    along: Array
    across: Array

    def points(self, a: Array, b: Array) -> Array:
        """The weights at coordinates a and b, (...) each -> (..., dim)."""
        return self.origin + a[..., None] * self.along + b[..., None] * self.across

    def project(self, w: Array) -> tuple[Array, Array]:
        """Weights (..., dim) -> coordinates (..., 2) of the nearest points in the plane, and the distances (...)."""
        way = w - self.origin
        coordinates = np.stack([way @ self.along, way @ self.across], axis=-1)
        beside = way - coordinates[..., :1] * self.along - coordinates[..., 1:] * self.across
        return coordinates, np.linalg.norm(beside, axis=-1)


def plane_of(run: Run) -> Plane:
    """The plane through the start and the ends of a pair.

    ``along`` points from the start to half-way between the ends, ``across`` from the side of run 0 to that of run 1.
    Where the runs end in one point, the plane goes through the start, that end, and the point of run 1's path that is
    furthest from the line between the two.
    """
    start = run.w[0, 0]
    constant, plateau = ends(run)
    along = _unit((constant + plateau) / 2 - start)
    if along is None:  # nothing moved, or the ends lie on opposite sides of the start
        along = _unit(plateau - start)
    if along is None:
        along = np.eye(len(start))[0]
    across = _unit(_beside(plateau - constant, along))
    if across is None:
        away = _beside(_before_leaving(run, 1) - start, along)
        across = _unit(away[np.linalg.norm(away, axis=-1).argmax()])
    if across is None:  # a straight path: any direction at right angles to it will do
        across = _unit(_beside(np.eye(len(start))[np.abs(along).argmin()], along))
    assert along is not None
    assert across is not None
    return Plane(start, along, across)


def ends(run: Run) -> tuple[Array, Array]:
    """Where a pair ends, (dim,) each. A run that diverged has no end: its last weights before it left stand for it."""
    return _before_leaving(run, 0)[-1], _before_leaving(run, 1)[-1]


@one_thread()
def loss_on(problem: Problem, plane: Plane, a: Array, b: Array) -> Array:
    """The training loss at all coordinates a (columns,) and b (rows,), in one pass: (rows, columns)."""
    with np.errstate(all="ignore"):
        return problem.loss(plane.points(*np.meshgrid(a, b)))


def _before_leaving(run: Run, i: int) -> Array:
    """The weights of run i, (epochs, dim), up to its end or until it diverged."""
    left = run.diverged[i]
    return run.w[: max(int(left), 1), i] if np.isfinite(left) else run.w[:, i]


def _beside(way: Array, along: Array) -> Array:
    """What is left of ``way``, (..., dim), without its part in the direction ``along``."""
    return way - (way @ along)[..., None] * along


def _unit(way: Array) -> Array | None:
    """``way`` with length 1, or None where it has no length worth speaking of."""
    largest = np.abs(way).max()
    if not 1e-12 < largest < np.inf:
        return None
    way = way / largest  # its squares would overflow, or vanish
    return way / np.linalg.norm(way)
