"""LiveFigure without a browser: what is sent and when, what is saved, what is let go of."""

import gc
import io
import re
import threading
import weakref

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PIL import Image

from lrlab.live import LiveFigure, PointerEvent

NAN = np.nan


def new_figure(**axes):
    """A figure of 400 x 300 pixels with a live red line across its axes, which fill the middle."""
    figure = Figure(figsize=(4, 3), dpi=100)
    figure.add_axes((0.25, 0.25, 0.5, 0.5)).set(**({"xlim": (0, 10), "ylim": (0, 10)} | axes))
    figure.axes[0].plot([0, 10], [5, 5], color="red", linewidth=4, animated=True)
    return figure


@pytest.fixture
def live():
    return LiveFigure(new_figure())


@pytest.fixture
def line(live):
    return live.figure.axes[0].lines[0]


@pytest.fixture
def messages(live, monkeypatch):
    """Which traits went to the browser: a list of names for each message."""
    messages = []

    def send(data=None, *_, **__):
        messages.append(sorted([*data["state"], *(path[0] for path in data["buffer_paths"])]))

    monkeypatch.setattr(live.comm, "send", send)
    return messages


def picture(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def red(png):
    """How many pixels are red."""
    r, g, b = np.moveaxis(picture(png), -1, 0)
    return int(((r > 200) & (g < 60) & (b < 60)).sum())


# Sending -----------------------------------------------------------------------------------------------------------


def test_a_push_is_one_message_with_only_what_changed(live, line, messages):
    line.set_data([0, 10], [2, 3])
    live.push()
    line.set_color("blue")
    live.push()
    line.set_data([0, 5, 10], [2, 3, 4])
    live.push()
    live.push()
    assert messages == [["_points"], ["_artists"], ["_artists", "_points"]]


def test_a_redraw_is_one_message(live, line, messages):
    line.set_data([0, 10], [2, 3])
    live.figure.axes[0].set_title("A title")
    live.redraw()
    assert messages == [["_base", "_points"]]
    live.on_pointer(live.figure.axes[0], print)
    live.figure.set_size_inches(8, 6)
    live.redraw()
    assert messages[1:] == [["_grips"], ["_artists", "_base", "_grips", "_points", "_size"]]


def test_reveal_is_one_small_message(live, messages):
    live.reveal(1)
    live.reveal(1)
    live.reveal(None)
    assert messages == [["_shown"], ["_shown"]]


@pytest.mark.parametrize("points", [0, -3])
def test_nothing_cannot_be_revealed(live, points):
    live.reveal(2)
    with pytest.raises(ValueError, match=f"points must be 1 or more, or None for all, got {points}"):
        live.reveal(points)
    assert live._shown == 2


def test_a_push_that_fails_leaves_what_was_sent(live, line, messages):
    before = live._points, live._artists
    line.set_data([0, 10], [2, 3])
    line.set_drawstyle("steps-mid")
    with pytest.raises(ValueError, match="steps-mid"):
        live.push()
    live.figure.axes[0].text(1, 1, "no", animated=True)
    line.set_drawstyle("default")
    for send in (live.push, live.redraw):
        with pytest.raises(TypeError, match="Text"):
            send()
    assert (live._points, live._artists) == before
    assert messages == []


def test_only_figures_become_live():
    with pytest.raises(TypeError, match=re.escape("figure must be a matplotlib Figure, got 3. Try Figure(")):
        LiveFigure(3)


def test_a_figure_that_cannot_be_live_leaves_no_widget_open():
    figure = new_figure()
    figure.axes[0].text(1, 1, "no", animated=True)
    before = len(_instances)
    with pytest.raises(TypeError, match="Text"):
        LiveFigure(figure)
    assert len(_instances) == before


# The still picture ---------------------------------------------------------------------------------------------------


def test_the_still_picture_has_everything_but_the_live_artists(live, line):
    assert red(live._base) == 0
    line.set_animated(False)
    live.redraw()
    assert red(live._base) > 1000


def test_live_images_are_not_in_it():
    figure = new_figure()
    figure.axes[0].imshow(np.full((2, 2, 3), (1.0, 0, 0)), animated=True, aspect="auto")
    assert red(LiveFigure(figure)._base) == 0


def test_it_has_one_pixel_for_each_of_the_figure_until_a_browser_says_otherwise(live):
    assert picture(live._base).shape == (300, 400, 3)
    live._room = {"width": 400, "ratio": 1.5}
    assert picture(live._base).shape == (450, 600, 3)
    assert live._size == (400, 300)


@pytest.mark.parametrize("ratio", [1, 1.25, 2])
def test_it_is_as_wide_as_the_room_whatever_the_rounding(live, ratio):
    for width in range(987, 993):
        live._room = {"width": width, "ratio": ratio}
        assert picture(live._base).shape[1] == int(width * ratio)
        assert live._size[0] == int(width * ratio) / ratio


def test_the_dpi_is_that_of_the_figure_also_when_drawing_fails(live):
    dpis = []

    class Spy(Artist):
        def draw(self, renderer):
            dpis.append(self.get_figure().dpi)
            if len(dpis) > 1:
                raise RuntimeError("cannot draw")

    live._room = {"width": 400, "ratio": 2}
    live.figure.add_artist(Spy())
    live.redraw()
    with pytest.raises(RuntimeError, match="cannot draw"):
        live.redraw()
    assert dpis == [200, 200]
    assert live.figure.dpi == 100


def test_points_follow_the_size_and_the_limits(live, line):
    def middle():
        return np.frombuffer(live._points, np.float32).reshape(-1, 2).mean(axis=0).tolist()

    assert middle() == [200, 150]
    live.figure.set_size_inches(8, 3)
    live.redraw()
    assert middle() == [400, 150]
    live.figure.axes[0].set_ylim(5, 25)
    live.redraw()
    assert middle() == [400, 225]


def test_axes_of_equal_scale_are_arranged_before_points_are_taken():
    figure = new_figure(aspect="equal", adjustable="box")
    points = np.frombuffer(LiveFigure(figure)._points, np.float32).reshape(-1, 2)
    np.testing.assert_allclose(points, [[125, 150], [275, 150]], atol=1e-3)


# Room --------------------------------------------------------------------------------------------------------------


def test_left_to_itself_a_figure_keeps_its_proportions(live):
    live._room = {"width": 800, "ratio": 1}
    assert live.figure.get_size_inches().tolist() == [8, 6]
    assert live._size == (800, 600)


def test_arrange_is_told_the_width_and_does_as_it_likes():
    asked = []

    def arrange(figure, width):
        asked.append((figure, width))
        figure.set_size_inches(width / figure.dpi, 2)

    figure = new_figure()
    live = LiveFigure(figure, arrange=arrange)
    assert asked == []
    live._room = {"width": 700, "ratio": 2}
    assert asked == [(figure, 700)]
    assert live._size == (700, 200)
    assert picture(live._base).shape == (400, 1400, 3)


def test_what_is_drawn_for_a_narrow_cell_is_magnified_to_a_wide_one():
    widths = []

    def arrange(figure, width):
        widths.append(width)
        figure.dpi = 100
        figure.set_size_inches(width / 100, 3)

    live = LiveFigure(new_figure().figure, arrange=arrange)
    live._room = {"width": 1000, "ratio": 1}
    live.drawn_for = 400
    assert widths == [1000, 400]
    assert (live.figure.dpi, live._size) == (250, (1000, 750))
    live._room = {"width": 300, "ratio": 1}
    assert (widths[-1], live.figure.dpi) == (300, 100), "a cell that is narrower still stays as it is"
    live.drawn_for = None
    live._room = {"width": 1000, "ratio": 1}
    assert (live.figure.dpi, live._size) == (100, (1000, 300))
    live.close()


def test_left_to_itself_a_magnified_figure_comes_back(live):
    live._room = {"width": 800, "ratio": 1}
    before = live._size, live.figure.dpi
    live.drawn_for = 400
    live.fit()
    live.drawn_for = None
    assert (live._size, live.figure.dpi) == before
    live._room = {"width": 800, "ratio": 2}
    assert (live._size, live.figure.dpi) == before


@pytest.mark.parametrize(("ratio", "pixels"), [(0.5, 400), (9, 1600)])
def test_strange_densities_are_bounded(live, ratio, pixels):
    live._room = {"width": 400, "ratio": ratio}
    assert picture(live._base).shape[1] == pixels


# The pointer -------------------------------------------------------------------------------------------------------


def point(live, kind, x, y, grip=0):
    live._pointer = {"kind": kind, "grip": grip, "x": x, "y": y}


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ({}, (2.5, 7.5)),
        ({"xlim": (10, 0)}, (7.5, 7.5)),
        ({"xscale": "log", "xlim": (1e-4, 1)}, (1e-3, 7.5)),
        ({"yscale": "log", "ylim": (1e-8, 1)}, (2.5, 1e-2)),
        ({"xscale": "log", "xlim": (1, 1e4), "yscale": "log", "ylim": (1e4, 1)}, (10, 10)),
    ],
)
def test_pointer_events_are_in_data_coordinates(axes, expected):
    live, events = LiveFigure(new_figure(**axes)), []
    live.on_pointer(live.figure.axes[0], events.append)
    for kind in ("press", "drag", "release"):
        point(live, kind, 150, 112.5)
    assert [event.kind for event in events] == ["press", "drag", "release"]
    for event in events:
        assert isinstance(event, PointerEvent)
        assert event.axes is live.figure.axes[0]
        assert (event.x, event.y) == pytest.approx(expected)


