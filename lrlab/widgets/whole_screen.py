"""WholeScreen: a button that lets a lab fill the screen, its letters and lines large enough for those at the back."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from lrlab.live.figure import LiveFigure
from lrlab.live.script import script
from lrlab.views.layout import NARROW

# In CSS pixels: as large as letters get while panels still stand side by side, with some room to spare.
DRAWN_FOR = NARROW + 60.0


class WholeScreen(anywidget.AnyWidget):
    """A button. The lab that it stands in then shows its menu of moments, its three sliders, its picture and what is
    told of it, over the whole screen, and nothing else.

    lab: what the lab is called by a screen reader
    on: whether the lab fills the screen. In the browser a hand gets the whole screen, code the whole page
    held: the ids of the widgets that are about to be closed with it, of which the browser lets go
    figure: what is drawn larger meanwhile
    """

    _esm = script(__file__, "attached.js", "names.js", "keys.js", "let_go.js", "whole_screen.js")
    _css = script(__file__, "whole_screen.css")

    on = traitlets.Bool(False).tag(sync=True)
    lab = traitlets.Unicode("").tag(sync=True)
    held = traitlets.List().tag(sync=True)  # see let_go.js
    side_by_side = traitlets.Float(NARROW).tag(sync=True)  # pixels: in less, panels would stand on top of each other

    def __init__(self, figure: LiveFigure) -> None:
        self.figure = figure
        super().__init__()

    @traitlets.observe("on")
    def _magnify(self, _change: Any) -> None:
        self.figure.drawn_for = DRAWN_FOR if self.on else None
