"""From matplotlib artists to what travels: styles as small dicts, points as pixels.

Coordinates are CSS pixels from the figure's top left corner, widths too. Colours are CSS colours.

What Line2D has no public way to is read from ``_dash_pattern``, ``_marker`` and ``_markeredgecolor``; the tests fail if
a matplotlib comes without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cbook import pts_to_poststep, pts_to_prestep
from matplotlib.colors import to_rgba
from matplotlib.figure import FigureBase
from matplotlib.image import AxesImage, NonUniformImage, PcolorImage
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, Transform

Style = dict[str, Any]

# Up to here, in pixels, single precision is good for a sixteenth of a pixel.
NEAR = 1e6
HUGE = 1e300

# The corners of stairs, two for each point but the last. matplotlib makes them, in data coordinates.
STAIRS = {"steps": pts_to_prestep, "steps-pre": pts_to_prestep, "steps-post": pts_to_poststep}
DRAWSTYLES = ("default", *STAIRS)
CAPS = {"butt": "butt", "round": "round", "projecting": "square"}
WHOLE = "whole"  # the gid of a line that is not revealed point by point
ALWAYS, NEVER = 0.0, 1e9  # sizes from which on a marker lies on whole pixels


def pack(figure: FigureBase, height: float, ratio: float) -> tuple[list[Style], bytes, bytes]:
    """Styles, points and pixels (RGBA) of the live artists, in the order in which they are painted.

    height: of the figure, in CSS pixels
    ratio: pixels of the screen per CSS pixel
    """
    artists = list(live_artists(figure))
    lines = [artist for artist in artists if isinstance(artist, Line2D)]
    styles, pixels = [], []
    for artist in artists:
        if isinstance(artist, Line2D):
            styles.append(line_style(artist, height))
        elif artist.get_array().size:
            style, rgba = image_parts(artist, height, ratio)
            styles.append(style)
            pixels.append(rgba.tobytes())
    return styles, pixel_points(lines, height).tobytes(), b"".join(pixels)


def live_artists(parent: Artist) -> Iterator[Artist]:
    """Visible artists with ``animated=True`` below ``parent``, in the order in which matplotlib paints them."""
    for child in sorted(parent.get_children(), key=Artist.get_zorder):
        if not child.get_visible():
            continue
        if child.get_animated():
            if not isinstance(child, (Line2D, AxesImage)) or isinstance(child, (NonUniformImage, PcolorImage)):
                raise TypeError(
                    f"A live artist must be a line or an image, got {child!r}. Draw it without animated=True."
                )
            yield child
        elif isinstance(child, (Axes, FigureBase)):
            yield from live_artists(child)


def css_box(box: Bbox, height: float) -> list[float]:
    """[left, top, width, height] of a box given in matplotlib's pixels."""
    return [float(box.x0), float(height - box.y1), float(box.width), float(box.height)]


# Lines -----------------------------------------------------------------------------------------------------------


def pixel_points(lines: Sequence[Line2D], height: float) -> np.ndarray:
    """The corners of the lines, one line after another, in CSS pixels: (corners, 2) of float32, if that is enough.

    Infinity becomes a number so large that it is as good, and that arithmetic bears; NaN stays.
    """
    parts = [np.empty((0, 2))]
    with np.errstate(all="ignore"):
        for transform, neighbours in groupby(lines, lambda line: line.get_transform()):  # mostly the lines of one axes
            corners = np.concatenate([_corners(line) for line in neighbours])
            parts.append(transform.transform(corners.clip(-HUGE, HUGE)))
        xy = np.concatenate(parts) * (1, -1) + (0, height)
        return xy.astype(np.float32) if np.fmax.reduce(np.abs(xy), None, initial=0) < NEAR else xy.clip(-HUGE, HUGE)


def _corners(line: Line2D) -> np.ndarray:
    """Its points, or the corners of its stairs, in data coordinates. (``get_path`` forgets stairs once it is drawn.)"""
    stairs = STAIRS.get(line.get_drawstyle())
    return line.get_xydata() if stairs is None else np.transpose(stairs(*line.get_xydata().T))


