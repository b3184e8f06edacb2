"""Sweeps: a cell is the run that `Twins` and `model.fit` give; nothing is lost or trained twice, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import BrokenExecutor
from functools import cache
from itertools import pairwise

import joblib
import numpy as np
import psutil
import pytest

pytest.importorskip("tensorflow")

from lrlab.core.settings import Settings
from lrlab.keras_live import cells
from lrlab.keras_live.cells import Cell, Result
from lrlab.keras_live.solo import Solo
from lrlab.keras_live.spread import backend_here, died, spread, told_here
from lrlab.keras_live.store import Store
from lrlab.keras_live.sweep import KerasSweep
from lrlab.keras_live.twins import Twins, callback_of
from tests.keras_live.test_twins import DATA, fit, get_model_with, trained

ROWS = ((DATA.x, DATA.y), (DATA.x_val, DATA.y_val))
RULE = {"alpha": 0.5, "min_delta": 0.02}
GRID = {"factors": [0.3, 0.6], "patiences": [1, 2, 4]}
SMALL = {**RULE, **GRID, "epochs": 8}


def small(store=None, **options):
    return KerasSweep(get_model_with(), ROWS, **{**SMALL, **options}, store=store)


def final(run):
    return run.final_loss


@cache
def twins_of(seed, layers="dense", optimizer="sgd"):
    return Twins(get_model_with(layers, optimizer), DATA, RULE["alpha"], seed=seed)


def expected_of(twins, cell, epochs):
    """The pair that `Twins` train for the cell, constant and plateau."""
    return trained(twins, epochs, Settings.pair(RULE["alpha"], cell.factor, cell.patience, min_delta=RULE["min_delta"]))


def same_as_twins(sweep, cell):
    pair, expected = sweep.pair(cell), expected_of(twins_of(cell.seed), cell, sweep.epochs)
    np.testing.assert_allclose(pair.watched, expected.watched, rtol=1e-5)
    np.testing.assert_allclose(pair.loss, expected.loss, rtol=1e-5)
    np.testing.assert_array_equal(pair.lr, expected.lr)
    np.testing.assert_array_equal(pair.final_lr, expected.final_lr)
    np.testing.assert_array_equal(pair.improved, expected.improved)


def lines_of(path):
    """A store's first line, and the cells of the others; each is a line of JSON of its own, or was given up."""
    lines = path.read_text().split("\n")
    head, *lines = [json.loads(line) for line, after in pairwise(lines) if line and (after or line == lines[-2])]
    return head, [Cell(line["seed"], line["factor"], line["patience"]) for line in lines]


# A cell -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layers", "optimizer"), [("dense", "sgd"), ("normalised", "sgd"), ("dropout", "adam")])
def test_a_model_alone_is_trained_as_one_of_twins(layers, optimizer):
    solo = Solo(get_model_with(layers, optimizer), DATA, RULE["alpha"], 32, 3)
    twins = twins_of(3, layers, optimizer)
    for cell in (Cell(3, 0.5, 1), Cell(3, 1.0, 1), Cell(3, 0.2, 3)):
        settings = Settings.pair(RULE["alpha"], cell.factor, cell.patience, min_delta=RULE["min_delta"])
        start, history, final_rate = solo.train(settings, 12)
        run = expected_of(twins, cell, 12)
        np.testing.assert_allclose([start, *history["val_loss"]], run.watched[:, 1], rtol=1e-5)
        rates = np.float32([*history["learning_rate"], final_rate])
        np.testing.assert_array_equal(rates, [*run.lr[:, 1], run.final_lr[1]])


def test_a_cell_is_what_fit_gives_with_the_callback():
    sweep = KerasSweep(get_model_with(), ROWS, alpha=0.1, factors=[0.5], patiences=[2], epochs=30, min_delta=0.01)
    list(sweep.run(n_jobs=1))
    settings = Settings.pair(0.1, 0.5, 2, min_delta=0.01)
    for cell, callback in ((Cell(0, 1.0, 1), None), (Cell(0, 0.5, 2), callback_of(settings))):
        _, history = fit(get_model_with(), DATA, 0.1, 30, callback)
        kept = sweep.done[cell].history
        for name, values in history.items():
            np.testing.assert_allclose(kept[name], values, rtol=1e-5, atol=1e-6)
        assert (min(kept["learning_rate"]) < 0.1) == (callback is not None), "a test without a cut tests little"


