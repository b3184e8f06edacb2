"""Tuning by whole jobs: a learning rate is tried by training with it from the first epoch to the last.

What a job is worth is what one would report of it, `Measure`: the model is kept as it was after its best epoch, the one
with the lowest watched loss (as `keras.callbacks.ModelCheckpoint` with ``save_best_only`` keeps it), and on data with a
score, that model's score on the validation rows counts; elsewhere its watched loss. The start is no epoch.

The comparison asks what epochs buy. Tuning a constant rate spends them job by job, on rates drawn at random, evenly on
a log axis over the problem's range, and keeps the best job so far. (Random draws, since the order in which a grid is
gone through would favour one side; Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012.)
One plateau job spends its epochs once. Each seed has its own noise or batches, which all its jobs share, and its own
draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.descent import Gradient, check_start, descend, empty_rows, noisy_steps, shifts_of, train
from lrlab.core.plateau import Plateau
from lrlab.core.problem import Problem
from lrlab.core.rules import BIG, check_one
from lrlab.core.run import Run, without_weights
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.core.threads import one_thread

CONSTANT, PLATEAU, OWN = "constant", "plateau", "own"
# Losses whose heights above the lowest differ by less than this share count as the same; so do scores, by this much, or
# by less than two validation rows.
SAME_LOSS, SAME_SCORE, SAME_ROWS = 0.02, 0.001, 1.5
ARRIVED = 1e-6  # of the height of the start: below that, a loss is as good as the lowest one
MAX_NUMBERS = 10_000_000  # of a Run that is kept while seeds are compared: 80 MB


class Measure(NamedTuple):
    """What a job is judged by.

    name: "accuracy", "R²", "lowest loss" or "lowest validation loss". higher: whether more is better
    lowest: what losses are measured from, None where nobody knows. arrived: a height above it that is as good as 0
    step: what one validation row more or less changes a score by, 0 where it does not count rows
    """

    name: str
    higher: bool
    lowest: float | None = 0.0
    arrived: float = 0.0
    step: float = 0.0

    def better(self, a: Array, b: Array) -> Array:
        """Where ``a`` is better than ``b``, by more than what counts as the same; NaN is worse than any number.

        Scores are the same that differ by a thousandth or one validation row; losses, by two percent of their height
        above the lowest, or of their own size where nobody knows the lowest.
        """
        if self.higher:
            same = max(SAME_SCORE, SAME_ROWS * self.step)
            return np.nan_to_num(a, nan=-np.inf) > np.nan_to_num(b, nan=-np.inf) + same
        a, b = (np.where(np.isnan(x), np.inf, x) for x in (a, b))
        with np.errstate(all="ignore"):
            if self.lowest is None:
                return np.where(np.isinf(b), a < b, a < b - SAME_LOSS * np.abs(b))
            height, other = (np.maximum(x - self.lowest, self.arrived) for x in (a, b))
            return height < (1 - SAME_LOSS) * other

    def best_so_far(self, values: Array) -> Array:
        """The best of each row up to each column, (..., jobs); NaN only where no job so far had a number."""
        return (np.fmax if self.higher else np.fmin).accumulate(values, axis=-1)


def measure_of(problem: Problem) -> Measure:
    """What jobs on ``problem`` are judged by."""
    samples = problem.samples
    if samples is not None and samples.score is not None:
        return Measure(samples.score_name, True, step=samples.score_step)
    name = "lowest loss" if samples is None else "lowest validation loss"
    if problem.lowest is None:
        return Measure(name, False, None)
    height = float(problem.watch(problem.start_point)) - problem.lowest
    return Measure(name, False, problem.lowest, ARRIVED * max(height, 0.0))


class Job(NamedTuple):
    """A whole job, as one would report it.

    kind: "constant", "plateau", or "own" where a rule of the user's own set the rate
    run: its `Run`, of one run, without weights
    best_epoch: the first with the lowest watched loss; 0 where no epoch ended with a number
    best_loss: the watched loss after it; infinite where there is none
    score: of the model after it, NaN where the problem has none
    """

    kind: str
    run: Run
    best_epoch: int
    best_loss: float
    score: float

    @property
    def alpha(self) -> float:
        """The learning rate that was asked for."""
        return float(self.run.settings.alpha[0])

    @property
    def final_rate(self) -> float:
        """The learning rate in force after the last epoch."""
        return float(self.run.final_lr[0])

    @property
    def epochs(self) -> int:
        """How many epochs it took."""
        return self.run.epochs

    @property
    def idle_epochs(self) -> int:
        """Epochs that did not improve the best loss by more than min_delta."""
        return int(self.run.idle_epochs[0])

    def value(self, measure: Measure) -> float:
        """What it is worth by that measure."""
        return self.score if measure.higher else self.best_loss


def whole_jobs(problem: Problem, kind: str, settings: Settings, rule: Rule | None = None, **options: Any) -> list[Job]:
    """Train a job for each of ``settings``, from the same start, with the same noise or batches, in one pass.

    kind: what to call them. rule: of the user's own, for a single job. options: what `train` takes
    Raises as `train` does.
    """
    run = train(problem, settings, rule=rule, **options)
    epoch, loss, score = _reported(problem, run)
    return [
        Job(kind, without_weights(run[[i]]), int(epoch[i]), float(loss[i]), float(score[i]))
        for i in range(len(settings))
    ]


def job_of(kind: str, run: Run, scores: Array | None = None) -> Job:
    """The job that ``run``, of one run, is the record of. scores: (epochs,), after each epoch, where there are some"""
    epoch, loss = (values[0] for values in _best_epochs(run))
    score = np.nan if scores is None or not epoch else scores[epoch - 1]
    return Job(kind, without_weights(run), int(epoch), float(loss), float(score))


def tune(problem: Problem, count: int, min_delta: float = 1e-4, **options: Any) -> list[Job]:
    """Constant jobs over a grid of ``count`` rates, evenly on a log axis over the problem's range."""
    return whole_jobs(problem, CONSTANT, Settings(grid(problem.alpha_range, count), 1, 1, min_delta), **options)


