"""Set patience so that the callback does good under noise."""

import numpy as np

from lrlab import problems
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.descent import DescentLab
from lrlab.studies.jobs import train_seeds

SEEDS, EPOCHS, FLOOR, SHARE = range(20), 200, 50, 0.2


def draw(rng: np.random.Generator) -> Task:
    factor, alpha = float(rng.choice([0.1, 0.2, 0.3])), float(rng.choice([0.05, 0.06]))
    problem = problems.ravine()

    def tried(patience: int) -> Verdict:
        settings = Settings.grid(alpha, [1.0, factor], [max(patience, 1)])
        runs = train_seeds(problem, settings[np.tile([0, 1], len(SEEDS))], SEEDS, epochs=EPOCHS, noise=1.0)
        late = runs.loss[-FLOOR:].mean(axis=0).reshape(len(SEEDS), 2)
        constant, plateau = np.median(late, axis=0)
        found = f"With patience {patience}, over twenty seeds, the last {FLOOR} epochs are at {plateau / constant:.0%} of the constant run's height"
        if plateau <= SHARE * constant:
            return Verdict(True, f"Yes. {found}.")
        rate = float(np.median(runs.final_lr[1::2]))
        if rate > alpha / 30:
            return Verdict(False, f"{found}: it waits for so long that there are hardly any cuts in {EPOCHS} epochs.")
        return Verdict(
            False, f"{found}: it took noise for a plateau, cut down to {rate:.1g}, and froze on its way. More patience?"
        )

    right = next(p for p in (8, 10, 15, 20, 30) if tried(p).right)
    return sliders(
        f"The valley has noise, and a cut takes the rate to {factor:g} of what it was. Set patience so that the blue run rattles at "
        "a fifth of the constant run's height or less. It is tried with twenty seeds, not only with the noise that you see.",
        lambda: DescentLab("ravine", alpha=alpha, factor=factor, patience=2, noise=1),
        lambda lab: tried(int(lab.controls["patience"].value)),
        ["With patience 2, two unlucky epochs are enough for a cut.",
         "On the way down the loss should fall by more than the noise within patience epochs."],
        f"Patience {right}, for instance. Too little patience takes noise for a plateau; too much leaves no epochs for cuts.",
        picture=lambda: DescentLab("ravine", alpha=alpha, factor=factor, patience=right, noise=1),
        free=("patience", "seed"),
    )  # fmt: skip


EXERCISE = Exercise("calm_patience", 2, "Patience under noise", draw)
