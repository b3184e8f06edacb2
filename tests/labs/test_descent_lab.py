"""DescentLab through its controls: what is set, what is drawn, what is said."""

import gc
import re
import threading
import warnings

import ipywidgets as widgets
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.widgets.fields import Field


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.05, factor=0.5, patience=5)
    yield lab
    lab.close()


def text_of(widget):
    return re.sub(r"<[^>]+>", " ", widget.value)


def expected(lab, **changes):
    """The run that the lab should show, by `train` alone."""
    values = {name: control.value for name, control in lab.controls.items()} | changes
    rule = {name: values[name] for name in ("factor", "patience", "min_delta", "cooldown", "min_lr")}
    rest = {name: values[name] for name in ("epochs", "seed", "start", "momentum")}
    noise = "noise" if lab.problem.samples is None else "batch_size"
    return lrlab.train(lab.problem, lrlab.Settings.pair(values["alpha"], **rule), **rest, **{noise: values[noise]})


def assert_shows(lab, run):
    """The artists hold exactly what ``run`` says, epoch by epoch."""
    for i in range(2):
        epochs, loss = lab.view.loss.lines[i].get_data()
        np.testing.assert_array_equal(epochs, np.arange(run.epochs + 1))
        np.testing.assert_array_equal(loss, np.clip(run.watched[:, i], -1e300, 1e300))
        epochs, rates = lab.view.rate.lines[i].get_data()
        np.testing.assert_array_equal(epochs, np.arange(run.epochs + 1))
        np.testing.assert_array_equal(rates, [*run.lr[:, i], run.final_lr[i]])
        path = np.transpose(lab.view.surface.paths.lines[i].get_data())
        drawn = ~np.isnan(path).any(axis=1)
        np.testing.assert_array_equal(path[drawn], run.w[drawn, i])
        cut_epochs, cut_losses = lab.view.loss.cuts[i].get_data()
        marked = ~np.isnan(cut_losses)
        np.testing.assert_array_equal(np.asarray(cut_epochs)[marked], np.flatnonzero(run.cuts[:, i]) + 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", 0.07), ("alpha", 0.085), ("factor", 0.1), ("patience", 2), ("epochs", 50), ("noise", 0.7),
        ("momentum", 0.9), ("min_delta", 0.1), ("cooldown", 4), ("min_lr", 0.01), ("seed", 3), ("start", (1.0, -1.5)),
    ],
)  # fmt: skip
def test_every_control_drives_the_run_and_the_picture(lab, name, value):
    lab.controls["noise"].value = 0.3  # so that the seed matters too
    before = lab.run
    lab.controls[name].value = value
    assert lab.run is not before
    run = expected(lab)
    np.testing.assert_array_equal(lab.run.w, run.w)
    assert_shows(lab, run)


@pytest.fixture(scope="module")
def long_used_lab():
    lab = lrlab.DescentLab("ravine", epochs=60)
    yield lab
    lab.close()


