"""One Chromium for all browser tests. Without one they are skipped, except in CI, where that is a failure."""

import os

import pytest

from tests.browser.jupyter import chromium, find_chromium


@pytest.fixture(scope="session")
def browser():
    if find_chromium() is None:
        message = "needs Chromium (Debian: apt install chromium), or its path in LRLAB_CHROMIUM"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with chromium() as browser:
        yield browser
