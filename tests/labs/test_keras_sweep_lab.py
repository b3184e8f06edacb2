"""KerasSweepLab by its controls and buttons: what it trains, what it draws of it, what it says, and when."""

import asyncio
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import ipywidgets
import joblib
import numpy as np
import pytest

pytest.importorskip("tensorflow")

import lrlab
from lrlab.keras_live.cells import Cell, Result
from lrlab.keras_live.sweep import KerasSweep
from lrlab.keras_live.worker import State
from lrlab.labs.keras_sweep import KerasSweepLab
from lrlab.labs.sweep_job import in_words
from lrlab.live.figure import PointerEvent
from lrlab.studies.sweep import METRICS
from lrlab.views.tables import readable
from tests.labs.test_keras_lab import linear, own_data, text_of, until

FEW = {"factors": (0.2, 0.8), "patiences": (1, 5), "points": (2, 3), "epochs": 8, "alpha": 0.5, "min_delta": 0.02}
CELLS = 1 + 2 * 3


@pytest.fixture(autouse=True)
def in_this_process():
    """No processes, which would each load TensorFlow; what these are for is tested with the sweep."""
    with joblib.parallel_config(backend="sequential"):
        yield


@pytest.fixture(scope="module")
def kept():
    """A lab that has trained all its cells."""
    with joblib.parallel_config(backend="sequential"):
        lab = KerasSweepLab("moons", **FEW)
        lab.start()
        assert lab.wait(240)
    yield lab
    lab.close()


@pytest.fixture
def lab(kept):
    """The lab as it was at first, trained."""
    kept._reset()
    kept._cell = kept._under_mouse = None
    kept._show_news()
    assert words(kept) == f"all {CELLS} cells are trained"
    assert kept._message.value == ""
    return kept


def words(lab):
    return lab._progress.text.value


def shown_cells(lab):
    """(rows, columns), which cells have a colour."""
    return lab.view.map.image.get_array()[..., 3] > 0


def point(lab, kind, row, column):
    lab._point_at(PointerEvent(kind, lab.view.axes["map"], column + 0.2, row - 0.3))


# What is trained and drawn --------------------------------------------------------------------------------------------


def test_nothing_is_trained_before_start():
    lab = KerasSweepLab("moons", **FEW)
    assert words(lab) == f"{CELLS} cells to train, the constant run included"
    assert "Nothing has been trained yet" in text_of(lab._readout.value)
    assert lab._progress.hold.description == "Start"
    assert not lab._progress.hold.disabled
    assert lab._progress.end.disabled
    assert not shown_cells(lab).any()
    assert np.isnan(lab.run.watched).all()
    lab.close()


def test_it_trains_the_grid_that_the_controls_describe(lab):
    sweep = KerasSweep(
        "moons", alpha=0.5, factors=[0.2, 0.8], patiences=[1, 3, 5], epochs=8, min_delta=0.02, batch_size=32
    )
    assert lab.sweep.cells == sweep.cells
    first = next(sweep.run(n_jobs=1))
    np.testing.assert_allclose(lab.sweep.done[first].history["val_loss"], sweep.done[first].history["val_loss"])


def test_the_map_is_that_of_the_sweep(lab):
    for metric in METRICS:
        lab.controls["metric"].value = metric
        np.testing.assert_array_equal(lab.map.values, lab.sweep.map(metric, lab.target).values)
        assert shown_cells(lab).all()
        assert lab.view.map.meter.words == metric
        assert lab._message.value == ""
    assert lab.target == pytest.approx(lab.sweep.constant(lambda run: run.best_loss)[0])


def test_the_curves_are_those_of_the_best_cell_until_another_is_clicked(lab):
    assert lab.cell == lab.map.best
    for row, column in (lab.map.best, (1, 2), (0, 0)):
        point(lab, "press", row, column)
        pair = lab.sweep.pair(Cell(0, lab.sweep.factors[row], lab.sweep.patiences[column]))
        for i, line in enumerate(lab.view.loss.lines):
            np.testing.assert_array_equal(line.get_ydata(), pair.watched[:, i])
        for i, line in enumerate(lab.view.rate.lines):
            np.testing.assert_array_equal(line.get_ydata(), [*pair.lr[:, i], pair.final_lr[i]])
        assert min(lab.view.map.here[0].get_xdata()) == column - 0.5
        assert min(lab.view.map.here[0].get_ydata()) == row - 0.5


