"""Two jobs that differ in more than alpha say nothing about alpha. Shown with jobs whose start differs."""

import numpy as np

from lrlab import problems
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.studies.jobs import CONSTANT, whole_jobs
from lrlab.views.tables import readable

EPOCHS = 30


def draw(rng: np.random.Generator) -> Task:
    problem = problems.ravine()
    slow, fast = float(rng.choice([0.01, 0.015])), float(rng.choice([0.04, 0.05]))
    near = tuple(float(x) for x in 0.05 * np.asarray(problem.start))

    def lowest(alpha: float, start: tuple[float, ...]) -> float:
        return whole_jobs(problem, CONSTANT, Settings(alpha, 1, 1), epochs=EPOCHS, start=start)[0].best_loss

    lucky, unlucky, fair = lowest(slow, near), lowest(fast, problem.start), lowest(slow, problem.start)
    options = [
        Option(
            "Nothing: the jobs began with different weights.",
            True,
            f"Yes. From the second job's weights alpha {slow:g} comes to {readable(fair)} only: it was the start that was good.",
        ),
        Option(
            f"Alpha {slow:g} is better.",
            False,
            f"It had the better start, much nearer to the minimum. From the second job's weights it comes to {readable(fair)} only.",
        ),
        Option(
            f"Alpha {fast:g} is better, since larger steps are.",
            False,
            "It is better here, but these two jobs cannot tell, and larger is not always better: past the edge nothing is.",
        ),
        Option(
            f"Alpha {slow:g} is better, but only with the callback.",
            False,
            "No callback was used, and none would repair the comparison: the jobs began in different places.",
        ),
    ]
    return choose(
        f"A colleague trains two jobs of {EPOCHS} epochs on the valley, each from weights of its own drawn at random. With alpha "
        f"{slow:g} the lowest loss is {readable(lucky)}, with alpha {fast:g} it is {readable(unlucky)}. What do we know of alpha?",
        [options[i] for i in rng.permutation(len(options))],
        ["In how many things do the two jobs differ?", "What would you hold fast, to see what alpha alone does?"],
        f"Two jobs can be compared if they differ in alpha alone: the same first weights, the same order of rows, the same epochs. From "
        f"the same start, alpha {slow:g} comes to {readable(fair)}, and alpha {fast:g} to {readable(unlucky)}.",
    )  # fmt: skip


EXERCISE = Exercise("like_with_like", 3, "Like with like", draw)
