"""Code: a program to read, with a button that copies it."""

from __future__ import annotations

import anywidget
import traitlets

from lrlab.live.script import script


class Code(anywidget.AnyWidget):
    """``value`` is the program's text."""

    _esm = script(__file__, "code.js")

    value = traitlets.Unicode("").tag(sync=True)
