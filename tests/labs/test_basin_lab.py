"""BasinLab through its controls: the maps are what many single runs give."""

import re

import numpy as np
import pytest

import lrlab
from lrlab.problems import GROUPS
from lrlab.studies.basins import DIVERGED, ELSEWHERE, MOVING, basins, grid_of_starts
from lrlab.views.basins import MINIMA, REST
from lrlab.views.tables import readable

SURFACES = [name for group in ("Convex surfaces", "Surfaces that are not convex") for name in GROUPS[group]]


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


@pytest.fixture
def lab():
    lab = lrlab.BasinLab("six_hump_camel", alpha=0.08, patience=3, epochs=60, points=12)
    yield lab
    lab.close()


def colours_of(lab, i):
    return np.asarray(lab.view.maps[i].get_array()).reshape(-1, 3)


def as_hex(colour):
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def point(lab, panel, x, y, kind):
    """What the browser sends when the pointer is at (x, y) of a panel."""
    axes = list(lab.view.axes.values())[panel]
    left, top = axes.transData.transform((x, y))
    lab.figure._pointer = {"kind": kind, "grip": panel, "x": left, "y": lab.figure._size[1] - top}


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 0.05), ("factor", 0.1), ("patience", 1), ("epochs", 20), ("noise", 1.0), ("momentum", 0.5),
     ("min_delta", 0.1), ("cooldown", 3), ("min_lr", 0.01), ("seed", 4)],
)  # fmt: skip
def test_each_cell_is_the_run_from_its_start(lab, name, value):
    lab.controls["noise"].value = 0.2  # so that the seed matters too
    lab.controls[name].value = value
    values = {key: control.value for key, control in lab.controls.items()}
    rule = {key: values[key] for key in ("min_delta", "cooldown", "min_lr")}
    shared = {key: values[key] for key in ("epochs", "noise", "momentum", "seed")}
    pair = lrlab.Settings.pair(values["alpha"], values["factor"], values["patience"], **rule)
    starts = grid_of_starts(lab.problem, 12)
    for cell in (0, 7, 50, 100, 143):
        alone = basins(lab.problem, lrlab.train(lab.problem, pair, start=starts[cell], **shared))
        assert (lab.constant.ends[cell], lab.plateau.ends[cell]) == tuple(alone.ends)


def test_each_cell_has_the_colour_of_its_end(lab):
    lab.set(problem="beale", alpha=0.014, epochs=60)  # here runs arrive, are under way, and diverge
    assert {0, MOVING, DIVERGED} <= set(lab.constant.ends)
    for i, result in enumerate((lab.constant, lab.plateau)):
        for colour, end in zip(colours_of(lab, i), result.ends, strict=True):
            if end != ELSEWHERE:
                assert as_hex(colour) == (MINIMA[end] if end >= 0 else REST[end])


def test_places_of_rest_that_are_not_listed_are_the_stronger_the_lower(lab):
    lab.set(problem="rastrigin")
    elsewhere = lab.plateau.ends == ELSEWHERE
    assert elsewhere.sum() > 50
    light, loss = colours_of(lab, 1)[elsewhere].mean(axis=1), lab.plateau.loss[elsewhere]
    order = np.argsort(loss)
    assert (np.diff(light[order]) >= -1e-12).all()
    assert np.ptp(light) > 0.1


def test_the_image_lies_the_right_way_up(lab):
    lab.set(problem="two_wells", alpha=0.01)
    image = np.asarray(lab.view.maps[0].get_array())
    left, right, bottom, top = lab.view.maps[0].get_extent()
    for number, (x, y) in enumerate(lab.problem.minima):
        row, column = int((y - bottom) / (top - bottom) * 12), int((x - left) / (right - left) * 12)
        assert as_hex(image[row, column]) == MINIMA[number]
    assert lab.view.maps[0].origin == "lower"


@pytest.mark.parametrize("kind", ["press", "drag", "hover"])
@pytest.mark.parametrize("panel", [0, 1])
def test_the_pointer_chooses_the_cell_whose_paths_are_drawn(lab, kind, panel):
    maps = lab.constant
    point(lab, panel, 0.9, -0.4, kind)
    chosen = np.array(lab.controls["start"].value)
    starts = grid_of_starts(lab.problem, 12)
    cell = np.abs(starts - chosen).sum(axis=1).argmin()
    np.testing.assert_allclose(starts[cell], chosen)
    width = np.ptp(lab.problem.view, axis=1) / 12
    assert (np.abs(chosen - (0.9, -0.4)) <= width / 2 + 1e-9).all()
    assert lab.constant is maps  # the maps are those of every start already
    for i in range(2):
        path = np.transpose(lab.view.paths[i].lines[0].get_data())
        np.testing.assert_array_equal(path, lab.run.w[:, i])
    assert basins(lab.problem, lab.run).ends.tolist() == [lab.constant.ends[cell], lab.plateau.ends[cell]]


