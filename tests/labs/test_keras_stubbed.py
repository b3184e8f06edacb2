"""Keras labs whose models are stubs: what is told, kept and begun, and not what is trained."""

import importlib.util
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

if importlib.util.find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

from lrlab.core.schedules import RuleError
from lrlab.core.settings import Settings
from lrlab.keras_live.history import History
from lrlab.keras_live.jobs import JobsSeen, JobsSession
from lrlab.keras_live.sweep import KerasSweep
from lrlab.labs.keras import KerasLab
from lrlab.labs.keras_jobs import KerasJobsLab
from lrlab.labs.keras_sweep import KerasSweepLab
from tests.labs.stub_session import StubSession
from tests.labs.test_keras_lab import until


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


# The long job of a map ------------------------------------------------------------------------------------------------


@pytest.fixture
def sweep_lab(monkeypatch):
    """A lab whose cells wait at the gate, and are then done or dropped. begun: of which epochs jobs were"""

    def cells(sweep):
        sweep_lab.begun.append(sweep.epochs)
        StubSession.gate.wait(60)
        yield sweep.cells[0]

    monkeypatch.setattr(KerasSweep, "run", lambda sweep, *_how: cells(sweep))
    StubSession.gate.clear()
    sweep_lab = KerasSweepLab("moons", points=(2, 2), epochs=8)
    sweep_lab.begun = []
    yield sweep_lab
    StubSession.gate.set()
    sweep_lab.close()


def test_a_map_that_is_started_while_another_is_dropped_is_trained_after_that(sweep_lab):
    sweep_lab.start()
    until(lambda: sweep_lab.begun)
    sweep_lab.controls["epochs"].value = 4
    sweep_lab.start()
    assert "dropping" in sweep_lab._progress.text.value
    StubSession.gate.set()
    assert sweep_lab.wait(60)
    assert sweep_lab.begun == [8, 4]
    assert sweep_lab._message.value == ""


def test_what_waits_is_dropped_too(sweep_lab):
    sweep_lab.start()
    until(lambda: sweep_lab.begun)
    sweep_lab.controls["epochs"].value = 4
    sweep_lab.start()
    sweep_lab.controls["epochs"].value = 3
    StubSession.gate.set()
    assert sweep_lab.wait(60)
    assert sweep_lab.begun == [8]


def breaks(epoch, rate, losses):
    raise LookupError("no rate today")


def fails(*_arguments, **_options):
    StubSession.gate.wait(60)
    raise RuleError("The rule raised LookupError after epoch 4: no rate today.")


def test_the_rule_of_the_menu_is_not_blamed_for_another(sweep_lab, monkeypatch):
    monkeypatch.setattr(KerasSweep, "left", property(lambda sweep: []))
    monkeypatch.setattr(KerasSweep, "run_by", fails)
    sweep_lab.rule = breaks
    sweep_lab.start()
    sweep_lab.controls["rule"].value = "cosine"
    StubSession.gate.set()
    with pytest.raises(RuntimeError, match="no rate today"):
        sweep_lab.wait(60)
    assert sweep_lab._message.value == ""
    assert sweep_lab._rule_in_force is sweep_lab.rule is not None
    sweep_lab.controls["rule"].value = "yours"
    sweep_lab._news.draw()
    assert "no rate today. The third run is left out" in sweep_lab._message.value


# Whole jobs -----------------------------------------------------------------------------------------------------------


class StubJobs(JobsSession):
    """Trains a job of four epochs, and then its rule fails."""

    def _train(self, rules, epochs, own, values):
        history = History(Settings(**rules[0]), np.ones(1), np.empty((1, 0)), [0.1])
        self.built = SimpleNamespace(history=history)
        for _ in range(4):
            logs = [{"loss": 0.5, "val_loss": 0.5, "accuracy": 0.5, "val_accuracy": 0.5, "learning_rate": 0.1}]
            history.append(logs, np.ones(1, bool), [0.1], np.empty((1, 0)))
            yield partial(JobsSeen, "", history, history.epochs, 0.1, ())
        StubSession.gate.wait(60)
        fails()


@pytest.mark.parametrize("chosen", ["", "cosine", "yours"])
def test_a_rule_that_fails_adds_no_job_whatever_is_chosen_by_then(monkeypatch, chosen):
    monkeypatch.setattr("lrlab.labs.keras_jobs.JobsSession", StubJobs)
    StubSession.gate.clear()
    lab = KerasJobsLab("moons", epochs=9, rule=breaks, callback="yours")
    lab.buttons["Train"].click()
    until(lambda: lab._news.draw() or lab._live)
    lab.controls["rule"].value = chosen
    StubSession.gate.set()
    with pytest.raises(RuntimeError, match="no rate today"):
        lab.wait(60)
    assert "no rate today. No job was added." in lab._message.value
    assert lab.jobs == []
    lab._news.draw()
    assert "No job was added." in lab._message.value
    lab.rule = lambda epoch, rate, losses: rate
    assert lab._message.value == ""
    lab.close()
