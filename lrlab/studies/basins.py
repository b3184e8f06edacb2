"""Basins: in which minimum a run ends, for many runs from many starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run

# What a run may end in besides one of the problem's minima, whose numbers are 0 and up.
ELSEWHERE, MOVING, DIVERGED = -1, -2, -3

# "In" a minimum: for the last epochs, nearer than these shares of the view's diagonal and of the way to the next one.
LAST_EPOCHS = 10
REACH_OF_VIEW, REACH_OF_GAP = 0.03, 1 / 3
# "At rest" elsewhere: much nearer, or a run that rattles over ripples would be at rest wherever it happens to be.
REACH_OF_REST = 0.1


@dataclass(frozen=True, eq=False)
class Basins:
    """Where R runs end.

    ends: (R,) int: the number of the minimum in ``problem.minima`` in which the run has settled; or ELSEWHERE (at rest
        at another flat place: a saddle, or a minimum that the problem does not list), MOVING (not settled: under way,
        rattling, or cut to a standstill on a slope), DIVERGED
    loss: (R,), there
    epochs: (R,): after how many epochs the run was first at the problem's target; NaN where it never was
    best: the numbers of the global minima, as far as they are known
    """

    ends: Array
    loss: Array
    epochs: Array
    best: Array

    @property
    def global_share(self) -> float:
        """The share of runs that settle in a global minimum; NaN where none is known."""
        return float(np.isin(self.ends, self.best).mean()) if len(self.best) else np.nan

    @property
    def median_epochs(self) -> float:
        """Of those that settle in a global minimum and came to the target, half were there after so many epochs.

        NaN where there are none.
        """
        epochs = self.epochs[np.isin(self.ends, self.best)]
        epochs = epochs[np.isfinite(epochs)]
        return float(np.median(epochs)) if len(epochs) else np.nan

    @classmethod
    def joined(cls, parts: Sequence[Basins]) -> Basins:
        """The runs of all parts, in order."""
        ends, loss, epochs = (np.concatenate([getattr(p, name) for p in parts]) for name in ("ends", "loss", "epochs"))
        return cls(ends, loss, epochs, parts[0].best)


def basins(problem: Problem, run: Run) -> Basins:
    """Sort the runs of ``run`` by where they end. Distances are measured with the view scaled to a square."""
    minima = np.asarray(problem.minima, float).reshape(-1, problem.dim)
    late = run.w[-LAST_EPOCHS:] / _widths(problem)
    ends = np.full(late.shape[1], MOVING)
    ends[np.isfinite(run.diverged)] = DIVERGED
    with np.errstate(all="ignore"):
        if len(minima):
            scaled = minima / _widths(problem)
            nearest = np.linalg.norm(late[-1][:, None] - scaled, axis=-1).argmin(axis=-1)
            away = np.linalg.norm(late - scaled[nearest], axis=-1).max(axis=0)
            settled = away < reach(problem)
            ends[settled] = nearest[settled]
        strayed = np.linalg.norm(late - late[-1], axis=-1).max(axis=0)
        still = np.flatnonzero((ends == MOVING) & (strayed < REACH_OF_REST * reach(problem)))
        ends[still[_flat_place_next_to(problem, run.w[-1, still])]] = ELSEWHERE
    return Basins(ends, run.loss[-1].copy(), run.epochs_to(problem.target), global_minima(problem))


def global_minima(problem: Problem) -> Array:
    """(minima,) int: the numbers of the known minima that are as low as the lowest; empty where none is known."""
    if not len(problem.minima):
        return np.empty(0, int)
    losses = problem.loss(np.asarray(problem.minima, float))
    return np.flatnonzero(losses <= losses.min() + 1e-6 * max(1, abs(losses.min())))


def reach(problem: Problem) -> float:
    """How near to a minimum counts as in it, in shares of the view's width."""
    minima = np.asarray(problem.minima, float).reshape(-1, problem.dim) / _widths(problem)
    gaps = np.linalg.norm(minima[:, None] - minima, axis=-1)
    np.fill_diagonal(gaps, np.inf)
    return min(REACH_OF_VIEW * np.sqrt(problem.dim), REACH_OF_GAP * gaps.min(initial=np.inf))


def grid_of_starts(problem: Problem, points: int) -> Array:
    """Starts all over the view, in the middles of ``points`` cells a side: (points ** dim, dim), x changes first.

    For one weight or two.
    """
    low, high = np.transpose(np.asarray(problem.view, float))
    sides = low[:, None] + (high - low)[:, None] * (np.arange(points) + 0.5) / points
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, problem.dim)


def _widths(problem: Problem) -> Array:
    return np.ptp(np.asarray(problem.view, float), axis=1)


def _flat_place_next_to(problem: Problem, w: Array) -> Array:
    """(n,): whether there is a flat place next to w, judging by slope and curvature there.

    That is where Newton's method would step to. A slope that is slight but does not fade, as along the floor of a long
    valley, leads further: a run that crawls there is not at rest.
    """
    width = _widths(problem)
    steps = 1e-4 * np.diag(width)
    here = w[:, None]
    slope = problem.grad(w) * width
    curvature = (problem.grad(here + steps) - problem.grad(here - steps)) * width / 2e-4
    scale = np.abs(curvature).max(axis=(1, 2), keepdims=True, initial=1e-300)
    # A millionth of a millionth on the diagonal keeps the matrix of a straight slope from being singular.
    nearly = curvature / scale + 1e-12 * np.eye(problem.dim)
    jump = np.linalg.solve(nearly, slope[..., None] / scale)[..., 0]
    return np.linalg.norm(jump, axis=1) < REACH_OF_REST * reach(problem)
