"""KerasLab by its controls: what it trains, what it draws of it, what it says, and when."""

import asyncio
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import ipywidgets as widgets
import numpy as np
import pytest

pytest.importorskip("tensorflow")

import lrlab
from lrlab.keras_live.data import check_data
from lrlab.keras_live.ready import READY
from lrlab.labs import news as module
from lrlab.labs.keras import KerasLab

FEW = {"epochs": 12, "factor": 0.4, "patience": 1, "min_delta": 0.05}


@pytest.fixture(scope="module")
def moons():
    lab = KerasLab("moons", alpha=0.5, **FEW)
    assert lab.wait(120)
    yield lab
    lab.close()


@pytest.fixture
def lab(moons):
    """The lab as it was at first, trained."""
    moons._reset()
    assert moons.wait(60)
    assert moons._message.value == ""
    return moons


def text_of(html):
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def progress(lab):
    return lab._progress.text.value


def training_threads():
    return [thread for thread in threading.enumerate() if thread.name == "lrlab training"]


def until(happens, seconds=240.0):  # processes that load TensorFlow take a minute on a busy machine
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


# What is trained and drawn --------------------------------------------------------------------------------------------


def test_it_trains_the_twins_that_the_controls_describe(lab):
    from lrlab.keras_live.twins import Twins

    run = lab.run
    assert run.epochs == 12
    twins = Twins(READY["moons"].get_model, check_data(READY["moons"].get_data()), 0.5)
    twins.start_over(lrlab.Settings.pair(0.5, 0.4, 1, min_delta=0.05))
    for _ in range(12):
        list(twins.epoch())
    np.testing.assert_array_equal(run.watched, twins.run().watched)
    np.testing.assert_array_equal(run.lr, twins.run().lr)
    assert run.cuts[:, 1].any()
    assert not run.cuts[:, 0].any()


def test_the_curves_are_the_run(lab):
    for i in range(2):
        x, y = lab.view.loss.lines[i].get_data()
        np.testing.assert_array_equal(x, np.arange(13))
        np.testing.assert_array_equal(y, lab.run.watched[:, i])
        np.testing.assert_array_equal(lab.view.rate.lines[i].get_ydata(), [*lab.run.lr[:, i], lab.run.final_lr[i]])


def test_the_regions_are_what_each_model_says(lab):
    for i, (fit, model) in enumerate(zip(lab.view.fits, lab.models, strict=True)):
        chance = fit.regions.get_array()
        expected = model.predict(fit.inputs, verbose=0, batch_size=len(fit.inputs))[:, 0].reshape(chance.shape)
        np.testing.assert_allclose(chance, expected, atol=1e-5)
        assert fit.boundary.get_color() == ("#D55E00", "#0072B2")[i]


def test_history_is_that_of_fit(lab):
    assert lab.history.own is None
    for i, history in enumerate(lab.history[:2]):
        assert {name: len(values) for name, values in history.items()} == dict.fromkeys(
            ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"), 12
        )
        np.testing.assert_array_equal(history["val_loss"], lab.run.monitored[:, i])
        np.testing.assert_array_equal(np.float32(history["learning_rate"]), lab.run.lr[:, i])
    replay = lrlab.replay(lab.history.plateau, factor=0.4, patience=1, min_delta=0.05)
    np.testing.assert_array_equal(replay.run.lr[:, 0], lab.run.lr[:, 1])
    replay.close()


@pytest.mark.parametrize(("name", "value"), [("alpha", 0.2), ("factor", 0.7), ("patience", 3), ("min_lr", 0.3)])
def test_a_control_starts_it_over_and_nothing_is_compiled_again(lab, name, value):
    before, twins = lab.run, lab._session.twins
    lab.controls[name].value = value
    assert lab.wait(60)
    assert lab._session.twins is twins
    assert lab.run.epochs == 12
    assert (lab.run.lr != before.lr).any()
    np.testing.assert_array_equal(lab.run.watched[0], before.watched[0])
    fresh = KerasLab("moons", **{"alpha": 0.5, **FEW, name: value})
    assert fresh.wait(60)
    np.testing.assert_array_equal(fresh.run.watched, lab.run.watched)
    np.testing.assert_array_equal(fresh.run.lr, lab.run.lr)
    fresh.close()


