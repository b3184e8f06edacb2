"""SweepLab through its controls: its cells are what runs trained alone come to."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_rgba

import lrlab
from lrlab import problems
from lrlab.labs.sweep import ALPHAS, FACTORS, SweepLab
from lrlab.labs.sweep_choices import alphas_of, factors_of, lively_alpha, lively_noise, patiences_of
from lrlab.studies.sweep import EPOCHS, GAIN, METRICS
from lrlab.views.sweep import DIVERGED
from lrlab.views.tables import readable

SURFACES = [name for group, names in problems.GROUPS.items() if "urfaces" in group for name in names]


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def lab():
    lab = lrlab.SweepLab("ravine", alpha=0.07, noise=0.6, epochs=60, points=6, seed=2)
    yield lab
    lab.close()


def values_of(lab):
    return {name: control.value for name, control in lab.controls.items()}


def alone(lab, **settings):
    """The pair for the lab's controls, with some of them changed."""
    values = {**values_of(lab), **settings}
    for name in ("problem", "rule", "metric", "map", "seeds", "batch_size"):
        del values[name]
    return lrlab.core.descent.train_pair(lab.problem, **values)


def final_loss(run, i):
    late = run.watched[-max(run.epochs // 10, 1) :, i]
    return np.inf if np.isfinite(run.diverged[i]) else late.mean()


def pointer(lab, row, column, kind, x=0.0, y=0.0):
    """What the browser sends when the pointer is over a cell."""
    left, top = lab.view.map.axes.transData.transform((column + x, row + y))
    lab.figure._pointer = {"kind": kind, "grip": 0, "x": left, "y": lab.figure._size[1] - top}


def marked(lines):
    """The cell that a mark is around, (row, column)."""
    x, y = lines[-1].get_data()
    return (np.mean([min(y), max(y)]), np.mean([min(x), max(x)])) if len(x) else None


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 0.05), ("epochs", 33), ("noise", 1.5), ("momentum", 0.5), ("min_delta", 0.1), ("cooldown", 3),
     ("min_lr", 0.01), ("seed", 4), ("start", (2.0, 0.5))],
)  # fmt: skip
def test_every_control_reaches_each_cell(lab, name, value):
    before = lab.sweep
    lab.controls[name].value = value
    assert lab.sweep is not before
    for row in (0, 3, 5):
        for column in (0, 2, 5):
            run = alone(lab, factor=lab.sweep.rows[row], patience=int(lab.sweep.columns[column]))
            assert lab.sweep.values[row, column] == pytest.approx(final_loss(run, 1), rel=1e-12)
            assert lab.sweep.constant[row] == pytest.approx(final_loss(run, 0), rel=1e-12)


def test_the_map_of_alphas(lab):
    lab.controls["map"].value = ALPHAS
    low, high = lab.problem.alpha_range
    assert lab.sweep.rows[[0, -1]] == pytest.approx([low, high], rel=0.03)
    lab.controls["factor"].value = 0.3
    for row in (0, 3, 5):
        for column in (0, 4):
            run = alone(lab, alpha=lab.sweep.rows[row], patience=int(lab.sweep.columns[column]))
            assert lab.sweep.values[row, column] == pytest.approx(final_loss(run, 1), rel=1e-12)
            assert lab.sweep.constant[row] == pytest.approx(final_loss(run, 0), rel=1e-12)
    found = lab.sweep
    lab.controls["alpha"].value = 0.02
    assert lab.sweep is found  # a map over all alphas does not depend on one of them


def test_the_metrics(lab):
    run = alone(lab, factor=lab.sweep.rows[4], patience=int(lab.sweep.columns[1]))
    lab.controls["metric"].value = GAIN
    assert lab.sweep.values[4, 1] == pytest.approx(final_loss(run, 0) / final_loss(run, 1))
    lab.controls["metric"].value = EPOCHS
    reached = run.epochs_to(lab.target)
    assert lab.sweep.values[4, 1] == np.nan_to_num(reached[1], nan=np.inf)
    assert lab.sweep.constant[4] == np.nan_to_num(reached[0], nan=np.inf)


