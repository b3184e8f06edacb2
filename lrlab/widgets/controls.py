"""The controls that labs share, by the names of the parameters they hold."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from lrlab.core.descent import check_start
from lrlab.widgets.fields import Field, log_slider, number, point
from lrlab.widgets.menu import Menu, ProblemMenu

TOOLTIPS = {
    "alpha": "The learning rate at the start: a step is alpha times the gradient",
    "factor": "A cut multiplies the rate by this",
    "patience": "After this many epochs without improvement the rate is cut",
    "epochs": "How long to train; on a surface an epoch is one step",
    "noise": "Standard deviation of what is added to each part of a gradient",
    "batch_size": "Training rows per step",
    "momentum": "The share of the last step that is kept in the next",
    "min_delta": "An improvement must be larger than this to count",
    "cooldown": "Epochs after a cut in which nothing is counted",
    "min_lr": "The rate is not cut below this",
    "seeds": "How many noises, or orders of batches; what is shown is the median over them",
    "seed": "Which noise, or which batches; the same for all runs",
}
NOTES = {
    "noise": "added to each gradient",
    "factor": "times the rate, at each cut",
    "patience": "epochs without progress",
}


def parameters(values: dict[str, Any], alphas: tuple[float, float], **more_sliders: Any) -> dict[str, Field]:
    """A control for each parameter in ``values``; alpha (in this range), factor and patience have sliders, and others
    that a lab gives one.
    """
    sliders = {
        "alpha": log_slider(*alphas),
        "factor": widgets.FloatSlider(min=0.05, max=1, step=0.01, readout=False),
        "patience": widgets.IntSlider(min=0, max=50, readout=False),
        **more_sliders,
    }
    return {
        name: number(name, value, slider=sliders.get(name), tooltip=TOOLTIPS[name], note=NOTES.get(name, ""))
        for name, value in values.items()
    }


def problem_controls(
    menu: ProblemMenu, values: dict[str, Any], start: Any, sliders: dict[str, Any] | None = None, **menus: Menu
) -> dict[str, Any]:
    """The controls of a lab with a menu of problems, and maybe others, in the order in which they are shown."""
    fields = parameters(values, menu.problem.alpha_range, **(sliders or {}))
    first = {name: fields.pop(name) for name in ("alpha", "factor", "patience")}
    return {**first, "problem": menu, **menus, **fields, "start": _start_field(menu, start)}


def _start_field(menu: ProblemMenu, start: Any) -> Field:
    """A control for where both runs begin."""
    return point(
        "start",
        start,
        lambda value: tuple(check_start(menu.problem, value).ravel().tolist()),
        tooltip="Where both runs begin; a click in the surface sets it too",
    )
