"""KerasLab: a real Keras model, trained twice at once and live, with a constant rate and with ReduceLROnPlateau."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab.core.rules import check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.data import Data, check_data
from lrlab.keras_live.errors import explain
from lrlab.keras_live.program import program
from lrlab.keras_live.ready import READY, Ready, find
from lrlab.keras_live.session import Seen, Session
from lrlab.keras_live.worker import State, Worker
from lrlab.labs.code import Code
from lrlab.labs.controls import parameters
from lrlab.labs.fields import move_log_slider
from lrlab.labs.lab import Lab
from lrlab.labs.menu import Menu
from lrlab.labs.progress import Progress, in_words
from lrlab.labs.rules import RuleMenu, ThirdRun
from lrlab.views.curves import Scale, lowered, scale_of_training
from lrlab.views.readout import Score, notes, so_far, summary, table
from lrlab.views.style import styles_with
from lrlab.views.training import Panels, TrainingView, arrange, panels_for

BREATH = 0.05  # seconds between two pictures, for whatever else the kernel has to do
NO_TENSORFLOW = (
    "KerasLab needs TensorFlow, which is not installed here. Run this in a cell, then restart the kernel: "
    '%pip install "lrlab[keras]"   (or, where lrlab is a checkout: %pip install tensorflow)'
)


class Histories(NamedTuple):
    """For each run what ``model.fit`` would return as ``history.history``: lists by name, one number an epoch.

    own: the third run's, where there is one
    """

    constant: dict[str, list[float]]
    plateau: dict[str, list[float]]
    own: dict[str, list[float]] | None = None


class KerasLab(ThirdRun, Lab):
    """Sliders for alpha, factor and patience over a Keras model that is trained twice at once, and anew at each move.

    get_model: your own function, alpha -> compiled `keras.Model` with one input and one output, whose optimizer has
        alpha as its learning rate, and which depends on alpha in nothing else: it is called once, then the rate is
        set; or the name of a ready-made one: "moons", "circles", "diabetes", "digits"
    data: ``((x, y), (x_val, y_val))``, arrays; left out for a ready-made model
    alpha: the learning rate at the start; 0.01 if left out, or what suits the ready-made model
    factor, patience, min_delta, cooldown, min_lr: the arguments of `keras.callbacks.ReduceLROnPlateau`
    epochs: how long to train. batch_size: rows a step. seed: initial weights, and the order of the rows
    rule: for a third run, ``rule(epoch, rate, losses) -> rate``, your own or a name in ``lrlab.schedules.SCHEDULES``

    Both runs start from the same weights and see the same batches; losses, rates and weights are those of
    ``model.fit``. Training goes on in a thread of its own. TensorFlow is imported there, and only then. A notebook
    shows how far it is; in a script, call ``wait()`` before you read ``run`` or ``history``.

    controls, figure, view: as in `DescentLab`. run: the `Run` in the picture, with as many epochs as it shows
    history: the same, as Keras would give it
    models: the two Keras models; None until they are built, and when the lab is closed

    Raises ImportError without TensorFlow, ValueError or TypeError for a bad argument. What the model itself raises is
    told in the lab.
    """

    _opens_rule_of = 1
    _more = "More settings: model, epochs, batch size and the rest"

    def __init__(
        self,
        get_model: str | Callable[[float], Any] = "moons",
        data: Any = None,
        alpha: float | None = None,
        factor: float = 0.5,
        patience: int = 5,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        seed: int = 0,
        rule: str | Rule | None = None,
    ) -> None:
        if find_spec("tensorflow") is None:
            raise ImportError(NO_TENSORFLOW)
        self._ready = dict(READY)
        self._data: dict[str, Data] = {}
        name = self._choose(get_model, data, alpha, epochs or 100, batch_size or 32)
        first = self._ready[name]
        values = {
            "alpha": first.alpha if alpha is None else alpha,
            "factor": factor,
            "patience": patience,
            "epochs": first.epochs if epochs is None else epochs,
            "batch_size": first.batch_size if batch_size is None else batch_size,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        for key, value in values.items():
            check_one(key, value)  # a bad argument raises here, before any widget is open
        fields = parameters(values, first.alphas)
        controls = {key: fields.pop(key) for key in ("alpha", "factor", "patience")}
        menu = Menu("model", _groups(self._ready), name, tooltip="What is trained, and on which data")
        rules = RuleMenu(rule)
        self._at_first(values["epochs"])
        super().__init__({**controls, "model": menu, "rule": rules, **fields}, arrange)

    # For those who use the lab from code -------------------------------------------------------------------------

    @property
    def history(self) -> Histories:
        """What ``fit`` would have returned for both runs, as far as the picture goes."""
        seen = self._seen
        return Histories(*(seen.history.logs(seen.epochs) if seen.history else ({}, {})))

    @property
    def models(self) -> tuple[Any, ...] | None:
        """The constant and the plateau model, maybe a third, as they are now: trained on while the lab is at work."""
        twins = self._session.twins if self._session else None
        return None if twins is None else tuple(twins.models)

    @property
    def code(self) -> str:
        """The plain Keras program for the present settings."""
        return self._code.value

    def wait(self, seconds: float | None = None) -> bool:
        """Until training has ended or is paused, or for so long. Returns whether it has ended.

        Raises RuntimeError if the model raised something.
        """
        end = None if seconds is None else time.monotonic() + seconds
        ended = False
        while not ended and not self._worker.paused and (end is None or time.monotonic() < end):
            ended = self._worker.wait(0.1 if end is None else min(0.1, max(end - time.monotonic(), 0)))
            self._draw_news()
        if self._worker.error is not None:
            raise RuntimeError(explain(self._worker.error)) from self._worker.error
        return ended

    def pause(self) -> None:
        """Hold training after the present epoch."""
        self._worker.pause()
        self._draw_news()

    def resume(self) -> None:
        """Let training go on."""
        self._worker.pause(False)
        self._draw_news()

    def stop(self) -> None:
        """End training after the present epoch; what has been trained stays in the picture."""
        self._halted = True
        self._worker.stop()

    def start_over(self) -> None:
        """Train again from the start."""
        self._plan = None
        self._refresh()

    def close(self) -> None:
        """Stop training, then close as every lab does; ``run`` and ``history`` stay readable."""
        if self.comm is not None:  # otherwise it is closed already, or was never opened
            self._worker.close()
            self._session = None  # Jupyter remembers closed labs; models and their compiled functions are large
        super().close()

    # What a Lab asks for -----------------------------------------------------------------------------------------

    def _at_first(self, epochs: int) -> None:
        """What the lab holds besides its controls, before anything is trained."""
        try:
            self._loop: Any = asyncio.get_running_loop()  # the kernel's: pictures are drawn there, never in a thread
        except RuntimeError:
            self._loop = None  # no notebook: `wait` draws
        self._worker = Worker(self._hear_news)
        self._session: Session | None = None
        self._panels = Panels({}, lambda outputs: None)
        self._plan: Any = None  # what the worker was last asked to train
        self._halted = False  # by hand
        self._going_on = False  # whether the present job goes on with the run in the picture
        self._seen = Seen("")
        self._scale: Scale | None = None
        self._drawing_soon, self._not_before = False, 0.0
        self.run = _nothing_yet()
        self._code = Code()
        more = max(10, epochs // 2)
        self._progress = Progress(self._hold, self._end, lambda: self._train_more(more), f"{more} more epochs")

    def _update(self) -> None:
        """Have the worker train with the controls' values, unless it does."""
        if self._session is None:
            self._new_session()
        values = {name: control.value for name, control in self.controls.items() if name not in ("model", "rule")}
        self._session.goal = values["epochs"]
        self._halted = False
        plan = {name: value for name, value in values.items() if name != "epochs"} | {"rule": self.rule}
        on_its_way = self._worker.busy and self._trained <= values["epochs"]
        if plan != self._plan or not on_its_way:
            afresh = self._plan is None
            self._going_on = plan == self._plan and self._trained <= values["epochs"]
            self._plan = plan
            self._worker.start(self._session.job(plan, afresh=afresh))
            self._not_before = 0.0  # what a hand has asked for is drawn at once
        self._code.value = program(self._chosen.get_model, self._chosen.get_data, self._chosen_data, values)
        if self._still(self.run) != self._drawn:
            self._show_news()
        else:  # the old picture stays until there is a new one
            self._show_progress(self._worker.state)

    def _show_news(self) -> None:
        """Draw what the worker has; the last picture stays until it has something."""
        self._state = self._worker.state
        news = self._state.latest
        if news is not None and news.history is not None:
            self._seen = news
        self._show(self._run_of(self._seen))
        self._show_progress(self._state)

    def _run_of(self, seen: Seen) -> Run:
        return _nothing_yet() if seen.history is None else seen.history.run(seen.epochs)

    def _still(self, run: Run) -> dict[str, Any]:
        start = run.watched[0, 0]
        if self._scale is None and np.isfinite(start):
            self._scale = scale_of_training(start)
        if self._scale is not None:
            self._scale = lowered(self._scale, run.watched)
        slider = self.controls["alpha"].slider
        return {
            "panels": self._panels,
            "scale": self._scale or scale_of_training(1.0),
            "epochs": self.controls["epochs"].value,
            "alphas": (10**slider.min / 50, 10**slider.max),  # room for a dozen cuts
            "own": self._own(run),
        }

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> TrainingView:
        return TrainingView(figure, **still)

    def _draw(self, run: Run) -> None:
        self.view.draw(run, self._seen.outputs)

    def _epochs_to_come(self, run: Run) -> int:
        return self.controls["epochs"].value

    def _tell(self) -> tuple[str, str]:
        what, at_work = self.controls["model"].value, self._state.busy
        trained = self.run.epochs > 0
        sentence = None if trained and not at_work else so_far(self.run) if trained else "Nothing has been trained yet."
        styles = styles_with(self._own(self.run))
        told = summary(self.run, None, styles=styles) if trained and not at_work else "Under way."
        alt = f"{('Two', 'Three')[len(styles) - 2]} training runs of the Keras model {what}. {told}"
        readout = table(self.run, None, self._score(), sentence=sentence, styles=styles)
        return alt, readout + notes(self._chosen.teaches)

    def _change_problem(self, _change: Any) -> None:
        """Another model brings its own data, alpha, epochs and batches; the rule stays."""
        with self._one_refresh():
            self._session = self._plan = self._scale = None
            self._seen, self.run = Seen(""), _nothing_yet()
            move_log_slider(self.controls["alpha"], *self._chosen.alphas, self._chosen.alpha)
            self.controls["epochs"].value = self._chosen.epochs
            self.controls["batch_size"].value = self._chosen.batch_size

    def _buttons(self) -> dict[str, Callable[[Any], None]]:
        return {"New weights": self._new_weights, **super()._buttons()}

    def _above(self) -> list[widgets.Widget]:
        return [self._progress]

    def _below(self) -> list[widgets.Widget]:
        panel = widgets.Accordion([self._code])
        panel.titles = ("Code: the same in plain Keras",)
        panel.add_class("lrlab-more")
        return [panel]

    def _close_parts(self) -> None:
        self._worker.close()
        super()._close_parts()

    def _standing_errors(self) -> list[str]:
        error = self._worker.error
        return [*super()._standing_errors(), *([explain(error)] if error else [])]

    # What is trained ---------------------------------------------------------------------------------------------

    def _choose(self, get_model: Any, data: Any, alpha: float | None, epochs: int, batch_size: int) -> str:
        """The name of what was asked for; a model of the user's own is put beside the ready-made ones."""
        if isinstance(get_model, str):
            find(get_model)
            if data is not None:
                raise ValueError(
                    f"The ready-made model {get_model!r} has its own data. Leave data out, or give a get_model."
                )
            return get_model
        if not callable(get_model):
            raise TypeError(
                "get_model must be a function, alpha -> compiled model, or the name of a ready-made one, "
                f"got {get_model!r}."
            )
        name = f"{getattr(get_model, '__name__', 'get_model').strip('<>')} (yours)"
        self._data[name] = check_data(data)
        first = 0.01 if alpha is None else check_one("alpha", alpha)
        self._ready = {name: Ready(get_model, None, first, (first / 100, first * 10), epochs, "", batch_size), **READY}
        return name

    @property
    def _chosen(self) -> Ready:
        return self._ready[self.controls["model"].value]

    @property
    def _chosen_data(self) -> Data:
        name = self.controls["model"].value
        if name not in self._data:
            self._data[name] = check_data(self._ready[name].get_data())
        return self._data[name]

    def _new_session(self) -> None:
        data = self._chosen_data
        self._panels = panels_for(*data)
        self._session = Session(self._chosen.get_model, data, self._panels.inputs())

    def _score(self) -> Score | None:
        """The first metric besides the loss, on the validation rows."""
        logs = [log for log in self.history if log is not None]
        name = next((name for name in logs[0] if name.startswith("val_") and name != "val_loss"), None)
        if name is None:
            return None
        return Score(name.removeprefix("val_").replace("_", " "), np.array([log[name][-1] for log in logs]))

    @property
    def _trained(self) -> int:
        twins = self._session.twins
        return 0 if twins is None else twins.history.epochs

    # News from the worker, and the buttons -----------------------------------------------------------------------

    def _hear_news(self) -> None:
        """In the worker's thread: have the kernel's loop draw."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended, and the kernel with it
                self._loop.call_soon_threadsafe(self._draw_soon)

    def _draw_soon(self) -> None:
        if not self._drawing_soon:
            self._drawing_soon = True
            self._loop.call_later(max(0.0, self._not_before - time.monotonic()), self._draw_news)

    def _draw_news(self) -> None:
        self._drawing_soon = False
        with self.figure.lock:
            if self.figure.figure is None:
                return  # closed meanwhile
            with self._failures_told():
                self._show_news()
                self._go_on()
        self._not_before = time.monotonic() + BREATH
        self._worker.want()

    def _go_on(self) -> None:
        """Train on if the goal was moved just when a job had reached the old one."""
        state = self._state
        if not (state.busy or state.error or self._halted) and self._trained < self._session.goal:
            self._worker.start(self._session.job(self._plan))

    def _show_progress(self, state: State) -> None:
        goal = self.controls["epochs"].value
        # Of this job: the picture may still be that of the one before.
        seen = state.latest or (self._seen if self._going_on else Seen(self._session.first_words))
        ready = self._session.twins is not None
        failed = state.error is not None
        if failed and not ready:
            words = "stopped by an error before the first epoch"
        elif ready or failed or not state.busy:
            runs = "both runs" if self.rule is None else "all three runs"
            told = {"busy": state.busy, "paused": state.paused, "failed": failed, "runs": runs}
            words = in_words(seen.epochs, goal, seen.seconds, **told)
        else:
            words = seen.doing
        self._progress.show(words, seen.epochs, goal, busy=state.busy, paused=state.paused, ready=ready)

    def _hold(self) -> None:
        self.resume() if self._worker.paused else self.pause()

    def _end(self) -> None:
        self.stop() if self._worker.busy else self.start_over()

    def _train_more(self, epochs: int) -> None:
        self.controls["epochs"].value += epochs

    def _new_weights(self, _button: Any) -> None:
        self.controls["seed"].value += 1


def _groups(ready: dict[str, Ready]) -> list[tuple[str, list[tuple[str, str]]]]:
    own = [name for name in ready if name not in READY]
    groups = [("Yours", [(name.removesuffix(" (yours)"), name) for name in own])] if own else []
    return [*groups, ("Ready-made", [(name, name) for name in READY])]


def _nothing_yet() -> Run:
    """A pair of which not even the start is known."""
    unknown, no_epochs = np.full((1, 2), np.nan), np.empty((0, 2))
    return Run(
        w=np.empty((1, 2, 0)),
        loss=unknown,
        watched=unknown,
        lr=no_epochs.astype(np.float32),
        final_lr=np.full(2, np.nan, np.float32),
        improved=no_epochs.astype(bool),
        settings=Settings.pair(1.0, 1.0, 1),
    )
