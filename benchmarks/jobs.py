"""What whole jobs cost: in one pass, and one at a time; and what JobsLab takes for a click, with its picture.

    python benchmarks/jobs.py [--rounds 9] [--json FILE]

Each round times every way once, so that what befalls the machine hits all of them. Medians of the rounds, in ms.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import lrlab
from lrlab.core.jobs import compare, draws, grid, plateau_once, seeds_from, tune, whole_jobs
from lrlab.labs.comparing import SEEDS

JOBS = 10
RULE = lrlab.Settings(0.05, 0.5, 5)
SAMPLE = 11  # of the 220 jobs of a comparison, trained one at a time
SURFACES, DATA = ("ravine", "rosenbrock"), ("linear_regression", "logistic_regression")
AT_ONCE, ONE_BY_ONE = "one pass", "one at a time"
QUICK = 150  # ms: a comparison that follows a slider should not take longer


def options_of(problem: lrlab.Problem) -> dict[str, Any]:
    chance = {"noise": 0.5} if problem.samples is None else {"batch_size": problem.samples.batch_size}
    return {"epochs": problem.epochs, **chance}


def rows(name: str) -> dict[str, tuple[dict[str, Callable[[], Any]], float]]:
    """Name of what is timed -> its ways, and by how much the time of the second is multiplied."""
    problem = lrlab.problems.find(name)
    options, seeds = options_of(problem), seeds_from(0, SEEDS)

    def one(alpha: float, seed: int) -> Any:
        return whole_jobs(problem, "constant", lrlab.Settings(alpha, 1, 1), seed=seed, **options)

    def some_of_the_comparison() -> None:
        for seed in seeds[:SAMPLE]:
            one(draws(problem.alpha_range, 1, seed)[0], seed)

    alone = [one(alpha, 0)[0].best_loss for alpha in grid(problem.alpha_range, JOBS)]
    np.testing.assert_allclose([job.best_loss for job in tune(problem, JOBS, seed=0, **options)], alone, rtol=1e-9)
    return {
        f"{name}: tune by {JOBS} jobs": (
            {
                AT_ONCE: lambda: tune(problem, JOBS, seed=0, **options),
                ONE_BY_ONE: lambda: [one(alpha, 0) for alpha in grid(problem.alpha_range, JOBS)],
            },
            1,
        ),
        f"{name}: compare, {SEEDS} x {JOBS + 1} jobs": (
            {
                AT_ONCE: lambda: compare(problem, RULE, jobs=JOBS, seeds=seeds, **options),
                ONE_BY_ONE: some_of_the_comparison,
            },
            SEEDS * (JOBS + 1) / SAMPLE,
        ),
        f"{name}: {SEEDS} plateau jobs (a slider moves)": (
            {
                AT_ONCE: lambda: plateau_once(problem, RULE, seeds, **options),
                ONE_BY_ONE: some_of_the_comparison,
            },
            SEEDS / SAMPLE,
        ),
    }


def lab_rows(name: str) -> dict[str, Callable[[], Any]]:
    """What a hand does in a lab, with the picture; the table has about twenty rows."""
    lab = lrlab.JobsLab(name)
    alpha = lab.controls["alpha"].value
    alphas = cycle([1.05 * alpha, alpha])

    def press(button: str) -> None:
        if len(lab.jobs) > 20:
            lab._rows.clear()
        lab.buttons[button].click()

    return {
        f"{name}: click on Train": lambda: press("Train"),
        f"{name}: click on Tune alpha": lambda: press("Tune alpha"),
        f"{name}: alpha moves": lambda: lab.controls["alpha"].__setattr__("value", next(alphas)),
    }


def milliseconds(work: Callable[[], Any]) -> float:
    since = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - since)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=9, help="default: 9; 1 is a quick look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, NumPy {np.__version__}")
    numbers = {row: ways for name in (*SURFACES, *DATA) for row, ways in rows(name).items()}
    hands = {row: work for name in (SURFACES[0], DATA[1]) for row, work in lab_rows(name).items()}
    times: dict[str, dict[str, list[float]]] = {row: {} for row in (*numbers, *hands)}
    for turn in range(arguments.rounds + 1):
        print(f"round {turn} of {arguments.rounds}" if turn else "warming up", file=sys.stderr, flush=True)
        for row, (ways, factor) in numbers.items():
            for way, work in ways.items():
                taken = milliseconds(work) * (factor if way == ONE_BY_ONE else 1)
                if turn:
                    times[row].setdefault(way, []).append(taken)
        for row, work in hands.items():
            taken = milliseconds(work)
            if turn:
                times[row].setdefault("lab", []).append(taken)
    print(f"{'':<52}{AT_ONCE:>10}{'(fastest)':>11}{ONE_BY_ONE:>16}{'ratio':>8}")
    for row in numbers:
        ours, theirs = (median(times[row][way]) for way in (AT_ONCE, ONE_BY_ONE))
        print(f"{row:<52}{ours:>10.0f}{min(times[row][AT_ONCE]):>11.0f}{theirs:>16.0f}{theirs / ours:>8.1f}")
    print(f"{'':<52}{'with the picture':>16}{'(fastest)':>11}")
    for row in hands:
        print(f"{row:<52}{median(times[row]['lab']):>16.0f}{min(times[row]['lab']):>11.0f}")
    for row in numbers:
        if any(row.startswith(f"{name}: {part}") for name in SURFACES for part in ("compare", str(SEEDS))):
            kept = "yes" if median(times[row][AT_ONCE]) <= QUICK else "no"
            print(f"{row}, within {QUICK} ms: {kept}")
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({row: {w: median(t) for w, t in way.items()} for row, way in times.items()})
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
