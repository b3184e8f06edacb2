"""A learner with exercises: each kind is answered with the mouse and the keyboard, wrong first, then right."""

import re

import pytest
from playwright.sync_api import expect

from lrlab.course.catalogue import find
from lrlab.course.progress import Progress
from tests.browser.exercise import Shown
from tests.browser.jupyter import Notebook, running_lab, write_notebook

pytestmark = pytest.mark.browser

RULE = """@lrlab.answer("write_the_rule")
def rates(losses, alpha, factor, patience):
    rate, best, wait, after = alpha, float("inf"), 0, []
    for loss in losses:
        best, wait = (loss, 0) if loss < best else (best, wait + 1)
        if wait >= patience:
            rate, wait = rate * factor, 0
        after.append(rate)
    return after"""


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exercises")
    names = ("edge", "compared_with", "hop_and_settle", "write_the_rule")
    cells = [
        "import lrlab",
        *(f'lrlab.exercise("{name}")' for name in names),
        RULE.replace("return after", "return ..."),
    ]
    write_notebook(folder / "mine.ipynb", cells)
    with running_lab(folder) as server, Notebook(browser, server, "mine.ipynb", viewport=(1400, 900)) as notebook:
        notebook.run_all()
        yield notebook
        assert notebook.problems() == []
        assert notebook.cell_errors() == []


def test_a_number(notebook):
    exercise = Shown(notebook, 1)
    condition = int(re.search(r"valley is (\d+) times", exercise.root.inner_text())[1])
    assert exercise.root.locator("mjx-container, .MathJax").count(), "its formulas are set"
    field = exercise.root.get_by_placeholder("your answer")
    assert exercise.root.get_by_role("button", name="Solution").is_disabled()
    field.fill("many")
    exercise.check()
    assert "An answer here is a number" in exercise.said()
    before = exercise.top_of_check()
    field.fill("2")
    field.press("Enter")
    notebook.wait_idle()
    assert exercise.said().startswith("✗ That is the edge of the flat direction")
    assert exercise.top_of_check() == before, "what is said moves nothing above it"
    exercise.press("Hint")
    expect(exercise.root).to_contain_text("one step turns a distance")
    field.fill(f"{2 / condition:.4f}")
    exercise.check()
    assert exercise.said().startswith("✓ Yes")
    expect(exercise.root).to_contain_text("· done")
    exercise.press("Solution")
    exercise.root.locator(".lrlab-lab canvas").first.wait_for()


def test_a_choice(notebook):
    exercise = Shown(notebook, 2)
    exercise.check()
    assert exercise.said() == "Nothing is chosen yet."
    exercise.root.get_by_text("It is not cut").click()
    exercise.check()
    assert exercise.said().startswith("✗ That would be so if each loss were compared with the one before")
    exercise.root.get_by_text(re.compile(r"It is cut at the end of epoch \d\.")).click()
    exercise.check()
    assert exercise.said().startswith("✓ Yes")


def test_sliders(notebook):
    exercise = Shown(notebook, 3)
    exercise.check()
    assert "too short to clear the hump" in exercise.said()
    row = exercise.root.locator(".lrlab-field", has=notebook.page.get_by_text("alpha", exact=True)).first
    row.locator("input").fill("0.15")
    row.locator("input").press("Enter")
    notebook.wait_idle()
    exercise.check()
    assert exercise.said().startswith("✓ Yes: with alpha 0.15")


def test_code(notebook):
    exercise = Shown(notebook, 4)
    assert exercise.said() == ""
    assert "Nothing is written yet" in notebook.cell(5).inner_text()
    notebook.write(5, RULE)
    notebook.run_cell(5)
    notebook.wait_idle()
    assert exercise.said().startswith("✓ Yes: the same rates")
    assert "✓ Yes" in notebook.cell(5).inner_text()


def test_all_of_it_was_kept(notebook):
    kept = Progress()
    for name in ("edge", "compared_with", "hop_and_settle", "write_the_rule"):
        assert kept.of(name).right, find(name).title
    assert kept.of("edge")[1:] == (2, 1, True)
