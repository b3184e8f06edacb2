"""A student with lesson 1: `lrlab lab` serves it, Chromium opens it, and the real sliders are moved."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import LRLAB, QUIET_SETTINGS, Notebook, running_lab

pytestmark = pytest.mark.browser

LESSON = "01_what_alpha_does.ipynb"
ROOT = Path(__file__).parents[2]
LABS = ".lrlab-lab:not(.lrlab-exercise *)"  # those of the lesson itself
# The lesson in the checkout is opened, and must stay as it is.
SETTINGS = QUIET_SETTINGS | {"@jupyterlab/docmanager-extension:plugin": {"autosave": False}}


@pytest.fixture(scope="module")
def lesson(browser):
    before = (ROOT / "lessons" / LESSON).read_bytes()
    with (
        running_lab(ROOT, command=LRLAB, settings=SETTINGS) as server,
        Notebook(browser, server, LESSON, viewport=(1400, 900)) as notebook,
    ):
        notebook.run_all()
        yield notebook
        assert notebook.problems() == []
    assert (ROOT / "lessons" / LESSON).read_bytes() == before


@pytest.fixture
def rescue(lesson):
    """The lab of the section on plateaus, as it was opened."""
    cell = next(
        n
        for n in range(30)
        if "alpha=0.085" in lesson.cell(n).inner_text() and "DescentLab" in lesson.cell(n).inner_text()
    )
    lesson.run_cell(cell)
    lab = Lab(lesson, lesson.cell(cell))
    lab.picture.scroll_into_view_if_needed()
    lab.wait_for_picture()
    lab.reveal()
    return lab


class Lab:
    """What a person sees and touches of a DescentLab."""

    def __init__(self, notebook, cell):
        self.notebook, self.page = notebook, notebook.page
        self.root = cell.locator(".lrlab-lab")
        self.picture = self.root.locator(".lrlab-live-figure")
        self.canvas = self.picture.locator("canvas").last

    def reveal(self):
        """The lesson hides how the runs end, until one has guessed."""
        button = self.root.get_by_role("button", name="Reveal")
        if button.count():
            button.click()
            expect(self.root.locator(".lrlab-player span").first).not_to_have_text("epoch 4 of 200")  # it plays
            self.root.get_by_role("button", name="To the end").click()
            expect(self.root.locator(".lrlab-sentence").first).to_be_visible()

    def slider(self, name):
        row = self.root.locator(".lrlab-field", has=self.page.get_by_text(name, exact=True))
        return row.get_by_role("slider")

    def box(self, name):
        return self.root.get_by_label(name, exact=True) if name in ("epochs", "start") else self.row_box(name)

    def row_box(self, name):
        return self.root.locator(".lrlab-field", has=self.page.get_by_text(name, exact=True)).locator("input")

    def readout(self):
        return " ".join(self.root.locator(".lrlab-readout, .lrlab-sentence").all_inner_texts())

    def pixels(self):
        """The live layer as text, to compare with."""
        return self.canvas.evaluate("canvas => canvas.toDataURL()")

    def colours(self):
        """How many pixels of the live layer are vermilion, and how many blue."""
        return self.canvas.evaluate(
            """canvas => {
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                let vermilion = 0, blue = 0;
                for (let i = 0; i < data.length; i += 4) {
                    if (data[i + 3] < 200) continue;
                    if (data[i] > 180 && data[i + 2] < 60) vermilion++;
                    if (data[i] < 60 && data[i + 2] > 140) blue++;
                }
                return [vermilion, blue];
            }"""
        )

    def wait_for_picture(self):
        self.page.wait_for_function(
            """canvas => canvas.width > 300 && canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height).data.some(value => value)""",
            arg=self.canvas.element_handle(),
        )
        self.settle()

    def settle(self):
        self.notebook.wait_idle()
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def still(self):
        return self.picture.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")


def test_every_cell_runs_and_every_lab_shows(lesson):
    assert lesson.cell_errors() == []
    labs = lesson.page.locator(LABS)
    assert labs.count() == 5
    for n in range(5):
        labs.nth(n).scroll_into_view_if_needed()
        assert labs.nth(n).get_by_role("slider").count() == 4  # the player's too
        assert labs.nth(n).locator(".lrlab-live-figure").get_attribute("role") == "img"


def test_the_lab_is_in_the_state_that_the_text_talks_of(rescue):
    assert rescue.row_box("alpha").input_value() == "0.085", "a slider's step must not round the alpha of the lesson"
    assert "diverged at epoch 32" in rescue.readout()
    assert "reached the target at epoch 63" in rescue.readout()
    vermilion, blue = rescue.colours()
    assert vermilion > 200
    assert blue > 1000


@pytest.mark.parametrize(("name", "key"), [("alpha", "ArrowLeft"), ("factor", "ArrowLeft"), ("patience", "ArrowRight")])
def test_a_key_on_a_slider_moves_the_runs_and_nothing_else(rescue, name, key):
    before, still, text, box = rescue.pixels(), rescue.still(), rescue.readout(), rescue.row_box(name).input_value()
    rescue.slider(name).focus()
    for _ in range(3):
        rescue.page.keyboard.press(key)
    rescue.settle()
    assert rescue.pixels() != before
    assert rescue.readout() != text
    assert rescue.row_box(name).input_value() != box
    assert rescue.still() == still, "axes must stay still"


@pytest.mark.parametrize("name", ["alpha", "factor", "patience"])
def test_the_mouse_drags_a_slider(rescue, name):
    before, text = rescue.pixels(), rescue.readout()
    handle = rescue.slider(name).bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    rescue.page.mouse.move(x, y)
    rescue.page.mouse.down()
    for step in range(1, 16):
        rescue.page.mouse.move(x + (-6 if name == "alpha" else 6) * step, y)
    rescue.page.mouse.up()
    rescue.settle()
    assert rescue.pixels() != before
    assert rescue.readout() != text


def test_alpha_back_below_the_edge_and_the_constant_run_arrives(rescue):
    rescue.row_box("alpha").fill("0.05")
    rescue.page.keyboard.press("Enter")
    rescue.settle()
    assert rescue.readout().count("reached the target at epoch 59") == 3
    assert "diverged" not in rescue.readout()


def test_a_click_and_a_drag_in_the_surface_set_the_start(rescue):
    rescue.root.get_by_text("More settings").click()
    start = rescue.row_box("start")
    box = rescue.canvas.bounding_box()
    places = []
    for share in (0.25, 0.35):
        x, y = box["x"] + share * box["width"], box["y"] + 0.5 * box["height"]
        before = rescue.pixels()
        rescue.page.mouse.move(x, y)
        rescue.page.mouse.down()
        rescue.page.mouse.move(x + 10, y + 5)
        rescue.page.mouse.move(x + 20, y + 10)
        rescue.page.mouse.up()
        rescue.settle()
        assert rescue.pixels() != before
        places.append([float(number) for number in start.input_value().split(",")])
    (x0, y0), (x1, y1) = places
    assert -5 < x0 < x1 < 5
    assert y0 == pytest.approx(y1, abs=0.02)
    rescue.root.get_by_text("More settings").click()


@pytest.mark.parametrize(("typed", "says"), [("fast", "must be a number"), ("-1", "must be greater than 0")])
def test_a_mistyped_alpha_is_told_kept_and_does_no_harm(rescue, typed, says):
    before = rescue.pixels()
    rescue.row_box("alpha").fill(typed)
    rescue.page.keyboard.press("Enter")
    rescue.settle()
    message = rescue.root.locator(".lrlab-message").inner_text()
    assert says in message
    assert typed in message
    assert rescue.row_box("alpha").input_value() == typed
    assert rescue.pixels() == before
    rescue.slider("patience").focus()
    rescue.page.keyboard.press("ArrowRight")
    rescue.settle()
    assert rescue.pixels() != before


def test_a_fast_drag_from_end_to_end_ends_where_the_hand_ends(rescue):
    track = rescue.root.locator(".lrlab-field .noUi-target").first.bounding_box()
    y = track["y"] + track["height"] / 2
    rescue.slider("alpha").focus()
    handle = rescue.slider("alpha").bounding_box()
    rescue.page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    rescue.page.mouse.down()
    for turn in range(200):
        rescue.page.mouse.move(track["x"] + (turn * 37 % 100) / 100 * track["width"], y)
    rescue.page.mouse.move(track["x"] + track["width"] + 40, y)
    rescue.page.mouse.up()
    rescue.settle()
    assert float(rescue.row_box("alpha").input_value()) == pytest.approx(0.2, rel=0.02)
    assert re.search(r"diverged at epoch \d+", rescue.readout())
    assert "nan" not in rescue.readout().lower()


def test_a_cell_run_again_replaces_its_lab(lesson, rescue):
    cells = lesson.page.locator(LABS).count()
    for n in range(30):
        if "alpha=0.085" in lesson.cell(n).inner_text():
            lesson.run_cell(n)
            lesson.run_cell(n)
            break
    rescue.wait_for_picture()
    assert lesson.page.locator(LABS).count() == cells == 5


def test_the_picture_follows_the_width_of_the_window(lesson, rescue):
    for width in (1000, 1900, 1400):
        lesson.page.set_viewport_size({"width": width, "height": 900})
        lesson.page.wait_for_timeout(400)  # the browser reports its width when it has come to rest
        rescue.settle()
        picture, canvas = rescue.picture.bounding_box(), rescue.canvas.bounding_box()
        assert canvas["width"] == pytest.approx(picture["width"], abs=1)
        size = rescue.canvas.evaluate("canvas => [canvas.width, canvas.clientWidth * devicePixelRatio]")
        assert size[0] == pytest.approx(size[1], abs=1)


def test_after_a_restart_all_cells_run_again(lesson):
    lesson.restart()
    lesson.run_all()
    assert lesson.cell_errors() == []
    assert lesson.page.locator(LABS).count() == 5
