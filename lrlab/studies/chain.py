"""A plateau run as a chain of constant-rate jobs: which jobs these are, and what comes of training them one by one.

In each of its stretches of constant rate, a plateau run does what a job with that constant rate would do. So it equals
the chain of these jobs, exactly, if each begins with all that the one before it left behind: the weights, and what the
optimizer remembers (momentum's velocity), while noise and batches go on where they were. An optimizer that begins anew
in each job has forgotten its velocity, and then the chain goes another way.
"""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.descent import descend, empty_rows, steps_of
from lrlab.core.plateau import Plateau
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.core.threads import one_thread


class Job(NamedTuple):
    """A stretch of constant rate, and why it ended where it did. (A whole job is `studies.jobs.Job`.)

    Epochs are counted from 1.

    first, last: its epochs. rate: its learning rate
    loss_from, loss_to: the watched loss before its first epoch, and after its last
    improved: the last of its epochs that brought a new best loss, 0 where none did
    uncounted: how many of its first epochs were a cooldown, in which the rule counts nothing
    waited: how many epochs the rule had counted at its end; where a cut ends it, patience (1 for a patience of 0)
    cut: whether a cut ended it, and not the end of training
    best: the best loss that the rule knew of at its end; no finite number where there was none
    """

    first: int
    last: int
    rate: float
    loss_from: float
    loss_to: float
    improved: int
    uncounted: int
    waited: int
    cut: bool
    best: float = np.inf

    @property
    def length(self) -> int:
        """How many epochs it has."""
        return self.last - self.first + 1


class Chain(NamedTuple):
    """Jobs trained one after another, beside the run that they were cut from.

    run: all of them in one record of one run, epoch by epoch; ``improved`` is what each job knew of its own losses
    weights, loss: the largest difference from the original in any weight and in any watched loss, after any epoch
    """

    run: Run
    weights: float
    loss: float

    @property
    def same(self) -> bool:
        """Whether they are the original, bit for bit."""
        return self.weights == self.loss == 0


def jobs(run: Run, i: int) -> list[Job]:
    """The constant-rate jobs that run ``i`` is made of, in order."""
    watched, improved = run.watched[:, i], run.improved[:, i]
    cooldown, cuts = int(run.settings.cooldown[i]), run.cuts[:, i]
    found, best = [], np.inf
    for first, length, rate in run.segments(i):
        last = first + length - 1
        better = np.flatnonzero(improved[first - 1 : last])
        latest = first + int(better[-1]) if len(better) else 0
        best = float(watched[latest]) if latest else best
        uncounted = min(max(cooldown - 1, 0), length) if first > 1 else 0
        waited = last - max(latest, first - 1 + uncounted)
        ends = float(watched[first - 1]), float(watched[last])
        found.append(Job(first, last, rate, *ends, latest, uncounted, waited, bool(cuts[last - 1]), best))
    return found


@one_thread()
def train_jobs(
    problem: Problem,
    run: Run,
    i: int,
    *,
    carry: bool = True,
    seed: int = 0,
    noise: float = 0.0,
    batch_size: int | None = None,
    momentum: float = 0.0,
) -> Chain:
    """Train each job of run ``i`` by itself: a constant rate, from the weights that the job before it ended with.

    run: as `train` returned it, with all its runs: on data, sums are rounded differently in other company
    carry: whether momentum's velocity is handed on as well; otherwise it is 0 at the start of each job
    seed, noise, batch_size, momentum: what ``run`` was trained with
    Raises ValueError for noise on data and for batches on a surface.
    """
    steps = steps_of(problem, run.epochs, seed, noise, batch_size)  # one after the other, whichever job takes them
    runs = len(run.settings)
    w, watched, lr, improved = empty_rows(run.epochs, runs, problem.dim)
    w[0] = run.w[0, i]
    constant = Settings(np.ones(runs), 1, 1)
    velocity: Array | float = 0.0
    with np.errstate(all="ignore"):
        for first, length, rate in run.segments(i):
            job = Plateau(constant)
            job.rate[:] = rate
            before, last = first - 1, first - 1 + length
            rows = (w[before : last + 1], watched[before : last + 1], lr[before:last], improved[before:last])
            start = velocity if carry else 0.0
            velocity = descend(problem, job, islice(steps, length), *rows, momentum=momentum, velocity=start)
        losses = watched if problem.samples is None else problem.loss(w)
    whole = Run(w, losses, watched, lr, run.final_lr, improved, run.settings)[[i]]
    return compare(run[[i]], whole)


def compare(original: Run, whole: Run) -> Chain:
    """The chain that ``whole`` records, beside the run that it was cut from; both of one run, and as long."""
    return Chain(whole, largest_difference(original.w, whole.w), largest_difference(original.watched, whole.watched))


def beside(run: Run, i: int, *others: Run | None) -> Run:
    """Run ``i`` and others of one run each, side by side: for a picture. NaN where one has not come so far, or is None.

    As many epochs as the longest of them has.
    """
    original = run[[i]]
    epochs = max(record.epochs for record in (original, *others) if record is not None)

    def together(name: str) -> Array:
        mine = getattr(original, name)
        rows = epochs + len(mine) - run.epochs if mine.ndim > 1 else len(mine)
        columns = []
        for record in (original, *others):
            column = np.full((rows, *mine.shape[1:]), np.nan if mine.dtype.kind == "f" else 0, mine.dtype)
            if record is not None:
                there = getattr(record, name)
                column[: len(there)] = there
            columns.append(column)
        return np.concatenate(columns, axis=min(mine.ndim - 1, 1))

    names = ("w", "loss", "watched", "lr", "final_lr", "improved")
    settings = run.settings[[i] * (1 + len(others))]
    return Run(**{name: together(name) for name in names}, settings=settings)


def largest_difference(a: Array, b: Array) -> float:
    """The largest distance between two numbers at one place; two that are both NaN, or the same infinity, are equal."""
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        apart = np.where(same, 0.0, np.abs(a - b))
    return float(np.max(np.where(np.isnan(apart), np.inf, apart), initial=0.0))
