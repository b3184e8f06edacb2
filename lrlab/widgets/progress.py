"""Progress: how far training is, and the buttons that hold it, end it, or let it go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

BAR = "#5d6470"  # in neither of the runs' colours


class Progress(widgets.HBox):
    """A bar, a line of text, and three buttons.

    hold: what the first button does (Pause, Resume). end: what the second does (Stop, Start over)
    more: what the third does, which reads ``more_words``
    """

    def __init__(
        self, hold: Callable[[], None], end: Callable[[], None], more: Callable[[], None], more_words: str
    ) -> None:
        self.bar = widgets.IntProgress(0, 0, 100, style={"bar_color": BAR})
        self.text = widgets.HTML()
        self.hold, self.end, self.more = (widgets.Button() for _ in range(3))
        self.more.description = more_words
        for button, action in ((self.hold, hold), (self.end, end), (self.more, more)):
            button.on_click(lambda _button, action=action: action())
        super().__init__([self.bar, self.text, self.hold, self.end, self.more])
        self.add_class("lrlab-progress")

    def show(self, words: str, done: int, goal: int, *, busy: bool, paused: bool, ready: bool) -> None:
        """Say how far it is. ready: whether the models are built, so that there is something to hold."""
        self.bar.max, self.bar.value = max(goal, 1), min(done, goal)
        self.text.value = words
        _label(self.hold, "Resume" if paused else "Pause", disabled=not (busy and ready))
        _label(self.end, "Stop" if busy else "Start over", disabled=busy and not ready)
        self.more.disabled = not ready


def _label(button: Any, words: str, disabled: bool) -> None:
    button.description, button.disabled = words, disabled


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
