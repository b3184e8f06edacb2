"""Set patience so that a run is made of a given number of jobs."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.chain import ChainLab

EPOCHS, MOMENTUM = 100, 0.9
ALPHAS = (0.01, 0.012, 0.015, 0.019, 0.023, 0.025, 0.026, 0.038, 0.039)
PATIENCES = np.arange(1, 41)
FEWEST, MOST, ROW = 2, 9, 2  # jobs to ask for; and of how many patiences in a row, at least


def draw(rng: np.random.Generator) -> Task:
    problem, alpha = problems.rotated_ellipse(), float(rng.choice(ALPHAS))
    run = train(problem, Settings(alpha, 0.5, PATIENCES), epochs=EPOCHS, momentum=MOMENTUM)
    counts = np.array([len(run.segments(i)) for i in range(len(PATIENCES))])
    wanted = int(rng.choice(steady(counts)))
    good = PATIENCES[counts == wanted]
    first = next(patience for patience in (5, 10, 20) if patience not in good)

    def judge(lab: ChainLab) -> Verdict:
        have, patience = len(lab.jobs), lab.controls["patience"].value
        if have == wanted:
            return Verdict(True, f"Yes: with patience {patience} it is made of {have} jobs.")
        if have > wanted:
            return Verdict(
                False, f"With patience {patience} there are {have} jobs, one for each cut and one more. Wait longer."
            )
        found = "the rate is never cut" if have == 1 else f"there are no more than {have} jobs"
        return Verdict(False, f"With patience {patience} {found}: the rule waits too long.")

    return sliders(
        f"Move patience, and nothing else, until the run is made of exactly {wanted} constant-rate jobs.",
        lambda: ChainLab(problem, alpha, 0.5, first, epochs=EPOCHS, momentum=MOMENTUM),
        judge,
        [
            "A longer patience makes mostly fewer and longer jobs, though not at every step.",
            "The table under the picture has a row for each job.",
        ],
        f"With a patience of {good[0]} {'or' if len(good) == 2 else 'to'} {good[-1]} there are {wanted} jobs.",
        picture=lambda: ChainLab(problem, alpha, 0.5, int(good[0]), epochs=EPOCHS, momentum=MOMENTUM),
        free=("patience",),
    )


def steady(counts: np.ndarray) -> list[int]:
    """Numbers of jobs to ask for: shorter patiences make more jobs than these, and longer ones fewer, without exception.

    counts: of jobs, for each of ``PATIENCES``
    """
    found = []
    for wanted in range(FEWEST, MOST + 1):
        (places,) = np.nonzero(counts == wanted)
        if len(places) < ROW:
            continue
        first, last = places[0], places[-1]
        if (counts[:first] > wanted).all() and (counts[last:] <= wanted).all() and last - first + 1 == len(places):
            found.append(wanted)
    return found


EXERCISE = Exercise("so_many_jobs", 5, "So many jobs", draw)
