"""BasinLab: which minimum a run finds, from every start at once, with a constant rate and with one that is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lrlab import problems
from lrlab.core.arrays import Array
from lrlab.core.descent import train, train_pair
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.labs.moments import HasMoments
from lrlab.labs.problem_lab import ProblemLab
from lrlab.live.figure import PointerEvent
from lrlab.studies.basins import ELSEWHERE, Basins, basins, grid_of_starts
from lrlab.views.basins import BasinView, Maps, arrange
from lrlab.views.readout import basin_table, notes
from lrlab.widgets.controls import problem_controls
from lrlab.widgets.menu import ProblemMenu

# Of a Run that is kept while maps are made: 80 MB.
MAX_NUMBERS = 10_000_000
GROUPS = ("Surfaces that are not convex", "Convex surfaces")


class BasinLab(HasMoments, ProblemLab):
    """Two maps of starts, each coloured by the minimum in which its run ends, redrawn under the sliders.

    problem: a surface with one or two weights: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem``
    alpha: where maps have something to tell if left out: a little past the stability edge
    factor, patience, min_delta, cooldown, min_lr, epochs, noise, momentum, seed: as in `DescentLab`
    start: whose paths are drawn; the mouse chooses it too
    points: starts per side of the map (times 10 where there is one weight), 2 to 200

    controls, run, view, figure: as in `DescentLab`; run is the pair from ``start``
    constant, plateau: the `Basins` of both maps

    Raises ValueError or TypeError for a bad argument.
    """

    constant: Basins
    plateau: Basins
    _plays = True
    _compares = False
    _made_with = ("points",)

    def __init__(
        self,
        problem: str | Problem = "himmelblau",
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int | None = None,
        noise: float = 0.0,
        momentum: float = 0.0,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        start: Any = None,
        points: int = 60,
    ) -> None:
        found = _mappable(problems.find(problem))
        self._points = check_one("points", points)
        values = {
            "alpha": lively(found) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": found.epochs if epochs is None else epochs,
            "noise": noise,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        start = tuple(found.start) if start is None else start
        train_pair(found, start=start, **values)  # a bad argument raises here, before any widget is open
        self._mapped: Any = None  # what the maps were made for
        super().__init__(problem_controls(ProblemMenu(problem, found, GROUPS), values, start), arrange)

    def _train(self) -> Run:
        values = {name: control.value for name, control in self.controls.items() if name not in ("problem", "start")}
        wanted, start = (self.problem, values), self.controls["start"].value
        if wanted == self._mapped:  # another start has the same maps
            return train_pair(self.problem, start=start, **values)
        self.constant, self.plateau, pair = train_maps(self.problem, values, self._cells, start)
        self._mapped = wanted
        return pair

    def _first_alpha(self) -> float:
        return lively(self.problem)

    def _still(self, run: Run) -> dict[str, Any]:
        return {"problem": self.problem, "points": self._cells}

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> BasinView:
        view = BasinView(figure, **still)
        for axes in view.axes.values():
            self.figure.on_pointer(axes, self._choose_start, hover=True)
        return view

    def _draw(self, run: Run) -> None:
        self.view.draw(Maps(self.constant, self.plateau, run))

    def _tell(self) -> tuple[str, str]:
        table, sentence = basin_table(self.constant, self.plateau)
        alt = f"Two maps of starts on {self.problem.name}, coloured by the minimum in which a run ends. {sentence}"
        grey = any((one.ends == ELSEWHERE).any() for one in (self.constant, self.plateau))
        return alt, table + notes(
            self._why(self.problem.teaches), "Grey: at rest elsewhere, the stronger the lower." if grey else ""
        )

    @property
    def _cells(self) -> int:
        return self._points * 10 if self.problem.dim == 1 else self._points

    def _choose_start(self, event: PointerEvent) -> None:
        place = np.array([event.x, event.y][: self.problem.dim])
        low, high = np.transpose(np.asarray(self.problem.view, float))
        if event.kind == "hover" and ((place < low) | (place > high)).any():
            return
        # The middle of the cell under the pointer: the run that its colour stands for.
        cell = np.clip(np.floor((place - low) / (high - low) * self._cells), 0, self._cells - 1)
        self.controls["start"].value = tuple((low + (high - low) * (cell + 0.5) / self._cells).tolist())


def lively(problem: Problem) -> float:
    """A rate at which runs from some starts hop and rattle: a fifth past the edge, to two digits."""
    low, high = problem.alpha_range
    edge = problem.stability_edge()
    alpha = 1.2 * edge if edge is not None and low < 1.2 * edge < high else (low * high**3) ** 0.25
    return float(f"{alpha:.2g}")


def train_maps(problem: Problem, values: dict[str, Any], points: int, start: Any) -> tuple[Basins, Basins, Run]:
    """Where runs from a grid of starts end, with a constant rate and with one that is cut; and the pair from ``start``.

    As many of them as memory should hold are trained in one pass: on most surfaces, all.
    """
    starts = np.vstack([start, grid_of_starts(problem, points)])
    at_once = max(1, MAX_NUMBERS // (2 * values["epochs"] * problem.dim))
    blocks = [starts[i : i + at_once] for i in range(0, len(starts), at_once)]
    parts = []
    for block in blocks:
        runs, half = _constant_and_plateau(problem, values, block), len(block)
        parts.append((basins(problem, runs[:half]), basins(problem, runs[half:]), runs[[0, half]]))
    constant, plateau, pairs = zip(*parts, strict=True)
    return _without_first(Basins.joined(constant)), _without_first(Basins.joined(plateau)), pairs[0]


def _constant_and_plateau(problem: Problem, values: dict[str, Any], starts: Array) -> Run:
    """A constant run from each start, then a plateau run from each."""
    rule = {name: values[name] for name in ("alpha", "patience", "min_delta", "cooldown", "min_lr")}
    settings = Settings(factor=np.repeat([1.0, values["factor"]], len(starts)), **rule)
    shared = {name: values[name] for name in ("epochs", "noise", "momentum", "seed")}
    return train(problem, settings, start=np.vstack([starts, starts]), **shared)


def _without_first(result: Basins) -> Basins:
    return Basins(result.ends[1:], result.loss[1:], result.epochs[1:], result.best)


def _mappable(problem: Problem) -> Problem:
    if problem.dim > 2 or problem.samples:
        raise ValueError(
            f"BasinLab maps surfaces with one or two weights, and {problem.name} has {problem.dim}"
            f"{' and is made of data' if problem.samples else ''}. Use DescentLab."
        )
    return problem