def grid(alphas: tuple[float, float], count: int) -> Array:
    """(count,): rates evenly on a log axis from end to end, to three digits, so that they can be typed."""
    low, high = alphas
    rates = np.geomspace(low, high, count) if count > 1 else np.array([(low * high) ** 0.5])
    return np.array([float(f"{rate:.3g}") for rate in rates])


def best(jobs: Sequence[Job], measure: Measure) -> int:
    """Which job is the best: by the measure, among equals by the lower watched loss, then the first. One at least."""
    sign = -1 if measure.higher else 1

    def place(i: int) -> tuple[float, float]:
        value = jobs[i].value(measure)
        return (np.inf if np.isnan(value) else sign * value, jobs[i].best_loss)

    return min(range(len(jobs)), key=place)


# Over many seeds ------------------------------------------------------------------------------------------------------


class Comparison(NamedTuple):
    """What epochs bought, over S seeds.

    measure: what it is measured by. epochs: of one job
    tuned: (S, K), the best constant job's value after 1, 2, ... K of them. once: (S,), that of one plateau job
    cut: (S,), whether the plateau job's rate was ever cut; None where nobody has noted that
    """

    measure: Measure
    epochs: int
    tuned: Array
    once: Array
    cut: Array | None = None

    @property
    def spent(self) -> Array:
        """(K,): the epochs spent after each constant job."""
        return self.epochs * np.arange(1, self.jobs + 1)

    @property
    def quartiles(self) -> tuple[Array, Array]:
        """Lower quartile, median and upper quartile over the seeds: (3, K) of tuning, (3,) of one plateau job.

        Each is a value of one of the seeds, so that infinite ones stay infinite; NaN counts as the worst.
        """
        worst = -np.inf if self.measure.higher else np.inf
        rows = np.ceil(np.array([0.25, 0.5, 0.75]) * len(self.once)).astype(int) - 1
        known = (np.where(np.isnan(values), worst, values) for values in (self.tuned, self.once))
        tuned, once = (np.sort(values, axis=0)[rows] for values in known)
        return tuned, once

    @property
    def jobs(self) -> int:
        """How many constant jobs tuning may spend, K."""
        return self.tuned.shape[1]

    @property
    def once_wins(self) -> Array:
        """(K,): the share of seeds in which one plateau job is better than the best of so many constant jobs."""
        return self.measure.better(self.once[:, None], self.tuned).mean(axis=0)

    @property
    def tuned_wins(self) -> Array:
        """(K,): the share of seeds in which the best of so many constant jobs is better than one plateau job."""
        return self.measure.better(self.tuned, self.once[:, None]).mean(axis=0)

    @property
    def ahead(self) -> Array:
        """(K,): 1 where the plateau job is better in more than half of the seeds, -1 where tuning is, 0 elsewhere."""
        return (self.once_wins > 0.5).astype(int) - (self.tuned_wins > 0.5)

    def joined(self, other: Comparison) -> Comparison:
        """This and more seeds."""
        cut = None if self.cut is None or other.cut is None else np.append(self.cut, other.cut)
        return self._replace(tuned=np.vstack([self.tuned, other.tuned]), once=np.append(self.once, other.once), cut=cut)


def compare(problem: Problem, rule: Settings, *, jobs: int, seeds: Sequence[int], **options: Any) -> Comparison:
    """Tuning a constant rate by up to ``jobs`` jobs, beside one plateau job, for each of ``seeds``.

    rule: of one run: alpha, factor and patience of the plateau job. options: epochs (of each job), start, noise,
    batch_size and momentum as in `train`
    """
    tuned = tune_at_random(problem, jobs, seeds, **options)
    return Comparison(measure_of(problem), options["epochs"], tuned, *plateau_once(problem, rule, seeds, **options))


