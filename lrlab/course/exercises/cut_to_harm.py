"""Set the sliders so that cutting harms: by a lot, and not by luck."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.descent import DescentLab

SEEDS, EPOCHS = 9, 200


def draw(rng: np.random.Generator) -> Task:
    problem, alpha = problems.ravine(), float(rng.choice([0.03, 0.04, 0.05]))
    times = int(rng.choice([5, 10]))

    def judge(lab: DescentLab) -> Verdict:
        factor, patience = lab.controls["factor"].value, lab.controls["patience"].value
        if factor == 1:
            return Verdict(False, "With factor 1 nothing is cut, and both runs are the same.")
        ratio, cut = late(factor, patience)
        if cut <= SEEDS // 2:
            never = f"In {SEEDS - cut} of {SEEDS} noises the rate was never cut, and both runs are the same"
            return Verdict(False, f"{never}. Less patience.")
        said = f"over {SEEDS} noises the run that is cut ends at {ratio:.2g} times the loss of the constant one"
        if ratio >= times:
            return Verdict(True, f"Yes: {said}. It was frozen on its way down.")
        if ratio < 1:
            return Verdict(False, f"Here cutting helps: {said}. It has time to come down first. Give it less.")
        return Verdict(False, f"It harms, but by less than that: {said}.")

    def late(factor: float, patience: int) -> tuple[float, int]:
        """The loss late in training in that of the constant run, of medians over noises; with how many it was cut."""
        pair = {"alpha": alpha, "factor": factor, "patience": patience}
        runs = [train_pair(problem, **pair, epochs=EPOCHS, noise=1.0, seed=seed) for seed in range(SEEDS)]
        constant, plateau = np.median([run.watched[-EPOCHS // 10 :].mean(axis=0) for run in runs], axis=0)
        return plateau / constant, sum(bool(run.cuts.any()) for run in runs)

    def lab(factor: float = 0.5, patience: int = 20) -> DescentLab:
        return DescentLab(problem, alpha=alpha, factor=factor, patience=patience, noise=1.0, epochs=EPOCHS)

    return sliders(
        f"Cutting does not always help. Set factor and patience so that the run that is cut ends at {times} times the loss of the "
        "constant one, or more. (Over several noises, so not by luck.)",
        lab,
        judge,
        ["When is a cut a mistake? When the loss was still on its way down.",
         "A short patience takes noise for a plateau, and a small factor makes each cut a deep one."],
        "Patience 1 and factor 0.1: the rate is gone before the run has come down.",
        picture=lambda: lab(0.1, 1),
        free=("factor", "patience", "seed"),
    )  # fmt: skip


EXERCISE = Exercise("cut_to_harm", 7, "Cut, and harm", draw)
