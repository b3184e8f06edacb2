"""One Chromium for all browser tests. Without one they are skipped, except in CI, where that is a failure."""

import os

import pytest

from tests.browser.jupyter import chromium, find_chromium


@pytest.fixture(scope="session", autouse=True)
def progress_of_nobody(tmp_path_factory):
    """Tests, and the kernels and servers that they start, never touch the progress of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LRLAB_PROGRESS", str(tmp_path_factory.mktemp("progress") / "progress.json"))
        yield


@pytest.fixture(scope="session")
def browser():
    if find_chromium() is None:
        message = "needs Chromium (Debian: apt install chromium), or its path in LRLAB_CHROMIUM"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with chromium() as browser:
        yield browser
