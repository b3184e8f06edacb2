"""A map of settings in words: what a cell came to, a table, and what the map shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lrlab.core.run import Run
from lrlab.studies.sweep import EPOCHS, GAIN, LOSS, Sweep, measure
from lrlab.views.sweep import Meter, Side
from lrlab.views.tables import html_row, html_table, readable

MEANINGS = {
    EPOCHS: "After so many epochs the loss is first at the target, the dotted line among the losses",
    LOSS: "The mean over the last tenth of the epochs",
    GAIN: "How many times lower the final loss is than the constant run's, both measured from the lowest known",
}
# From here on a pattern is worth a sentence: shares of the cells, of the map's width, and of what differs in it.
SOME, APART, MAIN = 0.03, 0.2, 0.3
SEVERAL = 3  # cells, before it is said where they are
TIES = 0.2  # of the cells: from here on it is said how many are neither better nor worse


class Row(NamedTuple):
    """A line of the table: settings by name, and what they came to. loss: beside a gain, the final loss, where known"""

    settings: dict[str, float]
    value: float
    diverged: bool
    loss: float | None = None


def said(meter: Meter, value: float, diverged: bool) -> str:
    """What a run came to."""
    if np.isnan(value):
        return "not known"
    return "diverged" if diverged else meter.say(value)


def cell_in_words(sweep: Sweep, meter: Meter, up: Side, across: Side, cell: tuple[int, int]) -> str:
    """One cell beside its constant run, in a line."""
    row, column = cell
    settings = f"{up.name} {readable(up.values[row])}, {across.name} {readable(across.values[column])}"
    value = said(meter, sweep.values[row, column], sweep.diverged[row, column])
    if sweep.metric == GAIN:
        than = " than constant's" if value.endswith(("lower", "higher")) else ""
        return f"{settings}: {'final loss ' if than else ''}{value}{than}"
    constant = said(meter, sweep.constant[row], sweep.constant_diverged[row])
    return f"{settings}: {sweep.metric} {value} (constant: {constant})"


def sweep_table(sweep: Sweep, meter: Meter, constant: Row, here: Row, best: Row | None, sentence: str) -> str:
    """The constant run, the plateau run with the present settings, and the best cell, as HTML."""
    heads = {"": "", "alpha": "The learning rate at the start", "factor": "A cut multiplies the rate by this",
             "patience": "Epochs without improvement before a cut"}  # fmt: skip
    with_losses = sweep.metric == GAIN and constant.loss is not None
    if with_losses:
        heads[LOSS] = MEANINGS[LOSS]
    heads[sweep.metric] = MEANINGS[sweep.metric]
    rows = ""
    for name, kind, row in (("constant", "", constant), ("plateau", "", here), ("best cell", "best", best)):
        settings = row.settings if row else {}
        cells = {
            head: readable(settings[head]) if head in settings else "–" for head in ("alpha", "factor", "patience")
        }
        if with_losses:
            cells[LOSS] = "–" if row is None or row.loss is None else "diverged" if row.diverged else readable(row.loss)
        itself = sweep.metric == GAIN and row is constant
        cells[sweep.metric] = "–" if row is None or itself else said(meter, row.value, row.diverged)
        rows += html_row(name, cells, kind=kind)
    return html_table(heads, rows, sentence, even=True)


def third_run(run: Run, name: str) -> str:
    """One sentence on the last of three runs, measured as the cells are; "" where ``name`` is."""
    if not name:
        return ""
    diverged = np.isfinite(run.diverged[-1:])
    loss = float(measure(LOSS, run.watched[:, -1:], diverged, None)[0])
    return f"The third run ({name}) {'diverged' if diverged[0] else f'comes to a final loss of {readable(loss)}'}."


def what_it_shows(sweep: Sweep, up: str, across: str, factors: bool = True) -> str:
    """A sentence or two on a map. up, across: the names of its sides. factors: at one alpha; otherwise over alphas"""
    return " ".join(
        filter(None, (_share(sweep), _where_it_loses(sweep, across), _which_matters(sweep, up, across, factors)))
    )


def one_of_many(sweep: Sweep) -> str:
    """A sentence where so many cells are as good as the best that its settings mean little; "" elsewhere."""
    many = sweep.as_good_as_best
    return f"The best cell is one of {many:,} that are as good." if many >= TIES * sweep.known.sum() > 0 else ""


def _share(sweep: Sweep) -> str:
    known = sweep.known.sum()
    if not known:
        return "Nothing is known of this map yet."
    better, worse = sweep.better.sum() / known, sweep.worse.sum() / known
    if sweep.constant_diverged.all():
        if not better:
            return "The constant run diverges, and so does every other: no cut comes early enough."
        return f"The constant run diverges; cutting brings it back in {_cells(better)}."
    if sweep.metric == EPOCHS and np.isinf(sweep.constant).all() and np.isinf(sweep.values[sweep.known]).all():
        return "No run comes to the target, the constant one included."
    if not better and not worse:
        return "Cutting changes nothing here: every cell comes to what its constant rate does."
    same = 1 - better - worse
    ties = f"; in {_percent(same)} they come to the same" if same >= TIES else ""
    if not better:
        return f"Cutting loses to the constant rate in {_cells(worse)}, and beats it in none{ties}."
    loses = f", and loses to it in {_percent(worse)}" if worse else "" if better == 1 else ", and loses to it in none"
    return f"Cutting beats the constant rate in {_cells(better)}{loses}{ties}."


def _where_it_loses(sweep: Sweep, across: str) -> str:
    """Whether it loses where patience is short; not said where the best cell is there too."""
    worse, others = sweep.worse, sweep.known & ~sweep.worse
    if across != "patience" or not others.any() or worse.sum() < max(SEVERAL, SOME * sweep.known.sum()):
        return ""
    place = np.broadcast_to(np.linspace(0, 1, worse.shape[1]), worse.shape)
    if place[others].mean() - place[worse].mean() < APART:
        return ""
    if sweep.best is not None and place[sweep.best] <= place[worse].mean():
        return ""
    return "It loses mostly where patience is short and cuts come early."


def _which_matters(sweep: Sweep, up: str, across: str, factors: bool) -> str:
    """Whether one of both settings decides nearly alone."""
    by_row, by_column = sweep.matters
    (more, name), (less, other) = sorted([(by_row, up), (by_column, across)], reverse=True)
    if more < MAIN or more < 2 * less:
        return ""
    return f"{'At this alpha' if factors else 'Here'} {name} matters more than {other}."


def _cells(share: float) -> str:
    return "all cells" if share == 1 else f"{_percent(share)} of the cells"


def _percent(share: float) -> str:
    """Whole numbers: a map has hundreds of cells, not thousands. Nothing and all are not said of what is neither."""
    return f"{min(max(100 * share, 1), 99):.0f} %"
