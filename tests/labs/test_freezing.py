"""Freeze: runs stay in the picture as faint lines with a letter, and in a table as numbers."""

import re
from itertools import combinations

import numpy as np
import pytest

import lrlab
from lrlab.views.ghosts import FAINT
from lrlab.widgets.freezing import LETTERS


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.06, noise=0.3)
    yield lab
    lab.close()


def ghosts(lab, panel):
    """The faint lines of a panel."""
    return [line for line in lab.view.axes[panel].lines if line.get_alpha() == FAINT and not line.get_animated()]


def letters(lab):
    return [text.get_text() for text in lab.view.axes["losses"].texts if text.get_text() in LETTERS]


def test_what_is_frozen_stays_when_sliders_move(lab):
    losses, rates, paths = lab.run.watched.copy(), lab.run.lr.copy(), lab.run.w.copy()
    lab.freezing.keep.click()
    lab.set(alpha=0.02, patience=9)
    assert not np.array_equal(lab.run.watched, losses)
    for i in range(2):
        np.testing.assert_array_equal(ghosts(lab, "losses")[i].get_ydata(), losses[:, i])
        np.testing.assert_array_equal(ghosts(lab, "rates")[i].get_ydata()[:-1], rates[:, i])
        np.testing.assert_array_equal(ghosts(lab, "surface")[i].get_xdata(), paths[:, i, 0])
    assert letters(lab) == ["A", "A"]
    assert [line.get_color() for line in ghosts(lab, "losses")] == [line.get_color() for line in lab.view.loss.lines]


def test_each_has_a_letter_and_its_numbers(lab):
    lab.freeze()
    first = lab.run
    lab.set(alpha=0.085, noise=0.0)
    lab.freeze()
    rows = re.findall("<tr>(.*?)</tr>", lab.freezing._words.value)[1:]
    words = [re.sub("<.*?>", " | ", row) for row in rows]
    assert "A" in words[0]
    assert "alpha 0.06, factor 0.5, patience 5, noise 0.3" in words[0]
    assert f"{first.final_loss[1]:.3g}" in words[0]
    assert "alpha 0.085" in words[1]
    assert "diverged at epoch 32" in words[1]
    assert lab.freezing.table.layout.display is None
    lab.thaw()
    assert (ghosts(lab, "losses"), letters(lab), lab.frozen) == ([], [], [])
    assert lab.freezing.table.layout.display == "none"


def test_the_same_runs_are_kept_once_and_eight_are_enough(lab):
    for _ in range(2):
        lab.freeze()
    assert [one.letter for one in lab.frozen] == ["A"]
    for i in range(1, 8):
        lab.controls["seed"].value = i
        lab.freeze()
    assert "".join(one.letter for one in lab.frozen) == LETTERS
    lab.controls["seed"].value = 99
    lab.freezing.keep.click()
    assert "clear them first" in lab._message.value
    assert len(lab.frozen) == 8
    lab.freezing.clear.click()
    assert lab.frozen == []
    assert lab._message.value == ""


def names_on(lab, color):
    return [
        text for text in lab.view.axes["losses"].texts if text.get_color() == color and text.get_fontweight() == "bold"
    ]


def test_lines_that_are_the_same_are_named_once_and_names_keep_apart(lab):
    lab.set(alpha=0.085, noise=0.0)  # the constant run leaves the picture early, so what is seen of it is short
    for patience in (3, 4, 5, 8):
        lab.controls["patience"].value = patience
        lab.freeze()
    constant, plateau = lab.view.loss.lines
    assert [text.get_text() for text in names_on(lab, constant.get_color())] == ["A B C D"]
    assert [text.get_text() for text in names_on(lab, plateau.get_color())] == ["A", "B", "C", "D"]
    lab.controls["alpha"].value = 0.086
    lab.freeze()
    assert [text.get_text() for text in names_on(lab, constant.get_color())] == ["A B C D", "E"]
    texts = [text for line in (constant, plateau) for text in names_on(lab, line.get_color())]
    boxes = [text.get_window_extent() for text in texts]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_those_of_another_problem_wait_until_it_comes_back(lab):
    lab.freeze()
    lab.set(problem="himmelblau")
    assert ghosts(lab, "losses") == []
    lab.set(problem="ravine")
    assert len(ghosts(lab, "losses")) == 2


