"""CallbackSwitch: with which callback a job is trained: none, ReduceLROnPlateau, or a rule of the user's own."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from lrlab.core.schedules import Rule
from lrlab.labs.rules import NONE, RuleMenu, name_of

OFF, ON = "off", "on"
TOOLTIPS = ("The rate stays as it is", "ReduceLROnPlateau cuts the rate", "Your rule sets the rate")


def check_callback(value: Any, rule: str | Rule | None) -> None:
    """Raise ValueError where ``value`` is no choice beside this rule: before a lab has opened any widget."""
    choices = choices_with(name_of(rule))
    if value not in choices:
        raise ValueError(f"callback must be {' or '.join(map(repr, choices))}, got {value!r}.")


def choices_with(rule: str) -> tuple[str, ...]:
    """What the callback may be where the menu of rules has this value."""
    return (OFF, ON) if rule == NONE else (OFF, ON, rule)


class CallbackSwitch(widgets.ToggleButtons):
    """``value`` is "off", "on", or, where the menu of rules has one chosen, its name there: see `check_callback`."""

    def __init__(self, value: str, rules: RuleMenu | None = None) -> None:
        choices = choices_with(NONE if rules is None else rules.value)
        super().__init__(options=choices, value=value, description="callback", tooltips=TOOLTIPS[: len(choices)])
        if rules is not None:
            rules.observe(self._follow, "value")

    def _follow(self, change: Any) -> None:
        """A rule that has just been chosen is switched on; one that has gone leaves the callback off."""
        choices, before = choices_with(change.new), self.value
        self.tooltips = TOOLTIPS[: len(choices)]
        self.options = choices
        self.value = choices[2] if len(choices) > 2 else before if before in choices else OFF
