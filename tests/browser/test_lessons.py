"""Each lesson as a learner has it: run, a slider moved, and one exercise of each of its kinds answered."""

import re
import shutil
import time
from html import unescape
from pathlib import Path

import nbformat
import pytest

from lrlab.course.catalogue import LESSONS, find
from lrlab.course.progress import Progress
from tests.browser.exercise import Shown
from tests.browser.jupyter import Notebook, running_lab
from tests.lessons.test_lessons import check_outputs

pytestmark = pytest.mark.browser
PATHS = sorted((Path(__file__).parents[2] / "lessons").glob("*.ipynb"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lessons")
    for path in PATHS:
        shutil.copy(path, folder)
    with running_lab(folder) as server:
        yield server


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_lesson(browser, server, path):
    if path.stem[:2] in ("05", "06", "08"):
        pytest.importorskip("tensorflow")
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    with Notebook(browser, server, path.name, viewport=(1400, 900)) as notebook:
        notebook.run_all(timeout=300)
        notebook.save()
        check_outputs(nbformat.read(server.root / path.name, as_version=4))
        move_a_slider(notebook)
        for name in one_of_each_kind(int(path.stem[:2])):
            answer(notebook, cells, name)
        assert notebook.cell_errors() == []
        assert notebook.problems() == []


def move_a_slider(notebook):
    """Of the first lab, with the keyboard: its picture follows."""
    lab = notebook.page.locator(".lrlab-lab").first
    slider = lab.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    picture = lab.locator(".lrlab-live-figure").first
    before = picture.screenshot()
    for _ in range(3):
        slider.press("ArrowRight")
    notebook.wait_idle()
    until = time.monotonic() + 30  # a Keras model trains in a thread, and the kernel is idle meanwhile
    while picture.screenshot() == before:
        assert time.monotonic() < until, "the picture has not followed"
        notebook.page.wait_for_timeout(200)


def one_of_each_kind(lesson):
    """The names of exercises, the first of each kind."""
    return {find(name).task(0).kind: name for name in reversed(LESSONS[lesson])}.values()


def answer(notebook, cells, name):
    task = find(name).task(Progress().seed(name))
    cell = next(n for n, source in enumerate(cells) if f'lrlab.exercise("{name}")' in source)
    exercise = Shown(notebook, cell)
    if task.kind == "code":
        function = unescape(re.search("<pre>(.*?)</pre>", task.solution, re.DOTALL)[1])
        head, _, tail = function.rpartition("def ")
        source = f'{head}@lrlab.answer("{name}")\ndef {tail}'
        n = next(n for n, source in enumerate(cells) if source.startswith(f'@lrlab.answer("{name}")'))
        notebook.write(n, source)
        notebook.run_cell(n)
        assert exercise.said().startswith("✓"), exercise.said()
    elif task.kind == "choose":
        right = next(text for at, text in enumerate(task.options) if task.check(at).right)
        exercise.root.get_by_text(right).click()
        exercise.check()
        assert exercise.said().startswith("✓"), exercise.said()
    elif task.kind == "number":
        exercise.root.get_by_placeholder("your answer").fill("-123456")
        exercise.check()
        assert exercise.said().startswith("✗"), exercise.said()
        exercise.press("Solution")
        assert exercise.root.inner_text().count("\n") > 5
    else:
        exercise.check()
        assert exercise.said().startswith("✗"), exercise.said()
