"""Set patience and factor in a replay so that the rate ends where it should."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.replay import ReplayLab, replay
from lrlab.views.tables import readable

ALPHA, EPOCHS, START = 0.1, 40, (0.5, 2)
WANTED = ((0.5, 2), (0.5, 3), (0.2, 2), (0.1, 1), (0.2, 1))  # factor, and how many cuts


def draw(rng: np.random.Generator) -> Task:
    good: list[int] = []
    while not good:
        falls = 1.5 * np.exp(-np.arange(EPOCHS) / rng.uniform(6, 10))
        losses = np.round(0.3 + falls + rng.normal(0, 0.03, EPOCHS), 3)
        factor, cuts = WANTED[rng.integers(len(WANTED))]
        good = [p for p in range(1, 20) if _cuts(losses, p) == cuts and _cuts(losses, START[1]) != cuts]
    end = ALPHA * factor**cuts

    def judge(lab: ReplayLab) -> Verdict:
        values = {name: control.value for name, control in lab.controls.items()}
        if values["alpha"] != ALPHA or values["min_lr"] or values["cooldown"]:
            return Verdict(
                False, f"Alpha is to stay at {ALPHA:g}, and cooldown and lowest rate at 0. Move factor and patience."
            )
        have, final = int(lab.run.cuts.sum()), float(lab.run.final_lr[0])
        if np.isclose(final, end, rtol=1e-3) and have == cuts:
            return Verdict(True, f"Yes: cut {_times(cuts)}, the rate is {readable(final)} at the end.")
        told = f"The rate is cut {_times(have)}." if have else "The rate is never cut."
        if have > cuts:
            return Verdict(False, f"{told} A longer patience lets fewer of these rests count.")
        if have < cuts:
            return Verdict(False, f"{told} A shorter patience takes more of the rests for plateaus.")
        return Verdict(
            False,
            f"Cut {_times(have)}: that is right. But the rate ends at {readable(final)}: what must each cut multiply by?",
        )

    return sliders(
        f"These validation losses were recorded at {ALPHA:g}. Set patience and factor so that the callback would have cut the "
        f"rate {'exactly once' if cuts == 1 else f'exactly {cuts} times'}, to {readable(end)}.",
        lambda: replay(losses.tolist(), ALPHA, *START),
        judge,
        ["First patience, until the number of cuts is right. Factor does not change when the cuts come.",
         f"Then factor: {ALPHA:g} times factor, {_times(cuts)}, is {readable(end)}."],
        f"Patience {good[0]} and factor {factor:g}. In a replay factor changes no cut's epoch, since the losses are given. In "
        "training it would.",
        picture=lambda: replay(losses.tolist(), ALPHA, factor, good[0]),
    )  # fmt: skip


def _cuts(losses: np.ndarray, patience: int) -> int:
    return int((np.diff(rates(losses, ALPHA, 0.5, patience), prepend=np.float32(ALPHA)) < 0).sum())


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


EXERCISE = Exercise("set_the_replay", 6, "Would have been cut", draw)
