"""From matplotlib artists to what travels: styles as small dicts, points as pixels.

Coordinates are CSS pixels from the figure's top left corner, widths too. Colours are CSS colours.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Bbox

Style = dict[str, Any]

# Far outside any screen, and near enough for the browser's 32-bit arithmetic.
FAR = 1e6

STEPS = {"default": "", "steps": "pre", "steps-pre": "pre", "steps-post": "post"}
CAPS = {"butt": "butt", "round": "round", "projecting": "square"}


def pack(figure: Figure) -> tuple[list[Style], bytes, bytes]:
    """Styles, points (float32) and pixels (RGBA) of the live artists of ``figure``, the lowest zorder first."""
    styles: list[Style] = []
    points: list[bytes] = []
    pixels: list[bytes] = []
    for artist in live_artists(figure):
        if isinstance(artist, Line2D):
            xy = pixel_points(artist)
            styles.append(line_style(artist, len(xy)))
            points.append(xy.tobytes())
        else:
            rgba = image_pixels(artist)
            styles.append(image_style(artist, rgba.shape))
            pixels.append(rgba.tobytes())
    return styles, b"".join(points), b"".join(pixels)


def live_artists(figure: Figure) -> list[Artist]:
    """Visible artists with ``animated=True``, in the order in which they are painted."""
    everything = chain(figure.get_children(), *(axes.get_children() for axes in figure.axes if axes.get_visible()))
    live = [artist for artist in everything if artist.get_animated() and artist.get_visible()]
    for artist in live:
        if not isinstance(artist, (Line2D, AxesImage)):
            raise TypeError(f"A live artist must be a line or an image, got {artist!r}. Draw it without animated=True.")
    return sorted(live, key=lambda artist: artist.get_zorder())


def css_box(figure: Figure, box: Bbox) -> list[float]:
    """[left, top, width, height] of a box given in matplotlib's pixels."""
    return [box.x0, figure.bbox.height - box.y1, box.width, box.height]


def pixel_points(line: Line2D) -> np.ndarray:
    """The line's points in CSS pixels, float32 of shape (points, 2)."""
    height = line.get_figure(root=True).bbox.height
    with np.errstate(all="ignore"):
        xy = line.get_transform().transform(_finite(line.get_xydata()))
        return _within_reach(xy * (1, -1) + (0, height)).astype(np.float32)


def _finite(data: np.ndarray) -> np.ndarray:
    """Infinity as the largest number that no axis transform overflows on; NaN stays."""
    return np.clip(data, -1e300, 1e300)


def _within_reach(xy: np.ndarray) -> np.ndarray:
    """Points further out than FAR, pulled towards the origin: seen from the figure, they stay where they were."""
    distance = np.abs(xy).max(axis=1, keepdims=True)
    return np.where(distance > FAR, xy * (FAR / distance), xy)


def line_style(line: Line2D, points: int) -> Style:
    """How the browser is to draw a line of that many points."""
    step = line.get_drawstyle()
    if step not in STEPS:
        raise ValueError(f"A live line's drawstyle must be one of {', '.join(STEPS)}, got {step!r}.")
    px = line.get_figure(root=True).dpi / 72
    dashed = line.is_dashed()
    offset, dashes = line._dash_pattern  # in points, already scaled by the line's width; there is no public way to it
    return {
        "kind": "line",
        "points": points,
        "clip": _clip(line),
        "step": STEPS[step],
        "color": _css_colour(line.get_color(), line.get_alpha()),
        "width": 0 if line.get_linestyle() in ("None", "none", " ", "") else line.get_linewidth() * px,
        "dashes": [length * px for length in dashes] if dashed and dashes else [],
        "offset": offset * px,
        "cap": CAPS[line.get_dash_capstyle() if dashed else line.get_solid_capstyle()],
        "join": line.get_dash_joinstyle() if dashed else line.get_solid_joinstyle(),
        "marker": _marker(line, px),
        "every": _every(line.get_markevery(), points),
    }


def _clip(artist: Artist) -> list[float] | None:
    box = artist.get_clip_box()
    return css_box(artist.get_figure(root=True), box) if artist.get_clip_on() and box is not None else None