def test_the_mouse_reads_a_cell_and_changes_nothing_else(lab):
    before = lab.view.loss.lines[1].get_ydata()
    point(lab, "hover", 1, 2)
    assert lab.pointed.text.startswith("factor 0.8, patience 5: final loss ")
    assert min(lab.view.map.pointed[0].get_xdata()) == 1.5
    assert lab.view.loss.lines[1].get_ydata() is before or (lab.view.loss.lines[1].get_ydata() == before).all()


def test_a_cell_that_diverged_is_not_one_that_was_not_trained():
    lab = KerasSweepLab("moons", **FEW)
    lists = {name: [value] * 8 for name, value in {"loss": np.nan, "val_loss": np.nan, "learning_rate": 0.5}.items()}
    for cell in lab.sweep.cells[:2]:  # the constant run and the first cell
        lab.sweep._keep(Result(cell, 1.0, lists, 0.5, "m"))
    lab._show_news()
    point(lab, "hover", 0, 0)
    assert lab.pointed.text == "factor 0.2, patience 1: final loss diverged (constant: diverged)"
    point(lab, "hover", 1, 2)
    assert lab.pointed.text == "factor 0.8, patience 5: not trained yet"
    lab.close()


def test_alpha_there_and_back_forgets_nothing(lab):
    before = lab.map.values
    lab.controls["alpha"].value = 0.25
    assert words(lab) == f"{CELLS} cells to train, the constant run included"
    assert not shown_cells(lab).any()
    lab.controls["alpha"].value = 0.5
    np.testing.assert_array_equal(lab.map.values, before)


def test_another_grid_takes_what_fits(lab):
    lab.controls["patiences"].value = (1, 9)
    assert lab.sweep.patiences == [1, 5, 9]
    assert len(lab.sweep.left) == 2
    assert words(lab) == "5 of 7 cells"
    assert lab._progress.hold.description == "Resume"
    assert shown_cells(lab).tolist() == [[True, True, False]] * 2
    point(lab, "hover", 0, 2)
    assert lab.pointed.text == "factor 0.2, patience 9: not trained yet"
    assert text_of(lab._readout.value).count("So far: ") == 1
    point(lab, "press", 0, 2)
    assert np.isfinite(lab.view.loss.lines[0].get_ydata()).all()
    assert np.isnan(lab.view.loss.lines[1].get_ydata()).all()


def test_several_seeds_are_told(lab):
    lab.controls["seeds"].value = 3
    assert len(lab.sweep.cells) == 3 * CELLS
    assert "Each cell is the median over 3 seeds; the curves are those of the first." in text_of(lab._readout.value)


def test_a_bad_value_is_told_and_kept(lab):
    lab.controls["alpha"].box.value = "fast"
    assert "alpha must be a number, got 'fast'" in text_of(lab._message.value)
    assert lab.controls["alpha"].box.value == "fast"
    assert shown_cells(lab).all()


# A third run ----------------------------------------------------------------------------------------------------------


def test_a_third_run_is_trained_when_the_cells_are(lab):
    lab.controls["rule"].value = "cosine"
    assert words(lab) == f"all {CELLS} cells are trained, and the third run is not yet: press Start"
    assert not lab._progress.hold.disabled
    assert len(lab.view.loss.lines) == 2
    lab._progress.hold.click()
    assert lab.wait(240)
    assert words(lab) == f"all {CELLS} cells are trained"
    assert lab._progress.hold.disabled
    np.testing.assert_allclose(lab.run.lr[:, 2], 0.25 * (1 + np.cos(np.pi * np.arange(8) / 8)), rtol=1e-6)
    with_rule = lrlab.KerasLab("moons", alpha=0.5, epochs=8, rule="cosine")
    assert with_rule.wait(240)
    np.testing.assert_allclose(lab.run.watched[:, 2], with_rule.run.watched[:, 2], rtol=1e-5)
    with_rule.close()
    np.testing.assert_array_equal(lab.view.loss.lines[2].get_ydata(), lab.run.watched[:, 2])
    assert "cosine" in [text.get_text() for text in lab.figure.figure.legends[0].get_texts()]
    late = lab.run.watched[-1:, 2].mean()  # the last tenth of eight epochs is one
    assert f"The third run (cosine) comes to a final loss of {readable(late)}." in text_of(lab._readout.value)
    lab.controls["rule"].value = ""
    assert len(lab.view.loss.lines) == 2
    assert shown_cells(lab).all()


