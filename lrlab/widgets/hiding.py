"""Hiding: predict, then reveal. A switch that hides what comes after an epoch until everybody has guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from lrlab.widgets.player import Player

HIDE, REVEAL = "Hide what comes", "Reveal"


class Hiding(widgets.ToggleButton):
    """On, it hides what comes after the epoch that is shown; off again, that is played to its end.

    cover: called when it changes what is to be hidden besides lines
    covers: whether what is told of whole runs is hidden too. It is shown again when the picture has come to its end,
        and not before: the words would give it away
    """

    def __init__(self, player: Player, cover: Callable[[], None]) -> None:
        super().__init__(description=HIDE, tooltip="Hide what comes after this epoch, and let people guess")
        self.add_class("lrlab-hiding")
        self.add_class("lrlab-says-next")
        self.covers = False
        self._at: int | None = None  # where to hide from, if not from the epoch that is shown
        self._player, self._cover = player, cover
        self.observe(self._switch, "value")

    def hide(self, at: int) -> None:
        """Hide what comes after epoch ``at``, also where another one was hidden from before."""
        self._at = at
        if self.value:
            self._player.hide(at)
        self.value = True
        self._at = None

    def look(self) -> None:
        """Called when another epoch is shown: at the end, what is told of whole runs is uncovered."""
        if self.covers and not self.value and self._player.at_the_end:
            self._set(False)

    def _switch(self, change: Any) -> None:
        self.description = REVEAL if change.new else HIDE
        if change.new:
            self._set(True)
            self._player.hide(self._at)
        else:
            self._player.reveal()
            self._cover()
            self.look()

    def _set(self, covers: bool) -> None:
        self.covers = covers
        self._cover()
