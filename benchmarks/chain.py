"""What does it cost a lab to train a run's jobs by themselves?

    python benchmarks/chain.py [--rounds 9] [--keras] [--quick] [--json FILE]

`ChainLab`, from setting alpha until the picture is packed for the browser, in ms: training, drawing, table and push.
With the switch off (the plateau run alone) and on (its jobs as well), in turns, round by round, each time at another
alpha, so that nothing is known before. Patience 5 has few jobs, patience 0 has one for nearly every epoch. Then the
numbers alone: `train`, and `train_jobs` on what it gave.

--keras: a ready-made model's run, then its jobs, in ms an epoch, without drawing.
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import count
from statistics import median
from typing import Any

import figures
from figures import PART, Record, Table, Work, short

import lrlab
from lrlab.labs.chain import train_plateau
from lrlab.studies.chain import jobs, train_jobs

PROBLEMS = ("rosenbrock", "ravine", "linear_regression", "mlp_moons", "mlp_digits")
BOTH, ALONE = "with its jobs", "run alone"


def moves(lab: lrlab.ChainLab) -> dict[str, Work]:
    """Moves of a slider, with the switch off and on; the switch is set before, and takes no time."""
    alpha, turns = lab.controls["alpha"].value, count(1)

    def move(separate: bool) -> None:
        with lab.figure.lock:
            lab._held = True
            lab.controls["separate"].value = separate
            lab._held = False
        lab.controls["alpha"].value = alpha * (1 + 0.002 * next(turns))

    return {ALONE: partial(move, False), BOTH: partial(move, True)}


def numbers(lab: lrlab.ChainLab) -> dict[str, Work]:
    problem, values = lab.problem, {key: control.value for key, control in lab.controls.items()}
    chance: dict[str, Any] = {
        "momentum": values["momentum"], "batch_size": values["batch_size"] if problem.samples else None,
    }  # fmt: skip
    run = train_plateau(problem, values)
    assert train_jobs(problem, run, 0, **chance).same
    return {
        "train": lambda: train_plateau(problem, values),
        "train_jobs": lambda: train_jobs(problem, run, 0, **chance),
    }


def measure(record: Record, rounds: int, with_keras: bool) -> None:
    """The lab's table and that of the numbers."""
    in_labs, alone = {}, {}
    for name in PROBLEMS:
        for patience in (5, 0):
            lab = lrlab.ChainLab(name, patience=patience)
            row = f"{name}, patience {patience}: {lab.run.epochs} epochs, {len(jobs(lab.run, 0))} jobs"
            in_labs[row], alone[row] = moves(lab), numbers(lab)
    table = Table("chain_lab", "What do a run's jobs cost in ChainLab?", "ms", BOTH, {ALONE: PART})
    table.take_turns(in_labs, rounds)
    table.answer = costs(table)
    record.add(table)
    table = Table("chain_numbers", "What do a run's jobs cost without a picture?", "ms", "train_jobs", {"train": PART})
    table.take_turns(alone, rounds)
    table.notes.append("train: the run itself, which comes before.")
    record.add(table)
    if with_keras:
        record.add(keras(100))


def keras(epochs: int) -> Table:
    """Each ready-made model's run, and its jobs, in ms an epoch."""
    from lrlab.keras_live.data import check_data
    from lrlab.keras_live.ready import READY
    from lrlab.keras_live.session import ChainSession

    table = Table("chain_keras", "What do the jobs of a Keras run cost?", "ms an epoch", BOTH, {ALONE: PART})
    for name, ready in READY.items():
        session = ChainSession(ready.get_model, check_data(ready.get_data()))
        rule = {"alpha": ready.alpha, "factor": 0.5, "patience": 2, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0}
        values = {**rule, "rule": None, "batch_size": ready.batch_size, "seed": 0, "separate": False, "carry": True}
        list(session.job(values)())  # builds
        session.goal = epochs
        work, more = session.job(values), session.job({**values, "separate": True})
        run, chain = (figures.milliseconds(partial(list, job())) / epochs for job in (work, more))
        assert session.built.trained().chain.same
        table.add(
            f"{name}, {epochs} epochs, {len(jobs(session.built.run(), 0))} jobs", {ALONE: [run], BOTH: [run + chain]}
        )
    table.answer = costs(table)
    return table


def costs(table: Table) -> str:
    """In a sentence."""
    ratios = [median(row.samples[BOTH]) / median(row.samples[ALONE]) for row in table.rows]
    return f"With its jobs it takes {short(min(ratios))} to {short(max(ratios))} times as long as the run alone."


def main() -> int:
    parser = figures.parser(__doc__, rounds=9)
    parser.add_argument("--keras", action="store_true", help="Keras models too")
    arguments = figures.asked(parser)
    return figures.carry_out(
        __file__, __doc__, arguments, ("numpy", "matplotlib", "lrlab"),
        lambda record: measure(record, arguments.rounds, arguments.keras),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
