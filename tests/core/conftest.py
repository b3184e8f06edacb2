"""What the tests of the core share: Keras without its import-time noise, and the real data, prepared by others."""

import os
import warnings
from types import ModuleType
from typing import NamedTuple

import hypothesis
import numpy as np
import pytest

# A busy machine is not a failing test.
hypothesis.settings.register_profile("core", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("core")


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """The installed Keras. Its import warns of much that is not ours to mend."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


class Diabetes(NamedTuple):
    """Body-mass index and disease progression, standardised: x and y to train on, and to validate with."""

    x: np.ndarray
    y: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


@pytest.fixture(scope="session")
def diabetes() -> Diabetes:
    """What `linear_regression` should train on, prepared by scikit-learn alone."""
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    data = load_diabetes()
    table = np.column_stack([data.data[:, data.feature_names.index("bmi")], data.target])
    train, validation = train_test_split(table, test_size=0.25, random_state=0)
    scaler = StandardScaler().fit(train)
    return Diabetes(*scaler.transform(train).T, *scaler.transform(validation).T)
