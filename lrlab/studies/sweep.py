"""Sweeps: what many settings of the plateau rule come to, on a grid, beside the constant run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.descent import check_start, descend, steps_of
from lrlab.core.plateau import Plateau
from lrlab.core.problem import Problem
from lrlab.core.rules import check, check_one
from lrlab.core.run import far_away, first_epoch, last_tenth
from lrlab.core.settings import RULE, Settings
from lrlab.core.threads import one_thread

EPOCHS, LOSS, GAIN = METRICS = ("epochs to target", "final loss", "gain over constant")

# Of the losses that are kept while a map is made: 80 MB.
MAX_NUMBERS = 10_000_000
# Two losses nearer than this share of them are the same: on data, rounding differs with the company.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Sweep:
    """A grid of R x C runs, one number for each: the median over seeds.

    metric: one of METRICS, what the numbers are
        "epochs to target": after how many epochs the watched loss is first at the target; inf where it never is
        "final loss": the watched loss, the mean over the last tenth of the epochs; inf where the run diverged
        "gain over constant": how many times lower that loss is than the constant run's, both measured from the lowest
            known; 0 where only the run diverged, inf where only the constant one did, 1 where both did
    rows, columns: (R,) and (C,), what was tried
    values: (R, C); NaN where it is not known, maybe not yet
    constant: (R,), the same of the constant run that goes with each row
    diverged: (R, C), whether at least half of a cell's runs did. constant_diverged: (R,)
    """

    metric: str
    rows: Array
    columns: Array
    values: Array
    constant: Array
    diverged: Array
    constant_diverged: Array

    @property
    def known(self) -> Array:
        """(R, C), whether there is something to compare."""
        return ~np.isnan(self.values) & ~np.isnan(self.constant)[:, None]

    @property
    def better(self) -> Array:
        """(R, C), whether the cell beats its constant run."""
        return self.known & self._beats(self.values, self.constant[:, None]) & ~self.diverged

    @property
    def worse(self) -> Array:
        """(R, C), whether its constant run beats the cell."""
        return self.known & self._beats(self.constant[:, None], self.values)

    @property
    def best(self) -> tuple[int, int] | None:
        """Row and column of the best cell, None where all are lost; of several as good, the last in the last row.

        Where rows are factors, rising, and columns patiences: the one that cuts least, and of those waits longest.
        """
        best = np.argwhere(self._as_good_as_any)
        return (int(best[-1][0]), int(best[-1][1])) if len(best) else None

    @property
    def as_good_as_best(self) -> int:
        """How many cells are as good as the best, itself included; 0 where there is none."""
        return int(self._as_good_as_any.sum())

    @property
    def _as_good_as_any(self) -> Array:
        """Which cells no other is better than; none where all are lost."""
        score = np.where(self.known & ~self.diverged, self.values if self.metric == GAIN else -self.values, -np.inf)
        return (score == score.max(initial=-np.inf)) & (score > -np.inf)

    @property
    def matters(self) -> tuple[float, float]:
        """How much of what differs between cells is told by the row alone, and by the column alone: shares from 0 to 1.

        Of the variance of the cells' ranks, that of the means of rows and of columns: ranks, since infinity has one.
        Both are 0 where all cells are the same, or where some are not known.
        """
        order = np.where(self.diverged, np.inf, -self.values if self.metric == GAIN else self.values)
        if not self.known.all():
            return 0.0, 0.0
        _, inverse, counts = np.unique(order, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse].reshape(order.shape)
        spread = ranks.var()
        if not spread:
            return 0.0, 0.0
        return float(ranks.mean(axis=1).var() / spread), float(ranks.mean(axis=0).var() / spread)

    def _beats(self, one: Array, other: Array) -> Array:
        high, low = (one, other) if self.metric == GAIN else (other, one)
        with np.errstate(invalid="ignore"):
            return high - low > SAME * np.abs(low)  # of two infinities, neither does


@one_thread()
def sweep(
    problem: Problem,
    metric: str,
    *,
    alpha: Any,
    factor: Any,
    patience: Any,
    epochs: int,
    seeds: int = 1,
    seed: int = 0,
    start: Any = None,
    noise: float = 0.0,
    batch_size: int | None = None,
    momentum: float = 0.0,
    min_delta: float = 1e-4,
    cooldown: int = 0,
    min_lr: float = 0.0,
    target: float | None = None,
    lowest: float | None = None,
) -> Sweep:
    """Train a run for each of R rows with each of C patiences, and the constant run of each row.

    alpha, factor: one of them (R,), what changes from row to row; the other a number. patience: (C,)
    seeds: how many noises, or orders of batches, from ``seed`` on; each cell is the median over them
    target: the watched loss that counts as arrived; ``problem.target`` if left out
    lowest: what losses are measured from when one is divided by another; if left out, the lowest known one of a
        surface, or the lowest found where none is known, so that the cell that found it gains inf; of models, 0
    the rest: as in `train`

    Only losses are kept. Raises TypeError or ValueError where an argument breaks its rule.
    """
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, got {metric!r}.")
    alphas, factors = np.atleast_1d(check("alpha", alpha)), np.atleast_1d(check("factor", factor))
    patiences = np.atleast_1d(check("patience", patience))
    if len(alphas) > 1 and len(factors) > 1:
        raise ValueError("One of alpha and factor may have several values, the other must be one number.")
    rows = max(len(alphas), len(factors))
    rule = {"min_delta": min_delta, "cooldown": cooldown, "min_lr": min_lr}
    cells = Settings(
        np.repeat(np.broadcast_to(alphas, rows), len(patiences)),
        np.repeat(np.broadcast_to(factors, rows), len(patiences)),
        np.tile(patiences, rows),
        **rule,
    )
    settings = _joined(cells, Settings(alphas, 1.0, 1, **rule))  # factors share one constant run
    epochs, seeds, seed = check_one("epochs", epochs), check_one("seeds", seeds), check_one("seed", seed)
    if problem.samples is None and not noise:
        seeds = 1  # nothing depends on it
    read, lost = [], []
    for one in range(seed, seed + seeds):
        parts = _trained(problem, settings, metric, epochs, one, start, noise, batch_size, momentum, target)
        found, gone = (np.concatenate(part) for part in zip(*parts, strict=True))
        read.append(found)
        lost.append(gone)
    values, diverged = np.array(read), np.array(lost)
    shape = (seeds, rows, len(patiences))
    if lowest is None:
        lowest = 0.0 if problem.samples else problem.lowest
    return beside_constant(
        metric,
        alphas if len(alphas) > 1 else factors,
        patiences,
        values[:, : len(cells)].reshape(shape),
        np.broadcast_to(values[:, len(cells) :], shape[:2]),
        diverged[:, : len(cells)].reshape(shape),
        np.broadcast_to(diverged[:, len(cells) :], shape[:2]),
        _lowest(values) if lowest is None else lowest,
    )


def beside_constant(
    metric: str,
    rows: Array,
    columns: Array,
    values: Array,
    constant: Array,
    diverged: Array,
    constant_diverged: Array,
    lowest: float = 0.0,
) -> Sweep:
    """A `Sweep` of S seeds, from what `measure` says of each run.

    values, diverged: (S, R, C). constant, constant_diverged: (S, R). NaN: not known
    lowest: what losses are measured from when one is divided by the other
    """
    if metric == GAIN:
        values = _times(constant[..., None], values, lowest)
        constant = np.where(np.isnan(constant), np.nan, 1.0)
    lost = _median(np.where(np.isnan(values), np.nan, diverged)) >= 0.5
    constant_lost = _median(np.where(np.isnan(constant), np.nan, constant_diverged)) >= 0.5
    return Sweep(metric, np.asarray(rows), np.asarray(columns), _median(values), _median(constant), lost, constant_lost)


def measure(metric: str, watched: Array, diverged: Array, target: float | None) -> Array:
    """(R,), a number for each run: after how many epochs it is at the target, or else its loss at the end.

    metric: one of METRICS; for "gain over constant", too, it is the loss. watched: (E + 1, R). diverged: (R,)
    target: the watched loss that counts as arrived; None: there is none, and no run arrives
    """
    if metric == EPOCHS:
        reached = first_epoch(watched <= (-np.inf if target is None else target))
        return np.where(np.isnan(reached), np.inf, reached)
    with np.errstate(all="ignore"):
        return np.where(diverged, np.inf, last_tenth(watched))


def _times(constant: Array, values: Array, lowest: float) -> Array:
    """How many times lower a loss is than the constant run's."""
    with np.errstate(all="ignore"):
        above, other = np.maximum(values - lowest, 0), np.maximum(constant - lowest, 0)
        return np.where(above == other, 1.0, other / above)


