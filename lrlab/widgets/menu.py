"""Menus: a drop-down with groups, and the one of problems: the catalogue, and a problem of the user's own."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from lrlab import problems
from lrlab.core.problem import Problem
from lrlab.live.script import script

GROUPS = tuple(problems.GROUPS)
Choices = list[tuple[str, str]]  # what is read, and the value it stands for


class Menu(anywidget.AnyWidget):
    """A drop-down with groups, which ipywidgets' own lacks. ``value`` is always one of the choices.

    groups: a name and choices each, pairs of what is read and the value; a group called "" has no heading
    description, tooltip: what stands before it, and what is said of it

    Raises ValueError for a value that is none of the choices.
    """

    _esm = script(__file__, "menu.js")

    value = traitlets.Unicode("").tag(sync=True)
    groups = traitlets.List().tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)
    tooltip = traitlets.Unicode("").tag(sync=True)

    def __init__(self, description: str, groups: list[tuple[str, Choices]], value: str, tooltip: str = "") -> None:
        super().__init__(description=description, groups=groups, tooltip=tooltip)
        self.value = value

    def check(self, candidate: Any) -> None:
        """Raise ValueError where it is none of the choices; nothing changes, and nothing is loaded."""
        if isinstance(candidate, str) and candidate not in self._values():
            self._not_a_choice(candidate)

    @traitlets.validate("value")
    def _one_of_the_choices(self, proposal: Any) -> str:
        return self._usable(proposal.value if proposal.value in self._values() else self._not_a_choice(proposal.value))

    def _usable(self, value: str) -> str:
        """A choice, or an error where it cannot be had."""
        return value

    def _values(self) -> list[str]:
        return [value for _, choices in self.groups for _, value in choices]

    def _not_a_choice(self, value: str) -> str:
        raise ValueError(f"{self.description} must be one of the choices in the menu, got {value!r}.")


class ProblemMenu(Menu):
    """``value`` is a name in the menu, ``problem`` what it stands for. An unknown name raises ValueError.

    chosen: what the user asked for, a name or a Problem. problem: the same, as a Problem.
    groups: which groups of the catalogue to show, in which order; all if left out. without: problems to leave out

    Data that cannot be loaded is an ImportError in code; in the browser the menu goes back, and ``error`` says why.
    """

    error = traitlets.Unicode("")

    def __init__(
        self, chosen: str | Problem, problem: Problem, groups: tuple[str, ...] = GROUPS, without: tuple[str, ...] = ()
    ) -> None:
        shown: list[tuple[str, Choices]] = [
            (group, [(name.replace("_", " "), name) for name in problems.GROUPS[group] if name not in without])
            for group in groups
        ]
        if isinstance(chosen, Problem):
            name = f"{chosen.name} (yours)"
            shown.insert(0, ("Yours", [(chosen.name, name)]))
        else:
            name = problems.key(chosen)
        # The others are made when they are first chosen: real data takes a second to load.
        self._made = {name: problem}
        super().__init__("problem", shown, name, tooltip="What is minimised")

    def _not_a_choice(self, value: str) -> str:
        known = problems.key(value)
        if known not in self._values():
            raise ValueError(f"This lab cannot show {known!r}. It has: {', '.join(self._values())}.")
        return known

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the browser has chosen."""
        try:
            if sync_data.get("value") in self._values():
                self._usable(sync_data["value"])
        except ImportError as error:
            self.error = ""  # it is news also for who has just read it
            self.error = str(error)
            self.send_state("value")
        else:
            super().set_state(sync_data)

    def _usable(self, value: str) -> str:
        if value not in self._made:
            self._made[value] = problems.find(value)
        return value

    @property
    def problem(self) -> Problem:
        """The chosen problem."""
        return self._made[self.value]
