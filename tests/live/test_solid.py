"""Solid without a browser: what is sent, and what is heard. tests/browser/test_solid.py looks at it."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from lrlab.live import LiveFigure
from lrlab.live.solid import Solid, Stroke, Surface

HEIGHTS = np.linspace(0, 1, 12).reshape(3, 4)


@pytest.fixture
def solid():
    figure = LiveFigure(Figure())
    solid = Solid(figure=figure)
    yield solid
    solid.close()
    figure.close()


def surface(heights=HEIGHTS):
    ticks = ([(0.0, "0")], [(0.5, "1")], [])
    return Surface(heights, 2 * heights, [[1, 2, 3]], [4, 5, 6], ("a", "b", "c"), ticks, np.array([[0.5, 0.5, 0.0]]))


def floats(packed):
    return np.frombuffer(packed, "<f4")


def test_a_surface_is_sent_row_by_row(solid):
    solid.stand(surface())
    np.testing.assert_allclose(floats(solid._heights), HEIGHTS.ravel(), rtol=1e-6)
    np.testing.assert_allclose(floats(solid._rings), 2 * HEIGHTS.ravel(), rtol=1e-6)
    assert tuple(solid._box["shape"]) == (3, 4)
    assert solid._box["marks"] == [[0.5, 0.5, 0.0]]
    assert "heights" not in solid._box


def test_paths_are_sent_one_after_the_other(solid):
    points = np.arange(12.0).reshape(2, 2, 3)  # two points of two paths
    points[1, 1] = np.nan
    stroke = Stroke([1, 2, 3], 0.2, [], 0.3, "o", 1)
    solid.lay(points, [stroke, stroke])
    np.testing.assert_array_equal(floats(solid._points)[:6], [0, 1, 2, 6, 7, 8])
    assert np.isnan(floats(solid._points)[9:]).all()
    assert [one["head"] for one in solid._strokes] == ["o", "o"]


def test_what_is_picked_is_heard(solid):
    heard = []
    solid.on_pick(lambda x, y: heard.append((x, y)))
    solid.set_state({"_picked": [0.25, 1.5]})
    assert heard == [(0.25, 1.5)]


def test_a_closed_one_lets_go_of_the_surface(solid):
    solid.stand(surface())
    solid.close()
    assert solid._heights == solid._rings == b""
    assert solid.comm is None
