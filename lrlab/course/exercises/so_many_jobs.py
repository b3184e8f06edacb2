"""Set patience so that a run is made of a given number of jobs."""

import numpy as np

from lrlab.core import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.chain import ChainLab

EPOCHS, MOMENTUM = 100, 0.9
FEWEST, MOST = 2, 8  # jobs to ask for


def draw(rng: np.random.Generator) -> Task:
    problem, patiences = problems.rotated_ellipse(), np.arange(1, 41)
    alpha = float(rng.choice([0.015, 0.018, 0.02, 0.025]))
    run = train(problem, Settings(alpha, 0.5, patiences), epochs=EPOCHS, momentum=MOMENTUM)
    counts = np.array([len(run.segments(i)) for i in range(len(patiences))])
    wanted = int(rng.choice([count for count in np.unique(counts) if FEWEST <= count <= MOST]))
    good = patiences[counts == wanted]
    first = next(patience for patience in (5, 10, 20) if counts[patience - 1] != wanted)

    def judge(lab: ChainLab) -> Verdict:
        if lab.controls["alpha"].value != alpha or lab.problem.name != problem.name:
            return Verdict(False, f"Leave the problem as it is, and alpha at {alpha:g}. Only patience is to be moved.")
        if lab.controls["epochs"].value != EPOCHS:
            return Verdict(False, f"A shorter or longer run is another run. Leave it at {EPOCHS} epochs.")
        have, patience = len(lab.jobs), lab.controls["patience"].value
        if have == wanted:
            return Verdict(True, f"Yes: with patience {patience} it is made of {have} jobs.")
        if have > wanted:
            return Verdict(
                False, f"With patience {patience} there are {have} jobs, one for each cut and one more. Wait longer."
            )
        return Verdict(False, f"With patience {patience} there are only {have}: the rule waits too long to cut again.")

    return sliders(
        f"Move patience, and nothing else, until the run is made of exactly {wanted} constant-rate jobs.",
        lambda: ChainLab(problem, alpha, 0.5, first, epochs=EPOCHS, momentum=MOMENTUM),
        judge,
        ["A longer patience makes fewer and longer jobs.", "The table under the picture has a row for each job."],
        f"With a patience of {' or '.join(map(str, good))} there are {wanted} jobs.",
        picture=lambda: ChainLab(problem, alpha, 0.5, int(good[0]), epochs=EPOCHS, momentum=MOMENTUM),
    )


EXERCISE = Exercise("so_many_jobs", 5, "So many jobs", draw)
