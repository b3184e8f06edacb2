"""Freezing: runs are kept as faint lines with a letter, and as a row of numbers, to compare other settings with."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

import ipywidgets as widgets
from matplotlib.figure import Figure

from lrlab.core.run import Run, without_weights
from lrlab.views.ghosts import GhostLine, capture, draw
from lrlab.views.readout import state
from lrlab.views.style import PAIR
from lrlab.views.tables import readable

LETTERS = "ABCDEFGH"
ALWAYS = ("alpha", "factor", "patience")  # settings that are told of each


class Frozen(NamedTuple):
    """Runs that are kept.

    letter: its name. subject: the problem or model that they are of. settings: as in a scene, by name
    run: their record, without weights. names: of its runs. lines: what they left in the picture
    target: the watched loss that counted as arrived, None where there is none
    """

    letter: str
    subject: str
    settings: dict[str, Any]
    run: Run
    names: tuple[str, ...]
    lines: tuple[GhostLine, ...]
    target: float | None


class Freezing:
    """Two buttons, a table, and what they are about. changed: called when there are more, or none

    keep, clear: the buttons; ``keep`` calls what is given as ``freeze``. table: the widget below the picture
    """

    def __init__(self, freeze: Callable[[], None], changed: Callable[[], None]) -> None:
        self.all: list[Frozen] = []
        self._changed = changed
        self.keep = widgets.Button(description="Freeze", tooltip="Keep these runs faintly, to compare others with them")
        self.clear = widgets.Button(description="Clear frozen runs")
        self._words = widgets.HTML()
        self.table = widgets.VBox([self._words, self.clear], layout={"display": "none"})
        self.table.add_class("lrlab-frozen")
        self.keep.on_click(lambda _button: freeze())
        self.clear.on_click(lambda _button: self.thaw())

    def freeze(self, figure: Figure, run: Run, own: str, subject: str, settings: dict[str, Any], target: Any) -> None:
        """Keep what is drawn. own: the third run's name. Raises ValueError where there are as many as letters."""
        if any(one.settings == settings and one.run.epochs == run.epochs for one in self.all):
            return  # it is there already
        if len(self.all) == len(LETTERS):
            raise ValueError(f"{len(LETTERS)} frozen pictures are as many as one can tell apart: clear them first.")
        names = (*(style.name for style in PAIR), own)[: len(run.settings)] if len(run.settings) > 1 else ("plateau",)
        kept = Frozen(LETTERS[len(self.all)], subject, settings, without_weights(run), names, capture(figure), target)
        self.all.append(kept)
        self._tell()

    def thaw(self) -> None:
        """Let go of all of them."""
        self.all.clear()
        self._tell()

    def of(self, subject: str) -> tuple[Frozen, ...]:
        """Those of one problem or model: others have no place in its picture."""
        return tuple(one for one in self.all if one.subject == subject)

    def draw(self, figure: Figure, subject: str) -> None:
        """Put them into the still picture."""
        draw(figure, [(one.letter, one.lines) for one in self.of(subject)])

    def close(self) -> None:
        """What was opened, where the lab could not be."""
        for part in (self.keep, self.clear, self._words, self.table):
            part.close()

    def _tell(self) -> None:
        self._words.value = table(self.all) if self.all else ""
        self.table.layout.display = None if self.all else "none"
        self._changed()


def table(frozen: list[Frozen]) -> str:
    """A row for each: its letter, the settings in which they differ, and what the runs came to. HTML."""
    names = [
        name
        for name in frozen[0].settings
        if name in ALWAYS or len({repr(one.settings.get(name)) for one in frozen}) > 1
    ]
    runs = max((one.names for one in frozen), key=len)
    heads = "".join(f"<th scope='col'>{escape(head)}</th>" for head in ("frozen", "settings", *runs))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(_row(one, names) for one in frozen)}</tbody></table>"


def _row(one: Frozen, names: list[str]) -> str:
    settings = ", ".join(f"{name} {_written(one.settings[name])}" for name in names if name in one.settings)
    cells = "".join(
        f"<td data-head='{escape(name)}'>{readable(one.run.final_loss[i])}, {state(one.run, i, one.target)}</td>"
        for i, name in enumerate(one.names)
    )
    return f"<tr><th scope='row'>{one.letter}</th><td>{escape(settings)}</td>{cells}</tr>"


def _written(value: Any) -> str:
    return ", ".join(map(_written, value)) if isinstance(value, (list, tuple)) else f"{value}".replace("_", " ")
