"""DescentLab: one problem, two runs from the same start, a constant rate and the same rate cut on plateaus."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from lrlab.core import problems
from lrlab.core.descent import check_start, train
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.labs.fields import log_slider, move_log_slider, number, point
from lrlab.labs.lifetime import close_held, replace_in_cell
from lrlab.labs.problem_menu import ProblemMenu
from lrlab.live.figure import LiveFigure, PointerEvent
from lrlab.views.descent import DescentView, arrange
from lrlab.views.readout import readable, summary, table

STYLE = (Path(__file__).parent / "lab.css").read_text(encoding="utf-8")
TOOLTIPS = {
    "alpha": "The learning rate at the start: a step is alpha times the gradient",
    "factor": "A cut multiplies the rate by this",
    "patience": "After this many epochs without improvement the rate is cut",
    "epochs": "How long to train; on a surface an epoch is one step",
    "noise": "Standard deviation of what is added to each part of a gradient",
    "batch_size": "Training rows per step",
    "momentum": "The share of the last step that is kept in the next",
    "min_delta": "An improvement must be larger than this to count",
    "cooldown": "Epochs after a cut in which nothing is counted",
    "min_lr": "The rate is not cut below this",
    "seed": "Which noise, or which batches; the same for both runs",
}
NOTES = {"factor": "times the rate, at each cut", "patience": "epochs without progress"}
WIDTH = 1000.0  # CSS pixels, until the browser says how wide the cell is


class DescentLab(widgets.VBox):
    """Sliders for alpha, factor and patience over a live picture of two runs.

    problem: a name in ``lrlab.problems.CATALOGUE`` or a ``lrlab.Problem`` with two weights
    alpha: the learning rate at the start; in the middle of the problem's range if left out
    factor, patience, min_delta, cooldown, min_lr: as in Keras' ``ReduceLROnPlateau``; for the second run only
    epochs, noise, batch_size, momentum, seed, start: as in `lrlab.train`, for both runs
    target: the watched loss that counts as arrived; ``problem.target`` if left out

    controls: the parameters by name; each has a ``value`` that can be read and set
    run: the `Run` in the picture, a pair: run 0 constant, run 1 plateau
    view: the views, with their matplotlib artists. figure: the LiveFigure that shows them

    Raises ValueError or TypeError for a bad argument. What is typed into a control and breaks its rule is told in the
    lab, which keeps its last good value and goes on.
    """

    def __init__(
        self,
        problem: str | Problem = "ravine",
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int = 200,
        noise: float = 0.0,
        batch_size: int | None = None,
        momentum: float = 0.0,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        start: Any = None,
        target: float | None = None,
    ) -> None:
        found = _with_two_weights(problems.find(problem))
        values = {
            "alpha": _middle(found) if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": epochs,
            "noise": noise,
            "batch_size": _batch_size(found) if batch_size is None else batch_size,
            "momentum": momentum,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
            "start": found.start if start is None else start,
        }
        simulate(found, values)  # a bad argument raises here, before any widget is open
        self._target = None if target is None else check_one("target", target)
        self.controls = _controls(ProblemMenu(problem, found), values)
        self._first_values = {name: control.value for name, control in self.controls.items()}
        self._message = widgets.HTML()
        self._readout = widgets.HTML()
        self._drawn: Any = None  # what the still part of the picture was drawn for
        self._held = False
        self.run: Run
        self.view: DescentView | None
        self.figure = LiveFigure(Figure(figsize=(10, 4)), arrange=arrange)
        self._update()
        super().__init__(self._parts())
        self.add_class("lrlab-lab")
        self._message.add_class("lrlab-message")
        self._show_what_applies()
        self._listen()
        replace_in_cell(self)

    @property
    def problem(self) -> Problem:
        """What is being minimised."""
        return self.controls["problem"].problem

    def close(self) -> None:
        """Close the lab and every widget in it, and free the figure; ``run`` and the controls' values stay readable."""
        if self.comm is not None:  # otherwise it is closed already
            close_held(self)
            super().close()
            # Jupyter remembers every cell's output, closed labs too: they must not keep a picture alive each.
            self.view = self._drawn = None

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if bundle and self.figure.figure is not None:
            bundle.update(self.figure.still())
        return bundle

    @property
    def target(self) -> float | None:
        """The watched loss that counts as arrived."""
        return self.problem.target if self._target is None else self._target

    @property
    def edge(self) -> float | None:
        """The problem's stability edge at the chosen momentum."""
        return self.problem.stability_edge(self.controls["momentum"].value)

    # What happens when a control changes ------------------------------------------------------------------------

    def _listen(self) -> None:
        for name, control in self.controls.items():
            if name == "problem":
                control.observe(self._change_problem, "value")
            else:
                control.observe(self._refresh, "value")
                control.observe(self._tell_errors, "error")

    def _refresh(self, _change: Any = None) -> None:
        """`_update`, with whatever goes wrong told in the lab: a user's own problem may raise anything."""
        if self._held:
            return
        # JupyterLab delivers messages in the kernel's main thread and in others: one at a time, please.
        with self.figure.lock:
            try:
                self._update()
            except Exception as error:
                self._message.value = escape(f"{type(error).__name__}: {error}", quote=False)
            else:
                self._tell_errors()

    def _update(self) -> None:
        """Train and show: everything in the lab follows from the controls' values."""
        run = simulate(self.problem, {name: control.value for name, control in self.controls.items()})
        still = self._still()
        if still == self._drawn:
            self.view.draw(run)
            self.figure.push()
        else:
            self._draw_anew(still, run)
        self.run = run
        self.figure.alt = f"Two training runs on {self.problem.name}. {summary(run, self.target)}"
        self._readout.value = table(run, self.target)

    def _still(self) -> dict[str, Any]:
        """What the part of the picture that does not move depends on."""
        slider = self.controls["alpha"].slider
        return {
            "problem": self.problem,
            "epochs": self.controls["epochs"].value,
            "alphas": (10**slider.min, 10**slider.max),
            "target": self.target,
            "edge": self.edge,
        }

    def _draw_anew(self, still: dict[str, Any], run: Run) -> None:
        figure = self.figure.figure
        width = WIDTH if self._drawn is None else figure.bbox.width
        self.view = DescentView(figure, **still)
        self.view.draw(run)
        arrange(figure, width)
        self.figure.on_pointer(self.view.axes["surface"], self._move_start)
        self.figure.redraw()
        self._drawn = still
        self._note_edge()

    def _note_edge(self) -> None:
        self.controls["alpha"].note.value = "" if self.edge is None else f"stability edge {readable(self.edge)}"

    def _tell_errors(self, change: Any = None) -> None:
        """The error that has just come up, else one that still stands, else nothing."""
        news = change.new if change else ""
        standing = [control.error for name, control in self.controls.items() if name != "problem"]
        self._message.value = escape(news or next(filter(None, standing), ""), quote=False)

    def _move_start(self, event: PointerEvent) -> None:
        # A hand that leaves the surface drags the start along its border, never out of sight.
        self.controls["start"].value = tuple(
            round(min(max(place, low), high), _decimals(high - low))
            for place, (low, high) in zip((event.x, event.y), self.problem.view, strict=True)
        )

    def _change_problem(self, _change: Any) -> None:
        """Another problem brings its own start and range of alpha; the other settings stay."""
        with self._one_refresh():
            problem = self.problem
            move_log_slider(self.controls["alpha"], *problem.alpha_range, _middle(problem))
            self.controls["start"].value = problem.start
            self._show_what_applies()

    def _show_what_applies(self) -> None:
        """Noise is for surfaces, batches are for data."""
        on_data = self.problem.samples is not None
        self.controls["noise"].layout.display = "none" if on_data else None
        self.controls["batch_size"].layout.display = None if on_data else "none"

    def _new_noise(self, _button: Any) -> None:
        self.controls["seed"].value += 1

    def _reset(self, _button: Any) -> None:
        with self._one_refresh():
            for name in ("problem", *self.controls):  # the problem first, since it brings its own start and alpha
                self.controls[name].value = self._first_values[name]
                if name != "problem":
                    self.controls[name].tidy()

    @contextmanager
    def _one_refresh(self) -> Iterator[None]:
        """Several controls change, the lab trains and draws once."""
        with self.figure.lock:
            self._held = True
            try:
                yield
            finally:
                self._held = False
            self._refresh()

    # What it looks like -----------------------------------------------------------------------------------------

    def _parts(self) -> list[widgets.Widget]:
        always, folded = list(self.controls.values())[:3], list(self.controls.values())[3:]
        buttons = []
        for words, action in (("New noise", self._new_noise), ("Reset", self._reset)):
            button = widgets.Button(description=words)
            button.on_click(action)
            buttons.append(button)
        more = widgets.Accordion([widgets.HBox([*folded, *buttons], layout={"flex_flow": "row wrap"})])
        more.titles = ("More settings: problem, noise, momentum, start and the rest",)
        more.add_class("lrlab-more")
        style = widgets.HTML(f"<style>{STYLE}</style>", layout={"display": "none"})
        return [style, *always, self._message, self.figure, self._readout, more]


