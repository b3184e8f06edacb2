"""Set alpha so that the target is reached quickly."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.descent import DescentLab

ALPHAS = np.geomspace(0.2, 1.05, 60)  # of the edge


def draw(rng: np.random.Generator) -> Task:
    condition = int(rng.choice([10, 15, 30]))
    problem = problems.ravine(condition=condition)
    edge = problem.stability_edge()
    epochs = train(problem, Settings(ALPHAS * edge, 1.0, 1), epochs=problem.epochs).epochs_to(problem.target)
    most = int(np.ceil(1.2 * np.nanmin(epochs)))
    best = float(ALPHAS[np.nanargmin(epochs)] * edge)

    def judge(lab: DescentLab) -> Verdict:
        alpha, reached = lab.controls["alpha"].value, lab.run.epochs_to(problem.target)[0]
        if reached <= most:
            return Verdict(True, f"Yes: at alpha {alpha:g} the target is reached after {reached:.0f} epochs.")
        if np.isfinite(lab.run.diverged[0]):
            return Verdict(False, f"At alpha {alpha:g} the run diverges: it is past the edge of {edge:.3g}.")
        if alpha > best:
            return Verdict(
                False, f"At alpha {alpha:g} the run bounces between the walls of the valley, which costs epochs."
            )
        took = f"takes {reached:.0f} epochs" if np.isfinite(reached) else "does not get there"
        return Verdict(
            False, f"At alpha {alpha:g} the run {took}: its steps along the valley are small. A larger alpha?"
        )

    return sliders(
        f"Set alpha so that the constant run reaches the target in at most {most} epochs.",
        lambda: DescentLab(problem, alpha=round(edge / 20, 4), factor=1),
        judge,
        ["Begin near the stability edge, which is named beside the slider, and come down.",
         "A good alpha is four fifths to nine tenths of the edge."],
        f"Alpha {best:.3g} is the quickest: {np.nanmin(epochs):.0f} epochs. The edge is {edge:.3g}.",
        picture=lambda: DescentLab(problem, alpha=float(f"{best:.3g}"), factor=1),
        free=("alpha",),
    )  # fmt: skip


EXERCISE = Exercise("quick_alpha", 1, "A quick alpha", draw)
