"""A replay against the genuine callback, and what it is told and tells."""

import os
import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.core.replay import replay_run


def text_of(html):
    return re.sub(r"<[^>]+>", " ", html)


LOSSES = [3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]


@pytest.fixture
def lab():
    lab = lrlab.replay(LOSSES, alpha=0.1, factor=0.5, patience=2)
    yield lab
    lab.close()


def test_it_draws_what_the_genuine_callback_does(lab):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2)
    callback.set_model(model)
    callback.on_train_begin()
    used, after = [], []
    for epoch, loss in enumerate(LOSSES):
        used.append(float(model.optimizer.learning_rate.numpy()))
        callback.on_epoch_end(epoch, {"val_loss": loss})
        after.append(float(model.optimizer.learning_rate.numpy()))
    np.testing.assert_array_equal(lab.run.lr[:, 0], np.float32(used))
    epochs, rates = lab.view.rate.lines[0].get_data()
    np.testing.assert_array_equal(epochs, np.arange(10))
    np.testing.assert_array_equal(rates, np.float32([*used, after[-1]]))
    cut_epochs, cut_losses = lab.view.loss.cuts[0].get_data()
    expected = np.flatnonzero(np.array(after) < used) + 1
    np.testing.assert_array_equal(np.asarray(cut_epochs)[~np.isnan(cut_losses)], expected)
    assert f"after epochs {expected[0]}, {expected[1]} and {expected[2]}" in text_of(lab._readout.value)


def test_the_losses_are_those_given_from_the_first_epoch_on(lab):
    epochs, losses = lab.view.loss.lines[0].get_data()
    np.testing.assert_array_equal(epochs[1:], np.arange(1, 10))
    np.testing.assert_array_equal(losses[1:], LOSSES)
    assert np.isnan(losses[0])


@settings(max_examples=100, deadline=None)
@given(
    losses=st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=60),
    factor=st.floats(0.01, 1),
    patience=st.integers(0, 10),
)
def test_a_replay_has_the_rates_of_the_rule(losses, factor, patience):
    run = replay_run(losses, lrlab.Settings(0.1, factor, patience))
    after = lrlab.plateau.rates(losses, 0.1, factor, patience)
    np.testing.assert_array_equal(np.append(run.lr[1:, 0], run.final_lr), after)
    assert run.epochs == len(losses)


@pytest.mark.parametrize(
    ("name", "value", "cuts"), [("patience", 20, 0), ("patience", 1, 6), ("factor", 1.0, 0), ("min_delta", 2.0, 4)]
)
def test_sliders_drive_the_replay(lab, name, value, cuts):
    lab.controls[name].value = value
    assert lab.run.cuts.sum() == cuts
    told = "never have cut" if not cuts else "would have cut the rate after epoch"
    assert told in text_of(lab._readout.value)
    assert ("no replay can know how" in text_of(lab._readout.value)) == bool(cuts)


class History:
    history = {"loss": [9.0, 9.0], "val_loss": [2.0, 1.0], "learning_rate": [0.3, 0.3]}  # noqa: RUF012


@pytest.mark.parametrize(
    ("history", "losses", "alpha"),
    [
        (History(), [2.0, 1.0], 0.3),
        (History.history, [2.0, 1.0], 0.3),
        ({"loss": [4, 3], "lr": [0.2, 0.1]}, [4, 3], 0.2),
        (np.array([1.0, 0.5]), [1.0, 0.5], 0.01),
        ([0.0, -1.0, float("nan")], [0.0, -1.0, float("nan")], 0.01),
    ],
)
def test_histories_of_all_kinds(history, losses, alpha):
    lab = lrlab.replay(history)
    np.testing.assert_array_equal(lab.run.watched[1:, 0], losses)
    assert lab.controls["alpha"].value == alpha
    assert text_of(lab._message.value) == ""
    assert "nan" not in text_of(lab._readout.value).lower()
    lab.close()


@pytest.mark.parametrize(
    ("history", "error", "says"),
    [
        ({"accuracy": [1]}, ValueError, "history must have a val_loss or a loss, and it has accuracy"),
        ({}, ValueError, "and it has nothing"),
        ([], ValueError, "losses must be a list of numbers, 1 or more"),
        ([[1, 2]], ValueError, r"got shape \(1, 2\)"),
        (["a"], TypeError, "losses must be numbers"),
    ],
)
def test_what_is_no_history_is_refused(history, error, says):
    with pytest.raises(error, match=says):
        lrlab.replay(history)


def test_bad_settings_are_refused_in_code_and_told_in_the_lab(lab):
    with pytest.raises(ValueError, match=r"factor must be greater than 0 and at most 1, got 1.5"):
        lrlab.replay(LOSSES, factor=1.5)
    lab.controls["patience"].box.value = "-1"
    assert "patience must be a whole number" in text_of(lab._message.value)


def test_reset_and_close(lab):
    lab.controls["patience"].value = 7
    lab._reset()
    assert lab.controls["patience"].value == 2
    figure = lab.figure
    lab.close()
    assert figure.figure is None


@pytest.mark.parametrize("losses", [[-5, -8, -10, -10, -10], [3, 2, 1, 0, 0], [-1e16] * 3, [1e308, -1e308], [0, 0]])
def test_losses_that_fit_no_log_axis_are_drawn_as_they_are(losses):
    lab = lrlab.replay(losses, patience=2)
    axes = lab.view.loss.axes
    assert axes.get_yscale() == "linear"
    assert np.array_equal(lab.view.loss.lines[0].get_ydata(), np.clip(lab.run.watched[:, 0], -1e300, 1e300), True)
    low, high = axes.get_ylim()
    assert low < max(min(losses), -1e300) or min(losses) < -1e300
    assert low < high
    lab.close()


def test_losses_of_all_sizes_have_a_picture():
    lab = lrlab.replay([1e300, 1.0, 1e-300], patience=2)
    low, high = lab.view.loss.axes.get_ylim()
    assert 0 < low < high < np.inf
    lab.close()
