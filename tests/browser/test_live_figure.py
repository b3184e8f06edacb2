"""LiveFigure in a real JupyterLab: it looks like matplotlib's own picture, and does what the hand and the window do.

How alike is alike? Both pictures are blurred by one pixel of the screen, since two renderers spread an edge differently
over the pixels that it crosses, and then no colour of any pixel may differ by more than TOLERANCE of 255. For what is
drawn here the greatest difference is 29. Moving a line by one pixel gives 59 and more, the smallest of all MISTAKES
(a paler colour) 43: the tests make each of them, and see it.
"""

import base64
import inspect
import io
import re
from contextlib import contextmanager
from functools import lru_cache, partial
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from matplotlib.transforms import Affine2D
from nbconvert import HTMLExporter
from PIL import Image, ImageFilter

from lrlab.live import LiveFigure
from tests.browser.jupyter import Notebook, running_lab, write_notebook

pytestmark = pytest.mark.browser

TOLERANCE = 32
WIDTH = 760  # of the gallery


def gallery():
    """Everything that can be live, in one figure. Also run in the notebook, so it brings what it needs."""
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.markers import MarkerStyle

    figure = Figure(figsize=(9, 7))
    axes = iter(figure.subplots(3, 4).flat)
    figure.subplots_adjust(0.05, 0.05, 0.95, 0.95, 0.5, 0.35)
    live = {"animated": True, "zorder": 4}  # above frames and ticks in matplotlib, too
    x = np.linspace(0, 10, 60)

    def panel(**options):
        here = next(axes)
        here.set(**({"xlim": (0, 10), "ylim": (0, 10)} | options))
        return here

    here = panel()
    for i, style in enumerate(["-", "--", "-.", ":", (0, (4, 2)), (3, (5, 1, 1, 1)), (0, (1, 4))]):
        cap = ("butt", "round", "projecting")[i % 3]
        y = 1 + i * 1.2 + 0.5 * np.sin(x)
        here.plot(x, y, linestyle=style, lw=1 + 0.4 * i, dash_capstyle=cap, gid=f"style {i}", **live)

    here = panel()
    for i, (cap, join) in enumerate([("butt", "miter"), ("round", "round"), ("projecting", "bevel")]):
        y = np.array([1, 1.5, 3, 1, 1]) + 3 * i
        options = {"solid_capstyle": cap, "solid_joinstyle": join, "gid": f"wide {cap}"}
        here.plot([1, 4, 5, 6, 9], y, lw=8, alpha=0.6, **options, **live)
        options = {"gapcolor": "gold", "dash_capstyle": cap, "gid": f"gap {cap}"}
        here.plot([1, 9], [2.5 + 3 * i, 3.2 + 3 * i], "--", lw=5, **options, **live)

    here = panel()
    t = np.arange(11)
    y = t % 4 + 1.0
    here.plot(t, y, drawstyle="steps-post", marker="o", ms=3, gid="post", **live)
    here.plot(t, y + 3, "--", drawstyle="steps-pre", gid="pre", **live)
    holed = np.where((t == 4) | (t == 5), np.nan, y + 5.4)
    here.plot(t, holed, drawstyle="steps-post", gid="post with a gap", **live)
    here.plot(t, holed - 0.5, drawstyle="steps-pre", gid="pre with a gap", **live)
    here.plot([0, 3, 3, 6], [0.4, 0.4, 0.9, 0.9], lw=1.5, gid="level", **live)

    here = panel(xlim=(0, 40), ylim=(1e-6, 10), yscale="log")
    t = np.arange(41)
    here.plot(t, 5 * 0.7**t, gid="log", **live)
    here.plot(t, 1e-3 * 1.6**t, "--", gid="log dashed", **live)
    flat = np.full(41, 0.01)
    flat[[5, 6, 10, 20, 30]] = np.nan, np.nan, 0, -3, 1e200
    here.plot(t, flat, ".-", gid="holes", **live)

    here = panel(xlim=(-1, 7), ylim=(-1, 7))
    for i, marker in enumerate(m for m in Line2D.markers if m not in ("None", "none", " ", "")):
        here.plot([i % 7], [i // 7], marker=marker, ms=9, gid=f"marker {marker}", **live)

    here = panel(xlim=(-1, 7), ylim=(-1, 7))
    others = ["$f$", r"$\alpha$", (5, 1), (4, 0, 45), MarkerStyle("v").rotated(deg=30), MarkerStyle("s", "left")]
    for i, marker in enumerate([*others, [(0, 0), (1, 0), (1, 1), (0, 0)]]):
        here.plot([i], [0], marker=marker, ms=10, mec="k", gid=f"other {i}", **live)
    for i, filled in enumerate(MarkerStyle.fillstyles):
        for j, marker in enumerate("osDv"):
            options = {"fillstyle": filled, "markerfacecoloralt": "gold", "gid": f"{filled} {marker}"}
            here.plot([i], [2 + j], marker=marker, ms=8 + 0.3 * i, mew=0.5 + 0.5 * j, **options, **live)

    here = panel()
    here.plot(x, 5 + 4 * np.sin(x), "o-", markevery=5, mfc=(1, 0, 0, 0.4), ms=9, gid="every", **live)
    here.plot(x, 5 + 4 * np.cos(x), "s-", markevery=(2, 7), alpha=0.5, ms=7, mec="k", gid="alpha", **live)
    here.plot(x, x, "^-", markevery=[-1], ms=10, gid="last", **live)
    here.plot(x, x * 0.3, ",", gid="pixels", **live)

    here = panel()
    here.plot([-5, 3, 5, 30], [5, 5.5, 30, -40], "--", lw=2, gid="beyond", **live)
    here.plot([2, 5, 8], [-1, 11, -1], lw=3, clip_on=False, gid="unclipped", **live)
    here.plot([-1, 11], [2, 3], "--", clip_on=False, lw=2, gid="unclipped dashed", **live)
    here.plot([0, 5, 10], [9.9, 9.9, 0.05], "o", ms=12, gid="clipped markers", **live)
    here.plot([0, 5, 10], [7, 10, 7], "D", ms=10, clip_on=False, gid="unclipped markers", **live)
    here.plot([4.5, 4.501], [5, 1e9], lw=1.5, gid="away", **live)

    heights = np.add.outer(np.arange(7), np.arange(9) * 3.0) % 11
    image = {"aspect": "auto", "animated": True, "zorder": 3}
    next(axes).imshow(heights, gid="image", **image)
    options = {"origin": "lower", "extent": (0, 9, 0, 7), "interpolation": "bilinear", "alpha": 0.8}
    (here := next(axes)).imshow(heights, gid="smooth", **options, **image)
    here.set(xlim=(8, 1), ylim=(1, 6.5))
    rgba = np.random.default_rng(1).random((5, 6, 4))
    (here := next(axes)).imshow(rgba, interpolation="nearest", extent=(2, 5, 1, 3), gid="rgba", **image)
    here.set(xlim=(0, 6), ylim=(0, 4))

    figure.delaxes(next(axes))
    here = figure.add_subplot(3, 4, 12, projection="polar")
    here.plot(np.linspace(0, 12, 100), np.linspace(0, 12, 100), gid="polar", **live)
    here.plot([0, 1, 2], [3, 30, 3], "--", gid="polar dashed", **live)
    here.set_rlim(0, 9)
    return figure


def by_gid(figure, gid):
    (artist,) = figure.findobj(lambda artist: artist.get_gid() == gid)
    return artist


def moved(x, y):
    """A mistake: it is off by so many pixels of the screen."""
    return lambda artist: artist.set_transform(artist.get_transform() + Affine2D().translate(x, y))


def changed(**options):
    """A mistake: it has another style."""
    return lambda artist: artist.set(**options)


def without_gap(line):
    line.set_ydata(np.nan_to_num(line.get_ydata(), nan=0.01))


def upside_down(image):
    image.origin = "lower"


MISTAKES = {
    "a line one pixel too low": ("style 0", moved(0, -1)),
    "a dashed line one pixel too high": ("style 1", moved(0, 1)),
    "a steep line one pixel to the right": ("log", moved(1, 0)),
    "stairs one pixel to the left": ("post", moved(-1, 0)),
    "a level line one pixel too low": ("level", moved(0, -1)),
    "a marker one pixel to the right": ("marker o", moved(1, 0)),
    "an image one pixel too low": ("rgba", moved(0, -1)),
    "dashes missing": ("style 1", changed(linestyle="-")),
    "dashes of another length": ("style 4", changed(linestyle=(0, (4, 2.3)))),
    "dashes begun elsewhere": ("style 5", changed(linestyle=(5, (5, 1, 1, 1)))),
    "dashes begun elsewhere after leaving the picture": ("unclipped dashed", changed(xdata=[-3.3, 13])),
    "a solid cap that is not butt": ("wide butt", changed(solid_capstyle="projecting")),
    "a solid cap that is not round": ("wide round", changed(solid_capstyle="projecting")),
    "a dash cap that is not butt": ("style 3", changed(dash_capstyle="round")),
    "a dash cap that is not projecting": ("gap projecting", changed(dash_capstyle="butt")),
    "a join that is not a miter": ("wide butt", changed(solid_joinstyle="round")),
    "a join that is not a bevel": ("wide projecting", changed(solid_joinstyle="miter")),
    "no colour in the gaps": ("gap round", changed(gapcolor=None)),
    "a line a little too wide": ("style 0", changed(linewidth=1.8)),
    "a colour a little off": ("wide round", changed(alpha=0.8)),
    "no marker": ("marker +", changed(marker="None")),
    "another marker": ("marker h", changed(marker="p")),
    "a smaller marker": ("marker o", changed(markersize=7.5)),
    "the other half filled": ("left D", changed(fillstyle="right")),
    "an edge too wide": ("marker v", changed(markeredgewidth=2)),
    "markers elsewhere": ("every", changed(markevery=(1, 5))),
    "pixel markers missing": ("pixels", changed(visible=False)),
    "a gap closed": ("holes", without_gap),
    "stairs before instead of after": ("post", changed(drawstyle="steps-pre")),
    "stairs after instead of before": ("pre", changed(drawstyle="steps-post")),
    "no stairs": ("pre with a gap", changed(drawstyle="default")),
    "clipped": ("unclipped", changed(clip_on=True)),
    "not clipped": ("beyond", changed(clip_on=False)),
    "a marker not clipped": ("clipped markers", changed(clip_on=False)),
    "round axes do not clip": ("polar", changed(clip_on=False)),
    "an image upside down": ("image", upside_down),
    "an image smoothed": ("image", changed(interpolation="bilinear")),
    "an image not smoothed": ("smooth", changed(interpolation="nearest")),
    "an image too pale": ("smooth", changed(alpha=0.6)),
    "painted in another order": ("gap butt", changed(zorder=3.9)),
}


def simple(**axes):
    """Axes in the middle half of a figure of 600 x 300 pixels, with a live line and live stairs."""
    import numpy as np
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), dpi=100)
    here = figure.add_axes((0.25, 0.25, 0.5, 0.5))
    here.set(**({"xlim": (0, 10), "ylim": (0, 10)} | axes))
    x = np.linspace(0, 10, 21)
    here.plot(x, 5 + 4 * np.sin(x), "o--", markevery=[-1], color="C3", animated=True, zorder=4)
    here.plot(x, x, drawstyle="steps-post", color="C0", animated=True, zorder=4)
    return figure


