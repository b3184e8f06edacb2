"""SweepLab: the tuner has knobs too. A map of factor and patience, or of alpha and patience, under the sliders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.labs.first_values import applying, batch_size_of
from lrlab.labs.moments import HasMoments
from lrlab.labs.problem_lab import ProblemLab
from lrlab.labs.rules import RuleMenu, ThirdRun, check_rule
from lrlab.labs.sweep_choices import (
    TOO_LARGE,
    alphas_of,
    cells_of,
    factors_of,
    lively_alpha,
    lively_noise,
    mappable,
    noise_slider,
    one_of,
    patiences_of,
    slider_of,
)
from lrlab.live.figure import PointerEvent
from lrlab.studies.sweep import GAIN, LOSS, METRICS, Sweep, measure, sweep
from lrlab.views.curves import scale_of
from lrlab.views.readout import notes
from lrlab.views.sweep import Side
from lrlab.views.sweep_panels import Shown, SweepPanels, arrange
from lrlab.views.sweep_words import Row, cell_in_words, one_of_many, sweep_table, third_run, what_it_shows
from lrlab.widgets.controls import problem_controls
from lrlab.widgets.fields import move_slider
from lrlab.widgets.menu import ProblemMenu
from lrlab.widgets.spoken import Spoken

FACTORS, ALPHAS = MAPS = ("factor × patience", "alpha × patience")
POINT_AT = "Point at a cell to read it; click to load it into the curves."


class SweepLab(HasMoments, ThirdRun, ProblemLab):
    """A map of what factor and patience come to, redrawn as alpha and noise move; beside it the curves of one cell.

    problem: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem``; of models, those with up to 50 weights
    alpha: a little inside the stability edge if left out
    factor, patience: of the plateau run whose curves are drawn; a click on the map sets them too
    noise: some, if left out: without any, the map of a surface says little
    points: cells per side, 2 to 200; of regressions at most 8, of networks 5, which take their time
    seeds: each cell is the median over so many noises, or orders of batches; the curves are those of the first
    metric: "final loss", "epochs to target" or "gain over constant"
    map: "factor × patience" at one alpha, or "alpha × patience" at one factor
    target: the watched loss that counts as arrived; ``problem.target`` if left out
    rule: for a third run among the curves, as in `DescentLab`
    epochs, batch_size, momentum, min_delta, cooldown, min_lr, seed, start: as in `DescentLab`

    controls, run, view, figure: as in `DescentLab`; ``run`` is that of the curves
    sweep: the `Sweep` in the map. pointed: the line about the cell under the mouse, a widget with ``text``

    Raises ValueError or TypeError for a bad argument.
    """

    sweep: Sweep
    _more = "More settings: problem, seeds, momentum, start and the rest"
    _placed = ("noise", "metric", "map")
    _plays = True
    _compares = False
    _made_with = ("points", "target")
    _brought = ProblemLab._brought | {"noise"}

    def __init__(
        self,
        problem: str | Problem = "ravine",
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        points: int = 30,
        seeds: int = 1,
        metric: str = LOSS,
        map: str = FACTORS,
        epochs: int | None = None,
        noise: float | None = None,
        batch_size: int | None = None,
        momentum: float = 0.0,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        start: Any = None,
        target: float | None = None,
        rule: str | Rule | None = None,
    ) -> None:
        found = mappable(problems.find(problem))
        self._points = check_one("points", points)
        self._target = None if target is None else check_one("target", target)
        values = {
            "alpha": lively_alpha(found) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "seeds": seeds,
            "epochs": found.epochs if epochs is None else epochs,
            "noise": lively_noise(found) if noise is None else noise,
            "batch_size": batch_size_of(found) if batch_size is None else batch_size,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        start = tuple(found.start) if start is None else start
        # A bad argument raises here, before any widget is open.
        check_one("seeds", seeds)
        check_rule(rule)
        train_pair(found, **_of_a_pair(found, {**values, "start": start}))
        one_of("metric", metric, METRICS)
        one_of("map", map, MAPS)
        self._mapped: Any = None  # what the map was made for
        self._best_loss: float | None = None
        self._cell: tuple[int, int] | None = None  # under the mouse
        self.pointed = Spoken(text=POINT_AT)
        menu = ProblemMenu(problem, found, without=TOO_LARGE)
        sliders = {"noise": noise_slider(found)}
        controls = problem_controls(menu, values, start, sliders, rule=RuleMenu(rule))
        controls["metric"] = widgets.ToggleButtons(options=METRICS, value=metric)
        controls["map"] = widgets.ToggleButtons(options=MAPS, value=map)
        super().__init__(controls, arrange)
        self.add_class("lrlab-sweep")

    @property
    def target(self) -> float | None:
        """The watched loss that counts as arrived."""
        return self.problem.target if self._target is None else self._target

    # Numbers ----------------------------------------------------------------------------------------------------

    def _train(self) -> Run:
        values = self._values()
        up, across = self._sides()
        own = "factor" if up.name == "alpha" else "alpha"
        wanted = {**values, up.name: tuple(up.values), "patience": tuple(across.values), "problem": self.problem}
        wanted["metric"] = metric = self.controls["metric"].value
        if wanted != self._mapped:
            grid = {up.name: up.values, "patience": across.values, own: values[own]}
            self.sweep = sweep(self.problem, metric, **self._of_a_sweep({**values, **grid}))
            self._mapped = wanted
            self._best_loss = self._loss_of_best(metric, values)
        arguments = _of_a_pair(self.problem, values)
        run = self._train_with_rule(lambda rule: train_pair(self.problem, rule=rule, **arguments))
        pair = run[:2]
        losses = measure(LOSS, pair.watched, np.isfinite(pair.diverged), None)
        present = zip(self._present(up, across), losses, strict=True)
        self._constant, self._here = (row._replace(loss=loss) for row, loss in present)
        return run

    def _loss_of_best(self, metric: str, values: dict[str, Any]) -> float | None:
        """Beside a gain: the final loss of the best cell, of its first seed, as those of the present pair are."""
        best = self._best()
        if metric != GAIN or best is None:
            return None
        plateau = train_pair(self.problem, **_of_a_pair(self.problem, {**values, **best.settings}))[[1]]
        return float(measure(LOSS, plateau.watched, np.isfinite(plateau.diverged), None)[0])

    def _present(self, up: Side, across: Side) -> tuple[Row, Row]:
        """What the present settings come to, with a constant rate and with one that is cut."""
        values = self._values()
        settings = {name: values[name] for name in ("alpha", "factor", "patience")}
        row, column = (np.flatnonzero(side.values == values[side.name]) for side in (up, across))
        if len(row) and len(column):
            found, cell = self.sweep, (row[0], column[0])
        else:  # between the cells
            found, cell = sweep(self.problem, self.sweep.metric, **self._of_a_sweep(values)), (0, 0)
        constant = Row({"alpha": values["alpha"]}, found.constant[cell[0]], found.constant_diverged[cell[0]])
        return constant, Row(settings, found.values[cell], found.diverged[cell])

    def _values(self) -> dict[str, Any]:
        menus = ("problem", "rule", "metric", "map")
        return {name: control.value for name, control in self.controls.items() if name not in menus}

    def _of_a_sweep(self, values: dict[str, Any]) -> dict[str, Any]:
        scale = scale_of(self.problem)
        lowest = None if self.problem.samples else scale.offset
        return {**applying(self.problem, values), "target": self.target, "lowest": lowest}

    def _sides(self) -> tuple[Side, Side]:
        """What changes upwards and across."""
        points = cells_of(self.problem, self._points)
        slider = self.controls["alpha"].slider
        if self.controls["map"].value == FACTORS:
            up = Side("factor", factors_of(points))
        else:
            up = Side("alpha", alphas_of(10**slider.min, 10**slider.max, points), log=True)
        return up, Side("patience", patiences_of(points))

    def _brought_along(self) -> dict[str, Any]:
        return {**super()._brought_along(), "map": FACTORS}

    def _first_alpha(self) -> float:
        return lively_alpha(self.problem)

    def _change_problem(self, _change: Any) -> None:
        with self._one_refresh():
            if self.problem.samples is None:
                noise = lively_noise(self.problem)
                move_slider(self.controls["noise"], *slider_of(noise), noise)
            self._cell, self.pointed.text = None, POINT_AT
            super()._change_problem(_change)

    # Picture ----------------------------------------------------------------------------------------------------

    def _still(self, run: Run) -> dict[str, Any]:
        slider = self.controls["alpha"].slider
        return {
            "problem": self.problem,
            "metric": self.controls["metric"].value,
            "map": self.controls["map"].value,
            "epochs": self.controls["epochs"].value,
            "alphas": (10**slider.min, 10**slider.max),
            "target": self.target,
            "edge": self.edge,
            "own": self._own(run),
        }

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> SweepPanels:
        up, across = self._sides()
        self._cell, self.pointed.text = None, POINT_AT
        wanted = {name: value for name, value in still.items() if name != "map"}
        view = SweepPanels(figure, **wanted, up=up, across=across)
        self.figure.on_pointer(view.axes["map"], self._point_at, hover=True)
        return view

    def _draw(self, run: Run) -> None:
        values, map_ = self._values(), self.view.map
        here = {"across": values[map_.across.name], "up": values[map_.up.name]}
        self.view.draw(Shown(self.sweep, **here, constant=self._constant.value, value=self._here.value, run=run))
        self._tell_cell()

    def _point_at(self, event: PointerEvent) -> None:
        """The mouse reads a cell; a press or a drag loads it into the curves."""
        map_ = self.view.map
        cell = map_.cell_at(event.x, event.y)
        if cell is None:
            return
        moved, self._cell = cell != self._cell, cell
        if event.kind != "hover":  # of a quick click, the release may be all that arrives
            row, column = cell
            self.set(**{map_.up.name: float(map_.up.values[row]), "patience": int(map_.across.values[column])})
        elif moved:
            self._tell_cell()
            self.figure.push()

    def _tell_cell(self) -> None:
        """Say what the cell under the mouse came to, and mark it."""
        map_ = self.view.map
        map_.point_at(self._cell)
        if self._cell is not None:
            self.pointed.text = cell_in_words(self.sweep, map_.meter, map_.up, map_.across, self._cell)

    # Words ------------------------------------------------------------------------------------------------------

    def _tell(self) -> tuple[str, str]:
        found, map_, problem = self.sweep, self.view.map, self.problem
        sentence = what_it_shows(found, map_.up.name, map_.across.name, map_.up.name == "factor")
        table = sweep_table(found, map_.meter, self._constant, self._here, self._best(), sentence)
        alt = f"A map of {self.controls['map'].value} on {problem.name}, coloured by {found.metric}. {sentence}"
        beside_it = third_run(self.run, self._own(self.run))
        return f"{alt} {beside_it}".rstrip(), table + notes(self._why(), beside_it, *self._notes())

    def _best(self) -> Row | None:
        if self.sweep.best is None:
            return None
        row, column = self.sweep.best
        settings = {name: self.controls[name].value for name in ("alpha", "factor")}
        settings[self._sides()[0].name] = float(self.sweep.rows[row])
        settings["patience"] = int(self.sweep.columns[column])
        return Row(settings, self.sweep.values[row, column], False, self._best_loss)

    def _notes(self) -> Iterator[str]:
        seeds, problem, on_data = self.controls["seeds"].value, self.problem, self.problem.samples is not None
        if on_data:
            cells = " × ".join(str(len(side.values)) for side in self._sides())
            yield f"Every cell is a model trained on data, so the map has {cells} cells and follows a slider late."
        noisy = on_data or self.controls["noise"].value > 0
        inside = self.edge is not None and self.controls["alpha"].value < self.edge
        only_slower = self.sweep.worse.any() and not self.sweep.better.any()
        if not noisy and problem.convex and inside and only_slower and not self._why():  # a moment says it itself
            yield "Without noise, a rate inside the stability edge settles by itself, and a cut only slows it down."
        if noisy and seeds > 1:
            yield f"Each cell is the median over {seeds} {'orders of batches' if on_data else 'noises'}."
            yield "The curves are those of the first."
        elif noisy and not on_data:
            yield "All cells share one noise, and streaks are its luck: more seeds (More settings) let them fade."
        yield one_of_many(self.sweep)
        if self.target is None:
            yield "No minimum is known here, so no loss counts as arrived."

    def _above(self) -> list[widgets.Widget]:
        switches = widgets.HBox([self.controls["metric"], self.controls["map"]])
        switches.add_class("lrlab-switches")
        return [switches]

    def _under_the_picture(self) -> list[widgets.Widget]:
        return [self.pointed, *super()._under_the_picture()]

    def _made_first(self) -> list[widgets.Widget]:
        return [*super()._made_first(), self.pointed]

    def _parts(self) -> list[widgets.Widget]:
        parts = super()._parts()
        parts.insert(parts.index(self._message), self.controls["noise"])
        return parts


def _of_a_pair(problem: Problem, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in applying(problem, values).items() if name != "seeds"}
