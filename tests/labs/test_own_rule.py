"""A third run beside the pair: from a schedule in the menu, or from a rule of the user's own, right or wrong."""

import numpy as np
import pytest

import lrlab
from lrlab.core.schedules import SCHEDULES

ALPHA = 0.06


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=ALPHA, factor=0.5, patience=3)
    yield lab
    lab.close()


def shrink(epoch, rate, losses):
    return rate * 0.98


def breaks_at_40(epoch, rate, losses):
    steps = 40 - epoch
    return rate + 0 / steps


def lines(lab):
    return {"loss": lab.view.loss.lines, "rate": lab.view.rate.lines, "path": lab.view.surface.paths.lines}


def test_there_is_none_at_first(lab):
    assert lab.rule is None
    assert all(len(drawn) == 2 for drawn in lines(lab).values())
    assert "lrlab-own" not in lab._readout.value


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_from_the_menu_is_drawn_and_told(lab, name):
    lab.controls["rule"].value = name
    run = lab.run
    rule = SCHEDULES[name](ALPHA, run.epochs)
    expected = [rule(epoch, 0.0, np.ones(epoch + 1)) for epoch in range(run.epochs + 1)]
    np.testing.assert_allclose([*run.lr[:, 2], run.final_lr[2]], expected, rtol=1e-6)
    np.testing.assert_array_equal(lab.view.rate.lines[2].get_ydata()[:-1], run.lr[:, 2])
    np.testing.assert_array_equal(lab.view.loss.lines[2].get_ydata(), run.watched[:, 2])
    np.testing.assert_array_equal(lab.view.surface.paths.lines[2].get_xdata(), run.w[:, 2, 0])
    assert f"<th scope='row' class='lrlab-own'>{name}</th>" in lab._readout.value
    assert name in [text.get_text() for text in lab.figure.figure.legends[0].get_texts()]
    assert name in lab.figure.alt


def test_it_follows_the_sliders_and_leaves_the_pair_alone(lab):
    pair = lab.run
    lab.rule = shrink
    np.testing.assert_array_equal(lab.run.w[:, :2], pair.w)
    lab.controls["alpha"].value = 0.02
    assert lab.run.lr[0, 2] == np.float32(np.float32(0.02) * 0.98)
    lab.controls["rule"].value = ""
    assert lab.rule is None
    assert len(lab.run.settings) == 2
    lab.controls["rule"].value = "yours"
    assert lab.rule is shrink


def test_a_rule_of_ones_own_by_its_name(lab):
    lab.rule = shrink
    assert ("Yours", [("shrink", "yours")]) in lab.controls["rule"].groups
    assert "third run" in lab._readout.value.lower()


def test_another_function_takes_the_place_of_the_first(lab):
    lab.rule = shrink
    before = lab.run
    lab.rule = lambda epoch, rate, losses: rate * 0.9
    assert lab.run.final_lr[2] < before.final_lr[2]


def test_an_error_is_told_with_its_line_and_the_lab_keeps_working(lab):
    lab.rule = breaks_at_40
    message = lab._message.value
    assert "raised ZeroDivisionError after epoch 40" in message
    assert "in breaks_at_40, line" in message
    assert "return rate + 0 / steps" in message
    assert len(lab.run.settings) == 2
    assert len(lab.view.loss.lines) == 2
    lab.controls["epochs"].value = 30  # it never comes to that
    assert lab._message.value == ""
    assert len(lab.run.settings) == 3
    lab.controls["epochs"].value = 100
    assert "ZeroDivisionError" in lab._message.value
    lab.rule = shrink
    assert lab._message.value == ""
    assert len(lab.run.settings) == 3


def test_what_is_no_rate_is_told(lab):
    lab.rule = lambda epoch, rate, losses: None
    assert "must return a learning rate" in lab._message.value
    assert "got None after epoch 0" in lab._message.value


def test_what_is_no_rule_is_refused(lab):
    with pytest.raises(
        TypeError, match=r"rule must be a function, rule\(epoch, rate, losses\) -> rate, or one of step"
    ):
        lab.rule = 0.1
    with pytest.raises(ValueError, match=r"must be one of .*cosine.*, or a function, got 'cosin'"):
        lab.rule = "cosin"
    assert lab.rule is None
    with pytest.raises(TypeError, match="rule must be a function"):
        lrlab.DescentLab("ravine", rule=3)


@pytest.mark.parametrize("problem", ["parabola", "himmelblau", "linear_regression", "mlp_moons", "mlp_digits"])
def test_every_kind_of_picture_has_room_for_it(problem):
    lab = lrlab.DescentLab(problem, rule="cosine", epochs=20)
    assert lab._message.value == ""
    drawn = lines(lab)
    assert all(len(each) == 3 for each in drawn.values())
    assert np.isfinite(drawn["path"][2].get_xydata()).all()
    lab.close()


def test_reset_takes_back_the_rule(lab):
    lab.rule = shrink
    lab._reset()
    assert lab.rule is None


@pytest.mark.parametrize("make", [lrlab.DescentLab, lrlab.ChainLab, lrlab.SweepLab, lrlab.RateFreeLab])
def test_a_rule_that_fails_is_told_by_a_lab_that_was_made_with_it(make):
    lab = make(rule=breaks_at_40, epochs=60)
    assert "ZeroDivisionError after epoch 40" in lab._message.value
    assert "breaks_at_40" in lab._message.value
    lab.rule = None
    assert not lab._message.value
    lab.close()


def test_a_rule_of_ones_own_is_called_by_its_name(lab):
    lab.rule = shrink
    assert "shrink" in [text.get_text() for text in lab.figure.figure.legends[0].get_texts()]
    assert "<th scope='row' class='lrlab-own'>shrink</th>" in lab._readout.value
    lab.rule = lambda epoch, rate, losses: rate
    assert "yours" in [text.get_text() for text in lab.figure.figure.legends[0].get_texts()]