@pytest.mark.parametrize(("name", "value"), [("seed", 1), ("batch_size", 75)])
def test_other_weights_or_batches_are_built_anew(lab, name, value):
    before = lab.run
    lab.controls[name].value = value
    assert lab.wait(60)
    assert (lab.run.watched[-1] != before.watched[-1]).any()
    assert (lab.run.watched[0] == before.watched[0]).all() == (name == "batch_size")


def test_more_epochs_go_on_and_fewer_start_over(lab):
    before = lab.run
    lab._progress.more.click()
    assert lab.controls["epochs"].value == 22
    assert lab.wait(60)
    assert lab.run.epochs == 22
    np.testing.assert_array_equal(lab.run.watched[:13], before.watched)
    assert lab.view.axes["losses"].get_xlim() == (0, 22)
    lab.controls["epochs"].value = 5
    assert lab.wait(60)
    np.testing.assert_array_equal(lab.run.watched, before.watched[:6])


def test_many_moves_in_a_row_leave_one_thread_and_the_last_settings(lab):
    for alpha in np.geomspace(0.01, 3, 100):
        lab.controls["alpha"].value = float(alpha)
        time.sleep(0.002)
    assert lab.wait(60)
    assert lab.run.lr[0].tolist() == [np.float32(3), np.float32(3)]
    assert lab.run.epochs == 12
    assert len(training_threads()) == 1


def test_training_losses_are_thin_lines_in_sight_that_freezing_leaves_out(lab):
    assert lab.wait(60)
    low, _ = lab.view.axes["losses"].get_ylim()
    for line, log in zip(lab.view.trained, lab.history, strict=False):
        np.testing.assert_allclose(line.get_ydata(), log["loss"], rtol=1e-6)
        assert line.get_xdata().tolist() == list(range(1, lab.run.epochs + 1))
        assert (line.get_ydata() > low).all()
        assert line.get_linewidth() < 1
    lab.freeze()
    kept = [line for line in lab.frozen[0].lines if line.axes == "losses"]
    assert [line.y.tolist() for line in kept] == lab.run.watched.T.tolist()
    lab.thaw()


def test_a_factor_of_one_gives_two_runs_that_are_the_same(lab):
    lab.controls["factor"].value = 1.0
    assert lab.wait(60)
    np.testing.assert_array_equal(lab.run.watched[:, 0], lab.run.watched[:, 1])
    assert "ReduceLROnPlateau" not in lab.code
    assert "both runs are the same" in text_of(lab._readout.value)


@pytest.mark.parametrize("name", [name for name in READY if name != "moons"])
def test_every_ready_made_model_is_in_the_menu_and_drawn(lab, name):
    lab.set(model=name)
    assert lab.wait(120)
    assert lab.run.epochs == READY[name].epochs
    assert lab.run.lr[0, 0] == np.float32(READY[name].alpha)
    assert lab.run.watched[-1, 1] < lab.run.watched[0, 1]
    assert f"def {name}(alpha):" in lab.code
    outputs = lab._seen.outputs
    data = check_data(READY[name].get_data())
    if name == "diabetes":
        (fit,) = lab.view.fits
        for dots, predicted in zip(fit.dots, outputs, strict=True):
            np.testing.assert_array_equal(dots.get_xdata(), data.y_val)
            np.testing.assert_array_equal(dots.get_ydata(), predicted[:, 0])
    if name == "digits":
        check_digits(lab.view.fits[0], outputs, data)
    low, high = lab.view.axes["losses"].get_ylim()
    assert low < np.nanmin(lab.run.watched) < high


def check_digits(fit, outputs, data):
    rows = [np.flatnonzero((data.x_val == row).all(axis=1))[0] for row in fit.inputs]
    truth = data.y_val[rows]
    for i, lines in enumerate(fit.guesses):
        shown = {place: number for number, line in enumerate(lines) for place in line.get_ydata()}
        assert [shown[place + 0.5] for place in range(len(rows))] == outputs[i].argmax(axis=1).tolist()
    wrong = {(x, y) for x, y in zip(*fit.wrong.get_data(), strict=True)}
    places = [fit.guesses[i][0].axes and x for i, x in enumerate((2.3, 5.0))]
    assert wrong == {
        (places[i], row + 0.5) for i in range(2) for row in range(len(rows)) if outputs[i, row].argmax() != truth[row]
    }
    for bars, sure in zip(fit.bars, outputs.max(axis=-1), strict=True):
        x = bars.get_xdata().reshape(-1, 3)
        np.testing.assert_allclose(x[:, 1] - x[:, 0], 1.5 * sure, rtol=1e-5)


