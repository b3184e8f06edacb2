"""The same lesson in JupyterLab, in Notebook 7 and in Voilà: what a person sees and does is the same in all three."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.classroom import MOMENT, PRESENT, actions
from tests.browser.jupyter import ELSEWHERE, JUPYTERLAB, NOTEBOOK_7, Notebook, Page, running_lab, write_notebook
from tests.browser.test_lesson import Lab as OneLab

pytestmark = pytest.mark.browser

LABS = ".lrlab-lab:not(.lrlab-exercise *)"  # those of the lesson itself
LESSON = Path(__file__).parents[2] / "lessons" / "01_what_alpha_does.ipynb"
COMMANDS = {"lab": JUPYTERLAB, "notebook": NOTEBOOK_7, "voila": PRESENT}
SIZE = (1400, 900)
MATHS = ".MathJax, mjx-container"  # MathJax 2 in Voilà, 3 in the others


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the lesson: JupyterLab and Notebook 7 save what they show."""
    folder = tmp_path_factory.mktemp("lessons")
    shutil.copyfile(LESSON, folder / LESSON.name)
    return folder


@pytest.fixture(scope="module", params=COMMANDS)
def front(request):
    return request.param


@pytest.fixture(scope="module")
def shown(front, browser, folder):
    """The lesson, with all its cells run."""
    opened = Page if front == "voila" else Notebook
    with (
        running_lab(folder, command=COMMANDS[front]) as server,
        opened(browser, server, LESSON.name, front=front, viewport=SIZE) as page,
    ):
        if front != "voila":
            page.run_all()
        yield page
        assert page.problems() == []
        assert page.outside() == []


@pytest.fixture
def lab(shown):
    """The lab of the section on plateaus."""
    cells = shown.page.locator(".jp-CodeCell", has=shown.page.locator(LABS))
    lab = Lab(shown, cells.nth(2))
    lab.picture.scroll_into_view_if_needed()
    lab.wait_for_picture()
    lab.reveal()
    return lab


class Lab(OneLab):
    """What a person sees of a lab. Nobody here can ask the kernel, so what is expected is waited for."""

    def settle(self):
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def wait_for_other_pixels(self, before):
        self.page.wait_for_function(
            "([canvas, before]) => canvas.toDataURL() !== before", arg=[self.canvas.element_handle(), before]
        )

    def part(self, name):
        return self.root.locator(f".lrlab-{name}")

    def press_on_slider(self, name, key):
        """Press a key on a slider, and see that the picture and what is told of it follow."""
        before, box, words = self.pixels(), self.row_box(name).input_value(), self.part("readout").inner_text()
        self.slider(name).focus()
        self.page.keyboard.press(key)
        self.wait_for_other_pixels(before)
        expect(self.row_box(name)).not_to_have_value(box)
        expect(self.part("readout")).not_to_have_text(words, use_inner_text=True)


def test_the_lesson_is_there(shown, front):
    page = shown.page
    expect(page.get_by_role("heading", name="What alpha does")).to_be_visible()
    expect(page.locator(LABS)).to_have_count(5)
    expect(page.locator(MATHS).nth(10)).to_be_attached(timeout=20_000)
    heading = page.get_by_role("heading", name="One step")
    expect(page.locator(".jp-MarkdownOutput", has=heading)).not_to_contain_text("$")
    expect(page.locator(".jp-MarkdownOutput", has_text="Run All Cells")).to_be_visible(visible=front != "voila")
    assert page.locator(".jp-CodeCell", has_text="DescentLab(").count() == (0 if front == "voila" else 5)


def test_the_lab_fills_the_width_in_its_own_colours(shown, lab):
    assert lab.picture.bounding_box()["width"] > 0.65 * SIZE[0]  # JupyterLab has files and folders beside it
    assert lab.canvas.bounding_box()["width"] == pytest.approx(lab.picture.bounding_box()["width"], abs=1)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= SIZE[0]
    style = "el => { const { color, borderLeftStyle } = getComputedStyle(el); return [color, borderLeftStyle] }"
    assert lab.root.locator("th.lrlab-constant").evaluate(style) == ["rgb(184, 74, 0)", "dashed"]
    assert lab.root.locator("th.lrlab-plateau").evaluate(style) == ["rgb(0, 114, 178)", "solid"]
    vermilion, blue = lab.colours()
    assert vermilion > 200
    assert blue > 1000


@pytest.mark.parametrize(("name", "key"), [("alpha", "ArrowLeft"), ("factor", "ArrowLeft"), ("patience", "ArrowRight")])
def test_a_key_on_a_slider_moves_the_runs(lab, name, key):
    lab.press_on_slider(name, key)