def test_the_fingerprint_is_that_of_the_model_and_not_of_the_process():
    solos = [Solo(get_model_with(), DATA, alpha, 32, seed) for alpha, seed in ((0.1, 0), (0.2, 1))]
    assert solos[0].fingerprint == solos[1].fingerprint, "the second has layers of other names"
    others = {Solo(get_model_with(*what), DATA, 0.1, 32, 0).fingerprint for what in (("dropout",), ("dense", "adam"))}
    assert len(others | {solos[0].fingerprint}) == 3


# A sweep in this process ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole():
    """A sweep over two seeds, done, and in which order."""
    sweep = small(seeds=[0, 5])
    return sweep, list(sweep.run(n_jobs=1))


def test_every_cell_is_trained_once_and_the_constant_run_once_for_each_seed(whole):
    sweep, order = whole
    assert order == sweep.cells == list(sweep.done)
    assert len(set(order)) == len(order) == 2 * (1 + 6)
    assert [cell for cell in order if cell.factor == 1] == [Cell(0, 1.0, 1), Cell(5, 1.0, 1)]
    assert sweep.left == []
    assert list(sweep.run(n_jobs=1)) == []
    assert len(small(factors=[0.5, 1.0], patiences=[1, 2, 3]).cells) == 1 + 3, "a factor of 1 is the constant run"


def test_every_cell_is_the_run_that_twins_give(whole):
    sweep, _ = whole
    for cell in sweep.cells:
        same_as_twins(sweep, cell)
    assert sweep.pair(Cell(0, 0.3, 1)).cuts[:, 1].any()


def test_tables_have_a_number_for_each_cell(whole):
    sweep, _ = whole
    table, constant = sweep.table(final), sweep.constant(final)
    assert table.shape == (2, 2, 3)
    for (s, f, p), value in np.ndenumerate(table):
        cell = Cell(sweep.seeds[s], sweep.factors[f], sweep.patiences[p])
        assert value == np.float64(sweep.done[cell].history["val_loss"][-1]) == sweep.pair(cell).final_loss[1]
        assert constant[s] == sweep.pair(cell).final_loss[0]


def test_maps_are_those_of_studies(whole):
    sweep, _ = whole
    one = sweep.map("final loss")
    np.testing.assert_array_equal(one.values, np.median(sweep.table(final), axis=0))
    np.testing.assert_array_equal(one.constant, np.full(2, np.median(sweep.constant(final))))
    assert one.rows.tolist() == sweep.factors
    assert one.columns.tolist() == sweep.patiences
    gain = sweep.map("gain over constant")
    np.testing.assert_allclose(
        gain.values, np.median(sweep.constant(final)[:, None, None] / sweep.table(final), axis=0)
    )
    target = float(np.median(sweep.constant(final)))
    reached = sweep.map("epochs to target", target).values
    first = [[[sweep.pair(Cell(s, f, p)).epochs_to(target)[1] for p in sweep.patiences] for f in sweep.factors]
             for s in sweep.seeds]  # fmt: skip
    np.testing.assert_array_equal(reached, np.median(np.nan_to_num(first, nan=np.inf), axis=0))
    assert np.isnan(small().map("final loss").values).all()
    assert not small().map("final loss").diverged.any()


@pytest.mark.parametrize(
    ("metric", "target", "error", "says"),
    [
        (
            "loss",
            None,
            ValueError,
            "metric must be one of epochs to target, final loss, gain over constant, got 'loss'",
        ),
        ("epochs to target", float("nan"), ValueError, "target must be a number, got nan"),
        ("epochs to target", "low", TypeError, "target must be a number, got 'low'"),
    ],
)
def test_a_map_of_what_there_is_not_is_refused(metric, target, error, says):
    with pytest.raises(error, match=says):
        small().map(metric, target)


def test_what_is_not_done_is_not_a_number():
    sweep = small()
    assert np.isnan(sweep.table(final)).all()
    cells = sweep.run(n_jobs=1)
    assert next(cells) == Cell(0, 1.0, 1)
    assert next(cells) == Cell(0, 0.3, 1)
    cells.close()
    assert np.isfinite(sweep.table(final)).sum() == np.isfinite(sweep.constant(final)).sum() == 1
    pair = sweep.pair(Cell(0, 0.6, 4))
    assert np.isfinite(pair.watched[:, 0]).all()
    assert np.isnan(pair.watched[:, 1]).all()
    other = small(patiences=[1, 7])
    other.adopt(sweep)
    assert list(other.done) == [Cell(0, 1.0, 1), Cell(0, 0.3, 1)]
    other = small(min_delta=0.5)
    other.adopt(sweep)
    assert not other.done


