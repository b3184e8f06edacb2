"""A progress file that is broken, huge, read-only, no file at all, held by another, or on a full disk.

What there is of other broken contents is in tests/course/test_progress.py.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading

import pytest

from lrlab.course import progress
from lrlab.course.answers import exercise
from lrlab.course.progress import LARGEST, MOST, Done, Progress, shared
from tests.faults.conftest import use
from tests.faults.disks import fill, needs_users, powerless

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its disks and rights are other ones")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def filled(count, name="e{}", kept="{}"):
    entries = ", ".join(f"{json.dumps(name.format(i))}: {kept}" for i in range(count))
    return f'{{"lrlab": 1, "learner": 1, "exercises": {{{entries}}}}}'


@pytest.mark.parametrize(
    "content",
    [
        filled(10**6),
        filled(MOST + 1),
        filled(3, "x" * 10**5 + "{}"),
        '{"lrlab": 1, "learner": 1' + " " * 2 * 10**8 + "}",
    ],
    ids=["a million entries", "a few too many", "long names", "200 MB"],
)
def test_a_huge_file_is_put_aside_and_the_lesson_goes_on(kept, content):
    kept.parent.mkdir()
    kept.write_text(content)
    view = exercise("edge")
    assert "is broken" in view.said
    assert "is kept as" in view.said
    view.give(1.0)
    assert read(kept)["exercises"]["edge"]["tries"] == 1
    (beside,) = kept.parent.glob("progress-broken-*")
    assert beside.stat().st_size == len(content), "whole"
    view.close()


def test_the_largest_file_that_is_read_can_be_written_again(kept):
    kept.parent.mkdir()
    most = '{"draw": 999999999, "tries": 999999999, "hints": 999999999, "right": true}'
    kept.write_text(filled(MOST - 1, "\u2028" * (progress.LONGEST - 4) + "{:04}", most))
    found = Progress()
    found.record("edge", tries=1)
    assert found.said == ""
    assert kept.stat().st_size < LARGEST
    assert len(Progress().all()) == MOST


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a link to nowhere"])
def test_what_is_no_file_holds_up_nothing(kept, kind):
    kept.parent.mkdir()
    {"a pipe": os.mkfifo, "a folder": os.mkdir, "a link to nowhere": lambda path: path.symlink_to("nowhere")}[kind](
        kept
    )
    found = shared()
    found.record("edge", tries=1)
    assert found.of("edge").tries == 1
    assert found.said or kind == "a link to nowhere"


def test_a_notebook_that_hangs_while_it_writes_holds_up_no_other(kept, monkeypatch):
    found = Progress()
    monkeypatch.setattr(progress, "PATIENCE", 0.1)
    with kept.with_name(f".{kept.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found.record("edge", tries=1)
    assert read(kept)["exercises"]["edge"]["tries"] == 1


@needs_users
def test_in_a_folder_without_permission_all_works_and_that_is_said(closed, monkeypatch):
    kept = use(closed / "data" / "progress.json", monkeypatch)
    view = None
    try:
        with powerless():
            view = exercise("edge")
            assert "cannot be written (Permission denied)" in view.said
            assert "forgotten when the kernel ends" in view.said
            view.give(1.0)
            assert shared().of("edge").tries == 1
        assert not kept.exists()
    finally:
        view.close()


@needs_users
def test_a_read_only_file_is_left_as_it_is_and_what_was_done_is_written_once_it_may_be(kept, closed, monkeypatch):
    os.chmod(closed, 0o777)
    kept = use(closed / "progress.json", monkeypatch)
    Progress().record("first_cut", tries=3)
    os.chmod(kept, 0o444)
    before = kept.read_bytes()
    with powerless():
        found = shared()
        assert found.of("first_cut").tries == 3, "it can be read"
        found.record("edge", tries=1, right=True)
        assert "cannot be written" in found.said
        assert kept.read_bytes() == before
        assert found.of("edge").right
    os.chmod(kept, 0o666)
    with powerless():
        shared().record("first_cut", tries=4)
        assert shared().said == ""
        assert Progress().all() == {"edge": Done(0, 1, 0, True), "first_cut": Done(0, 4)}, (
            "nothing that was done is lost"
        )


def test_on_a_full_disk_the_old_file_stays_and_what_was_done_is_written_when_there_is_room(disk, monkeypatch):
    kept = use(disk / "progress.json", monkeypatch)
    view = exercise("edge")
    view.give(1.0)
    before, taken = kept.read_bytes(), fill(disk)
    view.give(2.0)
    assert "No space left on device" in view.said_as_html, "it is said with the next answer"
    assert view.said in view.said_as_html, "and what is said of the answer stays"
    view.give(3.0)
    assert "No space left" not in view.said_as_html, "and once is enough"
    assert kept.read_bytes() == before
    assert sorted(path.name for path in disk.iterdir()) == [".progress.json.lock", "progress.json", "taken"]
    taken.unlink()
    view.give(4.0)
    assert read(kept)["exercises"]["edge"]["tries"] == 4
    assert shared().said == ""
    view.close()


def test_on_a_full_disk_another_notebooks_answers_are_not_lost_either(disk, monkeypatch):
    use(disk / "progress.json", monkeypatch)
    one, other = Progress(), Progress()
    taken = fill(disk)
    one.record("edge", tries=5)
    taken.unlink()
    other.record("first_cut", tries=1)
    one.record("quick_alpha", tries=1)
    assert {name: done.tries for name, done in Progress().all().items()} == {
        "edge": 5,
        "first_cut": 1,
        "quick_alpha": 1,
    }


def test_a_kernel_that_is_killed_while_it_writes_leaves_a_whole_file(kept):
    Progress().record("edge", tries=1)
    code = (
        "from lrlab.course.progress import Progress\none = Progress()\nprint(flush=True)\n"
        "while True:\n    one.record('first_cut', tries=one.of('first_cut').tries + 1)\n"
    )
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as kernel:
            kernel.stdout.readline()
            threading.Event().wait(0.05)
            kernel.kill()
        assert read(kept)["exercises"]["edge"]["tries"] == 1
    assert Progress().said == ""
    assert Progress().of("first_cut").tries > 0
