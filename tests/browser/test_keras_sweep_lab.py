"""KerasSweepLab in a real JupyterLab: a model from a cell, trained in processes; cells appear; cancel, resume, done."""

import re

import pytest

from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab as AnyLab
from tests.browser.test_labs import changed

pytestmark = pytest.mark.browser

MODEL = """
import joblib, keras, lrlab
from lrlab.keras_live.ready import moons_data

def get_model(alpha):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=alpha), loss="binary_crossentropy")
    return model
"""
LAB = """
lab = lrlab.KerasSweepLab(get_model, moons_data(), alpha=1.5, points=(4, 5), epochs=120)
lab
"""
TWO = "joblib.parallel_config(n_jobs=2)  # after the lab was made: it holds when Start is pressed"
N = {"model": 0, "lab": 1, "two": 2}
SIZE = (1400, 1300)  # high enough for all of a lab, so that nothing is scrolled under the mouse
CELLS = 1 + 4 * 5


class Lab(AnyLab):
    def __init__(self, notebook, cell):
        super().__init__(notebook, cell)
        self.progress = self.root.locator(".lrlab-progress")

    def words(self):
        return self.progress.locator(".widget-html").inner_text().strip()

    def until(self, pattern):
        """Wait until the words are so; two minutes at most, which is for the slowest of machines."""
        for _ in range(2400):
            if found := re.search(pattern, self.words()):
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{pattern}: not within two minutes. The lab says: {self.words()} {self.message()}")

    def press(self, words):
        self.progress.get_by_role("button", name=words, exact=True).click()

    def coloured(self):
        """The share of the map that has a colour."""
        return (self.crop(self.picture_as_array(), "map")[..., 3] > 0).mean()


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "sweep.ipynb", [MODEL, LAB, TWO])
        with Notebook(browser, server, path.name, viewport=SIZE) as notebook:
            # What goes wrong in a widget's handler, in the kernel's loop, in a thread or a process is told in no cell.
            notebook.page.evaluate(
                """() => {
                    window.kernelErrors = [];
                    jupyterapp.shell.currentWidget.sessionContext.iopubMessage.connect((_, { header, content }) => {
                        if (header.msg_type === 'error') kernelErrors.push(content.evalue);
                    });
                    jupyterapp.shell.collapseLeft();
                }"""
            )
            for cell in N.values():
                notebook.run_cell(cell)
            yield notebook
            assert notebook.cell_errors() == notebook.problems() == notebook.page.evaluate("kernelErrors") == []


def test_cells_appear_and_a_cancelled_job_goes_on_to_the_end(notebook):
    lab = Lab(notebook, notebook.cell(N["lab"]))
    lab.root.scroll_into_view_if_needed()
    lab.wait_for_picture()
    assert lab.words() == f"{CELLS} cells to train, the constant run included"
    assert lab.coloured() < 0.1, "nothing but the mark of a cell"

    lab.press("Start")
    assert int(lab.until(rf"^(\d+) of {CELLS} cells · .* left")[1]) > 1
    lab.press("Cancel")
    done = int(lab.until(rf"^cancelled after (\d+) of {CELLS} cells; they are kept")[1])
    assert 0 < done < CELLS
    lab.settle()
    share = lab.coloured()
    assert share == pytest.approx((done - 1) / (CELLS - 1), abs=0.08), "a share of the map is coloured, and no more"
    assert "So far: " in lab.readout()
    notebook.ask("kept = dict(lab.sweep.done)")

    lab.press("Resume")
    lab.until(rf"^all {CELLS} cells are trained$")
    lab.settle()
    assert lab.coloured() > 0.98
    assert lab.ask("all(lab.sweep.done[cell] is kept[cell] for cell in kept)") == "True", "nothing is trained again"
    assert lab.ask("len(lab.sweep.done) == len(lab.sweep.cells)") == "True"
    assert lab.message() == ""

    read_and_click(lab)


def read_and_click(lab):
    row, column = eval(lab.ask("lab.cell"))
    other = (3 if row < 2 else 0, 4 if column < 2 else 0)
    before, table = lab.picture_as_array(), lab.readout()
    lab.page.mouse.move(*lab.place("map", (other[1] + 0.5) / 5, (other[0] + 0.5) / 4))
    lab.settle()
    told = lab.root.get_by_text(re.compile(r"^factor .*, patience .*: final loss .* \(constant: .*\)$"))
    told.wait_for()
    assert lab.readout() == table, "a mouse that passes by chooses nothing"
    lab.page.mouse.down()
    lab.page.mouse.up()
    lab.settle()
    assert eval(lab.ask("lab.cell")) == other
    assert lab.readout() != table
    assert changed(lab.crop(before, "losses"), lab.crop(lab.picture_as_array(), "losses")) > 0.001
    lab.root.get_by_role("button", name="gain over constant", exact=True).click()
    lab.settle()
    assert lab.ask("lab.map.metric") == "gain over constant"
    assert "gain over constant" in lab.readout()
