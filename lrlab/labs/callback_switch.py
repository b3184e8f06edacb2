"""CallbackSwitch: with which callback a job is trained: none, ReduceLROnPlateau, or a rule of the user's own."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from lrlab.labs.rules import NONE, RuleMenu

OFF, ON = "off", "on"
TOOLTIPS = ("The rate stays as it is", "ReduceLROnPlateau cuts the rate", "Your rule sets the rate")


class CallbackSwitch(widgets.ToggleButtons):
    """``value`` is "off", "on", or, where the menu of rules has one chosen, its name there.

    Raises ValueError for anything else.
    """

    def __init__(self, value: str, rules: RuleMenu | None = None) -> None:
        self._rules = rules
        choices = self._choices()
        if value not in choices:
            raise ValueError(f"callback must be {' or '.join(map(repr, choices))}, got {value!r}.")
        super().__init__(options=choices, value=value, description="callback", tooltips=TOOLTIPS[: len(choices)])
        if rules is not None:
            rules.observe(self._follow, "value")

    def _choices(self) -> tuple[str, ...]:
        return (OFF, ON) if self._rules is None or self._rules.value == NONE else (OFF, ON, self._rules.value)

    def _follow(self, change: Any) -> None:
        """A rule that has just been chosen is switched on; one that has gone leaves the callback off."""
        choices, before = self._choices(), self.value
        self.tooltips = TOOLTIPS[: len(choices)]
        self.options = choices
        self.value = choices[2] if len(choices) > 2 else before if before in choices else OFF
