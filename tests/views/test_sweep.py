"""The map's picture: colours, border, marks and bar; and the same in words."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from lrlab import problems
from lrlab.studies.sweep import EPOCHS, GAIN, LOSS, METRICS, Sweep
from lrlab.views.keras_sweep import STEPS, limits_of
from lrlab.views.sweep import DIVERGED, NEVER, Side, SweepView, border_of, meter_of, places_in_legend
from lrlab.views.sweep_panels import SweepPanels, arrange
from lrlab.views.sweep_words import cell_in_words, what_it_shows

inf, nan = np.inf, np.nan
FACTORS, PATIENCES, ALPHAS = np.array([0.1, 0.2, 0.5, 0.8]), np.array([2, 5, 10]), np.array([0.001, 0.01, 0.1, 1.0])
UP, ACROSS = Side("factor", FACTORS), Side("patience", PATIENCES)


def sweep_of(metric, values, constant=1.0, diverged=None, lost=False):
    values = np.array(values, float)
    rows = len(values)
    return Sweep(
        metric, FACTORS[:rows], PATIENCES, values, np.broadcast_to(float(constant), rows),
        np.zeros(values.shape, bool) if diverged is None else np.array(diverged), np.broadcast_to(lost, rows),
    )  # fmt: skip


def view_of(metric, up=UP, **options):
    figure = Figure(figsize=(5, 4))
    axes, bar = figure.add_axes((0.1, 0.1, 0.7, 0.8)), figure.add_axes((0.85, 0.1, 0.05, 0.8))
    return SweepView(axes, bar, ACROSS, up, meter_of(metric, 100, (0.01, 10.0)), **options)


def drawn(view, sweep):
    view.draw(sweep)
    return np.asarray(view.image.get_array())


def as_bytes(colour):
    return (np.array(to_rgba(colour)) * 255).round().tolist()


GRID = [[0.01, 0.1, 1], [10, 1, 0.1], [nan, 1, inf], [1, 1, nan]]


def test_a_small_grid_whose_cells_are_not_all_known():
    image = drawn(view_of(LOSS), sweep_of(LOSS, GRID, diverged=np.isinf(GRID)))
    assert image.shape == (4, 3, 4)
    assert image[2, 2].tolist() == as_bytes(DIVERGED)
    assert image[2, 0].tolist() == image[3, 2].tolist() == [0, 0, 0, 0]
    assert (image[..., 3] == np.where(np.isnan(GRID), 0, 255)).all()
    assert image[0, 0].tolist() != image[0, 1].tolist()
    np.testing.assert_array_equal(image[0, 1], image[1, 2])


def turned_over(colours):
    """As live/theme.js shows them on a dark page."""
    more = 255 - colours.max(axis=-1, keepdims=True) - colours.min(axis=-1, keepdims=True)
    return 17 + (colours + more) * (255 - 17) / 255


def lightness(colours):
    """CIE L*, 0 to 100, of colours as bytes."""
    part = np.asarray(colours) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16


def test_good_stands_out_on_a_light_page_and_on_a_dark_one_and_no_colour_passes_for_another():
    for metric, values in ((LOSS, np.geomspace(0.01, 10, 12)), (EPOCHS, np.linspace(0, 100, 12))):
        image = drawn(view_of(metric), sweep_of(metric, values.reshape(4, 3), diverged=np.zeros((4, 3), bool)))
        colours = image[..., :3].reshape(-1, 3).astype(float)
        assert (np.diff(lightness(colours)) > 1).all()
        assert (np.diff(lightness(turned_over(colours))) < -1).all()
        assert lightness(colours)[0] < 35 < 90 < lightness(colours)[-1]
        assert lightness(turned_over(colours))[0] > 85
        assert lightness(turned_over(colours))[-1] < 40
        assert (np.ptp(image[..., :3].astype(int), axis=-1) > 30).all()  # none of them is grey


def test_a_gain_has_the_colour_of_who_is_better():
    image = drawn(view_of(GAIN), sweep_of(GAIN, [[0.1, 1, 10], [0, 1e9, inf], [1, 1, 1], [1, 1, 1]])).astype(int)
    red, blue = image[..., 0], image[..., 2]
    assert red[0, 0] > blue[0, 0] + 80
    assert blue[0, 2] > red[0, 2] + 80
    assert image[0, 1, :3].min() > 240
    np.testing.assert_array_equal(image[1, 1], image[1, 2])
    assert red[1, 0] > blue[1, 0] + 80


def test_never_at_the_target_and_diverged_are_two_things():
    grid = [[5, inf, inf], [1, 2, 3]]
    image = drawn(
        view_of(EPOCHS, Side("factor", FACTORS[:2])), sweep_of(EPOCHS, grid, 4, [[False, False, True], [False] * 3])
    )
    assert image[0, 1].tolist() == as_bytes(NEVER)


def standing(sweep):
    return np.where(sweep.known, sweep.better.astype(int) - sweep.worse, 9)


@given(arrays(float, (4, 3), elements=st.sampled_from([0.5, 1.0, 2.0, nan])))
def test_the_border_is_each_edge_between_better_as_good_and_worse(values):
    sweep = sweep_of(LOSS, values)
    x, y = border_of(sweep)
    edges = set()
    for i in range(0, len(x), 3):
        assert np.isnan(x[i + 2])
        (x0, x1), (y0, y1) = x[i : i + 2], y[i : i + 2]
        steps = round(max(abs(x1 - x0), abs(y1 - y0)))
        assert steps >= 1
        for k in range(steps):
            edges.add(((x0 + x1) / 2, y0 + k + 0.5) if x0 == x1 else (x0 + k + 0.5, (y0 + y1) / 2))
    who, wanted = standing(sweep), set()
    for row in range(4):
        for column in range(3):
            for down, right in ((0, 1), (1, 0)):
                if row + down < 4 and column + right < 3:
                    pair = who[row, column], who[row + down, column + right]
                    if pair[0] != pair[1] and 9 not in pair:
                        wanted.add((column + right / 2, row + down / 2))
    assert edges == wanted


def test_marks_and_places():
    view = view_of(LOSS, Side("alpha", ALPHAS, log=True))
    view.mark(across=5, up=0.01)
    x, y = view.here[-1].get_data()
    assert (min(x), max(x), min(y), max(y)) == (0.5, 1.5, 0.5, 1.5)
    view.mark(across=5, up=50.0)
    assert len(view.here[-1].get_xdata()) == 0
    view.point_at((3, 0))
    assert np.mean(view.pointed[-1].get_ydata()[:4]) == 3
    assert view.cell_at(2.4, -0.4) == (0, 2)
    assert view.cell_at(2.6, 0) is view.cell_at(0, -0.6) is view.cell_at(nan, 1) is None
    assert Side("alpha", ALPHAS, log=True).place(10**-1.5) == pytest.approx(1.5)
    assert Side("factor", np.array([0.5])).place(0.5) == 0


def test_the_best_cell_has_a_star_and_the_bar_an_arrow_where_values_lie_beyond():
    view = view_of(LOSS)
    view.draw(sweep_of(LOSS, GRID, diverged=np.isinf(GRID)))
    assert view.best.get_xydata().tolist() == [[0, 0]]
    assert [mark.get_visible() for mark in view.beyond] == [False, False]
    view.draw(sweep_of(LOSS, [[0.001, 0.1, 1], [1, 1, nan], [1, inf, 1], [1, 1, 1]]))
    assert [mark.get_visible() for mark in view.beyond] == [True, False]
    view.draw(sweep_of(LOSS, [[20, 0.1, nan]] * 4))
    assert [mark.get_visible() for mark in view.beyond] == [False, True]
    assert view.best.get_xydata().tolist() == [[1, 3]]
    view.draw(sweep_of(LOSS, [[nan] * 3] * 4))
    assert not len(view.best.get_xdata())
    assert not any(mark.get_visible() for mark in view.beyond)


def test_values_on_the_bar():
    view = view_of(LOSS, loss_offset=-2.0)
    view.tell(-1.9, 1e9)
    assert view.level[-1].get_ydata() == pytest.approx([0.1, 0.1])
    assert view.value[-1].get_ydata() == pytest.approx([10, 10])  # at the end of the bar
    view.tell(inf, nan)
    assert np.isnan(view.level[-1].get_ydata()).all()


def test_every_cell_of_a_small_map_has_its_number_and_a_large_one_round_ones():
    axes = view_of(LOSS).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0.1", "0.2", "0.5", "0.8"]
    large = view_of(LOSS, Side("factor", np.linspace(0.05, 0.92, 30))).axes
    assert 4 <= len(large.get_yticks()) <= 8
    for metric in METRICS:
        assert places_in_legend(metric, unknown=True)[-1].get_label() == "not trained yet"


def test_a_cell_in_words():
    def say(metric, *row, constant=1.0, diverged=None, lost=False):
        sweep = sweep_of(metric, [row], constant, None if diverged is None else [diverged], lost)
        meter = meter_of(metric, 100)
        return [cell_in_words(sweep, meter, UP, ACROSS, (0, column)) for column in range(3)]

    assert say(LOSS, 0.25, nan, inf, diverged=[False, False, True]) == [
        "factor 0.1, patience 2: final loss 0.25 (constant: 1)",
        "factor 0.1, patience 5: final loss not known (constant: 1)",
        "factor 0.1, patience 10: final loss diverged (constant: 1)",
    ]
    assert say(EPOCHS, 1, 27, inf, constant=inf) == [
        "factor 0.1, patience 2: epochs to target 1 epoch (constant: never)",
        "factor 0.1, patience 5: epochs to target 27 epochs (constant: never)",
        "factor 0.1, patience 10: epochs to target never (constant: never)",
    ]
    assert say(GAIN, 4, 0.5, 1) == [
        "factor 0.1, patience 2: final loss 4 times lower than constant's",
        "factor 0.1, patience 5: final loss 2 times higher than constant's",
        "factor 0.1, patience 10: the same loss",
    ]
    assert say(GAIN, inf, 1e5, 0, diverged=[False, False, True])[0].endswith(": constant diverges")
    assert "1,000+ times lower" in say(GAIN, inf, 1e5, 0)[1]
    assert say(GAIN, 1.003, 1 / 1.003, 1.00002) == [
        "factor 0.1, patience 2: final loss 0.3 % lower than constant's",
        "factor 0.1, patience 5: final loss 0.3 % higher than constant's",
        "factor 0.1, patience 10: final loss less than 0.01 % lower than constant's",
    ]


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        (sweep_of(LOSS, [[nan] * 3]), "Nothing is known of this map yet."),
        (sweep_of(LOSS, [[1, 1, 1]]), "Cutting changes nothing here: every cell comes to what its constant rate does."),
        (sweep_of(LOSS, [[0.5, 0.5, 0.4]]), "Cutting beats the constant rate in all cells."),
        (sweep_of(LOSS, [[0.5, nan, 1]]),
         "Cutting beats the constant rate in 50 % of the cells, and loses to it in none; in 50 % they come to the "
         "same."),
        (sweep_of(LOSS, [[2, 1, 1]] * 3), "Cutting loses to the constant rate in 33 % of the cells, and beats it in "
         "none; in 67 % they come to the same. It loses mostly where patience is short and cuts come early."),
        (sweep_of(LOSS, [[1, 1, 2]] * 3), "Cutting loses to the constant rate in 33 % of the cells, and beats it in "
         "none; in 67 % they come to the same."),
        (sweep_of(LOSS, [[2, 0.5, 0.4]]), "Cutting beats the constant rate in 67 % of the cells, and loses to it in "
         "33 %."),  # one cell is no pattern
        (sweep_of(LOSS, [[2, 1, 1]] * 3 + [[0.5, 1, 1]]), "Cutting beats the constant rate in 8 % of the cells, and "
         "loses to it in 25 %; in 67 % they come to the same."),  # the best cell has a short patience
        (sweep_of(LOSS, [[1, inf, inf]], inf, [[False, True, True]], True),
         "The constant run diverges; cutting brings it back in 33 % of the cells."),
        (sweep_of(LOSS, [[inf] * 3], inf, [[True] * 3], True),
         "The constant run diverges, and so does every other: no cut comes early enough."),
        (sweep_of(EPOCHS, [[inf] * 3], inf), "No run comes to the target, the constant one included."),
    ],
)  # fmt: skip
def test_what_a_map_shows(sweep, says):
    assert (
        what_it_shows(sweep, "factor", "patience").removesuffix(" At this alpha patience matters more than factor.")
        == says
    )


def test_which_setting_matters_more_is_said_where_it_is_so():
    columns, rows = [[0.1, 0.4, 0.8]] * 4, np.transpose([[0.1, 0.4, 0.6, 0.8]] * 3)
    end = "At this alpha patience matters more than factor."
    assert what_it_shows(sweep_of(LOSS, columns), "factor", "patience").endswith(end)
    assert "factor matters more than patience" in what_it_shows(sweep_of(LOSS, rows), "factor", "patience")
    assert "Here alpha matters more" in what_it_shows(sweep_of(LOSS, rows), "alpha", "patience", factors=False)
    both = np.add.outer([1, 2, 3, 4], [1, 2.1, 3.3]) / 10
    assert "matters" not in what_it_shows(sweep_of(LOSS, both), "factor", "patience")


@pytest.mark.parametrize("width", [360, 430, 700, 800, 1000, 1900])
@pytest.mark.parametrize("metric", METRICS)
def test_panels_and_legend_have_room(metric, width):
    figure = Figure()
    canvas = FigureCanvasAgg(figure)
    problem = problems.double_well()
    up = Side("alpha", np.geomspace(0.001, 0.5, 30), log=True)
    panels = SweepPanels(
        figure, problem, metric=metric, across=Side("patience", np.arange(1, 31)), up=up, epochs=200,
        alphas=(0.001, 0.5), target=problem.target, edge=0.3,
    )  # fmt: skip
    arrange(figure, width)
    canvas.draw()
    renderer = canvas.get_renderer()
    legend = figure.legends[0].get_window_extent(renderer)
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.width
    titles = {name: axes._left_title for name, axes in panels.axes.items()}
    title = titles["map"].get_window_extent(renderer)
    for each in titles.values():
        each.set_visible(False)  # the map's may reach over its bar
    boxes = {name: axes.get_tightbbox(renderer) for name, axes in panels.axes.items()}
    assert title.x1 <= (figure.bbox.width if width < 700 else boxes["losses"].x0)
    for one, other in combinations(boxes.values(), 2):
        assert min(min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)) <= 1
    for box in boxes.values():
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.width + 1
        assert box.y1 <= legend.y0 + 1


@given(losses=st.lists(st.floats(1e-8, 1e8), min_size=1, max_size=4), start=st.floats(-1e3, 1e3))
def test_the_colours_of_a_map_of_models_reach_over_its_losses(losses, start):
    found = sweep_of(LOSS, [losses])
    low, high = limits_of(replace(found, constant=np.array([losses[0]])), start)
    most = min(max(losses), start) if start > 0 else max(losses)
    assert low <= min(min(losses), most) * 1.001
    assert most * 0.999 <= high
    for end in (low, high):
        assert any(np.isclose(end / 10.0 ** np.floor(np.log10(end) + 1e-9), step) for step in STEPS)
