"""The surface in 3-D in a lab: switched on and off, under the sliders, and with other problems."""

import numpy as np
import pytest

import lrlab
from lrlab.views import solid as heights
from lrlab.views.solid import Relief


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.085, factor=0.5, patience=3)
    yield lab
    lab.close()


@pytest.fixture
def sent(lab, monkeypatch):
    """Names of the surface's traits that were sent."""
    names = []
    monkeypatch.setattr(
        lab.solid.solid, "send_state", lambda key=None: names.extend([key] if isinstance(key, str) else key)
    )
    return names


def paths(lab):
    points = np.frombuffer(lab.solid.solid._points, "<f4")
    return points.reshape(len(lab.solid.solid._strokes), -1, 3).swapaxes(0, 1)


def is_seen(lab):
    return lab.solid.solid.layout.display is None


def test_it_is_off_at_first_and_nothing_is_worked_out_or_sent(lab, sent, monkeypatch):
    def never(*_):
        raise AssertionError("nobody looks")

    monkeypatch.setattr(heights.Heights, "__init__", never)
    lab.controls["alpha"].value = 0.03
    lab.controls["problem"].value = "rosenbrock"
    lab._place_all(lab.figure.figure, 800)
    assert not lab.solid.opened.value
    assert not is_seen(lab)
    assert sent == []
    assert lab.solid.solid._heights == lab.solid.solid._points == b""


def test_on_the_runs_stand_on_the_surface_and_follow_the_sliders(lab):
    lab.solid.opened.value = True
    assert is_seen(lab)
    assert "ravine" in lab.solid.solid.alt
    for _ in range(2):
        np.testing.assert_allclose(paths(lab), Relief(lab.problem).places(lab.run), rtol=1e-5, atol=1e-6)
        before = lab.solid.solid._points
        lab.controls["alpha"].value = 0.03
    surface = lab.solid.solid._heights
    lab.controls["alpha"].value = 0.04
    assert lab.solid.solid._points != before
    assert lab.solid.solid._heights is surface, "it is the same, and is not sent again"


def test_off_again_it_is_left_as_it_is(lab, sent):
    lab.solid.opened.value = True
    lab.solid.opened.value = False
    assert not is_seen(lab)
    sent.clear()
    lab.controls["alpha"].value = 0.03
    assert sent == []
    lab.solid.opened.value = True
    np.testing.assert_allclose(paths(lab), Relief(lab.problem).places(lab.run), rtol=1e-5, atol=1e-6)


def test_a_third_run_has_a_path_too(lab):
    lab.solid.opened.value = True
    lab.rule = "cosine"
    assert paths(lab).shape[1] == 3
    assert lab.solid.solid._strokes[2]["head"] == "D"
    lab.rule = None
    assert paths(lab).shape[1] == 2


@pytest.mark.parametrize("name", ["parabola", "mlp_moons"])
def test_it_is_for_two_weights_only_and_comes_back_with_them(lab, name):
    lab.solid.opened.value = True
    surface = lab.solid.solid._heights
    lab.controls["problem"].value = name
    assert not is_seen(lab)
    assert lab.solid.opened.layout.display == "none"
    assert lab._message.value == ""
    lab.controls["problem"].value = "rosenbrock"
    assert is_seen(lab)
    assert lab.solid.opened.layout.display is None
    assert lab.solid.solid._heights != surface


def test_it_stands_over_the_contour_at_any_width(lab):
    lab.solid.opened.value = True
    for width in (1400, 420):
        lab._place_all(lab.figure.figure, width)
        left, bottom, across, up = lab.view.axes["surface"].get_position().bounds
        layout = lab.solid.solid.layout
        share = {name: float(getattr(layout, name).rstrip("%")) / 100 for name in ("left", "top", "width", "height")}
        assert share["left"] < left < left + across <= share["left"] + share["width"] <= 1
        assert 0 < share["top"] < 1 - bottom - up + 1e-3
        assert 1 - bottom < share["top"] + share["height"] <= 1.0001
        others = [lab.view.axes[name].get_position().bounds for name in ("losses", "rates")]
        for x, y, _, high in others:
            assert share["left"] + share["width"] < x or share["top"] + share["height"] < 1 - y - high


def test_the_start_is_dragged_over_it_and_stays_in_the_view(lab):
    lab.solid.opened.value = True
    lab.solid.solid.set_state({"_picked": [0.75, 0.5]})
    assert lab.controls["start"].value == pytest.approx((2.5, 0.0))
    np.testing.assert_allclose(paths(lab)[0, :, :2], [[0.75, 0.5]] * 2, atol=1e-6)
    lab.solid.solid.set_state({"_picked": [3.0, -1.0]})
    assert lab.controls["start"].value == (5.0, lab.problem.view[1][0])


def test_a_surface_of_the_users_own_that_fails_is_told():
    mine = lrlab.Problem(
        name="mine",
        formula="",
        loss=lambda w: (w * w).sum(axis=-1),
        start=(1.0, 1.0),
        view=((-2, 2), (-2, 2)),
        convex=True,
    )
    other = lrlab.DescentLab(mine, alpha=0.1)

    def fails(w):
        raise ArithmeticError("no loss today")

    object.__setattr__(mine, "loss", fails)
    other.solid.opened.value = True
    assert "no loss today" in other._message.value
    assert not is_seen(other)
    other.close()


def test_a_scene_remembers_it(lab):
    assert "shown" not in lab.scene
    lab.solid.opened.value = True
    other = lrlab.DescentLab.from_scene(lab.scene)
    assert is_seen(other)
    np.testing.assert_array_equal(paths(other), paths(lab))
    lab.solid.opened.value = False
    other.scene = lab.scene
    assert not is_seen(other)
    other.close()


def test_it_closes_with_its_lab():
    lab = lrlab.DescentLab("bowl")
    lab.solid.opened.value = True
    lab.close()
    for part in (lab.solid, lab.solid.solid, lab.solid.opened):
        assert part.comm is None
    lab.solid.solid.set_state({"_picked": [0.5, 0.5]})  # a message that was on its way
    lab.solid.opened.value = False
