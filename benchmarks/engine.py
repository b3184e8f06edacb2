"""How fast does lrlab train? Surfaces, labs and models on data, against others that do the same work.

    python benchmarks/engine.py [--rounds 9] [--only TEXT ...] [--json FILE]

Surfaces: `lrlab.train`, in ms.
* lrlab: all runs in one pass of NumPy, everything recorded (weights, losses, rates, improvements).
* one at a time: the same function, once for each run. For 900 and 3600 runs a few of them, and multiplied (marked ~).
* JAX + optax: one run is written as a `lax.scan` over epochs with `optax.sgd`, its rate injected and cut by the rule of
  Keras; `vmap` makes it many runs, `jit` compiles them. `optax.contrib.reduce_on_plateau` has another rule (relative
  thresholds) and takes no factor that varies from run to run. It works in float64, as lrlab does, and records the same,
  so the script first checks that both give the same runs. Compiling is timed apart; it is due again for every new
  number of runs or epochs.

Labs: from setting alpha until the picture is packed for the browser, in ms. Sending and drawing it is not in it
(`slider_to_pixels.py` has that). Beside each, the part of it that computes.

Models on data: a pair of runs, in epochs a second. Each epoch takes both runs through all rows.
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

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import cycle, groupby
from pathlib import Path
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from models import EPOCHS, pairs

import lrlab
from lrlab.core.basins import basins, grid_of_starts
from lrlab.core.landscape import loss_on, plane_of
from lrlab.views.landscape import size_of

jax.config.update("jax_enable_x64", True)

SAMPLE = 12  # runs trained one at a time, where there are more
MAPS = ("himmelblau", "rastrigin", "ackley")
ONE_MAP, LANDSCAPE = "one map, without the picture", "40 x 40 losses on a plane"
# What lrlab promises: about so many ms, on two cores, by row and way.
PROMISES = {
    ("2 x 300, ravine", "lrlab"): 5,
    ("900 x 300, ravine", "lrlab"): 25,
    **{(f"BasinLab {name}", "lab"): 60 for name in MAPS},
    ("DescentLab mlp_moons", LANDSCAPE): 100,
}
ABOUT = 1.25


@dataclass
class Row:
    """A line of a table: what is timed, by whom it is done, and what else is to be said of it."""

    name: str
    ways: dict[str, Callable[[], Any]]
    facts: dict[str, Any] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)

    def median(self, way: str) -> float:
        return median(self.times[way]) * self.facts.get("multiplied", {}).get(way, 1)

    def fastest(self, way: str) -> float:
        return min(self.times[way]) * self.facts.get("multiplied", {}).get(way, 1)

    def record(self) -> dict[str, Any]:
        """For the file: ms."""
        figures = {way: {"median": self.median(way), "fastest": self.fastest(way)} for way in self.times}
        return {"name": self.name, **self.facts, "ms": figures}


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


def jax_training(condition: float, epochs: int) -> Callable[..., Any]:
    """The same training of many runs on the ravine: (alpha, factor, patience, min_delta, start) -> records."""

    def loss_at(w: jax.Array) -> jax.Array:
        return 0.5 * (w[0] * w[0] + condition * (w[1] * w[1]))

    def one_run(alpha, factor, patience, min_delta, start):
        optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=as_float32(alpha))

        def epoch(carry, _):
            w, state, best, wait = carry
            rate = state.hyperparams["learning_rate"]
            updates, state = optimizer.update(jax.grad(loss_at)(w), state)
            w = optax.apply_updates(w, updates)
            loss = loss_at(w)
            improved = jnp.isnan(best) | ((loss + min_delta).astype(jnp.float32) < best)
            best = jnp.where(improved, loss.astype(jnp.float32), best)
            wait = jnp.where(improved, 0, wait + 1)
            cut = wait >= jnp.maximum(patience, 1)
            state.hyperparams["learning_rate"] = jnp.where(cut, as_float32(rate * factor), rate)
            carry = w, state, best, jnp.where(cut, 0, wait)
            return carry, (w, loss, rate.astype(jnp.float32), improved)

        start_of_all = start, optimizer.init(start), jnp.float32(jnp.nan), 0
        (_, state, _, _), records = jax.lax.scan(epoch, start_of_all, length=epochs)
        return records, state.hyperparams["learning_rate"]

    return jax.vmap(one_run)


def as_float32(x: jax.Array) -> jax.Array:
    return x.astype(jnp.float32).astype(jnp.float64)


def compiled(case: Case) -> tuple[Callable[[], Any], float]:
    """The case as a compiled function of nothing, and the ms that compiling took."""
    rule = case.settings
    arguments = rule.alpha, rule.factor, rule.patience, rule.min_delta, case.start
    since = time.perf_counter()
    function = jax.jit(jax_training(case.problem.curvature, case.epochs)).lower(*arguments).compile()
    taken = 1000 * (time.perf_counter() - since)
    return (lambda: jax.tree.map(np.asarray, function(*arguments))), taken


def assert_same_runs(run: lrlab.Run, records: Any) -> None:
    (w, loss, lr, improved), _ = records
    np.testing.assert_allclose(lr.T, run.lr, rtol=0, atol=np.finfo(np.float32).tiny)  # XLA takes less than that for 0
    np.testing.assert_array_equal(improved.T, run.improved)
    np.testing.assert_allclose(loss.T, run.loss[1:], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(w.swapaxes(0, 1), run.w[1:], rtol=1e-9, atol=1e-12)


def surface(case: Case) -> Row:
    ways: dict[str, Callable[[], Any]] = {
        "lrlab": case.train,
        "one at a time": lambda: [case.one(i) for i in case.sample()],
    }
    facts: dict[str, Any] = {"multiplied": {"one at a time": len(case) / len(case.sample())}}
    if case.has_jax:
        ways["JAX + optax"], facts["compile"] = compiled(case)
        assert_same_runs(case.train(), ways["JAX + optax"]())
    return Row(case.name, ways, facts)


def table_of_surfaces(rows: list[Row]) -> list[str]:
    lines = [
        f"{'runs x epochs':<26}{'lrlab':>8}{'(fastest)':>11}{'one at a time':>16}{'/ lrlab':>9}"
        f"{'JAX + optax':>13}{'/ lrlab':>9}{'compiling':>11}"
    ]
    for row in rows:
        ours, alone = row.median("lrlab"), row.median("one at a time")
        sampled = "~" if row.facts["multiplied"]["one at a time"] > 1 else ""
        line = (
            f"{row.name:<26}{ours:>8.1f}{row.fastest('lrlab'):>11.1f}{f'{sampled}{alone:.1f}':>16}{alone / ours:>9.1f}"
        )
        if "JAX + optax" in row.ways:
            theirs = row.median("JAX + optax")
            line += f"{theirs:>13.2f}{theirs / ours:>9.2f}{row.facts['compile']:>11.0f}"
        lines.append(line)
    return [*lines, f"~ {SAMPLE} runs, multiplied. In ms; compiling is due once for each number of runs and epochs."]


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


def basin_lab(name: str) -> Row:
    """60 x 60 starts of 200 epochs: two maps, so 7200 runs, the table and the picture. And one map, without."""
    lab = lrlab.BasinLab(name, epochs=200)
    problem, alpha = lab.problem, lab.controls["alpha"].value
    starts = grid_of_starts(problem, 60)
    settings = lrlab.Settings(np.full(len(starts), alpha), 0.5, 5)

    def one_map() -> Any:
        return basins(problem, lrlab.train(problem, settings, epochs=200, start=starts))

    np.testing.assert_array_equal(one_map().ends, lab.plateau.ends)
    return Row(f"BasinLab {name}", {"lab": moved(lab), ONE_MAP: one_map})


def landscape() -> Row:
    """The plane through the ends of a pair on the moons, and the losses on it."""
    lab = lrlab.DescentLab("mlp_moons")
    problem, run = lab.problem, lab.run
    size = size_of(problem, run)
    a, b = np.linspace(-0.4 * size, 1.6 * size, 40), np.linspace(-size, size, 40)
    return Row("DescentLab mlp_moons", {"lab": moved(lab), LANDSCAPE: lambda: loss_on(problem, plane_of(run), a, b)})


def table_of_labs(rows: list[Row]) -> list[str]:
    lines = [f"{'lab':<24}{'ms':>8}{'(fastest)':>11}{'part':>10}{'(fastest)':>11}{'lab / part':>12}  part"]
    for row in rows:
        _, part = row.ways
        lines.append(
            f"{row.name:<24}{row.median('lab'):>8.1f}{row.fastest('lab'):>11.1f}{row.median(part):>10.1f}"
            f"{row.fastest(part):>11.1f}{row.median('lab') / row.median(part):>12.2f}  {part}"
        )
    return lines


# Models on data -------------------------------------------------------------------------------------------------------


def table_of_models(rows: list[Row]) -> list[str]:
    """A block of rows for each set of ways."""
    lines = []
    for (_, *peers), block in groupby(rows, lambda row: tuple(row.ways)):
        lines.append(f"{'a pair on':<34}{'lrlab':>13}" + "".join(f"{peer:>16}{'lrlab /':>9}" for peer in peers))
        for row in block:
            line = f"{row.name:<34}{a_second(row, 'lrlab'):>13}"
            for peer in peers:
                ratio = row.median(peer) / row.median("lrlab")
                line += f"{a_second(row, peer):>16}{ratio:>9.{0 if ratio > 10 else 2}f}"
            lines.append(line)
    return [*lines, f"Epochs a second, of {EPOCHS} epochs. lrlab /: lrlab has so many times as many."]


def a_second(row: Row, way: str) -> str:
    """Epochs a second, and in brackets those of the fastest round."""
    usual, best = (1000 * EPOCHS / taken for taken in (row.median(way), row.fastest(way)))
    return f"{usual:.0f} ({best:.0f})"


# All of it ------------------------------------------------------------------------------------------------------------

GROUPS: dict[str, tuple[dict[str, Callable[[], Row]], Callable[[list[Row]], list[str]]]] = {
    "surfaces": ({case.name: partial(surface, case) for case in cases()}, table_of_surfaces),
    "labs": (
        {f"BasinLab {name}": partial(basin_lab, name) for name in MAPS} | {"DescentLab mlp_moons": landscape},
        table_of_labs,
    ),
    "models": ({pair.name: (lambda pair=pair: Row(pair.name, pair.ways())) for pair in pairs()}, table_of_models),
}


def is_wanted(group: str, name: str, only: list[str]) -> bool:
    return not only or any(text == group or text in name for text in only)


def milliseconds(work: Callable[[], Any]) -> float:
    since = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - since)


def measure(rows: list[Row], rounds: int) -> None:
    """Fill in the times."""
    for turn in range(rounds + 1):
        print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr, flush=True)
        for row in rows:
            for way, work in row.ways.items():
                taken = milliseconds(work)
                if turn:
                    row.times.setdefault(way, []).append(taken)


def targets(rows: list[Row]) -> dict[str, bool]:
    """What lrlab promises, and whether it was kept in this run."""
    kept = {}
    for row in rows:
        for way in row.ways:
            if ms := PROMISES.get((row.name, way)):
                name = row.name if way in ("lab", "lrlab") else f"{row.name}, {way}"
                kept[f"{name}: about {ms} ms"] = row.median(way) <= ABOUT * ms
    return kept


def machine() -> str:
    """What the figures depend on."""
    packages = ("numpy", "scipy", "jax", "optax", "scikit-learn", "keras", "tensorflow", "lrlab")
    versions = ", ".join(f"{package} {found}" for package in packages if (found := version_of(package)))
    return (
        f"{platform.platform()}, {os.cpu_count()} cores, load {load()}\n"
        f"Python {platform.python_version()}, {versions}; JAX on {jax.default_backend()}, float64"
    )


def version_of(package: str) -> str:
    for name in (package, f"{package}-cpu"):
        try:
            return version(name)
        except PackageNotFoundError:
            pass
    return ""


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=9, help="default: 9; 1 is a quick look")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="TEXT",
        help=f"{', '.join(GROUPS)}, or part of a row's name; may be repeated",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    record: dict[str, Any] = {}
    kept: dict[str, bool] = {}
    for group, (makers, table) in GROUPS.items():
        rows = [make() for name, make in makers.items() if is_wanted(group, name, arguments.only)]
        if rows:
            measure(rows, arguments.rounds)
            print("", *table(rows), sep="\n", flush=True)
            record[group] = [row.record() for row in rows]
            kept |= targets(rows)
    if not record:
        parser.error(f"--only: none of {', '.join(GROUPS)} has a row named like {' or '.join(arguments.only)}")
    print()
    for target, yes in kept.items():
        print(f"{target} (median within {ABOUT:g} times): {'yes' if yes else 'no'}")
    print(f"load {load()} at the end")
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": record, "targets": kept}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
