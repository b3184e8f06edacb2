"""The same of Keras models: what a get_model, a layer, a metric or an error is called is never markup."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")
import lrlab
from tests.security.test_escaping import EVIL, check_all

ROWS = np.random.default_rng(0).normal(size=(40, 2))
DATA = ((ROWS, ROWS[:, :1]), (ROWS, ROWS[:, :1]))


def model(alpha):
    import keras

    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    metric = keras.metrics.MeanSquaredError(name="<i onclick=alert(1)>")
    made.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse", metrics=[metric])
    return made


@pytest.mark.parametrize("name", ["KerasLab", "KerasJobsLab", "KerasChainLab", "KerasSweepLab"])
def test_names_of_models_and_metrics_are_text(name, monkeypatch):
    monkeypatch.setattr(model, "__name__", EVIL)
    more = {"points": (2, 2)} if name == "KerasSweepLab" else {}
    lab = getattr(lrlab, name)(model, DATA, alpha=0.01, epochs=3, **more)
    if name == "KerasJobsLab":
        lab.train_job()
    if name != "KerasSweepLab":
        lab.wait(120)
    lab.controls["alpha"].box.value = EVIL
    assert EVIL in check_all(lab)
    lab.close()


def test_what_a_model_raises_is_text():
    def broken(alpha):
        raise RuntimeError(EVIL)

    lab = lrlab.KerasLab(broken, DATA, epochs=3)
    with pytest.raises(RuntimeError, match="img"):
        lab.wait(120)
    assert EVIL in check_all(lab)
    lab.close()
