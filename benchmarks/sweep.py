"""How fast does the map of `SweepLab` follow a slider?

    python benchmarks/sweep.py [--rounds 9] [--only TEXT ...] [--quick] [--json FILE]

A map is 30 x 30 runs of 300 epochs on the noisy ravine, and the constant run; another alpha for each picture. In ms:
* lab: from setting alpha until table, words and picture are packed for the browser: the map, and the pair whose curves
  stand beside it. Sending and drawing it is not in it (`slider_to_pixels.py` has that).
* map: the part of it that computes: `lrlab.studies.sweep.sweep`, which keeps losses only.
* whole runs: `lrlab.train` with the same settings, which keeps weights and rates too, and the metric read off its Run.
* one at a time: the same by a loop of one-run trainings. A few of them, and multiplied (~).
* pcolormesh: what `interact` would do at each step, with our engine: the map, a new figure with `pcolormesh`, a
  contour at the constant run's value, a bar and the two panels of curves, rendered as the inline backend does.
* set_array: the same figure kept, its artists given new data, and drawn by Agg (as ipympl does).
Each way first has to give the same map. The ways take turns, round by round, so that a busy moment of the machine hits
all of them.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import figures
import numpy as np
from figures import PART, PEER, Record, Table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

import lrlab
from lrlab.core.descent import train_pair
from lrlab.labs.sweep_choices import factors_of, patiences_of
from lrlab.studies.sweep import EPOCHS, GAIN, METRICS, sweep

FACTORS, PATIENCES = factors_of(30), patiences_of(30)
LENGTH, NOISE = 300, 1.0
ALPHAS = (0.07, 0.0707)
SAMPLE = 12  # of the 901 runs, trained one at a time
LAB, MAP, RUNS, ALONE, MESH, KEPT = "lab", "map", "whole runs", "one at a time", "pcolormesh", "set_array"
PROMISE = 60  # ms for the lab, on two cores

Ways = dict[str, Callable[[], Any]]


def on_the_ravine(metric: str) -> Ways:
    """All ways to the same map."""
    problem = lrlab.problems.ravine()
    target = problem.target
    alphas = {way: cycle(ALPHAS) for way in (LAB, MAP, RUNS, ALONE, MESH, KEPT)}

    def the_map(alpha: float) -> Any:
        return sweep(
            problem, metric, alpha=alpha, factor=FACTORS, patience=PATIENCES, epochs=LENGTH, noise=NOISE, target=target
        )

    def whole_runs(alpha: float) -> np.ndarray:
        grid = lrlab.Settings.grid(alpha, FACTORS, PATIENCES)
        settings = lrlab.Settings(alpha, np.append(grid.factor, 1), np.append(grid.patience, 1))
        values = read(lrlab.train(problem, settings, epochs=LENGTH, noise=NOISE))
        return (values[-1] / values[:-1] if metric == GAIN else values[:-1]).reshape(30, 30)

    def read(run: lrlab.Run) -> np.ndarray:
        if metric == EPOCHS:
            return np.nan_to_num(run.epochs_to(target), nan=np.inf)
        return np.where(np.isfinite(run.diverged), np.inf, run.watched[-LENGTH // 10 :].mean(axis=0))

    def alone(alpha: float) -> None:
        for i in np.linspace(0, 899, SAMPLE).astype(int):
            settings = lrlab.Settings(alpha, FACTORS[i // 30], PATIENCES[i % 30])
            read(lrlab.train(problem, settings, epochs=LENGTH, noise=NOISE))

    lab = lrlab.SweepLab(problem, ALPHAS[0], epochs=LENGTH, noise=NOISE, metric=metric)
    kept = Mesh(metric)
    kept.draw(the_map(ALPHAS[0]), pair_of(problem, ALPHAS[0]))

    def move(alpha: float) -> None:
        lab.controls["alpha"].value = alpha

    def redraw(mesh: Mesh, alpha: float) -> None:
        mesh.draw(the_map(alpha), pair_of(problem, alpha))
        mesh.figure.canvas.draw()

    def anew(alpha: float) -> None:
        mesh = Mesh(metric)
        mesh.draw(the_map(alpha), pair_of(problem, alpha))
        mesh.figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")

    for alpha in reversed(ALPHAS):
        move(alpha)
        np.testing.assert_array_equal(lab.sweep.values, the_map(alpha).values)
        np.testing.assert_allclose(whole_runs(alpha), lab.sweep.values, rtol=1e-12)
    return {
        LAB: lambda: move(next(alphas[LAB])),
        MAP: lambda: the_map(next(alphas[MAP])),
        RUNS: lambda: whole_runs(next(alphas[RUNS])),
        ALONE: lambda: alone(next(alphas[ALONE])),
        MESH: lambda: anew(next(alphas[MESH])),
        KEPT: lambda: redraw(kept, next(alphas[KEPT])),
    }


def pair_of(problem: lrlab.Problem, alpha: float) -> lrlab.Run:
    return train_pair(problem, alpha=alpha, factor=0.5, patience=5, epochs=LENGTH, noise=NOISE)


class Mesh:
    """The picture as one writes it with matplotlib: a mesh with contour and bar, and two panels of curves."""

    def __init__(self, metric: str) -> None:
        self.figure = Figure(figsize=(10, 4))
        FigureCanvasAgg(self.figure)
        self.axes, self.losses, self.rates = self.figure.subplots(1, 3)
        norm = None if metric == EPOCHS else LogNorm(1e-5, 1e2)
        self.mesh = self.axes.pcolormesh(PATIENCES, FACTORS, np.ones((30, 30)), norm=norm)
        self.figure.colorbar(self.mesh, ax=self.axes)
        self.contour: Any = None
        for axes, limits in ((self.losses, (1e-6, 1e3)), (self.rates, (1e-6, 1))):
            axes.set(yscale="log", xlim=(0, LENGTH), ylim=limits)
        self.lines = [[axes.plot([], [])[0] for _ in range(2)] for axes in (self.losses, self.rates)]

    def draw(self, found: Any, run: lrlab.Run) -> None:
        values = np.where(np.isfinite(found.values), found.values, 10.0 * LENGTH)
        self.mesh.set_array(values)
        if self.contour is not None:
            self.contour.remove()
            self.contour = None
        if values.min() < found.constant[0] < values.max():
            self.contour = self.axes.contour(PATIENCES, FACTORS, values, levels=[found.constant[0]])
        for i in range(2):
            self.lines[0][i].set_data(range(LENGTH + 1), run.watched[:, i])
            self.lines[1][i].set_data(range(LENGTH), run.lr[:, i])


def lab_on(name: str, **options: Any) -> Ways:
    """Only the lab and its map, where there is more to do."""
    lab = lrlab.SweepLab(name, **options)
    alpha = lab.controls["alpha"].value
    alphas = cycle([1.01 * alpha, alpha])

    def move() -> None:
        lab.controls["alpha"].value = next(alphas)

    def the_map() -> None:
        lab._mapped = None
        lab._train()

    return {LAB: move, MAP: the_map}


ROWS: dict[str, Callable[[], Ways]] = {
    **{f"ravine, {metric}": (lambda metric=metric: on_the_ravine(metric)) for metric in METRICS},
    "ravine, 5 seeds": lambda: lab_on("ravine", epochs=LENGTH, seeds=5),
    "ravine, alpha × patience": lambda: lab_on("ravine", epochs=LENGTH, map="alpha × patience"),
    "himmelblau": lambda: lab_on("himmelblau", epochs=LENGTH),
    "ackley": lambda: lab_on("ackley", epochs=LENGTH),
    "linear_regression, 8 x 8": lambda: lab_on("linear_regression"),
    "logistic_regression, 8 x 8": lambda: lab_on("logistic_regression"),
    "mlp_moons, 5 x 5": lambda: lab_on("mlp_moons"),
}


def measure(record: Record, rounds: int, only: list[str]) -> None:
    """The rows whose names have one of the texts in them, or all."""
    wanted = {name: make() for name, make in ROWS.items() if not only or any(text in name for text in only)}
    table = Table(
        "sweep", "How fast does a map of 30 x 30 runs follow a slider?", "ms", LAB,
        {MAP: PART, RUNS: PART, ALONE: PEER, MESH: PEER, KEPT: PEER},
        notes=[f"One at a time: {SAMPLE} runs, multiplied."],
    )  # fmt: skip
    table.take_turns(wanted, rounds)
    table.multiply(ALONE, dict.fromkeys(wanted, 901 / SAMPLE))
    record.add(table)
    for metric in METRICS:
        record.within(table, f"ravine, {metric}", LAB, PROMISE)


def main() -> int:
    parser = figures.parser(__doc__, rounds=9)
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="part of a row's name; repeatable")
    asked = figures.asked(parser)
    if asked.only and not any(text in name for text in asked.only for name in ROWS):
        parser.error(f"--only: no row is named like {' or '.join(asked.only)}. There are: {', '.join(ROWS)}")
    packages = ("numpy", "matplotlib", "ipywidgets", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: measure(record, asked.rounds, asked.only)
    )


if __name__ == "__main__":
    sys.exit(main())
