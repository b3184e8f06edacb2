"""For everybody in the room: dark pages, the last row, keyboards and screen readers. axe-core finds nothing serious."""

import base64
import importlib.util
import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib.colors import to_rgb
from PIL import Image
from playwright.sync_api import expect

from lrlab.views.style import PAIR
from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab

pytestmark = pytest.mark.browser

LABS = [
    "DescentLab(alpha=0.05)",
    "BasinLab()",
    "ChainLab()",
    "JobsLab()",
    "SweepLab(metric='gain over constant')",
    "RateFreeLab()",
]
if importlib.util.find_spec("tensorflow") is not None:
    LABS.append("KerasLab(epochs=3)")
NIGHT = (17, 17, 17)


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "legible.ipynb", [f"import lrlab\nlab = lrlab.{lab}\nlab" for lab in LABS])
        with Notebook(browser, server, path.name, viewport=(1400, 900)) as notebook:
            notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
            yield notebook
            assert notebook.cell_errors() == notebook.problems() == []


def shown(notebook, n):
    notebook.run_cell(n)
    lab = Lab(notebook, notebook.cell(n))
    lab.root.scroll_into_view_if_needed()
    lab.wait_for_picture()
    lab.rest()
    return lab


def set_theme(notebook, name):
    notebook.page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', { theme: name })", name)


def wait_for_theme(lab, dark):
    here = ".lrlab-live-figure.lrlab-dark"
    expect(lab.root.locator(here)).to_have_count(1 if dark else 0, timeout=10_000)
    lab.settle()


def array(png):
    return np.array(Image.open(io.BytesIO(base64.b64decode(png.split(",")[1]))).convert("RGBA")).astype(int)


def turned_over(color):
    """The same hue, as light as it was dark, on JupyterLab's black."""
    rgb = 255 * np.array(to_rgb(color))
    return NIGHT[0] + (rgb + 255 - rgb.max() - rgb.min()) * (255 - NIGHT[0]) / 255


def contrast(one, other):
    """WCAG 2.1's contrast ratio."""

    def luminance(color):
        c = np.array(color) / 255
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def has(picture, color):
    return (np.abs(picture[..., :3] - color).max(axis=-1) <= 2).sum()


def test_pictures_follow_the_theme_and_come_back(notebook):
    lab = shown(notebook, 0)
    light = lab.still(), lab.pixels()
    set_theme(notebook, "JupyterLab Dark")
    wait_for_theme(lab, dark=True)
    still, live = array(lab.still()), array(lab.pixels())
    assert tuple(still[2, 2, :3]) == NIGHT
    for style in PAIR:
        assert has(live, turned_over(style.color)) > 100
        assert has(live, 255 * np.array(to_rgb(style.color))) == 0
        assert contrast(turned_over(style.color), NIGHT) > 4.5
    lab.slider("alpha").focus()
    lab.page.keyboard.press("ArrowLeft")
    lab.settle()
    assert has(array(lab.pixels()), turned_over(PAIR[1].color)) > 100, "what is new is dark too"
    lab.ask("lab.set(alpha=0.05)")
    lab.settle()
    set_theme(notebook, "JupyterLab Light")
    wait_for_theme(lab, dark=False)
    assert (lab.still(), lab.pixels()) == light


@pytest.mark.parametrize("n", range(len(LABS)), ids=LABS)
def test_axe_finds_nothing_serious(notebook, n):
    lab = shown(notebook, n)
    lab.root.get_by_text("More settings:").click()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        set_theme(notebook, theme)
        wait_for_theme(lab, dark=theme.endswith("Dark"))
        lab.root.evaluate("lab => lab.setAttribute('data-axe', 'here')")
        found = Axe().run(notebook.page, context="[data-axe=here]", options=None).response
        lab.root.evaluate("lab => lab.removeAttribute('data-axe')")
        serious = [
            (rule["id"], part["html"][:200], [check["message"] for check in part["any"]])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
            for part in rule["nodes"]
        ]
        assert serious == []
        checked = {rule["id"] for rule in found["passes"]}
        assert {"color-contrast", "aria-input-field-name", "button-name", "label"} <= checked


