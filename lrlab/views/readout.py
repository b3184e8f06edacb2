"""What the two runs did, in words and numbers."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.run import Run
from lrlab.studies.basins import DIVERGED, ELSEWHERE, MOVING, Basins
from lrlab.views.style import PAIR, RunStyle
from lrlab.views.tables import counted, html_row, html_table, percent, readable

# A run whose best loss has not moved for this share of its epochs has stalled.
QUIET_SHARE = 0.25
PAST = 1.1  # times its best loss: a run that is quiet and so far above has left it behind
FALLING = 0.99  # of the mean loss of as many epochs before, where it is above 0: above that, a curve looks flat
ALIKE = 0.02  # losses that differ by less are about the same
RATTLES = 5  # times as long a way as it is from one end of it to the other
NOTHING = 1e-9  # of the way down: who has less of it left than this has arrived, and has rounding left to win

RISEN = "the loss has risen for good, by 1,000 times its first value, and by 1,000 at least"  # core.run.far_away
LOST_AND_CUT = {"froze": "climbed, and froze up there", "returns": "climbed, is on its way back"}
HIGH_UP = {  # where the constant run diverged
    "froze": "The constant run diverged; the plateau run was cut so far that it froze, high up.",
    "returns": "The constant run diverged; the plateau run was cut late, and is still on its way back.",
}
KINDS = ("constant", "plateau", "own")
HEADS = {
    "run": "",
    "outcome": f"The target is the dotted line among the losses. Diverged: {RISEN}",
    "final loss": "After the last epoch",
    "final rate": "In force after the last epoch",
    "cuts": "How often the rate was cut",
    "idle epochs": "Epochs that did not improve the best loss by more than min_delta",
}


class Score(NamedTuple):
    """What one would report of a model: its name, and a value for each run."""

    name: str
    values: Array


def state(run: Run, i: int, target: float | None) -> str:
    """One run's state in words: as the table says it."""
    if not run.epochs:
        return "at the start"
    diverged = run.diverged[i]
    if np.isfinite(diverged):
        return LOST_AND_CUT.get(_lost_and_cut(run, i), f"diverged at epoch {diverged:.0f}")
    reached = run.epochs_to(target)[i]
    if np.isfinite(reached):
        stayed = run.final_loss[i] <= target
        return f"reached the target at epoch {reached:.0f}{'' if stayed else ', ended above it'}"
    quiet = max(int(run.epochs * QUIET_SHARE), 1)
    last, before = run.watched[-quiet:, i].mean(), run.watched[-2 * quiet : -quiet, i].mean()
    falls = before - last > (1 - FALLING) * abs(before)
    if run.watched[-1, i] > run.watched[0, i]:
        return "climbing" if last > before else "above its start"  # it may rattle up there
    if target is None and run.final_loss[i] > 3 * run.best_loss[i] > 0:
        return "well above its best"  # a run that rattles finds new lows, and leaves them
    improved = bool(run.improved[-quiet:, i].any())
    if improved and (target is not None or falls):
        return "still descending"
    if target is None and min(last, run.watched[-1, i]) > PAST * run.best_loss[i] > 0:
        return "past its best"  # it learns by heart what it is trained on, say
    if improved:
        return "hardly improving"  # a new best by a hair, as a run finds that does no better than guessing
    if target is None:
        return "no longer improving"  # with no target to miss, it may well have arrived
    return "rattling" if _rattles(run, i) else "stalled"


def _lost_and_cut(run: Run, i: int) -> str:
    """What became of a run that has left and was cut until it climbed no more: "froze" or "returns"; "" for others."""
    late = run.watched[-max(int(run.epochs * QUIET_SHARE), 2) :, i]
    if not (run.cuts[:, i].any() and np.isfinite(late).all() and late[-1] <= late[0]):
        return ""
    return "froze" if late[-1] > late[0] / 2 else "returns"


def _rattles(run: Run, i: int) -> bool:
    """Whether its weights go to and fro, and do not lie still or creep on."""
    steps = np.diff(run.w[-max(int(run.epochs * QUIET_SHARE), 4) :, i], axis=0)
    way = np.linalg.norm(steps, axis=-1).sum()
    return bool(way > RATTLES * np.linalg.norm(steps.sum(axis=0)) and way > NOTHING)


