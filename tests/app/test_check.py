"""`lrlab check`: a learner's notebook is run apart, and its answers are reported."""

import json
import os

import pytest

from lrlab.app.main import main
from lrlab.course.catalogue import find
from lrlab.course.progress import Progress
from tests.browser.jupyter import write_notebook


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    """A learner's notebook, with all that can go wrong in it, and his export."""
    folder = tmp_path_factory.mktemp("learner")
    kept = Progress(folder / "progress.json")
    edge = 2 / int(find("edge").task(kept.seed("edge")).prompt.split()[3])
    notebook = write_notebook(
        folder / "ada.ipynb",
        [
            "import lrlab",
            'lrlab.exercise("edge")',
            'lrlab.answer("edge", 1000)',
            f'lrlab.answer("edge", {edge})',
            'lrlab.answer("first_cut", "soon")',
            "1 / 0",
            '@lrlab.answer("write_the_rule")\ndef mine(losses, alpha, factor, patience):\n    while True: pass',
            "open('left behind', 'w').close()",
        ],
    )
    return notebook, folder / "progress.json"


def test_the_report(learner, capsys, monkeypatch):
    notebook, kept = learner
    before, environment = (notebook.read_bytes(), kept.read_bytes()), dict(os.environ)
    assert main(["check", str(notebook), "--json", "--progress", str(kept)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["notebook"] == "ada.ipynb"
    found = {one["name"]: one for one in report["exercises"]}
    assert list(found) == ["edge", "first_cut", "write_the_rule"]
    assert (found["edge"]["right"], found["edge"]["tries"]) == (True, 2), "with the numbers of the learner"
    assert "An answer here is a number" in found["first_cut"]["why"]
    assert found["first_cut"]["tries"] == 0, "what is no answer is no try"
    assert "stopped after 10 seconds" in found["write_the_rule"]["why"]
    assert report["errors"] == ["cell 6: ZeroDivisionError: division by zero"]
    assert (notebook.read_bytes(), kept.read_bytes()) == before
    assert sorted(path.name for path in notebook.parent.iterdir() if path.suffix != ".lock") == [
        "ada.ipynb",
        "progress.json",
    ]
    assert dict(os.environ) == environment


def test_all_right_is_0_and_told_in_words(tmp_path, capsys):
    notebook = write_notebook(tmp_path / "empty.ipynb", ["1 + 1"])
    assert main(["check", str(notebook)]) == 0
    assert capsys.readouterr().out == "0 of 0 answers in empty.ipynb are right.\n"


def test_a_notebook_that_never_ends_is_stopped(tmp_path, capsys):
    notebook = write_notebook(tmp_path / "loop.ipynb", ["while True: pass"])
    assert main(["check", str(notebook), "--seconds", "2"]) == 1
    assert "stopped after 2 seconds, in cell 1" in capsys.readouterr().out


def test_a_kernel_that_dies_is_told(tmp_path, capsys):
    notebook = write_notebook(tmp_path / "dies.ipynb", ["1", "import os; os._exit(1)"])
    assert main(["check", str(notebook)]) == 1
    assert "the kernel died in cell 2" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", "no notebook"])
def test_what_is_no_notebook_is_told(tmp_path, capsys, content):
    path = tmp_path / "mine.ipynb"
    if content is not None:
        path.write_text(content)
    assert main(["check", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_what_is_no_progress_is_told_and_kept(learner, tmp_path, capsys):
    export = tmp_path / "export.json"
    export.write_text("{")
    assert main(["check", str(learner[0]), "--progress", str(export)]) == 2
    assert "is no progress" in capsys.readouterr().err
    assert export.read_text() == "{"
    assert list(tmp_path.iterdir()) == [export]
    assert main(["check", str(learner[0]), "--progress", str(tmp_path / "missing.json")]) == 2