# Looking at it -------------------------------------------------------------------------------------------------------


def arranged(figure, width, ratio):
    """The same figure here as in a browser of that width and density."""
    live = LiveFigure(figure)
    live._room = {"width": width, "ratio": ratio}
    return live


def by_matplotlib(figure, ratio):
    """What a figure looks like, as matplotlib saves it with so many pixels per CSS pixel."""
    out = io.BytesIO()
    figure.savefig(out, dpi=figure.dpi * ratio, pil_kwargs={"compress_level": 0})
    return Image.open(out).convert("RGB")


def difference(one, other):
    """The greatest difference of a colour, of 255, between two pictures that are blurred a little."""
    assert one.size == other.size
    blurred = (np.asarray(picture.filter(ImageFilter.GaussianBlur(1))).astype(int) for picture in (one, other))
    return np.abs(np.subtract(*blurred)).max()


class Shown:
    """A live figure in a notebook."""

    def __init__(self, notebook, cell, n=0):
        self.notebook, self.page = notebook, notebook.page
        self.element = notebook.cell(cell).locator(".lrlab-live-figure").nth(n)
        self.canvas = self.element.locator("canvas").last

    def settle(self):
        """Wait until the kernel knows the width, and the browser shows what the kernel sent."""
        self.element.scroll_into_view_if_needed()
        self.page.wait_for_timeout(250)
        self.notebook.wait_idle()
        self.page.wait_for_timeout(100)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return self

    def picture(self):
        """What the screen shows, pixel by pixel."""
        page = Image.open(io.BytesIO(self.canvas.screenshot())).convert("RGB")  # begins on a whole CSS pixel
        box, (_, ratio) = self.canvas.bounding_box(), self.room()
        left, top = (round(box[axis] * ratio) - int(box[axis]) * ratio for axis in "xy")
        columns, rows = self.canvas.evaluate("canvas => [canvas.width, canvas.height]")
        return page.crop((left, top, left + columns, top + rows))

    def room(self):
        """(width in CSS pixels, pixels per CSS pixel)"""
        return self.element.evaluate("element => [element.clientWidth, devicePixelRatio]")

    def pixels(self):
        """What is live, as (rows, columns, RGBA)."""
        png = self.canvas.evaluate("canvas => canvas.toDataURL()").partition(",")[2]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))).astype(int)

    def check(self, figure):
        """It looks like this figure, saved by matplotlib at the same size."""
        width, ratio = self.room()
        assert difference(self.picture(), by_matplotlib(arranged(figure, width, ratio).figure, ratio)) <= TOLERANCE


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        yield server


