"""What travels to the browser: points as matplotlib's own transforms give them, styles as matplotlib draws them."""

import io
import json
import warnings

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import NonUniformImage
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Circle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from lrlab.live import wire

HEIGHT = 300.0
RATIO = 2.0
NAN, INF = np.nan, np.inf
MARKERS = [marker for marker in Line2D.markers if marker not in ("None", "none", " ", "")]
OTHER_MARKERS = ["$f$", r"$\alpha$", (5, 1), (6, 2, 15), (4, 0, 45), [(0, 0), (1, 0), (1, 1)], Path.unit_circle()]


def new_axes(**options):
    """Axes with room around them, in a figure of 400 x 300 pixels."""
    axes = Figure(figsize=(4, 3), dpi=100).add_axes((0.1, 0.2, 0.8, 0.7), projection=options.pop("projection", None))
    axes.set(**options)
    return axes


def live_line(*data, axes=None, **options):
    axes = new_axes(xlim=(0, 10), ylim=(0, 10)) if axes is None else axes
    (line,) = axes.plot(*(data or ([1, 2, 3], [4, 5, 6])), animated=True, **options)
    return line


def style(*data, **options):
    """The style of a live line, as it arrives."""
    line = live_line(*data, **options)
    (style,), _, _ = wire.pack(line.get_figure(), HEIGHT, RATIO)
    assert json.loads(json.dumps(style, allow_nan=False)) == style
    return style


