"""LiveFigure: matplotlib owns the picture, the browser draws what moves. A small library of its own.

    from matplotlib.figure import Figure
    from lrlab.live import LiveFigure

    figure = Figure(figsize=(6, 3))
    axes = figure.add_subplot()
    axes.set(xlim=(0, 10), ylim=(-1, 1))
    (wave,) = axes.plot([], [], animated=True)      # animated=True: this artist is live

    live = LiveFigure(figure, alt="A wave")
    live                                            # shows it in a notebook
    wave.set_data(x, np.sin(x)); live.push()        # moves it, in a few milliseconds

What is not animated (axes, ticks, labels, contours) is drawn by matplotlib's Agg whenever ``redraw()`` is called, and
travels as one PNG. Animated artists travel at every ``push()``, as pixel coordinates that matplotlib's own transforms
gave, and the browser strokes them on a canvas, rounding to whole pixels where Agg does. So any scale and projection
works, the same figure saves through matplotlib, and the two look the same to within what two renderers make of an edge.

Live artists
    Lines (``Line2D``: plot, step, axhline, axline, ...) with every line style, gap colour, cap, join, marker and fill
    style, whole-numbered markevery, clipping to a box or a path, in any axes, also inset and polar ones. Stairs may be
    steps, steps-pre and steps-post. With ``markevery=[-1]`` the marker sits on the last point that is revealed. A line
    with ``gid="whole"`` is always seen whole.
    Images (``AxesImage``: imshow) with any extent, colours, alpha and interpolation, on any axes. If its pixels are to
    be seen as squares, the image travels as it is; otherwise as matplotlib scales it, with every pixel of the screen.

What differs from matplotlib, or is missing
    - Live artists are painted above everything that is not live, and among themselves by axes and zorder.
    - A point at infinity is a line that leaves the axes; matplotlib, and so ``savefig``, leaves a gap there. NaN is a
      gap in both. Values of any size leave in the right direction, and so does what is below zero on a log axis.
    - Any other artist with ``animated=True`` raises TypeError; steps-mid and a fractional markevery raise ValueError.
    - Of markers that follow one another on one spot, only the first is painted: see-through ones do not add up.
    - Path effects, sketching, URLs and ``antialiased=False`` of live lines are ignored; corners are joined by straight
      lines, also where matplotlib bends an ``axhline`` around polar axes.

What it costs
    A push: 8 bytes a point, 16 a point of stairs, twice that if one is a million pixels away, 4 bytes an image pixel,
    and the styles only if one changed; for nine lines of 300 points one to two milliseconds in the kernel and about
    three in the browser. A redraw: what matplotlib takes for the figure, 50 to 100 ms. ``reveal`` costs the kernel
    nothing, a window that is resized one redraw when it has come to rest.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import anywidget
import matplotlib
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lrlab.live import wire
from lrlab.live.drawing import DRAWING
from lrlab.live.film import draw_still, revealed
from lrlab.live.script import script


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, for one thread at a time."""

    @wraps(method)
    def alone(self: LiveFigure, *arguments: Any, **options: Any) -> Any:
        with self.lock:
            return method(self, *arguments, **options)

    return alone


class PointerEvent(NamedTuple):
    """Where the pointer is, in data coordinates. kind: "press", "drag", "release" or "hover"."""

    kind: str
    axes: Axes
    x: float
    y: float


class _Listener(NamedTuple):
    axes: Axes
    callback: Callable[[PointerEvent], None]
    hover: bool


