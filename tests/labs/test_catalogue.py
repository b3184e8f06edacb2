"""Every problem of the catalogue in DescentLab: a curve, a contour or a landscape, and what was learned."""

import re

import numpy as np
import pytest

import lrlab
from lrlab.problems import CATALOGUE, GROUPS
from lrlab.studies.landscape import ends, loss_on, plane_of
from lrlab.studies.regimes import REGIMES
from lrlab.views.landscape import TOP

QUICK = {"epochs": 10}


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


def show(problem, **options):
    return lrlab.DescentLab(problem, **QUICK | options)


@pytest.fixture
def moons():
    lab = show("mlp_moons", alpha=1.0, patience=2, epochs=40)
    yield lab
    lab.close()


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_problem_gives_a_picture_and_a_readout(name):
    lab = show(name)
    lab.controls["alpha"].value *= 1.5
    assert lab.run.epochs == 10
    for i, line in enumerate(lab.view.loss.lines):
        np.testing.assert_array_equal(line.get_ydata(), lab.run.watched[:, i] - lab.view.loss.offset)
    assert "nan" not in text_of(lab._readout.value).lower()
    assert lab.problem.teaches in text_of(lab._readout.value).replace("&amp;", "&")
    assert text_of(lab._message.value) == ""
    lab.close()


def test_one_menu_leads_through_all_problems():
    lab = show("bowl")
    for name in ("double_well", "rosenbrock", "logistic_regression", "mlp_moons", "linear_regression", "bowl"):
        lab.controls["problem"].value = name
        assert text_of(lab._message.value) == ""
        problem = lab.problem
        assert lab.run.w.shape[2] == problem.dim
        assert lab.controls["epochs"].value == problem.epochs
        assert lab.controls["start"].value == tuple(problem.start)
        assert (lab.controls["start"].layout.display == "none") == (problem.dim > 2)
        if problem.samples:
            assert lab.controls["batch_size"].value == problem.samples.batch_size
    lab.close()


def test_the_menu_stands_in_groups():
    menu = show("bowl").controls["problem"]
    assert [name for name, _ in menu.groups] == list(GROUPS)
    assert [value for _, choices in menu.groups for _, value in choices] == list(CATALOGUE)


# One weight -----------------------------------------------------------------------------------------------------------


def test_points_roll_on_the_curve():
    lab = show("double_well", alpha=0.05)
    for i, line in enumerate(lab.view.surface.paths.lines):
        x, y = line.get_data()
        np.testing.assert_array_equal(x, lab.run.w[:, i, 0])
        np.testing.assert_array_equal(y, lab.problem.loss(lab.run.w[:, i]))
    start = lab.view.surface.paths.start
    assert float(start.get_xdata()[0]) == lab.problem.start[0]
    lab.close()


def test_a_click_moves_the_start_along_the_curve():
    lab = show("double_well")
    axes = lab.view.axes["surface"]
    x, y = axes.transData.transform((0.5, 4.0))
    _, height = lab.figure._size
    lab.figure._pointer = {"kind": "press", "grip": 0, "x": x, "y": height - y}
    assert lab.controls["start"].value == pytest.approx((0.5,), abs=0.01)
    assert lab.run.w[0, 0, 0] == lab.controls["start"].value[0]
    lab.close()


def test_a_constant_rate_rattles_at_a_corner_and_a_cut_one_settles():
    lab = lrlab.DescentLab("absolute_value", alpha=0.3, patience=5)
    constant, plateau = lab.run.final_loss
    assert constant > 0.01
    assert plateau < 1e-6
    lab.close()


# Many weights ---------------------------------------------------------------------------------------------------------


def test_the_landscape_is_the_loss_on_the_plane_of_the_run(moons):
    view, run = moons.view.surface, moons.run
    plane = plane_of(run)
    path = np.transpose(view.paths.lines[1].get_data())
    np.testing.assert_allclose(path, plane.project(run.w[:, 1])[0], atol=1e-12)
    height = view.land.get_array()
    left, right = view._a[[0, -1]]
    bottom, top = view._b[[0, -1]]
    corners = loss_on(moons.problem, plane, np.array([left, right]), np.array([bottom, top]))
    share = np.sqrt(np.clip(corners / (2 * run.loss[0, 0]), 0, TOP))
    np.testing.assert_allclose(height[[0, 0, -1, -1], [0, -1, 0, -1]].reshape(2, 2), share, atol=1e-6)


