"""KerasChainLab: one plateau run of a Keras model, or many constant-rate jobs? They are trained, and laid over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.keras_live.session import ChainSession, Seen
from lrlab.labs.model_lab import ModelLab
from lrlab.labs.moments import HasMoments
from lrlab.labs.numbers import named_chain
from lrlab.labs.rules import RuleMenu, TrainedThirdRun, check_rule
from lrlab.studies.chain import Chain, Job, beside, jobs
from lrlab.views.chain import ChainView, arrange
from lrlab.views.chain_words import jobs_table, lengths, moral, third, under_way, verdict
from lrlab.views.readout import notes
from lrlab.widgets.chain_switches import CARRY, SEPARATE, chain_switches, check_switches, switch_row
from lrlab.widgets.progress import in_words


class KerasChainLab(HasMoments, TrainedThirdRun, ModelLab):
    """A Keras model's run with ReduceLROnPlateau, cut into its stretches of constant rate, and these trained as jobs.

    get_model, data, alpha, factor, patience, min_delta, cooldown, min_lr, epochs, batch_size, seed: as in `KerasLab`
    separate: whether, after the run, its jobs are trained by themselves, without the callback and on the same batches,
        each from the weights that the one before it ended with (and what else belongs to the model: averages of batch
        normalisation, seeds of dropout). carry: whether the optimizer's state is handed on, too; otherwise each job
        has an optimizer as a newly compiled model has
    rule: for a third run, trained after the first, ``rule(epoch, rate, losses) -> rate``, your own or a name in
        ``lrlab.schedules.SCHEDULES``

    controls, figure, view, inspector: as in `KerasLab`; the switches are the controls "separate" and "carry"
    run: the plateau run, a `Run` of one run, as far as it is in the picture. jobs: what it is made of
    own: the third run
    chain: the jobs as they were trained by themselves, and how far off they are; None until they all are
    model: the Keras model; None until it is built, and when the lab is closed

    Raises what `KerasLab` raises.
    """

    _plays = True
    _opens_rule_of = 0
    _placed = (SEPARATE, CARRY)

    jobs: list[Job]

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
        separate: bool = False,
        carry: bool = True,
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
        check_switches(separate, carry)
        self.jobs = []

        def own_controls() -> dict[str, Any]:
            return {"rule": RuleMenu(rule), **chain_switches(separate, carry)}

        super().__init__(get_model, data, values, own_controls, arrange, runs=1)

    @property
    def chain(self) -> Chain | None:
        """The jobs as they were trained by themselves."""
        return self._seen.jobs.chain if self._seen.jobs else None

    @property
    def own(self) -> Run | None:
        """The third run, a `Run` of one run, as far as it is in the picture."""
        return self._seen.own

    @property
    def model(self) -> Any:
        """The Keras model, as it is now: trained on while the lab is at work."""
        return self._session.built.model if self._session and self._session.built else None

    def _new_session(self) -> ChainSession:
        return ChainSession(self._chosen.get_model, self._chosen_data)

    def _besides(self) -> dict[str, Any]:
        self.controls[CARRY].disabled = not self.controls[SEPARATE].value
        return {"rule": self._rule_in_force, **{name: self.controls[name].value for name in (SEPARATE, CARRY)}}

    def _share_done(self, seen: Seen) -> tuple[int, int]:
        done = [run.epochs for run in (seen.own, seen.jobs.run if seen.jobs else None) if run is not None]
        return seen.epochs + sum(done), self.controls["epochs"].value * len(self._parts_of_it())

    def _parts_of_it(self) -> list[str]:
        """What is trained, one after the other."""
        own = ["third run"] if self._rule_in_force is not None else []
        return ["run", *own, *(["jobs"] if self.controls[SEPARATE].value else [])]

    def _words(self, seen: Seen, told: dict[str, bool]) -> str:
        done, goal = self._share_done(seen)
        parts = self._parts_of_it()
        runs = {"run": "the run", "run third run": "both runs", "run jobs": "the run and its jobs"}
        words = in_words(done, goal, seen.seconds, runs=runs.get(" ".join(parts), "both runs and the jobs"), **told)
        return f"{words} ({', then '.join(parts)})" if len(parts) > 1 and (told["busy"] or done < goal) else words

    def _still(self, run: Run) -> dict[str, Any]:
        return {**super()._still(run), "own": self._own(run)}

    def _named_runs(self) -> dict[str, Run]:
        apart = self._seen.jobs.run if self._seen.jobs else None
        return named_chain(self.run, self.own, self._own(self.run), apart)

    def _own(self, run: Run) -> str:
        return self.controls["rule"].called if self._rule_in_force is not None else ""

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> ChainView:
        return ChainView(figure, **still)

    def _draw(self, run: Run) -> None:
        self.jobs = jobs(run, 0) if run.epochs else []
        own = (self.own,) if self._own(run) else ()
        self.view.draw(beside(run, 0, self._seen.jobs.run if self._seen.jobs else None, *own), self.jobs)

    def _inspect(self, run: Run) -> None:
        super()._inspect(run)
        self.view.mark(self.jobs, self.player.limit)

    def _tell(self) -> tuple[str, str]:
        run, carry = self.run, self.controls[CARRY].value
        if self._state.busy or not run.epochs:
            sentence = under_way(self.jobs, self._seen.jobs.run.epochs if self._seen.jobs else None)
        else:
            state = self._session.built.state if self._session and self._session.built else ""
            ends = {"final_loss": run.final_loss[0], "diverged": run.diverged[0]}
            sentence = verdict(self.chain, self.jobs, carry=carry, state=state, **ends)
        own = "" if self._state.busy or not run.epochs else third(self.own, self._own(run), run)
        model = self.controls["model"].value
        alt = f"A plateau run of the Keras model {model}, cut into jobs. {sentence} {own}".rstrip()
        follows = moral(self.chain, self.jobs, run.diverged[0])
        why = notes(self._why(), own, lengths(self.jobs, run.settings) if self.jobs else "", follows)
        ended = run.epochs >= self.controls["epochs"].value or not self._state.busy
        return alt, jobs_table(self.jobs, run.settings, sentence, ended) + why

    def _above(self) -> list[widgets.Widget]:
        return [switch_row(self.controls), *super()._above()]