@settings(max_examples=40, deadline=None)
@given(
    alpha=st.floats(1e-4, 10),
    factor=st.floats(0.01, 1),
    patience=st.integers(0, 30),
    noise=st.sampled_from([0, 0.5, 100]),
    momentum=st.sampled_from([0, 0.9]),
)
def test_any_setting_gives_a_picture_and_a_readout(long_used_lab, alpha, factor, patience, noise, momentum):
    lab = long_used_lab
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, value in (
            ("alpha", alpha), ("factor", factor), ("patience", patience), ("noise", noise), ("momentum", momentum),
        ):  # fmt: skip
            lab.controls[name].value = value
    assert_shows(lab, expected(lab))
    assert "nan" not in text_of(lab._readout).lower()
    assert text_of(lab._message) == ""


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("alpha", 0, "alpha must be greater than 0"),
        ("alpha", -1, "alpha must be greater than 0"),
        ("alpha", float("nan"), "alpha must be greater than 0"),
        ("alpha", "fast", "alpha must be a number"),
        ("factor", 0, "factor must be greater than 0 and at most 1"),
        ("factor", 1.5, "factor must be greater than 0 and at most 1"),
        ("patience", -1, "patience must be a whole number, 0 or more"),
        ("patience", 2.5, "patience must be a whole number, 0 or more"),
        ("epochs", 0, "epochs must be a whole number from 1"),
        ("epochs", 10_000_000, "epochs must be a whole number from 1"),
        ("start", (1, 2, 3), "start must be 2 numbers"),
        ("start", "here", "start must be made of numbers"),
    ],
)
class TestBadInput:
    def test_in_code_raises_and_changes_nothing(self, lab, name, value, rule):
        kept, run = lab.controls[name].value, lab.run
        with pytest.raises((ValueError, TypeError), match=rule) as caught:
            lab.controls[name].value = value
        assert "Try" in str(caught.value)
        assert lab.controls[name].value == kept
        assert lab.run is run

    def test_to_a_new_lab_raises(self, lab, name, value, rule):
        open_before = set(widgets.widgets.widget._instances)
        with pytest.raises((ValueError, TypeError), match=rule):
            lrlab.DescentLab("ravine", **{name: value})
        assert set(widgets.widgets.widget._instances) == open_before, "a lab that failed must leave nothing behind"

    def test_typed_is_told_and_the_lab_goes_on(self, lab, name, value, rule):
        typed = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        kept = lab.controls[name].value
        lab.controls[name].box.value = typed
        assert rule.split("'")[0] in text_of(lab._message)
        assert lab.controls[name].box.value == typed, "what was typed must not be lost"
        assert lab.controls[name].value == kept
        lab.controls["alpha"].value = 0.0123
        assert_shows(lab, expected(lab))


def test_an_unknown_problem_names_the_nearest(lab):
    with pytest.raises(ValueError, match="Did you mean 'ravine'"):
        lrlab.DescentLab("ravin")
    with pytest.raises(ValueError, match="Did you mean 'linear_regression'"):
        lab.controls["problem"].value = "linear regresion"
    assert lab.controls["problem"].value == "ravine"


def test_a_mended_value_clears_the_message(lab):
    lab.controls["alpha"].box.value = "abc"
    assert "alpha must be a number" in text_of(lab._message)
    lab.controls["alpha"].box.value = "0,03"
    assert text_of(lab._message) == ""
    assert lab.controls["alpha"].value == 0.03


def test_the_message_is_text_and_never_markup(lab):
    lab.controls["alpha"].box.value = "<img src=x onerror=alert(1)>"
    assert "<img" not in lab._message.value


def test_a_browser_that_rounds_to_a_slider_step_does_not_change_alpha(lab):
    lab.controls["alpha"].value = 0.085
    run = lab.run
    lab.controls["alpha"].slider.value = 10**-1.07  # where the step of 0.01 nearest to 0.085 is
    assert lab.controls["alpha"].value == 0.085
    assert lab.run is run
    lab.controls["alpha"].slider.value = 10**-1.06
    assert lab.controls["alpha"].value == pytest.approx(10**-1.06, rel=0.01)


def test_a_slider_makes_room_for_any_allowed_value():
    lab = lrlab.DescentLab("ravine", alpha=7.5, patience=120)
    assert lab.controls["alpha"].value == 7.5
    assert lab.controls["alpha"].slider.value == pytest.approx(7.5)
    assert lab.controls["patience"].slider.max >= 120
    assert lab.view.axes["rates"].get_ylim()[1] > 7.5
    lab.close()


def test_axes_stay_still_while_the_three_sliders_move(lab):
    def limits():
        return [(axes.get_xlim(), axes.get_ylim(), axes.get_position().bounds) for axes in lab.view.axes.values()]

    before, base = limits(), lab.figure._base
    for name, value in (("alpha", 0.2), ("factor", 0.05), ("patience", 50), ("alpha", 0.001)):
        lab.controls[name].value = value
    assert limits() == before
    assert lab.figure._base is base, "the still part of the picture must not be drawn again"


def test_divergence_is_said_with_its_epoch(lab):
    lab.controls["alpha"].value = 0.1
    epoch = int(lab.run.diverged[0])
    assert f"diverged at epoch {epoch}" in text_of(lab._readout)
    far = lab.run.loss[:, 0] - lab.run.loss[0, 0] >= 1000 * lab.run.loss[0, 0]
    assert far[epoch:].all()
    assert not far[epoch - 1]


