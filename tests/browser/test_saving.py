"""Save and share in a real JupyterLab: buttons pressed, files found."""

import csv

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab

pytestmark = pytest.mark.browser


def test_a_lecturer_takes_it_all_away(browser, tmp_path):
    with running_lab(tmp_path) as server:
        path = write_notebook(
            server.root / "saving.ipynb", ["import lrlab\nlab = lrlab.DescentLab('ravine', alpha=0.085)\nlab"]
        )
        with Notebook(browser, server, path.name, viewport=(1400, 1100)) as notebook:
            notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
            notebook.run_cell(0)
            lab = Lab(notebook, notebook.cell(0))
            lab.wait_for_picture()
            lab.root.get_by_text("Save and share").click()

            def press(words):
                lab.root.get_by_role("button", name=words, exact=True).click()

            def says(words):
                expect(lab.root.locator(".lrlab-shared")).to_contain_text(words, timeout=30_000)

            press("Save picture")
            says("Saved ravine-descent.png")
            top = lab.root.bounding_box()["height"]

            # The lab goes on while the frames are drawn; they are those of the lab as it was.
            press("Save animation")
            lab.slider("alpha").focus()
            lab.page.keyboard.press("ArrowLeft")
            says("Saved ravine-descent.gif")
            lab.settle()
            assert lab.value("alpha") < 0.085
            with Image.open(tmp_path / "ravine-descent.gif") as movie:
                assert (movie.n_frames, movie.width) == (200, 1000)
            with lab.page.expect_download() as download:
                press("Download")
            assert download.value.suggested_filename == "ravine-descent.gif"
            with open(download.value.path(), "rb") as brought:
                assert brought.read() == (tmp_path / "ravine-descent.gif").read_bytes()

            press("Save numbers")
            says("Saved ravine-descent.csv")
            with (tmp_path / "ravine-descent.csv").open() as table:
                rows = list(csv.DictReader(table))
            assert len(rows) == 201
            assert float(lab.ask("float(lab.run.loss[200, 1])")) == float(rows[200]["plateau training loss"])

            name = lab.root.get_by_label("file name")
            name.fill("../mine")
            name.press("Tab")
            press("Save picture")
            says("no slash")
            name.fill("mine")
            name.press("Tab")
            lab.menu("as").first.select_option("SVG")
            press("Save picture")
            says("Saved mine.svg")
            assert abs(lab.root.bounding_box()["height"] - top) <= 1  # nothing has moved
            assert sorted(file.name for file in tmp_path.glob("*mine*")) == ["mine.svg"]
            assert notebook.cell_errors() == notebook.problems() == []
