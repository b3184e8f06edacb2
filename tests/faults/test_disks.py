"""Full disks and folders without permission: lab.save, its buttons, a sweep's store, and the commands."""

import errno
import os
import sys

import pytest

import lrlab
from lrlab.app import lessons
from lrlab.app.main import main
from lrlab.core.problem import Problem
from tests.faults.disks import fill, needs_users, powerless

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its disks and rights are other ones")
LESSONS = sorted(path.name for path in lessons.originals().glob("*.ipynb"))


@pytest.fixture(scope="module")
def lab():
    lab = lrlab.DescentLab("bowl", epochs=5)
    yield lab
    lab.close()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# lab.save -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".png", ".svg", ".gif", ".csv", ".json"])
def test_on_a_full_disk_save_raises_keeps_what_was_there_and_leaves_nothing(lab, disk, ending):
    there = disk / f"picture{ending}"
    there.write_bytes(b"what was there")
    taken = fill(disk)
    with pytest.raises(OSError, match="No space left on device") as raised:
        lab.save(there)
    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(there), "of the file that was asked for"
    assert there.read_bytes() == b"what was there"
    assert names(disk) == [there.name, "taken"]
    taken.unlink()


def test_on_a_full_disk_a_button_says_so_and_saves_when_there_is_room(lab, disk, monkeypatch):
    monkeypatch.chdir(disk)
    taken = fill(disk)
    lab.sharing.numbers.click()
    assert "Not saved. There is no room left on the disk" in lab.sharing.message.value
    assert names(disk) == ["taken"]
    taken.unlink()
    lab.sharing.numbers.click()
    assert names(disk) == ["bowl-descent.csv"]
    monkeypatch.undo()


@needs_users
def test_where_nothing_may_be_written_a_button_says_so_and_save_raises(lab, closed, monkeypatch):
    monkeypatch.chdir(closed)
    with powerless():
        lab.sharing.picture.click()
        assert "Not saved. This folder cannot be written to" in lab.sharing.message.value
        assert str(closed) in lab.sharing.message.value
        with pytest.raises(PermissionError, match=r"x\.png"):
            lab.save("x.png")
    lab.controls["alpha"].value = 0.2
    assert lab._message.value == ""
    assert names(closed) == []


def test_names_that_saving_suggests_stay_in_their_folder_and_can_be_saved(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("../../etc/passwd", "..", "a/b\\c", "x" * 300, "", "<img src=x onerror=alert(1)>", "con"):
        mine = Problem(name=name, formula="", loss=lambda w: (w**2).sum(-1), start=(1.0, 1.0),
                       view=((-2, 2), (-2, 2)), convex=True)  # fmt: skip
        own = lrlab.DescentLab(mine, alpha=0.1, epochs=3)
        own.sharing.numbers.click()
        assert own.sharing.message.value.startswith("Saved "), (name, own.sharing.message.value)
        assert own.sharing.download.path.parent == tmp_path
        own.close()
    assert len(names(tmp_path)) == 7
    assert names(tmp_path.parent) == [tmp_path.name] or tmp_path.name in names(tmp_path.parent)


# The lessons ----------------------------------------------------------------------------------------------------------


def test_half_a_lesson_is_not_left_on_a_full_disk_for_the_next_time(disk, capsys):
    assert main(["lessons", str(disk / "class")]) == 2
    assert "cannot be copied" in capsys.readouterr().err
    whole = {path.name: path.read_bytes() for path in lessons.originals().glob("*.ipynb")}
    there = names(disk / "class")
    assert len(there) < len(whole), "or the disk was too large for this test"
    assert all((disk / "class" / name).read_bytes() == whole[name] for name in there)


def test_half_a_lesson_is_not_left_either_where_a_student_starts(disk, monkeypatch, capsys):
    package = disk.parent / f"{disk.name}-package"
    (package / "lessons").mkdir(parents=True)
    try:
        (package / "lessons" / "01.ipynb").write_bytes(b"x" * 100_000)
        monkeypatch.setattr(lessons, "PACKAGE", package)
        monkeypatch.chdir(disk)
        assert main(["lab"]) == 2
        said = capsys.readouterr().err
        assert "No space left on device" in said
        assert "with some room on its disk" in said
        assert names(disk / lessons.COPY) == []
    finally:
        monkeypatch.undo()
        (package / "lessons" / "01.ipynb").unlink()
        (package / "lessons").rmdir()
        package.rmdir()


@needs_users
def test_lessons_cannot_be_copied_where_nothing_may_be_written(closed, monkeypatch, tmp_path_factory, capsys):
    with powerless():
        assert main(["lessons", str(closed / "class")]) == 2
    assert "cannot be copied to" in capsys.readouterr().err
    monkeypatch.chdir(closed)
    monkeypatch.setattr(lessons, "originals", lambda: lessons.PACKAGE / "lessons")
    monkeypatch.setattr(lessons.Path, "rglob", lambda self, pattern: [self / "01.ipynb"])
    monkeypatch.setattr(lessons.Path, "is_file", lambda self: True)
    with powerless():
        assert main(["lab"]) == 2
    said = capsys.readouterr().err
    assert "Permission denied" in said
    assert "Start lrlab in a folder of your own" in said


@needs_users
def test_lessons_that_are_all_there_need_no_permission(closed, monkeypatch, capsys):
    os.chmod(closed, 0o755)
    assert main(["lessons", str(closed)]) == 0
    with powerless():
        assert main(["lessons", str(closed)]) == 2
    said = capsys.readouterr()
    assert f"{LESSONS[0]} was there already" in said.out
    assert "nothing was copied" in said.err
    assert names(closed) == LESSONS


def test_a_link_to_nowhere_is_not_written_through(tmp_path, capsys):
    outside, folder = tmp_path / "outside", tmp_path / "class"
    folder.mkdir()
    (folder / LESSONS[0]).symlink_to(outside)
    assert main(["lessons", str(folder)]) == 0
    assert "was there already" in capsys.readouterr().out
    assert not outside.exists()


def test_an_export_of_progress_on_a_full_disk_leaves_nothing_and_says_so(disk, kept, capsys):
    lrlab.exercise("edge").close()
    taken = fill(disk)
    assert main(["progress", "export", str(disk / "me.json")]) == 2
    assert "cannot be written: No space left on device" in capsys.readouterr().err
    assert names(disk) == ["taken"]
    taken.unlink()
    assert main(["progress", "export", str(disk / "me.json")]) == 0
