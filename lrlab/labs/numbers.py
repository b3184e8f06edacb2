"""Numbers: runs as a table for other programs, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from itertools import zip_longest

from lrlab.core.arrays import Array
from lrlab.core.run import Run

FEW = 2  # weights, that are worth a column each


def to_csv(runs: Mapping[str, Run]) -> str:
    """A row for the start and for each epoch, and for each run its learning rate, losses, and few weights.

    runs: by name, each a `Run` of one run; they may differ in length

    The learning rate is the one used in that epoch, so the start has none. Every number reads back exactly; what has
    diverged is inf or nan.
    """
    names, columns = ["epoch"], [range(1 + max(run.epochs for run in runs.values()))]
    for name, run in runs.items():
        for what, values in _columns(run).items():
            names.append(f"{name} {what}")
            columns.append(values)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip_longest(*columns, fillvalue=""))
    return out.getvalue()


def name_apart(name: str, taken: Collection[str]) -> str:
    """The third run's name beside those of other runs: a function may be called as one of them."""
    return f"{name} (third run)" if name in taken else name


def named_chain(run: Run, own: Run | None, name: str, apart: Run | None) -> dict[str, Run]:
    """The runs of a lab that cuts one into jobs, by name. own, name: the third run; apart: the jobs by themselves

    Runs that there are not are None.
    """
    jobs = {} if apart is None else {"jobs": apart}
    third = {} if own is None or not name else {name_apart(name, ("plateau", *jobs)): own}
    return {"plateau": run, **third, **jobs}


def _columns(run: Run) -> dict[str, list[str]]:
    columns = {
        "learning rate": ["", *_written(run.lr[:, 0])],
        "watched loss": _written(run.watched[:, 0]),
        "training loss": _written(run.loss[:, 0]),
    }
    epochs, _, dim = run.w.shape
    if dim <= FEW and epochs == run.epochs + 1:
        columns |= {f"w{i}": _written(run.w[:, 0, i]) for i in range(dim)}
    return columns


def _written(values: Array) -> list[str]:
    """The shortest digits that give each number back, in its own precision."""
    return [str(value) for value in values]
