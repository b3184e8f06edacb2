"""KerasSweepLab: a map of factor x patience on a real Keras model, as a long job whose cells appear as they come."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule, RuleError
from lrlab.keras_live.cells import Cell
from lrlab.keras_live.ready import READY, Ready, find
from lrlab.keras_live.sweep import NO_TENSORFLOW, KerasSweep
from lrlab.keras_live.worker import State
from lrlab.labs.keras_sweep_choices import PLACED, SHARED, checked_ends, grid_of, store_in, sweep_controls
from lrlab.labs.lab import Lab
from lrlab.labs.model_lab import own_name
from lrlab.labs.news import News
from lrlab.labs.rules import ThirdRun, check_rule
from lrlab.labs.scene import Scene
from lrlab.labs.sweep_choices import one_of
from lrlab.labs.sweep_job import CANCEL, PAUSE, SweepJob, in_words, told_of
from lrlab.live.figure import PointerEvent
from lrlab.studies.chain import beside
from lrlab.studies.sweep import EPOCHS, LOSS, METRICS, Sweep
from lrlab.views.curves import lowered, scale_of_training
from lrlab.views.keras_sweep import KerasSweepPanels, limits_of
from lrlab.views.readout import notes
from lrlab.views.sweep_panels import arrange
from lrlab.views.sweep_words import Row, cell_in_words, sweep_table, third_run, what_it_shows
from lrlab.widgets.progress import ProgressRow
from lrlab.widgets.spoken import Spoken

BREATH = 0.15  # seconds between two pictures
POINT_AT = "Point at a cell to read it; click to see its losses and rates."
ONE_TARGET = "The target is the constant run's best loss."
MANY_TARGETS = "The target is a loss that the constant runs of all seeds come to: the highest of their best losses."


class KerasSweepLab(ThirdRun, Lab):
    """A map of what factor and patience come to on a Keras model: a long job, spread over processes or a cluster.

    get_model, data, alpha, epochs, batch_size, min_delta, cooldown, min_lr: as for `KerasLab`, and ``data`` may be a
        function that returns them
    factors, patiences: from and to. points: how many of each, (factors, patiences), 2 to 200
    seeds: how many; each cell is the median over them
    metric: "final loss", "epochs to target" or "gain over constant"
    target: the validation loss that counts as arrived; the best one of the constant run if left out
    rule: for a third run, trained when all cells are, ``rule(epoch, rate, losses) -> rate``, your own or a name in
        ``lrlab.schedules.SCHEDULES``
    folder: where results are kept as they come, a file for each choice of settings; a new lab goes on from there

    Nothing is trained until "Start" is pressed, or ``start()`` called. Cells are trained by joblib: in as many
    processes as there are processors, or as ``joblib.parallel_config`` says: with ``backend="dask"``, on the machines
    of a cluster. In a script, ``wait()`` until it has ended.

    controls, figure, view: as in `DescentLab`. run: the pair of the chosen cell, for the first seed
    sweep: the `KerasSweep`, with all results. map: its `Sweep` in the picture
    pointed: the line about the cell under the mouse, a widget with ``text``

    Raises ImportError without TensorFlow, ValueError or TypeError for a bad argument. What the model itself raises is
    told in the lab.
    """

    sweep: KerasSweep
    map: Sweep
    _more = "More settings: batch size, min_delta and the rest"
    _made_with = ("model", "target")
    _placed = (*PLACED, "metric")

    def __init__(
        self,
        get_model: str | Callable[[float], Any] = "moons",
        data: Any = None,
        alpha: float | None = None,
        factors: tuple[float, float] = (0.1, 0.9),
        patiences: tuple[int, int] = (1, 19),
        *,
        points: tuple[int, int] = (5, 7),
        seeds: int = 1,
        metric: str = LOSS,
        epochs: int | None = None,
        batch_size: int | None = None,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        target: float | None = None,
        folder: str | os.PathLike[str] | None = None,
        rule: str | Rule | None = None,
    ) -> None:
        if find_spec("tensorflow") is None:
            raise ImportError(NO_TENSORFLOW.replace("KerasSweep", "KerasSweepLab"))
        self._get_model, self._data = get_model, data
        ready_made = isinstance(get_model, str)
        self._model = get_model if ready_made else own_name(get_model)
        ready = find(get_model) if ready_made else Ready(get_model, None, 0.01, (1e-4, 0.1), 100, "")
        alpha = ready.alpha if alpha is None else check_one("alpha", alpha)
        values = {
            "alpha": alpha,
            "seeds": seeds,
            "epochs": ready.epochs if epochs is None else epochs,
            "batch_size": ready.batch_size if batch_size is None else batch_size,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
        }
        for name, value in values.items():  # a bad argument raises here, before any widget is open
            check_one(name, value)
        shared = {name: values[name] for name in SHARED}
        KerasSweep(get_model, data, **shared, factors=[1.0], patiences=[1])
        check_rule(rule)
        ends = checked_ends("factor", factors), checked_ends("patience", patiences)
        points = [check_one("points", count) for count in points]
        one_of("metric", metric, METRICS)
        self._teaches, self._target = ready.teaches, None if target is None else check_one("target", target)
        self._folder = None if folder is None else Path(folder)
        self._at_first()
        alphas = ready.alphas if ready_made else (alpha / 100, alpha * 10)
        controls = sweep_controls(values, alphas, *ends, points, rule, metric)
        super().__init__(controls, partial(arrange, columns=4))
        self.add_class("lrlab-sweep")

    # For those who use the lab from code -------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, or go on: train the cells that are not done. Where a job is just being ended, as soon as it has."""
        with self.figure.lock, self._failures_told():
            if not self._fits:
                self._update()  # and say again why these settings cannot be used
            self._job.start(self.sweep, self._own_key)
            self._show_progress(self._worker.state)

    def pause(self) -> None:
        """Begin no more cells; those under way are finished."""
        self._end(PAUSE)

    def cancel(self) -> None:
        """Drop the cells under way (those on other machines are finished first). What is finished is kept."""
        self._end(CANCEL)

    def wait(self, seconds: float | None = None) -> bool:
        """Until the job has ended, or for so long. Returns whether it has. Raises RuntimeError for what went wrong."""
        ended = self._news.wait(seconds)
        if self._worker.error is not None:
            raise RuntimeError(told_of(self._worker.error)) from self._worker.error
        return ended

    def close(self) -> None:
        """Cancel, then close as every lab does; ``sweep`` and ``map`` stay readable."""
        if self.comm is not None:  # otherwise it is closed already, or was never opened
            self.sweep.cancel()
            self._worker.close()
        super().close()

    # What a Lab asks for -----------------------------------------------------------------------------------------

    def _at_first(self) -> None:
        """What the lab holds besides its controls, before anything is trained."""
        self._news = News(self._draw_news, breath=BREATH)
        self._worker = self._news.worker
        self._job = SweepJob(self._worker)
        self._heard: BaseException | None = None  # the last error, if it has been dealt with
        self._sweeps: dict[tuple[Any, ...], KerasSweep] = {}  # the latest for each choice of settings
        self._wanted: Any = None  # what ``sweep`` was made for
        self._fits = True  # whether that is what the controls say: a store may refuse them
        self._cell: tuple[int, int] | None = None  # chosen by hand
        self._under_mouse: tuple[int, int] | None = None
        self._progress = ProgressRow(self._hold, self.cancel)
        self.pointed = Spoken(text=POINT_AT)

    def _update(self) -> None:
        """Another choice of settings is another sweep, which takes over what fits."""
        values = {name: control.value for name, control in self.controls.items()}
        shared = {name: values[name] for name in SHARED}
        grid = grid_of(values)
        if (shared, grid) != self._wanted:
            self._fits = False
            self._new_sweep(shared, grid)
            self._wanted, self._fits = (shared, grid), True
        self._show_news()

    def _new_sweep(self, shared: dict[str, Any], grid: dict[str, Any]) -> None:
        # Files have the bare name, as they always had, so that those of older versions are found.
        name = self._model if self._model in READY else getattr(self._get_model, "__name__", "get_model")
        path = None if self._folder is None else store_in(self._folder, name, shared)
        sweep = KerasSweep(self._get_model, self._data, **shared, **grid, store=path)
        if self._wanted is not None:
            self._job.drop()
        key = tuple(shared.values())
        if key in self._sweeps:
            sweep.adopt(self._sweeps[key])
        self.sweep = self._sweeps[key] = sweep
        self._cell = self._under_mouse = None
        self.pointed.text = POINT_AT

    def _show_news(self) -> None:
        """Draw what is finished, and say how far it is."""
        state, self._done = self._worker.state, len(self.sweep.done)  # first: what is told of them is in the picture
        if state.error is not self._heard:
            self._heard = state.error
            self._leave_out(state.error, self._job.rule)
        self.map = self.sweep.map(self.controls["metric"].value, self.target)
        pair, own = self.sweep.pair(self._cell_of(self.cell)), self._job.own_runs.get(self._own_key)
        if own is not None:
            pair = replace(beside(pair, 0, pair[[1]], own), settings=pair.settings[[0, 1, 0]])
        self._show(pair)
        self._show_progress(state)

    @property
    def _shared(self) -> dict[str, Any]:
        """What all cells in the picture have in common; the controls may be at what a store refuses."""
        return self._wanted[0]

    # A third run ---------------------------------------------------------------------------------------------------

    @property
    def _own_key(self) -> Any:
        """What a third run depends on; its last part is None where there is to be none."""
        return (*(self._shared[name] for name in ("alpha", "epochs", "batch_size")), self._rule_in_force)

    # What is drawn and told ------------------------------------------------------------------------------------------

    @property
    def target(self) -> float | None:
        """The validation loss that counts as arrived: if none was given, one that every constant run comes to."""
        if self._target is not None:
            return self._target
        best = self.sweep.constant(lambda run: np.nanmin(run.monitored, axis=0, initial=np.inf))
        best = best[np.isfinite(best)]
        return float(best.max()) if len(best) else None

    @property
    def cell(self) -> tuple[int, int]:
        """Row and column of the cell whose curves are drawn: the one that was clicked, else the best so far."""
        return self._cell or self.map.best or (len(self.map.rows) // 2, len(self.map.columns) // 2)

    def _cell_of(self, cell: tuple[int, int]) -> Cell:
        return Cell(self.sweep.seeds[0], self.sweep.factors[cell[0]], self.sweep.patiences[cell[1]])

    def _still(self, run: Run) -> dict[str, Any]:
        start = self.sweep.constant(lambda run: run.watched[0])[0]
        scale = scale_of_training(start if np.isfinite(start) else 1.0)
        return {
            "metric": self.map.metric,
            "factors": tuple(self.sweep.factors),
            "patiences": tuple(self.sweep.patiences),
            "alpha": self._shared["alpha"],
            "epochs": self._shared["epochs"],
            "limits": limits_of(self.map, start),
            "scale": lowered(scale, self.sweep.table(lambda run: np.nanmin(run.watched, axis=0, initial=np.inf))),
            "target": self.target,
            "own": self._own(run),
        }

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> KerasSweepPanels:
        view = KerasSweepPanels(figure, **still)
        self.figure.on_pointer(view.axes["map"], self._point_at, hover=True)
        return view

    def _draw(self, run: Run) -> None:
        self.view.draw(self.map, self.cell, run)
        self._tell_cell()

    def _point_at(self, event: PointerEvent) -> None:
        """The mouse reads a cell; a press or a drag chooses the one whose curves are drawn."""
        cell = self.view.map.cell_at(event.x, event.y)
        if cell is None:
            return
        self._under_mouse = cell
        if event.kind != "hover":  # a quick click may arrive as its release alone
            self._cell = cell
            self._show_news()
        else:
            self._tell_cell()
            self.figure.push()

    def _tell_cell(self) -> None:
        """Say what the cell under the mouse came to, and mark it."""
        view = self.view.map
        view.point_at(self._under_mouse)
        if self._under_mouse is not None:
            known = not np.isnan(self.sweep.map(LOSS).values[self._under_mouse])  # what diverged is known
            words = cell_in_words(self.map, view.meter, view.up, view.across, self._under_mouse)
            self.pointed.text = words if known else words.split(":")[0] + ": not trained yet"

    def _tell(self) -> tuple[str, str]:
        found, (row, column) = self.map, self.cell
        alpha = self._shared["alpha"]
        constant = Row({"alpha": alpha}, found.constant[row], found.constant_diverged[row])
        here, best = (
            cell and Row({"alpha": alpha, "factor": found.rows[cell[0]], "patience": found.columns[cell[1]]},
                         found.values[cell], found.diverged[cell])
            for cell in ((row, column), found.best)
        )  # fmt: skip
        sentence = what_it_shows(found, "factor", "patience")
        if not self.sweep.done:
            sentence = (
                "Nothing has been trained yet. Each cell will be a training of its own, all from the same weights."
            )
        elif self.sweep.left:
            sentence = f"So far: {sentence}"
        table = sweep_table(found, self.view.map.meter, constant, here, best, sentence)
        alt = f"A map of factor × patience on the Keras model {self._model}, coloured by {found.metric}. {sentence}"
        seeds = len(self.sweep.seeds)
        several = f"Each cell is the median over {seeds} seeds; the curves are those of the first." if seeds > 1 else ""
        target = ""
        if found.metric == EPOCHS and self._target is None:
            target = ONE_TARGET if seeds == 1 else MANY_TARGETS
        beside_it = third_run(self.run, self._own(self.run))
        return f"{alt} {beside_it}".rstrip(), table + notes(
            beside_it, several, target, *self.sweep.notes, self._teaches
        )

    def _checked_settings(self, scene: Scene) -> dict[str, Any]:
        model = scene["settings"].get("model")
        if model not in READY and f"{model} (yours)" == self._model:  # as older versions wrote it
            scene = {**scene, "settings": scene["settings"] | {"model": self._model}}
        return super()._checked_settings(scene)

    def _above(self) -> list[widgets.Widget]:
        row = widgets.HBox([self.controls[name] for name in PLACED])
        row.add_class("lrlab-settings")
        switches = widgets.HBox([self.controls["metric"]])
        switches.add_class("lrlab-switches")
        return [row, self._progress, switches]

    def _under_the_picture(self) -> list[widgets.Widget]:
        return [self.pointed, *super()._under_the_picture()]

    def _close_parts(self) -> None:
        self._worker.close()
        super()._close_parts()

    def _made_first(self) -> list[widgets.Widget]:
        return [*super()._made_first(), self._progress, self.pointed]

    def _standing_errors(self) -> list[str]:
        error = self._worker.error
        told_elsewhere = error is None or isinstance(error, RuleError)
        return [*super()._standing_errors(), *([] if told_elsewhere else [told_of(error)])]

    # The job, and its buttons ------------------------------------------------------------------------------------

    def _hold(self) -> None:
        if self._worker.busy:
            self.pause()
        elif self._news.loop is not None:
            # What joblib was told in a cell holds in the thread of the cells, and this may be another.
            self._news.loop.call_soon_threadsafe(self.start)
        else:
            self.start()

    def _end(self, how: str) -> None:
        with self.figure.lock:
            self._job.end(how)
            self._show_progress(self._worker.state)

    def _draw_news(self) -> None:
        with self.figure.lock, self._failures_told("news"):
            if self._is_open:
                self._show_news()
                if self._job.go_on():
                    self._show_progress(self._worker.state)

    def _show_progress(self, state: State) -> None:
        done, goal, ending = self._done, len(self.sweep.cells), self._job.ending
        own_missing = self._job.misses(self._own_key)
        something_left = done < goal or own_missing or self.sweep.unwritten
        hold = "Pause" if state.busy else "Resume" if 0 < done < goal else "Start"
        holds = not ending if state.busy else bool(something_left)
        end = "Cancel", state.busy and ending != CANCEL
        self._progress.show(in_words(done, goal, ending, state, own_missing), done, goal, (hold, holds), end)
