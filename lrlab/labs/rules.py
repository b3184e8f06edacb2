"""The third run: a menu of schedules, and a rule of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrlab.core.run import Run
from lrlab.core.schedules import SCHEDULES, Rule, RuleError
from lrlab.keras_live.errors import explain
from lrlab.labs.menu import Menu
from lrlab.views.style import PAIR

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


class ThirdRun:
    """What a Lab has that has a `RuleMenu` among its controls, with the name "rule"."""

    controls: dict[str, Any]
    _rule_error = ""

    @property
    def rule(self) -> Rule | None:
        """The third run's rule, or None. Set it to a function of your own, a name in SCHEDULES, or None."""
        return self.controls["rule"].rule(self.controls["alpha"].value, self.controls["epochs"].value)

    @rule.setter
    def rule(self, rule: str | Rule | None) -> None:
        with self._one_refresh():
            self.controls["rule"].choose(rule)

    def _train_with_rule(self, train: Callable[[Rule | None], Run]) -> Run:
        """What ``train`` makes of the third run's rule; where that one fails, this is told, and there are two runs."""
        self._rule_error = ""
        try:
            return train(self.rule)
        except RuleError as error:
            where = f"\n{explain(error.__cause__)}" if error.__cause__ else ""
            self._rule_error = f"{error} The third run is left out until that is mended.{where}"
        return train(None)

    def _standing_errors(self) -> list[str]:
        return [*super()._standing_errors(), self._rule_error]

    def _own(self, run: Run) -> str:
        """The third run's name; "" where there is none."""
        return self.controls["rule"].value if len(run.settings) > len(PAIR) else ""
