"""The thread that trains, with jobs that only count."""

import threading
import time

import pytest

from lrlab.keras_live.worker import Worker


@pytest.fixture
def worker():
    worker = Worker(news=lambda: None)
    yield worker
    worker.close()


def count(to, every=0.001, log=None):
    def job():
        for number in range(1, to + 1):
            time.sleep(every)
            if log is not None:
                log.append(number)
            yield number

    return job


def until(happens, seconds=10.0):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "lrlab training"]


def test_a_job_is_done_in_another_thread(worker):
    seen = []
    worker._news = lambda: seen.append((threading.current_thread().name, worker.latest))
    worker.start(count(5))
    assert worker.wait(10)
    until(lambda: len(seen) == 6)
    assert seen == [("lrlab training", number) for number in (1, 2, 3, 4, 5, 5)]
    assert (worker.latest, worker.error, worker.busy) == (5, None, False)


def test_only_the_latest_job_wins_and_there_is_one_thread(worker):
    dropped = []
    for _ in range(50):
        worker.start(count(10_000, log=dropped))
    worker.start(count(3))
    assert worker.wait(10)
    assert worker.latest == 3
    until(lambda: len(threads()) == 1)
    assert len(dropped) < 100


def test_pause_holds_and_resume_goes_on(worker):
    worker.start(count(10_000))
    until(lambda: worker.latest is not None)
    worker.pause()
    time.sleep(0.02)  # the step that was at work may end
    held = worker.latest
    time.sleep(0.05)
    assert worker.latest == held
    worker.pause(False)
    until(lambda: worker.latest > held)


def test_a_new_job_goes_ahead_even_if_the_old_one_is_paused(worker):
    worker.start(count(10_000))
    worker.pause()
    worker.start(count(2))
    assert worker.wait(10)
    assert worker.latest == 2


def test_stop_keeps_what_there_is(worker):
    worker.start(count(10_000))
    until(lambda: worker.latest is not None and worker.latest > 3)
    worker.stop()
    assert not worker.busy
    kept = worker.latest
    time.sleep(0.05)
    assert worker.latest == kept


def test_an_error_is_kept_and_the_next_job_runs(worker):
    def fails():
        yield 1
        raise RuntimeError("in the third epoch")

    worker.start(fails)
    assert worker.wait(10)
    assert str(worker.error) == "in the third epoch"
    worker.start(count(2))
    assert worker.wait(10)
    assert (worker.latest, worker.error) == (2, None)


def test_close_ends_the_thread(worker):
    until(lambda: not threads())  # those of the tests before
    worker.start(count(10_000))
    assert len(threads()) == 1
    worker.close()
    until(lambda: not threads())
    worker.start(count(2))  # does nothing
    assert not worker.busy
