"""How fast does lrlab train, against others that do the same work?

    python benchmarks/engine.py [--rounds 5] [--only TEXT ...] [--quick] [--json FILE]

Surfaces: `lrlab.train`, in ms.
* lrlab: all runs in one pass of NumPy, everything recorded (weights, losses, rates, improvements).
* one at a time: the same function, once for each run. For 900 and 3600 runs a few of them, and multiplied (marked ~).
* JAX + optax: see `jax_training.py`. First it is checked that both give the same runs. Compiling is timed apart; it is
  due again for every new number of runs or epochs.

Labs: from setting alpha until the picture is packed for the browser, in ms. Sending and drawing it is not in it
(`slider_to_pixels.py` has that). Beside each, the part of it that computes.

Models on data: a pair of runs, in ms for 20 epochs. Each epoch takes both runs through all rows.
* lrlab: both in one pass; one at a time: one after the other.
* scikit-learn: `SGDRegressor` or `SGDClassifier.partial_fit`, two models, which take one row per step. So does lrlab
  here, with batches of one row. Models with more classes or layers it has none (`SGDClassifier` tells digits apart by
  ten models, one against the rest).
* Keras fit: two fits, in float32, where lrlab has float64. On its way it measures the training loss and keeps no
  weights; lrlab measures that loss on all rows after each epoch, and keeps all weights.
* Keras, bare: the same steps as fast as `fit` goes. No validation, which takes Keras as long as the training or longer,
  and all steps of an epoch in one call (`steps_per_execution`). It watches no plateau; the rates are given.
`models.py` says how they are made to do the same; here each is first checked against lrlab's losses.

Surfaces, labs and models come one after the other. Within each, the ways take turns, round by round, so that a busy
moment of the machine hits all of them. Medians, and in brackets the fastest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import figures
import numpy as np
from figures import NOT_INSTALLED, PART, PEER, Record, Table, Work, installed
from models import ALONE, BARE, EPOCHS, FIT, LRLAB, SCIKIT, pairs

import lrlab
from lrlab.studies.basins import basins, grid_of_starts
from lrlab.studies.landscape import loss_on, plane_of
from lrlab.views.landscape import size_of

Wanted = Callable[[str, str], bool]

SAMPLE = 12  # runs trained one at a time, where there are more
MAPS = ("himmelblau", "rastrigin", "ackley")
MAP, FORMULAS = "one map, without the picture", "losses and gradients of both, alone"
LANDSCAPE = "40 x 40 losses on a plane"
JAX = "JAX + optax"
# What lrlab promises: about so many ms, on two cores, by row and way.
PROMISES = {
    ("2 x 300, ravine", "lrlab"): 5,
    ("900 x 300, ravine", "lrlab"): 25,
    **{(f"BasinLab {name}", "lab"): 60 for name in MAPS},
    ("DescentLab mlp_moons", LANDSCAPE): 100,
}
JAX_WHY = (
    "Compiled, an epoch of two numbers costs it next to nothing, where NumPy is called about twenty times. But it is "
    "compiled anew for every number of runs or epochs; beside the table is how long that took."
)
MODELS_WHY = {
    SCIKIT: "It takes one row a step in compiled code; lrlab does the same here in Python. Its losses are not counted.",
    BARE: "It works in float32, validates nothing, keeps no weights, and is given the rates that lrlab found.",
    FIT: "It works in float32 and keeps no weights.",
}


# Surfaces -------------------------------------------------------------------------------------------------------------


@dataclass
class Case:
    """Work for all ways: settings and starts of the runs, and the rest of what `train` takes."""

    name: str
    problem: lrlab.Problem
    settings: lrlab.Settings
    epochs: int
    start: np.ndarray
    options: dict[str, Any] = field(default_factory=dict)
    has_jax: bool = True
    compiling: float = 0.0  # ms, for JAX

    def __len__(self) -> int:
        return len(self.settings)

    def train(self) -> lrlab.Run:
        """All runs in one pass."""
        return lrlab.train(self.problem, self.settings, epochs=self.epochs, start=self.start, **self.options)

    def one(self, i: int) -> lrlab.Run:
        """One of the runs, alone."""
        return lrlab.train(
            self.problem, self.settings[i], epochs=self.epochs, start=self.start[i : i + 1], **self.options
        )

    def sample(self) -> list[int]:
        """The runs that are trained one at a time."""
        return np.linspace(0, len(self) - 1, min(len(self), SAMPLE)).astype(int).tolist()


def cases() -> list[Case]:
    """From what a slider needs to a map of starting points."""
    ravine, line = lrlab.problems.ravine(), lrlab.problems.linear_regression()
    pair = lrlab.Settings.pair(0.075, 0.5, 5)
    grid = lrlab.Settings.grid(0.075, np.linspace(0.05, 0.95, 30), range(30))
    across, along = np.meshgrid(np.linspace(-5, 5, 60), np.linspace(-2, 2, 60))
    map_of_starts = lrlab.Settings(np.full(3600, 0.075), 0.5, 5)
    return [
        Case("2 x 300, ravine", ravine, pair, 300, np.tile(ravine.start, (2, 1))),
        Case("900 x 300, ravine", ravine, grid, 300, np.tile(ravine.start, (900, 1))),
        Case("3600 x 200, ravine", ravine, map_of_starts, 200, np.column_stack([across.ravel(), along.ravel()])),
        Case("2 x 300, data, batch 32", line, pair, 300, np.tile(line.start, (2, 1)), {"batch_size": 32}, False),
    ]


def surface(case: Case) -> dict[str, Work]:
    """The ways to train it."""
    ways: dict[str, Work] = {LRLAB: case.train, ALONE: lambda: [case.one(i) for i in case.sample()]}
    if case.has_jax and installed("jax", "optax"):
        from jax_training import compiled

        ways[JAX], case.compiling = compiled(case.problem, case.settings, case.epochs, case.start)
    return ways


def surfaces(wanted: Wanted, rounds: int) -> Table:
    table = Table(
        "surfaces", "How fast does lrlab train runs on a surface?", "ms", LRLAB, {ALONE: PEER, JAX: PEER},
        why={JAX: JAX_WHY}, notes=[f"One at a time: at most {SAMPLE} runs, multiplied."],
    )  # fmt: skip
    if not installed("jax", "optax"):
        table.missing[JAX] = NOT_INSTALLED
    chosen = {case.name: case for case in cases() if wanted("surfaces", case.name)}
    table.take_turns({name: surface(case) for name, case in chosen.items()}, rounds)
    table.multiply(ALONE, {name: len(case) / len(case.sample()) for name, case in chosen.items()})
    table.notes += [
        f"{name}: compiling took JAX {case.compiling:,.0f} ms."
        for name, case in chosen.items() if case.compiling
    ]  # fmt: skip
    return table


# Labs -----------------------------------------------------------------------------------------------------------------


def moved(lab: Any) -> Callable[[], None]:
    """Alpha goes to and fro by a hundredth, and the lab follows."""
    alpha = lab.controls["alpha"].value
    alphas = cycle([1.01 * alpha, alpha])

    def move() -> None:
        lab.controls["alpha"].value = next(alphas)

    view = lab.view
    for _ in range(2):
        move()
        assert lab.run.settings.alpha[0] == lab.controls["alpha"].value
        assert lab.view is view, "the still part of the picture was drawn anew"
    return move


def basin_lab(name: str) -> dict[str, Work]:
    """60 x 60 starts of 200 epochs: two maps, so 7200 runs, the table and the picture. And one map, without."""
    lab = lrlab.BasinLab(name, epochs=200)
    problem, alpha = lab.problem, lab.controls["alpha"].value
    starts = grid_of_starts(problem, 60)
    settings = lrlab.Settings(np.full(len(starts), alpha), 0.5, 5)

    def one_map() -> Any:
        return basins(problem, lrlab.train(problem, settings, epochs=200, start=starts))

    def formulas() -> None:
        """What both maps ask of the surface, as often: no descent, no rule."""
        places = np.concatenate([starts, starts])
        for _ in range(200):
            problem.loss(places)
            problem.grad(places)

    np.testing.assert_array_equal(one_map().ends, lab.plateau.ends)
    return {"lab": moved(lab), MAP: one_map, FORMULAS: formulas}


def landscape() -> dict[str, Work]:
    """The plane through the ends of a pair on the moons, and the losses on it."""
    lab = lrlab.DescentLab("mlp_moons")
    problem, run = lab.problem, lab.run
    size = size_of(problem, run)
    a, b = np.linspace(-0.4 * size, 1.6 * size, 40), np.linspace(-size, size, 40)
    return {"lab": moved(lab), LANDSCAPE: lambda: loss_on(problem, plane_of(run), a, b)}


def labs(wanted: Wanted, rounds: int) -> Table:
    table = Table(
        "labs",
        "How fast do labs with much to train follow alpha?",
        "ms",
        "lab",
        {MAP: PART, FORMULAS: PART, LANDSCAPE: PART},
    )
    makers = {f"BasinLab {name}": partial(basin_lab, name) for name in MAPS} | {"DescentLab mlp_moons": landscape}
    table.take_turns({name: make() for name, make in makers.items() if wanted("labs", name)}, rounds)
    return table


# Models on data -------------------------------------------------------------------------------------------------------


def models(wanted: Wanted, rounds: int) -> Table:
    """In ms for EPOCHS epochs."""
    table = Table(
        "models", f"How fast does lrlab train pairs of models on data, {EPOCHS} epochs?", "ms", LRLAB,
        {ALONE: PEER, SCIKIT: PEER, FIT: PEER, BARE: PEER}, why=MODELS_WHY,
    )  # fmt: skip
    if not installed("tensorflow"):
        table.missing |= {FIT: NOT_INSTALLED, BARE: NOT_INSTALLED}
    table.take_turns({pair.name: pair.ways() for pair in pairs() if wanted("models", pair.name)}, rounds)
    return table


# All of it ------------------------------------------------------------------------------------------------------------

GROUPS = {"surfaces": surfaces, "labs": labs, "models": models}


def measure(record: Record, rounds: int, only: list[str]) -> None:
    """The tables that have a row which is wanted."""

    def wanted(group: str, name: str) -> bool:
        return not only or any(text == group or text in name for text in only)

    for group in GROUPS.values():
        table = group(wanted, rounds)
        if table.rows:
            record.add(table)
            for (row, way), ms in PROMISES.items():
                if way in (table.ours, *table.others):
                    record.within(table, row, way, ms)


def main() -> int:
    parser = figures.parser(__doc__, rounds=5)
    parser.add_argument(
        "--only", action="append", default=[], metavar="TEXT",
        help=f"{', '.join(GROUPS)}, or part of a row's name; may be repeated",
    )  # fmt: skip
    asked = figures.asked(parser)
    packages = ("numpy", "scipy", "jax", "optax", "scikit-learn", "keras", "tensorflow", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: measure(record, asked.rounds, asked.only)
    )


if __name__ == "__main__":
    sys.exit(main())
