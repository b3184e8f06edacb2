"""ChainLab and KerasChainLab in a real JupyterLab, as a lecturer would drive them: switches, sliders, the table."""

import pytest

from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab as AnyLab
from tests.browser.test_labs import changed

pytestmark = pytest.mark.browser

CELLS = {
    "start": "import lrlab",
    "chain": "lab = lrlab.ChainLab()\nlab",
    "keras": "lab = lrlab.KerasChainLab('moons', epochs=60)\nlab",
}
N = {name: n for n, name in enumerate(CELLS)}
SIZE = (1400, 1500)
SEPARATE, CARRY, FRESH = "Train them as separate jobs", "carry the optimizer's state", "fresh optimizer for each job"


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "chain.ipynb", list(CELLS.values()))
        with Notebook(browser, server, path.name, viewport=SIZE) as notebook:
            notebook.page.evaluate(
                """() => {
                    window.kernelErrors = [];
                    jupyterapp.shell.currentWidget.sessionContext.iopubMessage.connect((_, { header, content }) => {
                        if (header.msg_type === 'error') kernelErrors.push(content.evalue);
                    });
                    jupyterapp.shell.collapseLeft();
                }"""
            )
            notebook.run_cell(N["start"])
            yield notebook
            assert notebook.cell_errors() == notebook.problems() == notebook.page.evaluate("kernelErrors") == []


class Lab(AnyLab):
    """A lab of jobs in the page, and ``lab`` in the kernel."""

    def press(self, words):
        self.root.get_by_role("button", name=words, exact=True).click()
        self.settle()

    def sentence(self):
        return self.root.locator(".lrlab-verdict").inner_text()

    def until(self, holds, what):
        for _ in range(1200):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{what}: not within two minutes. The lab says: {self.sentence()} {self.message()}")

    def rows(self):
        return self.root.locator(".lrlab-chain tbody tr").all_inner_texts()

    def places(self):
        """How far from the lab's top its parts begin."""
        parts = [self.canvas, *(self.root.locator(part) for part in (".lrlab-verdict", ".lrlab-chain", ".lrlab-notes"))]
        top = self.root.bounding_box()["y"]
        return [round(part.bounding_box()["y"] - top) for part in parts]


def show(notebook, name):
    notebook.page.set_viewport_size(dict(zip(("width", "height"), SIZE, strict=True)))
    notebook.ask("if 'lab' in globals(): lab.close()")
    notebook.run_cell(N[name])
    lab = Lab(notebook, notebook.cell(N[name]))
    lab.root.scroll_into_view_if_needed()
    lab.wait_for_picture()
    return lab


def test_jobs_are_laid_over_the_run_and_a_fresh_optimizer_leaves_it(notebook):
    lab = show(notebook, "chain")
    first, places = lab.picture_as_array(), lab.places()
    assert len(lab.rows()) == int(lab.ask("len(lab.jobs)")) > 3
    assert "improved until epoch" in lab.rows()[0]
    carry = lab.root.get_by_role("button", name=FRESH, exact=True)
    assert carry.is_disabled()
    lab.press(SEPARATE)
    over = lab.picture_as_array()
    assert "The largest difference is 0" in lab.sentence()
    assert changed(first, over) > 0.001, "the jobs are seen where they lie on the run"
    lab.press(FRESH)
    fresh = lab.picture_as_array()
    assert "a fresh optimizer forgets its momentum" in lab.sentence()
    assert changed(lab.crop(over, "losses"), lab.crop(fresh, "losses")) > 0.001
    lab.press(CARRY)
    assert (lab.picture_as_array() == over).all()
    lab.press(SEPARATE)
    assert (lab.picture_as_array() == first).all()
    assert lab.places() == places, "nothing moved"
    assert lab.message() == ""


def test_bands_and_table_follow_a_slider_and_nothing_below_moves(notebook):
    lab = show(notebook, "chain")
    lab.press(SEPARATE)
    places, said = lab.places(), set()
    lab.slider("patience").focus()
    for _ in range(4):  # from 5 to 1
        before = lab.crop(lab.picture_as_array(), "losses")
        lab.page.keyboard.press("ArrowLeft")
        lab.settle()
        assert len(lab.rows()) == int(lab.ask("len(lab.jobs)"))
        assert "The largest difference is 0" in lab.sentence()
        assert changed(before, lab.crop(lab.picture_as_array(), "losses")) > 0
        assert lab.places() == places
        said.add(len(lab.rows()))
    assert max(said) > 20, "more rows than the box has room for"
    box = lab.root.locator(".lrlab-chain")
    assert box.evaluate("box => box.scrollHeight > box.clientHeight + 50")
    head = lab.root.locator(".lrlab-chain thead th").first
    top = head.bounding_box()["y"]
    box.evaluate("box => { box.scrollTop = 1000 }")
    assert abs(head.bounding_box()["y"] - top) < 1, "the heads stay"


@pytest.mark.parametrize("width", [430, 1000, 1920])
def test_all_of_it_fits_at_every_width(notebook, width):
    lab = show(notebook, "chain")
    lab.press(SEPARATE)
    lab.press(FRESH)
    lab.page.set_viewport_size({"width": width, "height": 1500})
    lab.page.wait_for_timeout(500)
    lab.settle()
    room = lab.root.bounding_box()
    for part in (".lrlab-chain", ".lrlab-chain tbody tr >> nth=0", ".lrlab-switches", ".lrlab-verdict"):
        box = lab.root.locator(part).bounding_box()
        assert box["x"] >= room["x"] - 1, part
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 1, part
    wide = lab.root.locator(".lrlab-chain").evaluate("box => box.scrollWidth - box.clientWidth")
    assert wide <= 1, "no row is wider than the box"


def test_the_start_is_dragged_on_the_surface(notebook):
    lab = show(notebook, "chain")
    lab.press(SEPARATE)
    lab.page.mouse.move(*lab.place("surface", 0.3, 0.7))
    lab.page.mouse.down()
    for x in (0.4, 0.5, 0.6):
        lab.page.mouse.move(*lab.place("surface", x, 0.6))
    lab.page.mouse.up()
    lab.settle()
    x, y = lab.value("start")
    assert (x, y) != (-1.2, 1.0)
    assert abs(x - (-2 + 0.6 * 4)) < 0.1
    assert "The largest difference is 0" in lab.sentence()


def test_a_keras_model_is_trained_as_a_run_and_as_its_jobs(notebook):
    lab = show(notebook, "keras")
    lab.until(lambda: "constant-rate jobs, one after another" in lab.sentence(), "the run")
    first = lab.picture_as_array()
    lab.press(SEPARATE)
    lab.until(lambda: "The largest difference is 0" in lab.sentence(), "the jobs")
    assert "the weights and the momentum" in lab.sentence()
    assert changed(first, lab.picture_as_array()) > 0.001
    lab.press(FRESH)
    lab.until(lambda: "a fresh optimizer forgets its momentum" in lab.sentence(), "the jobs, fresh")
    assert len(lab.rows()) == int(lab.ask("len(lab.jobs)")) > 2
    lab.slider("alpha").focus()
    for _ in range(6):
        lab.page.keyboard.press("ArrowLeft")
    lab.press(CARRY)
    lab.until(lambda: "The largest difference is 0" in lab.sentence(), "the jobs again")
    assert lab.value("alpha") < 2
    assert lab.message() == ""
