"""Player: plays the epochs of a lab's picture, steps through them, or goes to any one; drawn in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets
from ipywidgets import widget_serialization

from lrlab.live.figure import LiveFigure
from lrlab.live.script import script

GUESS_FROM = 1 / 4  # of a run: what comes after it is hidden, where nobody has chosen an epoch


class Player(anywidget.AnyWidget):
    """Buttons and a slider over epochs. While it plays, the kernel has nothing to do and hears nothing.

    epoch: the one that is shown, 0 the start. Set it to go there. epochs: how many there are; a picture at its end
        stays at its end when these change
    trained: how many of them there are so far; what is shown of later ones is the latest of these
    limit: the epoch from which on all is hidden, None where nothing is
    follow: whether the kernel is to hear of every epoch, and not only of those where the hand or the film rests
    waits: whether a film goes on only when the kernel has told of the epoch that it shows. told: the last one told of
    moved: called when another epoch is shown, or others are hidden, but not where that follows from ``make_room``
    """

    _esm = script(__file__, "attached.js", "player.js")
    _css = script(__file__, "player.css")

    figure = traitlets.Instance(LiveFigure).tag(sync=True, **widget_serialization)
    # What the browser has told must not come back late: it would stop a film that plays again.
    epoch = traitlets.Int(0).tag(sync=True, echo_update=False)
    epochs = traitlets.Int(0).tag(sync=True)
    trained = traitlets.Int(0).tag(sync=True)
    limit = traitlets.Int(None, allow_none=True).tag(sync=True)
    follow = traitlets.Bool(False).tag(sync=True)
    waits = traitlets.Bool(False).tag(sync=True)
    told = traitlets.Int(-1).tag(sync=True)

    def __init__(self, figure: LiveFigure, moved: Callable[[], None]) -> None:
        self._moved, self._making_room = moved, False
        super().__init__(figure=figure)

    def make_room(self, epochs: int) -> None:
        """Have so many epochs. Whoever was at the end stays there."""
        if epochs == self.epochs:
            return
        at_the_end, self._making_room = self.at_the_end, True
        with self.hold_sync():
            self.epochs = epochs
            if self.limit is not None:
                self.limit = min(self.limit, epochs)
            self.epoch = epochs if at_the_end and not self.hides else min(self.epoch, epochs)
        self._making_room = False

    @property
    def at_the_end(self) -> bool:
        """Whether whole runs are shown."""
        return self.epoch >= self.epochs

    @property
    def hides(self) -> bool:
        """Whether what comes after an epoch is hidden."""
        return self.limit is not None

    def hide(self, at: int | None = None) -> None:
        """Hide what comes after epoch ``at``, the one that is shown if left out; at the run's end, all but its
        beginning.
        """
        at = self.epoch if at is None else max(at, 0)
        self.limit = at if at < self.epochs else max(1, int(self.epochs * GUESS_FROM))
        self.epoch = self.limit

    def reveal(self) -> None:
        """Show what was hidden: it is played from there."""
        self.limit = None
        self.play()

    def play(self) -> None:
        """Play on in the browser, from the start if it is at the end."""
        self.send("play")

    @traitlets.observe("epoch", "limit")
    def _tell(self, _change: Any) -> None:
        if not self._making_room:
            self._moved()

    @traitlets.validate("epoch")
    def _within(self, proposal: Any) -> int:
        return min(max(proposal["value"], 0), self.epochs if self.limit is None else self.limit)
