"""The drop-down of problems: the catalogue, and a problem of the user's own."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import traitlets

from lrlab.core import problems
from lrlab.core.problem import Problem


class ProblemMenu(widgets.Dropdown):
    """``value`` is a name in the menu, ``problem`` what it stands for. An unknown name raises ValueError.

    chosen: what the user asked for, a name or a Problem. problem: the same, as a Problem.
    """

    def __init__(self, chosen: str | Problem, problem: Problem) -> None:
        names = list(problems.CATALOGUE)
        if isinstance(chosen, Problem):
            name = f"{chosen.name} (yours)"
            names.insert(0, name)
        else:
            name = problems.key(chosen)
        # The others are made when they are first chosen: real data takes a second to load.
        self._made = {name: problem}
        options = [(name.replace("_", " "), name) for name in names]
        super().__init__(options=options, value=name, description="problem")

    @traitlets.validate("value")
    def _validate_value(self, proposal: Any) -> str:
        known = [value for _, value in self.options] if self.options else []
        return proposal.value if proposal.value in known or not known else problems.key(proposal.value)

    @property
    def problem(self) -> Problem:
        """The chosen problem."""
        if self.value not in self._made:
            self._made[self.value] = problems.find(self.value)
        return self._made[self.value]
