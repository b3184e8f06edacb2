"""ProblemLab: a Lab with a menu of problems to minimise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lrlab.core.problem import Problem
from lrlab.core.rules import BIG
from lrlab.core.run import Run
from lrlab.labs.ahead import load_data_ahead
from lrlab.labs.first_values import batch_size_of, middle_rate
from lrlab.labs.lab import Lab
from lrlab.live.figure import PointerEvent
from lrlab.views.tables import readable
from lrlab.widgets.fields import move_log_slider


class ProblemLab(Lab):
    """A Lab whose controls have a problem, a seed, a momentum, a start and epochs, besides the plateau rule's."""

    _more = "More settings: problem, noise, momentum, start and the rest"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._show_what_applies()
        load_data_ahead()

    @property
    def problem(self) -> Problem:
        """What is being minimised."""
        return self.controls["problem"].problem

    def _brought_along(self) -> dict[str, Any]:
        """What the chosen problem brings along, by the controls' names."""
        problem = self.problem
        return {"epochs": problem.epochs, "start": tuple(problem.start), "batch_size": batch_size_of(problem)}

    def _first_alpha(self) -> float:
        return middle_rate(self.problem)

    def _show_what_applies(self) -> None:
        """Noise is for surfaces, batches are for data; nobody types a start of a hundred weights."""
        on_data = self.problem.samples is not None
        applies = {"noise": not on_data, "batch_size": on_data, "start": self.problem.dim <= 2}
        for name in applies.keys() & self.controls.keys():
            self.controls[name].layout.display = None if applies[name] else "none"

    def _buttons(self) -> dict[str, Callable[[], None]]:
        return {"New noise": self._new_noise, **super()._buttons()}

    def _show(self, run: Run) -> None:
        super()._show(run)
        self._note_edge()  # momentum moves the edge, and not every lab draws anew for that

    @property
    def edge(self) -> float | None:
        """The problem's stability edge at the chosen momentum."""
        return self.problem.stability_edge(self.controls["momentum"].value)

    def _note_edge(self) -> None:
        edge = self.edge
        # Some words in any case: on a phone the note has a line of its own, and what is below must not jump.
        self.controls["alpha"].note.value = f"stability edge {'not known' if edge is None else readable(edge)}"

    def _change_problem(self, _change: Any) -> None:
        """Another problem brings its own start, epochs, batches and range of alpha; the other settings stay."""
        with self._one_refresh():
            problem = self.problem
            move_log_slider(self.controls["alpha"], *problem.alpha_range, self._first_alpha())
            self.controls["epochs"].value = problem.epochs
            if "start" in self.controls:
                self.controls["start"].value = tuple(problem.start)
            if "batch_size" in self.controls and problem.samples:
                self.controls["batch_size"].value = problem.samples.batch_size
            self._show_what_applies()

    def _new_noise(self) -> None:
        self.controls["seed"].value = (self.controls["seed"].value + 1) % (BIG + 1)

    def _move_start(self, event: PointerEvent) -> None:
        # A hand that leaves the surface drags the start along its border, never out of sight.
        self.controls["start"].value = tuple(
            round(min(max(place, low), high), _decimals(high - low))
            for place, (low, high) in zip((event.x, event.y), self.problem.view, strict=False)  # a curve has an x only
        )


def _decimals(span: float) -> int:
    """How many decimals tell apart a few hundred places on an axis that is ``span`` long."""
    return max(0, 2 - math.floor(math.log10(span)))
