"""What a grid of settings costs, in epochs."""

import numpy as np

from lrlab.course.exercise import Exercise, Mistake, Task, number


def draw(rng: np.random.Generator) -> Task:
    alphas, factors, patiences = (int(rng.integers(low, high)) for low, high in ((3, 6), (2, 5), (3, 6)))
    seeds, epochs = int(rng.integers(3, 6)), int(rng.choice([50, 80, 100]))
    settings = [(a, f, p) for a in range(alphas) for f in range(factors) for p in range(patiences)]
    jobs = len(settings) * seeds
    return number(
        f"You try {alphas} alphas, {factors} factors and {patiences} patiences, each with every other, and train each "
        f"setting with {seeds} seeds, since one job may be luck. A job has {epochs} epochs. How many epochs is that in all?",
        jobs * epochs,
        [
            Mistake(len(settings) * epochs, f"The seeds are missing: each setting is trained {seeds} times."),
            Mistake(jobs, "That is how many jobs there are. The question is how many epochs."),
            Mistake(
                (alphas + factors + patiences) * seeds * epochs,
                "You added the numbers of values. Each value meets every other, so they multiply.",
            ),
            Mistake(alphas * seeds * epochs, "That is the cost of tuning alpha alone. Factor and patience multiply it."),
            Mistake(len(settings), "That is how many settings there are. Each is a whole job for each seed."),
        ],
        lambda given: "Multiply: how many settings, how many jobs for each, how many epochs in a job?",
        [f"There are {alphas} × {factors} × {patiences} settings.", f"Each of them takes {seeds} jobs of {epochs} epochs."],
        f"{alphas} × {factors} × {patiences} settings × {seeds} seeds × {epochs} epochs = {jobs * epochs:,}.",
        why=f"Yes: {len(settings)} settings, {jobs} jobs.",
    )  # fmt: skip


EXERCISE = Exercise("cost_of_a_sweep", 7, "The cost of a sweep", draw)
