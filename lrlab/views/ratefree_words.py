"""What RateFreeLab says: a table of methods and what each needs, and a sentence on how long they took."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.studies.ratefree import MEMORY, Fitted, Solved
from lrlab.views.ratefree import Ground, ground_of
from lrlab.views.readout import KINDS
from lrlab.views.style import RunStyle
from lrlab.views.tables import counted, html_row, html_table, readable

CLOSE = 1e-6  # of the first distance to the lowest loss: what counts as there


class Need(NamedTuple):
    """What a method has to be given or has to compute, and why."""

    words: str
    why: str


NEEDS = {
    "constant": Need("alpha", "One number for all directions and all steps: too small crawls, too large diverges"),
    "plateau": Need("alpha, factor, patience", "A rate to start with, and when and by how much to cut it"),
    "own": Need("alpha, and a rule for it", "A function of the epoch, the rate and the losses"),
    "closed form": Need(
        "nothing but a linear solve",
        "Where a squared error is flat, its gradient is 0, and that is a set of linear equations. Other losses have no "
        "such formula. Solver: numpy.linalg.lstsq",
    ),
    "Newton": Need(
        "a Hessian, a linear solve",
        "The Hessian holds the curvature: how fast the gradient changes in each direction. A linear solve turns it "
        "into a step to the bottom of the parabola that fits here, at each iteration; a trust region shortens steps "
        "that go wrong. Solver: SciPy's trust-exact",
    ),
    "L-BFGS": Need(
        f"{MEMORY} gradients, a line search",
        f"How the last {MEMORY} gradients changed tells what the curvature is. A line search then tries step lengths "
        "until the loss falls enough: each trial is one gradient more. Solver: SciPy's L-BFGS-B",
    ),
}


def readout(
    problem: Problem, run: Run, solved: list[Solved], others: list[Solved], styles: tuple[RunStyle, ...]
) -> tuple[str, str]:
    """The table as HTML, and the sentence under it. others: L-BFGS from other starts, on a problem that is not convex.

    styles: of the runs of gradient descent, in the order of ``run``
    """
    ground = ground_of(problem, solved)
    heads = {
        "method": "",
        "needs": "What tells the method how far to step; point at a line for more",
        "iterations": "Steps; one of gradient descent is an epoch here",
        "gradients": "Over all training rows, with those that a line search tried in vain",
    }
    if ground:
        heads["Hessians"] = (
            f"Of {problem.dim} × {problem.dim} numbers. The picture counts one as {problem.dim} gradients"
        )
        heads["above the lowest"] = f"The training loss at the end, above {readable(ground.lowest, 6)}"
    else:
        heads["training loss"] = "At the end"
        heads["validation loss"] = "At the end, on rows that are not trained on"
    rows = ""
    for i, style in enumerate(styles):
        cells = {"iterations": str(run.epochs), "gradients": str(run.epochs)}
        rows += _row(style.name, KINDS[i], KINDS[i], cells, run.loss[-1, i], run.watched[-1, i], 0, ground)
    for one in solved:
        cells = {"iterations": str(one.iterations), "gradients": str(one.gradients[-1])}
        rows += _row(
            one.method, one.method, "solver", cells, one.loss[-1], one.watched[-1], int(one.hessians[-1]), ground
        )
    sentence = _how_long(run, solved, styles, ground) if ground else _overfitted(solved[-1])
    return html_table(heads, rows, sentence), sentence


def _row(
    name: str, method: str, kind: str, cells: dict[str, str], loss: float, watched: float, hessians: int,
    ground: Ground | None,
) -> str:  # fmt: skip
    if ground:
        gap = loss - ground.lowest
        cells |= {"Hessians": str(hessians), "above the lowest": "0" if gap <= ground.floor else readable(gap)}
    else:
        cells |= {"training loss": readable(loss), "validation loss": readable(watched)}
    need = NEEDS[method]
    words = f"<td class='lrlab-why' title='{escape(need.why, quote=True)}'>{escape(need.words)}</td>"
    return html_row(name, cells, words, kind)


def _how_long(run: Run, solved: list[Solved], styles: tuple[RunStyle, ...], ground: Ground) -> str:
    took = [f"{one.method} {_steps(one.loss, ground)}" for one in solved]
    took += [f"{style.name} {_steps(run.loss[:, i], ground)}" for i, style in enumerate(styles)]
    return (
        f"Iterations to close the gap a million-fold: {', '.join(took)}. "
        "The solvers work out the curvature that alpha has to guess."
    )


def _steps(losses: Array, ground: Ground) -> str:
    """After how many iterations a millionth of the first distance is left."""
    gaps = losses - ground.lowest
    there = np.flatnonzero(gaps <= max(CLOSE * gaps[0], ground.floor))
    return f"{there[0]:,}" if len(there) else f"{len(losses) - 1:,}+"


def _overfitted(one: Solved) -> str:
    best = int(np.nanargmin(one.watched))
    low, last = one.watched[best], one.watched[-1]
    if last <= 1.05 * low:
        return f"L-BFGS took the training loss to {readable(one.loss[-1])}, and the validation loss went along."
    return (
        f"L-BFGS took the training loss to {readable(one.loss[-1])}. The validation loss was lowest, {readable(low)}, "
        f"after {counted(best, 'iteration')}, and is {readable(last)} at the end: it minimises what it is given, "
        "and no more."
    )


def many_ends(solved: list[Solved], others: list[Solved]) -> str:
    """On L-BFGS from several starts: that they end in different places."""
    if not others:
        return ""
    ends = [one.loss[-1] for one in (solved[-1], *others)]
    elsewhere = [one.watched[-1] for one in (solved[-1], *others)]
    return (
        f"From {len(ends)} starts, L-BFGS ends at training losses from {readable(min(ends))} to {readable(max(ends))} "
        f"and validation losses from {readable(min(elsewhere))} to {readable(max(elsewhere))}: where it ends depends "
        "on where it starts. Another seed is another start."
    )


def same_by_scikit_learn(problem: Problem, fitted: list[Fitted], ground: Ground | None) -> str:
    """That scikit-learn minimises the same loss, and how far it gets as it comes."""
    if not fitted or ground is None:
        return ""
    times = "times n" if fitted[0].iterations is None else "divided by its penalty"
    ends = []
    for one in fitted:
        gap = float(problem.loss(one.w)) - ground.lowest
        above = "at the lowest" if gap <= ground.floor else f"{readable(gap, 2)} above the lowest"
        ends.append(f"{one.call} ends {above}{f' after {one.iterations} iterations' if one.iterations else ''}")
    return f"In scikit-learn, which minimises this loss {times}: {'; '.join(ends)}."