class LiveFigure(anywidget.AnyWidget):
    """An ordinary matplotlib Figure as a widget; artists with ``animated=True`` are live.

    figure: made with ``matplotlib.figure.Figure``, not through pyplot (which would keep it alive for ever)
    alt: what a screen reader says of the picture
    arrange: called as ``arrange(figure, width)`` when the cell gives the figure another width, in CSS pixels; it sets
        size, dpi and positions as it likes. Left out, the figure keeps its proportions.

    One matplotlib pixel is one CSS pixel at the figure's own dpi; the browser's pixel density is added on top.
    What may be live, and what it costs, is told at the top of this module.

    lock: of whoever changes the figure in a widget's handler, since those may be called in several threads; one for
        all figures
    drawn_for: set to a width, it has the figure drawn as in a cell that is at most so many CSS pixels wide, and
        magnified: for a screen that is seen from afar. None: as wide as its cell

    Raises TypeError for what is no Figure, and for an animated artist that cannot be live, ValueError for a style that
    a live one cannot have.
    """

    _esm = script(__file__, "theme.js", "news.js", "density.js", "figure.js")
    _css = script(__file__, "figure.css")

    alt = traitlets.Unicode("").tag(sync=True)
    _base = traitlets.Bytes(b"").tag(sync=True)
    _size = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0)).tag(sync=True)
    _artists = traitlets.List().tag(sync=True)
    _points = traitlets.Bytes(b"").tag(sync=True)
    _pixels = traitlets.Bytes(b"").tag(sync=True)
    # The browser may play with these by itself: what it has told must not come back late. _faint: whether points that
    # are not revealed are seen faintly.
    _shown = traitlets.Int(None, allow_none=True).tag(sync=True, echo_update=False)
    _faint = traitlets.Bool(False).tag(sync=True, echo_update=False)
    _grips = traitlets.List().tag(sync=True)
    # What the browser reports; echoing it back would only cost a message.
    _pointer = traitlets.Dict().tag(sync=True, echo_update=False)
    _room = traitlets.Dict().tag(sync=True, echo_update=False)

    drawn_for = traitlets.Float(None, allow_none=True, min=100.0)

    def __init__(
        self, figure: Figure, *, alt: str = "", arrange: Callable[[Figure, float], None] | None = None
    ) -> None:
        self.lock = DRAWING
        if not isinstance(figure, Figure):
            raise TypeError(f"figure must be a matplotlib Figure, got {figure!r}. Try Figure(figsize=(6, 4)).")
        super().__init__(alt=alt)
        self.figure: Figure | None = figure
        self._arrange = arrange or _keep_proportions
        self._width = float(figure.bbox.width)  # of the cell, and the next: until a browser says otherwise
        self._ratio = 1.0  # pixels per CSS pixel: a browser that has more says so, and gets a picture of its width
        self._zoomed = 1.0  # what is in the figure's dpi by now
        self._listeners: list[_Listener] = []
        FigureCanvasAgg(figure)  # what measures text for layouts
        try:
            self.redraw()
        except BaseException:
            self.close()
            raise

    @_alone
    def fit(self, width: float | None = None) -> None:
        """Arrange the figure for a cell that is ``width`` CSS pixels wide, by default as wide as the last one.

        Call ``redraw()`` afterwards.
        """
        if self.figure is None:
            return
        self._width = width or self._width
        narrow = min(self._width, self.drawn_for or self._width)
        self.figure.dpi /= self._zoomed
        self._arrange(self.figure, narrow)
        self._zoomed = self._width / narrow
        self.figure.dpi *= self._zoomed

    @_alone
    def redraw(self) -> None:
        """Draw everything anew: call it after changing what is not live (limits, titles, contours, sizes).

        Raises as `push` does.
        """
        if self.figure is None:
            return
        picture = self._draw_still()
        size = (picture.width / self._ratio, picture.height / self._ratio)
        # Whoever listened to axes that have since been removed no longer can.
        self._listeners = [listener for listener in self._listeners if self._has(listener.axes)]
        artists, points, pixels = wire.pack(self.figure, size[1], self._ratio)
        with self.hold_sync():
            self._base, self._size = _png(picture), size
            self._artists, self._points, self._pixels = artists, points, pixels
            self._grips = [self._grip(listener) for listener in self._listeners]

    @_alone
    def push(self) -> None:
        """Send the live artists as they are now.

        Raises TypeError for an animated artist that is neither a line nor an image, ValueError for a style that a
        live one cannot have; the browser then shows what it showed.
        """
        if self.figure is None:
            return
        artists, points, pixels = wire.pack(self.figure, self._size[1], self._ratio)
        with self.hold_sync():
            self._artists, self._points, self._pixels = artists, points, pixels

    def reveal(self, points: int | None) -> None:
        """Draw only the first ``points`` points of each live line (None: all). Costs one small message.

        Raises ValueError below 1.
        """
        if points is not None and points < 1:
            raise ValueError(f"points must be 1 or more, or None for all, got {points}.")
        self._shown = points

    @_alone
    def on_pointer(self, axes: Axes, callback: Callable[[PointerEvent], None], *, hover: bool = False) -> None:
        """Call ``callback`` with a PointerEvent for each press, drag and release that began inside ``axes``.

        hover: also when a mouse moves over ``axes`` with no button held.

        When the kernel is slower than the hand, events in between are merged; the last one always arrives.
        Raises ValueError for axes of another figure. Axes that are removed fall silent.
        """
        if self.figure is None:
            return
        if not self._has(axes):
            raise ValueError(f"axes must be in this figure, got {axes!r}.")
        self._listeners.append(_Listener(axes, callback, hover))
        self._grips = [*self._grips, self._grip(self._listeners[-1])]

    @_alone
    def savefig(self, target: Any, *, points: int | None = None, faint: bool = False, **options: Any) -> None:
        """Save through matplotlib, live artists included: as ``Figure.savefig`` (PNG, SVG, PDF, ...).

        points: how many of each live line are revealed; all if left out. faint: whether the others are seen faintly

        Raises ValueError once it is closed.
        """
        if self.figure is None:
            raise ValueError("This LiveFigure is closed, and has no figure left to save.")
        with revealed(self.figure, points, faint=faint):
            self.figure.savefig(target, **options)

    @_alone
    def still(self) -> dict[str, bytes]:
        """The picture as it is, as ``{"image/png": ...}``: for places that show a notebook without a kernel.

        It is saved with the notebook; GitHub and nbconvert show it. JupyterLab prefers the widget, and
        says "Error displaying widget: model not found" for a notebook that was reopened and has not been run again.
        """
        if self.figure is None:
            return {}
        out = io.BytesIO()
        with matplotlib.rc_context({"savefig.bbox": None}):  # otherwise a user's setting may change the size
            self.savefig(out, format="png", dpi=self.figure.dpi)
        return {"image/png": out.getvalue()}

    @_alone
    def close(self) -> None:
        """Close the widget and let go of the figure, which is then free to be collected.

        Later calls do nothing; only ``savefig`` raises ValueError.
        """
        super().close()
        self.layout.close()  # a widget of its own
        self.figure = None
        self._arrange = _keep_proportions
        self._listeners = []
        self._base = self._points = self._pixels = b""

    def _draw_still(self) -> Image.Image:
        """Everything that is not live, at the browser's pixel density."""
        figure, dpi = self.figure, self.figure.dpi
        try:
            figure.dpi = dpi * self._ratio
            # Agg cuts off broken pixels. Without the millionth, it would take 986.9999999 for a broken one.
            columns, rows = (int(length + 1e-6) for length in figure.bbox.size)
            renderer = draw_still(figure, (columns, rows))
        finally:
            figure.dpi = dpi
        return Image.fromarray(np.asarray(renderer.buffer_rgba()))

    def _grip(self, listener: _Listener) -> dict[str, Any]:
        return {"box": wire.css_box(listener.axes.bbox, self._size[1]), "hover": listener.hover}

    def _has(self, axes: Axes) -> bool:
        return any(axes is one or axes in one.child_axes for one in self.figure.axes)

    @traitlets.observe("_room")
    @_alone
    def _make_room(self, change: Any) -> None:
        if self.figure is not None:
            self._ratio = min(max(change.new["ratio"], 1.0), 4.0)
            self.fit(change.new["width"])
            self.redraw()

    @traitlets.observe("drawn_for")
    @_alone
    def _magnify(self, _change: Any) -> None:
        self.fit()
        self.redraw()

    @traitlets.observe("_pointer")
    @_alone
    def _dispatch(self, change: Any) -> None:
        pointer = change.new
        if self.figure is None or not 0 <= pointer.get("grip", -1) < len(self._listeners):
            return  # on its way while whoever it was for left
        axes, callback, _ = self._listeners[pointer["grip"]]
        if self._has(axes):
            place = (pointer["x"], self._size[1] - pointer["y"])
            x, y = axes.transData.inverted().transform(place)
            callback(PointerEvent(pointer["kind"], axes, float(x), float(y)))

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle:
            bundle[0].update({"text/plain": f"A picture for Jupyter. {self.alt}".strip(), **self.still()})
        return bundle


def _keep_proportions(figure: Figure, width: float) -> None:
    old_width, old_height = figure.get_size_inches()
    new_width = width / figure.dpi
    figure.set_size_inches(new_width, old_height * new_width / old_width)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "png", compress_level=1)
    return out.getvalue()
