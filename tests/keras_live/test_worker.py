"""The thread that trains, with jobs that only count."""

import subprocess
import sys
import threading
import time

import pytest

from lrlab.keras_live.worker import Worker

others = []  # threads of labs that other tests in this process have left


@pytest.fixture
def worker():
    others[:] = threading.enumerate()
    worker = Worker(news=lambda: None)
    yield worker
    worker.close(seconds=10)


def count(to, every=0.001, log=None):
    def job():
        for number in range(1, to + 1):
            time.sleep(every)
            if log is not None:
                log.append(number)
            yield lambda number=number: number

    return job


def until(happens, seconds=10.0):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "lrlab training" and thread not in others]


def test_a_job_is_done_in_another_thread(worker):
    seen = []

    def news():
        seen.append((threading.current_thread().name, worker.latest))
        worker.want()

    worker._news = news
    worker.start(count(5))
    assert worker.wait(10)
    until(lambda: len(seen) == 6)
    assert seen == [("lrlab training", number) for number in (1, 2, 3, 4, 5, 5)]
    assert (worker.latest, worker.error, worker.busy) == (5, None, False)


def test_it_looks_only_when_somebody_wants_to_see_and_at_the_end(worker):
    looked = []

    def job():
        for number in range(1, 101):
            yield lambda number=number: looked.append(number) or number

    worker.start(job)
    assert worker.wait(10)
    assert looked == [1, 100]
    assert worker.latest == 100


def test_a_step_with_nothing_to_show_can_only_be_dropped(worker):
    passed = []

    def job():
        for number in range(10_000):
            passed.append(number)
            time.sleep(0.001)
            yield None

    worker.start(job)
    worker.pause()
    until(lambda: len(passed) > 5)
    assert worker.latest is None
    worker.start(count(2))
    assert worker.wait(10)
    assert worker.latest == 2
    assert len(passed) < 10_000


def test_only_the_latest_job_wins_and_there_is_one_thread(worker):
    dropped = []
    for _ in range(50):
        worker.start(count(10_000, log=dropped))
    worker.start(count(3))
    assert worker.wait(10)
    assert worker.latest == 3
    until(lambda: len(threads()) == 1)
    assert len(dropped) < 100


def test_pause_holds_shows_what_there_is_and_resume_goes_on(worker):
    log = []
    worker.start(count(10_000, log=log))
    until(lambda: len(log) > 3)
    worker.pause()
    until(lambda: worker.latest == log[-1])
    time.sleep(0.05)
    assert worker.latest == log[-1]
    assert worker.paused
    assert not worker.wait(10), "a held job is not done, and nobody waits for it"
    worker.want()
    worker.pause(False)
    until(lambda: worker.latest > log[0] + 3)


def test_a_new_job_goes_ahead_even_if_the_old_one_is_paused(worker):
    worker.start(count(10_000))
    worker.pause()
    worker.start(count(2))
    assert worker.wait(10)
    assert worker.latest == 2


def test_there_is_nothing_to_hold_when_nothing_is_at_work(worker):
    worker.pause()
    assert not worker.paused
    worker.start(count(2))
    assert worker.wait(10)


def test_stop_keeps_the_last_thing_there_was(worker):
    log = []
    worker.start(count(10_000, log=log))
    until(lambda: len(log) > 3)
    worker.stop()
    assert worker.wait(10)
    assert worker.latest == log[-1] < 10_000


def test_stop_ends_a_job_that_is_held(worker):
    worker.start(count(10_000))
    worker.pause()
    until(lambda: worker.latest is not None)
    worker.stop()
    assert worker.wait(10)


@pytest.mark.parametrize("error", [RuntimeError("in the third epoch"), SystemExit("in the third epoch")])
def test_an_error_is_kept_and_the_next_job_runs(worker, error):
    def fails():
        yield lambda: 1
        yield lambda: 2
        raise error

    worker.start(fails)
    assert worker.wait(10)
    assert worker.error is error
    assert worker.latest == 2, "what was done before the error is there to see"
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


def test_python_ends_while_a_job_is_at_work():
    code = (
        "from lrlab.keras_live.worker import Worker\n"
        "import time, threading\n"
        "def job():\n"
        "    while True:\n"
        "        time.sleep(0.01)\n"
        "        yield None\n"
        "worker = Worker(lambda: None)\n"
        "worker.start(job)\n"
        "print('bye')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "bye\n", "")
