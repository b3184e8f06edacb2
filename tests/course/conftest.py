"""A learner of its own for each test."""

import pytest

from lrlab.course import answers, progress


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Where the progress of the test's learner is kept; no file yet."""
    path = tmp_path / "data" / "progress.json"
    monkeypatch.setenv("LRLAB_PROGRESS", str(path))
    monkeypatch.setattr(progress, "_shared", {})
    monkeypatch.setattr(answers, "_views", {})
    return path