def test_data_may_be_a_function(whole):
    sweep = KerasSweep(get_model_with(), lambda: ROWS, **SMALL)
    next(sweep.run(n_jobs=1))
    assert sweep.done[sweep.cells[0]] == whole[0].done[sweep.cells[0]]


@pytest.mark.parametrize("end", ["pause", "cancel", "close"])
def test_it_ends_when_it_is_told_to_and_goes_on_later(end, whole):
    sweep = small()
    before, cells, seen = threading.active_count(), sweep.run(n_jobs=1), []
    for cell in cells:
        seen.append(cell)
        if len(seen) == 3:
            cells.close() if end == "close" else getattr(sweep, end)()
    assert list(sweep.done) == seen == sweep.cells[:3]
    assert threading.active_count() == before
    assert list(sweep.run(n_jobs=1)) == sweep.cells[3:]
    assert sweep.done == {cell: whole[0].done[cell] for cell in sweep.cells}


def test_cancel_drops_a_cell_in_the_middle():
    sweep = small(epochs=100_000)
    thread = threading.Thread(target=lambda: list(sweep.run(n_jobs=1)), daemon=True)
    thread.start()
    time.sleep(3)
    sweep.cancel()
    thread.join(60)
    assert not thread.is_alive()
    assert sweep.done == {}


def test_a_sweep_that_runs_cannot_be_run_again():
    sweep = small()
    cells = sweep.run(n_jobs=1)
    next(cells)
    with pytest.raises(RuntimeError, match=r"running already[.] Cancel it first"):
        next(sweep.run(n_jobs=1))
    cells.close()


def test_threads_give_the_same(whole):
    sweep = small()
    with joblib.parallel_config(backend="threading", n_jobs=2):
        cells = sweep.run()
    assert sorted(cells) == sorted(sweep.cells), "the backend is that of the place where run was called"
    for cell in sweep.cells:
        np.testing.assert_allclose(sweep.pair(cell).watched, whole[0].pair(cell).watched, rtol=1e-5)


# Errors ---------------------------------------------------------------------------------------------------------------


def test_what_a_model_raises_is_told_and_what_was_finished_is_kept(tmp_path):
    def get_model(alpha):
        if alpha > 1:
            raise LookupError("too fast for me")
        return get_model_with()(alpha)

    with pytest.raises(RuntimeError, match="LookupError: too fast for me\nin get_model, line"):
        list(KerasSweep(get_model, ROWS, **{**SMALL, "alpha": 2.0}).run(n_jobs=1))

    def exits(alpha):
        sys.exit("enough")

    with pytest.raises(RuntimeError, match="SystemExit: enough"):
        list(KerasSweep(exits, ROWS, **SMALL).run(n_jobs=1))


def test_processes_that_die_again_and_again_end_it(monkeypatch):
    calls = []

    def dies(self, cells, *_):
        calls.append(len(cells))
        if len(calls) == 3:
            self._keep(Result(cells[0], 1.0, {}, 0.1, ""))
        raise BrokenExecutor("out of memory")
        yield

    monkeypatch.setattr(KerasSweep, "_trained", dies)
    with pytest.raises(RuntimeError, match=r"die again and again .* run\(n_jobs=1\).* out of memory"):
        list(small().run(n_jobs=2))
    assert calls == [7, 7, 7, 6, 6, 6], "three more tries after each finished cell"


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"get_model": "moon"}, ValueError, "model must be one of moons"),
        ({"get_model": "moons", "data": ROWS}, ValueError, "has its own data"),
        ({"get_model": 3}, TypeError, "get_model must be a function"),
        ({"data": None}, ValueError, r"data must be \(\(x, y\)"),
        ({"factors": [0.5, 1.5]}, ValueError, "factor must be greater than 0 and at most 1, got 1.5"),
        ({"factors": []}, ValueError, "There must be at least one factor"),
        ({"patiences": [1.5]}, ValueError, "patience must be a whole number"),
        ({"seeds": ["a"]}, TypeError, "seed must be a number"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number from 1"),
        ({"store": "/nowhere/at/all.jsonl"}, ValueError, "there is no folder /nowhere/at"),
    ],
)
def test_bad_arguments_are_refused(options, error, says):
    with pytest.raises(error, match=says):
        KerasSweep(**{"get_model": get_model_with(), "data": ROWS, **SMALL, **options})


