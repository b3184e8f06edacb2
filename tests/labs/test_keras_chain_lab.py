"""KerasChainLab by its controls: a run, then its jobs, in the thread, and what is drawn and said of them."""

import re
import threading
import time
from html import unescape

import ipywidgets
import numpy as np
import pytest

pytest.importorskip("tensorflow")

import lrlab
from lrlab.keras_live.data import check_data
from lrlab.keras_live.ready import READY
from lrlab.labs.keras_chain import KerasChainLab
from lrlab.studies.chain import jobs

FEW = {"epochs": 20, "factor": 0.4, "patience": 2, "min_delta": 0.02}


@pytest.fixture(scope="module")
def moons():
    lab = KerasChainLab("moons", alpha=0.5, **FEW)
    assert lab.wait(240)
    yield lab
    lab.close()


@pytest.fixture
def lab(moons):
    """The lab as it was at first, trained."""
    moons._reset()
    assert moons.wait(120)
    assert moons._message.value == ""
    return moons


def text_of(html):
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def sentence(lab):
    return text_of(re.search("<p class='lrlab-sentence.*?</p>", lab._readout.value)[0])


def test_it_trains_the_plateau_run_of_a_keras_lab(lab):
    from lrlab.keras_live.twins import Twins

    twins = Twins(READY["moons"].get_model, check_data(READY["moons"].get_data()), 0.5)
    twins.start_over(lrlab.Settings.pair(0.5, 0.4, 2, min_delta=0.02))
    for _ in range(20):
        list(twins.epoch())
    np.testing.assert_array_equal(lab.run.watched, twins.run()[1].watched)
    np.testing.assert_array_equal(lab.run.lr, twins.run()[1].lr)
    assert lab.jobs == jobs(lab.run, 0)
    assert len(lab.jobs) > 2
    assert lab.chain is None
    assert f"made of {len(lab.jobs)} constant-rate jobs" in sentence(lab)
    assert np.isnan(lab.view.loss.lines[1].get_ydata()).all()


def test_the_jobs_are_the_run_and_with_a_fresh_optimizer_they_are_not(lab):
    built = lab._session.built
    lab.controls["separate"].value = True
    assert lab.wait(120)
    assert lab.chain.same
    assert "The largest difference is 0: the plateau run is these" in sentence(lab)
    assert "the weights and the momentum" in sentence(lab)
    np.testing.assert_array_equal(lab.view.loss.lines[1].get_ydata(), lab.run.watched[:, 0])
    before = lab.run
    lab.controls["carry"].value = False
    assert lab.wait(120)
    np.testing.assert_array_equal(lab.run.watched, before.watched)
    assert lab._session.built is built, "nothing is built again"
    assert lab.chain.weights > 0
    assert "a fresh optimizer forgets its momentum" in sentence(lab)
    assert (lab.view.loss.lines[1].get_ydata() != lab.view.loss.lines[0].get_ydata()).any()
    assert lab._progress.text.value.startswith("40 epochs of the run and its jobs in ")
    lab.controls["separate"].value = False
    assert lab.wait(120)
    assert lab.chain is None
    assert lab.controls["carry"].disabled


def test_a_move_trains_run_and_jobs_again(lab):
    lab.controls["separate"].value = True
    for alpha in (0.3, 0.7, 1.5):
        lab.controls["alpha"].value = alpha
    assert lab.wait(120)
    assert lab.run.lr[0, 0] == np.float32(1.5)
    assert lab.chain.same
    lab.controls["epochs"].value = 26
    assert lab.wait(120)
    assert lab.run.epochs == lab.chain.run.epochs == 26
    assert lab.chain.same
    lab.controls["epochs"].value = 9
    assert lab.wait(120)
    assert lab.run.epochs == lab.chain.run.epochs == 9
    assert lab.chain.same


def test_a_goal_that_is_raised_while_jobs_are_trained_is_reached(lab):
    lab.set(separate=True, epochs=400)
    end = time.monotonic() + 120
    while (lab._session.epochs < 400 or lab._session.built.jobs is None) and time.monotonic() < end:
        time.sleep(0.001)
    lab.controls["epochs"].value = 410
    assert lab.wait(240)
    assert lab.run.epochs == lab.chain.run.epochs == 410
    assert lab.chain.same


