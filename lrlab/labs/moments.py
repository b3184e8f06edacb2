"""HasMoments: a lab's drop-down of classical moments, always in sight above the sliders."""

from __future__ import annotations

from typing import Any, Self

import ipywidgets as widgets

from lrlab.moments import MOMENTS, moments_of
from lrlab.moments.moment import Moment
from lrlab.widgets.menu import Menu

CHOOSE = "choose a moment"
# What a moment does not mention, besides what its problem or model brings.
PLAIN = {
    "noise": 0.0, "momentum": 0.0, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0, "seed": 0,
    "seeds": 1, "separate": False, "carry": True,
}  # fmt: skip


class HasMoments:
    """What a Lab has whose moments are in `lrlab.moments`; its name says which.

    examples: the menu. Its ``value`` is the moment's name as long as all controls are where that moment puts them, and
        "" elsewhere. Which rule a third run has is no matter: it may run beside any moment
    """

    controls: dict[str, Any]
    examples: Menu

    @classmethod
    def from_moment(cls, name: str, **options: Any) -> Self:
        """A new lab that shows the moment of that name. options: arguments that no moment sets, such as ``rule``

        Raises ValueError, with the names there are, for another name.
        """
        known = moments_of(cls.__name__)
        if name not in known:
            raise ValueError(f"{cls.__name__} has no moment {name!r}. It has: {', '.join(known)}.")
        lab = cls(known[name].problem, **{**options, **known[name].settings})
        lab.examples.value = name
        return lab

    def _first(self) -> list[widgets.Widget]:
        lab = next(one.__name__ for one in type(self).__mro__ if one.__name__ in MOMENTS)
        self._moments = moments_of(lab)
        groups = [(words, [(one.name, one.name) for one in moments]) for words, moments in MOMENTS[lab].items()]
        tooltip = "Settings that show one thing. The line under the picture says what to look at"
        self.examples = Menu("moment", [("", [(CHOOSE, "")]), *groups], "", tooltip=tooltip)
        self.examples.add_class("lrlab-moment")
        self.examples.observe(self._set_moment, "value")
        return [self.examples, *super()._first()]

    def _set_moment(self, change: Any) -> None:
        moment = self._moments.get(change.new)
        if moment is None or self._is_at(moment):
            return
        try:
            with self._one_refresh():
                self.set(**{self._subject_name: moment.problem})
                self.set(**self._values_at(moment))
                for field in self._fields():
                    field.tidy()
        except ImportError as error:  # its data cannot be loaded here
            self._tell_failure(error)

    def _update(self) -> None:
        super()._update()
        self._moment()  # a lab that trains in a thread tells its news later

    def _moment(self) -> Moment | None:
        """The moment that all controls are at; the menu follows."""
        chosen = self._moments.get(self.examples.value)
        candidates = [*([chosen] if chosen else []), *self._moments.values()]
        found = next((one for one in candidates if self._is_at(one)), None)
        self.examples.value = found.name if found else ""
        return found

    def _why(self, otherwise: str = "") -> str:
        """The note under the picture: why the moment shows what it shows, where there is one."""
        moment = self._moment()
        return moment.why if moment else otherwise

    def _is_at(self, moment: Moment) -> bool:
        """Whether the controls are where that moment puts them."""
        if self.controls[self._subject_name].value != moment.problem:
            return False  # what its problem brings need not be looked up, which on data takes a second
        return all(self.controls[name].value == value for name, value in self._values_at(moment).items())

    def _values_at(self, moment: Moment) -> dict[str, Any]:
        """All the controls' values that a moment stands for, once its problem or model is chosen."""
        values = PLAIN | self._brought_along() | moment.settings
        return {name: value for name, value in values.items() if name in self.controls}

    @property
    def _subject_name(self) -> str:
        return "problem" if "problem" in self.controls else "model"
