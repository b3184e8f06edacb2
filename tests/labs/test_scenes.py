"""Scenes: every lab's state goes out as plain data and comes back; what is broken is refused with the reason."""

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.labs.scene import VERSION, read_scene, scene_of, to_python, to_text

# One line for each lab, as version 1 wrote it. These open for ever: add lines for new versions, never change one.
KEPT = {
    "DescentLab": "lrlab-1 DescentLab alpha=0.085 factor=0.5 patience=5 problem=ravine rule=warm+restarts epochs=200 "
    "noise=0.2 batch_size=32 momentum=0.0 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=3 start=3.0,1.5 target=0.5",
    "BasinLab": "lrlab-1 BasinLab alpha=0.02 factor=0.5 patience=5 problem=himmelblau epochs=100 noise=0.0 "
    "momentum=0.0 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=0 start=-1.0,2.0 points=20",
    "ChainLab": "lrlab-1 ChainLab alpha=0.001 factor=0.5 patience=4 problem=rosenbrock rule= epochs=100 noise=0.0 "
    "batch_size=32 momentum=0.9 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=0 start=-1.2,1.0 separate=true carry=false",
    "JobsLab": "lrlab-1 JobsLab alpha=0.03 factor=0.1 patience=2 problem=ravine rule=cosine epochs=200 noise=1.0 "
    "batch_size=32 momentum=0.0 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=0 start=3.0,1.0 tries=8 callback=cosine",
    "SweepLab": "lrlab-1 SweepLab alpha=0.07 factor=0.5 patience=5 problem=ravine rule= seeds=2 epochs=120 noise=0.7 "
    "batch_size=32 momentum=0.0 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=0 start=3.0,1.0 "
    "metric=epochs+to+target map=alpha+%C3%97+patience points=12",
    "RateFreeLab": "lrlab-1 RateFreeLab alpha=0.5 factor=0.5 patience=5 problem=linear_regression rule= epochs=50 "
    "momentum=0.0 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=1",
}


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.06)
    yield lab
    lab.close()


def mine(name="mine"):
    return lrlab.Problem(name=name, formula="", loss=lambda w: (w**2).sum(-1), start=(1, 1), view=[(-2, 2), (-2, 2)],
                         convex=True)  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_scenes_of_this_and_older_versions_open_and_come_back(name):
    lab = lrlab.from_scene(KEPT[name])
    assert type(lab).__name__ == name
    assert lab._message.value == ""
    assert to_text(lab.scene) == KEPT[name].replace("lrlab-1", f"lrlab-{VERSION}")
    again = lrlab.from_scene(json.loads(json.dumps(lab.scene)))
    assert again.scene == lab.scene
    np.testing.assert_array_equal(again.run.watched, lab.run.watched)
    lab.close()
    again.close()


def test_the_scene_follows_the_controls_and_is_opened_in_place(lab):
    first = lab.scene
    lab.set(problem="himmelblau", alpha=0.01, start=(1, -1), momentum=0.5, rule="cosine")
    there, losses = lab.scene, lab.run.watched
    lab.scene = first
    assert lab.scene == first
    lab.scene = to_text(there)
    assert lab.scene == there
    np.testing.assert_array_equal(lab.run.watched, losses)


def test_the_epoch_what_is_hidden_and_the_opened_rule_come_back(lab):
    lab.player.epoch = 30
    lab.inspector.opened.value = True
    line = to_text(lab.scene)
    assert line.endswith("shown.epoch=30 shown.rule=true")
    lab.hiding.value = True
    lab.player.epoch = 20
    hidden = to_text(lab.scene)
    assert hidden.endswith("shown.epoch=20 shown.hides=30 shown.rule=true")
    other = lrlab.from_scene(line)
    assert (other.player.epoch, other.player.limit, other.inspector.opened.value) == (30, None, True)
    other.scene = hidden
    assert (other.player.epoch, other.player.limit, other.hiding.covers) == (20, 30, True)
    other.scene = "lrlab-1 DescentLab alpha=0.06 problem=ravine"
    assert other.player.at_the_end
    assert (other.player.limit, other.hiding.value, other.hiding.covers, other.inspector.opened.value) == (
        None, False, False, False,
    )  # fmt: skip
    other.close()


