"""A learner of its own for each test, and a small disk."""

import pytest

from lrlab.course import answers, progress
from tests.faults.disks import folder_of_others, small_disk


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Where the progress of the test's learner is kept; no file yet."""
    return use(tmp_path / "data" / "progress.json", monkeypatch)


def use(path, monkeypatch):
    monkeypatch.setenv("LRLAB_PROGRESS", str(path))
    monkeypatch.setattr(progress, "_shared", {})
    monkeypatch.setattr(answers, "_views", {})
    return path


@pytest.fixture
def disk():
    with small_disk() as folder:
        yield folder


@pytest.fixture
def closed():
    """A folder that may not be written to by people without root's rights."""
    with folder_of_others() as folder:
        yield folder
