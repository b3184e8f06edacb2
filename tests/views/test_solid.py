"""Two weights in 3-D: heights and colours are the contour's, and the runs stand where their losses are."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from scipy.interpolate import RegularGridInterpolator

import lrlab
from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.views.contour import band_colors, draw_rings, grid_over, levels_of
from lrlab.views.solid import GRID_POINTS, MIDDLE, Heights, Relief, strokes
from lrlab.views.style import CONSTANT, PLATEAU, styles_with

WITH_TWO = [name for name in problems.CATALOGUE if problems.find(name).dim == 2]
inf, nan = np.inf, np.nan


def own(loss):
    return lrlab.Problem(
        name="own", formula="", loss=loss, start=(0.5, 0.5), view=((-1, 1), (-1, 3)), convex=False, axes=("$w_0$", "b")
    )


@pytest.mark.parametrize("name", WITH_TWO)
def test_higher_is_higher_and_the_box_is_filled(name):
    problem = problems.find(name)
    relief = Relief(problem)
    loss, heights = problem.loss(grid_over(problem, GRID_POINTS)), relief.surface["heights"]
    assert heights.shape == (GRID_POINTS, GRID_POINTS)
    assert (heights.min(), heights.max()) == pytest.approx((0, 1))
    order = np.argsort(loss, axis=None)
    assert (np.diff(heights.ravel()[order]) >= 0).all()
    assert np.median(heights) > 0.35 * MIDDLE, "most of it is no flat floor"
    for height, words in relief.surface["ticks"][2]:
        value = words.replace("−", "-").replace(",", "")
        if "×" not in value:
            assert relief.heights(float(value)) == pytest.approx(height, abs=0.01)
    assert len(relief.surface["ticks"][2]) >= 3
    assert len(relief.surface["marks"]) == len(problem.minima)


@pytest.mark.parametrize("name", WITH_TWO)
def test_colours_and_rings_are_the_contours(name):
    problem = problems.find(name)
    axes = Figure().add_subplot()
    draw_rings(axes, problem)
    filled = axes.collections[0]
    surface = Relief(problem).surface
    shown = [[round(255 * part) for part in color[:3]] for color in filled.get_facecolor()]
    assert surface["bands"] == shown
    loss = problem.loss(grid_over(problem, GRID_POINTS))
    band = np.clip(np.floor(surface["rings"]), 0, len(shown) - 1)
    np.testing.assert_array_equal(band, np.clip(np.searchsorted(filled.levels, loss, "right") - 1, 0, len(shown) - 1))


@pytest.mark.parametrize(("name", "alpha"), [("ravine", 0.03), ("rosenbrock", 0.001), ("rastrigin", 0.002)])
def test_runs_stand_on_the_surface(name, alpha):
    problem = problems.find(name)
    relief = Relief(problem)
    run = train_pair(problem, alpha=alpha, factor=0.5, patience=3, epochs=40)
    places = relief.places(run)
    assert places.shape == (41, 2, 3)
    low, high = np.transpose(problem.view)
    np.testing.assert_allclose(low + (high - low) * places[..., :2], run.w, atol=1e-12)
    np.testing.assert_allclose(places[..., 2], relief.heights(problem.loss(run.w)))
    side = np.linspace(0, 1, GRID_POINTS)
    between = RegularGridInterpolator((side, side), relief.surface["heights"].T)
    np.testing.assert_allclose(between(places[..., :2]), places[..., 2], atol=0.02)
    np.testing.assert_allclose(relief.weights(*places[7, 1, :2]), run.w[7, 1])


def test_a_run_that_diverges_leaves_the_box_and_breaks_off():
    problem = problems.find("ravine")
    places = Relief(problem).places(train_pair(problem, alpha=1.0, factor=0.99, patience=50, epochs=900))
    gone = ~((places[..., :2] > -0.5) & (places[..., :2] < 1.5)).all(axis=-1)
    assert gone[-1].all()
    assert np.isnan(places[gone]).all()
    assert np.isfinite(places[~gone]).all()
    assert np.abs(places[~gone]).max() <= 2


def test_holes_and_no_slope_at_all():
    with np.errstate(all="ignore"):
        holed = Relief(own(lambda w: np.where(w[..., 0] > 0.9, inf, np.sum(w * w, axis=-1)))).surface
        flat = Relief(own(lambda w: 0 * w[..., 0] + 7.0)).surface
    hole = grid_over(own(lambda w: w[..., 0]), GRID_POINTS)[..., 0] > 0.9
    assert (np.isnan(holed["heights"]) == hole).all()
    assert np.isfinite(holed["rings"][~hole]).all()
    assert holed["names"] == ("w0", "b", "loss")
    assert (flat["heights"] == 0).all()
    assert (flat["rings"] == 0).all()
    assert len(flat["bands"]) == 1


def test_steep_walls_are_squeezed_and_the_axis_says_so():
    assert Relief(problems.find("bowl")).surface["names"][2] == "loss"
    assert "squeezed" in Relief(problems.find("rosenbrock")).surface["names"][2]
    heights = Heights(np.r_[np.geomspace(1e-3, 1e3, 101), 0])
    assert heights(1.0) == pytest.approx(MIDDLE, abs=0.05)
    assert (heights(0), heights(1e3)) == pytest.approx((0, 1))
    assert np.isnan(heights(nan))
    assert heights(-5) == 0
    assert heights(inf) == inf


def test_heights_of_nothing_finite():
    heights = Heights(np.array([nan, inf]))
    assert np.isnan(heights(np.array([nan]))).all()
    assert heights.ticks()


def test_no_rings_one_colour():
    assert len(levels_of(np.ones((3, 3)))) == 0
    assert band_colors(np.empty(0)).shape == (1, 4)


def test_strokes_are_the_runs_styles():
    constant, plateau, third = strokes(styles_with("mine"))
    for stroke, style in ((constant, CONSTANT), (plateau, PLATEAU)):
        assert stroke["color"] == [round(255 * part) for part in to_rgba(style.color)[:3]]
        assert stroke["head"] == style.head
    assert plateau["dashes"] == []
    assert constant["dashes"] == pytest.approx([4 * constant["width"], 2 * constant["width"]])
    assert plateau["width"] / constant["width"] == pytest.approx(PLATEAU.width / CONSTANT.width)
    assert len(third["dashes"]) == 4