# What is said ---------------------------------------------------------------------------------------------------------


def test_the_readout_compares_the_runs_with_the_metric(lab):
    told = text_of(lab._readout.value)
    assert "12" in told
    for history in lab.history[:2]:
        assert f"{100 * history['val_accuracy'][-1]:.1f} %" in told
    assert progress(lab).startswith("12 epochs of both runs in ")
    assert "Two training runs of the Keras model moons" in lab.figure.alt


def test_nothing_is_said_of_what_has_not_been_trained():
    lab = KerasLab("moons", epochs=3)
    assert lab.run.epochs == 0
    told = text_of(lab._readout.value)
    assert "not a number" not in told
    assert "Nothing has been trained yet." in told
    assert lab.history == ({}, {}, None)
    assert progress(lab)
    assert lab.wait(120)
    assert lab.history.constant["val_loss"]
    lab.close()


def test_the_code_follows_the_controls(lab):
    assert "model = moons(0.5)" in lab.code
    lab.set(alpha=0.25, patience=2, epochs=9)
    assert "model = moons(0.25)" in lab.code
    assert "patience=2," in lab.code
    assert "epochs=9," in lab.code
    assert lab.wait(60)


def test_a_bad_value_is_told_and_training_goes_on(lab):
    lab.controls["epochs"].value = 100
    lab.controls["alpha"].box.value = "fast"
    assert "alpha must be a number, got 'fast'" in text_of(lab._message.value)
    assert lab.wait(60)
    assert lab.run.epochs == 100
    assert "alpha must be a number, got 'fast'" in text_of(lab._message.value)
    assert lab.controls["alpha"].box.value == "fast"


# Pause, stop, close ---------------------------------------------------------------------------------------------------


def test_pause_resume_stop_and_start_over(lab):
    expected = lab.run
    lab.controls["epochs"].value = 4000
    until(lambda: lab._trained > 20)
    lab._progress.hold.click()
    assert not lab.wait(30)
    until(lambda: lab._worker.latest.epochs == lab._trained)
    lab._news.draw()
    held = lab.run.epochs
    assert progress(lab) == f"paused after epoch {held} of 4000"
    assert lab._progress.hold.description == "Resume"
    assert len(lab.view.loss.lines[0].get_xdata()) == held + 1
    time.sleep(0.1)
    lab._news.draw()
    assert lab.run.epochs == held
    lab._progress.hold.click()
    until(lambda: lab._trained > held + 5)
    lab._progress.end.click()
    assert lab.wait(30)
    stopped = lab.run.epochs
    assert held < stopped < 4000
    assert progress(lab) == f"stopped after epoch {stopped} of 4000"
    assert lab._progress.end.description == "Start over"
    lab.controls["epochs"].value = 12
    assert lab.wait(30)
    lab._progress.end.click()
    assert lab.wait(30)
    np.testing.assert_array_equal(lab.run.watched, expected.watched)


def test_a_move_while_it_is_paused_starts_over(lab):
    lab.controls["epochs"].value = 4000
    lab.pause()
    lab.set(alpha=0.1, epochs=6)
    assert lab.wait(30)
    assert lab.run.epochs == 6


def test_closing_ends_the_thread_and_leaves_the_record():
    before = len(training_threads())
    lab = KerasLab("moons", epochs=100_000)
    assert not lab.wait(0.1)
    until(lambda: lab._news.draw() or lab.run.epochs > 3)
    assert len(training_threads()) == before + 1
    epochs = lab.run.epochs
    lab.close()
    until(lambda: len(training_threads()) == before)
    assert lab.run.epochs == epochs > 0
    assert len(lab.history.constant["loss"]) == epochs
    lab._news.draw()  # a picture that was still to come does no harm
    lab.close()