def test_one_weight_has_a_strip_under_its_curve():
    lab = lrlab.BasinLab("tilted_washboard", points=20)
    assert colours_of(lab, 0).shape == (200, 3)
    point(lab, 0, 3.3, 0.0, "hover")
    assert lab.controls["start"].value == pytest.approx((3.3,), abs=0.1)
    x, y = lab.view.paths[1].lines[0].get_data()
    np.testing.assert_array_equal(x, lab.run.w[:, 1, 0])
    np.testing.assert_array_equal(y, lab.run.loss[:, 1])
    lab.close()


@pytest.mark.parametrize("name", SURFACES)
def test_every_surface_has_maps(name):
    lab = lrlab.BasinLab(name, points=8, epochs=30)
    lab.controls["alpha"].value *= 2
    assert text_of(lab._message.value) == ""
    words = text_of(lab._readout.value)
    assert "nan" not in words.lower()
    assert f"{100 * lab.plateau.global_share:.1f} %" in words
    lab.close()


def test_maps_too_large_for_one_pass_are_made_in_several(lab, monkeypatch):
    whole = lab.constant.ends.copy(), lab.plateau.ends.copy(), lab.run.w.copy()
    monkeypatch.setattr("lrlab.labs.basin.MAX_NUMBERS", 10_000)  # forty starts at a time
    lab._mapped = None
    lab._refresh()
    for before, after in zip(whole, (lab.constant.ends, lab.plateau.ends, lab.run.w), strict=True):
        np.testing.assert_array_equal(before, after)


def test_two_hundred_points_of_a_long_run_are_no_error():
    lab = lrlab.BasinLab("himmelblau", points=100, epochs=1000)
    assert len(lab.constant.ends) == 10_000
    assert text_of(lab._message.value) == ""
    lab.close()


def test_the_readout_counts_the_runs(lab):
    words = text_of(lab._readout.value)
    for result in (lab.constant, lab.plateau):
        assert f"{100 * result.global_share:.1f} %" in words
        assert f"{result.median_epochs:.0f} epochs" in words
        for share in (np.isin(result.ends, [2, 3, 4, 5]).mean(), (result.ends == ELSEWHERE).mean()):
            assert f"{100 * share:.1f} %" in words


def test_the_menu_offers_surfaces_only(lab):
    offered = [value for _, choices in lab.controls["problem"].groups for _, value in choices]
    assert sorted(offered) == sorted(SURFACES)
    with pytest.raises(ValueError, match=r"This lab cannot show 'mlp_moons'. It has: "):
        lab.controls["problem"].value = "mlp_moons"
    assert lab.problem.name == "six-hump camel"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"problem": "linear_regression"}, "BasinLab maps surfaces .* made of data. Use DescentLab"),
        ({"problem": "mlp_moons"}, "BasinLab maps surfaces with one or two weights, and MLP on moons has 33"),
        ({"problem": "himelblau"}, "Did you mean 'himmelblau'"),
        ({"alpha": 0}, "alpha must be greater than 0"),
        ({"points": 1}, "points must be a whole number from 2 to 200"),
        ({"start": (1, 2, 3)}, "start must be 2 numbers"),
    ],
)
def test_bad_arguments_are_told(arguments, says):
    with pytest.raises(ValueError, match=says):
        lrlab.BasinLab(**arguments)


def test_bad_input_is_told_in_the_lab_which_goes_on(lab):
    before = lab.constant
    lab.controls["alpha"].box.value = "0"
    assert "alpha must be greater than 0" in text_of(lab._message.value)
    assert lab.constant is before
    lab.controls["alpha"].box.value = "0.02"
    assert text_of(lab._message.value) == ""
    assert lab.constant is not before


def test_close_leaves_nothing_open(lab):
    figure = lab.figure
    lab.close()
    assert lab.comm is None
    assert figure.figure is None
    assert all(control.comm is None for control in lab.controls.values())


def test_nothing_changed_is_not_said_to_be_one_place():
    lab = lrlab.BasinLab.from_moment("the start decides")
    ends = "from nearly every start, both runs end in the same minimum."
    assert ends in lab._readout.value
    assert len(set(lab.constant.ends[lab.constant.ends >= 0])) == 4
    lab.close()
    lost = lrlab.BasinLab("ravine", alpha=0.5, factor=0.99, points=8)
    assert "from nearly every start, both runs end alike." in lost._readout.value
    lost.close()


def test_grey_is_explained_for_white_and_for_dark_pages(lab):
    lab.set(problem="rastrigin")
    assert "Grey: at rest elsewhere, the stronger the lower." in lab._readout.value


def test_the_edge_beside_alpha_moves_out_with_momentum(lab):
    plain = lab.edge
    lab.controls["momentum"].value = 0.9
    assert lab.edge == pytest.approx(1.9 * plain)
    assert lab.controls["alpha"].note.value == f"stability edge {readable(lab.edge)}"