def test_several_axes_listen_each_for_itself(live):
    events = []
    other = live.figure.add_axes((0.8, 0.8, 0.1, 0.1))
    inset = live.figure.axes[0].inset_axes((0.5, 0.5, 0.5, 0.5))
    for name, axes in [("first", live.figure.axes[0]), ("other", other), ("inset", inset)]:
        live.on_pointer(axes, lambda event, name=name: events.append((name, event.axes)))
    boxes = [[100, 75, 200, 150], pytest.approx([320, 30, 40, 30]), [200, 75, 100, 75]]
    assert [grip["box"] for grip in live._grips] == boxes
    for grip in range(3):
        point(live, "press", 250, 100, grip)
    assert events == [("first", live.figure.axes[0]), ("other", other), ("inset", inset)]


def test_axes_that_are_removed_fall_silent(live):
    events = []
    first, second = live.figure.axes[0], live.figure.add_axes((0.8, 0.8, 0.1, 0.1))
    live.on_pointer(first, events.append)
    live.on_pointer(second, events.append)
    first.remove()
    point(live, "press", 150, 150, 0)  # on its way while the axes left
    assert events == []
    live.redraw()
    assert [grip["box"] for grip in live._grips] == [pytest.approx([320, 30, 40, 30])]
    point(live, "drag", 330, 45, 1)
    assert events == []
    point(live, "press", 330, 45, 0)
    assert [event.axes for event in events] == [second]
    gone = weakref.ref(first)
    del first
    gc.collect()
    assert gone() is None