def test_a_rule_that_fails_is_told_and_costs_no_cell(lab):
    def rule(epoch, rate, losses):
        return rate / (3 - epoch)

    lab.rule = rule
    lab.start()
    with pytest.raises(RuntimeError, match="ZeroDivisionError after epoch 3"):
        lab.wait(240)
    said = text_of(lab._message.value)
    assert re.search(r"in rule, line \d+: return rate / \(3 - epoch\)", said)
    assert len(lab.sweep.done) == CELLS
    assert len(lab.view.loss.lines) == 2
    lab.rule = lambda epoch, rate, losses: rate * 0.5
    assert lab._message.value == ""
    lab.start()
    assert lab.wait(240)
    assert lab.run.lr[0, 2] == np.float32(0.25)
    lab.rule = None


def test_a_target_of_zero_is_a_target():
    lab = KerasSweepLab("moons", **FEW, target=0)
    assert lab.target == 0
    lab.close()


def test_settings_that_a_store_refuses_are_not_trained(tmp_path):
    lab = KerasSweepLab("moons", **FEW, folder=tmp_path / "not" / "there")
    path = lab.sweep._store.path
    lab.controls["alpha"].value = 0.4
    path.write_text("my notes")
    lab.controls["alpha"].value = 0.5
    lab.start()
    assert not lab._worker.busy
    assert "is no store of a KerasSweep" in text_of(lab._message.value)
    lab.controls["alpha"].value = 0.4
    assert lab._message.value == ""
    lab.close()


# The job --------------------------------------------------------------------------------------------------------------


def test_pause_resume_and_cancel():
    lab = KerasSweepLab("moons", **{**FEW, "epochs": 300, "patiences": (1, 9), "points": (9, 9)})
    lab._progress.hold.click()
    until(lambda: lab._news.draw() or " left" in words(lab))
    assert lab._progress.hold.description == "Pause"
    assert re.fullmatch(r"\d+ of 82 cells · .* · .* left", words(lab))
    assert 0 < shown_cells(lab).sum() <= len(lab.sweep.done)
    lab._progress.hold.click()
    assert "finishing those under way" in words(lab)
    assert lab.wait(240)
    paused = len(lab.sweep.done)
    assert words(lab) == f"paused after {paused} of {len(lab.sweep.cells)} cells; they are kept"
    assert lab._progress.hold.description == "Resume"
    assert shown_cells(lab).sum() == paused - 1
    lab._progress.hold.click()
    until(lambda: len(lab.sweep.done) > paused)
    lab._progress.end.click()
    assert lab.wait(240)
    assert paused < len(lab.sweep.done) < len(lab.sweep.cells)
    assert words(lab).startswith("cancelled after ")
    lab.close()
    lab.close()


def test_another_setting_cancels_the_job():
    lab = KerasSweepLab("moons", **{**FEW, "epochs": 60})
    lab.start()
    until(lambda: lab.sweep.done)
    lab.controls["alpha"].value = 0.1
    assert lab.wait(240)
    assert not lab.sweep.done
    lab.controls["alpha"].value = 0.5
    assert 0 < len(lab.sweep.done) < CELLS
    lab.start()
    assert lab.wait(240)
    assert not lab.sweep.left
    lab.close()


def test_closing_cancels_and_leaves_the_results():
    widgets = len(ipywidgets.widgets.widget._instances)
    lab = KerasSweepLab("moons", **{**FEW, "epochs": 5000})
    lab.start()
    thread = lab._worker._thread
    time.sleep(0.5)
    lab.close()
    thread.join(60)
    assert not thread.is_alive()
    assert len(lab.sweep.done) < CELLS
    assert lab.map.values.shape == (2, 3)
    assert len(ipywidgets.widgets.widget._instances) == widgets
    lab._news.draw()


def test_results_are_kept_in_a_folder(tmp_path):
    folder = tmp_path / "sweeps"
    lab = KerasSweepLab("moons", **FEW, folder=folder)
    lab.start()
    until(lambda: len(lab.sweep.done) >= 2)
    lab.cancel()
    assert lab.wait(240)
    done = lab.sweep.done
    lab.close()
    again = KerasSweepLab("moons", **FEW, folder=folder)
    assert again.sweep.done == done
    assert f"{len(done)} of {CELLS} cells were in {folder}" in text_of(again._readout.value)
    again.controls["alpha"].value = 0.3
    assert not again.sweep.done
    assert again._message.value == ""
    again.close()


