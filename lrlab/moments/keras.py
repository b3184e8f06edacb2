"""Moments of real Keras models, the ready-made ones, for `KerasLab`, `KerasChainLab` and `KerasJobsLab`.

Losses jump from epoch to epoch here, so "late" is the mean of the last tenth of the epochs.
"""

from __future__ import annotations

import numpy as np

from lrlab.core.run import Run
from lrlab.core.run import last_tenth as late
from lrlab.moments.moment import Groups, Moment
from lrlab.studies.chain import Chain, jobs
from lrlab.studies.jobs import Job

GUESSING = 0.95  # of the loss of equal chances for all classes
TEN_CLASSES = float(np.log(10))
CLIMBED = 1.2  # times the lowest: a fifth is plain to see
FALLEN = 0.9  # of the training loss at the lowest validation loss
LAST, STILL = 10, 0.01  # epochs, and the share of a loss: it looks flat
ABOVE = 1.05  # times the lowest
IDLE = 0.8  # of the epochs
TWICE = 2.0


# Two runs. Claims are of a pair --------------------------------------------------------------------------------------


def never_recovers(run: Run) -> bool:
    """Late, both are about as bad at ten classes as guessing is, on the rows that they are trained on."""
    return bool((late(run.loss) > GUESSING * TEN_CLASSES).all())


def is_calmed(run: Run) -> bool:
    """Late, the constant run is above its start, and the plateau run at less than half of the constant run's loss.

    The plateau run has learned: its validation loss is below its start, its training loss at less than half of that.
    """
    start, (constant, plateau), trained = run.watched[0, 0], late(run.watched), late(run.loss)[1]
    calmer = constant > start and plateau < constant / TWICE
    return bool(calmer and plateau < start and trained < start / TWICE)


def is_cut_too_early(run: Run) -> bool:
    """Late, the plateau run is at more than twice the constant run's loss."""
    constant, plateau = late(run.watched)
    return bool(plateau > TWICE * constant)


def learns_by_heart(run: Run) -> bool:
    """The constant run's validation loss, late, is a fifth above its lowest, and its training loss has fallen since.

    Both runs' training losses, late, are far below their validation losses. The plateau run's no longer move, and its
    validation loss is above its lowest.
    """
    watched, trained = late(run.watched), late(run.loss)
    climbed = watched[0] > CLIMBED * run.best_loss[0]
    fallen = trained[0] < FALLEN * run.loss[1 + run.monitored[:, 0].argmin(), 0]
    apart = bool((trained < watched / CLIMBED).all())
    frozen = np.ptp(run.watched[-LAST:, 1]) < STILL * watched[1]
    return bool(climbed and fallen and apart and frozen and watched[1] > ABOVE * run.best_loss[1])


TRAINED: Groups = {
    "A ready-made model": (
        Moment(
            "rattles until it is cut",
            "Steps this large throw the network about, to losses above its start. Cut, it learns.",
            "moons", {"alpha": 2.5, "factor": 0.8, "patience": 2}, is_calmed,
        ),
        Moment(
            "cut too early", "The loss rests on its way down. Two epochs of patience freeze it there.",
            "moons", {"alpha": 0.1, "factor": 0.1, "patience": 2}, is_cut_too_early,
        ),
        Moment(
            "never recovers", "The first steps are so large that no cut brings it back: it is as bad as guessing.",
            "digits", {"alpha": 2.0, "factor": 0.5, "patience": 5}, never_recovers,
        ),
        Moment(
            "learned by heart",
            "The training loss (thin) falls, the validation loss climbs away from it. Cuts freeze both, past the best.",
            "diabetes", {"alpha": 0.3, "factor": 0.5, "patience": 5}, learns_by_heart,
        ),
    ),
}  # fmt: skip

# A run as jobs. Claims are of the plateau run and the `Chain` of its jobs --------------------------------------------


def is_its_jobs(run: Run, chain: Chain | None) -> bool:
    """There are several, and trained one by one they are the run to the last bit."""
    return len(jobs(run, 0)) > 1 and chain is not None and chain.same


def forgets_its_momentum(run: Run, chain: Chain | None) -> bool:
    """There are several, and trained one by one they are not the run."""
    return len(jobs(run, 0)) > 1 and chain is not None and not chain.same


TRAINED_CHAIN: Groups = {
    "A ready-made model": (
        Moment(
            "the run is its jobs", "Weights and momentum are handed on, so the jobs are the run to the last bit.",
            "moons", {"alpha": 2.0, "factor": 0.5, "patience": 5, "separate": True, "carry": True}, is_its_jobs,
        ),
        Moment(
            "momentum is lost between jobs", "Compiled anew for each job, the optimizer has forgotten its momentum.",
            "moons", {"alpha": 2.0, "factor": 0.5, "patience": 5, "separate": True, "carry": False},
            forgets_its_momentum,
        ),
    ),
}  # fmt: skip

# Whole jobs. Claims are of a constant job and a plateau job ----------------------------------------------------------


def the_callback_does_nothing(constant: Job, plateau: Job) -> bool:
    """Both jobs are the same, epoch by epoch."""
    return bool(np.array_equal(constant.run.watched, plateau.run.watched))


def most_epochs_are_idle(constant: Job, plateau: Job) -> bool:
    """Four of five epochs bring neither job a new best loss."""
    return min(constant.idle_epochs, plateau.idle_epochs) >= IDLE * constant.epochs


def impatience_costs_the_job(constant: Job, plateau: Job) -> bool:
    """The plateau job's best loss is more than twice the constant job's."""
    return plateau.best_loss > TWICE * constant.best_loss


TRAINED_JOBS: Groups = {
    "Train one job, then one with the callback": (
        Moment(
            "the callback does nothing", "At this rate nearly every epoch brings progress: both jobs are the same.",
            "digits", {"alpha": 0.01, "factor": 0.5, "patience": 5}, the_callback_does_nothing,
        ),
        Moment(
            "most epochs are idle", "The best comes early, and four epochs of five bring nothing, cut or not.",
            "diabetes", {"alpha": 0.3, "factor": 0.5, "patience": 5}, most_epochs_are_idle,
        ),
        Moment(
            "impatience costs the job",
            "Two epochs without progress, and the rate is cut to a tenth: it never gets there.",
            "moons", {"alpha": 0.1, "factor": 0.1, "patience": 2}, impatience_costs_the_job,
        ),
    ),
}  # fmt: skip
