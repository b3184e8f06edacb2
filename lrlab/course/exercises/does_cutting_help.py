"""Cutting always helps? In which of these situations does it?"""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.course.exercise import Exercise, Option, Task, choose
from lrlab.labs.descent import DescentLab
from lrlab.views.tables import readable

SEEDS, EPOCHS = 9, 200
WHY = {
    "rescue": "{ratio} Past the edge the constant run diverges, and the cuts bring it below.",
    "floor": "{ratio} The constant run rattles at its noise floor, and the cuts bring it below.",
    "small": "{ratio} Nothing rattles here. The rate is too small already, and cuts make it smaller.",
    "hasty": "{ratio} One noisy epoch is taken for a plateau, and the rate is cut away before the run has come down.",
    "calm": "{ratio} Without noise, inside the edge, a constant rate settles by itself.",
}


def draw(rng: np.random.Generator) -> Task:
    problem, patience = problems.ravine(), int(rng.integers(10, 16))
    helps = (
        ("floor", f"alpha 0.07, noise, factor 0.5, patience {patience}", (0.07, 0.5, patience, 1.0)),
        ("rescue", f"alpha 0.09, no noise, factor 0.5, patience {patience}", (0.09, 0.5, patience, 0.0)),
    )[int(rng.integers(2))]
    cases = [
        helps,
        ("hasty", "alpha 0.05, noise, factor 0.1, patience 1", (0.05, 0.1, 1, 1.0)),
        ("small", "alpha 0.01, noise, factor 0.2, patience 3", (0.01, 0.2, 3, 1.0)),
        ("calm", f"alpha 0.06, no noise, factor 0.5, patience {patience}", (0.06, 0.5, patience, 0.0)),
    ]
    options = []
    for name, text, (alpha, factor, wait, noise) in cases:
        late = []
        for seed in range(SEEDS if noise else 1):
            run = train_pair(problem, alpha=alpha, factor=factor, patience=wait, epochs=EPOCHS, noise=noise, seed=seed)
            late.append(run.watched[-EPOCHS // 10 :].mean(axis=0))
        constant, plateau = np.median(late, axis=0)
        ratio = f"Late in training the constant run is at {_loss(constant)}, the one that is cut at {_loss(plateau)}."
        options.append(Option(text, bool(plateau < constant), WHY[name].format(ratio=ratio)))
    alpha, factor, wait, noise = helps[2]
    return choose(
        f"On the valley, for {EPOCHS} epochs, with the stability edge at {problem.stability_edge():g}: in which of these does "
        "cutting the rate end lower than keeping it? (Over several noises.)",
        [options[i] for i in rng.permutation(len(options))],
        [
            "A cut calms a run that is too lively. Which of these is?",
            "A run that is still on its way down is only slowed.",
        ],
        "Cutting helps where the rate is too large for what is left to do: past the edge, or at the noise floor. Everywhere "
        "else it costs speed.",
        picture=lambda: DescentLab(problem, alpha=alpha, factor=factor, patience=wait, noise=noise),
    )


def _loss(value: float) -> str:
    return readable(float(value)) if np.isfinite(value) and value < 1e6 else "infinity"


EXERCISE = Exercise("does_cutting_help", 7, "Does cutting help?", draw)
