"""A line of text under a picture, which screen readers say when it changes."""

from __future__ import annotations

import anywidget
import traitlets

from lrlab.live.script import script


class Spoken(anywidget.AnyWidget):
    """``text`` in a line that is there, and as high, whether it is empty or not: nothing below it moves.

    kind: what sort of text it is, for its looks: a class of that name, lrlab- before it. "" for plain text
    """

    _esm = script(__file__, "spoken.js")
    _css = script(__file__, "spoken.css")

    text = traitlets.Unicode("").tag(sync=True)
    kind = traitlets.Unicode("").tag(sync=True)
