"""How many cells a second does a Keras sweep train, in one process, in more, and beside a loop of fit?

    python benchmarks/keras_sweep.py [--rounds 1] [--epochs 100] [--only dask] [--quick] [--json FILE]

A cell is a training of the moons, batches of 32, with ReduceLROnPlateau. All ways train the same grid; they take turns,
round by round, so that a busy moment of the machine hits all of them.

* one process: `KerasSweep.run(n_jobs=1)`
* loky, 2 processes: joblib's own; dask, 2 workers: a LocalCluster with one thread each
* fit, tf.data: a new model and `model.fit` on a cached pipeline for each cell; fit, NumPy: on arrays, as most write it.
  These are so slow that they train a few cells only.

Cells a second are counted from the first finished cell on. What comes before is told by itself, in seconds: processes
start, load TensorFlow, and compile the model. In later rounds those of joblib are there, but compile again, since each
round has other data.

Before anything is timed, `fit` on a pipeline has to give the loss of the sweep's cell, to 1e-4.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import figures  # noqa: E402
import joblib  # noqa: E402
import numpy as np  # noqa: E402
from figures import NOT_INSTALLED, PART, PEER, Record, Table, installed, short  # noqa: E402

import lrlab  # noqa: E402
from lrlab.keras_live.cells import Cell  # noqa: E402
from lrlab.keras_live.ready import READY  # noqa: E402

FACTORS, PATIENCES, ALPHA, FEW = [0.1, 0.3, 0.5, 0.7, 0.9], [1, 3, 6, 10, 15], 2.0, 3
ONE, LOKY, DASK, PIPELINE, NUMPY = "one process", "loky, 2 processes", "dask, 2 workers", "fit, tf.data", "fit, NumPy"


def moons(number: int) -> Any:
    """The moons, a little different in each round: nothing may be found ready."""
    (x, y), validation = READY["moons"].get_data()
    return (x + 1e-3 * number, y), validation


def sweep_of(number: int, epochs: int) -> lrlab.KerasSweep:
    return lrlab.KerasSweep(
        READY["moons"].get_model, moons(number), alpha=ALPHA, factors=FACTORS, patiences=PATIENCES, epochs=epochs
    )


def by_sweep(number: int, epochs: int, n_jobs: int) -> tuple[float, float]:
    """Cells a second from the first finished one on, and seconds until that."""
    sweep, began = sweep_of(number, epochs), time.perf_counter()
    times = [time.perf_counter() for _ in sweep.run(n_jobs)]
    return (len(times) - 1) / (times[-1] - times[0]), times[0] - began


def fit_one(number: int, epochs: int, pipeline: bool, cell: Cell) -> float:
    """The validation loss in the end."""
    import keras
    import tensorflow as tf

    (x, y), (x_val, y_val) = ((part.astype("float32") for part in pair) for pair in moons(number))
    keras.utils.set_random_seed(0)
    model = READY["moons"].get_model(ALPHA)
    callback = keras.callbacks.ReduceLROnPlateau(factor=cell.factor, patience=cell.patience)
    rows: dict[str, Any] = {"x": x, "y": y, "batch_size": 32}
    if pipeline:
        batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch(32).repeat()
        rows = {"x": batches.prefetch(20), "steps_per_epoch": -(-len(x) // 32)}
    history = model.fit(**rows, epochs=epochs, verbose=0, validation_data=(x_val, y_val),
                        validation_batch_size=len(x_val), callbacks=[callback])  # fmt: skip
    return history.history["val_loss"][-1]


def by_fit(number: int, epochs: int, pipeline: bool) -> tuple[float, float]:
    """The same of a loop. Building and compiling belong to a cell here: nothing is used again."""
    cells = [Cell(0, factor, 3) for factor in FACTORS[:FEW]]
    began = time.perf_counter()
    for cell in cells:
        fit_one(number, epochs, pipeline, cell)
    return len(cells) / (time.perf_counter() - began), 0.0


@contextmanager
def cluster() -> Iterator[None]:
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as two,
        Client(two),
        joblib.parallel_config(backend="dask"),
    ):
        yield


def measure(rounds: int, epochs: int, only: list[str]) -> dict[str, list[tuple[float, float]]]:
    """For each way and round (cells a second, seconds until the first)."""

    def on_dask(number: int) -> tuple[float, float]:
        with cluster():
            return by_sweep(number, epochs, -1)

    ways: dict[str, Callable[[int], tuple[float, float]]] = {
        ONE: lambda number: by_sweep(number, epochs, 1),
        LOKY: lambda number: by_sweep(number, epochs, 2),
        DASK: on_dask,
        PIPELINE: lambda number: by_fit(number, epochs, True),
        NUMPY: lambda number: by_fit(number, epochs, False),
    }
    if not installed("distributed"):
        del ways[DASK]
    chosen = {name: way for name, way in ways.items() if not only or any(part in name for part in (*only, ONE))}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in chosen}
    for number in range(rounds):
        for name, way in chosen.items():
            figures.told(f"round {number + 1} of {rounds}: {name}")
            found[name].append(way(number))
    return found


def check(epochs: int) -> None:
    """Nothing is compared that is not the same."""
    sweep, cell = sweep_of(0, epochs), Cell(0, 0.5, 3)
    for done in sweep.run(1):
        if done == cell:
            break
    ours, theirs = sweep.done[cell].history["val_loss"][-1], fit_one(0, epochs, True, cell)
    assert np.isclose(ours, theirs, rtol=1e-4), f"the sweep ends at {ours}, fit at {theirs}"


def swept(record: Record, rounds: int, epochs: int, only: list[str]) -> None:
    """Cells a second, and seconds until the first."""
    check(min(epochs, 10))
    found = measure(rounds, epochs, only)
    table = Table(
        "keras_sweep", "How many cells a second does a map of a Keras model train?", "cells/s", ONE,
        {LOKY: PART, DASK: PART, PIPELINE: PEER, NUMPY: PEER}, more_is_better=True,
    )  # fmt: skip
    row = f"{epochs} epochs a cell"
    table.add(row, {name: [rate for rate, _ in each] for name, each in found.items()})
    first = Table("keras_sweep_first", "How long until the first cell is there?", "s", ONE, {LOKY: PART, DASK: PART})
    first.add(row, {name: [start for _, start in found[name]] for name in (ONE, LOKY, DASK) if name in found})
    if not installed("distributed"):
        table.missing[DASK] = first.missing[DASK] = NOT_INSTALLED
    starts = (f"{short(median(samples))} s with {name}" for name, samples in first.rows[0].samples.items())
    first.answer = f"It takes {', '.join(starts)}."
    record.add(table)
    record.add(first)


def main() -> int:
    parser = figures.parser(__doc__, rounds=1)
    parser.add_argument("--epochs", type=int, help="default: 100; 20 with --quick")
    parser.add_argument("--only", action="append", default=[])
    asked = figures.asked(parser)
    epochs = asked.epochs or (20 if asked.quick else 100)
    packages = ("tensorflow", "keras", "joblib", "dask", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: swept(record, asked.rounds, epochs, asked.only)
    )


if __name__ == "__main__":
    sys.exit(main())
