"""What labs on problems begin with, where nobody says otherwise: rates, and the rows of a batch."""

from __future__ import annotations

from typing import Any

from lrlab.core.problem import Problem


def applying(problem: Problem, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values, by name, that mean something for a problem: noise is for surfaces, batches are for data."""
    means_nothing = "batch_size" if problem.samples is None else "noise"
    return {name: value for name, value in values.items() if name != means_nothing}


def batch_size_of(problem: Problem) -> int:
    """Rows a step: what suits data; for surfaces, which take one only once data is chosen, Keras' own default."""
    return 32 if problem.samples is None else problem.samples.batch_size


def middle_rate(problem: Problem) -> float:
    """A rate in the middle of the problem's range, to two digits."""
    low, high = problem.alpha_range
    return float(f"{(low * high) ** 0.5:.2g}")


def rate_near_edge(problem: Problem, share: float) -> float:
    """That share of the stability edge, to two digits, where there is one in the problem's range; else its middle."""
    low, high = problem.alpha_range
    edge = problem.stability_edge()
    return float(f"{share * edge:.2g}") if edge is not None and low < share * edge < high else middle_rate(problem)
