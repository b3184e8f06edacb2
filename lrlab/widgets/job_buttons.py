"""JobButtons: what trains jobs, in a row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets

from lrlab.widgets.button import button

TRAIN, ONCE, TUNE, COMPARE, CLEAR = "Train", "One plateau job", "Tune alpha", "Compare", "Clear"
MEANINGS = {
    TRAIN: "Train one job with these settings, from its first epoch to its last",
    ONCE: "Train one job with the callback, whatever the switch says",
    TUNE: "Train a constant job for each alpha of a grid over the whole range, and find the best",
    COMPARE: "Over many seeds: what tuning and one plateau job come to",
    CLEAR: "Empty the table",
}


class JobButtons(widgets.HBox):
    """Five buttons, the callback's switch and the number of tries. Of these ``buttons``, ``buttons["Train"]`` is one.

    press: called with the name of the button that was clicked
    """

    def __init__(self, press: Callable[[str], None], callback: widgets.Widget, tries: widgets.Widget) -> None:
        self._buttons = {name: button(name, partial(press, name), words) for name, words in MEANINGS.items()}
        self[TRAIN].add_class("lrlab-job-strong")
        super().__init__([self[TRAIN], callback, self[ONCE], self[TUNE], tries, self[COMPARE], self[CLEAR]])
        self.add_class("lrlab-job-buttons")

    def __getitem__(self, name: str) -> widgets.Button:
        return self._buttons[name]

    def show(self, *, has_jobs: bool, training: bool = False) -> None:
        """What can be pressed. training: whether a job is at work, where there is one at a time"""
        self[CLEAR].disabled = training or not has_jobs
        for name in (TRAIN, ONCE, TUNE):
            self[name].disabled = training

    def show_comparing(self, *, asks: bool, busy: bool = False, seeds: int = 0, of: int = 1, free: bool = True) -> None:
        """Whether a comparison has to be asked for, whether one is being made, and how many seeds are in it.

        free: whether nothing else is at work that would have to end first
        """
        self[COMPARE].layout.display = None if asks else "none"
        self[COMPARE].description = f"{seeds} of {of} seeds" if busy else COMPARE
        self[COMPARE].disabled = busy or not free or seeds == of
        all_known = f"All {of} seeds are compared for these settings; other settings ask anew"
        self[COMPARE].tooltip = all_known if seeds == of else MEANINGS[COMPARE]
