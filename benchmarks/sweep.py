"""How fast does the map of `SweepLab` follow a slider? Against loops of single trainings, and matplotlib redrawn.

    python benchmarks/sweep.py [--rounds 15] [--only TEXT ...] [--json FILE]

A map is 30 x 30 runs of 300 epochs on the noisy ravine, and the constant run; another alpha for each picture. In ms:
* lab: from setting alpha until table, words and picture are packed for the browser: the map, and the pair whose curves
  stand beside it. Sending and drawing it is not in it (`slider_to_pixels.py` has that).
* map: the part of it that computes: `lrlab.core.sweep.sweep`, which keeps losses only.
* whole runs: `lrlab.train` with the same settings, which keeps weights and rates too, and the metric read off its Run.
* one at a time: the same by a loop of one-run trainings. A few of them, and multiplied (~).
* pcolormesh: what `interact` would do at each step, with our engine: the map, a new figure with `pcolormesh`, a
  contour at the constant run's value, a bar and the two panels of curves, rendered as the inline backend does.
* set_array: the same figure kept, its artists given new data, and drawn by Agg (as ipympl does).
Each way first has to give the same map. The ways take turns, round by round, so that a busy moment of the machine hits
all of them. Medians, and in brackets the fastest.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

import lrlab
from lrlab.core.descent import train_pair
from lrlab.core.sweep import EPOCHS, GAIN, METRICS, sweep
from lrlab.labs.sweep_choices import factors_of, patiences_of

FACTORS, PATIENCES = factors_of(30), patiences_of(30)
LENGTH, NOISE = 300, 1.0
ALPHAS = (0.07, 0.0707)
SAMPLE = 12  # of the 901 runs, trained one at a time
LAB, MAP, RUNS, ALONE, MESH, KEPT = "lab", "map", "whole runs", "one at a time", "pcolormesh", "set_array"
PROMISE, ABOUT = 60, 1.25  # ms for the lab, on two cores

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


def milliseconds(work: Callable[[], Any]) -> float:
    since = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - since)


def measured(rows: dict[str, Ways], rounds: int) -> dict[str, dict[str, list[float]]]:
    times: dict[str, dict[str, list[float]]] = {name: {way: [] for way in ways} for name, ways in rows.items()}
    for turn in range(rounds + 1):
        print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr, flush=True)
        for name, ways in rows.items():
            for way, work in ways.items():
                taken = milliseconds(work) * (901 / SAMPLE if way == ALONE else 1)
                if turn:
                    times[name][way].append(taken)
    return times


def table(times: dict[str, dict[str, list[float]]]) -> str:
    peers = (RUNS, ALONE, MESH, KEPT)
    heads = "".join(f"{peer:>15}{'/ lab':>7}" for peer in peers)
    lines = [f"{'map':<30}{'lab':>6}{'(fastest)':>11}{'map':>7}{'(fastest)':>11}{heads}"]
    for name, ways in times.items():
        lab = median(ways[LAB])
        line = f"{name:<30}{lab:>6.0f}{min(ways[LAB]):>11.0f}{median(ways[MAP]):>7.0f}{min(ways[MAP]):>11.0f}"
        for peer in peers:
            if peer in ways:
                value = median(ways[peer])
                line += f"{('~' if peer == ALONE else '') + f'{value:.0f}':>15}{value / lab:>7.1f}"
        lines.append(line)
    return "\n".join([*lines, f"In ms. ~ {SAMPLE} runs, multiplied."])


def machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "matplotlib", "ipywidgets", "lrlab"))
    return (
        f"{platform.platform()}, {os.cpu_count()} cores, load {load()}\nPython {platform.python_version()}, {packages}"
    )


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=15, help="default: 15; 1 is a quick look")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="part of a row's name; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    wanted = {name: make for name, make in ROWS.items() if not arguments.only or any(t in name for t in arguments.only)}
    if not wanted:
        parser.error(f"--only: no row is named like {' or '.join(arguments.only)}. There are: {', '.join(ROWS)}")
    print(machine(), flush=True)
    times = measured({name: make() for name, make in wanted.items()}, arguments.rounds)
    print("", table(times), "", sep="\n")
    for name in (f"ravine, {metric}" for metric in METRICS):
        if name in times:
            kept = median(times[name][LAB]) <= ABOUT * PROMISE
            print(f"{name}: about {PROMISE} ms (median within {ABOUT:g} times): {'yes' if kept else 'no'}")
    print(f"load {load()} at the end")
    if arguments.json:
        arguments.json.write_text(json.dumps(times, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
