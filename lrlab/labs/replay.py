"""ReplayLab: sliders for the rule, over losses that the user has already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from lrlab.core.arrays import Array
from lrlab.core.plateau import check_losses
from lrlab.core.replay import replay_run
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.labs.lab import Lab
from lrlab.views.curves import scale_of_losses
from lrlab.views.readout import notes, replay_table
from lrlab.views.replay import ReplayView, arrange
from lrlab.widgets.controls import parameters

CANNOT_KNOW = (
    "These losses were recorded at the rates that you trained with. From its first cut on, the callback would have "
    "changed them, for better or worse, and no replay can know how."
)


def replay(
    history: Any,
    alpha: float | None = None,
    factor: float = 0.5,
    patience: int = 5,
    *,
    min_delta: float = 1e-4,
    cooldown: int = 0,
    min_lr: float = 0.0,
) -> ReplayLab:
    """What ``ReduceLROnPlateau`` would have done, and when, on a history of losses, with sliders for its arguments.

    history: what ``model.fit`` returns, or its ``history`` dict (the validation loss is taken, or else the loss), or a
        list of losses, one for each epoch
    alpha: the learning rate at the start; that of the history if it has one, else 0.01
    factor, patience, min_delta, cooldown, min_lr: as in Keras

    Raises TypeError or ValueError for a bad argument.
    """
    return ReplayLab(
        recorded(history), alpha=alpha, factor=factor, patience=patience, min_delta=min_delta, cooldown=cooldown,
        min_lr=min_lr,
    )  # fmt: skip


class Recorded(NamedTuple):
    """Losses, (epochs,), what they are, and the learning rate of the first epoch if it was recorded."""

    losses: Array
    words: str
    alpha: float | None


def recorded(history: Any) -> Recorded:
    """What there is in ``history``, see `replay`."""
    table = getattr(history, "history", history)
    if not isinstance(table, Mapping):
        return Recorded(check_losses(table), "losses", None)
    name = next((name for name in ("val_loss", "loss") if name in table), None)
    if name is None:
        raise ValueError(
            f"history must have a val_loss or a loss, and it has {', '.join(map(str, table)) or 'nothing'}."
        )
    rates = next((table[key] for key in ("learning_rate", "lr") if len(table.get(key, ()))), None)
    words = "your validation loss" if name == "val_loss" else "your training loss"
    return Recorded(check_losses(table[name]), words, None if rates is None else float(rates[0]))


class ReplayLab(Lab):
    """Recorded losses with the cuts that the rule would have made, and its learning rates. Made by `lrlab.replay`.

    recorded: the losses. alpha, rule: as in `lrlab.replay`
    controls: alpha, factor, patience, min_delta, cooldown, min_lr. run: the replay as a `Run` (without weights)
    """

    _plays = True
    _opens_rule_of = 0

    def __init__(self, recorded: Recorded, alpha: float | None, **rule: Any) -> None:
        self.recorded = recorded
        first = alpha if alpha is not None else recorded.alpha or 0.01
        values = {"alpha": first, **rule}
        replay_run(recorded.losses, Settings(**values))  # a bad argument raises here, before any widget is open
        super().__init__(parameters(values, (first / 100, first * 100)), arrange)

    def _train(self) -> Run:
        rule = {name: control.value for name, control in self.controls.items()}
        return replay_run(self.recorded.losses, Settings(**rule))

    def _still(self, run: Run) -> dict[str, Any]:
        slider = self.controls["alpha"].slider
        return {"alphas": (10**slider.min, 10**slider.max), "epochs": run.epochs}

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> ReplayView:
        return ReplayView(figure, scale=scale_of_losses(self.recorded.losses, self.recorded.words), **still)

    def _tell(self) -> tuple[str, str]:
        table, sentence = replay_table(self.run)
        known = CANNOT_KNOW if np.any(self.run.cuts) else ""
        return f"A replay of the plateau rule on recorded losses. {sentence}", table + notes(known)