def test_bands_and_table_follow_the_jobs(lab):
    for band in lab.view.bands:
        colours = np.asarray(band.get_array())[0]
        assert len(colours) == 20
        for job in lab.jobs[1:]:
            assert (colours[job.first - 2] != colours[job.first - 1]).any()
    body = re.search("<tbody>(.*)</tbody>", lab._readout.value)[1]
    assert body.count("<tr>") == len(lab.jobs)


@pytest.mark.parametrize("name", ["circles", "digits"])
def test_other_models_have_jobs_too(lab, name):
    lab.set(model=name, epochs=4, patience=1, min_delta=0.5, separate=True)
    assert lab.wait(240)
    assert lab._message.value == ""
    assert lab.chain.same
    assert lab.run.epochs == 4


def plain(alpha):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
    return model


def own_data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    y = x @ [1.0, -2.0, 0.5]
    return (x[:30], y[:30]), (x[30:], y[30:])


def test_a_model_of_ones_own_with_plain_descent_has_nothing_to_forget():
    lab = KerasChainLab(plain, own_data(), alpha=0.3, epochs=30, patience=1, separate=True, carry=False)
    assert lab.wait(240), lab._message.value
    assert len(lab.jobs) > 1
    assert lab.chain.same
    assert "plain gradient descent remembers nothing but its weights" in sentence(lab)
    assert lab.model is not None
    lab.close()
    assert lab.model is None
    assert lab.chain.same, "what was trained stays readable"


def test_closing_while_jobs_are_trained_ends_the_thread():
    def threads():
        return [thread for thread in threading.enumerate() if thread.name == "lrlab training"]

    before = len(threads())
    lab = KerasChainLab("moons", epochs=5000, separate=True)
    assert not lab.wait(0.2)
    lab.close()
    end = time.monotonic() + 120
    while len(threads()) > before:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"get_model": "sun"}, ValueError, "sun"),
        ({"separate": 1}, TypeError, "separate must be True or False, got 1"),
        ({"carry": "yes"}, TypeError, "carry must be True or False, got 'yes'"),
        ({"patience": 1.5}, ValueError, "patience must be a whole number"),
        ({"factor": None}, TypeError, "factor must be a number, got None"),
    ],
)
def test_a_bad_argument_raises_before_any_widget_is_open(arguments, error, says):
    before = set(ipywidgets.widgets.widget._instances)
    with pytest.raises(error, match=says):
        KerasChainLab(**arguments)
    assert set(ipywidgets.widgets.widget._instances) <= before


# A third run ----------------------------------------------------------------------------------------------------------


def test_a_third_run_is_that_of_a_keras_lab_and_leaves_the_jobs_exact(lab):
    before = lab.run
    lab.controls["rule"].value = "cosine"
    assert lab.wait(240)
    np.testing.assert_array_equal(lab.run.watched, before.watched)
    third = lrlab.KerasLab("moons", alpha=0.5, epochs=20, rule="cosine")
    assert third.wait(240)
    np.testing.assert_allclose(lab.own.watched[:, 0], third.run.watched[:, 2], rtol=1e-5)
    np.testing.assert_array_equal(lab.own.lr[:, 0], third.run.lr[:, 2])
    third.close()
    np.testing.assert_array_equal(lab.view.loss.lines[2].get_ydata(), lab.own.watched[:, 0])
    assert "The third run (cosine) ended at a loss of" in text_of(lab._readout.value)
    assert "of both runs" in lab._progress.text.value
    own = lab.own
    lab.controls["separate"].value = True
    assert lab.wait(240)
    assert lab.chain.same
    np.testing.assert_array_equal(lab.own.watched, own.watched)
    lab.controls["epochs"].value = 25
    assert lab.wait(240)
    assert lab.chain.same
    assert lab.own.epochs == lab.run.epochs == 25
    lab.controls["rule"].value = ""
    assert lab.wait(240)
    assert lab.own is None
    assert lab.chain.same


def test_a_rule_that_fails_is_left_out(lab):
    def rule(epoch, rate, losses):
        return rate / (3 - epoch)

    before = lab.run
    lab.rule = rule
    assert lab.wait(240)
    said = text_of(lab._message.value)
    assert "after epoch 3" in said
    assert "return rate / (3 - epoch)" in said
    assert lab.own is None
    np.testing.assert_array_equal(lab.run.watched, before.watched)
    lab.rule = None
    assert lab._message.value == ""
