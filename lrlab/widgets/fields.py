"""Field: one parameter as a control. Its ``value`` is the only place where the parameter lives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil, floor, log10
from typing import Any

import ipywidgets as widgets
import traitlets

from lrlab.core.rules import RULES, check_one

LABEL_WIDTH = "6.5em"
BOX_WIDTH = "7.5em"  # six digits, and a point


class Field(widgets.HBox):
    """A checked value, a box to type it in and, where it has one, a slider.

    value: the parameter. Setting it in code to something that breaks its rule raises ValueError or TypeError.
    error: what is wrong with the last thing that was tried, or "". What was typed stays in the box.

    label, tooltip: what stands before its slider or box, and what is said of it
    check: turns a candidate into the value, or raises
    parse: turns typed text into a candidate
    show: turns a value into text
    note: a few words behind a slider's box, as HTML
    slider, box: the widgets; ``slider`` may be None
    ends: from where to where its slider goes, unless a value lies beyond
    """

    value = traitlets.Any()
    error = traitlets.Unicode("")

    def __init__(
        self,
        label: str,
        value: Any,
        check: Callable[[Any], Any],
        *,
        parse: Callable[[str], Any],
        show: Callable[[Any], str],
        tooltip: str = "",
        slider: widgets.Widget | None = None,
        note: str = "",
    ) -> None:
        self._check, self._parse, self._show = check, parse, show
        self.slider = slider
        self.ends = (slider.min, slider.max) if slider else None
        self.box = widgets.Text(continuous_update=False, tooltip=tooltip, layout={"width": BOX_WIDTH})
        self.note = widgets.HTML(note) if slider else None
        named = slider or self.box
        named.description, named.tooltip = label, tooltip
        named.style.description_width = LABEL_WIDTH
        if slider:
            slider.layout.flex, slider.layout.width = "1 1 12em", "auto"
        else:
            self.box.layout.width = f"calc({BOX_WIDTH} + {LABEL_WIDTH})"
        super().__init__([slider, self.box, self.note] if slider else [self.box])
        self.add_class("lrlab-field")
        self.value = value
        self.box.observe(self._typed, "value")
        if slider:
            slider.observe(self._slid, "value")

    def check(self, candidate: Any) -> None:
        """Raise ValueError or TypeError where it could not be the value; nothing changes."""
        self._check(candidate)

    def tidy(self) -> None:
        """Forget what was typed in vain, and what the slider was widened for and holds no more."""
        self.box.value, self.error = self._show(self.value), ""
        if self.slider:
            with _silent(self.slider):
                self.slider.min, self.slider.max = _with_room(self.slider, self.ends, self.value)

    @traitlets.validate("value")
    def _checked(self, proposal: Any) -> Any:
        try:
            value = self._check(proposal.value)
        except (ValueError, TypeError) as error:
            self.error = str(error)
            raise
        self.error = ""
        return value

    @traitlets.observe("value")
    def _follow(self, change: Any) -> None:
        self.box.value = self._show(self.value)
        # A slider that is being dragged must not be pushed about: it only follows values from elsewhere.
        if self.slider and not self._same(self.slider.value):
            with _silent(self.slider):
                _widen(self.slider, self.value)
                self.slider.value = self.value

    def _typed(self, change: Any) -> None:
        if self.box.value == self._show(self.value):
            self.error = ""
            return
        try:
            self.value = self._parse(self.box.value)
        except (ValueError, TypeError):
            return  # ``error`` tells, and what was typed stays where it is
        self.box.value = self._show(self.value)

    def _slid(self, change: Any) -> None:
        if not self._same(change.new):
            self.value = self._parse(self._show(change.new))

    def _same(self, slider_value: Any) -> bool:
        """Whether the slider's nearest step is where it stands: browsers send a value back rounded to a step."""
        distance = abs(_place(self.slider, slider_value) - _place(self.slider, self.value))
        return distance <= self.slider.step / 2


def number(name: str, value: Any, **options: Any) -> Field:
    """A Field for one of the parameters in `lrlab.core.rules.RULES`; KeyError for another name."""
    parse = _whole if RULES[name].whole else _number
    return Field(name, value, partial(check_one, name), parse=parse, show=_digits, **options)


def point(name: str, value: Any, check: Callable[[Any], Any], tooltip: str = "") -> Field:
    """A Field for a point, typed as numbers with commas between them."""
    return Field(name, value, check, parse=_numbers, show=lambda p: ", ".join(map(_digits, p)), tooltip=tooltip)


def log_slider(low: float, high: float) -> widgets.FloatLogSlider:
    """A slider whose steps multiply: about 2 % each."""
    slider = widgets.FloatLogSlider(min=-30, max=30, step=0.01, readout=False)
    slider.min, slider.max = _decades(low, high)
    return slider


def move_log_slider(field: Field, low: float, high: float, value: float) -> None:
    """Give a field with a log slider another range and value at once."""
    slider = field.slider
    # Wide open first: a slider pulls its value into its range whenever an end moves.
    with _silent(slider):
        slider.min, slider.max = -30, 30
        field.value = value
        slider.min, slider.max = field.ends = _decades(low, high)


def move_slider(field: Field, high: float, step: float, value: float) -> None:
    """Give a field with an even slider another upper end, step and value at once."""
    slider = field.slider
    with _silent(slider):
        slider.max = max(slider.max, high, value)
        slider.step = step
        field.value = value
        slider.max = max(high, value)
        field.ends = (slider.min, high)


@contextmanager
def _silent(slider: widgets.Widget) -> Iterator[None]:
    """Otherwise the browser's slider sends its old value back when its range changes, as if a hand had moved it."""
    before, slider.continuous_update = slider.continuous_update, False
    try:
        yield
    finally:
        slider.continuous_update = before


def _decades(low: float, high: float) -> tuple[float, float]:
    # Rounded outwards, so that both ends can be reached.
    return floor(log10(low) * 100) / 100, ceil(log10(high) * 100) / 100


def _place(slider: widgets.Widget, value: float) -> float:
    """Where on the slider a value is, in the units of its steps."""
    return log10(value) if isinstance(slider, widgets.FloatLogSlider) else value


def _widen(slider: widgets.Widget, value: float) -> None:
    """Make room on the slider for a value that was typed or set in code."""
    slider.min, slider.max = _with_room(slider, (slider.min, slider.max), value)


def _with_room(slider: widgets.Widget, ends: tuple[float, float], value: float) -> tuple[float, float]:
    """Ends of a slider, further out where ``value`` is beyond them."""
    low, high = _decades(value, value) if isinstance(slider, widgets.FloatLogSlider) else (value, value)
    return min(ends[0], low), max(ends[1], high)


def _number(text: str) -> Any:
    """The number in ``text`` (a decimal comma is fine), or the text itself, which no rule accepts."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text


def _whole(text: str) -> Any:
    """The same where only whole numbers make sense: there a comma before three digits is for thousands."""
    return _number(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text))


def _numbers(text: str) -> Any:
    """Numbers with commas between them, or with semicolons where the commas are decimal ones."""
    parts = [_number(part) for part in text.strip("()[] ").split(";" if ";" in text else ",")]
    return text if any(isinstance(part, str) for part in parts) else parts


def _digits(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    # Three digits, unless they would make a 1 of what is not: a momentum of 0.9999 is no momentum of 1.
    digits = next((n for n in range(3, 17) if float(f"{value:.{n}g}") != 1 or value == 1), 17)
    text = f"{value + 0.0:.{digits}g}"
    return f"{float(text):.0f}" if "e+0" in text and abs(value) < 1e6 else text
