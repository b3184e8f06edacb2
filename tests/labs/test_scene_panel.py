"""The lines of a scene that can be copied, and the field that takes one back."""

import pytest

import lrlab
from lrlab.labs.scene import to_python, to_text


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.06)
    lab.sharing.selected_index = 0
    yield lab
    lab.close()


def paste(lab, text):
    """As the browser does."""
    lab.scenes._handle_custom_msg({"open": text}, [])


def test_the_lines_follow_what_is_seen(lab):
    for change in (lambda: lab.set(alpha=0.02), lambda: setattr(lab.player, "epoch", 12), lab.freeze, lab.thaw):
        change()
        assert (lab.scenes.text, lab.scenes.python) == (to_text(lab.scene), to_python(lab.scene))
    assert lab.scenes.text.endswith("shown.epoch=12")
    lab.solid.opened.value = True
    assert lab.scenes.text.endswith("shown.epoch=12 shown.solid=true")


def test_folded_away_they_cost_nothing(lab):
    lab.sharing.selected_index = None
    before = lab.scenes.text
    lab.set(alpha=0.03)
    assert lab.scenes.text == before
    lab.sharing.selected_index = 0
    assert "alpha=0.03" in lab.scenes.text


def test_either_line_opens(lab):
    for make in (to_text, to_python):
        there = lrlab.DescentLab("himmelblau", alpha=0.01, patience=3)
        lab.set(problem="bowl")
        paste(lab, make(there.scene))
        assert lab.scene == there.scene
        assert (lab.scenes.said, lab.scenes.wrong) == ("Opened.", False)
        there.close()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "There is no scene in this text"),
        ("lrlab-1 BasinLab alpha=0.1", "This scene is of a BasinLab"),
        ("lrlab-1 DescentLab alpha=-1", "alpha must be greater than 0"),
    ],
)
def test_what_does_not_open_is_told_and_the_lab_stays_as_it_is(lab, text, says):
    before = lab.scene
    paste(lab, text)
    assert says in lab.scenes.said
    assert lab.scenes.wrong
    assert lab.scene == before
    assert lab._message.value == ""
    paste(lab, to_text(before))
    assert (lab.scenes.said, lab.scenes.wrong) == ("Opened.", False)
