"""The picture and the words of RateFreeLab, from what the solvers did."""

import re
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.core.schedules import SCHEDULES
from lrlab.studies.ratefree import by_scikit_learn, lbfgs, solvers, start_of
from lrlab.views.ratefree import RateFreeView, arrange, ground_of
from lrlab.views.ratefree_words import NEEDS, many_ends, readout, same_by_scikit_learn
from lrlab.views.style import CONSTANT, OWN, PLATEAU, styles_with
from lrlab.views.tables import readable

LINEAR, LOGISTIC = problems.linear_regression(), problems.logistic_regression()
MOONS = problems.multilayer_perceptron("moons")
WIDTHS = (314, 430, 760, 1000, 1400, 1920)


def texts_of(html):
    return re.sub(r"<[^>]+>", " ", html)


@cache
def solved_and_others(problem, seed, most):
    others = [] if problem.convex else [lbfgs(problem, start_of(problem, k), most) for k in (1, 2)]
    return solvers(problem, start_of(problem, seed), most), others


def shown(problem, *, seed=0, most=200, alpha=0.1, own="", epochs=200):
    solved, others = solved_and_others(problem, seed, most)
    figure = Figure()
    view = RateFreeView(figure, problem, epochs=epochs, solved=solved, others=others, own=own)
    rows = len(problem.samples.targets)
    rule = SCHEDULES[own](alpha, epochs) if own else None
    run = train_pair(problem, alpha=alpha, factor=0.5, patience=3, epochs=epochs, batch_size=rows, rule=rule)
    view.draw(run)
    return figure, view, run, solved, others


@pytest.mark.parametrize("problem", [LINEAR, LOGISTIC], ids=lambda problem: problem.name)
def test_solvers_by_iterations_and_by_what_they_cost(problem):
    _, view, _, solved, _ = shown(problem)
    ground = ground_of(problem, solved)
    for name, x_of in {"left": lambda one: np.arange(len(one.w)), "right": lambda one: one.work}.items():
        drawn = {line.get_label(): line for line in view.axes[name].lines}
        for one in solved:
            x, y = drawn[one.method].get_data()
            np.testing.assert_array_equal(x, x_of(one))
            np.testing.assert_allclose(y, np.maximum(one.loss - problem.lowest_loss, ground.floor), atol=1e-15)
            assert drawn[one.method].get_marker() not in ("", "None")
            assert not drawn[one.method].get_animated()  # they stand still while a slider moves


def test_gradient_descent_is_drawn_over_its_epochs_in_its_colours():
    _, view, run, solved, _ = shown(LOGISTIC, alpha=5)
    ground = ground_of(LOGISTIC, solved)
    for panel in view.panels:
        for i, (line, style) in enumerate(zip(panel.lines, (CONSTANT, PLATEAU), strict=True)):
            x, y = line.get_data()
            np.testing.assert_array_equal(x, np.arange(201))
            np.testing.assert_array_equal(y, np.maximum(run.loss[:, i] - ground.lowest, ground.floor))
            assert to_hex(line.get_color()) == style.color.lower()
            assert line.get_animated()
        marked = np.flatnonzero(np.isfinite(panel.cuts[1].get_ydata()))
        np.testing.assert_array_equal(marked, np.flatnonzero(run.cuts[:, 1]) + 1)


def test_where_no_lowest_loss_is_known_training_and_validation_loss_are_shown():
    _, view, run, solved, others = shown(MOONS)
    for name, field, of_run in (("left", "loss", run.loss), ("right", "watched", run.watched)):
        lines = view.axes[name].lines
        for line, one in zip(lines, [*others, *solved], strict=False):
            np.testing.assert_array_equal(line.get_xdata(), one.gradients)
            np.testing.assert_array_equal(line.get_ydata(), getattr(one, field))
        np.testing.assert_array_equal(view.panels[name == "right"].lines[0].get_ydata(), of_run[:, 0])
    assert [axes.get_title(loc="left") for axes in view.axes.values()] == ["training loss", "validation loss"]


