"""How long is the first constant-rate job of a plateau run? Not patience."""

import numpy as np

from lrlab import problems
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.chain import ChainLab, train_plateau
from lrlab.studies.chain import jobs

EPOCHS, MOMENTUM = 100, 0.9


def draw(rng: np.random.Generator) -> Task:
    problem = problems.rotated_ellipse()
    while True:
        patience, alpha = int(rng.integers(8, 19)), float(rng.choice([0.012, 0.015, 0.018, 0.02, 0.025]))
        job = jobs(train_plateau(problem, _values(problem.start, alpha, patience)), 0)[0]
        if job.cut:  # and not ended with the run
            break

    def lab(**more: float) -> ChainLab:
        return ChainLab(problem, alpha, 0.5, patience, epochs=EPOCHS, momentum=MOMENTUM, **more)

    return number(
        f"A run begins with alpha {alpha:g} and has patience {patience}. Epoch {job.improved} brings a new best loss, and "
        f"no epoch of the next {patience} does. So the rate is cut, and the first constant-rate job is over. How many "
        "epochs long is it?",
        job.length,
        [
            Mistake(patience, "That is patience alone. The epochs up to the last new best belong to the job as well."),
            Mistake(
                job.length + 1,
                "One too many: the rate is cut at the end of the last epoch without a new best, and the next epoch is "
                "the first of the next job.",
            ),
            Mistake(job.improved, "That is where the loss was last improved. The rule then waits before it cuts."),
            Mistake(job.length - 1, "One too few: the waiting begins with the epoch after the best one."),
        ],
        lambda given: "Add two stretches: up to the last new best, and from there until patience has run out.",
        ["The job has two parts: in the first it improves, in the second the rule waits.",
         f"The first part is {job.improved} epochs long. How long does the rule wait?"],
        f"{job.improved} + {patience} = {job.length}: until the last improvement, and then patience more.",
        why=f"Yes: {job.improved} epochs until the last new best, and {patience} of waiting.",
        picture=lab,
    )  # fmt: skip


def _values(start: tuple[float, ...], alpha: float, patience: int) -> dict[str, object]:
    rule = {"alpha": alpha, "factor": 0.5, "patience": patience, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0}
    chance = {"momentum": MOMENTUM, "seed": 0, "noise": 0.0, "batch_size": 32}
    return {**rule, **chance, "epochs": EPOCHS, "start": start}


EXERCISE = Exercise("length_of_a_job", 5, "The length of a job", draw)
