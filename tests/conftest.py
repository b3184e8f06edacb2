"""What all tests share: nobody's progress, one Chromium, and Keras without its import-time noise."""

import os
import warnings
from types import ModuleType

import hypothesis
import pytest

from tests.browser.jupyter import chromium, find_chromium
from tests.problems.prepared import Diabetes, diabetes_of

# A busy machine is not a failing test.
hypothesis.settings.register_profile("lrlab", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("lrlab")


def pytest_collection_modifyitems(config, items):
    """What takes many minutes is run by `pytest -m soak` only, whatever else is asked for."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session", autouse=True)
def progress_of_nobody(tmp_path_factory):
    """Tests, and the kernels and servers that they start, never touch the progress of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LRLAB_PROGRESS", str(tmp_path_factory.mktemp("progress") / "progress.json"))
        yield


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """The installed Keras. Its import warns of much that is not ours to mend."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all browser tests. Without one they are skipped, except in CI, where that is a failure."""
    if find_chromium() is None:
        message = "needs Chromium (Debian: apt install chromium), or its path in LRLAB_CHROMIUM"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def diabetes() -> Diabetes:
    """What `linear_regression` should train on, prepared by scikit-learn alone."""
    rows = diabetes_of(1)
    return Diabetes(rows.x[:, 0], rows.y, rows.x_val[:, 0], rows.y_val)
