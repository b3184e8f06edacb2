"""Jobs on one pair of models, with twins that only count epochs, and once with the real ones."""

import sys

import numpy as np
import pytest

from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.keras_live import session as module
from lrlab.keras_live.data import check_data
from lrlab.keras_live.history import History
from lrlab.keras_live.session import BUILDING, Session

VALUES = {
    "alpha": 0.1, "factor": 0.5, "patience": 3, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0,
    "batch_size": 32, "seed": 0, "rule": None,
}  # fmt: skip
DATA = check_data((([[1.0], [2.0]], [1.0, 2.0]), ([[3.0]], [3.0])))


class Counting:
    """Twins whose epochs have three pieces."""

    made: list = []  # noqa: RUF012

    def __init__(self, get_model, data, alpha, batch_size, seed, runs):
        get_model(alpha)
        assert runs == 2
        self.made.append((batch_size, seed))
        self.started = 0

    def start_over(self, settings, rule):
        self.started += 1
        self.history = History(settings, np.ones(2), np.zeros((2, 0)), [0.1, 0.1])

    def epoch(self):
        yield
        yield
        log = {"loss": 1.0, "val_loss": 1.0}
        self.history.append([dict(log), dict(log)], np.zeros(2, bool), [0.1, 0.1], np.zeros((2, 0)))

    def predict(self, inputs):
        return np.stack([inputs, inputs])


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setattr(module, "load_twins", lambda: Counting)
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    Counting.made = []
    session = Session(lambda alpha: None, DATA, None)
    session.goal = 5
    return session


def looks(job):
    return [look() for look in job() if look is not None]


def test_a_job_builds_then_trains_to_the_goal(session):
    seen = looks(session.job(VALUES))
    assert [one.doing for one in seen] == [BUILDING, BUILDING, "", "", "", "", "", ""]
    assert [one.epochs for one in seen[2:]] == [0, 1, 2, 3, 4, 5]
    assert len(list(session.job(VALUES | {"alpha": 0.2})())) == 1 + 5 * 3


def test_loading_is_told_where_tensorflow_is_not_there_yet(session, monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow")
    fresh = Session(lambda alpha: None, DATA, None)
    assert next(iter(fresh.job(VALUES)()))().doing.startswith("Loading TensorFlow")


def test_the_same_settings_go_on_and_others_start_over(session):
    looks(session.job(VALUES))
    session.goal = 8
    assert [one.epochs for one in looks(session.job(VALUES))] == [5, 6, 7, 8]
    assert session.twins.started == 1
    assert [one.epochs for one in looks(session.job(VALUES | {"patience": 4}))] == list(range(9))
    assert session.twins.started == 2
    assert Counting.made == [(32, 0)], "nothing is built again"


def test_afresh_or_with_a_nearer_goal_it_starts_over(session):
    looks(session.job(VALUES))
    assert looks(session.job(VALUES, afresh=True))[0].epochs == 0
    session.goal = 2
    assert [one.epochs for one in looks(session.job(VALUES))] == [0, 1, 2]


@pytest.mark.parametrize("name", ["batch_size", "seed"])
def test_other_batches_or_weights_are_built_anew(session, name):
    looks(session.job(VALUES))
    looks(session.job(VALUES | {name: 7}))
    assert len(Counting.made) == 2


def test_a_job_dropped_within_an_epoch_is_not_gone_on_with(session):
    job = session.job(VALUES)()
    for _ in range(7):  # building, the start, and pieces of the second epoch
        next(job)
    job.close()
    assert [one.epochs for one in looks(session.job(VALUES))] == [0, 1, 2, 3, 4, 5]


def test_a_goal_that_is_raised_on_the_way_is_reached(session):
    seen = []
    for look in session.job(VALUES)():
        session.goal = 7
        seen += [look().epochs] if look else []
    assert seen[-1] == 7


def test_after_an_error_it_builds_anew(session):
    calls = []

    def get_model(alpha):
        calls.append(alpha)
        if len(calls) == 1:
            raise RuntimeError("not yet")

    session._get_model = get_model
    with pytest.raises(RuntimeError):
        looks(session.job(VALUES))
    assert looks(session.job(VALUES))[-1].epochs == 5


def test_what_was_seen_does_not_change_while_training_goes_on(session):
    inputs = np.arange(3.0)
    session._inputs = inputs
    job = session.job(VALUES)()
    seen = [look() for look in (next(job) for _ in range(6)) if look is not None][-1]
    run = seen.history.run(seen.epochs)
    list(job)
    assert isinstance(run, Run)
    assert run.epochs == seen.epochs == 1
    assert seen.history.epochs == 5
    again = seen.history.run(seen.epochs)
    np.testing.assert_array_equal(run.watched, again.watched)
    np.testing.assert_array_equal(seen.outputs, [inputs, inputs])


def test_a_history_of_no_epochs_is_a_run():
    run = History(Settings.pair(0.1, 0.5, 5), np.array([2.0, 2.0]), np.zeros((2, 3)), [0.1, 0.1]).run(0)
    assert run.epochs == 0
    assert run.w.shape == (1, 2, 3)
    np.testing.assert_array_equal(run.watched, [[2, 2]])
    np.testing.assert_array_equal(run.final_lr, np.float32([0.1, 0.1]))
    assert run.idle_epochs.tolist() == [0, 0]
    assert run.cuts.shape == (0, 2)
