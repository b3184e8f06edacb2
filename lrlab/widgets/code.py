"""Code: a program to read, with a button that copies it."""

from __future__ import annotations

import anywidget
import traitlets

from lrlab.live.script import script

COPYING = script(__file__, "copying.js")  # for every widget that has something to copy


class Code(anywidget.AnyWidget):
    """``value`` is the program's text."""

    _esm = COPYING + script(__file__, "code.js")

    value = traitlets.Unicode("").tag(sync=True)