def pixels(line):
    """The corners of a line, in pixels from the top left."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return wire.pixel_points([line], HEIGHT)


def by_matplotlib(line, x, y):
    return line.get_transform().transform(np.column_stack([x, y])) * (1, -1) + (0, HEIGHT)


# Points ----------------------------------------------------------------------------------------------------------

SCALES = {
    "linear": ({"xlim": (-3, 7), "ylim": (2, -5)}, (-20, 20)),
    "log": ({"xscale": "log", "yscale": "log", "xlim": (1e-3, 10), "ylim": (1e-9, 1)}, (1e-12, 1e3)),
    "symlog": ({"yscale": "symlog", "xlim": (-1e5, 1e5), "ylim": (-1e3, 1e3)}, (-1e6, 1e6)),
    "polar": ({"projection": "polar", "rlim": (0, 5)}, (0, 8)),
}


@pytest.mark.parametrize("scale", SCALES)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_points_are_where_matplotlib_puts_them(scale, data):
    options, (low, high) = SCALES[scale]
    numbers = st.one_of(st.floats(low, high), st.just(NAN))
    points = data.draw(st.lists(st.tuples(numbers, numbers), max_size=20))
    x, y = np.array(points).reshape(-1, 2).T
    line = live_line(x, y, axes=new_axes(**options))
    expected = by_matplotlib(line, x, y)
    got = pixels(line)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, atol=1e-2, rtol=1e-6)
    assert (np.isnan(got).any(axis=1) == (np.isnan(x) | np.isnan(y))).all()


def test_masked_points_dates_and_categories_are_points_too():
    masked = live_line(np.ma.masked_equal([1, 2, 3], 2), [4, 5, 6])
    assert np.isnan(pixels(masked)).any(axis=1).tolist() == [False, True, False]
    days = np.array(["2024-01-01", "2024-01-02"], "datetime64[D]")
    dates = live_line(days, ["low", "high"], axes=new_axes())
    expected = by_matplotlib(dates, dates.get_xdata(orig=False), dates.get_ydata(orig=False))
    np.testing.assert_allclose(pixels(dates), expected, atol=1e-2)


def test_other_transforms_and_kinds_of_lines():
    axes = new_axes(xlim=(0, 10), ylim=(0, 10))
    axes.axhline(5, animated=True)
    axes.axline((0, 0), slope=1, animated=True)
    axes.plot([0, 1], [0, 1], transform=axes.transAxes, animated=True)
    across, slope, corner = (wire.pixel_points([line], HEIGHT) for line in wire.live_artists(axes.get_figure()))
    np.testing.assert_allclose(across, [[40, 135], [360, 135]], atol=0.01)
    np.testing.assert_allclose(sorted(slope.tolist()), [[40, 240], [360, 30]], atol=0.01)
    np.testing.assert_allclose(corner, [[40, 240], [360, 30]], atol=0.01)


def test_lines_of_several_axes_come_one_after_another():
    figure = Figure(figsize=(4, 3), dpi=100)
    left, right = figure.subplots(1, 2)
    right.set_yscale("log")
    lines = [live_line([1, 2], [k, 2], axes=axes) for axes in (left, right) for k in (1, 3)]
    lines.insert(2, live_line([], [], axes=right))
    together = wire.pixel_points(lines, HEIGHT)
    np.testing.assert_array_equal(together, np.concatenate([pixels(line) for line in lines]))


@pytest.mark.parametrize(
    ("options", "x", "y", "direction"),
    [
        ({"ylim": (0, 1)}, 5, INF, (0, -1)),
        ({"ylim": (0, 1)}, 5, -INF, (0, 1)),
        ({"ylim": (1, 0)}, 5, INF, (0, 1)),
        ({"ylim": (0, 1)}, INF, 0.5, (1, 0)),
        ({"ylim": (0, 1)}, -INF, 0.5, (-1, 0)),
        ({"ylim": (0, 1)}, 5, 1e300, (0, -1)),
        ({"ylim": (0, 1)}, 5, -1.7e308, (0, 1)),
        ({"ylim": (0, 1e-20)}, 5, 1e300, (0, -1)),
        ({"ylim": (0, 1e-20)}, 5, -INF, (0, 1)),
        ({"ylim": (1e-6, 1), "yscale": "log"}, 5, INF, (0, -1)),
        ({"ylim": (1e-6, 1), "yscale": "log"}, 5, 1e300, (0, -1)),
        ({"ylim": (1e-6, 1), "yscale": "log"}, 5, 0, (0, 1)),
        ({"ylim": (1e-6, 1), "yscale": "log"}, 5, -3, (0, 1)),
        ({"ylim": (1e-6, 1), "yscale": "log"}, 5, -INF, (0, 1)),
        ({"ylim": (-1, 1), "yscale": "symlog"}, 5, INF, (0, -1)),
        ({"ylim": (-1, 1), "yscale": "symlog"}, 5, -1e300, (0, 1)),
        ({"xlim": (1e-6, 1), "xscale": "log", "ylim": (0, 1)}, -1, 0.5, (-1, 0)),
    ],
)
def test_what_is_out_of_reach_is_a_finite_point_in_the_right_direction(options, x, y, direction):
    axes = new_axes(**({"xlim": (0, 10)} | options))
    line = live_line([x], [y], axes=axes)
    place = pixels(line)[0].astype(float)
    assert np.isfinite(place).all()
    for got, towards, (low, high) in zip(place, direction, [(40, 360), (30, 240)], strict=True):
        assert {-1: got < -1000, 0: low <= got <= high, 1: got > 1000}[towards]


@pytest.mark.parametrize("mode", ["mask", "clip"])
def test_what_a_scale_masks_is_a_gap(mode):
    axes = new_axes(ylim=(1e-3, 1))
    axes.set_yscale("log", nonpositive=mode)
    assert np.isnan(pixels(live_line([1, 2], [-1, INF], axes=axes))).any(axis=1).tolist() == [mode == "mask", False]


@settings(deadline=None, max_examples=50)
@given(*[st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=4, max_size=4)] * 2)
@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_whatever_the_numbers_only_nan_is_no_number(scale, x, y):
    line = live_line(x, y, axes=new_axes(xlim=(1, 2), ylim=(1, 2), yscale=scale))
    got = pixels(line)
    assert (np.isfinite(got).all(axis=1) == ~(np.isnan(x) | np.isnan(y))).all()


def test_far_points_travel_in_double_precision():
    line = live_line([-1e9, 1e9, 3], [-1e9 + 5, 1e9 + 5, 4])
    got = pixels(line)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, by_matplotlib(line, *line.get_data()), rtol=1e-15)


# Stairs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawstyle", "corners"),
    [
        ("default", [(1, 4), (2, 5), (4, 3)]),
        ("steps", [(1, 4), (1, 5), (2, 5), (2, 3), (4, 3)]),
        ("steps-pre", [(1, 4), (1, 5), (2, 5), (2, 3), (4, 3)]),
        ("steps-post", [(1, 4), (2, 4), (2, 5), (4, 5), (4, 3)]),
    ],
)
@pytest.mark.parametrize("projection", [None, "polar"])
def test_stairs(drawstyle, corners, projection):
    line = live_line([1, 2, 4], [4, 5, 3], drawstyle=drawstyle, axes=new_axes(projection=projection))
    np.testing.assert_allclose(pixels(line), by_matplotlib(line, *np.transpose(corners)), atol=1e-3)
    sent = style([1, 2, 4], [4, 5, 3], drawstyle=drawstyle)
    assert (sent["points"] - 1) * sent["corners"] + 1 == len(corners)
    line.set_data([], [])
    assert len(pixels(line)) == 0


def test_a_gap_in_stairs_is_as_wide_as_in_matplotlib():
    line = live_line([1, 2, 3], [4, NAN, 6], drawstyle="steps-post")
    assert np.isnan(pixels(line)).any(axis=1).tolist() == [False, False, True, True, False]


def test_stairs_stay_stairs_when_they_have_been_saved():
    line = live_line([1, 2, 4], [4, 5, 3], drawstyle="steps-post", marker="o")
    before = pixels(line)
    line.get_figure().savefig(io.BytesIO())
    np.testing.assert_array_equal(pixels(line), before)


def test_steps_mid_is_refused_in_words():
    line = live_line(drawstyle="steps-mid")
    with pytest.raises(ValueError, match="drawstyle must be one of default, steps, steps-pre, steps-post, got 'steps-"):
        wire.pack(line.get_figure(), HEIGHT, RATIO)


# Strokes ---------------------------------------------------------------------------------------------------------


class Recorder(RendererBase):
    """A renderer that writes down what a line asks for: the witness for what the browser is told."""

    def __init__(self, line):
        super().__init__()
        self.strokes, self.stamps = [], []
        self.px = line.get_figure().dpi / 72
        line.draw(self)

    def points_to_pixels(self, points):
        return points * self.px

    def pen(self, gc):
        return {"cap": wire.CAPS[gc.get_capstyle()], "join": gc.get_joinstyle(), "width": gc.get_linewidth() * self.px}

    def draw_path(self, gc, path, transform, rgbFace=None):
        offset, dashes = gc.get_dashes()
        dashes = [length * self.px for length in ([] if dashes is None else dashes)]
        ink = {"color": css(gc.get_rgb()), "dashes": dashes, "offset": offset * self.px if dashes else 0}
        self.strokes.append(self.pen(gc) | ink | {"snap": gc.get_snap()})

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        places = trans.transform(path.vertices) * (1, -1) + (0, HEIGHT)
        shape = marker_trans.transform_path(marker_path).vertices * (1, -1)
        stamp = {"shape": shape, "fill": css(rgbFace), "edge": css(gc.get_rgb()), "snap": gc.get_snap()}
        self.stamps.append(self.pen(gc) | stamp | {"places": places})


def css(rgba):
    r, g, b, a = rgba
    return f"rgba({r * 255:.0f},{g * 255:.0f},{b * 255:.0f},{a:.3g})"


def check_stroke(*data, **options):
    """The stroke that is sent is the one that matplotlib asks its renderer for. Returns it."""
    line = live_line(*data, **options)
    (sent,), _, _ = wire.pack(line.get_figure(), HEIGHT, RATIO)
    if line.get_linewidth() == 0:  # matplotlib 3.10 cannot draw such dashes
        return sent
    *gaps, stroke = Recorder(line).strokes or [{"width": 0}]
    for name, value in stroke.items():
        assert sent[name] == (value if value is None else pytest.approx(value))
    if sent["gap"] is None:
        assert gaps == []
    else:
        (gap,) = gaps
        first, *rest = gap["dashes"]
        assert gap["color"] == sent["gap"]
        assert [*rest, first] == pytest.approx(sent["dashes"])
        assert gap["offset"] == pytest.approx(sent["offset"] + first)
    return sent


LINESTYLES = ["-", "--", "-.", ":", "solid", "dashed", "dashdot", "dotted", "None", " ", "", "none"]
TUPLES = [(0, (4, 2)), (3, (5, 1, 1, 1)), (1.5, (1, 4)), (-2, (3, 1))]


@pytest.mark.parametrize("linestyle", LINESTYLES + TUPLES, ids=str)
@pytest.mark.parametrize("linewidth", [0, 0.5, 3])
def test_line_styles(linestyle, linewidth):
    sent = check_stroke(linestyle=linestyle, linewidth=linewidth, gapcolor="gold")
    nothing = linewidth == 0 or linestyle in ("None", " ", "", "none")
    assert (sent["width"] == 0) == nothing
    assert bool(sent["dashes"]) == (not nothing and linestyle not in ("-", "solid"))


@pytest.mark.parametrize("ends", ["butt", "round", "projecting"])
@pytest.mark.parametrize("corners", ["miter", "round", "bevel"])
@pytest.mark.parametrize("kind", ["solid", "dash"])
def test_caps_and_joins(kind, ends, corners):
    options = {f"{kind}_capstyle": ends, f"{kind}_joinstyle": corners}
    sent = check_stroke(linestyle="--" if kind == "dash" else "-", **options)
    assert (sent["cap"], sent["join"]) == ({"projecting": "square"}.get(ends, ends), corners)


@pytest.mark.parametrize("color", ["C3", "none", "0.4", (1, 0, 0.5), (0, 1, 0, 0.25), "#12345678"], ids=str)
@pytest.mark.parametrize("alpha", [None, 0.5])
def test_colours_and_alpha(color, alpha):
    sent = check_stroke(color=color, alpha=alpha, linestyle="--", gapcolor=(0, 0, 1, 0.5))
    assert sent["color"] == css(to_rgba(color, alpha))


@pytest.mark.parametrize("snap", [None, True, False])
def test_snap(snap):
    assert check_stroke(snap=snap)["snap"] is snap


def test_dashes_that_do_not_grow_with_the_line():
    with rc_context({"lines.scale_dashes": False}):
        check_stroke(linestyle="--", linewidth=5)


# Markers ---------------------------------------------------------------------------------------------------------


def check_marker(*data, **options):
    """The marker that is sent is the one that matplotlib asks its renderer for. Returns it."""
    line = live_line(*data, **({"linestyle": "none"} | options))
    (sent,), _, _ = wire.pack(line.get_figure(), HEIGHT, RATIO)
    stamps, marker = Recorder(line).stamps, sent["marker"]
    assert len(stamps) == (len(marker["shapes"]) if marker else 0)
    for stamp, shape in zip(stamps, marker["shapes"] if marker else (), strict=True):
        assert shape["fill"] == stamp["fill"]
        assert marker["edge"] == stamp["edge"]
        assert {name: marker[name] for name in ("cap", "join", "width")} == {
            "cap": stamp["cap"], "join": stamp["join"], "width": pytest.approx(stamp["width"])
        }  # fmt: skip
        corners = {(round(x, 4), round(y, 4)) for x, y in stamp["shape"].tolist()}
        numbers = [part for part in shape["outline"] if not isinstance(part, str)]
        assert {(round(x, 4), round(y, 4)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)} <= corners
        assert len(numbers) >= len(stamp["shape"])  # all but what belongs to a closing "Z"
        if stamp["snap"] is not None:
            assert stamp["snap"] == (marker["size"] >= marker["snap"])
        numbers = {None: range(sent["points"]), "last": [sent["points"] - 1]}.get(
            sent["every"] if not isinstance(sent["every"], list) else 0, sent["every"]
        )
        np.testing.assert_allclose(pixels(line)[list(numbers)], stamp["places"], atol=1e-3)
    return marker


@pytest.mark.parametrize("marker", MARKERS + OTHER_MARKERS, ids=str)
def test_markers(marker):
    sent = check_marker(marker=marker, markersize=11, markeredgewidth=1.5)
    assert sent["onePixel"] == (str(marker) == ",")


@pytest.mark.parametrize("fillstyle", Line2D.fillStyles)
@pytest.mark.parametrize("marker", ["o", "s", "D", "d", "v", "^", "<", ">", "p", "h", "H", "8", "*", "x", "P"])
def test_fill_styles(marker, fillstyle):
    options = {"markerfacecolor": "red", "markerfacecoloralt": "gold", "markeredgecolor": "k"}
    sent = check_marker(marker=marker, fillstyle=fillstyle, **options)
    halves = fillstyle in ("left", "right", "top", "bottom") and marker not in ("x",)
    assert len(sent["shapes"]) == (2 if halves else 1)


@pytest.mark.parametrize(
    "marker",
    [
        MarkerStyle("v").rotated(deg=30),
        MarkerStyle("s", "left"),
        MarkerStyle("x", capstyle="round", joinstyle="bevel"),
        MarkerStyle("o").scaled(1, 0.5),
        MarkerStyle("P", transform=Affine2D().rotate_deg(20)),
        MarkerStyle(","),
    ],
)
def test_marker_style_objects_keep_what_was_done_to_them(marker):
    check_marker(marker=marker)


@pytest.mark.parametrize("marker", ["None", "none", " ", "", None])
def test_no_marker(marker):
    assert check_marker(marker=marker) is None


def test_a_marker_of_no_size_is_none():
    assert check_marker(marker="o", markersize=0) is None


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"alpha": 0.5},
        {"markerfacecolor": (1, 0, 0, 0.3)},
        {"markerfacecolor": (1, 0, 0, 0.3), "markeredgecolor": "k"},
        {"markerfacecolor": "none"},
        {"markerfacecolor": "None", "alpha": 0.5},
        {"markeredgecolor": "none"},
        {"markeredgewidth": 0},
        {"fillstyle": "none"},
    ],
    ids=str,
)
@pytest.mark.parametrize("marker", ["o", "x", "."])
def test_marker_colours_and_edges(marker, options):
    check_marker(marker=marker, color="C2", **options)


@pytest.mark.parametrize(
    ("every", "numbers"),
    [
        (None, None),
        (3, [0, 3, 6, 9]),
        (np.int64(4), [0, 4, 8]),
        ((2, 4), [2, 6]),
        (slice(1, 8, 3), [1, 4, 7]),
        ([0, 5], [0, 5]),
        (np.array([2, 3]), [2, 3]),
        ([False] * 8 + [True] * 2, [8, 9]),
        ([-2], [8]),
        ([-1], "last"),
        ([], []),
    ],
    ids=str,
)
@pytest.mark.parametrize("drawstyle", ["default", "steps-post"])
def test_markevery(every, numbers, drawstyle):
    x = np.arange(10.0)
    if drawstyle == "default":
        check_marker(x, x, marker="o", markevery=every)
    assert style(x, x, marker="o", markevery=every, drawstyle=drawstyle)["every"] == numbers


def test_markevery_last_of_nothing_is_nothing():
    assert style([], [], marker="o", markevery=[-1])["every"] == "last"


@pytest.mark.parametrize("every", [0.1, (0.0, 0.1), np.float64(0.1), [10], [-11]], ids=str)
def test_markevery_that_cannot_be_is_refused_in_words(every):
    line = live_line(np.arange(10), np.arange(10), marker="o", markevery=every)
    with pytest.raises(ValueError, match="A live line's markevery must"):
        wire.pack(line.get_figure(), HEIGHT, RATIO)


# Which artists, in which order, clipped to what ---------------------------------------------------------------------


def order(figure):
    return [artist.get_gid() for artist in wire.live_artists(figure)]


def test_what_is_not_animated_or_not_visible_is_left_out():
    figure = Figure()
    shown, hidden = figure.subplots(1, 2)
    shown.plot([1], [1], gid="r")
    shown.plot([1], [1], gid="g", animated=True)
    shown.plot([1], [1], gid="b", animated=True, visible=False)
    hidden.plot([1], [1], gid="k", animated=True)
    hidden.set_visible(False)
    assert order(figure) == ["g"]


def test_they_come_in_the_order_in_which_matplotlib_paints():
    figure = Figure()
    behind, front = figure.subplots(1, 2)
    front.set_zorder(1)
    front.plot([1], [1], gid="1", zorder=1, animated=True)
    front.plot([1], [1], gid="2", zorder=0, animated=True)
    behind.plot([1], [1], gid="3", zorder=9, animated=True)
    behind.plot([1], [1], gid="4", zorder=3, animated=True)
    behind.plot([1], [1], gid="5", zorder=3, animated=True)
    figure.add_artist(Line2D([0, 1], [0, 1], gid="6", animated=True, zorder=-1))
    assert order(figure) == ["6", "4", "5", "3", "2", "1"]


def test_axes_in_axes_and_in_subfigures_are_found():
    figure = Figure()
    left, right = figure.subfigures(1, 2)
    axes = left.add_subplot()
    axes.plot([1], [1], gid="1", animated=True)
    axes.inset_axes((0.5, 0.5, 0.4, 0.4)).plot([1], [1], gid="2", animated=True)
    right.add_subplot().plot([1], [1], gid="3", animated=True)
    assert order(figure) == ["1", "2", "3"]


def image_on_uneven_grid(axes):
    image = NonUniformImage(axes, animated=True)
    image.set_data([1, 2, 4], [1, 2], np.ones((2, 3)))
    axes.add_artist(image)


@pytest.mark.parametrize(
    ("name", "add"),
    [
        ("Text", lambda axes: axes.text(1, 1, "no", animated=True)),
        ("Circle", lambda axes: axes.add_patch(Circle((1, 1), animated=True))),
        ("PathCollection", lambda axes: axes.scatter([1], [1], animated=True)),
        ("QuadMesh", lambda axes: axes.pcolormesh(np.ones((2, 2)), animated=True)),
        ("PcolorImage", lambda axes: axes.pcolorfast([1, 2, 4], [1, 2, 4], np.ones((2, 2)), animated=True)),
        ("NonUniformImage", image_on_uneven_grid),
        ("XAxis", lambda axes: axes.xaxis.set_animated(True)),
        ("Axes", lambda axes: axes.set_animated(True)),
    ],
)
def test_nothing_else_can_be_live(name, add):
    axes = new_axes()
    add(axes)
    with pytest.raises(TypeError, match=f"A live artist must be a line or an image, got .*{name}.*animated=True"):
        wire.pack(axes.get_figure(), HEIGHT, RATIO)


def test_lines_are_clipped_to_their_axes():
    assert style()["clip"] == pytest.approx([40, 30, 320, 210])
    assert style(clip_on=False)["clip"] is None
    assert style(clip_on=False)["outline"] is None


def test_round_axes_clip_by_their_outline():
    axes = new_axes(projection="polar")
    axes.get_figure().draw_without_rendering()  # gives the axes their proportions
    sent = style(axes=axes)
    assert sent["clip"] is None
    numbers = np.array([part for part in sent["outline"] if not isinstance(part, str)]).reshape(-1, 2)
    radius = np.hypot(*(numbers - (200, 135)).T)
    assert set(radius.round()) <= {0, 105, 106}  # on the circle, its arcs' handles, and its middle


# Images ----------------------------------------------------------------------------------------------------------

VALUES = np.arange(6.0).reshape(2, 3) / 5
RGB = np.stack([VALUES, VALUES.T.reshape(2, 3), 1 - VALUES], axis=-1)
RGBA = np.dstack([RGB, 1 - VALUES / 2])
KINDS = {"values": VALUES, "masked": np.ma.masked_equal(VALUES, 0.2), "rgb": RGB, "rgba": RGBA}
KINDS |= {"bytes": (RGBA * 255).astype(np.uint8), "nan": np.where(VALUES == 0.4, NAN, VALUES)}


def live_image(array=VALUES, axes=None, **options):
    return (axes or new_axes()).imshow(array, animated=True, aspect="auto", **options)


def sent_image(image, ratio=1.0):
    """(style, its pixels) as they arrive."""
    (sent,), _, pixels = wire.pack(image.get_figure(), HEIGHT, ratio)
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    return sent, np.frombuffer(pixels, np.uint8).reshape(sent["rows"], sent["columns"], 4)


def on_screen(image, ratio=1.0):
    """What matplotlib makes of an image: (its top left corner, its colours, the top row first)."""
    made, left, bottom, _ = image.make_image(None, ratio)
    return (round(left * ratio), round((HEIGHT - bottom) * ratio) - len(made)), made[::-1]


def magnified(sent, pixels, ratio=1.0):
    """What the browser makes of it: each pixel of the screen takes the image's pixel that its middle is in."""
    (left, top), (right, bottom) = np.multiply(sent["corners"], ratio)
    x, y = (np.arange(*sorted(map(round, ends))) + 0.5 for ends in ((left, right), (top, bottom)))
    columns = ((x - left) / (right - left) * sent["columns"]).astype(int)
    rows = ((y - top) / (bottom - top) * sent["rows"]).astype(int)
    return (round(min(left, right)), round(min(top, bottom))), pixels[rows][:, columns]