def comparison(run: Run, target: float | None, lowest: float | None = 0.0) -> str:
    """One plain sentence on a pair, run 0 constant, run 1 plateau; and one more where there is a third run.

    lowest: what losses are measured from when they are compared; None where there is nothing to measure from
    """
    if len(run.settings) > len(PAIR):
        pair = comparison(run[:2], target, lowest).replace("Only", "Of the two, only")  # the third may have, too
        return f"{pair} {_third(run, target, lowest or 0.0)}"
    if not run.cuts[:, 1].any():
        return "The rate was never cut, so both runs are the same."
    lost = np.isfinite(run.diverged)
    if lost.all():
        return HIGH_UP.get(_lost_and_cut(run, 1), "Both runs diverged; the cuts came too late or were too small.")
    if lost[0]:
        if run.final_loss[1] <= run.watched[0, 1]:
            return "The constant run diverged; cutting the rate saved the plateau run."
        return HIGH_UP.get(_lost_and_cut(run, 1), "The constant run diverged; the plateau run ended above its start.")
    if lost[1]:
        return "The plateau run diverged, the constant run did not."
    if target is not None:
        constant, plateau = run.epochs_to(target)
        if np.isfinite(constant) and np.isfinite(plateau):
            return _both_arrive(int(constant), int(plateau), run, target, lowest)
        if np.isfinite(plateau):
            stayed = run.final_loss[1] <= target
            what = ": cutting the rate let it settle" if stayed else ", and it did not stay there"
            return f"Only the plateau run reached the target{what}."
        if np.isfinite(constant):
            return "Only the constant run reached the target: the cuts left the plateau run with too small steps."
        return f"Neither run reached the target, and {_ends(run, lowest)}."
    return f"{_ends(run, lowest).capitalize()}."


def _both_arrive(constant: int, plateau: int, run: Run, target: float, lowest: float | None) -> str:
    constant_stayed, plateau_stayed = run.final_loss <= target
    if plateau_stayed and not constant_stayed:
        return "Both runs reached the target; only the plateau run was still there at the end."
    if constant_stayed and not plateau_stayed:
        return "Both runs reached the target; only the constant run was still there at the end."
    if constant == plateau:
        return f"Both runs reached the target at epoch {constant}, and {_ends(run, lowest)}."
    first, later = ("plateau", "constant") if plateau < constant else ("constant", "plateau")
    return f"The {first} run reached the target {counted(abs(constant - plateau), 'epoch')} before the {later} run."


