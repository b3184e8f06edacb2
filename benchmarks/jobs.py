"""What do whole jobs cost, in one pass and one at a time, and a click in JobsLab?

    python benchmarks/jobs.py [--rounds 9] [--quick] [--json FILE]

Each round times every way once, so that what befalls the machine hits all of them. Medians of the rounds, in ms.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import cycle
from typing import Any

import figures
import numpy as np
from figures import PEER, Record, Table, Work

import lrlab
from lrlab.labs.comparing import SEEDS
from lrlab.studies.jobs import compare, draws, grid, plateau_once, seeds_from, tune, whole_jobs

JOBS = 10
RULE = lrlab.Settings(0.05, 0.5, 5)
SAMPLE = 11  # of the 220 jobs of a comparison, trained one at a time
SURFACES, DATA = ("ravine", "rosenbrock"), ("linear_regression", "logistic_regression")
AT_ONCE, ONE_BY_ONE = "one pass", "one at a time"
QUICK = 150  # ms: a comparison that follows a slider should not take longer


def options_of(problem: lrlab.Problem) -> dict[str, Any]:
    chance = {"noise": 0.5} if problem.samples is None else {"batch_size": problem.samples.batch_size}
    return {"epochs": problem.epochs, **chance}


def rows(name: str) -> dict[str, tuple[dict[str, Work], float]]:
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


def measure(record: Record, rounds: int) -> None:
    """Whole jobs, and a hand in the lab."""
    found = {row: ways for name in (*SURFACES, *DATA) for row, ways in rows(name).items()}
    table = Table(
        "jobs", "How much faster are whole jobs in one pass than one at a time?", "ms", AT_ONCE, {ONE_BY_ONE: PEER},
        why={ONE_BY_ONE: "On data each seed has its own batches, so jobs with different seeds share no pass."},
        notes=[f"One at a time: {SAMPLE} jobs of a comparison, multiplied."],
    )  # fmt: skip
    table.take_turns({row: ways for row, (ways, _) in found.items()}, rounds)
    table.multiply(ONE_BY_ONE, {row: factor for row, (_, factor) in found.items()})
    record.add(table)
    for row in found:
        if row.startswith(SURFACES) and "tune" not in row:
            record.within(table, row, AT_ONCE, QUICK / 1.25)
    table = Table("jobs_lab", "How long does JobsLab take for a click, picture included?", "ms", "lab")
    hands = {row: {"lab": work} for name in (SURFACES[0], DATA[1]) for row, work in lab_rows(name).items()}
    table.take_turns(hands, rounds)
    record.add(table)


def main() -> int:
    arguments = figures.asked(figures.parser(__doc__, rounds=9))
    packages = ("numpy", "matplotlib", "lrlab")
    return figures.carry_out(__file__, __doc__, arguments, packages, lambda record: measure(record, arguments.rounds))


if __name__ == "__main__":
    sys.exit(main())