def check_image(image, ratio=1.0):
    sent, pixels = sent_image(image, ratio)
    corner, colours = on_screen(image, ratio)
    got_corner, got = magnified(sent, pixels, ratio)
    assert got_corner == corner
    assert got.shape == colours.shape
    seen = colours[..., 3] > 0
    np.testing.assert_allclose(got[..., 3], colours[..., 3], atol=1)
    np.testing.assert_allclose(got[seen], colours[seen], atol=2)
    return sent


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("origin", ["upper", "lower"])
@pytest.mark.parametrize("alpha", [None, 0.4])
def test_images_have_the_colours_of_matplotlib(kind, origin, alpha):
    sent = check_image(live_image(KINDS[kind], origin=origin, alpha=alpha, cmap="plasma"))
    assert (sent["rows"], sent["columns"], sent["smooth"]) == (2, 3, False)  # 24 bytes, not a screenful


@pytest.mark.parametrize("kind", ["values", "rgb"])
def test_alpha_for_each_pixel(kind):
    check_image(live_image(KINDS[kind], alpha=VALUES))


@pytest.mark.parametrize("limits", [{}, {"xlim": (4, 1)}, {"ylim": (6, 2)}, {"xlim": (5, 0), "ylim": (0, 9)}], ids=str)
@pytest.mark.parametrize("extent", [None, (1, 4, 2, 6), (4, 1, 2, 6), (1, 4, 6, 2)], ids=str)
@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_images_lie_where_matplotlib_puts_them(limits, extent, origin):
    axes = new_axes()
    image = live_image(axes=axes, extent=extent, origin=origin)
    axes.set(**({"xlim": (0, 5), "ylim": (0, 9)} if extent and not limits else limits))
    sent, _ = sent_image(image)
    left, right, bottom, top = image.get_extent()
    expected = by_matplotlib(image, [left, right], [top, bottom])
    np.testing.assert_allclose(sent["corners"], expected)
    assert sent["clip"] == pytest.approx([40, 30, 320, 210])
    if extent and not limits and matplotlib.__version_info__ >= (3, 11):  # before, they were stretched to whole pixels
        check_image(image)