def test_a_model_that_cannot_be_sent_is_refused():
    lock = threading.Lock()

    def get_model(alpha):
        with lock:
            return get_model_with()(alpha)

    with pytest.raises(TypeError, match=r"cannot be sent to other processes: .*lock.* inside of it"):
        KerasSweep(get_model, ROWS, **SMALL)


# The store ------------------------------------------------------------------------------------------------------------


def test_results_are_stored_as_they_come_and_a_new_sweep_goes_on(tmp_path, whole):
    path = tmp_path / "sweep.jsonl"
    cells = small(path).run(n_jobs=1)
    for number in range(1, 4):
        cell = next(cells)
        assert lines_of(path)[1][-1] == cell
        assert len(lines_of(path)[1]) == number
    cells.close()
    again = small(path)
    assert again.notes == [f"3 of 7 cells were in {path} already."]
    assert again.done == {cell: whole[0].done[cell] for cell in again.cells[:3]}, "the very numbers, and NaN if it were"
    assert list(again.run(n_jobs=1)) == again.cells[3:]
    assert lines_of(path)[1] == again.cells
    assert small(path).done == again.done == {cell: whole[0].done[cell] for cell in again.cells}


def test_a_store_that_has_all_cells_of_another_model_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "sweep.jsonl"
    options = {**SMALL, "factors": [0.3], "patiences": [1], "epochs": 1}
    list(KerasSweep(get_model_with(), ROWS, **options, store=path).run(n_jobs=1))
    same, other = (KerasSweep(get_model_with(layers), ROWS, **options, store=path) for layers in ("dense", "dropout"))
    assert same.left == other.left == []
    assert list(same.run(n_jobs=1)) == []
    monkeypatch.setattr("lrlab.keras_live.sweep.model_here", None)
    assert list(same.run(n_jobs=1)) == [], "it is built once"
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"belongs to another sweep: get_model makes a model of other layers"):
        list(other.run(n_jobs=1))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(KerasSweep(lambda alpha: 1 / 0, ROWS, **options, store=path).run(n_jobs=1))


def test_another_grid_takes_what_it_can_use(tmp_path):
    path = tmp_path / "sweep.jsonl"
    list(small(path, patiences=[1, 2]).run(n_jobs=1))
    finer = small(path, patiences=[1, 3], seeds=[0, 1])
    assert list(finer.done) == [Cell(0, 1.0, 1), Cell(0, 0.3, 1), Cell(0, 0.6, 1)]


def test_numbers_that_are_none_are_kept(tmp_path):
    sweep = {"epochs": 2}
    path = tmp_path / "sweep.jsonl"
    history = {"loss": [float("inf"), 1e-30], "val_loss": [float("nan"), 3.0], "learning_rate": [0.1, 0.1]}
    Store(path, sweep).append(Result(Cell(0, 0.1, 2), 2.0, history, 0.1, "m"))
    kept = Store(path, sweep).results[Cell(0, 0.1, 2)].history
    np.testing.assert_array_equal(np.float32(kept["loss"]), np.float32(history["loss"]))
    np.testing.assert_array_equal(kept["val_loss"], history["val_loss"])


def filled(path, sweep=None, model="m", patiences=(1, 2)):
    store = Store(path, {"alpha": 0.1, "epochs": 1} if sweep is None else sweep)
    for patience in patiences:
        lists = {name: [1.0] for name in ("loss", "val_loss", "learning_rate")}
        store.append(Result(Cell(0, 0.5, patience), 2.0, lists, 1.0, model))
    return store


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_half_a_line_is_tolerated_and_told_and_given_up_when_the_next_is_written(tmp_path, cut):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    path.write_bytes(path.read_bytes()[:-cut])
    torn = path.read_bytes()
    store = Store(path, {"alpha": 0.1, "epochs": 1})
    assert store.torn
    assert list(store.results) == [Cell(0, 0.5, 1)]
    assert path.read_bytes() == torn, "looking changes nothing"
    filled(path, patiences=(2, 3))
    assert path.read_bytes().startswith(torn), "nothing is ever taken away"
    again = Store(path, {"alpha": 0.1, "epochs": 1})
    assert list(again.results) == [Cell(0, 0.5, 1), Cell(0, 0.5, 2), Cell(0, 0.5, 3)]
    assert not again.torn