def test_what_is_told_is_spoken_and_sliders_have_names(notebook):
    lab = shown(notebook, 0)
    expect(lab.root).to_have_attribute("aria-label", "DescentLab, ravine")
    heard, sentence = lab.root.locator(".lrlab-heard"), lab.root.locator(".lrlab-sentence")
    expect(heard).to_have_role("status")
    expect(heard).to_have_text(sentence.inner_text())
    before = sentence.inner_text()
    lab.slider("alpha").focus()
    lab.page.keyboard.press("End")
    lab.settle()
    assert heard.inner_text() == before != sentence.inner_text(), "not while things move"
    expect(heard).to_have_text(sentence.inner_text())
    lab.root.get_by_role("button", name="Open the rule").click()
    expect(heard).to_contain_text(re.compile(r"Epoch \d+: "))
    lab.root.get_by_role("button", name="Close the rule").click()
    lab.root.get_by_role("button", name="Hide what comes").click()
    expect(heard).to_have_text("")
    lab.root.get_by_role("button", name="Reveal").click()
    lab.root.get_by_role("button", name="To the end").click()
    expect(heard).to_have_text(sentence.inner_text())
    expect(lab.root.locator(".lrlab-message")).to_have_attribute("aria-live", "assertive")
    for name in ("alpha", "factor", "patience"):
        assert lab.root.get_by_role("slider", name=name, exact=True).count() == 1
    lab.ask("lab.controls['problem'].__setattr__('value', 'rosenbrock')")  # its slider is built anew
    lab.settle()
    expect(lab.root.get_by_role("slider", name="alpha", exact=True)).to_have_count(1)
    expect(lab.root).to_have_attribute("aria-label", "DescentLab, rosenbrock")


