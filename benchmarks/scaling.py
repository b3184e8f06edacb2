"""How does lrlab scale with runs, epochs, weights and the grid of a map?

    python benchmarks/scaling.py [--rounds 3] [--quick] [--json FILE]

In ms; the ways take turns, round by round.

* runs, epochs: the pair or the grid of `engine.py` on the ravine, everything recorded, beside one run at a time and JAX
  (see `jax_training.py`), once compiled, and with compiling, which is due for each number of runs or epochs.
* weights: pairs of perceptrons on the moons with 2 to 512 hidden units, batches of 32, beside Keras (see `models.py`).
* the grid: maps of n x n runs of 300 epochs with noise, as `SweepLab` has them, beside whole runs and runs one by one.

Of runs that are trained one at a time a few are, and multiplied.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import figures
import models
import numpy as np
from figures import NOT_INSTALLED, PART, PEER, Record, Table, Work, installed
from models import ALONE, BARE, FIT, LRLAB

import lrlab
from lrlab.labs.sweep_choices import factors_of, patiences_of
from lrlab.problems.network import multilayer_perceptron
from lrlab.studies.sweep import LOSS, sweep

ALPHA, SAMPLE = 0.075, 6
RUNS, EPOCHS, UNITS, CELLS = (1, 10, 100, 1000, 10_000), (10, 100, 1000, 10_000), (2, 8, 32, 128, 512), (5, 10, 30, 60)
JAX, JAX_IN_ALL, WHOLE = "JAX + optax", "JAX, with compiling", "whole runs"
JAX_WHY = "Compiled, an epoch of a few numbers costs it next to nothing, where NumPy is called about twenty times."


def settings_of(runs: int) -> lrlab.Settings:
    """Runs that differ by factor and patience."""
    rng = np.random.default_rng(0)
    return lrlab.Settings(np.full(runs, ALPHA), rng.uniform(0.05, 0.95, runs), rng.integers(0, 30, runs))


def surface_ways(runs: int, epochs: int, compiling: dict[str, float], row: str) -> dict[str, Work]:
    """One pass, runs one by one, and JAX. compiling: gets the row's ms."""
    problem, settings = lrlab.problems.ravine(), settings_of(runs)
    some = [settings[i] for i in range(min(runs, SAMPLE))]
    found: dict[str, Work] = {
        LRLAB: lambda: lrlab.train(problem, settings, epochs=epochs),
        ALONE: lambda: [lrlab.train(problem, one, epochs=epochs) for one in some],
    }
    if installed("jax", "optax"):
        from jax_training import compiled

        found[JAX], compiling[row] = compiled(problem, settings, epochs, np.tile(problem.start_point, (runs, 1)))
    return found


def on_a_surface(over: str, values: tuple[int, ...], rounds: int) -> Table:
    """Over runs or epochs."""
    table = Table(
        f"over_{over}", f"How does training scale with {over}?", "ms", LRLAB,
        {ALONE: PEER, JAX: PEER, JAX_IN_ALL: PEER}, over=over,
        why={JAX: JAX_WHY, ALONE: "One run in one pass is one run: the same work."},
        notes=["300 epochs." if over == "runs" else "2 runs."],
    )  # fmt: skip
    rows = {f"{value:,} {over}": value for value in values}
    if not installed("jax", "optax"):
        table.missing |= {JAX: NOT_INSTALLED, JAX_IN_ALL: NOT_INSTALLED}
    compiling: dict[str, float] = {}
    sizes = {row: (value, 300) if over == "runs" else (2, value) for row, value in rows.items()}
    table.take_turns({row: surface_ways(*size, compiling, row) for row, size in sizes.items()}, rounds, dict(rows))
    table.multiply(ALONE, {row: max(runs / SAMPLE, 1) for row, (runs, _) in sizes.items()})
    for row in table.rows:
        if row.name in compiling:
            row.samples[JAX_IN_ALL] = [compiling[row.name] + sample for sample in row.samples[JAX]]
    return table


@dataclass
class MoonsPair(models.Pair):
    """The pair on a perceptron with so many hidden units."""

    units: int = 8

    @cached_property
    def problem(self) -> lrlab.Problem:
        return multilayer_perceptron("moons", hidden=(self.units,))


def over_weights(units: tuple[int, ...], rounds: int) -> Table:
    """Over weights: 4 units + 1 of them."""
    table = Table(
        "over_weights", f"How does training scale with weights, {models.EPOCHS} epochs?", "ms", LRLAB,
        {ALONE: PEER, FIT: PEER, BARE: PEER}, over="weights",
        why={
            BARE: "It works in float32, keeps no weights, validates nothing, and is given lrlab's rates.",
            ALONE: "Of so many weights the matrix products take the time, and two runs have twice as many.",
        },
    )  # fmt: skip
    if not installed("tensorflow"):
        table.missing |= {FIT: NOT_INSTALLED, BARE: NOT_INSTALLED}
    works, xs = {}, {}
    for count in units:
        name = f"moons_{count}"
        models.TWINS[name] = models.TWINS["mlp_moons"]._replace(units=[2, count, 1])
        row = f"{4 * count + 1:,} weights"
        works[row], xs[row] = MoonsPair(name, 32, count).ways(), 4 * count + 1
    table.take_turns(works, rounds, xs)
    return table


def over_the_grid(sides: tuple[int, ...], rounds: int) -> Table:
    """Over cells."""
    table = Table(
        "over_cells", "How does a map scale with its cells?", "ms", LRLAB, {WHOLE: PART, ALONE: PEER}, over="cells",
        notes=["300 epochs a cell, on the noisy ravine."],
    )  # fmt: skip
    problem = lrlab.problems.ravine()
    options: dict[str, Any] = {"epochs": 300, "noise": 1.0}

    def ways(side: int) -> dict[str, Work]:
        factors, patiences = factors_of(side), patiences_of(side)
        grid = lrlab.Settings.grid(ALPHA, factors, patiences)
        some = [grid[i] for i in range(SAMPLE)]
        return {
            LRLAB: lambda: sweep(problem, LOSS, alpha=ALPHA, factor=factors, patience=patiences, **options),
            WHOLE: lambda: lrlab.train(problem, grid, **options),
            ALONE: lambda: [lrlab.train(problem, one, **options) for one in some],
        }

    rows = {f"{side} x {side} cells": side for side in sides}
    cells = {row: float(side * side) for row, side in rows.items()}
    table.take_turns({row: ways(side) for row, side in rows.items()}, rounds, cells)
    table.multiply(ALONE, {row: count / SAMPLE for row, count in cells.items()})
    return table


def measure(record: Record, rounds: int, quick: bool) -> None:
    """Four sweeps."""
    runs, epochs, units, cells = (values[: 3 if quick else None] for values in (RUNS, EPOCHS, UNITS, CELLS))
    record.add(on_a_surface("runs", runs, rounds))
    record.add(on_a_surface("epochs", epochs, rounds))
    record.add(over_weights(units, rounds))
    record.add(over_the_grid(cells, rounds))


def main() -> int:
    asked = figures.asked(figures.parser(__doc__, rounds=3))
    packages = ("numpy", "jax", "optax", "keras", "tensorflow", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: measure(record, asked.rounds, asked.quick)
    )


if __name__ == "__main__":
    sys.exit(main())
