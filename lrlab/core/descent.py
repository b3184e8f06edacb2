"""Gradient descent, R runs in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.plateau import Plateau
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.samples import Samples
from lrlab.core.schedules import Rule, next_rate
from lrlab.core.settings import Settings
from lrlab.core.threads import one_thread

Gradient = Callable[[Array], Array]

# A Run of more numbers than this (0.8 GB) is a slip of the keyboard.
MAX_NUMBERS = 100_000_000


@one_thread()
def train(
    problem: Problem,
    settings: Settings,
    *,
    epochs: int,
    seed: int = 0,
    start: Any = None,
    noise: float = 0.0,
    batch_size: int | None = None,
    momentum: float = 0.0,
    rule: Rule | None = None,
) -> Run:
    """Train ``len(settings)`` runs side by side; they differ by their settings (and starts) only.

    epochs: 1 to 100,000. On a surface an epoch is one step, on data one pass over the training rows
    seed: fixes the noise and the batches, which are drawn once and shared by all runs
    start: (dim,) or (runs, dim); the problem's own start if left out
    noise: on a surface, the standard deviation of what is added to each component of the gradient
    batch_size: on data, rows per step; all of them if left out
    momentum: heavy-ball momentum as in Keras' SGD: v = momentum * v + lr * grad, w = w - v
    rule: a function that sets the rate of the last run, whose factor should be 1: see `core.schedules`

    The plateau rule looks at the validation loss after each epoch (on a surface, at the loss).
    Row i equals that run trained alone: exactly on surfaces, to rounding on data.
    Raises TypeError or ValueError where an argument breaks its rule, RuleError (a ValueError) where ``rule`` fails.
    A run that diverges raises nothing.

    >>> from lrlab.problems import bowl
    >>> run = train(bowl(), Settings.pair(alpha=2.5, factor=0.5, patience=1), epochs=4)
    >>> run.loss.round(1).tolist()  # one climbs on, the other is cut after its second epoch
    [[10.0, 10.0], [22.5, 22.5], [50.6, 50.6], [113.9, 3.2], [256.3, 0.2]]
    """
    if not isinstance(problem, Problem):
        raise TypeError(f"problem must be a lrlab.Problem, got {problem!r}. Try lrlab.problems.ravine().")
    if not isinstance(settings, Settings):
        raise TypeError(f"settings must be a lrlab.Settings, got {settings!r}. Try lrlab.Settings.pair(0.1, 0.5, 5).")
    epochs, seed, momentum = check_one("epochs", epochs), check_one("seed", seed), check_one("momentum", momentum)
    runs, dim = len(settings), problem.dim
    if epochs * runs * dim > MAX_NUMBERS:
        raise ValueError(
            f"epochs * runs * weights must be at most {MAX_NUMBERS:,}, got {epochs * runs * dim:,}. Take fewer epochs."
        )
    steps = steps_of(problem, epochs, seed, check_one("noise", noise), batch_size)
    w, watched, lr, improved = rows = empty_rows(epochs, runs, dim)
    w[0] = check_start(problem, start, runs)
    plateau = Plateau(settings)
    with np.errstate(all="ignore"):
        descend(problem, plateau, steps, *rows, momentum=momentum, rule=rule)
        losses = watched if problem.samples is None else problem.loss(w)
    return Run(w, losses, watched, lr, plateau.rate.astype(np.float32), improved, settings)


def empty_rows(epochs: int, runs: int, dim: int) -> tuple[Array, Array, Array, Array]:
    """Room for w, watched, lr and improved of a `Run`, which `descend` fills in."""
    # Stored with the runs last, so that w[..., i] lies together in memory: quick, and the same sums in any company.
    w = np.empty((epochs + 1, dim, runs)).transpose(0, 2, 1)
    return w, np.empty((epochs + 1, runs)), np.empty((epochs, runs), np.float32), np.empty((epochs, runs), bool)


def descend(
    problem: Problem,
    plateau: Plateau,
    steps: Iterable[list[Gradient]],
    w: Array,
    watched: Array,
    lr: Array,
    improved: Array,
    *,
    momentum: float = 0.0,
    velocity: Array | float = 0.0,
    rule: Rule | None = None,
) -> Array | float:
    """The job itself: from w[0] on, as many epochs as ``steps`` has; fills in the rows of a `Run`. Checks nothing.

    plateau: each run's rate and rule; it is at its end after the last epoch. steps: as `steps_of` gives them
    w, watched, lr, improved: as `empty_rows` makes them, with the start in w[0]
    velocity: momentum's, to begin with, (runs, dim). Returns the one at the end, for a job that goes on from there.
    Raises RuleError where ``rule`` fails.
    """
    rate = plateau.rate[:, None]  # a view: it follows the cuts
    watched[0] = problem.watch(w[0])
    _follow(rule, plateau, watched[:1])
    for epoch, gradients in enumerate(steps):
        lr[epoch] = plateau.rate
        here = w[epoch]
        for gradient in gradients:
            step = rate * gradient(here)
            if momentum:
                velocity = step = step + momentum * velocity
            here = here - step
        w[epoch + 1] = here
        watched[epoch + 1] = loss = problem.watch(here)
        plateau.step(loss)
        improved[epoch] = plateau.improved
        _follow(rule, plateau, watched[: epoch + 2])
    return velocity


def train_pair(
    problem: Problem,
    *,
    alpha: float,
    factor: float,
    patience: int,
    min_delta: float = 1e-4,
    cooldown: int = 0,
    min_lr: float = 0.0,
    epochs: int | None = None,
    rule: Rule | None = None,
    **options: Any,
) -> Run:
    """Two runs, constant and plateau, by one dict of arguments: those of `Settings.pair` and those of `train`.

    epochs: the problem's own if left out; so is the batch size.
    rule: a third run from the same alpha, whose rate this function sets: see `core.schedules`
    """
    if problem.samples is not None:
        options.setdefault("batch_size", problem.samples.batch_size)
    settings = Settings.pair(alpha, factor, patience, min_delta=min_delta, cooldown=cooldown, min_lr=min_lr)
    if rule is not None:
        settings = settings[[0, 1, 0]]  # what a third run begins with is what the constant one has
    return train(problem, settings, epochs=problem.epochs if epochs is None else epochs, rule=rule, **options)


def _follow(rule: Rule | None, plateau: Plateau, watched: Array) -> None:
    """Give the last run the rate that ``rule`` says. watched: (epochs so far + 1, runs)"""
    if rule is not None:
        plateau.rate[-1] = np.float32(next_rate(rule, float(plateau.rate[-1]), watched[:, -1]))


def check_start(problem: Problem, start: Any, runs: int = 1) -> Array:
    """``start`` as an array of shape (dim,) or (runs, dim), the problem's own if None.

    Raises TypeError where it is not made of numbers, ValueError where its shape is wrong or it is not finite.
    """
    if start is None:
        return problem.start_point
    remedy = f"Try {tuple(float(x) for x in problem.start)}."
    try:
        point = np.asarray(start).astype(float, casting="same_kind")  # that is, not from text
    except (TypeError, ValueError):
        raise TypeError(f"start must be made of numbers, got {start!r}. {remedy}") from None
    if point.shape not in ((problem.dim,), (runs, problem.dim)):
        raise ValueError(
            f"start must be {problem.dim} numbers{', or as many for each run' if runs > 1 else ''}, "
            f"got shape {point.shape}. {remedy}"
        )
    if not np.isfinite(point).all():
        raise ValueError(f"start must be finite, got {start!r}. {remedy}")
    return point


def steps_of(
    problem: Problem, epochs: int, seed: int, noise: float, batch_size: int | None
) -> Iterator[list[Gradient]]:
    """For each epoch, its steps: functions from weights (runs, dim) to the gradient that the step uses.

    Raises ValueError for noise on data, batches on a surface, and a batch size that breaks its rule.
    """
    samples = problem.samples
    if samples is None and batch_size is not None:
        raise ValueError(f"batch_size is for problems made of data, and {problem.name} is a surface. Use noise=0.5.")
    if samples is not None and noise:
        raise ValueError(f"noise is for surfaces, and {problem.name} is made of data. Use batch_size=32.")
    if samples is None and noise:
        return noisy_steps(problem, shifts_of(problem, epochs, seed, noise))
    if samples is None:
        return repeat([problem.grad], epochs)
    rows = len(samples.targets)
    size = rows if batch_size is None else min(check_one("batch_size", batch_size), rows)
    return _batch_steps(samples, np.random.default_rng(seed), epochs, size)


def shifts_of(problem: Problem, epochs: int, seed: int, noise: float) -> Array:
    """(epochs, dim): what one seed's noise adds to the gradient in each epoch."""
    return noise * np.random.default_rng(seed).standard_normal((epochs, problem.dim))


def noisy_steps(problem: Problem, shifts: Iterable[Array]) -> Iterator[list[Gradient]]:
    """An epoch of one step for each of ``shifts``, (dim,) or (runs, dim), which is added to the gradient."""
    return ([partial(_shifted, problem.grad, shift)] for shift in shifts)


def _shifted(grad: Gradient, shift: Array, w: Array) -> Array:
    return grad(w) + shift


def _batch_steps(samples: Samples, rng: np.random.Generator, epochs: int, size: int) -> Iterator[list[Gradient]]:
    for _ in range(epochs):
        order = rng.permutation(len(samples.targets))
        inputs, targets = samples.inputs.take(order, axis=0), samples.targets.take(order, axis=0)
        yield [
            partial(_on_batch, samples, inputs[i : i + size], targets[i : i + size]) for i in range(0, len(order), size)
        ]


def _on_batch(samples: Samples, inputs: Array, targets: Array, w: Array) -> Array:
    return samples.grad(w, inputs, targets)