def test_the_stability_edge_is_shown_and_follows_momentum(lab):
    assert "0.08" in lab.controls["alpha"].note.value
    lab.controls["momentum"].value = 0.5
    assert "0.12" in lab.controls["alpha"].note.value


def test_a_press_in_the_surface_moves_both_starts(lab):
    axes = lab.view.axes["surface"]
    x, y = axes.transData.transform((2.0, -1.0))
    lab.figure._pointer = {"kind": "press", "grip": 0, "x": x, "y": lab.figure.figure.bbox.height - y}
    assert lab.controls["start"].value == pytest.approx((2.0, -1.0))
    np.testing.assert_allclose(lab.run.w[0], [[2, -1], [2, -1]])
    assert_shows(lab, expected(lab))


def test_another_problem_brings_its_start_and_range(lab):
    lab.controls["problem"].value = "linear_regression"
    assert lab.controls["start"].value == lab.problem.start
    assert lab.problem.samples is not None
    low, high = lab.problem.alpha_range
    assert low <= lab.controls["alpha"].value <= high
    assert lab.controls["noise"].layout.display == "none"
    assert lab.controls["batch_size"].layout.display is None
    assert_shows(lab, expected(lab))


def test_new_noise_and_reset(lab):
    lab.controls["noise"].value = 1
    before = lab.run
    buttons = {button.description: button for button in find(lab, widgets.Button)}
    buttons["New noise"].click()
    assert not np.array_equal(before.w, lab.run.w)
    lab.controls["problem"].value = "bowl"
    buttons["Reset"].click()
    assert lab.problem.name == "ravine"
    assert {name: control.value for name, control in lab.controls.items()} == lab._first_values
    assert_shows(lab, expected(lab))


def test_a_problem_of_ones_own_and_its_failures_stay_inside_the_lab():
    broken = False

    def grad(w):
        if broken:
            raise ZeroDivisionError("my own mistake")
        return 2 * w

    mine = lrlab.Problem(
        name="mine", formula="$x^2 + y^2 - 3$", loss=lambda w: (w**2).sum(-1) - 3, grad=grad,
        start=(1, 1), view=((-2, 2), (-2, 2)), convex=True, minima=[(0, 0)],
    )  # fmt: skip
    lab = lrlab.DescentLab(mine, alpha=0.1)
    np.testing.assert_allclose(lab.view.loss.lines[0].get_ydata(), lab.run.watched[:, 0] + 3)
    run, broken = lab.run, True
    lab.controls["alpha"].value = 0.2
    assert "ZeroDivisionError: my own mistake" in text_of(lab._message)
    assert lab.run is run
    broken = False
    lab.controls["alpha"].value = 0.3
    assert text_of(lab._message) == ""
    assert lab.run is not run
    lab.close()


def find(root, kind):
    found = [root] if isinstance(root, kind) else []
    for child in getattr(root, "children", ()):
        found += find(child, kind)
    return found


def test_the_three_sliders_come_first_in_order(lab):
    fields = [child for child in lab.children if isinstance(child, Field)]
    assert fields == [lab.controls[name] for name in ("alpha", "factor", "patience")]


def test_without_a_kernel_there_is_a_still_picture(lab):
    bundle = lab._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_close_leaves_no_widget_and_frees_the_figure():
    gc.collect()
    before = set(widgets.widgets.widget._instances)
    lab = lrlab.DescentLab("bowl")
    assert set(widgets.widgets.widget._instances) - before
    lab.close()
    lab.close()
    assert set(widgets.widgets.widget._instances) == before
    assert lab.figure.figure is None


def test_a_closed_lab_keeps_its_run_and_is_not_drawn_again():
    lab = lrlab.DescentLab("bowl", epochs=20)
    run = lab.run
    lab.close()
    lab.controls["alpha"].value = 0.123
    lab.set(epochs=5)
    assert lab.run is run
    assert lab.controls["epochs"].value == 5
    assert lab._message.value == ""


def test_a_name_that_is_no_setting_is_told_with_those_there_are(lab):
    with pytest.raises(ValueError, match=r"alhpa is no setting of a DescentLab\. It has: alpha, factor, patience"):
        lab.set(alhpa=0.1)