def test_axes_of_another_figure_cannot_listen(live):
    with pytest.raises(ValueError, match="axes must be in this figure"):
        live.on_pointer(new_figure().axes[0], print)


def test_only_who_asks_for_it_is_told_where_a_mouse_hovers(live):
    axes = live.figure.axes[0]
    live.on_pointer(axes, print)
    live.on_pointer(axes, print, hover=True)
    assert [grip["hover"] for grip in live._grips] == [False, True]
    live.redraw()
    assert [grip["hover"] for grip in live._grips] == [False, True]


def test_grips_follow_the_size(live):
    live.on_pointer(live.figure.axes[0], print)
    live._room = {"width": 800, "ratio": 2}
    assert [grip["box"] for grip in live._grips] == [[200, 150, 400, 300]]


# Saving ------------------------------------------------------------------------------------------------------------


def test_saved_pictures_have_the_live_artists(live, tmp_path):
    live.savefig(tmp_path / "a.png")
    assert red((tmp_path / "a.png").read_bytes()) > 1000
    live.savefig(tmp_path / "a.svg")
    assert "#ff0000" in (tmp_path / "a.svg").read_text()
    with rc_context({"pdf.compression": 0}):
        live.savefig(tmp_path / "a.pdf")
    assert b"1 0 0 RG" in (tmp_path / "a.pdf").read_bytes()


def test_the_still_is_a_png_of_the_size_of_the_figure_with_the_live_artists(live):
    with rc_context({"savefig.bbox": "tight", "savefig.dpi": 30}):
        (png,) = live.still().values()
    assert list(live.still()) == ["image/png"]
    assert picture(png).shape == (300, 400, 3)
    assert red(png) > 500


def test_what_a_notebook_is_given(live):
    data, _ = live._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == live.model_id
    assert data["image/png"].startswith(b"\x89PNG")
    assert "text/plain" in data


def test_saving_changes_nothing_that_is_shown(live, messages):
    live.savefig(io.BytesIO(), dpi=77)
    live.still()
    live.redraw()
    assert messages == []


# Closing -----------------------------------------------------------------------------------------------------------


def test_closing_lets_go_of_figure_and_widget():
    def make():
        figure = new_figure()
        live = LiveFigure(figure, alt="A line", arrange=lambda _, width: figure.set_size_inches(width / 100, 3))
        live.on_pointer(figure.axes[0], lambda event: figure)
        return figure, live

    figure, live = make()
    gone = weakref.ref(figure), weakref.ref(live)
    live.close()
    del figure
    gc.collect()
    assert gone[0]() is None
    del live
    gc.collect()
    assert gone[1]() is None


def test_what_comes_after_closing_is_ignored(live, line):
    axes = live.figure.axes[0]
    live.close()
    live.close()
    line.set_data([0, 10], [2, 3])
    live.push()
    live.redraw()
    live.reveal(1)
    live.on_pointer(axes, print)
    live.alt = "closed"
    live._room = {"width": 300, "ratio": 1}
    point(live, "press", 150, 150)
    assert live.still() == {}
    with pytest.raises(ValueError, match="closed"):
        live.savefig(io.BytesIO())


def test_while_one_figure_is_drawn_no_other_is(live):
    """Matplotlib's parser of formulas is one for all figures: of two threads in it, one gets an error now and then."""
    other = LiveFigure(new_figure())
    drawing = threading.Thread(target=other.redraw)
    with live.lock:
        drawing.start()
        drawing.join(0.5)
        assert drawing.is_alive(), "it waits"
    drawing.join(10)
    assert not drawing.is_alive()
    other.close()
