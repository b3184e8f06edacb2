"""How many constant jobs until tuning is ahead of one plateau job?"""

import numpy as np

from lrlab import problems
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.jobs import JobsLab
from lrlab.studies.jobs import compare

JOBS, EPOCHS = 10, 200


def draw(rng: np.random.Generator) -> Task:
    alpha, first = float(rng.choice([0.04, 0.05, 0.06])), int(rng.integers(1000))
    found = compare(
        problems.ravine(), Settings(alpha, 0.5, 5), jobs=JOBS, seeds=range(first, first + 20), epochs=EPOCHS
    )
    wins = np.round(20 * found.tuned_wins).astype(int)
    right = 1 + int(np.argmax(wins > 10)) if (wins > 10).any() else JOBS
    listed = ", ".join(map(str, wins))
    return number(
        f"One plateau job from alpha {alpha:g} (factor 0.5, patience 5) against tuning on the valley, over twenty seeds. Tuning draws 1, 2, 3, "
        f"... {JOBS} constant rates at random and keeps the best job so far; it is better than the plateau job in {listed} of the "
        f"twenty. How many epochs does tuning spend until it is ahead in more than half of the seeds? A job has {EPOCHS} epochs.",
        right * EPOCHS,
        [
            Mistake(right, "So many jobs. Each of them costs its epochs."),
            Mistake((right - 1) * EPOCHS, "With one job less it is ahead in half of the seeds at most."),
            Mistake(EPOCHS, "That is what the plateau job costs, and one constant job. One does not suffice."),
            Mistake((right + 1) * EPOCHS, "One job less suffices: look where the row first passes ten."),
        ],
        lambda given: f"Look for the first number of the row above ten. Its place is the number of jobs, and each costs {EPOCHS} epochs.",
        ["More than half of twenty is eleven or more.", f"The first such number stands at place {right} of the row."],
        f"The first number above ten stands at place {right}: {right} jobs of {EPOCHS} epochs, {right * EPOCHS} in all. One plateau job costs {EPOCHS}. "
        "With enough jobs, tuning finds better here; the question is what they may cost.",
        why=f"Yes: {right} jobs of {EPOCHS} epochs. The plateau job costs {EPOCHS}.",
        picture=lambda: JobsLab("ravine", alpha=alpha, factor=0.5, patience=5, epochs=EPOCHS, seed=first),
    )  # fmt: skip


EXERCISE = Exercise("when_tuning_wins", 3, "When tuning is ahead", draw)
