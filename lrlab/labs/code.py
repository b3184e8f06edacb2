"""Code: a program to read, with a button that copies it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets


class Code(anywidget.AnyWidget):
    """``value`` is the program's text."""

    _esm = Path(__file__).with_name("code.js").read_text(encoding="utf-8")

    value = traitlets.Unicode("").tag(sync=True)
