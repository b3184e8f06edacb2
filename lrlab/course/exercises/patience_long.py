"""Is a plateau run a row of jobs that are patience epochs long?"""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.chain import ChainLab
from lrlab.studies.chain import Job, jobs

NOISE, EPOCHS = 1.0, 120


def draw(rng: np.random.Generator) -> Task:
    problem, patience = problems.ravine(), int(rng.integers(6, 11))
    seed, found = int(rng.integers(1000)), list[Job]()
    while not _tells_apart(found, patience):
        seed += 1
        run = train(problem, Settings(0.06, 0.5, patience), epochs=EPOCHS, noise=NOISE, seed=seed)
        found = jobs(run, 0)
    ended = [job for job in found if job.cut]
    lengths = ", ".join(str(job.length) for job in ended)
    short = [n for n, job in enumerate(ended, 1) if job.length == patience]
    long = next(n for n, job in enumerate(ended, 1) if job.length > patience)
    options = [
        Option(
            f"every job: that is what patience {patience} means", False,
            f"Job {long} is {ended[long - 1].length} epochs long. Patience is how long the rule waits after the last new best; "
            "whatever came before belongs to the job, too.",
        ),
        Option(
            "a job in which no epoch brings a new best loss", True,
            f"Yes. In {_named(short)} none does, so the rule waits from the first epoch on. All others are longer.",
        ),
        Option(
            "the first job, and no other", False,
            f"The first one is {ended[0].length} epochs long: it begins with a start that is easily improved on.",
        ),
        Option(
            "no job: each is longer than patience", False,
            f"Job {short[0]} is exactly {patience} epochs long. What lets the rule wait from a job's first epoch on?",
        ),
    ]  # fmt: skip
    return choose(
        f"A run with patience {patience} is cut into jobs of constant rate. Those that a cut ended are {lengths} epochs "
        f"long. Which job is exactly {patience} epochs long?",
        [options[i] for i in rng.permutation(len(options))],
        ["After which epoch does the rule begin to count?",
         "It begins anew after a cut, and after each new best loss."],
        "A job lasts until its last improvement, and then patience more. It is patience long only where it improves nothing.",
        picture=lambda: ChainLab(problem, 0.06, 0.5, patience, epochs=EPOCHS, noise=NOISE, seed=seed, momentum=0.0),
    )  # fmt: skip


def _tells_apart(found: list[Job], patience: int) -> bool:
    """Whether some jobs are patience long, and three or more, with the first, are longer."""
    lengths = [job.length for job in found if job.cut]
    return patience in lengths and sum(length > patience for length in lengths) > 2 and lengths[0] > patience


def _named(numbers: list[int]) -> str:
    *others, last = map(str, numbers)
    return f"jobs {', '.join(others)} and {last}" if others else f"job {last}"


EXERCISE = Exercise("patience_long", 5, "Patience-long?", draw)
