"""A matplotlib figure whose moving parts are drawn by the browser. Knows nothing of learning rates."""

from lrlab.live.figure import LiveFigure, PointerEvent

__all__ = ["LiveFigure", "PointerEvent"]