def dense(browser, ratio):
    """The browser, with another number of pixels per CSS pixel for new pages."""
    return SimpleNamespace(new_context=partial(browser.new_context, device_scale_factor=ratio))


# Pixels --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 2], ids=["ordinary screen", "dense screen"])
def seen(browser, server, request):
    """The gallery after a push, in a browser: (picture, pixels per CSS pixel)."""
    path = write_notebook(
        server.root / f"gallery{request.param}.ipynb",
        [
            inspect.getsource(gallery),
            "import ipywidgets\n"
            "from lrlab.live import LiveFigure\n"
            "figure = gallery()\n"
            "lines = [line for axes in figure.axes for line in axes.lines]\n"
            "data = [line.get_data() for line in lines]\n"
            "for line in lines: line.set_data([0, 1], [0, 1])\n"
            "live = LiveFigure(figure)\n"
            f"ipywidgets.Box([live], layout={{'width': '{WIDTH}px'}})",
            "for line, points in zip(lines, data): line.set_data(*points)\nlive.push()",
        ],
    )
    with Notebook(dense(browser, request.param), server, path.name, viewport=(1200, 900)) as notebook:
        notebook.run_cell(0)
        notebook.run_cell(1)
        shown = Shown(notebook, 1).settle()
        notebook.run_cell(2)
        shown.settle()
        assert shown.room() == [WIDTH, request.param]
        yield shown.picture(), request.param
        assert notebook.cell_errors() == notebook.problems() == []


