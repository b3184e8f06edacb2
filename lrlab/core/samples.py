"""Samples: what a problem made of data has beyond its loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from reprlib import repr
from typing import Any

import numpy as np

from lrlab.core.arrays import Array


@dataclass(frozen=True)
class Fit:
    """How a model's predictions are pictured over its data, where these have one or two features.

    features: (rows, 1 or 2), the training rows as they are drawn
    predict: (w of shape (..., dim), features of shape (points, 1 or 2)) -> (..., points): the predicted number or,
        where the targets are classes, the probability of class 1
    classes: whether the targets are classes, 0 and 1
    labels: the names of the features; for one feature, that of the target too
    """

    features: Array
    predict: Callable[[Array, Array], Array]
    classes: bool
    labels: Sequence[str]


@dataclass(frozen=True)
class Samples:
    """What a problem made of data adds to a `Problem`: mini-batches, and a validation loss for the rule to watch.

    inputs, targets: the training rows, (rows, ...) each, as ``grad`` takes them
    grad: (w of shape (..., dim), inputs and targets of some rows) -> (..., dim), the gradient of the loss on those rows
    validation_loss: (..., dim) -> (...), on rows that are never trained on
    batch_size: what a lab starts with
    score: (..., dim) -> (...), on the validation rows: what one would report. score_name: "accuracy" or "R²"
    score_step: what one validation row more or less changes it by, where it counts rows; else 0
    fit: the picture of the predictions, where there is one

    Raises TypeError or ValueError where inputs and targets are not numbers, row by row and as many of each.
    """

    inputs: Array
    targets: Array
    grad: Callable[[Array, Array, Array], Array]
    validation_loss: Callable[[Array], Array]
    batch_size: int = 32
    score: Callable[[Array], Array] | None = None
    score_name: str = ""
    score_step: float = 0.0
    fit: Fit | None = None

    def __post_init__(self) -> None:
        for name in ("inputs", "targets"):
            object.__setattr__(self, name, _rows(name, getattr(self, name)))
        if len(self.inputs) != len(self.targets):
            raise ValueError(
                "inputs and targets must have the same number of rows, "
                f"got {len(self.inputs)} and {len(self.targets)}. Give a target for each row of inputs."
            )


def _rows(name: str, values: Any) -> Array:
    try:
        rows = np.asarray(values)
    except ValueError:  # rows of several lengths
        rows = np.array(None)
    if rows.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must be an array of numbers, row by row, got {repr(values)}. Try np.array([[1.0, 2.0]])."
        )
    if not rows.ndim or not len(rows):
        raise ValueError(f"{name} must have 1 row or more, got shape {rows.shape}. Try np.array([[1.0, 2.0]]).")
    return rows
