"""One thread for matrix products, also for those of libraries that are loaded later."""

import os
import subprocess
import sys

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