def test_messages_from_several_threads_are_dealt_with_one_at_a_time(lab):
    """JupyterLab delivers widget messages in the kernel's main thread and in another one."""

    def turn(values):
        for value in values:
            lab.controls["epochs"].value = value
            lab.controls["alpha"].value = value / 1000

    threads = [threading.Thread(target=turn, args=([20, 40, 60, 30],)), threading.Thread(target=turn, args=([50, 25],))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lab.controls["alpha"].value = 0.055
    assert text_of(lab._message) == ""
    assert_shows(lab, expected(lab))


def test_reset_forgets_what_was_typed_in_vain(lab):
    lab.controls["alpha"].box.value = "junk"
    {button.description: button for button in find(lab, widgets.Button)}["Reset"].click()
    assert lab.controls["alpha"].box.value == "0.05"
    assert text_of(lab._message) == ""


def test_a_hand_that_leaves_the_surface_keeps_the_start_in_sight(lab):
    lab.figure._pointer = {"kind": "drag", "grip": 0, "x": 5000.0, "y": -5000.0}
    (_, right), (_, top) = lab.problem.view
    assert lab.controls["start"].value == (right, top)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [("epochs", "3,000", 3000), ("alpha", "0,125", 0.125), ("start", "1,5; -0,5", (1.5, -0.5)), ("epochs", "50", 50)],
)
def test_commas_mean_what_people_mean_by_them(lab, name, typed, value):
    lab.controls[name].box.value = typed
    assert lab.controls[name].value == value


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": 3}, "start must be"),
        ({"view": ((1, 0), (0, 1))}, "view must be"),
        ({"minima": [(1, 2, 3)]}, "minima must be"),
        ({"alpha_range": (1, 0.1)}, "alpha_range must be"),
        ({"curvature": 0}, "curvature must be"),
        ({"grad": lambda w: np.array([2 * w[0], 2 * w[1]])}, "grad must turn weights"),
        ({"loss": lambda w: w[0] ** 2 + w[1] ** 2}, "loss must turn weights"),
        ({"loss": lambda w: (w**2).sum(-1) * np.nan}, "loss at the start must be finite"),
    ],
)
def test_a_problem_with_a_slip_in_it_says_which(change, says):
    good = {
        "name": "mine", "formula": "$x^2$", "loss": lambda w: (w**2).sum(-1), "grad": lambda w: 2 * w,
        "start": (1.0, 1.0), "view": ((-2, 2), (-2, 2)), "convex": True,
    }  # fmt: skip
    with pytest.raises(ValueError, match=says):
        lrlab.Problem(**good | change)


@pytest.mark.parametrize(
    "change",
    [
        {"start": (0.0, 0.0), "minima": [(0, 0)]},
        {"loss": lambda w: 0 * w[..., 0], "grad": None},
        {"loss": lambda w: w[..., 0] - 9, "grad": None},
    ],
)
def test_odd_problems_still_give_a_picture(change):
    odd = {
        "name": "odd", "formula": "$x$", "loss": lambda w: (w**2).sum(-1), "grad": lambda w: 2 * w,
        "start": (1.0, 1.0), "view": ((-2, 2), (-2, 2)), "convex": True,
    }  # fmt: skip
    lab = lrlab.DescentLab(lrlab.Problem(**odd | change), alpha=0.1)
    lab.controls["alpha"].value = 0.2
    assert text_of(lab._message) == ""
    lab.close()


def test_reset_brings_the_slider_back_to_its_range():
    lab = lrlab.DescentLab("ravine", alpha=0.05)
    field = lab.controls["alpha"]
    ends = (field.slider.min, field.slider.max)
    for typed in ("10", "1e-6"):
        field.box.value = typed
    assert (field.slider.min, field.slider.max) == (-6, 1)
    lab._reset()
    assert (field.slider.min, field.slider.max, field.value) == (*ends, 0.05)
    lab.controls["problem"].value = "bowl"
    field.box.value = "100"
    lab._reset()
    assert (field.slider.min, field.slider.max, field.value) == (*ends, 0.05)
    lab.close()


def test_a_first_alpha_beyond_the_slider_stays_in_reach_after_a_reset():
    lab = lrlab.DescentLab("ravine", alpha=5)
    lab._reset()
    assert lab.controls["alpha"].value == 5
    assert 10 ** lab.controls["alpha"].slider.max >= 5
    lab.close()