def line_style(line: Line2D, height: float) -> Style:
    """How the browser is to draw a line."""
    drawstyle = line.get_drawstyle()
    if drawstyle not in DRAWSTYLES:
        raise ValueError(f"A live line's drawstyle must be one of {', '.join(DRAWSTYLES)}, got {drawstyle!r}.")
    points = len(line.get_xydata())
    px = line.get_figure(root=True).dpi / 72
    width = 0 if line.get_linestyle() in ("None", "none", " ", "") else line.get_linewidth() * px
    dashed = width > 0 and line.is_dashed()
    offset, dashes = line._dash_pattern if dashed else (0, ())  # in points, already multiplied by the line's width
    gap = line.get_gapcolor() if dashed else None
    return {
        "kind": "line",
        "whole": line.get_gid() == WHOLE,
        "points": points,
        "corners": 2 if drawstyle in STAIRS else 1,  # from one point to the next
        **_clip(line, height),
        "color": _css_colour(line.get_color(), line.get_alpha()),
        "gap": None if gap is None else _css_colour(gap, line.get_alpha()),
        "width": width,
        "dashes": [length * px for length in dashes],
        "offset": offset * px,
        "cap": CAPS[line.get_dash_capstyle() if dashed else line.get_solid_capstyle()],
        "join": line.get_dash_joinstyle() if dashed else line.get_solid_joinstyle(),
        "snap": line.get_snap(),
        "marker": _marker(line, px),
        "every": _every(line.get_markevery(), points),
    }


def _clip(artist: Artist, height: float) -> Style:
    """Where the artist may be seen: within a box, a path, both, or everywhere."""
    box, path = (artist.get_clip_box(), artist.get_clip_path()) if artist.get_clip_on() else (None, None)
    outline = None
    if path is not None:
        shape, to_pixels = path.get_transformed_path_and_affine()
        outline = _outline(shape, to_pixels + Affine2D().scale(1, -1).translate(0, height))
    return {"clip": None if box is None else css_box(box, height), "outline": outline}


def _css_colour(colour: Any, alpha: float | None = None) -> str:
    r, g, b, a = to_rgba(colour, alpha)
    return f"rgba({r * 255:.0f},{g * 255:.0f},{b * 255:.0f},{a:.3g})"


def _marker(line: Line2D, px: float) -> Style | None:
    marker, size, alpha = line._marker, line.get_markersize() * px, line.get_alpha()
    if not marker or size == 0:
        return None
    face, edge = line.get_markerfacecolor(), to_rgba(line.get_markeredgecolor(), alpha)
    if str(line._markeredgecolor) == "auto" and str(face).lower() != "none":
        edge = (*edge[:3], to_rgba(face, alpha)[3])
    one_pixel = str(marker.get_marker()) == ","  # of the screen, whatever its size
    zoom = Affine2D().scale(*((1, -1) if one_pixel else (size, -size)))
    outline = _outline(marker.get_path(), marker.get_transform() + zoom)
    shapes = [{"outline": outline, "fill": _css_colour(face, alpha)}]
    if marker.get_alt_path():
        outline = _outline(marker.get_alt_path(), marker.get_alt_transform() + zoom)
        shapes.append({"outline": outline, "fill": _css_colour(line.get_markerfacecoloralt(), alpha)})
    return {
        "shapes": shapes,
        "edge": _css_colour(edge),
        "width": 0 if one_pixel else line.get_markeredgewidth() * px,
        "join": marker.get_joinstyle(),
        "cap": CAPS[marker.get_capstyle()],
        "size": size,
        "snap": _snap_from(marker),
        "onePixel": one_pixel,
    }


def _snap_from(marker: MarkerStyle) -> float:
    """The size in pixels of the screen from which on the marker's corners lie on whole pixels."""
    threshold = marker.get_snap_threshold()
    if threshold is not None:
        return min(float(threshold), NEVER)
    edges = np.diff(marker.get_transform().transform_path(marker.get_path()).vertices, axis=0)
    straight = marker.get_path().codes is None or not {Path.CURVE3, Path.CURVE4} & {*marker.get_path().codes}
    return ALWAYS if straight and (np.abs(edges) < 1e-4).any(axis=1).all() else NEVER


