"""ModelLab: a Lab with a menu of Keras models. One is trained in a thread of its own, and the picture follows."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab.core.rules import BIG, MAX_EPOCHS, check_one
from lrlab.core.run import Run
from lrlab.core.schedules import RuleError
from lrlab.core.settings import Settings
from lrlab.keras_live.data import Data, check_data
from lrlab.keras_live.errors import explain
from lrlab.keras_live.ready import READY, Ready, find
from lrlab.keras_live.session import AnySession, Seen
from lrlab.keras_live.worker import State
from lrlab.labs.lab import Lab
from lrlab.labs.news import News
from lrlab.problems.data import from_scikit_learn
from lrlab.views.curves import Scale, lowered, scale_of_training
from lrlab.widgets.controls import parameters
from lrlab.widgets.fields import Field, move_log_slider
from lrlab.widgets.menu import Menu
from lrlab.widgets.progress import ProgressRow

NO_TENSORFLOW = (
    "{lab} needs TensorFlow, which is not installed here. Run this in a cell, then restart the kernel: "
    '%pip install "lrlab[keras]"   (or, where lrlab is a checkout: %pip install tensorflow)'
)


class ModelLab(Lab):
    """A Lab whose controls have a Keras model, epochs, a batch size and a seed, besides the plateau rule's.

    get_model, data: a model, as in `KerasLab`
    values: of the parameters by name; alpha, epochs and batch_size may be None: what suits the model
    others: makes controls that such a lab has besides. runs: how many there are. arrange: as in `Lab`

    A lab says what is its own in these methods, besides those of every Lab:
    _new_session: what trains the chosen model on its data
    _besides: what a job depends on besides the parameters
    _words: how far a job is, in words
    """

    _more = "More settings: model, epochs, batch size and the rest"
    _trains_at_once = False
    _trains_on = True  # whether a run that has come to its end can be given more epochs
    _session: AnySession | None

    def __init__(
        self,
        get_model: str | Callable[[float], Any],
        data: Any,
        values: dict[str, Any],
        others: Callable[[], dict[str, Any]],
        arrange: Callable[[Figure, float], None],
        runs: int = 2,
    ) -> None:
        if find_spec("tensorflow") is None:
            raise ImportError(NO_TENSORFLOW.format(lab=type(self).__name__))
        self._ready = dict(READY)
        self._data: dict[str, Data] = {}
        name = self._choose(get_model, data, values["alpha"], values["epochs"] or 100, values["batch_size"] or 32)
        first = self._ready[name]
        suits = {key: getattr(first, key) for key in ("alpha", "epochs", "batch_size") if values[key] is None}
        values = values | suits
        for key, value in values.items():
            check_one(key, value)  # a bad argument raises here, before any widget is open
        fields = parameters(values, first.alphas)
        controls = {key: fields.pop(key) for key in ("alpha", "factor", "patience")}
        menu = Menu("model", _groups(self._ready), name, tooltip="What is trained, and on which data")
        more = others()
        self._runs = runs
        self._at_first(values["epochs"])
        super().__init__({**controls, "model": menu, **more, **fields}, arrange)

    # For those who use the lab from code -------------------------------------------------------------------------

    def wait(self, seconds: float | None = None) -> bool:
        """Until training has ended or is paused, or for so long. Returns whether it has ended.

        Raises RuntimeError if the model raised something.
        """
        ended = self._news.wait(seconds, enough=lambda: self._worker.paused)
        if self._worker.error is not None:
            raise RuntimeError(explain(self._worker.error)) from self._worker.error
        return ended

    def pause(self) -> None:
        """Hold training after the present epoch."""
        self._worker.pause()
        self._news.draw()

    def resume(self) -> None:
        """Let training go on."""
        self._worker.pause(False)
        self._news.draw()

    def stop(self) -> None:
        """End training after the present epoch; what has been trained stays in the picture."""
        self._halted = True
        self._worker.stop()

    def start_over(self) -> None:
        """Train again from the start."""
        self._plan = None
        self._refresh()

    def close(self) -> None:
        """Stop training, then close as every lab does; what was trained stays readable."""
        if self.comm is None:  # it is closed already, or was never opened
            return
        with self.figure.lock:  # news may just be drawn in another thread
            self._worker.close()
            self._session = None  # Jupyter remembers closed labs; models and their compiled functions are large
            super().close()

    # What a lab of this kind says of its own ---------------------------------------------------------------------

    def _new_session(self) -> AnySession:
        raise NotImplementedError

    def _besides(self) -> dict[str, Any]:
        raise NotImplementedError

    def _words(self, seen: Seen, told: dict[str, bool]) -> str:
        raise NotImplementedError

    def _share_done(self, seen: Seen) -> tuple[int, int]:
        """How many epochs of a job are done, and of how many."""
        return seen.epochs, self.controls["epochs"].value

    # What a Lab asks for -----------------------------------------------------------------------------------------

    def _at_first(self, epochs: int) -> None:
        """What the lab holds besides its controls, before anything is trained."""
        self._news = News(self._draw_news)
        self._worker = self._news.worker
        self._session = None
        self._plan: Any = None  # what the worker was last asked to train
        self._halted = False  # by hand
        self._going_on = False  # whether the present job goes on with the run in the picture
        self._seen = Seen("")
        self._scale: Scale | None = None
        self.run = _nothing_yet(self._runs)
        more = max(10, epochs // 2)
        train_on = (lambda: self._train_more(more), f"{more} more epochs") if self._trains_on else ()
        self._progress = ProgressRow(self._hold, self._end, *train_on)

    def _values(self) -> dict[str, Any]:
        """Those of the parameters, by name."""
        return {name: control.value for name, control in self.controls.items() if isinstance(control, Field)}

    def _update(self) -> None:
        """Have the worker train with the controls' values, unless it does."""
        if self._session is None:
            self._session = self._new_session()
        values = self._values()
        self._session.goal = values["epochs"]
        self._halted = False
        plan = self._trained_with
        on_its_way = self._worker.busy and self._trained <= values["epochs"]
        if plan != self._plan or not on_its_way:
            afresh = self._plan is None
            self._going_on = plan == self._plan and self._trained <= values["epochs"]
            self._plan = plan
            self._worker.start(self._session.job(plan, afresh=afresh))
            self._news.hurry()
        if not self._is_drawn(self._still(self.run)):
            self._show_news()
        else:  # the old picture stays until there is a new one
            self._show_progress(self._worker.state)

    @property
    def _trained_with(self) -> Any:
        """What a run depends on. With other epochs it is the same run, longer or shorter."""
        return {name: value for name, value in self._values().items() if name != "epochs"} | self._besides()

    def _show_news(self) -> None:
        """Draw what the worker has; the last picture stays until it has something."""
        self._state = self._worker.state
        news = self._state.latest
        if news is not None and news.history is not None:
            self._seen, self._shown_with = news, self._plan
        self._show(self._run_of(self._seen))
        self._show_progress(self._state)

    def _run_of(self, seen: Seen) -> Run:
        return _nothing_yet(self._runs) if seen.history is None else seen.history.run(seen.epochs)

    def _still(self, run: Run) -> dict[str, Any]:
        start = run.watched[0, 0]
        if self._scale is None and np.isfinite(start):
            self._scale = scale_of_training(start)
        if self._scale is not None:
            self._scale = lowered(self._scale, run.watched)
        slider = self.controls["alpha"].slider
        return {
            "scale": self._scale or scale_of_training(1.0),
            "epochs": self.controls["epochs"].value,
            "alphas": (10**slider.min / 50, 10**slider.max),  # room for a dozen cuts
        }

    def _epochs_to_come(self, run: Run) -> int:
        return self.controls["epochs"].value

    def _brought_along(self) -> dict[str, Any]:
        """What the chosen model brings along, by the controls' names."""
        return {"epochs": self._chosen.epochs, "batch_size": self._chosen.batch_size}

    def _change_problem(self, _change: Any) -> None:
        """Another model brings its own data, alpha, epochs and batches; the rule stays."""
        with self._one_refresh():
            self._session = self._plan = self._scale = None
            self._seen, self.run = Seen(""), _nothing_yet(self._runs)
            move_log_slider(self.controls["alpha"], *self._chosen.alphas, self._chosen.alpha)
            self.controls["epochs"].value = self._chosen.epochs
            self.controls["batch_size"].value = self._chosen.batch_size

    def _buttons(self) -> dict[str, Callable[[], None]]:
        return {"New weights": self._new_weights, **super()._buttons()}

    def _above(self) -> list[widgets.Widget]:
        return [self._progress]

    def _close_parts(self) -> None:
        self._worker.close()
        super()._close_parts()

    def _made_first(self) -> list[widgets.Widget]:
        return [*super()._made_first(), self._progress]

    def _standing_errors(self) -> list[str]:
        error = self._worker.error
        told_elsewhere = error is None or isinstance(error, RuleError)
        return [*super()._standing_errors(), *([] if told_elsewhere else [explain(error)])]

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
        name = own_name(get_model)
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
            with from_scikit_learn():
                self._data[name] = check_data(self._ready[name].get_data())
        return self._data[name]

    @property
    def _trained(self) -> int:
        return self._session.epochs

    # News from the worker, and the buttons -----------------------------------------------------------------------

    def _draw_news(self) -> None:
        with self.figure.lock, self._failures_told("news"):
            if self._is_open:
                self._show_news()
                self._go_on()

    def _go_on(self) -> None:
        """Train on if the goal was moved just when a job had reached the old one."""
        state = self._state
        if not (state.busy or state.error or self._halted) and self._trained < self._session.goal:
            self._worker.start(self._session.job(self._plan))

    def _show_progress(self, state: State) -> None:
        # Of this job: the picture may still be that of the one before.
        seen = state.latest or (self._seen if self._going_on else Seen(self._session.first_words))
        ready = self._session.built is not None
        failed = state.error is not None
        if failed and not ready:
            words = "stopped by an error before the first epoch"
        elif ready or failed or not state.busy:
            words = self._words(seen, {"busy": state.busy, "paused": state.paused, "failed": failed})
        else:
            words = seen.doing or self._session.first_words  # built anew in the middle of a job: for another seed
        hold = "Resume" if state.paused else "Pause", state.busy and ready
        end = "Stop" if state.busy else "Start over", ready or not state.busy
        self._progress.show(words, *self._share_done(seen), hold, end, more=ready)

    def _hold(self) -> None:
        self.resume() if self._worker.paused else self.pause()

    def _end(self) -> None:
        self.stop() if self._worker.busy else self.start_over()

    def _train_more(self, epochs: int) -> None:
        self.controls["epochs"].value = min(self.controls["epochs"].value + epochs, MAX_EPOCHS)

    def _new_weights(self) -> None:
        self.controls["seed"].value = (self.controls["seed"].value + 1) % (BIG + 1)


def own_name(get_model: Callable[[float], Any]) -> str:
    """What a model of the user's own is called in menus and scenes: never as a ready-made one."""
    return f"{getattr(get_model, '__name__', 'get_model').strip('<>')} (yours)"


def _groups(ready: dict[str, Ready]) -> list[tuple[str, list[tuple[str, str]]]]:
    own = [name for name in ready if name not in READY]
    groups = [("Yours", [(name.removesuffix(" (yours)"), name) for name in own])] if own else []
    return [*groups, ("Ready-made", [(name, name) for name in READY])]


def _nothing_yet(runs: int) -> Run:
    """A record of so many runs of which not even the start is known."""
    unknown, no_epochs = np.full((1, runs), np.nan), np.empty((0, runs))
    return Run(
        w=np.empty((1, runs, 0)),
        loss=unknown,
        watched=unknown,
        lr=no_epochs.astype(np.float32),
        final_lr=np.full(runs, np.nan, np.float32),
        improved=no_epochs.astype(bool),
        settings=Settings(np.ones(runs), 1.0, 1),
    )
