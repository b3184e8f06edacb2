"""How many settings of the tuner can be tried for what tuning a constant rate costs?"""

import numpy as np

from lrlab.course.exercise import Exercise, Mistake, Task, number


def draw(rng: np.random.Generator) -> Task:
    settings, seeds, epochs = int(rng.integers(4, 9)), int(rng.choice([3, 5])), int(rng.choice([50, 60, 100]))
    long = 2 * epochs
    budget = settings * seeds * long
    return number(
        f"A constant rate was tuned: {2 * settings} alphas, {seeds} seeds each, {epochs} epochs a job. For the same number of "
        f"epochs you may now tune the plateau rule instead. Its jobs need {long} epochs, since a run that is cut goes on "
        f"improving for longer, and also {seeds} seeds. How many settings of the rule can you try?",
        settings,
        [
            Mistake(2 * settings, f"Its jobs are longer: {long} epochs instead of {epochs}. The budget is one of epochs, not of jobs."),
            Mistake(settings * seeds, f"That is how many jobs you can train. Each setting takes {seeds} of them."),
            Mistake(budget, "That is the budget. What does one setting cost?"),
            Mistake(4 * settings, "Upside down: longer jobs leave room for fewer settings."),
        ],
        lambda given: f"Divide what was spent by what one setting costs: {seeds} jobs of {long} epochs.",
        [f"Tuning the constant rate took {2 * settings} × {seeds} × {epochs} epochs.", f"One setting takes {seeds} × {long}."],
        f"{budget:,} epochs were spent. One setting takes {seeds} × {long} = {seeds * long}. So {settings} settings, of "
        "all those that alpha, factor and patience make together.",
        why=f"Yes: {budget:,} epochs, at {seeds * long} a setting.",
    )  # fmt: skip


EXERCISE = Exercise("what_a_budget_buys", 7, "What a budget buys", draw)