def _outline(path: Path, transform: Transform) -> list[str | float]:
    """A path as the letters and numbers that SVG and the browser's Path2D read."""
    codes = None if path.codes is None else path.codes.tobytes()
    return _parts_of(np.asarray(path.vertices, float).tobytes(), codes, transform.get_matrix().tobytes())


@lru_cache(maxsize=256)
def _parts_of(vertices: bytes, codes: bytes | None, matrix: bytes) -> list[str | float]:
    x, y = np.frombuffer(vertices).reshape(-1, 2, 1).swapaxes(0, 1)
    a = np.frombuffer(matrix).reshape(3, 3)
    path = Path(x * a[:2, 0] + y * a[:2, 1] + a[:2, 2], None if codes is None else np.frombuffer(codes, np.uint8))
    letters = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
    parts: list[str | float] = []
    for where, code in path.iter_segments(curves=True, simplify=False):
        parts.append(letters[code])
        if code != Path.CLOSEPOLY:
            parts.extend(where.tolist())
    return parts


def _every(every: Any, points: int) -> list[int] | str | None:
    """Which points carry a marker: None for all, "last" for the last one shown, or their numbers."""
    if every is None:
        return None
    if np.ndim(every) == 1 and list(every) == [-1]:
        return "last"
    if isinstance(every, (float, np.floating)) or (isinstance(every, tuple) and isinstance(every[1], float)):
        raise ValueError(f"A live line's markevery must be made of whole numbers, got {every!r}.")
    if isinstance(every, (int, np.integer)):
        every = slice(0, None, every)
    elif isinstance(every, tuple):
        every = slice(every[0], None, every[1])
    try:
        return np.arange(points)[every].tolist()
    except IndexError as error:
        raise ValueError(f"A live line's markevery must fit its {points} points, got {every!r}.") from error


# Images ----------------------------------------------------------------------------------------------------------


def image_parts(image: AxesImage, height: float, ratio: float) -> tuple[Style, np.ndarray]:
    """How the browser is to place an image, and its colours: (rows, columns, 4) of uint8, the top row first.

    Those are its own pixels, for the browser to magnify, where that is exact and less to send; otherwise what
    matplotlib makes of them, for a screen of ``ratio`` pixels per CSS pixel.
    """
    rgba, corners, exact = _own_pixels(image, height, ratio), _ends(image, height), True
    if rgba is None:
        made, left, bottom, _ = image.make_image(None, ratio)
        rgba = np.zeros((1, 1, 4), np.uint8) if made is None else made[::-1]  # None: out of sight
        rows, columns, _ = rgba.shape
        corners, exact = [[left, height - bottom - rows / ratio], [left + columns / ratio, height - bottom]], False
    style = {"kind": "image", "rows": rgba.shape[0], "columns": rgba.shape[1], "corners": corners, "smooth": not exact}
    return {**style, **_clip(image, height)}, rgba


def _ends(image: AxesImage, height: float) -> list[list[float]]:
    """Where its first pixel begins and its last one ends."""
    left, right, bottom, top = image.get_extent()
    return (image.get_transform().transform([(left, top), (right, bottom)]) * (1, -1) + (0, height)).tolist()


def _own_pixels(image: AxesImage, height: float, ratio: float) -> np.ndarray | None:
    """Its pixels as they are, if the browser can magnify them as matplotlib would, and if they are few."""
    transform, interpolation, shape = image.get_transform(), image.get_interpolation(), image.get_size()
    if not (transform.is_affine and transform.is_separable):
        return None
    screen = np.abs(np.diff(_ends(image, height), axis=0))[0, ::-1] * ratio  # rows, columns
    zoom = screen / shape
    if interpolation in ("auto", "antialiased"):
        exact = all(factor > 3 or factor in (1, 2) for factor in zoom)  # matplotlib's own rule
    else:
        exact = interpolation in ("nearest", "none")
    if not exact or np.prod(shape) > np.prod(np.minimum(screen, image.axes.bbox.size[::-1] * ratio)):
        return None
    rgba = image.to_rgba(image.get_array(), bytes=True)
    if image.get_alpha() is not None:
        rgba = rgba.copy()
        rgba[..., 3] = rgba[..., 3] * image.get_alpha()
    return rgba[::-1] if image.origin == "lower" else rgba