@pytest.mark.parametrize("length", [0, 3, 30])
def test_a_first_line_that_is_torn_is_written_again(tmp_path, length):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    path.write_bytes(path.read_bytes()[:length])
    filled(path)
    assert list(two_stores(path)[0].results) == [Cell(0, 0.5, 1), Cell(0, 0.5, 2)]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: b"my notes", "is no store of a KerasSweep"),
        (lambda text: b"my notes\n\nand more\n\n", "is no store of a KerasSweep"),
        (lambda text: b"\n\nmy notes\n\n", "is no store of a KerasSweep"),
        (lambda text: b"{}\n", "is no store of a KerasSweep"),
        (lambda text: text.replace(b'"alpha": 0.1', b'"alpha": 0.2'), "another sweep: alpha 0.2 there and 0.1 here"),
        (lambda text: text.replace(b'"patience": 1', b'"patience": ?'), "line 2, is not JSON"),
        (lambda text: text.replace(b'"val_loss": [1.0]', b'"val_loss": []', 1), "line 2, is no result of a sweep"),
        (lambda text: text.replace(b'"start"', b'"begin"', 1), "line 2, is no result of a sweep"),
        (lambda text: text + b"[1]\n", "line 4, is no result of a sweep"),
    ],
)
def test_a_file_that_is_no_store_of_this_sweep_is_refused_and_left_alone(tmp_path, spoil, says):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    path.write_bytes(spoil(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"{says}.* Give another file name"):
        Store(path, {"alpha": 0.1, "epochs": 1})
    assert path.read_bytes() == before


def one(patience, model="m"):
    lists = {name: [1.0] for name in ("loss", "val_loss", "learning_rate")}
    return Result(Cell(0, 0.5, patience), 2.0, lists, 1.0, model)


def two_stores(path):
    return [Store(path, {"alpha": 0.1, "epochs": 1}) for _ in range(2)]


def test_two_stores_on_one_new_file_write_one_first_line(tmp_path):
    path = tmp_path / "sweep.jsonl"
    first, second = two_stores(path)
    for store, patience in ((first, 1), (second, 2), (first, 3)):
        store.append(one(patience))
    assert lines_of(path)[1] == [Cell(0, 0.5, patience) for patience in (1, 2, 3)]
    assert list(two_stores(path)[0].results) == lines_of(path)[1]


def test_of_two_stores_on_one_new_file_the_second_must_be_of_the_same_sweep(tmp_path):
    path = tmp_path / "sweep.jsonl"
    first, second = two_stores(path)
    other = Store(path, {"alpha": 0.2, "epochs": 1})
    first.append(one(1))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="get_model makes a model of other layers"):
        second.append(one(2, "another"))
    with pytest.raises(ValueError, match=r"another sweep: alpha 0[.]1 there and 0[.]2 here"):
        other.append(one(2))
    assert path.read_bytes() == before


def test_half_a_line_that_two_give_up_at_the_same_moment_costs_no_result(tmp_path, monkeypatch):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    path.write_bytes(path.read_bytes()[:-5])
    first, second = two_stores(path)
    catch_up = Store._catch_up

    def overtaken(store):
        catch_up(store)
        if store is second:
            first.append(one(3))

    monkeypatch.setattr(Store, "_catch_up", overtaken)
    second.append(one(4))
    first.append(one(5))
    assert list(two_stores(path)[0].results) == [Cell(0, 0.5, patience) for patience in (1, 3, 4, 5)]


def test_a_torn_first_line_that_two_give_up_at_the_same_moment_costs_no_result(tmp_path, monkeypatch):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    path.write_bytes(path.read_bytes()[:30])
    first, second = two_stores(path)
    catch_up = Store._catch_up

    def overtaken(store):
        catch_up(store)
        if store is second:
            first.append(one(3))

    monkeypatch.setattr(Store, "_catch_up", overtaken)
    second.append(one(4))
    assert list(two_stores(path)[0].results) == [Cell(0, 0.5, 3), Cell(0, 0.5, 4)]


def test_half_a_line_that_another_has_given_up_is_not_given_up_again(tmp_path):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    path.write_bytes(path.read_bytes()[:-5])
    first, second = two_stores(path)
    first.append(one(3))
    first.append(one(4))
    second.append(one(5))
    assert path.read_bytes().count(b"\n\n") == 1
    assert list(two_stores(path)[0].results) == [Cell(0, 0.5, patience) for patience in (1, 3, 4, 5)]


