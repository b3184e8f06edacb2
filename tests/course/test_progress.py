"""Progress is never lost silently, and no file of it ever stops a lesson."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lrlab.course import progress
from lrlab.course.progress import LARGEST, Done, Progress, shared

BROKEN = [
    b"",
    b"{",
    b"null",
    b"[1, 2]",
    b"\xff\xfe\x00",
    b'{"lrlab": 1}',
    b'{"lrlab": "1", "learner": 1, "exercises": {}}',
    b'{"lrlab": 0, "learner": 1, "exercises": {}}',
    b'{"lrlab": 1, "learner": -1, "exercises": {}}',
    b'{"lrlab": 1, "learner": NaN, "exercises": {}}',
    b'{"lrlab": 1, "learner": 1, "exercises": []}',
    b'{"lrlab": 1, "learner": 1, "exercises": {"edge": 3}}',
    b'{"lrlab": 1, "learner": 1, "exercises": {"edge": {"tries": true}}}',
    b'{"lrlab": 1, "learner": 1, "exercises": {"edge": {"right": 1}}}',
    b'{"lrlab": 1, "learner": 1, "exercises": {"edge": {"tries": -3}}}',
    b"[" * 100_000,
    b"9" * 10_000,
]


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_what_is_recorded_is_there_the_next_time(kept):
    first = Progress()
    first.record("edge", tries=2, hints=1, right=True)
    again = Progress()
    assert again.of("edge") == Done(0, 2, 1, True)
    assert again.of("never seen") == Done()
    assert again.learner == first.learner
    assert again.said == ""
    assert list(kept.parent.glob("*.json")) == [kept]
    assert read(kept) == again.as_data()
    assert kept.read_text().count("\n") > 5, "people can read it"


def test_it_is_kept_where_the_system_keeps_such_files(monkeypatch, tmp_path):
    monkeypatch.delenv("LRLAB_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = progress.default_path()
    assert path.is_relative_to(tmp_path)
    assert path.parts[-2:] == ("lrlab", "progress.json")


def test_a_learner_keeps_his_numbers_before_anything_is_recorded(kept):
    assert Progress().seed("edge") == Progress().seed("edge") == read(kept)["learner"]


def test_drawing_anew_changes_the_seed_of_that_exercise_only(kept):
    one = Progress()
    edge, other = one.seed("edge"), one.seed("first_cut")
    one.record("edge", draw=1)
    assert one.seed("edge") != edge
    assert one.seed("first_cut") == other


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_kept_beside_and_that_is_said(kept, content):
    kept.parent.mkdir()
    kept.write_bytes(content)
    found = Progress()
    (beside,) = kept.parent.glob("progress-broken-*.json")
    assert beside.read_bytes() == content
    assert str(beside) in found.said
    found.record("edge", tries=1)
    assert Progress().of("edge").tries == 1
    assert Progress().said == ""


def test_a_second_broken_file_does_not_take_the_place_of_the_first(kept):
    kept.parent.mkdir()
    for content in ("one", "two"):
        kept.write_text(content)
        Progress()
    assert sorted(path.read_text() for path in kept.parent.glob("progress-broken-*")) == ["one", "two"]


def test_a_file_that_breaks_while_it_is_used_loses_nothing(kept):
    found = Progress()
    found.record("edge", tries=1, right=True)
    kept.write_text("{")
    found.record("first_cut", tries=1)
    assert "is broken" in found.said
    assert Progress().of("edge").right
    assert Progress().of("first_cut").tries == 1


def test_a_huge_file_is_not_read(kept):
    kept.parent.mkdir()
    with kept.open("wb") as file:
        file.truncate(LARGEST + 1)
    assert "5,000,000 bytes" in Progress().said
    assert [path.stat().st_size for path in kept.parent.glob("progress-broken-*")] == [LARGEST + 1]


def test_a_newer_file_is_left_as_it_is(kept):
    kept.parent.mkdir()
    text = '{"lrlab": 2, "people": []}'
    kept.write_text(text)
    found = Progress()
    assert "newer lrlab" in found.said
    found.record("edge", tries=1)
    assert found.of("edge").tries == 1
    assert kept.read_text() == text
    assert not list(kept.parent.glob("*broken*"))


def test_a_file_that_may_not_be_written_is_left_as_it_is(kept, monkeypatch):
    Progress().record("edge", tries=1)
    before = kept.read_bytes()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # whoever runs the tests may be allowed everything
    found = Progress()
    found.record("edge", tries=2)
    assert "cannot be written" in found.said
    assert "forgotten when the kernel ends" in found.said
    assert found.of("edge").tries == 2, "the kernel goes on with it"
    assert kept.read_bytes() == before


@pytest.mark.parametrize("kind", ["the file is a folder", "the folder is a file"])
def test_a_path_that_cannot_be_a_file(kept, kind):
    if kind == "the file is a folder":
        kept.mkdir(parents=True)
    else:
        kept.parent.write_text("")
    found = Progress()
    found.record("edge", tries=1)
    assert found.said
    assert found.of("edge").tries == 1


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left_beside(kept, monkeypatch, fails):
    Progress().record("edge", tries=1)
    before = kept.read_bytes()
    found = Progress()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fails, full)
    found.record("edge", tries=2)
    assert "No space left on device" in found.said
    assert kept.read_bytes() == before
    assert not list(kept.parent.glob(".progress-*"))
    assert found.of("edge").tries == 2


def test_a_disk_that_takes_no_file_at_all(kept, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    found = Progress()
    found.record("edge", tries=1)
    assert "No space left on device" in found.said
    assert not kept.exists()


def test_two_notebooks_at_once_keep_what_both_have_done(kept):
    one, two = Progress(), Progress()
    assert one.learner == two.learner
    one.record("edge", tries=1)
    two.record("first_cut", tries=1)
    one.record("edge", tries=2)
    assert Progress().all() == {"edge": Done(0, 2), "first_cut": Done(0, 1)}


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there: two processes may lose a try of one of them")
def test_many_processes_at_once_lose_nothing(kept):
    code = "import sys; from lrlab.course.progress import Progress; one = Progress()\n"
    code += "for i in range(40): one.record(f'{sys.argv[1]}{i}', tries=1)\nassert not one.said, one.said"
    root = str(Path(progress.__file__).parents[2])
    processes = [
        subprocess.Popen([sys.executable, "-c", code, name], env={**os.environ, "PYTHONPATH": root}) for name in "abc"
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(Progress().all()) == 120


def test_all_cells_of_a_kernel_share_one_progress_even_where_no_file_can_be_written(kept):
    kept.mkdir(parents=True)
    shared().record("edge", tries=1)
    assert shared().of("edge").tries == 1
    assert shared().seed("first_cut") == shared().seed("first_cut")