def test_a_store_that_does_not_fit_is_told(tmp_path):
    lab = KerasSweepLab("moons", **FEW, folder=tmp_path)
    path = lab.sweep._store.path
    lab.close()
    path.write_text("my notes")
    with pytest.raises(ValueError, match="is no store of a KerasSweep"):
        KerasSweepLab("moons", **FEW, folder=tmp_path)
    lab = KerasSweepLab("moons", **{**FEW, "alpha": 0.4}, folder=tmp_path)
    lab.set(alpha=0.5, seeds=3)
    assert "is no store of a KerasSweep" in text_of(lab._message.value)
    lab._news.draw()
    assert "is no store of a KerasSweep" in text_of(lab._message.value), "it still stands"
    assert "constant 0.4 " in text_of(lab._readout.value), "that of the map"
    assert "3 seeds" not in text_of(lab._readout.value)
    assert lab._own_key[0] == 0.4
    lab.set(alpha=0.4, seeds=1)
    assert lab._message.value == ""
    assert path.read_text() == "my notes"
    lab.close()


def test_a_model_of_ones_own_and_an_error_in_it():
    calls = []
    lab = KerasSweepLab(linear, own_data(), alpha=0.05, **{k: v for k, v in FEW.items() if k != "alpha"})
    lab.start()
    assert lab.wait(240)
    assert "Keras model linear" in lab.figure.alt
    lab.close()

    def get_model(alpha):
        calls.append(alpha)
        raise LookupError("no layers left")

    lab = KerasSweepLab(get_model, own_data(), **{k: v for k, v in FEW.items() if k != "alpha"})
    lab.start()
    with pytest.raises(RuntimeError, match="LookupError: no layers left"):
        lab.wait(240)
    assert "LookupError: no layers left" in text_of(lab._message.value)
    assert words(lab) == f"stopped by an error after 0 of {CELLS} cells"
    assert not lab._progress.hold.disabled
    lab.controls["metric"].value = METRICS[0]
    assert "LookupError" in text_of(lab._message.value), "it still stands"
    lab.close()


def test_pictures_are_drawn_on_the_loop(monkeypatch):
    drawn = set()
    show = KerasSweepLab._show

    def noted(self, run):
        drawn.add(threading.current_thread().name)
        show(self, run)

    monkeypatch.setattr(KerasSweepLab, "_show", noted)

    async def train():
        joblib.parallel_config(backend="sequential")  # as in a cell, and for this thread
        lab = KerasSweepLab("moons", **FEW)
        lab._progress.hold.click()
        while lab.sweep.left or lab._worker.busy or not words(lab).startswith("all"):
            await asyncio.sleep(0.02)
        return lab

    with ThreadPoolExecutor(1, "the loop") as pool:
        lab = pool.submit(lambda: asyncio.run(asyncio.wait_for(train(), 120))).result()
    assert drawn == {"the loop_0"}
    assert shown_cells(lab).all()
    lab.close()


@pytest.mark.parametrize(
    ("state", "ending", "expected"),
    [
        (State((9, 0.4), None, True, False), "", "4 of 10 cells"),
        (State((3, 4.0), None, True, False), "", "4 of 10 cells · 2.0 s a cell · 12 s left"),
        (State((9, 4.0), None, True, False), "", "4 of 10 cells · 2.0 cells a second · 3.0 s left"),
        (State((9, 4.0), None, True, False), "cancel", "4 of 10 cells · dropping those under way …"),
        (State(None, None, False, False), "", "4 of 10 cells"),
    ],
)
def test_how_far_it_is_in_words(state, ending, expected):
    assert in_words(4, 10, ending, state, own_missing=False) == expected


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"get_model": "moon"}, ValueError, "model must be one of moons"),
        ({"get_model": linear}, ValueError, r"data must be \(\(x, y\)"),
        ({"factors": 0.5}, ValueError, "factor must be from where to where"),
        ({"factors": (0.8, 0.2)}, ValueError, "factor must go from the smaller to the larger"),
        ({"patiences": (1, 2.5)}, ValueError, "patience must be a whole number"),
        ({"points": (1, 3)}, ValueError, "points must be a whole number from 2"),
        ({"metric": "beauty"}, ValueError, "metric must be one of epochs to target"),
        ({"seeds": 0}, ValueError, "seeds must be a whole number from 1"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number from 1"),
    ],
)
def test_a_bad_argument_raises_and_leaves_nothing_open(arguments, error, says):
    before = len(ipywidgets.widgets.widget._instances)
    with pytest.raises(error, match=says):
        KerasSweepLab(**arguments)
    assert len(ipywidgets.widgets.widget._instances) == before
