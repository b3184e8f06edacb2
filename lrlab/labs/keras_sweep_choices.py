"""What KerasSweepLab offers: its controls, and the grid and the file of results that their values stand for."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np

from lrlab.core.rules import check_one
from lrlab.core.schedules import Rule
from lrlab.labs.rules import RuleMenu
from lrlab.studies.sweep import METRICS
from lrlab.widgets.controls import TOOLTIPS
from lrlab.widgets.fields import LABEL_WIDTH, Field, log_slider, number

SHARED = ("alpha", "epochs", "batch_size", "min_delta", "cooldown", "min_lr")  # by all cells of a sweep
PLACED = ("factor_points", "patience_points", "seeds", "epochs")  # in a row below alpha and the two ranges


def checked_ends(name: str, ends: Any) -> tuple[Any, Any]:
    """From where to where a parameter goes. Raises ValueError or TypeError for what is no such pair."""
    try:
        low, high = ends
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be from where to where, two numbers, got {ends!r}.") from None
    low, high = check_one(name, low), check_one(name, high)
    if low > high:
        raise ValueError(f"{name} must go from the smaller to the larger, got {low} and {high}.")
    return low, high


def sweep_controls(
    values: dict[str, Any],
    alphas: tuple[float, float],
    factors: tuple[float, float],
    patiences: tuple[int, int],
    points: list[int],
    rule: str | Rule | None,
    metric: str,
) -> dict[str, Any]:
    """The controls, by name, in the order in which they are shown; all arguments are checked already.

    values: of SHARED and seeds. alphas: the range of alpha's slider
    """
    slider = log_slider(*alphas)
    fields = {
        name: number(name, value, tooltip=TOOLTIPS[name], slider=slider if name == "alpha" else None)
        for name, value in values.items()
    }
    return {
        "alpha": fields.pop("alpha"),
        "factors": _range("factor", widgets.FloatRangeSlider, factors, 0.05, 1.0, 0.05),
        "patiences": _range("patience", widgets.IntRangeSlider, patiences, 1, 50, 1),
        "factor_points": _count("factors", points[0]),
        "patience_points": _count("patiences", points[1]),
        "rule": RuleMenu(rule),
        **fields,
        "metric": widgets.ToggleButtons(options=METRICS, value=metric),
    }


def grid_of(values: dict[str, Any]) -> dict[str, Any]:
    """The factors, patiences and seeds that the controls' values stand for: arguments of `KerasSweep`."""
    return {
        "factors": np.round(np.linspace(*values["factors"], values["factor_points"]), 3).tolist(),
        "patiences": np.rint(np.linspace(*values["patiences"], values["patience_points"])).astype(int).tolist(),
        "seeds": range(values["seeds"]),
    }


def store_in(folder: Path, model: str, shared: dict[str, Any]) -> Path:
    """The file for the results of a model with these settings. The folder is made if need be: OSError as the disk does.

    model: its name
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = hashlib.sha256(json.dumps(shared).encode()).hexdigest()[:8]
    name = re.sub(r"[^\w-]+", "-", model)[:60]  # a function may be called <lambda>, or whatever it was told
    return folder / f"{name}-{settings}.jsonl"


def _range(label: str, kind: Any, ends: tuple[Any, Any], low: float, high: float, step: float) -> widgets.Widget:
    slider = kind(min=min(low, ends[0]), max=max(high, ends[1]), step=step, value=ends, description=label)
    slider.style.description_width = LABEL_WIDTH
    slider.layout.width = "auto"
    return slider


def _count(label: str, value: int) -> Field:
    field = number("points", value, tooltip=f"How many {label} to try, evenly spread over the range")
    field.box.description = label
    return field
