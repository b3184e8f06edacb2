"""RateFreeLab in a real JupyterLab, driven as a lecturer would."""

import pytest

from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab

pytestmark = pytest.mark.browser

CELLS = ["import lrlab", "lab = lrlab.RateFreeLab('linear_regression')\nlab"]


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "ratefree.ipynb", CELLS)
        with Notebook(browser, server, path.name, viewport=(1400, 1300)) as notebook:
            notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
            notebook.run_cell(0)
            yield notebook
            assert notebook.cell_errors() == notebook.problems() == []


@pytest.fixture
def lab(notebook):
    notebook.page.set_viewport_size({"width": 1400, "height": 1300})
    notebook.run_cell(1)  # a cell that is run again has a lab as good as new
    lab = Lab(notebook, notebook.cell(1))
    lab.root.scroll_into_view_if_needed()
    lab.wait_for_picture()
    return lab


def test_a_lecture_on_rates_and_on_none(lab):
    # "Here is gradient descent. A larger rate?"
    assert "closed form 1, Newton 1, L-BFGS 2" in lab.readout()
    still, live, text = lab.still(), lab.pixels(), lab.readout()
    lab.slider("alpha").focus()
    for _ in range(12):
        lab.page.keyboard.press("ArrowRight")
    lab.settle()
    assert lab.value("alpha") > 0.06
    assert lab.pixels() != live
    assert lab.readout() != text
    assert lab.still() == still  # the solvers, and all the rest, have not moved
    assert min(lab.colours()) > 100

    # "Now past the edge." A fast drag, all the way and back.
    handle = lab.slider("alpha").bounding_box()
    track = lab.root.locator(".lrlab-field", has=lab.page.get_by_text("alpha", exact=True)).locator(".noUi-target")
    rail = track.bounding_box()
    middle = handle["y"] + handle["height"] / 2
    lab.page.mouse.move(handle["x"] + handle["width"] / 2, middle)
    lab.page.mouse.down()
    for share in (0.6, 0.9, 1.0, 0.2, 0.97, 1.0):
        lab.page.mouse.move(rail["x"] + share * rail["width"], middle, steps=4)
    lab.page.mouse.up()
    lab.settle()
    assert lab.value("alpha") > 1  # its stability edge
    assert "constant 200+" in lab.readout()
    assert lab.still() == still
    assert lab.message() == ""

    # "What does Newton's method need instead?"
    why = lab.root.locator(".lrlab-why", has_text="a Hessian, a linear solve")
    assert "curvature" in why.get_attribute("title")
    assert why.evaluate("cell => getComputedStyle(cell).cursor") == "help"

    # "And where the loss is not convex?"
    lab.more().menu("problem").select_option("mlp_moons")
    lab.settle()
    assert lab.still() != still
    assert "The validation loss was lowest" in lab.readout()
    assert "From 6 starts, L-BFGS ends at training losses from" in lab.notes()
    still, text = lab.still(), lab.readout()
    lab.root.get_by_role("button", name="New start").click()
    lab.settle()
    assert lab.value("seed") == 1
    assert lab.still() != still
    assert lab.readout() != text

    # "And a rule of one's own."
    lab.menu("third run").select_option("cosine")
    lab.settle()
    assert "cosine" in lab.readout()
    lab.root.get_by_role("button", name="Reset").click()
    lab.settle()
    assert lab.value("problem") == "linear_regression"
    assert lab.message() == ""


@pytest.mark.parametrize("width", [430, 1920])
def test_nothing_is_cut_off(lab, width):
    lab.page.set_viewport_size({"width": width, "height": 1300})
    lab.page.wait_for_timeout(300)
    lab.settle()
    room, picture = lab.root.bounding_box(), lab.canvas.bounding_box()
    assert picture["x"] + picture["width"] <= room["x"] + room["width"] + 1
    cut = lab.root.locator(".lrlab-readout td, .lrlab-readout tbody th").evaluate_all(
        "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"
    )
    assert cut == []
