"""A chain of jobs in words: the table of jobs, why each is as long as it is, and whether they are the plateau run."""

from __future__ import annotations

from html import escape

import numpy as np

from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.studies.chain import Chain, Job
from lrlab.views.tables import counted, readable

HEADS = {
    "job": "Its number, as in the picture",
    "epochs": "The first and the last",
    "length": "How many epochs",
    "rate": "The learning rate, the same from the job's first epoch to its last",
    "loss from": "The watched loss before its first epoch; lost: it is no number any more",
    "to": "The watched loss after its last epoch",
    "why it ended": "The plateau rule counts the epochs that bring no improvement",
}

TELLS = 0.005  # of the best loss: a min_delta above that can be seen in its digits
LOST = "lost"  # a loss that is no number any more, in a narrow column
MANY = 300  # rows at most, of a table that is made anew at every move


def jobs_table(jobs: list[Job], settings: Settings, sentence: str, ended: bool = True) -> str:
    """A sentence, and the jobs as an HTML table, in a box that is as high for two of them as for two hundred.

    ended: whether training has
    """
    heads = "".join(f"<th scope='col' title='{escape(text)}'>{head}</th>" for head, text in HEADS.items())
    rows = "".join(_row(number, job, settings, ended) for number, job in enumerate(jobs[:MANY], 1))
    if len(jobs) > MANY:
        rows += f"<tr><th></th><td colspan='{len(HEADS) - 1}'>and {len(jobs) - MANY:,} more</td></tr>"
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        f"<p class='lrlab-sentence lrlab-verdict'>{escape(sentence, quote=False)}</p>"
        f"<div class='lrlab-chain' tabindex='0'>{table}</div>"
    )


def _row(number: int, job: Job, settings: Settings, ended: bool) -> str:
    span = str(job.first) if job.length == 1 else f"{job.first}–{job.last}"
    losses = (readable(loss) if np.isfinite(loss) else LOST for loss in (job.loss_from, job.loss_to))
    cells = [span, str(job.length), readable(job.rate), *losses]
    numbers = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><th scope='row'>{number}</th>{numbers}<td>{why(job, settings, ended)}</td></tr>"


def why(job: Job, settings: Settings, ended: bool = True) -> str:
    """Why a job of a run with these settings, of length 1, ended where it did. ended: whether training has"""
    cooled = job.first - 1 + job.uncounted
    if job.improved > cooled:
        until = f"improved until epoch {job.improved}"
    else:
        until = f"cooldown until epoch {cooled}" if job.uncounted else ""
    waiting = f"{until}, then {counted(job.waited, 'epoch')} without"
    if not until:
        waiting = f"{_no_better(job.best, float(settings.min_delta[0]))} in {counted(job.waited, 'epoch')}"
    if job.cut:
        return waiting
    if not ended:
        return f"{until}, so far" if job.waited == 0 else waiting
    if job.waited == 0:
        return "still improving when training ended" if job.improved == job.last else f"{until}, the end of training"
    return waiting + _to_the_end(job, settings)


def _no_better(best: float, min_delta: float) -> str:
    """That nothing was an improvement, and on what: losses that fall may still be above the best."""
    if not np.isfinite(best):
        return "no improvement"
    by = f"{np.format_float_positional(min_delta, trim='-')} " if min_delta > TELLS * abs(best) else ""
    return f"nothing {by}below the best, {readable(best)},"


def _to_the_end(job: Job, settings: Settings) -> str:
    """Why the last job went on to the end of training."""
    if job.waited < max(int(settings.patience[0]), 1):
        return ", the end of training"
    return "; a factor of 1 cuts nothing" if settings.factor[0] == 1 else "; the rate cannot be cut further"


def lengths(jobs: list[Job], settings: Settings) -> str:
    """Why jobs are not all as long as patience says, with one of them for an example."""
    patience = int(settings.patience[0])
    told = "1 epoch, for 0 acts as 1" if patience == 0 else counted(patience, "epoch")
    rule = f"A job lasts until its last improvement, and then patience more ({told})."
    cooldown = int(settings.cooldown[0])
    if cooldown > 1:
        rule += f" After a cut, the first {counted(cooldown - 1, 'epoch')} of a cooldown of {cooldown} are not counted."
    improving = [(job.improved - job.first, number) for number, job in enumerate(jobs, 1) if job.cut and job.improved]
    if not improving:
        return rule
    _, number = max(improving)
    job = jobs[number - 1]
    return f"{rule} So job {number}, which improved until epoch {job.improved}, is {counted(job.length, 'epoch')} long."


