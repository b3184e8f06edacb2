"""ProgressRow: how far training is, and the buttons that hold it, end it, or let it go on."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from lrlab.widgets.button import button

Label = tuple[str, bool]  # what stands on a button, and whether it can be pressed


class ProgressRow(widgets.HBox):
    """A bar, a line of text, and two or three buttons.

    hold: what the first button does (Pause, Resume). end: what the second does (Stop, Start over)
    more: what the third does, where there is one; it reads ``more_words``
    """

    def __init__(
        self,
        hold: Callable[[], None],
        end: Callable[[], None],
        more: Callable[[], None] | None = None,
        more_words: str = "",
    ) -> None:
        self.bar, self.text = widgets.IntProgress(0, 0, 100), widgets.HTML()
        self.hold, self.end = button("", hold), button("", end)
        self.more = button(more_words, more) if more else None
        super().__init__([self.bar, self.text, self.hold, self.end, *([self.more] if self.more else [])])
        self.add_class("lrlab-progress")

    def show(self, words: str, done: int, goal: int, hold: Label, end: Label, more: bool = True) -> None:
        """Say in plain words, and with the bar, that ``done`` of ``goal`` are done, and what the buttons are for now.

        more: whether the third button can be pressed
        """
        self.bar.max, self.bar.value = max(goal, 1), min(done, goal)
        self.text.value = escape(words, quote=False)
        for part, (label, works) in ((self.hold, hold), (self.end, end)):
            part.description, part.disabled = label, not works
        if self.more:
            self.more.disabled = not more


def in_words(
    done: int, goal: int, seconds: float, *, busy: bool, paused: bool, failed: bool, runs: str = "both runs"
) -> str:
    """How far training is, how fast it goes, and how long it will take."""
    pace = done / seconds if seconds > 0 else 0.0  # below 0 where the clock was set back
    if failed:
        return f"stopped by an error in epoch {done + 1}"
    if paused:
        return f"paused after epoch {done} of {goal}"
    if busy:
        left = f" · {_speed(pace)} · {time_in_words((goal - done) / pace)} left" if pace else ""
        return f"epoch {done} of {goal}{left}"
    if done < goal:
        return f"stopped after epoch {done} of {goal}"
    trained = f"{done} epoch{'s' if done > 1 else ''} of {runs}"
    return f"{trained} in {time_in_words(seconds)} · {_speed(pace)}" if pace else f"{trained} trained"


def _speed(pace: float) -> str:
    return f"{pace:.0f} epochs a second" if pace >= 10 else f"{pace:.1f} epochs a second"


def time_in_words(seconds: float) -> str:
    """Like "3.2 s" or "1 min 5 s"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
