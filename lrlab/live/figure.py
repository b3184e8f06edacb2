"""LiveFigure: matplotlib owns the picture, the browser draws what moves.

    from matplotlib.figure import Figure
    from lrlab.live import LiveFigure

    figure = Figure(figsize=(6, 3))
    axes = figure.add_subplot()
    axes.set(xlim=(0, 10), ylim=(-1, 1))
    (wave,) = axes.plot([], [], animated=True)      # animated=True: this artist is live

    live = LiveFigure(figure)
    live                                            # shows it in a notebook
    wave.set_data(x, np.sin(x)); live.push()        # moves it, in a few milliseconds

What is not animated (axes, ticks, labels, contours) is drawn by matplotlib's Agg whenever ``redraw()`` is called, and
travels as one PNG. Animated artists travel at every ``push()``, as pixel coordinates that matplotlib's own transforms
gave, and the browser only strokes them. So log axes and any projection work, the same figure saves through
matplotlib, and a push costs about as much as a message.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lrlab.live import wire


class PointerEvent(NamedTuple):
    """Where the pointer is, in data coordinates. kind: "press", "drag" or "release"."""

    kind: str
    axes: Axes
    x: float
    y: float


class LiveFigure(anywidget.AnyWidget):
    """An ordinary matplotlib Figure as a widget; artists with ``animated=True`` are live.

    figure: made with ``matplotlib.figure.Figure``, not through pyplot (which would keep it alive for ever)
    alt: what a screen reader says of the picture
    arrange: called as ``arrange(figure, width)`` when the cell gives the figure another width, in CSS pixels; it sets
        size, dpi and positions as it likes. Left out, the figure keeps its proportions.

    One matplotlib pixel is one CSS pixel at the figure's own dpi; the browser's pixel density is added on top.
    Live artists may be lines and images; they are painted above everything that is not live, in order of zorder.
    As in matplotlib, NaN is a gap. A point at infinity is drawn as a line that leaves the axes (where matplotlib
    leaves a gap); huge values never wrap around.
    """

    # Text, not paths: anywidget watches paths, and would hold every LiveFigure until the kernel ends.
    _esm = Path(__file__).with_name("figure.js").read_text(encoding="utf-8")
    _css = Path(__file__).with_name("figure.css").read_text(encoding="utf-8")

    alt = traitlets.Unicode("").tag(sync=True)
    _base = traitlets.Bytes(b"").tag(sync=True)
    _size = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0)).tag(sync=True)
    _artists = traitlets.List().tag(sync=True)
    _points = traitlets.Bytes(b"").tag(sync=True)
    _pixels = traitlets.Bytes(b"").tag(sync=True)
    _shown = traitlets.Int(None, allow_none=True).tag(sync=True)
    _grips = traitlets.List().tag(sync=True)
    # What the browser reports; echoing it back would only cost a message.
    _pointer = traitlets.Dict().tag(sync=True, echo_update=False)
    _room = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(
        self, figure: Figure, *, alt: str = "", arrange: Callable[[Figure, float], None] | None = None
    ) -> None:
        if not isinstance(figure, Figure):
            raise TypeError(f"figure must be a matplotlib Figure, got {figure!r}. Try Figure(figsize=(6, 4)).")
        super().__init__(alt=alt)
        self.figure: Figure | None = figure
        self._arrange = arrange or _keep_proportions
        self._ratio = 2.0  # pixels per CSS pixel, until a browser says otherwise
        self._callbacks: list[tuple[Axes, Callable[[PointerEvent], None]]] = []
        self.redraw()

    def redraw(self) -> None:
        """Draw everything anew: call it after changing what is not live (limits, titles, contours, sizes)."""
        # Whoever listened to axes that have since been removed no longer can.
        self._callbacks = [(axes, callback) for axes, callback in self._callbacks if axes in self.figure.axes]
        with self.hold_sync():
            self._base = self._static_png()
            self._size = (self.figure.bbox.width, self.figure.bbox.height)
            self._grips = [wire.css_box(self.figure, axes.bbox) for axes, _ in self._callbacks]
            self.push()

    def push(self) -> None:
        """Send the live artists as they are now.

        Raises TypeError for an animated artist that is neither a line nor an image, ValueError for a style that a
        live line cannot have.
        """
        artists, points, pixels = wire.pack(self.figure)
        with self.hold_sync():
            self._artists, self._points, self._pixels = artists, points, pixels

    def reveal(self, points: int | None) -> None:
        """Draw only the first ``points`` points of each live line (None: all). Costs one small message.

        Raises ValueError below 1.
        """
        if points is not None and points < 1:
            raise ValueError(f"points must be 1 or more, or None for all, got {points}.")
        self._shown = points

    def on_pointer(self, axes: Axes, callback: Callable[[PointerEvent], None]) -> None:
        """Call ``callback`` with a PointerEvent for each press, drag and release that began inside ``axes``.

        When the kernel is slower than the hand, events in between are merged; the last one always arrives.
        """
        self._callbacks.append((axes, callback))
        self._grips = [*self._grips, wire.css_box(self.figure, axes.bbox)]

    def savefig(self, target: Any, **options: Any) -> None:
        """Save through matplotlib, live artists included: as ``Figure.savefig`` (PNG, SVG, PDF, ...)."""
        self.figure.savefig(target, **options)

    def close(self) -> None:
        """Close the widget and let go of the figure, which is then free to be collected."""
        super().close()
        self.figure = None
        self._callbacks.clear()

    def _static_png(self) -> bytes:
        """Everything that is not live, at the browser's pixel density."""
        figure, dpi = self.figure, self.figure.dpi
        try:
            figure.dpi = dpi * self._ratio
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            picture = Image.fromarray(np.asarray(canvas.buffer_rgba()))
        finally:
            figure.dpi = dpi
        out = io.BytesIO()
        picture.save(out, "png", compress_level=1)
        return out.getvalue()

    @traitlets.observe("_room")
    def _make_room(self, change: Any) -> None:
        width, self._ratio = change.new["width"], min(max(change.new["ratio"], 1.0), 4.0)
        if self.figure is not None:
            self._arrange(self.figure, width)
            self.redraw()

    @traitlets.observe("_pointer")
    def _dispatch(self, change: Any) -> None:
        pointer = change.new
        if self.figure is None or not pointer:
            return
        axes, callback = self._callbacks[pointer["grip"]]
        height = self.figure.bbox.height
        x, y = axes.transData.inverted().transform((pointer["x"], height - pointer["y"]))
        callback(PointerEvent(pointer["kind"], axes, float(x), float(y)))

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle and self.figure is not None:
            bundle[0].update(self.still())
        return bundle

    def still(self) -> dict[str, bytes]:
        """The picture as it is, as ``{"image/png": ...}``: for places that show a notebook without a kernel."""
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=self.figure.dpi)
        return {"image/png": out.getvalue()}


def _keep_proportions(figure: Figure, width: float) -> None:
    old_width, old_height = figure.get_size_inches()
    new_width = width / figure.dpi
    figure.set_size_inches(new_width, old_height * new_width / old_width)