def test_half_a_line_that_another_left_behind_meanwhile_is_given_up(tmp_path):
    path = tmp_path / "sweep.jsonl"
    store = filled(path)
    with path.open("ab") as file:
        file.write(b'{"seed": 0, "fac')
    store.append(one(3))
    assert list(two_stores(path)[0].results) == [Cell(0, 0.5, patience) for patience in (1, 2, 3)]


def test_a_line_that_grows_while_one_looks_is_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "sweep.jsonl"
    store = filled(path)
    whole = path.read_bytes()
    line = whole.splitlines(keepends=True)[-1].replace(b'"patience": 2', b'"patience": 9')
    path.write_bytes(whole + line[:20])
    monkeypatch.setattr("lrlab.keras_live.store.time.sleep", lambda _: path.write_bytes(whole + line))
    store.append(one(3))
    assert lines_of(path)[1] == [Cell(0, 0.5, patience) for patience in (1, 2, 9, 3)]


def test_a_file_that_was_moved_away_is_begun_again(tmp_path):
    path = tmp_path / "sweep.jsonl"
    store = filled(path)
    path.unlink()
    store.append(one(3))
    assert lines_of(path)[1] == [Cell(0, 0.5, 3)]


def test_stores_that_write_at_once_lose_nothing(tmp_path):
    path, barrier = tmp_path / "sweep.jsonl", threading.Barrier(4)

    def write(store, begin):
        barrier.wait()
        for patience in range(begin, begin + 20):
            store.append(one(patience))

    stores = [store for _ in range(2) for store in two_stores(path)]
    threads = [threading.Thread(target=write, args=(store, 100 * i)) for i, store in enumerate(stores, start=1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(two_stores(path)[0].results) == 80


def test_the_same_first_line_twice_is_read(tmp_path):
    path = tmp_path / "sweep.jsonl"
    filled(path)
    head, first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + first + head + second)
    assert list(two_stores(path)[0].results) == [Cell(0, 0.5, 1), Cell(0, 0.5, 2)]


def test_what_was_paused_earlier_holds_up_no_run_by_a_rule():
    sweep = small()
    sweep.pause()
    run = sweep.run_by(lambda epoch, rate, losses: 0.1)
    assert run.lr.tolist() == [[np.float32(0.1)]] * 8


def test_nobody_is_no_number_of_workers():
    with pytest.raises(ValueError, match="n_jobs must be how many"):
        small().run(n_jobs=0)


def test_results_are_adopted_while_others_come_in(monkeypatch):
    sweep, other = small(), small()
    for cell in other.cells[:2]:
        other._keep(one(1)._replace(cell=cell))
    keep = KerasSweep._keep

    def meanwhile(self, result):
        keep(self, result)
        keep(other, one(1)._replace(cell=other.left[0]))

    monkeypatch.setattr(KerasSweep, "_keep", meanwhile)
    sweep.adopt(other)
    assert len(other.done) == 4
    assert list(sweep.done) == sweep.cells[:2]


def test_a_store_of_other_settings_data_or_another_model_is_refused(tmp_path):
    path = tmp_path / "sweep.jsonl"
    next(small(path).run(n_jobs=1))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"another sweep: epochs 8 there and 9 here, min_delta 0[.]02 there and 0"):
        small(path, epochs=9, min_delta=1e-4)
    with pytest.raises(ValueError, match="another sweep: data "):
        KerasSweep(get_model_with(), ((DATA.x + 1, DATA.y), ROWS[1]), **SMALL, store=path)
    other = KerasSweep(get_model_with("dropout"), ROWS, **SMALL, store=path)
    with pytest.raises(ValueError, match="get_model makes a model of other layers"):
        list(other.run(n_jobs=1))
    assert path.read_bytes() == before


KILLED = """
import sys
from lrlab import KerasSweep
sweep = KerasSweep("moons", alpha=2.0, factors=[0.3, 0.6], patiences=[1, 2, 4], epochs=50, store=sys.argv[1])
for cell in sweep.run(n_jobs=1):
    print(cell, flush=True)
"""


