"""OnStage: what stands under a lab's picture: its epochs are played, guessed, compared, and seen from the last row."""

from __future__ import annotations

from typing import Any, Self

import ipywidgets as widgets
import numpy as np

from lrlab.core.run import Run
from lrlab.live.figure import LiveFigure
from lrlab.widgets.freezing import Freezing, Frozen
from lrlab.widgets.hiding import Hiding
from lrlab.widgets.inspector import Inspector
from lrlab.widgets.player import Player
from lrlab.widgets.solid import SolidSurface
from lrlab.widgets.whole_screen import WholeScreen

HIDDEN = "Hidden until it is revealed: what do you expect?"  # in place of what is told of a picture
NOT_YET = "The picture is still of other settings. Freeze it when the first epochs of these are there."


class OnStage:
    """A mixin of every Lab.

    player: the `Player` of its epochs, hiding: the switch that hides those to come, inspector: the `Inspector` of the
        plateau rule; in a lab whose epochs can be played. solid: the `SolidSurface`, in a lab that has one
    frozen: runs that are kept to compare others with, see ``freeze`` and ``thaw``
    presenting: the `WholeScreen` button; ``presenting.on`` says whether the lab fills the screen
    """

    figure: LiveFigure
    run: Run
    _plays = False  # whether its picture is of epochs that can be played
    _compares = True  # and whether those to come can be hidden, and runs be frozen: not beside a map that tells it all
    _opens_rule_of: int | None = None  # the run whose plateau rule can be looked into, where it plays
    _stands_up = False  # whether its picture has a panel "surface" that can be seen in 3-D

    def _set_the_stage(self) -> None:
        """Make the parts, for a lab that has its figure."""
        compares = self._plays and self._compares
        self.inspector = None if self._opens_rule_of is None else Inspector(self._opens_rule_of, self._look_inside)
        self.player = Player(self.figure, self._look_inside) if self._plays else None
        self.hiding = Hiding(self.player, self._cover) if compares else None
        self.freezing = Freezing(self._freeze, self._redraw_ghosts) if compares else None
        self.solid = SolidSurface(self.figure, self._turn_over) if self._stands_up else None
        self.presenting = WholeScreen(self.figure)

    def _on_the_stage(self) -> list[widgets.Widget]:
        """All of them."""
        opened = [part for pair in (self.inspector, self.solid) if pair for part in (pair, pair.opened)]
        frozen = [self.freezing.keep, self.freezing.table] if self.freezing else []
        return [*filter(None, [self.player, self.hiding, self.presenting]), *opened, *frozen]

    def _under_the_picture(self) -> list[widgets.Widget]:
        opens = [part.opened for part in (self.inspector, self.solid) if part]
        keep = self.freezing.keep if self.freezing else None
        buttons = widgets.HBox([*opens, *filter(None, [self.hiding, keep]), self.presenting])
        row = widgets.HBox([*filter(None, [self.player]), buttons])
        row.add_class("lrlab-stage")
        return [row, *filter(None, [self.inspector])]

    def _under_the_readout(self) -> list[widgets.Widget]:
        return [self.freezing.table] if self.freezing else []

    def hide(self, after: int) -> Self:
        """Hide what comes after that epoch until somebody presses Reveal: predict first.

        Returns the lab itself, for the last line of a cell. Raises TypeError in a lab that has no epochs to hide.
        """
        if self.player is None or self.hiding is None:
            raise TypeError(f"{type(self).__name__} has no epochs that could be hidden.")
        self.hiding.hide(after)
        return self

    # The epoch that is shown ------------------------------------------------------------------------------------

    def _inspect(self, run: Run) -> None:
        """Show what there is to see of the epoch that is shown besides the lines, which the browser reveals."""
        if self.player is None:
            return
        self.player.make_room(self._epochs_to_come(run))
        self.player.trained = run.epochs
        self.player.follow = self._follows()
        self._draw_epoch(self.view, run, min(self.player.epoch, run.epochs))
        if self.inspector is not None:
            self.inspector.show(run, self.view.epoch_mark, self.player.epoch)
            self.player.waits, self.player.told = self.inspector.opened.value, self.player.epoch

    def _follows(self) -> bool:
        """Whether anything is drawn or told here, in the kernel, for each epoch that is shown."""
        return self.inspector is not None and self.inspector.opened.value

    def _draw_epoch(self, view: Any, run: Run, epoch: int) -> None:
        """Draw what is neither a line over epochs nor the rule, in a lab that has such; ``view`` may be a copy."""

    def _epochs_to_come(self, run: Run) -> int:
        return run.epochs

    def _look_inside(self) -> None:
        """The rule was opened or closed, or another epoch is shown."""
        if self.hiding is not None:
            self.hiding.look()
        with self.figure.lock, self._failures_told("epoch"):
            if self._drawn is not None:
                self._inspect(self.run)
                self.figure.push()
                self._rewrite_scene()

    # Runs that are kept -----------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Keep the runs in the picture as faint lines with a letter, and what they came to as a row of numbers.

        Raises ValueError where there are as many as can be told apart, or where the picture is still of other settings,
        TypeError in a lab that keeps none.
        """
        if self.freezing is None:
            raise TypeError(f"{type(self).__name__} has no runs that could be frozen.")
        with self.figure.lock:
            whole = 0 < self.run.epochs <= self._epochs_to_come(self.run)
            if not whole or self._shown_with != self._trained_with:
                raise ValueError(NOT_YET)
            settings, target = self.scene["settings"], getattr(self, "target", None)
            self.freezing.freeze(self.figure.figure, self.run, self._own(self.run), self._subject, settings, target)

    def thaw(self) -> None:
        """Let go of all frozen runs."""
        if self.freezing is not None:
            self.freezing.thaw()

    @property
    def frozen(self) -> list[Frozen]:
        """The runs that are kept, in the order of their letters."""
        return list(self.freezing.all) if self.freezing else []

    def _freeze(self) -> None:
        with self._failures_told("freeze"):
            self.freeze()

    def _own(self, _run: Run) -> str:
        """The third run's name, in a lab that may have one."""
        return ""

    def _draw_ghosts(self) -> None:
        """Those of the present problem, into the still picture."""
        if self.freezing is not None:
            self.freezing.draw(self.figure.figure, self._subject)

    def _ghosts(self) -> tuple[int, ...]:
        """Which those are: the still picture has to be drawn anew where these differ."""
        return tuple(map(id, self.freezing.of(self._subject))) if self.freezing else ()

    def _turn_over(self) -> None:
        """The surface is to be seen in 3-D, or from above again."""
        with self.figure.lock, self._failures_told("3-D"), np.errstate(all="ignore"):
            if self._drawn is not None:
                self._draw(self.run)
                self._rewrite_scene()

    def _redraw_ghosts(self) -> None:
        with self.figure.lock, self._failures_told("freeze"):
            if self._is_open and not self._held:
                self._show(self.run)

    def _cover(self) -> None:
        """Hide what is told of whole runs, or show it again; nor are whole runs frozen that nobody has seen yet."""
        covers = self.hiding.covers
        (self.add_class if covers else self.remove_class)("lrlab-covers")
        (self.remove_class if self.hiding.value else self.add_class)("lrlab-revealed")
        self.freezing.keep.disabled = covers
        with self.figure.lock:
            if self._drawn is not None:
                self.figure.alt = self._uncovered(self._tell()[0])
            if self._keep_back(self.run):
                self._redraw_ghosts()

    def _keep_back(self, run: Run) -> bool:
        """A frozen run would give away what is hidden of the same one. Returns whether that changes what is seen."""
        return self.freezing is not None and self.freezing.keep_back(run if self.hiding.covers else None)

    def _uncovered(self, alt: str) -> str:
        """What a screen reader says of the picture."""
        return HIDDEN if self.hiding is not None and self.hiding.covers else alt
