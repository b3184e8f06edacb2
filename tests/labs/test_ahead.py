"""What brings data is loaded ahead in a kernel, where somebody would wait for it, and nowhere else."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, types
from lrlab.labs import ahead
ahead.SOON = 0.0
shell = types.SimpleNamespace({kernel})
ahead.get_ipython = lambda: shell
import lrlab
lab = lrlab.DescentLab()
assert "sklearn" not in sys.modules or {ahead}
begun = ahead.load_data_ahead()
if begun is not None:
    begun.join()
print(begun is not None, "sklearn.datasets" in sys.modules, begun is ahead.load_data_ahead())
"""


@pytest.mark.parametrize(("kernel", "ahead"), [("kernel=True", True), ("", False)])
def test_data_are_loaded_ahead_in_a_kernel_only(kernel, ahead):
    program = PROGRAM.format(kernel=kernel, ahead=ahead)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(ahead), str(ahead), "True"]
