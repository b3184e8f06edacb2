"""What tuning by whole jobs costs, and how much of it did nothing."""

import numpy as np

from lrlab import problems
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.jobs import JobsLab
from lrlab.studies.jobs import CONSTANT, whole_jobs

EPOCHS = 100


def draw(rng: np.random.Generator) -> Task:
    problem = problems.ravine()
    alphas = [float(rng.choice(some)) for some in ([0.1, 0.12, 0.2], [0.06, 0.065, 0.07], [0.04, 0.05])]
    seed = int(rng.integers(1000))
    jobs = whole_jobs(problem, CONSTANT, Settings(alphas, 1, 1), epochs=EPOCHS, noise=1.0, seed=seed)
    bests = [job.best_epoch for job in jobs]
    lost = sum(EPOCHS - best for best in bests)
    trained = EPOCHS * len(jobs)
    listed = ", ".join(f"after epoch {best} with alpha {alpha:g}" for alpha, best in zip(alphas, bests, strict=True))
    return number(
        f"On the valley, with noise, you tune alpha by three whole jobs of {EPOCHS} epochs each. They had their lowest loss "
        f"{listed}. Of all the epochs that you paid for, how many came after their job's best one, and brought nothing?",
        lost,
        [
            Mistake(trained, "So many epochs were paid for. Those up to each job's best one did bring something."),
            Mistake(trained - lost, "Those are the epochs that brought something. The question is for the others."),
            Mistake(lost / len(jobs), "That is the mean over the jobs. The question is for the sum."),
            Mistake(trained - max(bests), "The epochs up to the best one of each job count as used, not of the last job only."),
        ],
        lambda given: f"In each job, the epochs after its best one brought nothing: {EPOCHS} minus that epoch. Add these up.",
        [f"The first job's best epoch is {bests[0]}, so {EPOCHS - bests[0]} of its epochs brought nothing.",
         "Do the same for the other two, and add."],
        f"{' + '.join(str(EPOCHS - best) for best in bests)} = {lost} of {trained} epochs. Whoever watches a job that does not get better would "
        "rather do something before its end. That is what the callback is for.",
        why=f"Yes: {lost} of {trained} epochs.",
        picture=lambda: _lab(alphas, seed),
    )  # fmt: skip


def _lab(alphas: list[float], seed: int) -> JobsLab:
    lab = JobsLab("ravine", epochs=EPOCHS, noise=1.0, seed=seed)
    for alpha in alphas:
        lab.controls["alpha"].value = alpha
        lab.train_job("off")
    return lab


EXERCISE = Exercise("epochs_saved", 3, "Epochs for nothing", draw)
