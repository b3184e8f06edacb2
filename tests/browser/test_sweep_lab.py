"""SweepLab in a real JupyterLab: a lecturer drags alpha and noise, reads cells, loads one, turns the switches."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lrlab.views.sweep import DIVERGED
from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab as ProblemLab
from tests.browser.test_labs import changed

pytestmark = pytest.mark.browser

CELLS = ["from lrlab.labs.sweep import SweepLab", "lab = SweepLab('ravine', alpha=0.07)\nlab"]
WIDE = (1400, 1500)
SIDE = 30  # cells


class Lab(ProblemLab):
    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def spoken(self):
        return self.root.locator(".lrlab-spoken").inner_text()

    def at(self, row, column):
        """Where in the page a cell of the map is."""
        return self.place("map", (column + 0.5) / SIDE, (row + 0.5) / SIDE)

    def map(self):
        return self.crop(self.picture_as_array(), "map")

    def end(self, name, key):
        self.slider(name).focus()
        self.page.keyboard.press(key)
        self.settle()

    def drag(self, name, end):
        """Fast, to and fro, to a share of the slider's length."""
        handle = self.slider(name).bounding_box()
        track = self.slider(name).locator("xpath=../..").bounding_box()
        y = track["y"] + track["height"] / 2
        self.page.mouse.move(handle["x"] + handle["width"] / 2, y)
        self.page.mouse.down()
        for turn in range(30):
            self.page.mouse.move(track["x"] + (turn * 37 % 100) / 100 * track["width"], y)
        self.page.mouse.move(track["x"] + end * track["width"], y)
        self.page.mouse.up()
        self.settle()

    def tops(self):
        """Where the parts of the lab stand in the page."""
        parts = ".lrlab-live-figure, .lrlab-spoken, .lrlab-readout, .lrlab-sentence, .lrlab-notes"
        return self.root.locator(parts).evaluate_all("parts => parts.map(part => part.getBoundingClientRect().top)")


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "sweep.ipynb", CELLS)
        with Notebook(browser, server, path.name, viewport=WIDE) as notebook:
            notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
            notebook.run_cell(0)
            yield notebook
            assert notebook.cell_errors() == notebook.problems() == []


@pytest.fixture
def lab(notebook):
    notebook.page.mouse.move(1, 1)
    notebook.run_cell(1)
    lab = Lab(notebook, notebook.cell(1))
    lab.root.scroll_into_view_if_needed()
    lab.wait_for_picture()
    return lab


@pytest.mark.parametrize(("name", "end"), [("alpha", 0.6), ("noise", 0.9)])
def test_a_drag_changes_the_map_and_nothing_jumps(lab, name, end):
    before, still, tops, text = lab.map(), lab.still(), lab.tops(), lab.readout()
    lab.drag(name, end)
    assert changed(before, lab.map()) > 0.3
    assert lab.still() == still, "axes and the bar's limits must stay still"
    assert lab.readout() != text
    assert lab.tops() == tops
    assert lab.message() == ""
    value = lab.value(name)
    lab.notebook.ask("found = lab.sweep; lab._mapped = None; lab._refresh()")
    assert lab.ask("(found.values == lab.sweep.values).all()") == "True"
    assert float(lab.row_box(name).input_value()) == value


def test_the_mouse_reads_a_cell(lab):
    before, tops = lab.map(), lab.tops()
    assert lab.spoken() == "Point at a cell to read it; click to load it into the curves."
    lab.page.mouse.move(*lab.at(20, 12), steps=4)
    lab.settle()
    value = float(lab.ask("lab.sweep.values[20, 12]"))
    assert lab.spoken().startswith("factor 0.65, patience 13: final loss ")
    assert float(lab.spoken().split("final loss ")[1].split()[0]) == pytest.approx(value, rel=0.01)
    assert lab.root.locator(".lrlab-spoken").get_attribute("aria-live") == "polite"
    assert 0.0005 < changed(before, lab.map()) < 0.02
    assert (lab.value("factor"), lab.value("patience")) == (0.5, 5)
    assert lab.tops() == tops


def test_a_click_loads_a_cell_into_the_curves(lab):
    lab.notebook.ask("found = lab.sweep")
    picture = lab.picture_as_array()
    lab.page.mouse.click(*lab.at(3, 24))
    lab.settle()
    assert (lab.value("factor"), lab.value("patience")) == (0.14, 25)
    assert [lab.row_box(name).input_value() for name in ("factor", "patience")] == ["0.14", "25"]
    for panel in ("losses", "rates"):
        assert changed(lab.crop(picture, panel), lab.crop(lab.picture_as_array(), panel)) > 0.01
    assert lab.ask("lab.sweep is found") == "True"
    lab.page.mouse.down()
    lab.page.mouse.move(*lab.at(10, 10), steps=8)
    lab.page.mouse.up()
    lab.settle()
    assert (lab.value("factor"), lab.value("patience")) == (0.35, 11)


def test_the_switches(lab):
    still = lab.still()
    for name, words in (("gain over constant", "times lower"), ("epochs to target", "epochs")):
        lab.press(name)
        assert lab.still() != still
        still = lab.still()
        assert words in lab.readout()
    before = lab.map()
    lab.press("alpha × patience")
    assert changed(before, lab.map()) > 0.3
    before = lab.map()
    lab.end("factor", "Home")
    assert changed(before, lab.map()) > 0.01
    before = lab.map()
    lab.drag("alpha", 0.4)  # the map is over all alphas: only the mark moves
    assert 0 < changed(before, lab.map()) < 0.02
    lab.page.mouse.click(*lab.at(25, 3))
    lab.settle()
    assert lab.value("alpha") == float(lab.ask("lab.sweep.rows[25]"))
    assert lab.value("patience") == 4


def test_extremes(lab):
    for name, key in [("patience", "End"), ("factor", "End"), ("noise", "Home"), ("alpha", "Home")]:
        lab.end(name, key)
        assert lab.message() == ""
    assert "Cutting" in lab.readout()
    lab.type_alpha("1000")
    assert "The constant run diverges, and so does every other" in lab.readout()
    dark = np.abs(lab.map()[..., :3] - 255 * np.array(to_rgb(DIVERGED))).max(axis=-1) < 8
    assert dark.mean() > 0.95
    lab.type_alpha("0")
    assert lab.message().startswith("alpha must be greater than 0")
    lab.more()
    for problem in ("linear_regression", "ackley", "mlp_moons", "double_well"):
        lab.menu("problem").select_option(problem)
        lab.settle()
        assert lab.ask("lab.problem.name").replace(" ", "_").lower().startswith(problem[:3])
        assert lab.message() == ""
    lab.root.get_by_role("button", name="Reset").click()
    lab.settle()
    assert lab.value("problem") == "ravine"
    assert lab.value("alpha") == 0.07