def test_a_third_run_has_its_own_colour():
    figure, view, run, *_ = shown(LOGISTIC, own="cosine")
    for panel in view.panels:
        assert to_hex(panel.lines[2].get_color()) == OWN.color
        assert len(panel.lines[2].get_ydata()) == run.epochs + 1
        assert np.isnan(panel.cuts[2].get_ydata()).all()
    assert "cosine" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_runs_that_diverge_leave_the_picture_and_break_nothing():
    _, view, run, *_ = shown(LINEAR, alpha=1.5)
    assert not np.isfinite(run.loss[-1, 0]) or run.loss[-1, 0] > 1e30
    y = view.panels[0].lines[0].get_ydata()
    assert (y[np.isfinite(y)] <= 1e300).all()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("problem", "seed", "most"),
    [
        *((problem, seed, 200) for problem in (LINEAR, problems.linear_regression(10), LOGISTIC,
                                               problems.logistic_regression(30)) for seed in (0, 1)),
        (LOGISTIC, 0, 1), (LOGISTIC, 0, 2), (LOGISTIC, 0, 4), (MOONS, 0, 40),
    ],
    ids=lambda value: getattr(value, "name", value),
)  # fmt: skip
def test_names_at_the_ends_cover_no_other_and_stay_in_the_picture(problem, seed, most, width):
    figure, view, _, solved, _ = shown(problem, seed=seed, most=most, epochs=most)
    arrange(figure, width)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    for axes in view.axes.values():
        labels = {text.get_text(): Text.get_window_extent(text, renderer) for text in axes.texts}
        assert {one.method for one in solved} <= set(labels)
        for (one, box), (other, its) in combinations(labels.items(), 2):
            assert not box.overlaps(its), f"{one} covers {other}"
        frame = axes.get_window_extent(renderer)
        for box in labels.values():
            assert box.x1 < figure.bbox.x1
            assert box.y0 > frame.y0
            assert box.y1 < frame.y1 + 1


def test_the_floor_is_what_rounding_leaves():
    solved = solvers(LOGISTIC)
    ground = ground_of(LOGISTIC, solved)
    assert ground.lowest == pytest.approx(LOGISTIC.lowest_loss, abs=1e-15)
    assert ground.floor == pytest.approx(2.2e-16 * LOGISTIC.loss(LOGISTIC.start_point), rel=0.01)
    assert ground_of(MOONS, solved) is None


# Words ----------------------------------------------------------------------------------------------------------------


def cells(html):
    rows = re.findall(r"<tr><th scope='row' class='lrlab-(\w+)'>(.*?)</th><td (.*?)</td>(.*?)</tr>", html)
    return {
        name: (kind, need, dict(re.findall(r"data-head='(.*?)'>(.*?)</td>", rest))) for kind, name, need, rest in rows
    }


def test_the_table_says_what_each_method_needs_and_what_it_cost():
    _, _, run, solved, others = shown(LINEAR)
    html, sentence = readout(LINEAR, run, solved, others, styles_with(""))
    table = cells(html)
    assert list(table) == ["constant", "plateau", "closed form", "Newton", "L-BFGS"]
    for one in solved:
        kind, need, numbers = table[one.method]
        assert kind == "solver"
        assert NEEDS[one.method].words in need
        assert "title='" in need
        assert numbers["iterations"] == str(one.iterations)
        assert numbers["gradients"] == str(one.gradients[-1])
        assert numbers["Hessians"] == str(one.hessians[-1])
        assert numbers["above the lowest"] == "0"
    assert table["constant"][2]["gradients"] == "200"
    gap = run.loss[-1, 1] - LINEAR.lowest_loss
    assert gap > 1e-6
    assert table["plateau"][2]["above the lowest"] == readable(gap)
    assert sentence in texts_of(html)


def test_the_sentence_counts_iterations_to_a_millionth():
    _, _, run, solved, others = shown(LINEAR)
    _, sentence = readout(LINEAR, run, solved, others, styles_with(""))
    gaps = run.loss[:, 0] - LINEAR.lowest_loss
    reached = np.flatnonzero(gaps <= 1e-6 * gaps[0])[0]
    assert 0 < reached < 200
    assert f"closed form 1, Newton 1, L-BFGS 2, constant {reached}, plateau 200+." in sentence


def test_on_a_network_the_sentence_tells_of_overfitting():
    _, _, run, solved, others = shown(MOONS)
    html, sentence = readout(MOONS, run, solved, others, styles_with(""))
    best = int(solved[0].watched.argmin())
    assert f"after {best} iterations" in sentence
    assert set(cells(html)["L-BFGS"][2]) == {"iterations", "gradients", "training loss", "validation loss"}
    words = many_ends(solved, others)
    assert "From 3 starts" in words
    assert f"{max(one.loss[-1] for one in (*solved, *others)):.3g}" in words


def test_a_network_that_is_stopped_early_is_not_said_to_overfit():
    _, _, run, solved, others = shown(MOONS, most=5, epochs=5)
    _, sentence = readout(MOONS, run, solved, others, styles_with(""))
    assert "went along" in sentence


def test_scikit_learns_ends_are_told():
    solved = solvers(LOGISTIC)
    words = same_by_scikit_learn(LOGISTIC, by_scikit_learn(LOGISTIC), ground_of(LOGISTIC, solved))
    assert 'LogisticRegression(C=0.2347, solver="lbfgs") ends ' in words
    assert "divided by its penalty" in words
    words = same_by_scikit_learn(LINEAR, by_scikit_learn(LINEAR), ground_of(LINEAR, solvers(LINEAR)))
    assert words == "In scikit-learn, which minimises this loss times n: LinearRegression() ends at the lowest."
    assert same_by_scikit_learn(MOONS, [], None) == many_ends(solved, []) == ""