def test_a_switch_says_whether_it_is_on(notebook):
    lab = shown(notebook, 0)
    solid = lab.root.get_by_role("button", name="3-D", exact=True)
    expect(solid).to_have_attribute("aria-pressed", "false")
    solid.click()
    expect(solid).to_have_attribute("aria-pressed", "true")
    solid.click()
    for changing in ("Open the rule", "Hide what comes", "Present"):  # what these say is what they are for next
        assert lab.root.get_by_role("button", name=changing, exact=True).get_attribute("aria-pressed") is None
    jobs = shown(notebook, LABS.index("JobsLab()"))
    group = jobs.root.get_by_role("group", name="callback", exact=True)
    expect(group.get_by_role("button", name="off", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(group.get_by_role("button", name="on", exact=True)).to_have_attribute("aria-pressed", "false")


def test_the_player_keeps_the_focus_at_its_ends(notebook):
    lab = shown(notebook, 0)
    first = lab.root.get_by_role("button", name="To the start")
    first.focus()
    lab.page.keyboard.press("Enter")
    expect(first).to_be_disabled()
    expect(first).to_be_focused()
    lab.page.keyboard.press("Enter")
    lab.root.get_by_role("button", name="To the end").click()
    expect(first).to_be_enabled()


def test_bars_are_seen_on_dark_pages(notebook):
    lab = shown(notebook, 0)
    lab.root.get_by_text("Save and share").click()
    bar = lab.root.locator(".progress-bar").first
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        set_theme(notebook, theme)
        wait_for_theme(lab, dark=theme.endswith("Dark"))
        colors = bar.evaluate("bar => [bar, bar.parentElement].map(it => getComputedStyle(it).backgroundColor)")
        assert contrast(*(tuple(map(float, re.findall(r"[\d.]+", color)[:3])) for color in colors)) > 3


def present(lab):
    """Have the lab fill the screen. Returns the button that leaves it."""
    lab.root.get_by_role("button", name="Present", exact=True).click()
    leave = lab.root.get_by_role("button", name="Leave", exact=True)
    leave.wait_for()
    lab.rest()
    return leave


def test_a_lab_fills_the_screen_and_gives_it_back(notebook):
    lab = shown(notebook, 0)
    before = lab.root.bounding_box()
    letters = float(lab.ask("lab.figure.figure.dpi / lab.figure.figure.bbox.width"))
    leave = present(lab)
    window = lab.page.evaluate("({ width: innerWidth, height: innerHeight })")
    box, picture = lab.root.bounding_box(), lab.picture.bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, window["width"], window["height"])
    assert picture["width"] > 0.9 * window["width"]
    assert float(lab.ask("lab.figure.figure.dpi / lab.figure.figure.bbox.width")) > 1.1 * letters
    assert lab.root.evaluate("lab => lab.scrollHeight <= lab.clientHeight"), "nothing has to be scrolled to"
    assert len({round(lab.slider(name).bounding_box()["y"]) for name in ("alpha", "factor", "patience")}) == 1
    assert not lab.root.get_by_text("More settings:").is_visible()
    lab.page.keyboard.press("Home")  # the picture has the focus
    expect(lab.root.get_by_role("slider", name="epoch shown")).to_have_value("0")
    leave.click()
    lab.root.get_by_role("button", name="Present", exact=True).wait_for()
    lab.rest()
    assert lab.root.bounding_box()["width"] == before["width"]
    assert float(lab.ask("lab.figure.figure.dpi / lab.figure.figure.bbox.width")) == pytest.approx(letters)
    assert lab.ask("lab.presenting.on") == "False"


def test_code_can_fill_the_page_and_escape_leaves_it(notebook):
    lab = shown(notebook, 0)
    lab.notebook.ask("lab.presenting.on = True")
    lab.root.get_by_role("button", name="Leave", exact=True).wait_for()
    lab.settle()
    assert lab.root.bounding_box()["x"] == 0
    lab.page.keyboard.press("Escape")
    lab.root.get_by_role("button", name="Present", exact=True).wait_for()
    lab.settle()
    assert lab.ask("lab.presenting.on") == "False"


def test_a_hand_that_is_faster_than_the_screen_gets_its_notebook_back(notebook):
    lab = shown(notebook, 0)
    present = lab.root.get_by_role("button", name="Present", exact=True)
    for _ in range(5):
        present.evaluate("button => { button.click(); button.click(); }")  # the screen is not ours until later
        notebook.page.wait_for_timeout(300)
        assert notebook.page.evaluate("document.fullscreenElement") is None
        assert "lrlab-presenting" not in lab.root.get_attribute("class")
    present.click()
    lab.root.get_by_role("button", name="Leave", exact=True).click()
    present.wait_for()


# What is in tables' cells that are too narrow for it.
CUT_OFF = """lab => [...lab.querySelectorAll("th, td")]
    .filter(cell => cell.clientWidth && cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent)"""
# Rows of widgets that have a scroll bar: by a pixel is enough.
SCROLLED = """lab => [...lab.querySelectorAll(".widget-box, .lrlab-told")]
    .filter(box => box.clientWidth && box.scrollWidth > box.clientWidth).map(box => box.className)"""


@pytest.mark.parametrize("n", range(len(LABS)), ids=LABS)
def test_on_a_small_projector_all_of_a_lab_is_in_sight(notebook, n):
    notebook.page.set_viewport_size({"width": 1280, "height": 720})
    lab = shown(notebook, n)
    leave = present(lab)
    box = leave.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 720
    assert lab.picture.bounding_box()["width"] >= 700, "panels stand side by side"
    assert lab.root.evaluate("lab => lab.scrollHeight <= lab.clientHeight"), "nothing has to be scrolled to"
    assert lab.root.evaluate(CUT_OFF) == lab.root.evaluate(SCROLLED) == []
    picture = lab.picture.bounding_box()
    for alpha in np.geomspace(0.001, 1, 8):
        lab.ask(f"lab.set(alpha={alpha:.3g})")
        lab.settle()
        assert lab.picture.bounding_box() == picture, "nothing moves while alpha does"
    lab.menu("moment").focus()
    notebook.page.keyboard.press("Escape")  # from anywhere
    lab.root.get_by_role("button", name="Present", exact=True).wait_for()
    notebook.page.set_viewport_size({"width": 1400, "height": 900})


@pytest.mark.parametrize("n", range(len(LABS)), ids=LABS)
def test_no_number_is_cut_off_beside_a_sidebar_or_on_a_phone(notebook, n):
    lab = shown(notebook, n)
    lab.ask("lab.tune_alpha() if hasattr(lab, 'tune_alpha') else lab.set(patience=1, factor=0.3)")
    for width in (1050, 850, 420):
        notebook.page.set_viewport_size({"width": width, "height": 900})
        lab.rest()
        assert lab.root.evaluate(CUT_OFF) == lab.root.evaluate(SCROLLED) == []
    notebook.page.set_viewport_size({"width": 1400, "height": 900})


LETTER = "lab => parseFloat(getComputedStyle(lab.querySelector('.lrlab-sentence')).fontSize)"


def test_from_the_last_row_words_are_as_large_on_any_projector(notebook):
    """Letters are as large a part of the screen's height."""
    lab = shown(notebook, 0)
    in_the_notebook = lab.root.evaluate(LETTER)
    parts = []
    for width, height in ((1280, 720), (1920, 1080)):
        notebook.page.set_viewport_size({"width": width, "height": height})
        present(lab)
        letters = lab.root.evaluate(LETTER)
        in_the_picture = float(lab.ask("lab.view.loss.axes.title.get_fontsize() * lab.figure.figure.dpi / 72"))
        parts.append((letters / height, in_the_picture / height))
        assert lab.root.evaluate("lab => lab.scrollHeight <= lab.clientHeight")
        notebook.page.keyboard.press("Escape")
        lab.root.get_by_role("button", name="Present", exact=True).wait_for()
    notebook.page.set_viewport_size({"width": 1400, "height": 900})
    assert letters > 1.4 * in_the_notebook
    (small, in_small), (large, in_large) = parts
    assert small == pytest.approx(large, rel=0.05)
    assert min(small, large, in_small, in_large) > 0.022


def test_folded_sections_open_by_keyboard(notebook):
    lab = shown(notebook, 0)
    lab.root.get_by_role("button", name="Freeze", exact=True).focus()
    for _ in range(12):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate("document.activeElement.textContent.startsWith('More settings')"):
            break
    header = lab.root.get_by_role("button", name="More settings:")
    expect(header).to_be_focused()
    expect(header).to_have_attribute("aria-expanded", "false")
    notebook.page.keyboard.press("Enter")
    lab.menu("problem").wait_for()
    expect(header).to_have_attribute("aria-expanded", "true")
    notebook.page.keyboard.press("Tab")
    expect(lab.menu("problem")).to_be_focused()


def test_of_two_views_the_one_whose_button_is_pressed_fills_the_screen(notebook):
    lab = shown(notebook, 0)
    notebook.page.evaluate(
        """async () => {
            const panel = jupyterapp.shell.currentWidget;
            panel.content.activeCellIndex = 1;
            panel.content.widgets[1].model.sharedModel.setSource('lab');
            await jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )
    second = Lab(notebook, notebook.cell(1))
    second.root.scroll_into_view_if_needed()
    second.wait_for_picture()
    second.root.get_by_role("button", name="Present", exact=True).click()
    second.root.get_by_role("button", name="Leave", exact=True).wait_for()
    assert "lrlab-presenting" in second.root.get_attribute("class")
    assert "lrlab-presenting" not in lab.root.get_attribute("class")
    notebook.page.keyboard.press("Escape")
    second.root.get_by_role("button", name="Present", exact=True).wait_for()