def test_pictures_are_drawn_on_the_loop_and_not_too_often(monkeypatch):
    drawn = []
    show = KerasLab._show

    def noted(self, run):
        drawn.append((threading.current_thread().name, time.monotonic(), run.epochs))
        show(self, run)

    monkeypatch.setattr(KerasLab, "_show", noted)

    async def train():
        lab = KerasLab("moons", epochs=100_000)
        while len({epochs for _, _, epochs in drawn}) < 6:
            await asyncio.sleep(0.02)
        lab.stop()
        while lab._worker.busy or lab.run.epochs < lab._trained:
            await asyncio.sleep(0.02)
        return lab

    # A loop in a thread of its own: Playwright's may be running in this one.
    with ThreadPoolExecutor(1, "the loop") as pool:
        lab = pool.submit(lambda: asyncio.run(asyncio.wait_for(train(), 120))).result()
    assert lab.run.epochs == lab._trained
    assert {thread for thread, _, _ in drawn} == {"the loop_0"}
    epochs = [count for _, _, count in drawn]
    assert epochs == sorted(epochs)
    gaps = np.diff([moment for _, moment, _ in drawn[1:]])
    assert gaps.min() > module.BREATH * 0.9
    lab.close()


# A third run ----------------------------------------------------------------------------------------------------------


def test_a_third_run_comes_goes_and_fails_without_harm(moons):
    def rule(epoch, rate, losses):
        return rate / (8 - epoch)

    moons.set(alpha=0.5, epochs=12)
    assert moons.wait(120)
    pair = moons.run
    moons.controls["rule"].value = "cosine"
    assert moons.wait(120)
    run = moons.run
    np.testing.assert_allclose(run.lr[:, 2], 0.25 * (1 + np.cos(np.pi * np.arange(12) / 12)), rtol=1e-6)
    np.testing.assert_allclose(run.watched[:, :2], pair.watched, rtol=1e-5)
    assert moons.history.own["val_loss"] == run.monitored[:, 2].tolist()
    np.testing.assert_array_equal(moons.view.rate.lines[2].get_ydata()[:-1], run.lr[:, 2])
    assert "class='lrlab-own'>cosine</th>" in moons._readout.value
    assert "of all three runs in" in moons._progress.text.value
    assert len(moons.models) == 3

    moons.rule = rule
    assert moons.wait(120)
    said = text_of(moons._message.value)
    assert re.search(r"raised ZeroDivisionError after epoch 8[^$]*in rule, line \d+: return rate / \(8 - epoch\)", said)
    assert "left out until that is mended" in said
    np.testing.assert_allclose(moons.run.watched, pair.watched, rtol=1e-5, err_msg="the pair goes on without it")
    assert "of both runs in" in moons._progress.text.value
    moons.controls["alpha"].value = 0.4
    assert moons.wait(120)
    assert "left out until that is mended" in text_of(moons._message.value), "it still stands"
    moons.controls["alpha"].value = 0.5
    moons.rule = None
    assert moons.wait(120)
    assert moons._message.value == ""
    np.testing.assert_allclose(moons.run.watched, pair.watched, rtol=1e-5)
    assert moons.history.own is None


def test_the_rule_is_opened_while_it_trains(moons):
    moons.set(alpha=0.5)
    assert moons.wait(120)
    cut = int(np.flatnonzero(moons.run.cuts[:, 1])[0]) + 1
    moons.inspector.opened.value = True
    moons.player.epoch = cut
    assert "wait is now 1 of 1: rate cut from" in moons.inspector.words.value
    assert list(moons.view.epoch_mark.waited.get_xdata()) == [cut]
    moons.inspector.opened.value = False


# Models of one's own --------------------------------------------------------------------------------------------------


def own_data(rows=40, targets=None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3))
    y = x @ [1.0, -2.0, 0.5] if targets is None else targets(x)
    return (x[:30], y[:30]), (x[30:], y[30:])


def linear(alpha):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
    return model


def test_a_model_of_ones_own():
    lab = KerasLab(linear, own_data(), alpha=0.05, epochs=40)
    assert lab.wait(120), lab._message.value
    assert lab.controls["model"].value == "linear (yours)"
    assert lab.run.watched[-1, 0] < 0.01 * lab.run.watched[0, 0]
    low, high = lab.view.axes["losses"].get_ylim()
    assert low < np.nanmin(lab.run.watched) < np.nanmax(lab.run.watched) < high, "the axis makes room below"
    assert "accuracy" not in text_of(lab._readout.value)
    assert "def linear(alpha):" in lab.code
    lab.set(model="moons", epochs=5)
    assert lab.wait(120)
    lab.set(model="linear (yours)")
    assert lab.wait(120)
    assert lab.controls["alpha"].value == 0.05
    lab.close()


