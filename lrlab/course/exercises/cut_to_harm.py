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
        values = {name: control.value for name, control in lab.controls.items()}
        if lab.problem.name != problem.name or values["alpha"] != alpha or values["noise"] != 1.0:
            return Verdict(False, f"Leave problem, noise and alpha ({alpha:g}) as they are. Move factor and patience.")
        if values["epochs"] != EPOCHS:
            return Verdict(False, f"Leave it at {EPOCHS} epochs.")
        constant, plateau = late(alpha, values["factor"], values["patience"])
        ratio = plateau / constant
        said = f"over {SEEDS} noises the run that is cut ends at {ratio:.2g} times the loss of the constant one"
        if ratio >= times:
            return Verdict(True, f"Yes: {said}. It was frozen on its way down.")
        if values["factor"] == 1:
            return Verdict(False, "With factor 1 nothing is cut, and both runs are the same.")
        if ratio < 1:
            return Verdict(False, f"Here cutting helps: {said}. It has time to come down first. Give it less.")
        return Verdict(False, f"It harms, but by less than that: {said}.")

    def late(alpha: float, factor: float, patience: int) -> np.ndarray:
        """The losses of both runs late in training, the medians over seeds."""
        pair = {"alpha": alpha, "factor": factor, "patience": patience}
        runs = [train_pair(problem, **pair, epochs=EPOCHS, noise=1.0, seed=seed) for seed in range(SEEDS)]
        return np.median([run.watched[-EPOCHS // 10 :].mean(axis=0) for run in runs], axis=0)

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
    )  # fmt: skip


EXERCISE = Exercise("cut_to_harm", 7, "Cut, and harm", draw)