def test_seeds_are_noises(lab):
    lab.controls["seeds"].value = 3
    seeds = [alone(lab, factor=lab.sweep.rows[2], patience=int(lab.sweep.columns[3]), seed=seed) for seed in (2, 3, 4)]
    assert lab.sweep.values[2, 3] == pytest.approx(np.median([final_loss(run, 1) for run in seeds]))
    assert "the median over 3 noises" in text_of(lab._readout.value)


def test_factor_and_patience_move_the_mark_and_the_curves_but_train_no_map(lab):
    found = lab.sweep
    lab.set(factor=float(found.rows[1]), patience=int(found.columns[4]))
    assert lab.sweep is found
    assert marked(lab.view.map.here) == (1, 4)
    run = alone(lab)
    for i in range(2):
        np.testing.assert_array_equal(lab.view.loss.lines[i].get_ydata(), run.watched[:, i])
        np.testing.assert_array_equal(lab.view.rate.lines[i].get_ydata()[:-1], run.lr[:, i])
    assert lab._here.value == found.values[1, 4]


def test_settings_between_cells_and_outside_are_told_exactly(lab):
    for factor, patience, cell in [(0.39, 8, (2, 1)), (1.0, 3, (5, 0)), (0.5, 400, None)]:
        lab.set(factor=factor, patience=patience)
        assert lab._here.value == pytest.approx(final_loss(alone(lab), 1), rel=1e-12)
        assert lab._constant.value == pytest.approx(final_loss(alone(lab), 0), rel=1e-12)
        assert marked(lab.view.map.here) == cell


@pytest.mark.parametrize("kind", ["press", "drag", "release"])
@pytest.mark.parametrize(("map_", "name"), [(FACTORS, "factor"), (ALPHAS, "alpha")])
def test_a_press_or_a_drag_loads_a_cell(lab, kind, map_, name):
    lab.controls["map"].value = map_
    found = lab.sweep
    pointer(lab, 4, 2, kind, x=0.4, y=-0.4)
    assert lab.controls[name].value == found.rows[4]
    assert lab.controls["patience"].value == found.columns[2]
    assert lab.sweep is found
    assert marked(lab.view.map.here) == (4, 2)
    assert final_loss(lab.run, 1) == pytest.approx(found.values[4, 2], rel=1e-12)


def test_a_mouse_reads_a_cell_and_changes_nothing(lab):
    values = values_of(lab)
    pointer(lab, 3, 5, "hover")
    assert values_of(lab) == values
    assert marked(lab.view.map.pointed) == (3, 5)
    factor, patience = lab.sweep.rows[3], lab.sweep.columns[5]
    assert lab.pointed.text.startswith(
        f"factor {factor:g}, patience {patience}: final loss {lab.sweep.values[3, 5]:.3g}"
    )
    before = lab.pointed.text
    lab.controls["alpha"].value = 0.06  # the mouse has not moved, the number has
    assert lab.pointed.text != before
    assert f"{lab.sweep.values[3, 5]:.3g}" in lab.pointed.text
    pointer(lab, 30, 50, "hover")
    assert marked(lab.view.map.pointed) == (3, 5)


@pytest.mark.parametrize("metric", METRICS)
def test_the_colours_reach_no_further_while_alpha_is_dragged(lab, metric):
    lab.controls["metric"].value = metric
    norm, still = lab.view.map.meter.norm, lab.figure._base
    limits, image = (norm.vmin, norm.vmax), lab.view.map.image.get_array().copy()
    for alpha in (0.001, 0.03, 0.075, 0.15, 0.2):
        lab.controls["alpha"].value = alpha
        assert lab.figure._base is still
        assert (lab.view.map.meter.norm.vmin, lab.view.map.meter.norm.vmax) == limits
    assert (lab.view.map.image.get_array() != image).any()


def test_what_diverged_has_its_own_colour_and_word(lab):
    lab.controls["alpha"].value = 5.0
    assert lab.sweep.diverged.all()
    image = np.asarray(lab.view.map.image.get_array()).reshape(-1, 4)
    assert (image == np.round(np.array(to_rgba(DIVERGED)) * 255)).all()
    pointer(lab, 0, 0, "hover")
    assert lab.pointed.text.endswith("final loss diverged (constant: diverged)")
    words = text_of(lab._readout.value)
    assert "The constant run diverges, and so does every other" in words
    assert words.count("diverged") == 2
    assert "nan" not in words.lower()