@lru_cache
def expected(ratio):
    """The gallery as a figure that is arranged as in the browser."""
    return arranged(gallery(), WIDTH, ratio).figure


def test_it_looks_as_matplotlib_saves_it(seen):
    picture, ratio = seen
    assert difference(picture, by_matplotlib(expected(ratio), ratio)) <= TOLERANCE


@contextmanager
def panel_of(artist):
    """Only its axes are drawn, which is quicker, and afterwards it is as it was.

    Gives what cuts its axes out of a picture: panel(picture, ratio).
    """
    figure, axes, before = artist.get_figure(), artist.axes, dict(vars(artist))
    corners = axes.bbox.padded(10).get_points() * (1, -1) + (0, figure.bbox.height)
    left, bottom, right, top = corners.flat
    for other in figure.axes:
        other.set_visible(other is axes)
    try:
        yield lambda picture, ratio: picture.crop([int(ratio * edge) for edge in (left, top, right, bottom)])
    finally:
        vars(artist).update(before)
        for other in figure.axes:
            other.set_visible(True)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_would_be_seen(seen, mistake):
    """As above, but for one panel, with a mistake in it. Without one, that panel is as it should be."""
    gid, make = MISTAKES[mistake]
    picture, ratio = seen
    figure = expected(ratio)
    artist = by_gid(figure, gid)
    with panel_of(artist) as panel:
        assert difference(panel(picture, ratio), panel(by_matplotlib(figure, ratio), ratio)) <= TOLERANCE
        make(artist)
        assert difference(panel(picture, ratio), panel(by_matplotlib(figure, ratio), ratio)) > TOLERANCE


# What it does --------------------------------------------------------------------------------------------------------

