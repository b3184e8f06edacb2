"""Basins: in which minimum a run ends, for many runs from many starts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run

# What a run may end in besides one of the problem's minima, whose numbers are 0 and up.
ELSEWHERE, MOVING, DIVERGED = -1, -2, -3

# "In" a minimum: nearer than this share of the view's diagonal, and of the way to the next minimum.
REACH_OF_VIEW, REACH_OF_GAP = 0.03, 1 / 3
# "At rest" elsewhere: much nearer, or a run that rattles over ripples would be at rest wherever it happens to be.
REACH_OF_REST = 0.1


class Basins(NamedTuple):
    """Where R runs end.

    ends: (R,) int: the number of the minimum in ``problem.minima``; or ELSEWHERE (at another flat place: a saddle, or a
        minimum that the problem does not list), MOVING (in no minimum: under way, rattling, or cut to a standstill on a
        slope), DIVERGED
    loss: (R,), there
    global_share: the share of runs that end in a global minimum; NaN where none is known
    median_epochs: half of these were at the problem's target after so many epochs; NaN where there are none
    """

    ends: Array
    loss: Array
    global_share: float
    median_epochs: float


def basins(problem: Problem, run: Run) -> Basins:
    """Sort runs by where they end. Distances are measured with the view scaled to a square."""
    last, minima = run.w[-1], np.asarray(problem.minima, float)
    ends = np.full(len(last), MOVING)
    ends[np.isfinite(run.diverged)] = DIVERGED
    if len(minima):
        with np.errstate(all="ignore"):
            distance = _distances(problem, last, minima)
        inside = distance.min(axis=-1) < reach(problem)
        ends[inside] = distance[inside].argmin(axis=-1)
    others = np.flatnonzero(ends == MOVING)
    ends[others[_at_rest(problem, last[others])]] = ELSEWHERE
    arrived = np.isin(ends, global_minima(problem))
    epochs = run.epochs_to(problem.target)[arrived] if problem.target is not None else np.empty(0)
    epochs = epochs[np.isfinite(epochs)]
    return Basins(
        ends,
        run.loss[-1],
        float(arrived.mean()) if len(minima) else np.nan,
        float(np.median(epochs)) if len(epochs) else np.nan,
    )


def global_minima(problem: Problem) -> Array:
    """The numbers of the known minima that are as low as the lowest."""
    if not len(problem.minima):
        return np.empty(0, int)
    losses = problem.loss(np.asarray(problem.minima, float))
    return np.flatnonzero(losses <= losses.min() + 1e-9 * max(1, abs(losses.min())))


def reach(problem: Problem) -> float:
    """How near to a minimum counts as in it, in shares of the view's width."""
    minima = np.asarray(problem.minima, float).reshape(-1, problem.dim)
    gaps = _distances(problem, minima, minima)
    np.fill_diagonal(gaps, np.inf)
    return min(REACH_OF_VIEW * np.sqrt(problem.dim), REACH_OF_GAP * gaps.min(initial=np.inf))


def grid_of_starts(problem: Problem, points: int) -> Array:
    """Starts all over the view, in the middles of ``points`` cells a side: (points ** dim, dim), x changes first."""
    low, high = np.transpose(np.asarray(problem.view, float))
    sides = low[:, None] + (high - low)[:, None] * (np.arange(points) + 0.5) / points
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, problem.dim)


def _distances(problem: Problem, a: Array, b: Array) -> Array:
    """From each point of a (n, dim) to each of b (m, dim), in shares of the view's width: (n, m)."""
    width = np.ptp(np.asarray(problem.view, float), axis=1)
    return np.linalg.norm((a[:, None] - b) / width, axis=-1)


def _at_rest(problem: Problem, w: Array) -> Array:
    """(n,): whether there is a flat place next to w, judging by slope and curvature there.

    That is where Newton's method would step to. A slope that is slight but does not fade, as along the floor of a long
    valley, leads further: a run that crawls there is not at rest.
    """
    width = np.ptp(np.asarray(problem.view, float), axis=1)
    steps = 1e-4 * np.diag(width)
    here = w[:, None]
    slope = problem.grad(w) * width
    curvature = (problem.grad(here + steps) - problem.grad(here - steps)) * width / 2e-4
    scale = np.abs(curvature).max(axis=(1, 2), keepdims=True, initial=1e-300)
    # A millionth of a millionth on the diagonal keeps the matrix of a straight slope from being singular.
    nearly = curvature / scale + 1e-12 * np.eye(problem.dim)
    jump = np.linalg.solve(nearly, slope[..., None] / scale)[..., 0]
    return np.linalg.norm(jump, axis=1) < REACH_OF_REST * reach(problem)
