"""No front end for widgets: plain ipython, a page that nbconvert has made, GitHub's viewer. Words or a picture."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

import lrlab
from lrlab.course.words import as_text

CELLS = [
    "import lrlab\nlrlab.DescentLab('ravine', alpha=0.05)",
    "lrlab.exercise('which_is_convex')",
    "lrlab.answer('which_is_convex', 'nonsense')",
    "lrlab.progress()",
    "lrlab.solution('edge')",
]
NOISE = re.compile(r"children=|<style|object at 0x|IPython\.core|Traceback")


def test_plain_ipython_has_words_for_all_that_is_shown(kept):
    lines = ["from IPython.display import display", "lab = lrlab.DescentLab('ravine', alpha=0.05)", "display(lab)",
             "display(lab.figure)", "lab.controls['alpha'].value = 0.06", "print(lab.run.epochs)"]  # fmt: skip
    shown = [f"display({cell})" if "answer" not in cell else cell for cell in CELLS[1:]]
    code = "\n".join(["import lrlab", *lines, *shown])
    ended = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "-c", code],
        capture_output=True, text=True, timeout=300, env={**os.environ, "MPLBACKEND": "agg"},
    )  # fmt: skip
    said = ended.stdout
    assert ended.returncode == 0, ended.stderr
    assert not NOISE.search(said + ended.stderr)
    assert "DescentLab: Two training runs on ravine." in said
    assert 'lab.save("picture.png") draws it' in said
    assert re.search(r"^200$", said, re.MULTILINE), "it works"
    assert re.search(r"Exercise 4\.\d+ · Which is convex\?", said)
    assert 'lrlab.answer("which_is_convex", "a")' in said
    assert "Choose one of a, b, c, d" in said
    assert "of 52 exercises are done" in said.replace(str(len(lrlab.course.catalogue.names())), "52")


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("edge", 'lrlab.answer("edge", your_number)'),
        ("quick_alpha", 'lrlab.answer("quick_alpha", {"alpha": your_number})'),
        ("write_the_rule", '@lrlab.answer("write_the_rule") above your function'),
    ],
)
def test_an_exercise_says_how_it_is_answered_in_code(kept, kind, says):
    view = lrlab.exercise(kind)
    words = view._repr_mimebundle_()["text/plain"]
    assert words.endswith(says)
    assert not re.search("<[a-z]|&[a-z]+;", words)
    view.close()


def test_every_lab_has_words_and_a_picture_and_a_closed_one_has_words():
    for name in ("DescentLab", "BasinLab", "ChainLab", "JobsLab", "SweepLab", "RateFreeLab"):
        lab = getattr(lrlab, name)()
        bundle = lab._repr_mimebundle_()
        assert bundle["text/plain"].startswith(f"{name}: ")
        assert bundle["image/png"].startswith(b"\x89PNG")
        lab.close()
        assert lab._in_a_terminal() == f"{name}, closed. Its run and its controls' values can still be read."


def test_html_as_text():
    html = "<p>1 &lt; 2</p><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    assert as_text(html) == "1 < 2\na  b\n1  2"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook, run and saved without its widgets' state, as nbconvert and GitHub get it."""
    folder = tmp_path_factory.mktemp("notebook")
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "lesson.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--ExecutePreprocessor.store_widget_state=False"]
    environment = {**os.environ, "LRLAB_PROGRESS": str(folder / "progress.json")}
    for kind in ("notebook", "html"):
        ended = subprocess.run(
            [*command, "--to", kind, "--output", f"done-{kind}", "lesson.ipynb"],
            cwd=folder, capture_output=True, text=True, timeout=300, env=environment,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
    return folder


def test_a_page_by_nbconvert_has_the_picture_and_the_words(executed):
    html = (executed / "done-html.html").read_text(encoding="utf-8")
    body = html[html.index("<body") :]
    assert body.count("data:image/png;base64,") >= 1
    assert "Which of these curves is convex" in body
    assert "Choose one of a, b, c, d" in body
    assert "exercises are done" in body
    assert not re.search(r"children=|object at 0x|Traceback", body)


def test_githubs_viewer_finds_a_picture_or_words_in_every_output(executed):
    """It shows the best of these in an output, and no widgets."""
    (path,) = executed.glob("done-notebook*.ipynb")
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.outputs:
            if output.output_type == "stream":
                continue
            shown = [kind for kind in ("text/html", "text/markdown", "image/png", "text/plain") if kind in output.data]
            assert shown, cell.source
            best = output.data[shown[0]]
            assert shown[0] == "image/png" or not re.search(r"children=|object at 0x", best), best
    first = nbformat.read(path, as_version=4).cells[0].outputs[-1].data
    assert "image/png" in first
