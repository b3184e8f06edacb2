"""A button that does one thing."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets


def button(words: str, press: Callable[[], None], tooltip: str | None = None) -> widgets.Button:
    """A button with these words, and what it does when it is pressed."""
    made = widgets.Button(description=words, tooltip=tooltip)
    made.on_click(lambda _button: press())
    return made
