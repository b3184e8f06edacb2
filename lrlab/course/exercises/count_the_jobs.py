"""Of how many constant-rate jobs is a run made?"""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.chain import ChainLab
from lrlab.views.tables import readable

EPOCHS = 100


def draw(rng: np.random.Generator) -> Task:
    problem, settings, jobs = problems.ravine(), None, 1
    while not 3 <= jobs <= 8:
        patience, factor = int(rng.integers(5, 13)), float(rng.choice([0.5, 0.2]))
        alpha, seed = float(rng.choice([0.06, 0.08, 0.1])), int(rng.integers(1000))
        settings = Settings(alpha, factor, patience)
        run = train(problem, settings, epochs=EPOCHS, noise=1.0, seed=seed)
        jobs = len(run.segments(0)) if run.final_lr[0] == run.lr[-1, 0] else 1  # no cut after the last epoch
    last = readable(float(run.lr[-1, 0]))
    return number(
        f"A run of {EPOCHS} epochs began with alpha {alpha:g}, factor {factor:g} and patience {patience}. Its last epoch was "
        f"trained with the rate {last}. Of how many constant-rate jobs is it made?",
        jobs,
        [
            Mistake(jobs - 1, "That is how often the rate was cut. Between so many cuts, and around them, is one job more."),
            Mistake(
                EPOCHS // patience,
                "That would be so if each job were patience epochs long. They are longer: the waiting begins after the "
                "last new best.",
            ),
            Mistake(EPOCHS, "That is how many epochs there are. A job is a stretch of epochs at one rate."),
            Mistake(jobs + 1, "One too many. One cut makes two jobs, two cuts make three."),
        ],
        lambda given: f"How often does one multiply {alpha:g} by {factor:g} until it is {last}?",
        [f"Each cut multiplies the rate by {factor:g}. How many cuts lead from {alpha:g} to {last}?",
         "With one cut there are two jobs."],
        f"{jobs - 1} cuts lead from {alpha:g} to {last}, and {jobs - 1} cuts make {jobs} jobs.",
        why=f"Yes: {jobs - 1} cuts make {jobs} jobs.",
        picture=lambda: ChainLab(problem, alpha, factor, patience, epochs=EPOCHS, noise=1.0, seed=seed, momentum=0.0),
    )  # fmt: skip


EXERCISE = Exercise("count_the_jobs", 5, "Count the jobs", draw)
