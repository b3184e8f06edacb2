"""Inspector: a switch that opens the plateau rule, and what that did at the epoch that is shown."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from lrlab.core.inside import Inside, inside
from lrlab.core.run import Run
from lrlab.views.decision import decision, quirk, told
from lrlab.views.epoch_mark import EpochMark
from lrlab.views.tables import readable

WORDS = "Open the rule"
NOTHING = "No epoch has been trained yet."
BEFORE = "This is the start: the rule has seen no loss yet."


class Inspector(widgets.VBox):
    """What ``ReduceLROnPlateau`` remembers, compares and decides at the end of an epoch.

    run_number: whose rule is opened. look: called when a hand has opened or closed it
    opened: the switch, which stands beside the player's controls. words: what is told
    """

    def __init__(self, run_number: int, look: Callable[[], None]) -> None:
        self._run_number = run_number
        self.opened = widgets.ToggleButton(
            description=WORDS, tooltip="What the plateau rule remembers, compares and decides at each epoch"
        )
        self.opened.add_class("lrlab-says-next")
        self.words = widgets.HTML()
        self._seen: Run | None = None  # the run that `_rule` is of
        super().__init__([self.words])
        self.add_class("lrlab-inspector")
        self._fold()
        self._look = look
        self.opened.observe(self._open, "value")

    def show(self, run: Run, mark: EpochMark, epoch: int) -> None:
        """Draw and tell an epoch of ``run``; the latest, if it has not been trained so far."""
        epoch = min(epoch, run.epochs)
        if not self.opened.value:
            mark.hide()
        elif not epoch:
            mark.hide()
            self.words.value = f"<p>{BEFORE if run.epochs else NOTHING}</p>"
        else:
            rule = self._rule_of(run)
            mark.draw(rule, epoch)
            self.words.value = in_words(rule, epoch)

    def _rule_of(self, run: Run) -> Inside:
        if run is not self._seen:
            self._rule, self._seen = inside(run, self._run_number), run
        return self._rule

    def _open(self, _change: Any) -> None:
        self._fold()
        self._look()

    def _fold(self) -> None:
        shown = None if self.opened.value else "none"
        self.words.layout.display = shown
        self.opened.description = "Close the rule" if self.opened.value else WORDS


def in_words(rule: Inside, epoch: int) -> str:
    """The state of the rule at the end of an epoch, what it decided, and what is surprising about it: HTML."""
    e = epoch - 1
    known = {  # with the marks that they have in the picture
        "○ best before": f"{_loss(rule.best[e])} (epoch {rule.best_epoch[e]})" if rule.best_epoch[e] else "none yet",
        "― to beat": _loss(rule.threshold[e]) if rule.best_epoch[e] else "anything",
        f"<i>{_squares(int(rule.wait[e]), rule.patience)}</i> wait": f"{rule.wait[e]} of {rule.patience}",
        "cooldown left": str(rule.cooling[e]),
        "rate": " → ".join(dict.fromkeys(readable(float(rate)) for rate in (rule.rate[e], rule.after[e]))),
    }
    chips = "".join(f"<span><b>{name}</b> {value}</span>" for name, value in known.items())
    surprise = quirk(rule, epoch)
    return f"<p class='lrlab-memory'>{chips}</p><p>{escape(decision(rule, epoch))}</p>" + (
        f"<p class='lrlab-quirk'>{escape(surprise)}</p>" if surprise else ""
    )


def _squares(wait: int, patience: int) -> str:
    """One for each epoch of patience, as in the picture; with a long patience, one of each kind."""
    return "■" * wait + "□" * (patience - wait) if patience <= 10 else "■□"


def _loss(value: float) -> str:
    """With the digits that `decision` has, so that both say the same."""
    return told(value, abs(value))
