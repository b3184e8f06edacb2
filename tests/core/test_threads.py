"""One thread for matrix products, also for those of libraries that are loaded later."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import numpy, threadpoolctl
from lrlab.core.threads import one_thread

with one_thread():
    pass
assert "scipy.linalg" not in __import__("sys").modules, "a test in which it is there from the start tests nothing"
import scipy.linalg

with one_thread():
    pools = threadpoolctl.threadpool_info()
    print([pool["num_threads"] for pool in pools if pool["user_api"] == "blas"])
print(max(pool["num_threads"] for pool in threadpoolctl.threadpool_info()))
"""


def test_scipys_own_matrix_products_have_one_thread_though_it_was_loaded_later() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
        capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    assert told[0] in ("[1]", "[1, 1]"), "NumPy and SciPy may share one library"
    assert told[1] == "2", "and afterwards they have as many as before"


TWO = """
import sys
from threading import Event, Thread

import numpy, threadpoolctl, scipy.linalg
from lrlab.core.threads import one_thread


def threads():
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]


def train(begin, begun, end, ended):
    begin.wait(10)
    with one_thread():
        begun.set()
        end.wait(10)
    ended.set()
    Event().wait(30)  # a thread that lives on may keep what is shared to itself


before = threads()
first, second = [[Event() for _ in range(4)] for _ in range(2)]
for events in (first, second):
    Thread(target=train, args=events, daemon=True).start()
    events[0].set()
    assert events[1].wait(10)
assert set(threads()) == {1}
order = [first, second] if sys.argv[1] == "first" else [second, first]
for number, (begin, begun, end, ended) in enumerate(order):
    end.set()
    assert ended.wait(10)
    if not number:
        assert set(threads()) == {1}, "the other is still inside"
assert threads() == before and max(before) == 2, (before, threads())
with one_thread(), one_thread():
    assert set(threads()) == {1}
assert threads() == before
"""


@pytest.mark.parametrize("who", ["first", "second"])
def test_whoever_leaves_last_sets_it_back_and_nobody_before(who: str) -> None:
    """As when a lab draws while another one trains."""
    subprocess.run(
        [sys.executable, "-c", TWO, who], env={**os.environ, "OPENBLAS_NUM_THREADS": "2"}, check=True, timeout=60
    )