def test_an_error_in_the_third_epoch_is_told_and_the_lab_keeps_working():
    calls = []

    def get_model(alpha):
        import keras
        import tensorflow as tf

        class Counts(keras.layers.Layer):
            def call(self, x):
                def count(values):
                    calls.append(1)
                    if len(calls) > 40 and alpha < 1:
                        raise RuntimeError("no more, please")
                    return values

                counted = tf.numpy_function(count, [x], tf.float32)
                counted.set_shape(x.shape)
                return counted

        model = keras.Sequential([keras.Input((3,)), Counts(), keras.layers.Dense(1)])
        model.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
        return model

    lab = KerasLab(get_model, own_data(), alpha=0.05, epochs=400, batch_size=10)
    with pytest.raises(RuntimeError, match="no more, please"):
        lab.wait(120)
    told = text_of(lab._message.value)
    assert "RuntimeError: no more, please" in told
    assert progress(lab) == f"stopped by an error in epoch {lab.run.epochs + 1}"
    assert lab._worker.busy is False
    assert 0 < lab.run.epochs < 40, "what was trained before stays in the picture"
    lab.set(model="moons", epochs=5)
    assert lab.wait(120)
    assert lab._message.value == ""
    assert lab.run.epochs == 5
    lab.close()


def test_a_get_model_that_raises_is_told():
    def get_model(alpha):
        return undefined_name  # noqa: F821

    lab = KerasLab(get_model, own_data())
    with pytest.raises(RuntimeError):
        lab.wait(120)
    told = text_of(lab._message.value)
    assert "NameError: name 'undefined_name' is not defined" in told
    assert "in get_model, line " in told
    assert progress(lab) == "stopped by an error before the first epoch"
    lab.close()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"get_model": "moon"}, ValueError, "model must be one of moons, circles, diabetes, digits"),
        ({"get_model": "moons", "data": own_data()}, ValueError, "has its own data"),
        ({"get_model": 3, "data": own_data()}, TypeError, "get_model must be a function"),
        ({"get_model": linear}, ValueError, r"data must be \(\(x, y\), \(x_val, y_val\)\)"),
        ({"get_model": linear, "data": own_data(), "alpha": -1.0}, ValueError, "alpha must be greater than 0"),
        ({"patience": 1.5}, ValueError, "patience must be a whole number"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number from 1"),
    ],
)
def test_a_bad_argument_raises_before_anything_is_trained(arguments, error, says):
    before = len(training_threads())
    with pytest.raises(error, match=says):
        KerasLab(**arguments)
    assert len(training_threads()) == before


# TensorFlow -----------------------------------------------------------------------------------------------------------


def fresh(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


def test_tensorflow_is_imported_by_the_worker_and_says_nothing():
    ended = fresh(
        "import sys, lrlab\n"
        "from lrlab.labs.keras import KerasLab\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
        "lab = KerasLab('moons', epochs=2)\n"
        "assert lab._progress.text.value.startswith('Loading TensorFlow'), lab._progress.text.value\n"
        "assert lab.wait(120)\n"
        "assert 'tensorflow' in sys.modules\n"
        "print(lab.run.epochs)\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "2\n", "")


def test_python_ends_while_tensorflow_is_loaded():
    """Imported while Python ends, it would end it with a segmentation fault."""
    ended = fresh("import lrlab\nlab = lrlab.KerasLab('moons')\nprint('bye')")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "bye\n", "")


def test_without_tensorflow_it_says_what_to_install_and_the_rest_works():
    ended = fresh(
        "import sys\n"
        "sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "import lrlab\n"
        "lab = lrlab.DescentLab('ravine')\n"
        "print(lab.run.epochs)\n"
        "try:\n"
        "    lrlab.KerasLab('moons')\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    assert ended.stderr == ""
    epochs, says = ended.stdout.splitlines()
    assert int(epochs) > 0
    assert 'pip install "lrlab[keras]"' in says
    assert "restart the kernel" in says


def test_a_lab_whose_data_cannot_be_had_leaves_nothing_open(monkeypatch):
    def missing(lab):
        raise ImportError("no data here")

    monkeypatch.setattr(KerasLab, "_new_session", missing)
    before = set(widgets.widget._instances)
    with pytest.raises(ImportError, match="no data here"):
        KerasLab()
    assert set(widgets.widget._instances) == before