def test_the_landscape_holds_start_and_ends_and_says_how_far_paths_leave_it(moons):
    axes = moons.view.axes["surface"]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    plane = plane_of(moons.run)
    coordinates, away = plane.project(np.stack([moons.run.w[0, 0], *ends(moons.run)]))
    assert away.max() < 1e-9
    assert ((coordinates > (left, bottom)) & (coordinates < (right, top))).all()
    furthest = plane.project(moons.run.w)[1].max()
    assert f"up to {furthest:.2g}" in text_of(moons._readout.value)


def test_a_run_that_crawls_is_not_blown_up_to_fill_the_landscape():
    lab = show("mlp_moons", alpha=1e-6)
    (left, right) = lab.view.axes["surface"].get_xlim()
    path = np.transpose(lab.view.surface.paths.lines[0].get_data())
    assert np.ptp(path) < 0.01 * (right - left)
    lab.close()


def test_a_network_that_diverges_leaves_a_calm_picture():
    lab = show("logistic_regression_30", alpha=1e12)
    assert text_of(lab._message.value) == ""
    assert "nan" not in text_of(lab._readout.value).lower()
    lab.controls["alpha"].value = 0.1
    assert text_of(lab._message.value) == ""
    lab.close()


# What was learned -----------------------------------------------------------------------------------------------------


def test_regions_are_what_each_run_predicts(moons):
    fit = moons.problem.samples.fit
    for i, view in enumerate(moons.view.fits):
        chance = view.regions.get_array()
        x, y = np.meshgrid(view._x, view._y)
        expected = fit.predict(moons.run.w[-1, i], np.column_stack([x.ravel(), y.ravel()]))
        np.testing.assert_array_equal(chance.ravel(), expected)
        boundary = np.transpose(view.boundary.get_data())
        on_it = fit.predict(moons.run.w[-1, i], boundary[~np.isnan(boundary).any(axis=1)])
        np.testing.assert_allclose(on_it, 0.5, atol=0.05)


def test_lines_are_what_each_run_predicts():
    lab = show("linear_regression")
    (view,) = lab.view.fits
    for i, line in enumerate(view.lines):
        x, y = line.get_data()
        slope, intercept = lab.run.w[-1, i]
        np.testing.assert_allclose(y, slope * x + intercept, rtol=1e-12)
    lab.close()


def test_the_readout_has_the_score_on_the_validation_rows(moons):
    accuracy = moons.problem.samples.score(moons.run.w[-1])
    for share in accuracy:
        assert f"{100 * share:.1f} %" in text_of(moons._readout.value)
    lab = show("linear_regression")
    assert "R²" in text_of(lab._readout.value)
    lab.close()


# Examples -------------------------------------------------------------------------------------------------------------


def test_an_example_sets_the_controls_and_says_why():
    lab = show("bowl", momentum=0.9)
    for regime in REGIMES:
        lab.examples.value = regime.name
        assert lab.problem.name == CATALOGUE[regime.problem]().name
        for name, value in regime.settings.items():
            assert lab.controls[name].value == value
        assert lab.controls["momentum"].value == 0
        assert regime.why in text_of(lab._readout.value)
    lab.close()


def test_an_example_is_left_as_soon_as_a_control_moves():
    lab = show("bowl")
    lab.examples.value = "stalls at the noise floor"
    lab.controls["patience"].value = 3
    assert lab.examples.value == ""
    assert REGIMES[1].why not in text_of(lab._readout.value)
    lab.close()


def test_reset_goes_back_from_an_example():
    lab = show("bowl", alpha=0.3)
    lab.examples.value = "a plateau that ends"
    lab._reset()
    assert (lab.problem.name, lab.controls["alpha"].value, lab.controls["epochs"].value) == ("bowl", 0.3, 10)
    assert lab.examples.value == ""
    lab.close()
