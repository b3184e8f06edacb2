"""The two switches of labs that cut a plateau run into jobs."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

SEPARATE, CARRY = "separate", "carry"  # the controls' names


def check_switches(separate: Any, carry: Any) -> None:
    """Raise TypeError for what is no switch: before a lab has opened any widget."""
    for name, value in ((SEPARATE, separate), (CARRY, carry)):
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r}.")


def chain_switches(separate: bool, carry: bool) -> dict[str, Any]:
    """Controls, by name: whether jobs are trained by themselves, and whether the optimizer's state is carried over."""
    return {
        SEPARATE: widgets.ToggleButton(
            separate,
            description="Train them as separate jobs",
            tooltip="Train each job by itself, at a constant rate, from the weights that the one before it ended with",
        ),
        CARRY: widgets.ToggleButtons(
            options={"carry the optimizer's state": True, "fresh optimizer for each job": False},
            value=carry,
            tooltips=[
                "A job begins with all that the optimizer remembered at the end of the job before it",
                "A job begins with an optimizer that remembers nothing, as a newly compiled model does",
            ],
        ),
    }


def switch_row(controls: dict[str, Any]) -> widgets.HBox:
    """The switches, side by side."""
    row = widgets.HBox([controls[SEPARATE], controls[CARRY]])
    row.add_class("lrlab-switches")
    return row
