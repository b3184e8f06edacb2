"""Without TensorFlow or scikit-learn, all works that needs neither, and the rest says which package and how to get it.

Each test is a Python of its own, which finds what it should not have as if it were not installed.
"""

import subprocess
import sys

import pytest

WITHOUT = """
import sys, warnings
warnings.simplefilter("error")
for name in {missing}:
    sys.modules[name] = None
import lrlab

def told(action, *arguments, **options):
    try:
        action(*arguments, **options)
    except ImportError as error:
        return str(error)
    raise AssertionError("nothing was missed")
"""
TENSORFLOW, SCIKIT_LEARN = ("tensorflow", "keras"), ("sklearn",)


def without(missing, code):
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing) + code], capture_output=True, text=True, timeout=300
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_surfaces_work_in_every_lab_without_either():
    said = without(
        TENSORFLOW + SCIKIT_LEARN,
        """
for name in ("DescentLab", "BasinLab", "ChainLab", "JobsLab", "SweepLab"):
    lab = getattr(lrlab, name)()
    lab.controls["problem"].value = "ravine"
    lab.controls["alpha"].value = 0.05
    assert lab._message.value == "", lab._message.value
    print(name, lab.run.epochs > 0 or name == "JobsLab")
lrlab.replay([3.0, 2.0, 2.0, 2.0])
lrlab.exercise("edge")
print(lrlab.train(lrlab.problems.bowl(), lrlab.Settings(0.1, 1, 1), epochs=3).epochs)
""",
    )
    assert said.split() == [
        "DescentLab",
        "True",
        "BasinLab",
        "True",
        "ChainLab",
        "True",
        "JobsLab",
        "True",
        "SweepLab",
        "True",
        "3",
    ]


def test_without_tensorflow_each_keras_lab_says_what_to_install():
    said = without(
        TENSORFLOW,
        """
for name in ("KerasLab", "KerasChainLab", "KerasJobsLab", "KerasSweepLab"):
    said = told(getattr(lrlab, name))
    assert name in said and 'pip install "lrlab[keras]"' in said, said
said = told(lrlab.KerasSweep, "moons", alpha=1.0, factors=[0.5], patiences=[2])
assert 'pip install "lrlab[keras]"' in said, said
said = told(lrlab.from_scene, "lrlab-1 KerasLab model=moons alpha=0.1")
assert 'pip install "lrlab[keras]"' in said, said
import lrlab.course.self_check as check
print(check._tensorflow().works)
""",
    )
    assert said.strip() in ("True", "None"), "the metadata of an installed one is there; it never fails"


def test_without_tensorflow_an_exercise_on_keras_says_so_and_counts_no_try(tmp_path):
    said = without(
        TENSORFLOW,
        f"""
import os
os.environ["LRLAB_PROGRESS"] = {str(tmp_path / "progress.json")!r}
view = lrlab.exercise("write_get_model")
print(view.give(lambda alpha: 3), 'pip install "lrlab[keras]"' in view.said, view.progress.of("write_get_model").tries)
""",
    )
    assert said.split() == ["None", "True", "0"]


def test_without_scikit_learn_data_says_what_to_install_and_the_lab_goes_on():
    said = without(
        SCIKIT_LEARN,
        """
lab = lrlab.DescentLab("ravine", alpha=0.07)
menu = lab.controls["problem"]
for name in ("mlp_moons", "logistic_regression_30", "softmax_digits", "linear_regression", "mlp_circles"):
    said = told(setattr, menu, "value", name)
    assert "scikit-learn" in said and "%pip install scikit-learn" in said and "restart the kernel" in said, said
    assert said == told(lrlab.problems.find, name)
assert (menu.value, lab.controls["alpha"].value, lab.problem.name) == ("ravine", 0.07, "ravine")

sent = []
menu.send_state = lambda key=None: sent.append((key, menu.value))
for _ in range(2):  # as when the browser has chosen, and then again
    lab._message.value = ""
    menu.set_state({"value": "mlp_moons"})
    assert "%pip install scikit-learn" in lab._message.value, lab._message.value
assert sent == [("value", "ravine")] * 2, "the browser's menu goes back"
assert (menu.value, lab.controls["alpha"].value) == ("ravine", 0.07), "what was set stays"
lab.controls["alpha"].value = 0.05
assert lab._message.value == ""

lab.examples.value = "batches of real data"  # a moment on data
assert "%pip install scikit-learn" in lab._message.value, lab._message.value
assert (menu.value, lab.examples.value, lab.controls["alpha"].value) == ("ravine", "", 0.05)
try:
    lab.scene = "lrlab-1 DescentLab problem=mlp_moons alpha=0.1"
except ValueError as error:
    assert "%pip install scikit-learn" in str(error), error
assert (menu.value, lab.controls["alpha"].value) == ("ravine", 0.05)
print(told(lrlab.RateFreeLab) == told(lrlab.from_scene, "lrlab-1 DescentLab problem=mlp_moons alpha=0.1") == said)
""",
    )
    assert said == "True\n"


def test_without_scikit_learn_data_of_ones_own_still_works():
    said = without(
        SCIKIT_LEARN,
        """
import numpy as np
x = np.column_stack([np.linspace(-1, 1, 20), np.ones(20)])
y = x @ [2.0, 0.5]
loss = lambda w: ((w @ x.T - y) ** 2).mean(axis=-1)
grad = lambda w, x, y: 2 * ((w @ x.T - y) @ x) / len(y)
rows = lrlab.Samples(x, y, grad, loss)
mine = lrlab.Problem(name="mine", formula="", loss=loss, grad=lambda w: grad(w, x, y), start=(0.0, 0.0),
                     view=((-3, 3), (-3, 3)), convex=True, samples=rows, minima=[(2.0, 0.5)])
lab = lrlab.RateFreeLab(mine, alpha=0.1)  # it would name scikit-learn's own estimators, if there were any
print(lab._message.value == "", "scikit-learn" not in lab._readout.value, lrlab.DescentLab(mine).run.epochs > 0)
""",
    )
    assert said.split() == ["True"] * 3


def test_without_scikit_learn_a_ready_made_keras_model_says_so():
    pytest.importorskip("tensorflow")
    said = without(
        SCIKIT_LEARN,
        """
for action in (lrlab.KerasLab, lrlab.KerasChainLab, lrlab.KerasJobsLab, lrlab.KerasSweepLab):
    assert "%pip install scikit-learn" in told(action)
print("%pip install scikit-learn" in told(lrlab.KerasSweep, "moons", alpha=1.0, factors=[0.5], patiences=[2]))
""",
    )
    assert said == "True\n"


def test_what_else_cannot_be_imported_keeps_its_own_words():
    from lrlab.problems.data import from_scikit_learn

    with pytest.raises(ImportError, match="No module named 'lrlab_has_no_such_part'"), from_scikit_learn():
        import lrlab_has_no_such_part  # noqa: F401


def test_the_check_of_the_first_lesson_names_what_is_missing(monkeypatch):
    from importlib.metadata import PackageNotFoundError

    from lrlab.course import self_check

    def version(name):
        if name == "scikit-learn":
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(self_check, "version", version)
    row = self_check._packages()
    assert row.works is False
    assert "%pip install scikit-learn" in row.words
    assert "numpy 1.0" in row.words
