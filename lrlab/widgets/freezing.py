"""Freezing: runs are kept as faint lines with a letter, and as a row of numbers, to compare other settings with."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab.core.run import Run, without_weights
from lrlab.views.ghosts import GhostLine, capture, draw
from lrlab.views.readout import state
from lrlab.views.style import PAIR
from lrlab.views.tables import readable
from lrlab.widgets.button import button

LETTERS = "ABCDEFGH"
ALWAYS = ("alpha", "factor", "patience")  # settings that are told of each
SAID = ("problem", "model", "rule")  # and those that are told anyway


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

    all: what is kept, in the order of its letters. changed: called when that is other than it was
    keep, clear: the buttons; ``keep`` calls what is given as ``freeze``. table: the widget below the picture
    """

    def __init__(self, freeze: Callable[[], None], changed: Callable[[], None]) -> None:
        self.all: list[Frozen] = []
        self._secret: Run | None = None
        self._changed = changed
        self.keep = button("Freeze", freeze, "Keep these runs faintly, to compare others with them")
        self.clear = button("Clear frozen runs", self.thaw)
        self._words = widgets.HTML()
        self.table = widgets.VBox([self._words, self.clear], layout={"display": "none"})
        self.table.add_class("lrlab-frozen")

    def freeze(
        self, figure: Figure, run: Run, own: str, subject: str, settings: dict[str, Any], target: float | None
    ) -> None:
        """Keep what is drawn, and ``run``, which it is of. The same run is kept once.

        own: the third run's name, "" where there is none. subject: the problem or model. settings: as in a scene
        target: the watched loss that counts as arrived, None where there is none

        Raises ValueError where there are as many as letters.
        """
        if any(one.subject == subject and _same(one.run, run) for one in self.all):
            return  # it is there already
        if len(self.all) == len(LETTERS):
            raise ValueError(f"{len(LETTERS)} frozen pictures are as many as one can tell apart: clear them first.")
        names = (*(style.name for style in PAIR), own)[: len(run.settings)] if len(run.settings) > 1 else ("plateau",)
        kept = Frozen(LETTERS[len(self.all)], subject, settings, without_weights(run), names, capture(figure), target)
        self.all.append(kept)
        self._tell()

    def thaw(self) -> None:
        """Let go of all of them."""
        self.put_back([])

    def put_back(self, frozen: list[Frozen]) -> None:
        """Have these and no others."""
        self.all = list(frozen)
        self._tell()

    def of(self, subject: str) -> tuple[Frozen, ...]:
        """Those of one problem or model that may be seen: others have no place in its picture."""
        return tuple(one for one in self._seen if one.subject == subject)

    def keep_back(self, run: Run | None) -> bool:
        """Leave out what is kept of ``run``, whose end is hidden. Returns whether that changes what is seen."""
        before = list(map(id, self._seen))
        self._secret = run
        if changed := before != list(map(id, self._seen)):
            self._write()
        return changed

    @property
    def _seen(self) -> list[Frozen]:
        return [one for one in self.all if self._secret is None or not _begin_alike(one.run, self._secret)]

    def draw(self, figure: Figure, subject: str) -> None:
        """Put them into the still picture."""
        draw(figure, [(one.letter, one.lines) for one in self.of(subject)])

    def _tell(self) -> None:
        self._write()
        self._changed()

    def _write(self) -> None:
        seen = self._seen
        self._words.value = table(seen) if seen else ""
        self.table.layout.display = None if seen else "none"


def table(frozen: list[Frozen]) -> str:
    """A row for each: its letter, the settings in which they differ, and what the runs came to. HTML."""
    names = [
        name
        for name in frozen[0].settings
        if name in ALWAYS or (name not in SAID and len({repr(one.settings.get(name)) for one in frozen}) > 1)
    ]
    runs = max((one.names for one in frozen), key=len)
    told = (*runs[:2], *("third run" for _ in runs[2:]))
    heads = "".join(f"<th scope='col'>{escape(head)}</th>" for head in ("frozen", "settings", *told))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(_row(one, names) for one in frozen)}</tbody></table>"


def _row(one: Frozen, names: list[str]) -> str:
    known = {name: one.settings[name] for name in names if one.settings.get(name, "") != ""}
    settings = ", ".join(f"{name} {_written(value)}" for name, value in known.items())
    subject = f"{_written(one.subject)}: " if one.subject else ""
    return f"<tr><th scope='row'>{one.letter}</th><td>{escape(subject + settings)}</td>{_cells(one)}</tr>"


def _cells(one: Frozen) -> str:
    """What each run came to."""
    cells = ""
    for i, name in enumerate(one.names):
        own = f"{name}: " if i == len(PAIR) else ""
        told = f"{own}{readable(one.run.final_loss[i])}, {state(one.run, i, one.target)}"
        cells += f"<td data-head='{escape(name)}'>{escape(told)}</td>"
    return cells


def _written(value: Any) -> str:
    return ", ".join(map(_written, value)) if isinstance(value, (list, tuple)) else f"{value}".replace("_", " ")


def _same(one: Run, other: Run) -> bool:
    return np.array_equal(one.watched, other.watched, equal_nan=True) and np.array_equal(one.lr, other.lr)


def _begin_alike(one: Run, other: Run) -> bool:
    """Whether they are the same as far as both are trained; one may have a third run that the other has not."""
    epochs, runs = min(one.epochs, other.epochs), min(len(one.settings), len(other.settings))
    pairs = ((one.watched[: epochs + 1], other.watched[: epochs + 1]), (one.lr[:epochs], other.lr[:epochs]))
    return epochs > 0 and all(np.array_equal(a[:, :runs], b[:, :runs], equal_nan=True) for a, b in pairs)
