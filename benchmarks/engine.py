"""How long does `lrlab.train` take? Against the same code one run at a time, and against JAX and optax.

    python benchmarks/engine.py [--rounds 15] [--json FILE]

* lrlab: all runs in one pass of NumPy, everything recorded (weights, losses, rates, improvements).
* one at a time: the same function, once for each run. For 900 and 3600 runs a few of them, and multiplied (marked ~).
* JAX + optax: one run is written as a `lax.scan` over epochs with `optax.sgd`, its rate injected and cut by the rule of
  Keras; `vmap` makes it many runs, `jit` compiles them. `optax.contrib.reduce_on_plateau` has another rule (relative
  thresholds) and takes no factor that varies from run to run. It works in float64, as lrlab does, and records the same,
  so the script first checks that both give the same runs. Compiling is timed apart; it is due again for every new
  number of runs or epochs.

The ways take turns, round by round, so that a busy moment of the machine hits all of them. Medians, in ms.
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
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lrlab

jax.config.update("jax_enable_x64", True)

SAMPLE = 12  # runs trained one at a time, where there are more
TARGETS = {"2 x 300, ravine": 5, "900 x 300, ravine": 25}  # about so many ms, on two cores
ABOUT = 1.25


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


def milliseconds(work: Callable[[], Any]) -> float:
    since = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - since)


def measure(rounds: int) -> list[dict[str, Any]]:
    """One row for each case; times in ms."""
    todo: list[tuple[dict[str, Any], dict[str, Callable[[], Any]]]] = []
    for case in cases():
        row = {"case": case.name, "runs": len(case), "sampled": len(case.sample())}
        ways: dict[str, Callable[[], Any]] = {
            "lrlab": case.train,
            "one at a time": lambda case=case: [case.one(i) for i in case.sample()],
        }
        if case.has_jax:
            ways["JAX + optax"], row["compile"] = compiled(case)
            assert_same_runs(case.train(), ways["JAX + optax"]())
        todo.append((row, ways))
    times: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds + 1):
        print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr, flush=True)
        for row, ways in todo:
            for name, work in ways.items():
                taken = milliseconds(work)
                if turn:
                    times.setdefault((row["case"], name), []).append(taken)
    for row, ways in todo:
        row |= {name: median(times[row["case"], name]) for name in ways}
        row["fastest"] = min(times[row["case"], "lrlab"])
        row["one at a time"] *= row["runs"] / row["sampled"]
    return [row for row, _ in todo]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text."""
    lines = [
        f"{'runs x epochs':<26}{'lrlab':>8}{'(fastest)':>11}{'one at a time':>16}{'/ lrlab':>9}"
        f"{'JAX + optax':>13}{'/ lrlab':>9}{'compiling':>11}"
    ]
    for row in rows:
        alone = f"{'~' if row['sampled'] < row['runs'] else ''}{row['one at a time']:.1f}"
        line = (
            f"{row['case']:<26}{row['lrlab']:>8.1f}{row['fastest']:>11.1f}{alone:>16}"
            f"{row['one at a time'] / row['lrlab']:>9.1f}"
        )
        if "JAX + optax" in row:
            line += f"{row['JAX + optax']:>13.2f}{row['JAX + optax'] / row['lrlab']:>9.2f}{row['compile']:>11.0f}"
        lines.append(line)
    return "\n".join(lines)


def targets(rows: list[dict[str, Any]]) -> dict[str, bool]:
    """What lrlab promises, and whether it was kept in this run."""
    taken = {row["case"]: row["lrlab"] for row in rows}
    return {f"{name}: about {ms} ms": taken[name] <= ABOUT * ms for name, ms in TARGETS.items()}


def machine() -> str:
    """What the figures depend on."""
    versions = ", ".join(f"{package} {version(package)}" for package in ("numpy", "jax", "optax", "lrlab"))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{platform.platform()}, {os.cpu_count()} cores{load}\n"
        f"Python {platform.python_version()}, {versions}; JAX on {jax.default_backend()}, float64"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=15, help="default: 15")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    rows = measure(arguments.rounds)
    print(table(rows))
    print(f"~ {SAMPLE} runs, multiplied. All in ms; compiling is due once for each number of runs and epochs.")
    kept = targets(rows)
    for target, yes in kept.items():
        print(f"{target} (median within {ABOUT:g} times): {'yes' if yes else 'no'}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows, "targets": kept}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
