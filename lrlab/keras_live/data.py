"""What a Keras model trains on: rows to train with, and rows to validate with."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lrlab.core.arrays import Array

VALIDATION_ROWS = 1000  # per batch of validation rows: larger sets are gone through in parts


class Data(NamedTuple):
    """Rows to train on and rows to validate with. x: (rows, ...), y: (rows, ...), as the model takes them."""

    x: Array
    y: Array
    x_val: Array
    y_val: Array


def check_data(data: Any) -> Data:
    """``((x, y), (x_val, y_val))`` as `Data`; numbers become float32, as Keras makes them, whole numbers stay whole.

    Raises TypeError or ValueError where parts are missing, are not numbers, or do not have the same number of rows.
    """
    try:
        (x, y), (x_val, y_val) = data
    except (TypeError, ValueError):
        raise ValueError(
            "data must be ((x, y), (x_val, y_val)): without validation rows there is no val_loss to watch. "
            "Try sklearn.model_selection.train_test_split."
        ) from None
    arrays = Data(*(_as_keras(name, value) for name, value in zip(Data._fields, (x, y, x_val, y_val), strict=True)))
    for rows, targets, words in ((arrays.x, arrays.y, "x and y"), (arrays.x_val, arrays.y_val, "x_val and y_val")):
        if not rows.ndim or not targets.ndim or len(rows) != len(targets) or not len(rows):
            raise ValueError(
                f"{words} must have the same number of rows, 1 or more, got {rows.shape} and {targets.shape}."
            )
    return arrays


def steps_per_epoch(data: Data, batch_size: int) -> int:
    """Batches in an epoch; the last may be a small one."""
    return -(-len(data.x) // batch_size)


def _as_keras(name: str, values: Any) -> Array:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of numbers, got {array.dtype}.")
    return array.astype(np.float32) if array.dtype.kind == "f" else array
