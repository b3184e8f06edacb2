"""A line of text under a picture, which screen readers say when it changes."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets


class Spoken(anywidget.AnyWidget):
    """``text`` in a line that is there, and as high, whether it is empty or not: nothing below it moves."""

    _esm = Path(__file__).with_name("spoken.js").read_text(encoding="utf-8")
    _css = Path(__file__).with_name("spoken.css").read_text(encoding="utf-8")

    text = traitlets.Unicode("").tag(sync=True)