def _lowest(values: Array) -> float:
    """The lowest that is a number, 0 where none is: of infinities, none is measured from."""
    finite = values[np.isfinite(values)]
    return float(finite.min()) if len(finite) else 0.0


def _median(values: Array) -> Array:
    """Over the first axis, of what is known; infinity is a value like any other."""
    if len(values) == 1:
        return values[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where nothing is known
        return np.nanmedian(values, axis=0)


def _trained(
    problem: Problem,
    settings: Settings,
    metric: str,
    epochs: int,
    seed: int,
    start: Any,
    noise: float,
    batch_size: int | None,
    momentum: float,
    target: float | None,
) -> Iterator[tuple[Array, Array]]:
    """The metric, and whether the run diverged, for as many runs at a time as memory should hold."""
    goal = problem.target if target is None else check_one("target", target)
    at_once = max(1, MAX_NUMBERS // (epochs * problem.dim))
    noise, momentum = check_one("noise", noise), check_one("momentum", momentum)
    for i in range(0, len(settings), at_once):
        block = settings[i : i + at_once]
        steps = steps_of(problem, epochs, seed, noise, batch_size)
        with np.errstate(all="ignore"):
            watched, lost = _losses(problem, block, epochs, steps, check_start(problem, start), momentum)
            yield measure(metric, watched, lost, goal), lost


def _losses(
    problem: Problem, settings: Settings, epochs: int, steps: Any, start: Array, momentum: float
) -> tuple[Array, Array]:
    """(E + 1, R), the watched losses; (R,), whether the run diverged. All else is forgotten at once."""
    runs, dim = len(settings), problem.dim
    w = _only_the_last(np.empty((dim, runs)).T, epochs + 1)
    w[0] = start
    before = problem.loss(w[0])
    watched = np.empty((epochs + 1, runs))
    lr, improved = _only_the_last(np.empty(runs, np.float32), epochs), _only_the_last(np.empty(runs, bool), epochs)
    descend(problem, Plateau(settings), steps, w, watched, lr, improved, momentum=momentum)
    lost = far_away(watched[[0, -1]])[-1]
    if problem.samples is not None:
        lost |= far_away(np.stack([before, problem.loss(w[0])]))[-1]
    return watched, lost


def _only_the_last(row: Array, rows: int) -> Array:
    """An array of so many rows which all are this one: what is written to one is what stands in all."""
    return np.lib.stride_tricks.as_strided(row, (rows, *row.shape), (0, *row.strides))


def _joined(one: Settings, other: Settings) -> Settings:
    return Settings(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in RULE))
