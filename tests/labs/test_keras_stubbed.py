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