@pytest.mark.parametrize(
    ("options", "array"),
    [
        ({"interpolation": "bilinear"}, VALUES),
        ({"interpolation": "bicubic", "alpha": 0.5, "origin": "lower"}, RGBA),
        ({}, np.random.default_rng(0).random((150, 170))),  # 1.4 times as large: not nearest
        ({}, np.random.default_rng(0).random((1500, 1700))),  # more pixels than the screen has
        ({"interpolation": "nearest"}, np.random.default_rng(0).random((1500, 1700))),
    ],
)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_what_the_browser_cannot_magnify_travels_as_matplotlib_scales_it(options, array, ratio):
    sent = check_image(live_image(array, **options), ratio)
    assert (sent["rows"], sent["columns"], sent["smooth"]) == (210 * ratio, 320 * ratio, True)


def test_an_image_on_a_log_axis():
    axes = new_axes(xscale="log")
    sent = check_image(live_image(axes=axes, extent=(1, 100, 0, 1)))
    assert sent["columns"] == 320


def test_an_image_that_is_out_of_sight_or_empty_shows_nothing():
    axes = new_axes()
    image = live_image(axes=axes, interpolation="bilinear")
    axes.set(xlim=(100, 200))
    assert sent_image(image)[1][..., 3].max() == 0
    image.set_data(np.empty((0, 0)))
    assert wire.pack(image.get_figure(), HEIGHT, 1.0) == ([], b"", b"")


def test_lines_and_images_share_the_buffers_in_order():
    axes = new_axes()
    live_image(axes=axes, zorder=3)
    live_line([0, 1], [0, 1], axes=axes, zorder=2)
    live_image(VALUES[:1], axes=axes, zorder=1)
    live_line([0, 1, 2], [0, 1, 2], axes=axes, zorder=4)
    styles, points, pixels = wire.pack(axes.get_figure(), HEIGHT, 1.0)
    assert [sent["kind"] for sent in styles] == ["image", "line", "image", "line"]
    assert [sent.get("points", sent.get("rows")) for sent in styles] == [1, 2, 2, 3]
    assert len(points) == 4 * 2 * 5
    assert len(pixels) == 4 * (3 + 6)
