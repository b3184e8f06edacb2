"""KerasLab: a real Keras model, trained twice at once and live, with a constant rate and with ReduceLROnPlateau."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.keras_live.program import program
from lrlab.keras_live.session import Seen, Session
from lrlab.labs.model_lab import ModelLab
from lrlab.labs.moments import HasMoments
from lrlab.labs.rules import RuleMenu, TrainedThirdRun, check_rule
from lrlab.views.curves import lowered, raised
from lrlab.views.readout import Score, notes, so_far, summary, table
from lrlab.views.style import styles_with
from lrlab.views.training import Panels, TrainingView, arrange, panels_for
from lrlab.widgets.code import Code
from lrlab.widgets.progress import in_words


class Histories(NamedTuple):
    """For each run what ``model.fit`` would return as ``history.history``: lists by name, one number an epoch.

    own: the third run's, where there is one
    """

    constant: dict[str, list[float]]
    plateau: dict[str, list[float]]
    own: dict[str, list[float]] | None = None


class KerasLab(HasMoments, TrainedThirdRun, ModelLab):
    """Sliders for alpha, factor and patience over a Keras model that is trained twice at once, and anew at each move.

    get_model: your own function, alpha -> compiled `keras.Model` with one input and one output, whose optimizer has
        alpha as its learning rate, and which depends on alpha in nothing else: it is called once for each run, and
        again for another batch size or seed; otherwise the rate is set. Or the name of a ready-made one: "moons",
        "circles", "diabetes", "digits"
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

    _plays = True
    _opens_rule_of = 1

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
        values = {
            "alpha": alpha,
            "factor": factor,
            "patience": patience,
            "epochs": epochs,
            "batch_size": batch_size,
            "min_delta": min_delta,
            "cooldown": cooldown,
            "min_lr": min_lr,
            "seed": seed,
        }
        check_rule(rule)  # before any widget is open
        super().__init__(get_model, data, values, lambda: {"rule": RuleMenu(rule)}, arrange)

    # For those who use the lab from code -------------------------------------------------------------------------

    @property
    def history(self) -> Histories:
        """What ``fit`` would have returned for each run, as far as the picture goes; empty before the first epoch."""
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

    # What a ModelLab asks for ------------------------------------------------------------------------------------

    def _at_first(self, epochs: int) -> None:
        super()._at_first(epochs)
        self._panels = Panels({}, lambda outputs: None)
        self._code = Code()

    def _new_session(self) -> Session:
        data = self._chosen_data
        self._panels = panels_for(*data)
        return Session(self._chosen.get_model, data, self._panels.inputs())

    def _besides(self) -> dict[str, Any]:
        return {"rule": self._rule_in_force}

    def _words(self, seen: Seen, told: dict[str, bool]) -> str:
        runs = "both runs" if self._rule_in_force is None else "all three runs"
        return in_words(*self._share_done(seen), seen.seconds, runs=runs, **told)

    def _update(self) -> None:
        super()._update()
        self._code.value = program(self._chosen.get_model, self._chosen.get_data, self._chosen_data, self._values())

    def _still(self, run: Run) -> dict[str, Any]:
        if self._scale is not None:
            losses = np.vstack([run.watched, run.loss[1:]])  # the training loss is in the picture too
            self._scale = raised(lowered(self._scale, losses), losses)
        return {**super()._still(run), "panels": self._panels, "own": self._own(run)}

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> TrainingView:
        return TrainingView(figure, **still)

    def _draw(self, run: Run) -> None:
        self.view.draw(run, self._seen.outputs)

    def _follows(self) -> bool:
        return super()._follows() or bool(self.view.fits)

    def _draw_epoch(self, view: TrainingView, run: Run, epoch: int) -> None:
        # What the models put out is known of their present weights only.
        view.see_outcome(epoch >= run.epochs)

    def _tell(self) -> tuple[str, str]:
        what, at_work = self.controls["model"].value, self._state.busy
        trained = self.run.epochs > 0
        sentence = None if trained and not at_work else so_far(self.run) if trained else "Nothing has been trained yet."
        styles = styles_with(self._own(self.run))
        told = summary(self.run, None, styles=styles) if trained and not at_work else "Under way."
        alt = f"{('Two', 'Three')[len(styles) - 2]} training runs of the Keras model {what}. {told}"
        readout = table(self.run, None, self._score(), sentence=sentence, styles=styles)
        return alt, readout + notes(self._why(self._chosen.teaches))

    def _made_first(self) -> list[widgets.Widget]:
        return [*super()._made_first(), self._code]

    def _below(self) -> list[widgets.Widget]:
        panel = widgets.Accordion([self._code])
        panel.titles = ("Code: the same in plain Keras",)
        panel.add_class("lrlab-more")
        return [*super()._below(), panel]

    def _score(self) -> Score | None:
        """The first metric besides the loss, on the validation rows."""
        logs = [log for log in self.history if log is not None]
        name = next((name for name in logs[0] if name.startswith("val_") and name != "val_loss"), None)
        if name is None:
            return None
        return Score(name.removeprefix("val_").replace("_", " "), np.array([log[name][-1] for log in logs]))