def under_way(jobs: list[Job], epochs: int | None) -> str:
    """One plain sentence while training goes on. epochs: of jobs that are trained by themselves, or None before that"""
    if not jobs:
        return "Nothing has been trained yet."
    if epochs is None:
        return f"So far, this plateau run is made of {counted(len(jobs), 'constant-rate job')}."
    number = sum(job.first <= epochs + 1 for job in jobs)  # that of the epoch which comes next
    return f"Now job {number} of {len(jobs)} is trained by itself."


def verdict(
    chain: Chain | None, jobs: list[Job], *, carry: bool, state: str, final_loss: float, diverged: float = np.nan
) -> str:
    """One plain sentence, or two: what the run is made of, and whether the jobs trained one by one are the run.

    chain: None where they have not been trained by themselves. carry: whether the optimizer's state was handed on
    state: what the optimizer remembers besides the rate: "momentum", or "" where it is nothing
    final_loss: the plateau run's. diverged: the epoch at which it did, or NaN
    """
    if np.isfinite(diverged):
        return _lost(chain, jobs, int(diverged))
    if chain is None:
        return (
            f"This one plateau run is made of {len(jobs)} constant-rate jobs, one after another."
            if len(jobs) > 1
            else "The rate was never cut: this plateau run is one job with a constant rate."
        )
    if chain.same and len(jobs) == 1:
        return "The largest difference is 0: the rate was never cut, so the run is one job, and one optimizer."
    if carry and chain.same:
        handed = f"the weights and the {state}" if state else "the weights"
        return (
            f"The largest difference is 0: the plateau run is these {len(jobs)} constant-rate jobs, each from {handed} "
            "of the one before."
        )
    if chain.same:
        return f"The largest difference is 0 all the same: {_nothing_to_forget(state)}"
    cuts = "at the cut" if len(jobs) == 2 else f"at each of the {len(jobs) - 1} cuts"
    reason = f"a fresh optimizer forgets its {state} {cuts}" if not carry else "these jobs went another way"
    lost = np.isfinite(chain.run.diverged[0])
    they = "They diverge" if lost else f"They end at a loss of {readable(chain.run.final_loss[0])}"
    return (
        f"The largest difference in a weight is {readable(chain.weights)}: {reason}, so the plateau run is not these "
        f"jobs. {they}, the run ends at {readable(final_loss)}."
    )


def _lost(chain: Chain | None, jobs: list[Job], diverged: int) -> str:
    """The verdict on a plateau run that diverged."""
    cuts = len(jobs) - 1
    spite = f"in spite of {counted(cuts, 'cut')}" if cuts else "and its rate was never cut"
    told = f"This plateau run diverged at epoch {diverged}, {spite}."
    if chain is None:
        return told
    if chain.same:
        return f"{told} {'Its jobs diverge' if cuts else 'Its only job diverges'} as it does: the difference is 0."
    if np.isfinite(chain.run.diverged[0]):
        return f"{told} Its jobs diverge too, and go another way."
    return f"{told} Its jobs, trained separately, end at a loss of {readable(chain.run.final_loss[0])}."


def third(own: Run | None, name: str, run: Run) -> str:
    """One plain sentence on the run whose rate came from another rule, beside the plateau run; "" where there is none.

    own, run: both of one run. name: of that rule
    """
    if own is None:
        return ""
    lost, other = (np.isfinite(one.diverged[0]) for one in (own, run))
    ends = "diverged" if lost else f"ended at a loss of {readable(own.final_loss[0])}"
    if other:
        return f"The third run ({name}) {ends}, {'and so did the plateau run' if lost else 'the plateau run diverged'}."
    return f"The third run ({name}) {ends}, the plateau run{' ended' if lost else ''} at {readable(run.final_loss[0])}."


def moral(chain: Chain | None, jobs: list[Job], diverged: float = np.nan) -> str:
    """What follows for the question whether the rate is a hyperparameter, where the jobs are a run that ended well."""
    if chain is None or not chain.same or len(jobs) == 1 or np.isfinite(diverged):
        return ""
    return (
        "Read as jobs, each rate is a hyperparameter that the plateau rule has set; read as one run, what you set is "
        "alpha, factor and patience."
    )


def _nothing_to_forget(state: str) -> str:
    if not state:
        return "plain gradient descent remembers nothing but its weights, so a fresh optimizer has nothing to forget."
    return f"what a fresh optimizer has forgotten of its {state} made no difference here."