def test_the_readout_counts_the_cells(lab):
    lab.controls["alpha"].value = 0.075
    found = lab.sweep
    beaten = np.mean([[value < found.constant[0] * (1 - 1e-9) for value in row] for row in found.values])
    words = text_of(lab._readout.value)
    assert (f"{100 * beaten:.0f} % of the cells" if beaten < 1 else "in all cells") in words
    row, column = np.unravel_index(found.values.argmin(), found.values.shape)
    assert f"best cell 0.075 {found.rows[row]:g} {found.columns[column]}" in words
    assert lab.figure.alt.startswith("A map of factor × patience on ravine, coloured by final loss. Cutting ")


@pytest.mark.parametrize(
    "setting", [{"alpha": 0.0799, "min_delta": 0.1}, {"alpha": 0.07, "epochs": 200}, {"alpha": 0.03}]
)
def test_that_a_cut_only_slows_it_down_is_said_where_the_map_says_so(lab, setting):
    lab.set(noise=0.0, **setting)
    said = "a cut only slows it down" in text_of(lab._readout.value)
    assert said == bool(lab.sweep.worse.any() and not lab.sweep.better.any())
    assert said == ("epochs" in setting)  # in 60 epochs at 0.03 the rate is never cut


def test_beside_a_gain_the_best_cell_has_its_final_loss_too(lab):
    lab.controls["metric"].value = GAIN
    row, column = lab.sweep.best
    lab.set(factor=float(lab.sweep.rows[row]), patience=int(lab.sweep.columns[column]))
    words = text_of(lab._readout.value)
    ends = r"0.07 [\d.]+ \d+ (.*?) (?:over )?[\d.,]+ times"
    plateau, best = (re.findall(f"{name} {ends}", words)[0] for name in ("plateau", "best cell"))
    assert best == plateau == readable(lab._here.loss)


def test_another_problem_brings_its_own_alpha_noise_and_colours(lab):
    norm = lab.view.map.meter.norm
    lab.controls["problem"].value = "himmelblau"
    assert lab.controls["noise"].value == lively_noise(lab.problem) > 0
    assert lab.controls["noise"].slider.max == pytest.approx(4 * lab.controls["noise"].value)
    assert lab.controls["alpha"].value == lively_alpha(lab.problem)
    assert lab.view.map.meter.norm is not norm
    lab.controls["problem"].value = "ravine"
    assert lab.controls["noise"].value == lab.controls["noise"].slider.value == lively_noise(lab.problem)


def test_on_data_the_map_is_smaller_and_the_lab_says_so():
    lab = SweepLab("linear_regression", epochs=10, seeds=3)
    assert lab.sweep.values.shape == (8, 8)
    words = text_of(lab._readout.value)
    assert "a model trained on data, so the map has 8 × 8 cells" in words
    assert "the median over 3 orders of batches" in words
    assert lab.controls["noise"].layout.display == "none"
    assert lab.controls["batch_size"].layout.display != "none"
    lab.controls["metric"].value = GAIN
    run = lab.run
    pointer(lab, 7, 7, "press")
    assert lab.run is not run
    lab.close()


def test_networks_have_no_known_minimum_so_nothing_arrives():
    lab = SweepLab("mlp_moons", epochs=5, metric=EPOCHS, points=3)
    words = text_of(lab._readout.value)
    assert "No run comes to the target, the constant one included." in words
    assert "No minimum is known here" in words
    lab.close()
    lab = SweepLab("mlp_moons", epochs=5, metric=EPOCHS, points=3, target=0.7)
    assert np.isfinite(lab.sweep.values).all()
    lab.close()


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_has_maps(name):
    lab = SweepLab(name, points=5, epochs=30)
    for choice in ({}, {"metric": GAIN, "map": ALPHAS}, {"metric": EPOCHS}):
        lab.set(**choice)
        assert text_of(lab._message.value).strip() == ""
        words = text_of(lab._readout.value).lower()
        assert "nan" not in words
        assert "not a number" not in words
    lab.close()