@pytest.mark.parametrize("problem", ["double_well", "logistic_regression_30", "mlp_moons"])
def test_it_works_in_any_number_of_dimensions_and_when_runs_diverge(problem):
    lab = lrlab.DescentLab(problem, epochs=30)
    lab.freeze()
    lab.set(alpha=1e6, rule="cosine")
    assert lab._message.value == ""
    lab.freeze()
    lab.set(alpha=0.1)
    assert lab._message.value == ""
    assert lab.frozen[1].names == ("constant", "plateau", "cosine")
    lab.figure.still()
    lab.close()


@pytest.mark.parametrize(
    "make", [lambda: lrlab.ChainLab(), lambda: lrlab.replay([3, 2, 1, 1, 1, 1, 1, 1, 1.0], patience=2)]
)
def test_other_labs_freeze_too(make):
    lab = make()
    before = lab.run.watched[:, 0].copy()
    lab.freeze()
    lab.controls["patience"].value = 1
    assert len(lab.frozen) == 1
    assert not np.array_equal(lab.run.lr[:, 0], lab.frozen[0].run.lr[:, 0])
    losses = [line.y for line in lab.frozen[0].lines if line.axes == "losses"]
    assert len(losses) == len(lab.view.loss.lines)
    np.testing.assert_array_equal(losses[0], before - lab.view.loss.offset)
    np.testing.assert_array_equal(ghosts(lab, "losses")[0].get_ydata(), losses[0])
    assert lab._message.value == ""
    lab.close()


def rows(lab):
    return [re.sub("<.*?>", "|", row) for row in re.findall("<tr>(.*?)</tr>", lab.freezing._words.value)]


def test_two_rules_of_ones_own_are_two_and_the_third_run_has_its_name_in_its_cell(lab):
    lab.rule = lambda epoch, rate, losses: 0.02
    lab.freeze()
    lab.rule = lambda epoch, rate, losses: 0.01
    lab.freeze()
    lab.rule = "cosine"
    lab.freeze()
    assert [one.letter for one in lab.frozen] == ["A", "B", "C"]
    heads, *cells = rows(lab)
    assert heads.strip("|").endswith("third run")
    assert "cosine: " in cells[2]
    assert "cosine" not in cells[0]


def test_a_lab_that_keeps_no_runs_says_so():
    lab = lrlab.SweepLab(points=3)
    with pytest.raises(TypeError, match="SweepLab has no runs that could be frozen"):
        lab.freeze()
    lab.thaw()
    assert lab.frozen == []
    lab.close()


def test_each_row_says_which_problem_it_is_of(lab):
    lab.freeze()
    lab.set(problem="himmelblau")
    lab.freeze()
    assert "|ravine: alpha 0.06" in rows(lab)[1]
    assert "|himmelblau: alpha" in rows(lab)[2]


def test_a_frozen_run_does_not_give_away_what_is_hidden_of_it(lab):
    lab.freeze()
    lab.set(alpha=0.02)
    lab.freeze()
    assert len(rows(lab)) == 1 + 2
    lab.hide(4)
    assert letters(lab) == ["A", "A"]
    assert [row[:2] for row in rows(lab)[1:]] == ["|A"]
    lab.rule = "cosine"  # the pair is still that of B
    assert letters(lab) == ["A", "A"]
    lab.set(alpha=0.06)
    assert letters(lab) == ["B", "B"]
    lab.rule = None
    lab.set(epochs=50)
    assert letters(lab) == ["B", "B"]
    lab.set(epochs=200)
    assert len(lab.frozen) == len(lab.scene["frozen"]) == 2, "they are kept all the while"
    lab.hiding.value = False
    assert letters(lab) == ["B", "B"], "it is being played"
    lab.player.epoch = 200
    assert sorted(letters(lab)) == ["A", "A", "B", "B"]
    assert len(rows(lab)) == 1 + 2
    assert lab._message.value == ""


def test_what_is_frozen_of_a_hidden_run_is_seen_when_that_is(lab):
    lab.hide(4)
    lab.freeze()
    assert (letters(lab), lab.freezing.table.layout.display) == ([], "none")
    lab.hiding.value = False
    lab.player.epoch = 200
    assert (letters(lab), lab.freezing.table.layout.display) == (["A", "A"], None)


def test_a_picture_that_is_not_of_these_settings_yet_is_not_frozen(lab):
    lab._held = True  # as where training takes its time
    lab.controls["alpha"].value = 0.01
    lab.freezing.keep.click()
    assert "still of other settings" in lab._message.value
    assert lab.frozen == []
