"""What SweepLab offers: which problems, how many cells, which settings along the sides, and where it begins."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.labs.first_values import rate_near_edge

# Cells per side. A regression takes as long as fifty runs on a surface, a network as long as five hundred.
REGRESSIONS, NETWORKS = 8, 5
# With more weights than these, a map would take several seconds; those of the catalogue have some six hundred.
MOST_WEIGHTS = 50
TOO_LARGE = ("softmax_digits", "mlp_digits")


def one_of(name: str, value: Any, options: tuple[str, ...]) -> None:
    """Raise ValueError where ``value`` is none of the options, for the argument of that name."""
    if value not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, got {value!r}.")


def mappable(problem: Problem) -> Problem:
    """The problem. Raises ValueError for one with too many weights."""
    if problem.samples is not None and problem.dim > MOST_WEIGHTS:
        raise ValueError(
            f"SweepLab maps models with up to {MOST_WEIGHTS} weights, since hundreds are trained at once, and "
            f"{problem.name} has {problem.dim}. Use DescentLab."
        )
    return problem


def cells_of(problem: Problem, points: int) -> int:
    """How many cells a side has, where ``points`` are wanted."""
    if problem.samples is None:
        return points
    return min(points, REGRESSIONS if problem.convex else NETWORKS)


def factors_of(points: int) -> Array:
    """From 0.05 to 0.92, in even steps: of 30, one is 0.5."""
    return np.round(np.linspace(0.05, 0.92, points), 2 if points <= 30 else 3)


def patiences_of(points: int) -> Array:
    """Whole numbers from 1 on, to 30 or as many as there are cells. (0 acts as 1.)"""
    return np.unique(np.rint(np.linspace(1, max(points, 30), points)).astype(int))


def alphas_of(low: float, high: float, points: int) -> Array:
    """Rates in steps that multiply, to three digits."""
    return np.array([float(f"{alpha:.3g}") for alpha in np.geomspace(low, high, points)])


def lively_alpha(problem: Problem) -> float:
    """A rate with which noise keeps a run high above the minimum: just inside the edge, to two digits."""
    return rate_near_edge(problem, 0.875)


def lively_noise(problem: Problem) -> float:
    """Noise of a fortieth of the slope at the start, to one digit. 0 for models on data, whose noise is in batches."""
    slope = 0.0 if problem.samples else float(np.linalg.norm(problem.grad(problem.start_point)))
    return float(f"{slope / 40:.1g}") if 0 < slope < np.inf else 0.0


def slider_of(noise: float) -> tuple[float, float]:
    """The upper end of a slider for noise, and its step."""
    return (4 * noise, noise / 20) if noise else (1.0, 0.01)


def noise_slider(problem: Problem) -> widgets.FloatSlider:
    """Noise is dragged here."""
    high, step = slider_of(lively_noise(problem))
    return widgets.FloatSlider(min=0, max=high, step=step, readout=False)