def _ends(run: Run, lowest: float | None) -> str:
    """Who ended lower, and by how much: of the losses in the table, those after the last epoch.

    With noise, one epoch says little: where the mean of the last tenth says otherwise, that is told as well.
    """
    sizes = run.final_loss - (lowest or 0.0)
    if lowest is not None and (np.abs(sizes) <= NOTHING * (run.watched[0] - lowest)).all():
        return "both ended at the bottom: less than a billionth of the way is left"
    low, high = sorted(sizes)
    better = None if high - low <= ALIKE * max(abs(low), abs(high)) else int(sizes[1] < sizes[0])
    last = max(run.epochs // 10, 1)
    means = run.watched[-last:].mean(axis=0) - (lowest or 0.0)
    lower = int(means[1] < means[0])
    agree = last == 1 or lower == better or np.ptp(means) <= ALIKE * np.abs(means).max()
    if better is None:
        late = "" if agree else f", but over the last {last} epochs the {PAIR[lower].name} run was lower"
        return f"both ended at about the same loss{late}"
    if not agree:  # said in few words, so that it fits on a line
        return f"the {PAIR[better].name} run ended lower, but not on average over the last {last} epochs"
    return f"the {PAIR[better].name} run ended {_by_how_much(low, high, lowest)}"


def _by_how_much(low: float, high: float, lowest: float | None) -> str:
    if low < 0 or lowest is None:  # a ratio would mean nothing
        return f"lower by {readable(high - low)}"
    ratio = high / low if low > 0 else np.inf
    if ratio < 1.2:
        return "a little lower"
    times = "more than 1,000" if ratio > 1000 else f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"
    # Where the lowest loss is not 0, the losses in the table have another ratio.
    return f"{times} times nearer to the lowest loss" if lowest else f"at a loss {times} times smaller"


def _third(run: Run, target: float | None, lowest: float) -> str:
    """Where the third run came in among the three."""
    if np.isfinite(run.diverged[2]):
        return "The third run diverged."
    reached = run.epochs_to(target)
    if np.isfinite(reached[2]):
        epochs = np.where(np.isnan(reached), np.inf, reached)
        return f"The third run reached the target at epoch {reached[2]:.0f}, {_place(epochs, 'first', 'last')}."
    sizes = np.nan_to_num(run.final_loss, nan=np.inf) - lowest
    return f"The third run ended {_place(sizes, 'lowest', 'highest')}."


def _place(values: Array, lowest: str, highest: str) -> str:
    """How the third of three compares with the others."""
    near = [
        (abs(values[2] - other), style.name)
        for other, style in zip(values, PAIR, strict=False)
        if np.isfinite(other) and abs(values[2] - other) <= ALIKE * max(abs(values[2]), abs(other))
    ]
    if near:
        return f"about the same as the {min(near)[1]} run"
    below = (values[:2] < values[2]).sum()
    return [f"{lowest} of the three", "between the other two", f"{highest} of the three"][below]


def summary(run: Run, target: float | None, lowest: float | None = 0.0, styles: tuple[RunStyle, ...] = PAIR) -> str:
    """The readout as plain text, for those who hear it."""
    states = [f"{style.name}: {state(run, i, target)}" for i, style in enumerate(styles)]
    return f"{'; '.join(states)}. {comparison(run, target, lowest)}"


def so_far(run: Run) -> str:
    """One plain sentence on a pair that is being trained."""
    cuts = np.flatnonzero(run.cuts[:, 1]) + 1
    if not len(cuts):
        return "So far the rate has not been cut, so both runs are the same."
    times = "once" if len(cuts) == 1 else "twice" if len(cuts) == 2 else f"{len(cuts)} times"
    return f"So far the rate has been cut {times}, last after epoch {cuts[-1]}."


def table(
    run: Run,
    target: float | None,
    score: Score | None = None,
    lowest: float | None = 0.0,
    sentence: str | None = None,
    styles: tuple[RunStyle, ...] = PAIR,
) -> str:
    """The readout as HTML: a row for each run, then the sentence, which compares them if none is given."""
    heads = dict(HEADS)
    if score:
        heads[score.name] = "On the rows that are not trained on, after the last epoch"
    rows = "".join(_row(run, i, target, score, style.name) for i, style in enumerate(styles))
    return html_table(heads, rows, comparison(run, target, lowest) if sentence is None else sentence)


def basin_table(constant: Basins, plateau: Basins) -> tuple[str, str]:
    """For two maps of starts: a table as HTML, and the sentence under it."""
    heads = {
        "map": "",
        "global minimum": "The share of starts whose run settles in a global minimum",
        "after": "Half of these were at the target (99.9 % of the way down) after so many epochs",
        "local minimum": "Settled in a listed minimum that is not global",
        "elsewhere": "At rest at another flat place: a saddle, or a minimum that is not listed",
        "not settled": "Under way, rattling, or cut to a standstill on a slope",
        "diverged": f"{RISEN.capitalize()}, or is not a number",
    }
    rows = ""
    for style, one in zip(PAIR, (constant, plateau), strict=True):
        median = one.median_epochs
        epochs = "–" if np.isnan(median) else f"{median:.0f} epoch{'' if round(median) == 1 else 's'}"
        known = "none known" if np.isnan(one.global_share) else percent(one.global_share)
        local = (one.ends >= 0).mean() - np.nan_to_num(one.global_share)
        shares = [local, *((one.ends == end).mean() for end in (ELSEWHERE, MOVING, DIVERGED))]
        cells = [known, epochs, *map(percent, shares)]
        rows += html_row(style.name, dict(zip(list(heads)[1:], cells, strict=True)))
    sentence = _compared(constant, plateau)
    return html_table(heads, rows, sentence, even=True), sentence


def _compared(constant: Basins, plateau: Basins) -> str:
    shares = (constant.global_share, plateau.global_share)
    if np.isnan(shares[0]):
        return "No minimum of this surface is known, so the maps can only say where runs come to rest."
    if abs(shares[1] - shares[0]) < 0.005:
        moved = (constant.ends != plateau.ends).mean()
        if moved < 0.005:
            alike = "end in the same minimum" if (constant.ends >= 0).mean() > 0.5 else "end alike"
            return f"Cutting the rate changes next to nothing here: from nearly every start, both runs {alike}."
        return f"Cutting the rate changes where {percent(moved)} of the runs end, not how many find a global minimum."
    more, fewer = ("With", "without") if shares[1] > shares[0] else ("Without", "with")
    high, low = sorted(shares, reverse=True)
    return f"{more} cuts, {percent(high)} of the runs find a global minimum; {fewer} them {percent(low)}."


def replay_table(run: Run) -> tuple[str, str]:
    """For a replay: a table as HTML, and the sentence under it."""
    cut_after = np.flatnonzero(run.cuts[:, 0]) + 1
    cells = {
        "first cut after": f"epoch {cut_after[0]}" if len(cut_after) else "–",
        "cuts": str(len(cut_after)),
        "final rate": readable(run.final_lr[0]),
        "idle epochs": f"{run.idle_epochs[0]} of {run.epochs}",
    }
    sentence = _told(cut_after)
    return html_table(dict.fromkeys(["", *cells], ""), html_row("plateau", cells), sentence, even=True), sentence


def _told(cut_after: Array) -> str:
    if not len(cut_after):
        return "The callback would never have cut the rate."
    shown = [str(epoch) for epoch in cut_after[:5]]
    if len(cut_after) > len(shown):
        shown.append(f"{len(cut_after) - len(shown)} more")
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"The callback would have cut the rate after epoch{'s' if len(cut_after) > 1 else ''} {listed}."


def notes(*sentences: str) -> str:
    """What else is worth saying about the picture, as HTML."""
    return f"<p class='lrlab-notes'>{escape(' '.join(filter(None, sentences)), quote=False)}</p>"


def _row(run: Run, i: int, target: float | None, score: Score | None, name: str) -> str:
    known = run.epochs > 0  # before that, nothing has ended
    cells = {
        "final loss": readable(run.final_loss[i]) if known else "–",
        "final rate": readable(run.final_lr[i]) if known else "–",
        "cuts": str(run.cuts[:, i].sum()) if i < len(PAIR) else "–",  # a schedule lowers its rate all the time
        "idle epochs": f"{run.idle_epochs[i]} of {run.epochs}",
    }
    if score:
        value = score.values[i]
        cells[score.name] = percent(value) if "accuracy" in score.name or np.isnan(value) else readable(value)
    return html_row(name, cells, f"<td>{state(run, i, target)}</td>", KINDS[i])
