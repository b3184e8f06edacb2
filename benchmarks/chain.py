"""What does it cost a lab to train a run's jobs by themselves? ChainLab's update with and without them.

    python benchmarks/chain.py [--rounds 15] [--keras]

From setting alpha until the picture is packed for the browser, in ms: training, drawing, table and push. With the
switch off (the plateau run alone) and on (its jobs as well), in turns, round by round, each time at another alpha, so
that nothing is known before. Patience 5 has few jobs, patience 0 has one for nearly every epoch. Medians, in brackets
the fastest, and the ratio. Then the numbers alone: `train`, and `train_jobs` on what it gave.

--keras: a ready-made model's run, then its jobs, in ms an epoch, without drawing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import lrlab
from lrlab.core.chain import jobs, train_jobs
from lrlab.labs.chain import train_plateau

PROBLEMS = ("rosenbrock", "ravine", "linear_regression", "mlp_moons", "mlp_digits")


def timed(action: Callable[..., Any], *arguments: Any, **options: Any) -> float:
    began = time.perf_counter()
    action(*arguments, **options)
    return 1000 * (time.perf_counter() - began)


def update(lab: lrlab.ChainLab, separate: bool, alpha: float) -> float:
    """One move of a slider; the switch is set before, and not timed."""
    with lab.figure.lock:
        lab._held = True
        lab.controls["separate"].value = separate
        lab._held = False
    return timed(setattr, lab.controls["alpha"], "value", alpha)


def labs(rounds: int) -> None:
    print(f"{'the lab, at every move':34} {'jobs':>5} {'run alone':>18} {'with its jobs':>18} {'ratio':>6}")
    for name in PROBLEMS:
        for patience in (5, 0):
            lab = lrlab.ChainLab(name, patience=patience)
            alpha = lab.controls["alpha"].value
            alone, both, count = [], [], []
            for i in range(rounds + 1):
                for separate, times in ((False, alone), (True, both)):
                    times.append(update(lab, separate, alpha * (1 + 0.002 * (2 * i + separate + 1))))
                count.append(len(lab.jobs))
            show(f"{name}, patience {patience}, {lab.run.epochs} epochs", median(count), alone[1:], both[1:])
            lab.close()


def numbers(rounds: int) -> None:
    print(f"\n{'numbers alone':34} {'jobs':>5} {'train':>18} {'train_jobs':>18} {'ratio':>6}")
    for name in PROBLEMS:
        for patience in (5, 0):
            lab = lrlab.ChainLab(name, patience=patience)
            problem, values = lab.problem, {key: control.value for key, control in lab.controls.items()}
            lab.close()
            chance = {"momentum": values["momentum"], "batch_size": values["batch_size"] if problem.samples else None}
            runs, chains = [], []
            for _ in range(rounds):
                runs.append(timed(train_plateau, problem, values))
                run = train_plateau(problem, values)
                chains.append(timed(train_jobs, problem, run, 0, **chance))
                assert train_jobs(problem, run, 0, **chance).same
            show(f"{name}, patience {patience}, {run.epochs} epochs", len(jobs(run, 0)), runs, chains)


def show(name: str, count: float, a: list[float], b: list[float]) -> None:
    first, second = (f"{median(times):8.1f} ({min(times):.1f}) ms" for times in (a, b))
    print(f"{name:34} {count:5.0f} {first:>18} {second:>18} {median(b) / median(a):6.2f}", flush=True)


def keras(epochs: int) -> None:
    from lrlab.keras_live.data import check_data
    from lrlab.keras_live.ready import READY
    from lrlab.keras_live.session import ChainSession

    print(f"\n{'Keras, ms an epoch':34} {'jobs':>5} {'run':>18} {'its jobs':>18} {'ratio':>6}")
    for name, ready in READY.items():
        session = ChainSession(ready.get_model, check_data(ready.get_data()))
        rule = {"alpha": ready.alpha, "factor": 0.5, "patience": 2, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0}
        values = {**rule, "batch_size": ready.batch_size, "seed": 0, "separate": False, "carry": True}
        list(session.job(values)())  # builds
        session.goal = epochs
        run = timed(list, session.job(values)()) / epochs
        chain = timed(list, session.job({**values, "separate": True})()) / epochs
        assert session.built.trained().chain.same
        show(f"{name}, {epochs} epochs", len(jobs(session.built.run(), 0)), [run], [chain])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keras", action="store_true", help="Keras models too")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    labs(arguments.rounds)
    numbers(arguments.rounds)
    if arguments.keras:
        keras(100)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
