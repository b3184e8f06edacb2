"""Files that the commands write."""

import io
from pathlib import Path

import pytest

from lrlab.app.files import write_new


def test_a_file_that_is_there_is_kept(tmp_path):
    (tmp_path / "mine").write_text("my own")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "mine", b"new")
    assert (tmp_path / "mine").read_text() == "my own"


def test_half_a_file_is_closed_before_it_is_taken_away(tmp_path, monkeypatch):
    """Windows takes away no file that is open."""
    opened, closed, unlink = [], [], Path.unlink

    class Full(io.FileIO):
        def write(self, content):
            super().write(content[:3])
            raise OSError(28, "No space left on device")

    def full(path, mode):
        opened.append(Full(path, mode))
        return opened[0]

    def taken(path, **options):
        closed.append(opened[0].closed)
        unlink(path, **options)

    monkeypatch.setattr(Path, "open", full)
    monkeypatch.setattr(Path, "unlink", taken)
    with pytest.raises(OSError, match="No space"):
        write_new(tmp_path / "new", b"content")
    assert closed == [True]
    assert not (tmp_path / "new").exists()
