"""A learner's function may do what it likes: it is stopped with a clear word, and takes nothing down."""

import linecache
import os
import re
import time
from contextlib import suppress

import pytest

from lrlab.course import apart as module
from lrlab.course import catalogue
from lrlab.course.apart import Stopped, apart
from lrlab.course.exercises import write_the_rule


def work(function, *arguments):
    return function(*arguments)


def written(source):
    """A function as a notebook has it: in no file, in a cell whose lines the kernel knows."""
    name = f"/tmp/ipykernel_1/{abs(hash(source))}.py"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    names = {"__name__": "__main__"}
    exec(compile(source, name, "exec"), names)
    return names["mine"]


def run(source, *arguments, seconds=20.0):
    return apart(work, written(source), *arguments, seconds=seconds)


def test_it_returns_what_the_function_returns():
    assert run("def mine(a, b):\n    return [a + b, {'sum': a + b}]", 2, 3) == [5, {"sum": 5}]


def test_it_knows_what_the_notebook_knows():
    source = (
        "import numpy as np\nscale = 3\ndef helper(x): return scale * x\ndef mine(x): return helper(float(np.exp(x)))"
    )
    assert run(source, 0) == 3


def test_prints_are_no_part_of_the_answer():
    assert run("def mine():\n    print('working on it')\n    return 1") == 1


@pytest.mark.parametrize("then", ["return [0.1]", "return 1 / 0", "os._exit(0)"])
def test_prints_are_shown_with_the_verdict_as_they_are_and_not_without_end(then):
    source = f"import os\ndef mine(rates):\n    print('<b>', rates[0], 'x' * 300)\n    {then}"
    verdict = catalogue.find("write_the_jobs").task(0).check(written(source))
    (shown,) = re.findall("<p>Your function printed:</p><pre>(.*)</pre>", verdict.more, re.DOTALL)
    assert shown.startswith("&lt;b&gt; 0.1 xxx")
    assert 300 < len(shown) < 520


def test_of_a_function_that_prints_nothing_nothing_is_shown():
    source = "import warnings\ndef mine(rates):\n    warnings.warn('psst')\n    return []"
    assert catalogue.find("write_the_jobs").task(0).check(written(source)).more == ""


def test_a_file_of_ones_own_beside_the_notebook_can_be_imported(tmp_path, monkeypatch):
    (tmp_path / "my_tools.py").write_text("def twice(x): return 2 * x")
    monkeypatch.chdir(tmp_path)
    assert run("def mine(x):\n    import my_tools\n    return my_tools.twice(x)", 4) == 8


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero (line 2: return 1 / 0)"),
        ("return unknown", "NameError: name 'unknown' is not defined (line 2: return unknown)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (line 2: raise KeyboardInterrupt)"),
        ("return mine()", "RecursionError"),
        ("return sum(object() for _ in [1])", "TypeError"),
        ("import numpy as np; return np.ones(3) @ np.ones(4)", "ValueError"),
        ("exit()", "SystemExit"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("return object()", "not JSON serializable"),
    ],
)
def test_what_it_raises_is_told_with_its_line(body, says):
    with pytest.raises(Stopped) as told:
        run(f"def mine():\n    {body}")
    assert str(told.value).startswith("Your function raised ")
    assert says in str(told.value)


def test_the_line_is_the_learners_own_not_that_of_what_he_calls():
    with pytest.raises(Stopped, match=r"\(line 4: return np.zeros\(-1\)\)"):
        run("import numpy as np\n\ndef mine():\n    return np.zeros(-1)")


def test_a_loop_that_never_ends_is_stopped():
    begun = time.monotonic()
    with pytest.raises(Stopped, match=r"stopped after 0.3 seconds. Does a loop in it never end\?"):
        run("def mine():\n    while True: pass", seconds=0.3)
    assert time.monotonic() - begun < 60


def test_prints_without_end_are_stopped():
    with pytest.raises(Stopped, match="printed more than 20,000 characters"):
        run("def mine():\n    while True: print('again')")


def test_a_process_that_ends_itself_is_told_with_its_last_words():
    with pytest.raises(Stopped, match=r"ended its process\. It printed: goodbye"):
        run("import os\ndef mine():\n    print('goodbye', flush=True)\n    os._exit(0)")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="memory is held on Linux and macOS only")
@pytest.mark.parametrize("body", ["return len([0] * 10**12)", "import numpy as np; return np.ones(10**12).sum()"])
def test_memory_without_end_is_an_error_and_no_dead_machine(body):
    with pytest.raises(Stopped, match="Memory"):
        run(f"def mine():\n    {body}")


def test_threads_that_are_left_behind_are_not_waited_for():
    source = "import threading, time\ndef mine():\n    threading.Thread(target=time.sleep, args=(600,)).start()"
    source += "\n    return 1"
    assert run(source) == 1


def test_what_cannot_be_handed_over_is_told():
    source = "import threading\nlock = threading.Lock()\ndef mine():\n    return lock.locked()"
    with pytest.raises(Stopped, match="cannot be handed to another process"):
        run(source)


def test_a_machine_on_which_python_does_not_start_in_time_says_so(monkeypatch):
    monkeypatch.setattr(module, "LOADING", 0.0)
    with pytest.raises(Stopped, match="Is the machine very busy"):
        run("def mine():\n    return 1")


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for source in ("def mine(): return 1", "def mine(): return 1 / 0"):
        with suppress(Stopped):
            run(source)
    assert list(tmp_path.iterdir()) == []


def test_an_exercise_tells_what_stopped_the_function():
    verdict = write_the_rule.judge(written("def mine(losses, alpha, factor, patience):\n    return losses.mean()"), 0)
    assert not verdict.right
    assert "'list' object has no attribute 'mean' (line 2: return losses.mean())" in verdict.why