def test_frozen_runs_come_back(lab):
    lab.freeze()
    lab.set(alpha=0.085, patience=3, start=(1, 2))
    lab.freeze()
    lab.set(alpha=0.01, problem="rosenbrock")
    line = to_text(lab.scene)
    for part in ("A.alpha=0.06", "A.problem=ravine", "B.alpha=0.085", "B.start=1.0,2.0"):
        assert f" {part}" in line
    other = lrlab.from_scene(line)
    assert other.scene == lab.scene
    for mine, theirs in zip(lab.frozen, other.frozen, strict=True):
        assert (mine.letter, mine.settings, mine.names) == (theirs.letter, theirs.settings, theirs.names)
        np.testing.assert_array_equal(mine.run.watched, theirs.run.watched)
        for one, another in zip(mine.lines, theirs.lines, strict=True):
            np.testing.assert_array_equal(one.y, another.y)
    other.scene = "lrlab-1 DescentLab alpha=0.06"
    assert other.frozen == []
    other.close()


def test_what_was_frozen_stays_where_a_scene_does_not_open(lab):
    lab.freeze()
    frozen, scene = lab.frozen, lab.scene
    with pytest.raises(ValueError, match="alpha must be greater than 0"):
        lab.scene = "lrlab-1 DescentLab alpha=0.1 A.alpha=0.2 B.alpha=-1"
    assert lab.frozen == frozen
    assert lab.scene == scene


def test_it_is_found_in_a_line_of_python_and_in_a_chat(lab):
    line = to_text(lab.scene)
    assert to_python(lab.scene) == f'lrlab.from_scene("{line}")'
    for text in (to_python(lab.scene), f"Look at this: {line}", f"`{line}`", json.dumps(lab.scene), f"  {line}\n"):
        assert read_scene(text) == lab.scene


def test_what_a_scene_does_not_mention_is_as_in_a_new_lab(lab):
    lab.set(momentum=0.5, factor=0.2, alpha=0.01, noise=1.0)
    lab.scene = "lrlab-1 DescentLab problem=ravine patience=7"
    new = lrlab.DescentLab("ravine", patience=7)
    assert lab.scene == new.scene
    new.close()


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        ("", "There is no scene in this text"),
        ("DescentLab alpha=0.1", "There is no scene in this text"),
        ("lrlab-2 DescentLab alpha=0.1", "made by a newer lrlab"),
        ("lrlab-0 DescentLab alpha=0.1", "no version"),
        ("lrlab-1 DescentLab alpha=fast", "alpha must be a number, got 'fast'"),
        ("lrlab-1 DescentLab alpha=-1", "alpha must be greater than 0"),
        ("lrlab-1 DescentLab alhpa=0.1", "alhpa is no setting of a DescentLab. It has: alpha, factor"),
        ("lrlab-1 DescentLab problem=moon", "moon"),
        ("lrlab-1 DescentLab start=1,2,3", "start must be 2 numbers"),
        ("lrlab-1 DescentLab rule=yours", "by a rule of somebody's own"),
        ("lrlab-1 BasinLab alpha=0.1", "This scene is of a BasinLab, and this is a DescentLab"),
        ("lrlab-1 DescentLab target=0.1", "made with target=None, and the scene with 0.1"),
        ("lrlab-1 DescentLab alpha=0.1 factor", "broken from 'factor' on"),
        ("lrlab-1 DescentLab " + "a=1 " * 9000, "has 36,019"),
        ('{"lrlab": 1', "This scene is broken"),
        ({"lrlab": 1, "lab": "DescentLab"}, "it needs a lab and its settings"),
        ({"lrlab": True, "lab": "DescentLab", "settings": {}}, "no version"),
        ({"lrlab": 1, "lab": "DescentLab", "settings": {"alpha": {"a": 1}}}, "'alpha' must be a number"),
        ({"lrlab": 1, "lab": "DescentLab", "settings": {"alpha": None}}, "'alpha' must be a number"),
        ({"lrlab": 1, "lab": "DescentLab", "settings": {"alpha": float("nan")}}, "alpha must be"),
        ("lrlab-1 DescentLab alpha=0.1 shown.epoch=-1", "epoch must be an epoch, 0 or more, got -1"),
        ("lrlab-1 DescentLab alpha=0.1 shown.epoch=many", "epoch must be an epoch, 0 or more, got 'many'"),
        ("lrlab-1 DescentLab alpha=0.1 shown.colour=red", "colour is nothing that a scene shows"),
        ("lrlab-1 DescentLab alpha=0.1 A.alpha=-1", "alpha must be greater than 0"),
        ("lrlab-1 DescentLab alpha=0.1 A.alhpa=1", "alhpa is no setting"),
        ("lrlab-1 DescentLab alpha=0.1 left.alpha=1", "its frozen runs need a letter each"),
        ("lrlab-1 DescentLab alpha=0.1 A.alpha=0.2 I.alpha=0.3", "a letter each, A to H"),
        ({"lrlab": 1, "lab": "DescentLab", "settings": {}, "shown": 3}, "should be settings by name"),
        ({"lrlab": 1, "lab": "DescentLab", "settings": {}, "frozen": {"A": 3}}, "should be settings by name"),
        ({"lrlab": 1, "lab": "DescentLab", "settings": {}, "frozen": [1]}, "need a letter each"),
    ],
)
def test_what_is_broken_is_refused_and_the_lab_stays_as_it_is(lab, scene, says):
    lab.controls["momentum"].value = 0.3
    before, run = lab.scene, lab.run
    with pytest.raises(ValueError, match=re.escape(says)):
        lab.scene = scene
    assert lab.scene == before
    np.testing.assert_array_equal(lab.run.watched, run.watched)
    assert lab._message.value == ""


