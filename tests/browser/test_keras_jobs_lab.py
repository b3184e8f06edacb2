"""KerasJobsLab in a real JupyterLab: jobs of a Keras model, one after another, and one that is stopped."""

import importlib.util

import pytest

from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_jobs_lab import WIDE, Lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs TensorFlow"),
]

CELLS = ["from lrlab.labs.keras_jobs import KerasJobsLab\nlab = KerasJobsLab('moons', epochs=20, tries=3)\nlab"]


def test_a_lecture_with_a_real_model(browser, tmp_path):
    with running_lab(tmp_path) as server:
        path = write_notebook(server.root / "jobs.ipynb", CELLS)
        with Notebook(browser, server, path.name, viewport=WIDE) as notebook:
            notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
            notebook.run_cell(0)
            lab = Lab(notebook, notebook.cell(0))
            lab.root.scroll_into_view_if_needed()
            lab.canvas.wait_for()
            lab.settle()
            tops = lab.tops()
            for name, rows in (("Train", 1), ("One plateau job", 2), ("Tune alpha", 5)):
                lab.root.get_by_role("button", name=name, exact=True).click()
                lab.rows().nth(rows - 1).wait_for(timeout=180_000)  # TensorFlow is loaded with the first
                lab.root.get_by_text("Ready for the next job.").wait_for()
                lab.settle()
                assert lab.rows().count() == rows
            assert "You have spent 100 epochs on 5 jobs" in lab.root.locator(".lrlab-sentence").first.inner_text()
            assert lab.tops() == pytest.approx(tops, abs=1), "nothing has moved"
            assert lab.colours_in("losses")[0] > 100

            lab.root.get_by_role("button", name="Compare", exact=True).click()
            lab.root.locator(".lrlab-sentence", has_text="Over 5 seeds, one plateau job").wait_for(timeout=180_000)
            lab.settle()
            assert lab.rows().count() == 5, "jobs of a comparison are no rows"
            assert lab.tops() == pytest.approx(tops, abs=1)

            lab.root.get_by_text("More settings").click()
            lab.root.get_by_label("epochs", exact=True).fill("100000")
            lab.page.keyboard.press("Enter")
            lab.settle()
            lab.root.get_by_role("button", name="Train", exact=True).click()
            lab.root.get_by_text("job 1 of 1: epoch").wait_for(timeout=60_000)
            lab.root.get_by_role("button", name="Stop", exact=True).click()
            lab.rows().nth(5).wait_for(timeout=60_000)
            lab.settle()
            assert 0 < int(lab.ask("lab.jobs[-1].epochs")) < 100_000
            assert lab.message() == ""
            assert notebook.cell_errors() == notebook.problems() == []
