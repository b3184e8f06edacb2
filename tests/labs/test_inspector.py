"""The rule, opened in a lab: what is drawn and told at an epoch, and what moving the sliders does to it."""

import numpy as np
import pytest

import lrlab
from lrlab.core.inside import inside
from lrlab.views.decision import decision


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.085, factor=0.5, patience=3)
    yield lab
    lab.close()


def looked_at(lab, epoch):
    lab.inspector.opened.value = True
    lab.player.epoch = epoch


def nothing_is_drawn(mark):
    lines = [*mark.now, mark.threshold, mark.best, mark.waited, mark.to_wait]
    return all(not len(line.get_xdata()) for line in lines)


def test_it_is_closed_at_first_and_leaves_no_trace_when_closed_again(lab):
    mark = lab.view.epoch_mark
    assert nothing_is_drawn(mark)
    assert lab.inspector.words.layout.display == "none"
    looked_at(lab, 30)
    assert not nothing_is_drawn(mark)
    assert lab.inspector.words.layout.display is None
    lab.inspector.opened.value = False
    assert nothing_is_drawn(mark)


def test_the_picture_shows_the_epoch_the_threshold_and_the_wait(lab):
    rule = inside(lab.run, 1)
    cut = int(np.flatnonzero(lab.run.cuts[:, 1])[1]) + 1
    looked_at(lab, cut)
    mark, e = lab.view.epoch_mark, cut - 1
    for line in mark.now:
        assert list(line.get_xdata()) == [cut, cut]
    assert rule.wait[e] == 3
    assert list(mark.waited.get_xdata()) == [cut - 2, cut - 1, cut]
    assert len(mark.to_wait.get_xdata()) == 0
    best_epoch = rule.best_epoch[e]
    assert lab.run.watched[best_epoch, 1] == rule.best[e]
    assert list(mark.best.get_data()) == [[best_epoch], [rule.best[e]]]
    level = rule.best[e] - 1e-4
    np.testing.assert_allclose(mark.threshold.get_ydata(), level)
    np.testing.assert_allclose(mark.waited.get_ydata(), level)

    lab.player.epoch = cut - 2
    assert list(mark.waited.get_xdata()) == [cut - 2]
    assert list(mark.to_wait.get_xdata()) == [cut - 1, cut]


@pytest.mark.parametrize("epoch", [1, 2, 57, 200])
def test_the_words_are_those_of_the_epoch(lab, epoch):
    looked_at(lab, epoch)
    assert decision(inside(lab.run, 1), epoch) in lab.inspector.words.value


def test_the_rule_follows_the_sliders_and_the_epoch_stays(lab):
    looked_at(lab, 20)
    before = lab.inspector.words.value
    lab.controls["alpha"].value = 0.03
    assert lab.player.epoch == 20
    assert lab.inspector.words.value != before
    assert decision(inside(lab.run, 1), 20) in lab.inspector.words.value


def test_at_its_end_the_slider_stays_at_the_end_and_elsewhere_where_it_is(lab):
    looked_at(lab, 200)
    lab.controls["epochs"].value = 300
    assert (lab.player.epochs, lab.player.epoch) == (300, 300)
    lab.player.epoch = 100
    lab.controls["epochs"].value = 150
    assert (lab.player.epochs, lab.player.epoch) == (150, 100)
    lab.controls["epochs"].value = 50
    assert (lab.player.epochs, lab.player.epoch) == (50, 50)
    lab.controls["epochs"].value = 1
    assert "first loss" in lab.inspector.words.value


@pytest.mark.parametrize("values", [{"patience": 10**9}, {"alpha": 1e9}, {"min_delta": 1e30}, {"alpha": 1e-30}])
def test_extremes_are_drawn(lab, values):
    looked_at(lab, 150)
    lab.set(**values)
    lab.figure.push()
    assert "Epoch 150" in lab.inspector.words.value
    assert "nan" not in lab.inspector.words.value.lower()


def test_it_survives_another_problem_and_closing(lab):
    looked_at(lab, 150)
    lab.controls["problem"].value = "parabola"
    assert not nothing_is_drawn(lab.view.epoch_mark)
    lab.close()
    assert lab.inspector.comm is None
    assert lab.player.comm is None
    assert lab.inspector.opened.comm is None
    lab.player.epoch = 3  # a message that was on its way


def test_a_replay_has_one_too():
    lab = lrlab.replay([3, 2, 1.5, 1.5, 1.5, 1.5, 1.4], patience=2)
    looked_at(lab, 5)
    assert "wait is now 2 of 2: rate cut" in lab.inspector.words.value
    assert list(lab.view.epoch_mark.waited.get_xdata()) == [4, 5]
    lab.close()


def test_marks_are_named_where_they_are_told_of_and_the_ring_is_whole_at_the_start(lab):
    looked_at(lab, 3)
    for mark in ("○ best before", "― to beat", "■□"):
        assert mark in lab.inspector.words.value
    assert lab.view.epoch_mark.best.get_xdata() == [1]
    assert not lab.view.epoch_mark.best.get_clip_on()
    lab.controls["start"].value = (-4e6, 1e6)  # the loss is above the panel
    lab.player.epoch = 3
    assert lab.view.epoch_mark.best.get_clip_on()


def test_a_film_knows_what_has_been_told(lab):
    assert not lab.player.waits
    looked_at(lab, 7)
    assert (lab.player.waits, lab.player.told) == (True, 7)
    lab.player.epoch = 8
    assert lab.player.told == 8
    lab.inspector.opened.value = False
    assert not lab.player.waits