def test_a_program_that_is_killed_loses_nothing_that_it_finished(tmp_path):
    path = tmp_path / "sweep.jsonl"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as program:
        told = [program.stdout.readline() for _ in range(3)]
        program.kill()
    kept = lines_of(path)[1] if path.read_bytes().endswith(b"\n") else None
    sweep = KerasSweep("moons", alpha=2.0, **GRID, epochs=50, store=path)
    assert [str(cell) for cell in sweep.done][:3] == [line.strip() for line in told]
    assert kept is None or kept == list(sweep.done)
    rest = list(sweep.run(n_jobs=1))
    assert sorted([*rest, *(cell for cell in sweep.cells if cell not in rest)]) == sorted(sweep.cells)
    assert sorted(lines_of(path)[1]) == sorted(sweep.cells)


# Processes, and one that is killed -----------------------------------------------------------------------------------


def mine(alpha):  # cloudpickle sends it by value, as it does for what is defined in a notebook
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile(optimizer=keras.optimizers.SGD(alpha), loss="binary_crossentropy", metrics=["accuracy"])
    return model


mine.__module__ = "__main__"


def run_and_kill(sweep, cells, kill):
    """All cells, in the order in which they come; after the third, ``kill()``."""
    order = []
    for cell in cells:
        order.append(cell)
        if len(order) == 3:
            kill()
    return order


def check_after_a_death(sweep, order, path):
    assert sorted(order) == sorted(sweep.cells), "each once"
    assert sorted(lines_of(path)[1]) == sorted(sweep.cells)
    assert small(path, **LONG).done == sweep.done
    for cell in (Cell(0, 1.0, 1), Cell(0, 0.3, 2), Cell(0, 0.6, 4)):
        same_as_twins(sweep, cell)


LONG = {"epochs": 100}  # so that the cells are not over before somebody is killed


def test_a_process_of_joblibs_is_killed_half_way(tmp_path, capfd):
    sweep = KerasSweep(mine, ROWS, **{**SMALL, **LONG}, store=tmp_path / "sweep.jsonl")
    before = set(psutil.Process().children(recursive=True))

    def kill():
        started = [one for one in psutil.Process().children(recursive=True) if one not in before]
        workers = [one for one in started if "LokyProcess" in " ".join(one.cmdline())]
        assert len(workers) == 2
        workers[0].kill()

    order = run_and_kill(sweep, sweep.run(n_jobs=2), kill)
    check_after_a_death(sweep, order, tmp_path / "sweep.jsonl")
    assert capfd.readouterr().err == "", "TensorFlow in the processes is quiet"


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        warnings.simplefilter("ignore")
        yield client


def test_a_worker_of_a_dask_cluster_is_killed_half_way(tmp_path, cluster):
    sweep = KerasSweep(mine, ROWS, **{**SMALL, **LONG}, store=tmp_path / "sweep.jsonl")

    def kill():
        os.kill(min(cluster.run(os.getpid).values()), signal.SIGKILL)

    with joblib.parallel_config(backend="dask"):
        cells = sweep.run()
    order = run_and_kill(sweep, cells, kill)
    check_after_a_death(sweep, order, tmp_path / "sweep.jsonl")


def test_a_process_whose_parent_has_gone_trains_for_nobody(monkeypatch, tmp_path):
    task = cells.Task(Cell(0, 1.0, 1), b"", "", {}, str(tmp_path / "stop"), parent=123)
    monkeypatch.setattr(cells, "_STARTED_BY", 123)
    monkeypatch.setattr(os, "getppid", lambda: 123)
    assert not cells._unwanted(task)
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert cells._unwanted(task)
    assert not cells._unwanted(task._replace(parent=456)), "on a cluster, other processes start the workers"


def test_joblib_is_asked_where_the_sweep_is_run():
    assert told_here() is None
    with joblib.parallel_config(n_jobs=2):
        assert told_here()[1] == 2
    with joblib.parallel_config(backend="threading"):
        assert type(told_here()[0]).__name__ == "ThreadingBackend"


def test_dask_gives_up_a_task_that_kills_its_workers_and_it_is_told(cluster):
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        joblib.parallel_config(backend="dask"),
    ):
        cluster.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
        backend, _ = backend_here()
        assert list(spread([joblib.delayed(abs)(-1)], backend, -1)) == [1]
        results = spread([joblib.delayed(os._exit)(1)], backend, -1)
        with pytest.raises(Exception, match=r"kill|died") as told:
            list(results)
    assert died(told.value)
