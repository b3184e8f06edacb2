"""The third run: a menu of schedules, and a rule of the user's own."""

from __future__ import annotations

from typing import Any

from lrlab.core.schedules import SCHEDULES, Rule
from lrlab.labs.menu import Menu

NONE, YOURS = "", "yours"


class RuleMenu(Menu):
    """Where the rate of a third run comes from. ``value`` is "" (no third run), a name in SCHEDULES, or "yours".

    own: the user's own rule, or None. Giving one chooses it; None leaves the menu without it
    """

    def __init__(self, chosen: str | Rule | None) -> None:
        self._own: Rule | None = None
        self._made: dict[tuple[str, float, int], Rule] = {}
        super().__init__("third run", _groups(None), NONE, tooltip="Whose rate comes from another rule")
        self.choose(chosen)

    @property
    def own(self) -> Rule | None:
        """The user's own rule."""
        return self._own

    def choose(self, chosen: str | Rule | None) -> None:
        """By name, or a function. Raises ValueError or TypeError for anything else."""
        if chosen is None:
            chosen = NONE
        if not isinstance(chosen, str):
            if not callable(chosen):
                raise TypeError(
                    f"rule must be a function, rule(epoch, rate, losses) -> rate, or one of {', '.join(SCHEDULES)}, "
                    f"got {chosen!r}."
                )
            self._own = chosen
            self.groups = _groups(getattr(chosen, "__name__", "").strip("<>"))
            chosen = YOURS
        self.value = chosen

    def rule(self, alpha: float, epochs: int) -> Rule | None:
        """What is chosen, for a run that starts with alpha, or rises to it, and has so many epochs."""
        if self.value == NONE:
            return None
        if self.value == YOURS:
            return self._own
        wanted = (self.value, alpha, epochs)
        if wanted not in self._made:  # the same one as long as nothing changes: who trains by it can tell
            self._made = {wanted: SCHEDULES[self.value](alpha, epochs)}
        return self._made[wanted]

    def _not_a_choice(self, value: str) -> str:
        known = [name for name in self._values() if name]
        raise ValueError(f"The third run's rule must be one of {', '.join(known)}, or a function, got {value!r}.")


def _groups(own: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    yours = [("Yours", [(own or YOURS, YOURS)])] if own is not None else []
    return [("", [("none", NONE)]), *yours, ("Schedules", [(name, name) for name in SCHEDULES])]


def failed(error: Any, explained: str) -> str:
    """What a lab says when the user's rule has failed; the other runs stay in the picture."""
    return f"{error} The third run is left out until that is mended." + (f"\n{explained}" if explained else "")
