"""SolidSurface: a switch, and the contour of a problem with two weights seen in 3-D, in the contour's own place."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from lrlab.core.problem import Problem
from lrlab.core.run import Run
from lrlab.live.figure import LiveFigure, PointerEvent
from lrlab.live.solid import Solid, Stroke, Surface
from lrlab.views.solid import Relief, strokes
from lrlab.views.style import TEXT, RunStyle

HOW = "Drag it, or use the arrow keys, to turn it; Home turns it back."
AROUND = (4, 1.2, 2.7, 0.12)  # what axes have of numbers and names: left, right, below and above them, in letters


class SolidSurface(widgets.Box):
    """The figure of a lab, and over its contour, once it is switched on, the same surface in 3-D.

    It stands where the contour does, so that nothing moves, and losses and sliders stay in sight beside it. While it is
    off, or there are not two weights, nothing is worked out for it or sent.

    changed: called when a hand has switched it
    moved: called while the start is dragged over the surface, as a LiveFigure calls who listens to its pointer
    opened: the switch, which stands beside the player's controls. solid: the widget that draws
    """

    def __init__(self, figure: LiveFigure, changed: Callable[[], None]) -> None:
        self.opened = widgets.ToggleButton(
            description="3-D", tooltip="See the surface in 3-D, with the paths on it, in place of the contour"
        )
        self.moved: Callable[[PointerEvent], None] = lambda event: None
        self._axes: Axes | None = None  # the contour's
        self._seen = False
        self.solid = Solid(figure=figure, layout={"display": "none"})
        self._problem: Problem | None = None
        self._relief: Relief | None = None  # of that problem
        super().__init__([figure, self.solid])
        self.add_class("lrlab-picture")
        self.solid.on_pick(self._pick)
        self.opened.observe(lambda _change: changed(), "value")

    def show(self, problem: Problem, run: Run, styles: tuple[RunStyle, ...], axes: Axes) -> None:
        """Follow the lab: another problem, other runs, a switch that was turned. axes: the contour's."""
        self._axes, stands = axes, problem.dim == 2
        self.opened.layout.display = None if stands else "none"
        self._seen = stands and self.opened.value
        if self._seen:
            if problem is not self._problem:
                self._problem, self._relief = problem, Relief(problem)
                self.solid.stand(Surface(**self._relief.surface))
            self.solid.alt = f"The surface of {problem.name} in 3-D, with the paths of the runs on it. {HOW}"
            self.solid.lay(self._relief.places(run), [Stroke(**stroke) for stroke in strokes(styles)])
            self.stand_over(axes)
        self.solid.layout.display = None if self._seen else "none"

    def close(self) -> None:
        """Close the widget and let go of the figure's axes and of the problem."""
        super().close()
        self._axes = self._problem = self._relief = None

    def _pick(self, x: float, y: float) -> None:
        if self._relief is not None:
            self.moved(PointerEvent("drag", self._axes, *self._relief.weights(x, y)))

    def stand_over(self, axes: Axes) -> None:
        """Cover these axes with their numbers and names, in whatever size the figure is by now."""
        if not self._seen:
            return
        em = TEXT / 72 * axes.figure.dpi
        width, height = axes.figure.bbox.size
        left, right, below, above = (length * em for length in AROUND)
        box = Bbox(axes.get_position().transformed(axes.figure.transFigure))
        x0, x1 = max(box.x0 - left, 0), min(box.x1 + right, width)
        y0, y1 = max(box.y0 - below, 0), min(box.y1 + above, height)
        shares = {
            "left": x0 / width,
            "width": (x1 - x0) / width,
            "top": 1 - y1 / height,
            "height": (y1 - y0) / height,
        }
        for name, share in shares.items():
            setattr(self.solid.layout, name, f"{100 * share:.3f}%")
        self.solid.letters = em / (x1 - x0)
