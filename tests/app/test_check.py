"""`lrlab check`: a learner's notebook is run apart, and its answers are reported."""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from lrlab.app import check
from lrlab.app.main import main
from lrlab.course.catalogue import find, names
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
    note, total = capsys.readouterr().out.splitlines()
    assert note.startswith("note  no answer is in this notebook. What was answered with the mouse")
    assert total == "0 of 0 answers in empty.ipynb are right."


def test_a_notebook_that_never_ends_is_stopped(tmp_path, capsys):
    notebook = write_notebook(tmp_path / "loop.ipynb", ["while True: pass"])
    assert main(["check", str(notebook), "--seconds", "2"]) == 1
    assert "stopped after 2 seconds, in cell 1" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", ["inf", "nan", "0", "-3", "1e9"])
def test_a_time_that_is_none_is_told(tmp_path, capsys, seconds):
    notebook = write_notebook(tmp_path / "empty.ipynb", ["1 + 1"])
    assert main(["check", str(notebook), f"--seconds={seconds}"]) == 2
    assert "--seconds is more than 0 and at most 604800, a week, got" in capsys.readouterr().err


@pytest.mark.parametrize("error", [RuntimeError("it did not answer"), DeadKernelError("it did not answer")])
def test_a_kernel_that_does_not_start_is_told(tmp_path, capsys, monkeypatch, error):
    def silent(client):
        client._cleanup_kernel()
        raise error

    monkeypatch.setattr(NotebookClient, "start_new_kernel_client", silent)
    notebook = write_notebook(tmp_path / "empty.ipynb", ["1 + 1"])
    assert main(["check", str(notebook)]) == 1
    assert "error  the kernel did not start: it did not answer" in capsys.readouterr().out


def a_report(why, name="edge"):
    return {
        "notebook": "ada.ipynb",
        "errors": [],
        "notes": [],
        "exercises": [{"name": name, "right": True, "why": why}],
    }


def test_a_report_can_be_sent_to_a_file_of_any_alphabet(monkeypatch):
    monkeypatch.setattr(check, "check", lambda *given: a_report("λ is 5 × 10⁻⁹"))
    file = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", file)
    assert main(["check", "ada.ipynb"]) == 0
    assert b"right  edge: \\u03bb is 5 \xd7 10" in file.buffer.getvalue()


def test_whose_numbers_were_asked_for_is_told():
    assert check._notes(["edge", "read_the_lab", "compared_with"], None)[0].startswith("without --progress the numbers")
    fixed = next(name for name in names() if not find(name).varies)
    assert check._notes([fixed], None) == []
    assert check._notes(["edge"], Path("progress.json")) == []


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