CELLS = {
    "start": inspect.getsource(simple)
    + """
import ipywidgets
import numpy as np
from IPython.display import display
from lrlab.live import LiveFigure
""",
    "one": "live = LiveFigure(simple(), alt='A wave and stairs')\nevents = []\nlive",
    "reveal": "live.reveal(7)",
    "reveal all": "live.reveal(None)",
    "seven points": """
for line in live.figure.axes[0].lines: line.set_data(*np.array(line.get_data())[:, :7])
live.push()
""",
    "all points": """
for line, new in zip(live.figure.axes[0].lines, simple().axes[0].lines): line.set_data(*new.get_data())
live.push()
""",
    "listen": "live.on_pointer(live.figure.axes[0], events.append)",
    "events": """
print(live._ratio, [(event.kind, round(event.x, 3), round(event.y, 3)) for event in events])
events.clear()
""",
    "folded": "ipywidgets.Accordion([LiveFigure(simple())], titles=['More'])",
    "two": "pair = LiveFigure(simple())\ndisplay(pair, ipywidgets.HBox([pair], layout={'width': '400px'}))",
    "push two": "pair.figure.axes[0].lines[0].set_ydata(np.full(21, 3)); pair.push()",
    "log": "logs = LiveFigure(simple(xlim=(1, 1e4), xscale='log', ylim=(1e3, 1e-3), yscale='log'))\nlogs",
    "listen on log": "logs.on_pointer(logs.figure.axes[0], events.append)",
    "far": """
def far(values, **axes):
    from matplotlib.figure import Figure
    figure = Figure(figsize=(6, 2))
    for here, style in zip(figure.subplots(1, 3), ('-', '--', 'steps')):
        here.set(xlim=(0, len(values) - 1), ylim=(0.1, 10), **axes)
        style = {'drawstyle': 'steps-post'} if style == 'steps' else {'linestyle': style}
        here.plot(values, marker='o', animated=True, **style)
    return LiveFigure(figure)
huge = [1, np.inf, 1, -np.inf, 1, 1e300, 1, -1e300, 1, 1e200, 1e150, 1, np.inf, -np.inf, 1]
less = np.clip(huge, -1e7, 1e7)
tiny = [1, 0, 1, -3, 1, -np.inf, 1, np.inf, 1, 1e300, 1]
below = [1, 1e-300, 1, 1e-300, 1, 1e-300, 1, 1e300, 1, 1e300, 1]
display(far(huge), far(less), far(tiny, yscale='log'), far(below, yscale='log'))
""",
    "path": """
def path(limit):
    from matplotlib.figure import Figure
    turn = 0.3 + np.pi * np.arange(36)
    radius = np.minimum(0.4 * 2.0 ** np.arange(36), limit)
    figure = Figure(figsize=(6, 3))
    here = figure.add_axes((0.3, 0.3, 0.5, 0.5), xlim=(-1, 1), ylim=(-1, 1))
    here.plot(radius * np.cos(turn), radius * np.sin(turn), lw=3, animated=True)
    return LiveFigure(figure)
display(path(np.inf), path(1e4))
""",
}
N = {name: n for n, name in enumerate(CELLS)}


@pytest.fixture(scope="module")
def notebook(browser, server):
    path = write_notebook(server.root / "behaviour.ipynb", list(CELLS.values()))
    with Notebook(browser, server, path.name, viewport=(1200, 900)) as notebook:
        notebook.run_cell(N["start"])
        yield notebook
        assert notebook.cell_errors() == notebook.problems() == []


@pytest.fixture
def shown(notebook):
    """A live figure of its own for each test."""
    notebook.page.set_viewport_size({"width": 1200, "height": 900})
    notebook.run_cell(N["one"])
    return Shown(notebook, N["one"]).settle()


def events(notebook):
    """What the callback has been told since the last time: [(kind, x, y), ...]"""
    notebook.wait_idle()
    notebook.run_cell(N["events"])
    return eval(notebook.output(N["events"]).split(" ", 1)[1])


def count_messages(page):
    """Begin to count what the page says to kernels."""
    page.evaluate(
        """() => {
            window.said = 0;
            WebSocket.prototype.plainSend ??= WebSocket.prototype.send;
            WebSocket.prototype.send = function (data) { window.said++; return this.plainSend(data); };
        }"""
    )


def test_a_screen_reader_is_told_what_it_is(shown):
    assert shown.element.get_attribute("role") == "img"
    assert shown.element.get_attribute("aria-label") == "A wave and stairs"
    shown.check(simple())


