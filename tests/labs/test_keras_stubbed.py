"""Keras labs whose models are stubs: what is told, kept and begun, and not what is trained."""

import importlib.util

import pytest

if importlib.util.find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

from lrlab.labs.keras import KerasLab
from tests.labs.stub_session import StubSession


@pytest.fixture
def lab(monkeypatch):
    monkeypatch.setattr("lrlab.labs.keras.Session", StubSession)
    StubSession.gate.set()
    lab = KerasLab("moons", epochs=4)
    assert lab.wait(60)
    StubSession.begun.clear()
    yield lab
    StubSession.gate.set()
    lab.close()


def test_the_old_picture_is_not_frozen_under_new_settings(lab):
    StubSession.gate.clear()
    lab.set(seed=7, batch_size=8)
    lab.freezing.keep.click()
    assert "still of other settings" in lab._message.value
    assert lab.frozen == []
    lab._news.draw()
    assert "still of other settings" in lab._message.value, "it still is"
    StubSession.gate.set()
    assert lab.wait(60)
    lab.freezing.keep.click()
    assert lab._message.value == ""
    assert [(one.settings["seed"], one.run.watched[1, 0]) for one in lab.frozen] == [(7, 1 / 9)]


def test_more_epochs_than_are_wanted_are_not_frozen(lab):
    StubSession.gate.clear()
    lab.controls["epochs"].value = 2
    lab.freezing.keep.click()
    assert lab.frozen == []
    StubSession.gate.set()
    assert lab.wait(60)
    lab.freezing.keep.click()
    assert [one.run.epochs for one in lab.frozen] == [2]
    lab.controls["epochs"].value = 5
    assert lab.wait(60)
    lab.freezing.keep.click()
    assert [one.run.epochs for one in lab.frozen] == [2, 5]


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize(
    "settings",
    ["alpha=0.2 factor=7", "alpha=0.2 rule=nonsense", "model=digits alpha=0.2 factor=7", "model=digits rule=nonsense"],
)
def test_a_refused_scene_begins_no_job_and_drops_none(lab, settings, busy):
    if busy:
        StubSession.gate.clear()
        lab.controls["seed"].value = 7
    lab._news.draw()
    before, session, shown = lab.scene, lab._session, lab.run
    with pytest.raises(ValueError, match="This scene cannot be opened"):
        lab.scene = f"lrlab-1 KerasLab {settings}"
    assert lab.scene == before
    assert lab._session is session
    StubSession.gate.set()
    assert lab.wait(60)
    assert lab._message.value == ""
    assert [values["seed"] for values in StubSession.begun] == [7] * busy
    assert busy or lab.run.epochs == shown.epochs
