"""The third run: a menu of schedules, and a rule of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lrlab.core.run import Run
from lrlab.core.schedules import SCHEDULES, Rule, RuleError
from lrlab.keras_live.errors import place_of
from lrlab.views.style import PAIR
from lrlab.widgets.menu import Menu

NONE, YOURS = "", "yours"
LEFT_OUT = "The third run is left out until that is mended."
NOT_ADDED = "No job was added."


def check_rule(rule: Any) -> None:
    """Raise TypeError or ValueError where a lab cannot take ``rule``: before it has opened any widget."""
    if rule is None or callable(rule):
        return
    if not isinstance(rule, str):
        raise TypeError(
            f"rule must be a function, rule(epoch, rate, losses) -> rate, or one of {', '.join(SCHEDULES)}, "
            f"got {rule!r}."
        )
    if rule != NONE and rule not in SCHEDULES:
        raise _unknown(rule, SCHEDULES)


def name_of(rule: str | Rule | None) -> str:
    """What the menu's value is where a lab is given ``rule``."""
    return NONE if rule is None else rule if isinstance(rule, str) else YOURS


def told(error: RuleError, then: str) -> str:
    """A rule's error, what comes of it, and the line at fault."""
    place = place_of(error.__cause__) if error.__cause__ else ""
    return f"{error} {then}" + (f"\n{place}" if place else "")


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

    @property
    def called(self) -> str:
        """What the third run is called: by the name of the user's own rule, where it has one."""
        name = getattr(self._own, "__name__", "<>") if self.value == YOURS else self.value
        return YOURS if name.startswith("<") else name

    def choose(self, chosen: str | Rule | None) -> None:
        """By name, or a function. Raises ValueError or TypeError for anything else."""
        if chosen is not None and not isinstance(chosen, str):
            check_rule(chosen)
            self._own = chosen
            self.groups = _groups(getattr(chosen, "__name__", "").strip("<>"))
        self.value = name_of(chosen)

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
        raise _unknown(value, filter(None, self._values()))


def _unknown(name: str, known: Iterable[str]) -> ValueError:
    return ValueError(f"The third run's rule must be one of {', '.join(known)}, or a function, got {name!r}.")


def _groups(own: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    yours = [("Yours", [(own or YOURS, YOURS)])] if own is not None else []
    return [("", [("none", NONE)]), *yours, ("Schedules", [(name, name) for name in SCHEDULES])]


class ThirdRun:
    """What a Lab has that has a `RuleMenu` among its controls, with the name "rule"."""

    controls: dict[str, Any]
    _failed: tuple[Rule, str] | None = None  # a rule that has failed, and what is told of it

    @property
    def rule(self) -> Rule | None:
        """The third run's rule, or None. Set it to a function of your own, a name in SCHEDULES, or None."""
        return self.controls["rule"].rule(self.controls["alpha"].value, self.controls["epochs"].value)

    @rule.setter
    def rule(self, rule: str | Rule | None) -> None:
        with self._one_refresh():
            self.controls["rule"].choose(rule)
            self._failed = None  # the same function may be sound by now: what it calls was mended

    @property
    def _rule_in_force(self) -> Rule | None:
        """The third run's rule, unless that is the one that has failed."""
        rule = self.rule
        return None if self._failed is not None and self._failed[0] is rule else rule

    def _train_with_rule(self, train: Callable[[Rule | None], Any]) -> Any:
        """What ``train`` makes of the third run's rule; where that one fails, this is told, and it has to do without.

        A rule that has failed is tried again at each move: here that takes no time.
        """
        self._failed = None
        rule = self.rule
        try:
            return train(rule)
        except RuleError as error:
            self._failed = (rule, told(error, LEFT_OUT))
        return train(None)

    def _leave_out(self, error: BaseException | None, rule: Rule | None, then: str = LEFT_OUT) -> bool:
        """Remember a rule that has failed in a thread: that of the job there, whatever is chosen by now. Returns
        whether it is news.
        """
        known = self._failed is not None and self._failed[0] is rule
        if not isinstance(error, RuleError) or rule is None or known:
            return False
        self._failed = (rule, told(error, then))
        return True

    def _standing_errors(self) -> list[str]:
        stands = self._failed is not None and self._failed[0] is self.rule
        return [*super()._standing_errors(), self._failed[1] if stands else ""]

    def _own(self, run: Run) -> str:
        """The third run's name; "" where there is none."""
        return self.controls["rule"].called if len(run.settings) > len(PAIR) else ""


class TrainedThirdRun(ThirdRun):
    """The same for a `ModelLab` that trains its runs together: without a rule that has failed, they are trained again.

    Such a lab trains by ``_rule_in_force``.
    """

    def _go_on(self) -> None:
        super()._go_on()
        if self._leave_out(self._state.error, (self._plan or {}).get("rule")):
            self._update()