def _css_colour(colour: Any, alpha: float | None = None) -> str:
    r, g, b, a = to_rgba(colour, alpha)
    return f"rgba({r * 255:.0f},{g * 255:.0f},{b * 255:.0f},{a:.3g})"


def _marker(line: Line2D, px: float) -> Style | None:
    kind = line.get_marker()
    if kind in (None, "None", "none", " ", "") or line.get_markersize() == 0:
        return None
    marker = MarkerStyle(kind, line.get_fillstyle())
    size = 1.0 if kind == "," else line.get_markersize() * px
    alpha = line.get_alpha()
    face = line.get_markerfacecolor() if marker.is_filled() else "none"
    shapes = [{"d": _outline(marker, size, False), "fill": _css_colour(face, alpha)}]
    if marker.get_alt_path() is not None:
        shapes.append({"d": _outline(marker, size, True), "fill": _css_colour(line.get_markerfacecoloralt(), alpha)})
    return {
        "shapes": shapes,
        "edge": _css_colour(line.get_markeredgecolor(), alpha),
        "width": 0 if kind in (".", ",") else line.get_markeredgewidth() * px,
        "join": str(marker.get_joinstyle()),
        "cap": CAPS[str(marker.get_capstyle())],
    }


def _outline(marker: MarkerStyle, size: float, alternative: bool) -> str:
    path = marker.get_alt_path() if alternative else marker.get_path()
    transform = marker.get_alt_transform() if alternative else marker.get_transform()
    matrix = (transform + transform.__class__().scale(size, -size)).get_matrix()
    return _svg(path.vertices.tobytes(), None if path.codes is None else path.codes.tobytes(), matrix.tobytes())


@lru_cache(maxsize=256)
def _svg(vertices: bytes, codes: bytes | None, matrix: bytes) -> str:
    """A path as the text that SVG and the browser's Path2D read."""
    points = np.frombuffer(vertices).reshape(-1, 2)
    a = np.frombuffer(matrix).reshape(3, 3)
    path = Path(points @ a[:2, :2].T + a[:2, 2], None if codes is None else np.frombuffer(codes, np.uint8))
    letters = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
    words = []
    for where, code in path.iter_segments(curves=True, simplify=False):
        words.append(letters[code])
        if code != Path.CLOSEPOLY:
            words.extend(f"{number:.3f}" for number in where)
    return " ".join(words)


def _every(every: Any, points: int) -> list[int] | str | None:
    """Which points carry a marker: None for all, "last" for the last one shown, or their numbers."""
    if every is None:
        return None
    if np.ndim(every) == 1 and list(every) == [-1]:
        return "last"
    numbers = np.arange(points)
    if isinstance(every, (float, np.floating)) or (isinstance(every, tuple) and isinstance(every[1], float)):
        raise ValueError(f"A live line's markevery must be made of whole numbers, got {every!r}.")
    if isinstance(every, (int, np.integer)):
        every = slice(0, None, every)
    elif isinstance(every, tuple):
        every = slice(every[0], None, every[1])
    return numbers[every].tolist()


def image_pixels(image: AxesImage) -> np.ndarray:
    """The image's colours, (rows, columns, 4) of uint8, the top row first."""
    array = image.get_array()
    rgba = image.to_rgba(array, alpha=image.get_alpha(), bytes=True)
    return rgba[::-1] if image.origin == "lower" else rgba


def image_style(image: AxesImage, shape: tuple[int, ...]) -> Style:
    """How the browser is to place an image whose pixels have that shape."""
    left, right, bottom, top = image.get_extent()
    (x0, y0), (x1, y1) = image.get_transform().transform([(left, bottom), (right, top)])
    figure = image.get_figure(root=True)
    return {
        "kind": "image",
        "rows": shape[0],
        "columns": shape[1],
        "clip": _clip(image),
        "corner": [float(x0), float(figure.bbox.height - y1)],
        "size": [float(x1 - x0), float(y1 - y0)],
        "smooth": image.get_interpolation() not in ("nearest", "none"),
    }
