"""A sweep whose store cannot be written, or is none: what is finished is kept, and nothing is run from the file.

Half a line at the end, two writers at once and programs that are killed: tests/keras_live/test_sweep.py.
"""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("tensorflow")
from lrlab.keras_live import store as module
from lrlab.keras_live.cells import Cell, Result
from lrlab.keras_live.store import Store
from lrlab.keras_live.sweep import KerasSweep
from tests.faults.disks import fill, needs_users, powerless
from tests.keras_live.test_sweep import DATA, RULE, filled, get_model_with

ROWS = ((DATA.x, DATA.y), (DATA.x_val, DATA.y_val))
SHARED = {"alpha": 0.1, "epochs": 1}
NARROW = {**RULE, "factors": [0.3, 0.6], "patiences": [1], "epochs": 3}

BLOCK = 4096  # bytes: what the small disk gives at a time

posix = pytest.mark.skipif(sys.platform == "win32", reason="its disks and rights are other ones")


def result(patience):
    lists = {name: [1.0] for name in ("loss", "val_loss", "learning_rate")}
    return Result(Cell(0, 0.5, patience), 2.0, lists, 1.0, "m")


@posix
def test_a_sweep_on_a_full_disk_trains_on_tells_and_writes_all_when_there_is_room(disk):
    path = disk / "sweep.jsonl"
    sweep = KerasSweep(get_model_with(), ROWS, **NARROW, store=path)
    cells = sweep.run(n_jobs=1)
    next(cells)
    with path.open("ab") as file:
        file.write(b"\n" * (BLOCK - path.stat().st_size % BLOCK))  # the next line needs another block of the disk
    taken = fill(disk)
    with pytest.raises(RuntimeError, match=r"2 of .* in memory only: .* cannot be written \(No space left on device\)"):
        list(cells)
    assert len(sweep.done) == 3, "all is trained all the same"
    assert sweep.unwritten == 2
    taken.unlink()
    assert list(sweep.run()) == []
    assert sweep.unwritten == 0
    assert KerasSweep(get_model_with(), ROWS, **NARROW, store=path).done == sweep.done


@pytest.mark.parametrize("room", [0, 1, 60])
def test_a_disk_that_takes_a_part_of_a_line_costs_no_result(tmp_path, monkeypatch, room):
    """As on a disk that fills up: a write takes what fits in, and the next one is refused."""
    path = tmp_path / "sweep.jsonl"
    store = filled(path, SHARED)
    whole, left = open, [room]

    class Full:
        def __init__(self, file):
            self._file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self._file.close()

        def fileno(self):
            return self._file.fileno()

        def write(self, data):
            if not left[0]:
                raise OSError(28, "No space left on device")
            taken, left[0] = min(left[0], len(data)), max(left[0] - len(data), 0)
            return self._file.write(bytes(data[:taken]))

    monkeypatch.setattr(module, "open", lambda *given, **options: Full(whole(*given, **options)), raising=False)
    with pytest.raises(OSError, match="No space left"):
        store.append(result(3))
    assert set(store.results) == {Cell(0, 0.5, 1), Cell(0, 0.5, 2)}
    monkeypatch.undo()
    monkeypatch.setattr(module, "BREATH", 0.0)
    store.append(result(3))
    assert set(Store(path, SHARED).results) == {Cell(0, 0.5, patience) for patience in (1, 2, 3)}


@posix
@needs_users
def test_a_store_that_may_not_be_written_is_told_at_once_and_its_results_are_used(closed):
    os.chmod(closed, 0o777)
    path = closed / "sweep.jsonl"
    list(KerasSweep(get_model_with(), ROWS, **NARROW | {"factors": [0.3]}, store=path).run(n_jobs=1))
    os.chmod(path, 0o444)
    with powerless():
        sweep = KerasSweep(get_model_with(), ROWS, **NARROW, store=path)
    assert sweep.notes[0].startswith("2 of 3 cells were in")
    assert "may not be written: what is trained now is kept in memory only" in sweep.notes[1]


def spoiled(tmp_path, line):
    path = tmp_path / "sweep.jsonl"
    filled(path, SHARED)
    path.write_bytes(path.read_bytes() + line + b"\n")
    return path


GOOD = {"seed": 0, "factor": 0.5, "patience": 9, "start": 1.0, "final_rate": 1.0,
        "history": {name: [1.0] for name in ("loss", "val_loss", "learning_rate")}}  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b"9" * 100_000,
        json.dumps(GOOD | {"seed": "__import__('os').system('touch ran')"}).encode(),
        json.dumps(GOOD | {"seed": float("inf")}).encode(),
        json.dumps(GOOD | {"patience": 1e400}).encode(),
        json.dumps(GOOD | {"history": []}).encode(),
        json.dumps(GOOD | {"history": GOOD["history"] | {"loss": [[1.0]]}}).encode(),
        json.dumps(GOOD | {"history": GOOD["history"] | {"loss": ["<img src=x onerror=alert(1)>"]}}).encode(),
        json.dumps(GOOD | {"start": {"__reduce__": ["os.system", "touch ran"]}}).encode(),
        b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94",
        b"!!python/object/apply:os.system ['touch ran']",
    ],
    ids=range(11),
)
def test_a_line_that_is_no_result_is_refused_in_words_and_never_run(tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    path = spoiled(tmp_path, line)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="line 4, is "):
        Store(path, SHARED)
    assert path.read_bytes() == before
    assert not (tmp_path / "ran").exists()


def test_a_large_file_that_is_no_store_is_refused(tmp_path):
    path = tmp_path / "movie.mp4"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ValueError, match="is no store of a KerasSweep"):
        Store(path, SHARED)


def test_a_folder_of_results_has_no_file_elsewhere_whatever_a_model_is_called(tmp_path):
    from lrlab import KerasSweepLab

    def get_model(alpha):
        return get_model_with()(alpha)

    for name in ("../../elsewhere", "<lambda>", "a" * 300, "nul\x00"):
        get_model.__name__ = name
        lab = KerasSweepLab(get_model, ROWS, points=(2, 2), epochs=2, folder=tmp_path / "kept")
        assert lab.sweep._store.path.parent == tmp_path / "kept"
        lab.sweep._store.path.touch()
        lab.close()
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


KERNEL = """
import sys, lrlab
lab = lrlab.KerasSweepLab("moons", points=(2, 2), epochs=40, folder=sys.argv[1])
for cell in lab.sweep.run(n_jobs=1):
    print(len(lab.sweep.done), flush=True)
"""


def test_a_kernel_that_dies_in_mid_sweep_leaves_what_was_finished_to_the_next_lab(tmp_path):
    from lrlab import KerasSweepLab

    with subprocess.Popen([sys.executable, "-c", KERNEL, str(tmp_path)], stdout=subprocess.PIPE, text=True) as kernel:
        assert [kernel.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
        kernel.kill()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b'{"seed": 0, "factor": 0.9, "pati')
    lab = KerasSweepLab("moons", points=(2, 2), epochs=40, folder=tmp_path)
    try:
        assert len(lab.sweep.done) >= 2
        assert "cells were in" in lab._readout.value
        assert "is half a line: its cell is trained again" in lab._readout.value
        lab.start()
        assert lab.wait(300)
        assert not lab.sweep.left
    finally:
        lab.close()
    assert len(Store(path, lab.sweep._store._sweep).results) == len(lab.sweep.cells)
