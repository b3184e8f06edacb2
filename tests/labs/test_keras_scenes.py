"""Scenes of labs with a Keras model: they come back, and open for ever."""

import importlib.util

import pytest

if importlib.util.find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

import lrlab
from lrlab.labs.scene import VERSION, to_text
from tests.labs.test_keras_lab import linear, own_data

# As version 1 wrote them: add lines for new versions, never change one.
KEPT = {
    "KerasLab": "lrlab-1 KerasLab alpha=0.5 factor=0.3 patience=2 model=diabetes rule=cosine epochs=2 batch_size=64 "
    "min_delta=0.0001 cooldown=0 min_lr=0.0 seed=3",
    "KerasChainLab": "lrlab-1 KerasChainLab alpha=0.5 factor=0.3 patience=2 model=moons rule= separate=true "
    "carry=false epochs=2 batch_size=32 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=1",
    "KerasJobsLab": "lrlab-1 KerasJobsLab alpha=0.5 factor=0.3 patience=2 model=moons rule=cosine callback=cosine "
    "tries=3 epochs=2 batch_size=32 min_delta=0.0001 cooldown=0 min_lr=0.0 seed=1",
}


@pytest.mark.parametrize("name", KEPT)
def test_scenes_open_and_come_back(name):
    lab = lrlab.from_scene(KEPT[name])
    assert type(lab).__name__ == name
    assert to_text(lab.scene) == KEPT[name].replace("lrlab-1", f"lrlab-{VERSION}")
    again = lrlab.from_scene(lab.scene)
    assert again.scene == lab.scene
    lab.close()
    again.close()


def test_a_sweep_comes_back():
    lab = lrlab.KerasSweepLab("moons", points=(2, 3), epochs=2)
    lab.controls["alpha"].value = 0.7
    again = lrlab.from_scene(to_text(lab.scene))
    assert again.scene == lab.scene
    assert again.controls["alpha"].value == 0.7
    lab.close()
    again.close()


def test_of_a_keras_lab_the_epoch_comes_back_and_frozen_runs_do_not():
    lab = lrlab.KerasLab("moons", epochs=3)
    assert lab.wait(120)
    lab.player.epoch = 2
    lab.freeze()
    scene = lab.scene
    assert scene["shown"] == {"epoch": 2}
    assert "frozen" not in scene, "each would have to be trained first"
    again = lrlab.from_scene(scene)
    assert again.player.epoch == 2
    assert again.wait(120)
    assert again.player.epoch == 2
    assert again.scene == scene
    lab.close()
    again.close()


def test_somebody_elses_model_is_asked_for():
    with pytest.raises(ValueError, match="Give it as well"):
        lrlab.from_scene("lrlab-1 KerasLab alpha=0.1 model=mine+(yours)")


def moons(alpha):
    """Never built: nothing is trained before start."""


def test_a_sweep_of_ones_own_model_does_not_open_the_ready_made_one_of_that_name(tmp_path):
    few = {"points": (2, 2), "epochs": 2, "alpha": 0.5}
    lab = lrlab.KerasSweepLab(moons, own_data(), **few, folder=tmp_path)
    assert lab.scene["settings"]["model"] == "moons (yours)"
    assert lab.sweep._store.path.name.startswith("moons-"), "where older versions kept it"
    with pytest.raises(ValueError, match=r"own model, 'moons \(yours\)'. Give it as well: .*get_model="):
        lrlab.from_scene(lab.scene)
    again = lrlab.from_scene(lab.scene, get_model=moons, data=own_data())
    assert again.scene == lab.scene
    with pytest.raises(ValueError, match=r"made with model=moons \(yours\), and the scene with moons"):
        again.scene = {**lab.scene, "settings": lab.scene["settings"] | {"model": "moons"}}
    lab.close()
    again.close()


def test_a_sweep_of_ones_own_model_opens_as_older_versions_wrote_it():
    lab = lrlab.KerasSweepLab(linear, own_data(), points=(2, 2), epochs=2, alpha=0.5)
    old = {**lab.scene, "settings": lab.scene["settings"] | {"model": "linear", "alpha": 0.7}}
    lab.scene = old
    assert lab.controls["alpha"].value == 0.7
    again = lrlab.from_scene(old, get_model=linear, data=own_data())
    assert again.scene == lab.scene
    lab.close()
    again.close()