def test_reveal_shows_the_first_points(notebook, shown):
    whole = shown.pixels()
    notebook.run_cell(N["reveal"])
    revealed = shown.settle().pixels()
    notebook.run_cell(N["reveal all"])
    assert (shown.settle().pixels() == whole).all()
    notebook.run_cell(N["seven points"])
    seven = shown.settle().pixels()
    assert (revealed == seven).all()
    assert 0 < (seven[..., 3] > 0).sum() < 0.6 * (whole[..., 3] > 0).sum()
    notebook.run_cell(N["all points"])
    assert (shown.settle().pixels() == whole).all()


def drag(page, start, end, steps=5):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


@pytest.mark.parametrize(
    ("cell", "listen", "data"),
    [
        ("one", "listen", lambda share: (10 * share[0], 10 - 10 * share[1])),
        ("log", "listen on log", lambda share: (10 ** (4 * share[0]), 10 ** (-3 + 6 * share[1]))),
    ],
)
def test_the_pointer_arrives_in_data_coordinates(notebook, shown, cell, listen, data):
    if cell != "one":
        notebook.run_cell(N[cell])
        shown = Shown(notebook, N[cell]).settle()
    notebook.run_cell(N[listen])
    box = shown.canvas.bounding_box()

    def place(x, y):
        """From shares of the axes to the page."""
        return box["x"] + box["width"] * (0.25 + 0.5 * x), box["y"] + box["height"] * (0.25 + 0.5 * y)

    drag(shown.page, place(0.2, 0.3), place(1.2, 0.75))  # it may leave, once it is held
    told = events(notebook)
    assert [kind for kind, _, _ in (told[0], told[-1])] == ["press", "release"]
    assert {kind for kind, _, _ in told[1:-1]} <= {"drag"}
    pixel = 2 / box["width"], 2 / box["height"]  # as shares of the axes
    for (_, x, y), share in [(told[0], (0.2, 0.3)), (told[-1], (1.2, 0.75))]:
        low, high = (data(np.array(share) + np.multiply(sign, pixel)) for sign in ((-1, 1), (1, -1)))
        assert min(low[0], high[0]) <= x <= max(low[0], high[0])
        assert min(low[1], high[1]) <= y <= max(low[1], high[1])


def test_a_finger_drags_and_a_second_one_does_nothing(notebook, shown):
    notebook.run_cell(N["listen"])
    box = shown.canvas.bounding_box()
    middle, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hand = shown.page.context.new_cdp_session(shown.page)

    def touch(kind, *places):
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    scrolled = shown.element.bounding_box()["y"]
    touch("touchStart", (middle, top))
    for step in range(1, 9):
        touch("touchMove", (middle, top + 4 * step))  # downwards, where a page would scroll
    touch("touchStart", (middle, top + 32), (middle + 40, top))
    touch("touchMove", (middle, top + 32), (middle + 60, top))
    touch("touchEnd", (middle, top + 32))
    touch("touchEnd")
    assert shown.element.bounding_box()["y"] == scrolled
    told = events(notebook)
    assert [kind for kind, _, _ in told if kind != "drag"] == ["press", "release"]
    assert {round(x, 3) for _, x, _ in told} == {5.0}, "the second finger drags nothing"
    pixels = 20 / box["height"]  # of 10 data units, on half of the height
    assert told[-1][2] == pytest.approx(5 - 32 * pixels, abs=pixels)


def test_outside_the_axes_and_with_other_buttons_nothing_is_sent(notebook, shown):
    notebook.run_cell(N["listen"])
    box = shown.canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.wait_idle()
    count_messages(shown.page)
    drag(shown.page, (box["x"] + 5, box["y"] + 5), (x, y))
    shown.page.mouse.move(x, y)
    shown.page.mouse.down(button="middle")
    shown.page.mouse.up(button="middle")
    shown.page.wait_for_timeout(300)
    assert shown.page.evaluate("said") == 0
    assert shown.canvas.evaluate("canvas => canvas.style.cursor") == "crosshair"
    shown.page.mouse.move(box["x"] + 5, box["y"] + 5)
    assert shown.canvas.evaluate("canvas => canvas.style.cursor") == ""
    assert events(notebook) == []


