"""JobsLab in a real JupyterLab: a lecturer trains a job, another with the callback, tunes alpha, and compares."""

import pytest

from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab as ProblemLab

pytestmark = pytest.mark.browser

CELLS = ["from lrlab.labs.jobs import JobsLab", "lab = JobsLab('ravine', alpha=0.05)\nlab"]
WIDE = (1400, 1500)


class Lab(ProblemLab):
    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def table(self):
        return self.root.locator(".lrlab-job-table")

    def rows(self):
        return self.table().locator("tbody tr")

    def tops(self):
        """Where the parts of the lab stand in the page."""
        parts = ".lrlab-job-buttons, .lrlab-live-figure, .lrlab-job-table, .lrlab-more"
        return self.root.locator(parts).evaluate_all("parts => parts.map(part => part.getBoundingClientRect().top)")

    def colours_in(self, panel):
        """How many pixels of a panel's live layer are vermilion, and how many blue."""
        pixels = self.crop(self.picture_as_array(), panel)
        red, blue, alpha = pixels[..., 0], pixels[..., 2], pixels[..., 3]
        return ((red > 180) & (blue < 60) & (alpha > 200)).sum(), ((red < 60) & (blue > 140) & (alpha > 200)).sum()


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "jobs.ipynb", CELLS)
        with Notebook(browser, server, path.name, viewport=WIDE) as notebook:
            notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
            notebook.run_cell(0)
            notebook.run_cell(1)
            lab = Lab(notebook, notebook.cell(1))
            lab.root.scroll_into_view_if_needed()
            lab.wait_for_picture()
            yield lab
            assert notebook.cell_errors() == notebook.problems() == []


def test_a_lecture(lab):
    """One walk through the lab, in order."""
    tops = lab.tops()
    assert lab.rows().count() == 0
    assert "one for each job that you train" in lab.table().inner_text()

    lab.press("Train")
    assert lab.rows().count() == 1
    vermilion, blue = lab.colours_in("losses")
    assert vermilion > 200
    assert blue == 0

    lab.press("on")
    lab.press("Train")
    assert lab.rows().count() == 2
    assert lab.colours_in("losses")[1] > 500
    assert [row.split()[:2] for row in lab.rows().locator("th").all_inner_texts()] == [
        ["1", "constant"],
        ["2", "plateau"],
    ]

    # The slider changes what the next job will be, and what one plateau job would come to; no row, and nothing still.
    still, live, rows = lab.still(), lab.pixels(), lab.rows().all_inner_texts()
    handle = lab.slider("alpha").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for step in range(1, 20):
        lab.page.mouse.move(x - 8 * step, y)
    lab.page.mouse.up()
    lab.settle()
    assert lab.value("alpha") < 0.05
    assert lab.rows().all_inner_texts() == rows
    assert lab.still() == still
    assert lab.pixels() != live

    lab.press("Tune alpha")
    assert lab.rows().count() == 12
    assert lab.table().locator("tr.lrlab-best").count() == 1
    box, last = lab.table().bounding_box(), lab.rows().last.bounding_box()
    assert box["y"] < last["y"] < last["y"] + last["height"] <= box["y"] + box["height"] + 1, (
        "the newest row is in sight"
    )
    assert lab.tops() == pytest.approx(tops, abs=1), "nothing has moved"
    assert "You have spent 2,400 epochs on 12 jobs" in lab.root.locator(".lrlab-sentence").first.inner_text()
    assert "Over 20 seeds" in lab.root.locator(".lrlab-sentence").last.inner_text()


def test_a_row_under_the_mouse_is_the_strong_line(lab):
    lab.table().evaluate("table => (table.scrollTop = 0)")
    best = lab.pixels()
    row = lab.rows().nth(1)  # the plateau job
    row.hover()
    lab.settle()
    assert row.get_attribute("aria-selected") == "true"
    assert lab.colours_in("losses")[1] > 500
    lab.page.mouse.move(1, 1)
    lab.settle()
    assert lab.pixels() == best
    row.click()
    lab.page.mouse.move(1, 1)
    lab.settle()
    assert lab.ask("lab.run is lab.jobs[1].run") == "True"
    lab.page.keyboard.press("ArrowUp")
    lab.settle()
    assert lab.ask("lab.run is lab.jobs[0].run") == "True"
    lab.page.keyboard.press("x")  # not JupyterLab's: it deletes a cell
    lab.page.keyboard.press("Escape")
    lab.settle()
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    assert lab.pixels() == best


def test_the_table_is_one_stop_for_keys_and_shift_enter_is_the_notebooks(lab):
    table = lab.root.get_by_role("grid", name="jobs")
    assert table.locator("tr[tabindex='0']").count() == 1
    lab.rows().nth(3).click()
    lab.page.mouse.move(1, 1)
    lab.settle()
    assert lab.rows().nth(3).get_attribute("tabindex") == "0"
    heard = "event => { if (event.key === 'Enter') window.enters = (window.enters ?? 0) + 1; }"
    lab.root.evaluate(f"lab => lab.addEventListener('keydown', {heard})")
    lab.page.keyboard.press("Enter")
    lab.rows().nth(3).dispatch_event("keydown", {"key": "Enter", "shiftKey": True, "bubbles": True})
    assert lab.page.evaluate("window.enters") == 1
    lab.rows().nth(3).press("Escape")


def test_a_row_of_another_problem_is_not_looked_at(lab):
    """Two jobs on each of two problems: the same number of rows, and other jobs."""
    lab.more()
    menu = lab.menu("problem")
    for name in ("bowl", "rosenbrock"):
        menu.select_option(name)
        lab.settle()
        lab.press("Train")
        lab.press("Train")
    lab.table().evaluate("table => (table.scrollTop = 0)")
    lab.rows().first.click()
    lab.page.mouse.move(1, 1)
    lab.settle()
    assert lab.ask("lab.run is lab.jobs[0].run") == "True"
    menu.select_option("bowl")
    lab.settle()
    assert lab.rows().count() == 2
    assert lab.ask("(lab.table.looked, lab.run is lab.jobs[1].run)") == "(-1, True)"
    assert lab.table().locator("tr[aria-selected='true']").count() == 0
    lab.rows().first.click()  # a first click, and not one that lets go of it
    lab.page.mouse.move(1, 1)
    lab.settle()
    assert lab.ask("lab.run is lab.jobs[0].run") == "True"
    menu.select_option("ravine")
    lab.root.get_by_text("More settings:").click()
    lab.settle()


def test_on_data_seeds_are_compared_while_the_lab_stays_free(lab):
    lab.more()
    lab.menu("problem").select_option("logistic_regression")
    lab.settle()
    assert lab.rows().count() == 0
    assert "ravine (12), bowl (2), rosenbrock (2)" in lab.notes()
    lab.press("Train")
    lab.root.get_by_role("button", name="Compare", exact=True).click()
    lab.root.locator(".lrlab-sentence", has_text="Over 20 seeds").wait_for(timeout=120_000)
    lab.settle()
    vermilion, blue = lab.colours_in("spent")
    assert vermilion > 50
    assert blue > 50
    lab.menu("problem").select_option("ravine")
    lab.settle()
    assert lab.rows().count() == 12
    lab.press("Clear")
    assert lab.rows().count() == 0
    assert lab.message() == ""


def test_running_the_cell_again_gives_a_fresh_lab(lab):
    lab.press("Train")
    lab.notebook.run_cell(1)
    lab.wait_for_picture()
    assert lab.rows().count() == 0
    assert lab.page.locator(".lrlab-lab").count() == 1