@pytest.mark.parametrize("scene", [None, 3, ["lrlab-1 DescentLab"], b"lrlab-1 DescentLab"])
def test_anything_else_is_no_scene(lab, scene):
    with pytest.raises(TypeError, match="A scene must be a dict or a text"):
        lab.scene = scene


def test_a_lab_that_is_not_there_and_a_replay():
    with pytest.raises(ValueError, match=r"There is no lab 'Problem' here\. The labs are: BasinLab"):
        lrlab.from_scene("lrlab-1 Problem name=a")
    replay = lrlab.replay([3, 2, 2, 2, 2], patience=1)
    with pytest.raises(ValueError, match="A replay needs losses"):
        lrlab.from_scene(replay.scene)
    scene = replay.scene
    replay.controls["patience"].value = 3
    replay.scene = scene
    assert replay.controls["patience"].value == 1
    replay.close()


def test_what_is_ones_own_is_given_beside_the_scene():
    lab = lrlab.DescentLab(mine(), alpha=0.1, rule=lambda epoch, rate, losses: rate * 0.9)
    scene = lab.scene
    with pytest.raises(ValueError, match=r"own problem, 'mine \(yours\)'. Give it as well: .*scene\(scene, problem="):
        lrlab.from_scene(scene)
    with pytest.raises(ValueError, match=r"rule of somebody's own. Give it as well: .*scene\(scene, rule="):
        lrlab.from_scene(scene, problem=mine())
    again = lrlab.from_scene(scene, problem=mine(), rule=lab.rule)
    assert again.scene == scene
    np.testing.assert_array_equal(again.run.watched, lab.run.watched)
    lab.close()
    again.close()


def test_what_is_ones_own_may_be_frozen_or_in_the_picture_only():
    lab = lrlab.DescentLab(mine(), alpha=0.1)
    lab.freeze()
    lab.set(problem="ravine")
    with pytest.raises(ValueError, match=r"own problem, 'mine \(yours\)'. Give it as well"):
        lrlab.from_scene(lab.scene)
    again = lrlab.from_scene(to_text(lab.scene), problem=mine())
    assert again.controls["problem"].value == "ravine"
    assert [one.subject for one in again.frozen] == ["mine (yours)"]
    assert again.scene == lab.scene
    again.close()
    lab.thaw()
    lab.freeze()
    lab.set(problem="mine (yours)")
    again = lrlab.from_scene(to_text(lab.scene), problem=mine("another"))
    assert again.controls["problem"].value == "another (yours)"
    assert [one.subject for one in again.frozen] == ["ravine"]
    lab.close()
    again.close()


def test_a_problem_that_is_given_beside_a_scene_takes_the_place_of_that_one():
    lab = lrlab.from_scene("lrlab-1 DescentLab problem=ravine alpha=0.01", problem=mine())
    assert lab.controls["problem"].value == "mine (yours)"
    lab.close()


VALUES = st.one_of(
    st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4),
    st.text(max_size=20).filter(lambda text: not re.fullmatch(r"[-\d.,+eE]*|true|false", text)),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), VALUES, max_size=6))
def test_any_plain_settings_survive_the_line(values):
    scene = scene_of("DescentLab", values)
    text = to_text(scene)
    assert "\n" not in text
    assert '"' not in text
    assert read_scene(text) == scene
    assert read_scene(json.dumps(scene)) == scene
    assert read_scene(to_python(scene)) == scene