@pytest.mark.parametrize("width", [801, 1503])
def test_it_is_drawn_anew_for_another_width(shown, width):
    before, _ = shown.room()
    shown.page.set_viewport_size({"width": width, "height": 900})
    shown.settle()
    assert abs(shown.room()[0] - before) > 200
    check_fit(shown)
    shown.check(simple())


def check_fit(shown):
    """One pixel of the canvases for each of the screen, all within the element, nothing wider than its parents."""
    width, ratio = shown.room()
    for canvas in shown.element.locator("canvas").all():
        columns, rows = canvas.evaluate("canvas => [canvas.width, canvas.height]")
        box, around = canvas.bounding_box(), shown.element.bounding_box()
        assert columns == int(width * ratio)
        assert (box["width"] * ratio, box["height"] * ratio) == pytest.approx((columns, rows), abs=0.01)
        assert box["width"] <= around["width"]
        assert box["height"] <= around["height"] + 0.5
        assert around["height"] <= box["height"] + 1
    assert shown.element.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize("ratio", [2, 1.5])
def test_it_is_drawn_anew_when_the_page_is_zoomed(notebook, shown, ratio):
    devtools = shown.page.context.new_cdp_session(shown.page)
    screen = {"width": int(1200 / ratio), "height": int(900 / ratio), "deviceScaleFactor": ratio, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", screen)
    shown.page.wait_for_function(
        "canvas => Math.abs(canvas.width - canvas.clientWidth * devicePixelRatio) < 2",
        arg=shown.canvas.element_handle(),
    )
    shown.settle()
    assert shown.room()[1] == ratio
    check_fit(shown)
    events(notebook)
    assert float(notebook.output(N["events"]).split()[0]) == ratio  # the kernel knows
    devtools.send("Emulation.clearDeviceMetricsOverride")


def test_in_a_folded_section_it_shows_once_unfolded(notebook):
    notebook.run_cell(N["folded"])
    shown = Shown(notebook, N["folded"])
    assert not shown.canvas.is_visible()
    notebook.cell(N["folded"]).get_by_text("More", exact=True).click()
    shown.settle().check(simple())
    check_fit(shown)


def test_two_views_of_one_figure(notebook):
    notebook.run_cell(N["two"])
    wide, narrow = (Shown(notebook, N["two"], n).settle() for n in range(2))
    count_messages(wide.page)
    before = [view.pixels() for view in (wide, narrow)]
    notebook.wait_idle(quiet=1)
    assert wide.page.evaluate("said") == 0, "views that disagree must not go on telling the kernel"
    notebook.run_cell(N["push two"])
    for view, old in zip((wide.settle(), narrow.settle()), before, strict=True):
        check_fit(view)
        assert (view.pixels() != old).any()
    assert wide.room()[0] > narrow.room()[0] > 300


def test_a_cell_run_again_shows_one_figure(notebook, shown):
    before = shown.pixels()
    notebook.run_cell(N["one"])
    notebook.run_cell(N["one"])
    again = shown.settle()
    assert notebook.cell(N["one"]).locator(".lrlab-live-figure").count() == 1
    assert (again.pixels() == before).all()


def test_what_is_out_of_reach_leaves_in_the_right_direction(notebook):
    notebook.run_cell(N["far"])
    huge, less, tiny, below = (Shown(notebook, N["far"], n).settle().pixels() for n in range(4))
    for one, other in [(huge, less), (tiny, below)]:
        assert (other[..., 3] > 0).sum() > 3000
        differs = np.abs(one - other).max(axis=-1) > 40
        assert differs.sum() <= 100  # where dashes lie on dashes


def test_a_path_that_swings_ever_wider_still_passes_through_its_middle(notebook):
    notebook.run_cell(N["path"])
    far, near = (Shown(notebook, N["path"], n).settle().pixels()[..., 3] for n in range(2))
    row, column = (np.array(far.shape) * (0.45, 0.55)).astype(int)
    assert far[row - 1 : row + 1, column - 1 : column + 1].min() > 200
    assert ((far > 100) != (near > 100)).mean() < 1e-4


def test_without_a_kernel_there_is_a_picture(notebook, server, shown):
    shown.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    saved = nbformat.read(server.root / "behaviour.ipynb", as_version=4)
    (output,) = saved.cells[N["one"]].outputs
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} == set(output.data)
    html, _ = HTMLExporter().from_notebook_node(saved)
    assert len(re.findall(r'<img[^>]*src="data:image/png;base64,iVBOR', html)) >= 1
    assert "widget-view" not in html