def tune_at_random(problem: Problem, jobs: int, seeds: Sequence[int], **options: Any) -> Array:
    """(S, jobs): for each seed, the best value after 1, 2, ... constant jobs. It knows nothing of any rule."""
    alphas = np.concatenate([draws(problem.alpha_range, jobs, seed) for seed in seeds])
    (values,) = _over_seeds(problem, Settings(alphas, 1, 1), seeds, (_value,), **options)
    return measure_of(problem).best_so_far(values)


def plateau_once(problem: Problem, rule: Settings, seeds: Sequence[int], **options: Any) -> tuple[Array, Array]:
    """(S,) each: for each seed, the value of one plateau job, and whether its rate was cut."""
    each = rule[np.zeros(len(seeds), int)]
    value, cut = _over_seeds(problem, each, seeds, (_value, _was_cut), **options)
    return value[:, 0], cut[:, 0]


def draws(alphas: tuple[float, float], jobs: int, seed: int) -> Array:
    """(jobs,): rates, each equally likely to be anywhere from end to end of that range on a log axis."""
    low, high = np.log(alphas)
    return np.exp(np.random.default_rng([seed, 1]).uniform(low, high, jobs))  # [seed, 0] would be the noise again


def seeds_from(first: int, count: int) -> list[int]:
    """So many seeds, one after the other; the largest that `train` takes is followed by 0."""
    return [(first + i) % (BIG + 1) for i in range(count)]


Read = Callable[[Problem, Run], Array]  # (R,), something of each run


def _over_seeds(
    problem: Problem, settings: Settings, seeds: Sequence[int], reads: Sequence[Read], **options: Any
) -> list[Array]:
    """(S, R) each: what is read off S * R jobs, R for each seed. Each is the one that `train` trains with its seed."""
    each = len(settings) // len(seeds)
    blocks = [(seed, settings[i * each : (i + 1) * each]) for i, seed in enumerate(seeds)]
    if problem.samples is not None:  # rows in another order for each seed, so a pass for each
        runs: Iterable[Run] = (train(problem, part, seed=seed, **options) for seed, part in blocks)
    else:
        at_once = max(1, MAX_NUMBERS // (options["epochs"] * each * problem.dim))
        runs = (
            train_seeds(problem, settings[i * each : (i + at_once) * each], seeds[i : i + at_once], **options)
            for i in range(0, len(seeds), at_once)
        )
    parts = [[read(problem, run) for read in reads] for run in runs]
    return [np.concatenate(part).reshape(len(seeds), each) for part in zip(*parts, strict=True)]


@one_thread()
def train_seeds(
    problem: Problem,
    settings: Settings,
    seeds: Sequence[int],
    *,
    epochs: int,
    start: Any = None,
    noise: float = 0.0,
    momentum: float = 0.0,
) -> Run:
    """`train` on a surface with as many runs for each seed, in one pass: the first ones have the first seed's noise.

    settings: of all runs, those of the first seed first; a multiple of len(seeds). Raises as `train` does.
    """
    epochs, noise, runs = check_one("epochs", epochs), check_one("noise", noise), len(settings)
    steps: Iterable[list[Gradient]] = repeat([problem.grad], epochs)
    if noise:
        shifts = np.stack([shifts_of(problem, epochs, seed, noise) for seed in seeds], axis=1)  # (epochs, seeds, dim)
        steps = noisy_steps(problem, (shift.repeat(runs // len(seeds), axis=0) for shift in shifts))
    w, watched, lr, improved = rows = empty_rows(epochs, runs, problem.dim)
    w[0] = check_start(problem, start, runs)
    plateau = Plateau(settings)
    with np.errstate(all="ignore"):
        descend(problem, plateau, steps, *rows, momentum=check_one("momentum", momentum))
    return Run(w, watched, watched, lr, plateau.rate.astype(np.float32), improved, settings)


def _value(problem: Problem, run: Run) -> Array:
    """(R,): what each run is worth."""
    _, loss, score = _reported(problem, run)
    return score if measure_of(problem).higher else loss


def _was_cut(_problem: Problem, run: Run) -> Array:
    """(R,): whether each run's rate was cut."""
    return np.asarray(run.cuts.any(axis=0))


def _reported(problem: Problem, run: Run) -> tuple[Array, Array, Array]:
    """(R,) each: the best epoch, the watched loss after it, and the score."""
    epoch, loss = _best_epochs(run)
    score = np.full(len(loss), np.nan)
    samples = problem.samples
    if samples is not None and samples.score is not None:
        with np.errstate(all="ignore"):
            score = np.where(epoch > 0, samples.score(run.w[epoch, np.arange(len(epoch))]), np.nan)
    return epoch, loss, score


def _best_epochs(run: Run) -> tuple[Array, Array]:
    """(R,) each: the first epoch with the lowest watched loss, 0 where none has a number, and that loss."""
    watched = np.where(np.isnan(run.monitored), np.inf, run.monitored)
    loss = watched.min(axis=0, initial=np.inf)
    return np.where(loss < np.inf, watched.argmin(axis=0) + 1 if run.epochs else 0, 0), loss
