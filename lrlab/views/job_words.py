"""Jobs in words: a row for each, what they came to, and who is ahead at which budget."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import numpy as np

from lrlab.studies.jobs import Comparison, Job, Measure, best
from lrlab.views.readout import RISEN, state
from lrlab.views.tables import counted, percent, readable, small


def heads(measure: Measure) -> list[tuple[str, str]]:
    """The columns of the table of jobs, and what they mean."""
    score = "On the validation rows, after the epoch with the lowest validation loss"
    return [
        ("job", "In the order in which they were trained"),
        ("alpha", "The learning rate at the start"),
        ("rate at end", "The learning rate in force after the last epoch"),
        ("epochs", "How many were trained"),
        (measure.name, score if measure.higher else "The lowest after any epoch; the start is none"),
        ("at epoch", "After which epoch that was"),
        ("idle epochs", "Epochs that brought no new best: no loss that is lower by more than min_delta"),
        ("outcome", f"The target is the dotted line among the losses. Diverged: {RISEN}"),
    ]  # fmt: skip


def cells(number: int, name: str, job: Job, measure: Measure, target: float | None) -> list[str]:
    """A job's row. name: of its kind. target: the watched loss that counts as arrived"""
    return [
        f"{number} {name}",
        _rate(job.alpha),
        _rate(job.final_rate),
        f"{job.epochs:,}",
        value(job.value(measure), measure),
        f"{job.best_epoch:,}" if job.best_epoch else "–",
        f"{job.idle_epochs:,}",
        state(job.run, 0, target),
    ]


def value(worth: float, measure: Measure) -> str:
    """What a job is worth, as one would say it."""
    if not np.isfinite(worth):
        return "diverged"
    return percent(worth) if "accuracy" in measure.name else readable(worth)


def spending(jobs: Sequence[Job], measure: Measure) -> str:
    """One sentence on what the user's own jobs came to."""
    if not jobs:
        return "No job has been trained yet: choose an alpha, and press Train."
    epochs, i = sum(job.epochs for job in jobs), best(jobs, measure)
    job = jobs[i]
    spent = f"You have spent {counted(epochs, 'epoch')} on {counted(len(jobs), 'job')}"
    if not np.isfinite(job.value(measure)):
        return f"{spent}, and {'it' if len(jobs) == 1 else 'all of them'} diverged."
    idle = sum(job.idle_epochs for job in jobs)
    bests = f"{percent(idle / epochs)} of them brought no new best" if idle else "each of them brought a new best"
    return (
        f"{spent}; {bests}. The best is job {i + 1}, "
        f"alpha {_rate(job.alpha)}: {measure.name} {value(job.value(measure), measure)}."
    )


def sentences(*told: str) -> str:
    """Sentences as HTML, each with room for two lines; a percent sign stays with its number."""
    words = (escape(one, quote=False).replace(" %", "&nbsp;%") for one in told)
    return "".join(f"<p class='lrlab-sentence lrlab-job-words'>{one}</p>" for one in words)


def who_is_ahead(comparison: Comparison) -> str:
    """One sentence on who is ahead at which budget. Ahead is who is better in more than half of the seeds."""
    epochs, jobs, seeds = comparison.epochs, comparison.jobs, len(comparison.once)
    stretches, first = [], 1
    for sign, group in groupby(comparison.ahead.tolist()):
        last = first + len(list(group)) - 1
        stretches.append((sign, first, last))
        first = last + 1
    over = f"Over {counted(seeds, 'seed')}"
    job = f"one plateau job of {counted(epochs, 'epoch')}"
    if len(stretches) == 1:
        spent = f"{counted(jobs, 'job')} ({counted(jobs * epochs, 'epoch')})"
        budgets = ("at every budget up to", "at any budget up to") if jobs > 1 else ("with", "with")
        every, any_ = (f"{words} {spent}" for words in budgets)
        return {
            1: f"{over}, {job} is ahead of tuning {every}.",
            -1: f"{over}, tuning a constant rate is ahead of {job} {every}.",
            0: f"{over}, neither {job} nor tuning is ahead {any_}: {_counts(comparison, 1, jobs)}.",
        }[stretches[0][0]]
    parts = []
    for sign, first, last in stretches:
        span = _span(first, last, jobs, epochs)
        alike = "" if sign else f" ({_counts(comparison, first, last)})"
        who = {1: "the plateau job is", 0: "neither is", -1: "tuning is"}[sign]
        parts.append(f"with {span} {who}{'' if parts else ' ahead'}{alike}")
    return f"{over}, {job} against tuning: {', '.join(parts)}."


def how_often_cut(comparison: Comparison | None) -> str:
    """A sentence where the plateau job's rate was rarely cut, so that what it came to is little of the rule's doing."""
    if comparison is None or comparison.cut is None or comparison.cut.mean() > 0.5:
        return ""
    cut, seeds = int(comparison.cut.sum()), len(comparison.cut)
    if not cut:
        return "The plateau job's rate was never cut: here it is one more constant job."
    return f"The plateau job's rate was cut in {cut} of {counted(seeds, 'seed')}; in the others it is a constant job."


def _counts(comparison: Comparison, first: int, last: int) -> str:
    """In how many seeds the plateau job is better than the best of ``last`` constant jobs, or worse, or neither."""
    seeds = len(comparison.once)
    better, worse = (round(wins[last - 1] * seeds) for wins in (comparison.once_wins, comparison.tuned_wins))
    budget = f"with {last} jobs " if last > first else ""
    if not better and not worse:
        return f"{budget}they are alike in every seed"
    return f"{budget}the plateau job is better in {better}, worse in {worse}, alike in {seeds - better - worse}"


def _span(first: int, last: int, jobs: int, epochs: int) -> str:
    if first == last:
        return f"{counted(first, 'job')} ({counted(first * epochs, 'epoch')})"
    if first == 1:
        return f"up to {last} jobs ({counted(last * epochs, 'epoch')})"
    if last == jobs:
        return f"{first} or more (from {counted(first * epochs, 'epoch')})"
    return f"{first} to {last}"


def _rate(rate: float) -> str:
    return small(float(f"{rate:.3g}"))