def test_the_player_plays_and_keys_step(lab):
    told = lab.part("player").locator("span").first
    lab.root.get_by_role("button", name="To the start").click()
    expect(told).to_have_text("start of 200 epochs")
    before = lab.pixels()
    lab.root.get_by_role("button", name="Play").click()
    expect(told).to_have_text(re.compile(r"epoch [1-9]\d of 200"))
    lab.root.get_by_role("button", name="Pause").click()
    assert lab.pixels() != before
    lab.picture.focus()
    lab.page.keyboard.press("Home")
    lab.page.keyboard.press("ArrowRight")
    expect(told).to_have_text("epoch 1 of 200")
    lab.page.keyboard.press("End")
    expect(told).to_have_text("epoch 200 of 200")


def test_the_start_is_dragged_and_the_other_settings_open(lab):
    fold = lab.root.get_by_text("More settings")
    fold.click()
    expect(lab.root.get_by_role("combobox", name="problem", exact=True)).to_be_visible()
    start, before = lab.row_box("start").input_value(), lab.pixels()
    lab.picture.scroll_into_view_if_needed()
    box = lab.canvas.bounding_box()
    x, y = box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"]
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + 20, y + 10, steps=3)
    lab.page.mouse.up()
    lab.wait_for_other_pixels(before)
    expect(lab.row_box("start")).not_to_have_value(start)
    fold.click()
    expect(lab.root.get_by_role("combobox", name="problem", exact=True)).not_to_be_visible()


def test_an_impossible_alpha_is_told_and_the_lab_goes_on(lab):
    right = lab.row_box("alpha").input_value()
    lab.row_box("alpha").fill("-1")
    lab.page.keyboard.press("Enter")
    expect(lab.part("message")).to_contain_text("must be greater than 0")
    expect(lab.part("message")).to_be_visible()
    lab.row_box("alpha").fill(right)
    lab.page.keyboard.press("Enter")
    expect(lab.part("message")).not_to_contain_text("must be")
    lab.press_on_slider("alpha", "ArrowLeft")


# How large letters are: of text, of what a cell prints, and of what is printed elsewhere.
LETTERS = """() => ["jp-MarkdownOutput", "jp-OutputArea-output jp-RenderedText", "elsewhere"].map(names => {
    const place = document.body.appendChild(document.createElement("div"));
    place.className = names;
    const size = getComputedStyle(place.appendChild(document.createElement("pre"))).fontSize;
    place.remove();
    return size;
})"""


def test_four_actions_bring_a_moment_before_a_class(browser, folder):
    """The first is to type the command."""
    with (
        running_lab(folder, command=PRESENT) as server,
        Page(browser, server, LESSON.name, front="voila", viewport=SIZE) as page,
    ):
        assert list(actions(page)) == ["opened", "chosen", "presented", "playing"]
        text, printed, other = page.page.evaluate(LETTERS)
        assert text == printed != other
        lab = page.page.locator(".lrlab-lab").first
        assert lab.get_by_role("combobox", name="moment").input_value() == MOMENT
        assert lab.get_by_role("slider", name="epoch shown").input_value() not in ("0", "200")
        assert page.problems() == []


def test_a_class_on_one_server_over_plain_http(browser, tmp_path):
    """Browsers keep the clipboard, and more, from pages that come neither by https nor from this computer."""
    write_notebook(tmp_path / "class.ipynb", ["import lrlab\nlab = lrlab.DescentLab()\nlab"])
    with running_lab(tmp_path, command=(*JUPYTERLAB, "--ServerApp.allow_remote_access=True")) as server:
        there = replace(server, url=re.sub(r"//[^:/]+", f"//{ELSEWHERE}", server.url))
        with Notebook(browser, there, "class.ipynb", viewport=SIZE) as notebook:
            assert notebook.page.evaluate("isSecureContext") is False
            notebook.run_cell(0)
            lab = Lab(notebook, notebook.cell(0))
            lab.wait_for_picture()
            lab.root.get_by_text("More settings:").click()
            lab.root.get_by_label("problem", exact=True).select_option("rosenbrock")
            lab.root.get_by_text("Save and share").click()
            scene = re.compile("DescentLab .*problem=rosenbrock")
            expect(lab.root.get_by_label("scene as text")).to_have_value(scene)
            lab.root.get_by_role("button", name="Copy scene for a chat").click()
            expect(lab.root.get_by_role("button", name="Copied")).to_be_visible()
            field = lab.root.get_by_label("scene to open")
            field.press("Control+V")
            expect(field).to_have_value(scene)
            assert notebook.problems() == []