def test_along_each_side_settings_rise():
    assert factors_of(30)[[0, 15, -1]].tolist() == [0.05, 0.5, 0.92]
    assert patiences_of(30).tolist() == list(range(1, 31))
    for points in (2, 5, 30, 77, 200):
        assert (np.diff(factors_of(points)) > 0).all()
        assert (np.diff(patiences_of(points)) > 0).all()
        assert (np.diff(alphas_of(0.001, 1, points)) > 0).all()


def test_a_third_run_joins_the_curves_and_leaves_the_map_alone(lab):
    values, drawn = lab.sweep.values, lab._readout.value
    lab.controls["rule"].value = "cosine"
    np.testing.assert_array_equal(lab.sweep.values, values)
    np.testing.assert_array_equal(lab.run.w[:, :2], alone(lab).w)
    np.testing.assert_array_equal(lab.view.loss.lines[2].get_ydata(), lab.run.watched[:, 2])
    np.testing.assert_array_equal(lab.view.rate.lines[2].get_ydata()[:-1], lab.run.lr[:, 2])
    lab.rule = lambda epoch, rate, losses: rate / (3 - epoch)
    assert "raised ZeroDivisionError after epoch 3" in lab._message.value
    assert len(lab.view.loss.lines) == 2
    lab.rule = None
    assert lab._message.value == ""
    assert lab._readout.value == drawn


def test_reset_brings_everything_back(lab):
    values = values_of(lab)
    lab.set(alpha=0.01, noise=2.0, metric=GAIN, map=ALPHAS, seeds=2)
    lab._reset()
    assert values_of(lab) == values


def test_the_menu_has_no_models_that_take_seconds(lab):
    offered = {value for _, choices in lab.controls["problem"].groups for _, value in choices}
    assert offered == set(problems.CATALOGUE) - {"softmax_digits", "mlp_digits"}
    with pytest.raises(ValueError, match="This lab cannot show 'mlp_digits'"):
        lab.controls["problem"].value = "mlp_digits"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"problem": "mlp_digits"}, "SweepLab maps models with up to 50 weights.*Use DescentLab"),
        ({"problem": "ravin"}, "Did you mean 'ravine'"),
        ({"alpha": 0}, "alpha must be greater than 0"),
        ({"points": 1}, "points must be a whole number from 2 to 200"),
        ({"seeds": 0}, "seeds must be a whole number from 1 to 99"),
        ({"metric": "loss"}, "metric must be one of epochs to target, final loss, gain over constant, got 'loss'"),
        ({"map": "factor"}, "map must be one of factor × patience, alpha × patience, got 'factor'"),
        ({"start": (1, 2, 3)}, "start must be 2 numbers"),
        ({"noise": -1}, "noise must be 0 or more"),
    ],
)
def test_bad_arguments_are_told(arguments, says):
    with pytest.raises(ValueError, match=says):
        SweepLab(**arguments)


def test_bad_input_is_told_in_the_lab_which_goes_on(lab):
    found = lab.sweep
    lab.controls["seeds"].box.value = "0"
    assert "seeds must be a whole number from 1 to 99" in text_of(lab._message.value)
    assert lab.sweep is found
    lab.controls["seeds"].box.value = "2"
    assert text_of(lab._message.value) == ""
    assert lab.sweep is not found


def test_close_leaves_nothing_open(lab):
    figure, pointed = lab.figure, lab.pointed
    lab.close()
    assert lab.comm is None
    assert figure.figure is None
    assert pointed.comm is None
    assert all(control.comm is None for control in lab.controls.values())


@pytest.mark.parametrize("name", ["any setting will do", "cutting only harms"])
def test_a_moment_says_a_thing_once_and_nothing_else(name):
    lab = lrlab.SweepLab.from_moment(name)
    words = text_of(lab._readout.value)
    slows = "slows it down" in words, "slows it down" in words.replace("slows it down", "", 1)
    assert slows == (name == "cutting only harms", False)
    if name == "any setting will do":
        assert "Cutting changes nothing here" in words
        cells = lab.sweep.values.size
        assert f"The best cell is one of {cells} that are as good." in words
    lab.close()


def test_a_best_cell_that_stands_alone_is_not_one_of_many(lab):
    assert lab.sweep.as_good_as_best == 1
    assert "as good" not in text_of(lab._readout.value)
