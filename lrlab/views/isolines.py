"""Contour lines that move: matplotlib's own (`Axes.contour`) are part of the still picture."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from contourpy import contour_generator

from lrlab.core.arrays import Array


def isolines(x: Array, y: Array, height: Array, levels: Iterable[float]) -> tuple[Array, Array]:
    """The contour lines of ``height``, (rows, columns), at all levels: x and y of one line with gaps (NaN)."""
    lines = contour_generator(x, y, height)
    gap = np.full((1, 2), np.nan)
    pieces = [part for level in levels for piece in lines.lines(level) for part in (piece, gap)]
    points = np.concatenate(pieces or [gap])
    return points[:, 0], points[:, 1]