def simulate(problem: Problem, values: dict[str, Any]) -> Run:
    """Train the pair that the controls' values describe. Raises ValueError or TypeError where one breaks its rule."""
    rule = {name: values[name] for name in ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")}
    shared = {name: values[name] for name in ("epochs", "seed", "start", "momentum")}
    noise = "noise" if problem.samples is None else "batch_size"
    return train(problem, Settings.pair(**rule), **shared, **{noise: values[noise]})


def _controls(menu: ProblemMenu, values: dict[str, Any]) -> dict[str, Any]:
    """The controls by name, in the order in which they are shown."""
    sliders = {
        "alpha": log_slider(*menu.problem.alpha_range),
        "factor": widgets.FloatSlider(min=0.05, max=1, step=0.01, readout=False),
        "patience": widgets.IntSlider(min=0, max=50, readout=False),
    }
    fields = {
        name: number(name, values[name], slider=sliders.get(name), tooltip=tooltip, note=NOTES.get(name, ""))
        for name, tooltip in TOOLTIPS.items()
    }
    start = point(
        "start",
        values["start"],
        lambda value: tuple(check_start(menu.problem, value).ravel().tolist()),
        tooltip="Where both runs begin; a click in the surface sets it too",
    )
    first = {name: fields.pop(name) for name in sliders}
    return {**first, "problem": menu, **fields, "start": start}


def _with_two_weights(problem: Problem) -> Problem:
    if problem.dim != 2:
        raise ValueError(f"DescentLab draws problems with 2 weights, got {problem.name} with {problem.dim}.")
    return problem


def _middle(problem: Problem) -> float:
    """A rate in the middle of the problem's range, to two digits."""
    low, high = problem.alpha_range
    return float(f"{(low * high) ** 0.5:.2g}")


def _decimals(span: float) -> int:
    """How many decimals tell apart a few hundred places on an axis that is ``span`` long."""
    return max(0, 2 - math.floor(math.log10(span)))


def _batch_size(problem: Problem) -> int:
    return 32 if problem.samples is None else problem.samples.batch_size
