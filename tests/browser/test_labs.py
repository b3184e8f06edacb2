"""Labs in a real JupyterLab: their menus, one weight, many weights, and maps of starts under the mouse."""

import base64
import io
import re

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image
from playwright.sync_api import expect

from lrlab import problems
from lrlab.labs.first_values import middle_rate
from lrlab.moments import MOMENTS
from lrlab.studies.regimes import REGIMES
from lrlab.views.basins import MINIMA
from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_lesson import Lab as OneLab

pytestmark = pytest.mark.browser

CELLS = {
    "start": "from lrlab.labs.basin import BasinLab\nfrom lrlab.labs.descent import DescentLab",
    "well": "lab = DescentLab('double_well')\nlab",
    "ravine": "lab = DescentLab('ravine', alpha=0.085)\nlab",
    "early": "lab = DescentLab('ravine', alpha=0.085)\nlab.player.epoch = 6\nlab",
    "own": "def mine(epoch, rate, losses):\n    return rate / (12 - epoch)\nlab.rule = mine",
    "mended": "lab.rule = lambda epoch, rate, losses: 0.085 if epoch < 3 else 0.04",
    "net": "lab = DescentLab('mlp_moons')\nlab",
    "maps": "lab = BasinLab('himmelblau', alpha=0.01)\nlab",
    "replay": "import lrlab\nlab = lrlab.replay({'val_loss': [3, 2, 1.5] + 11 * [1.4] + 10 * [1.3]}, patience=3)\nlab",
    "frozen": "lab = DescentLab('ravine', alpha=0.05)\nlab.freeze()\nlab.controls['alpha'].value = 0.02\n"
    "lab.player.epoch = 40\nlab.hiding.value = True\nlab",
    "twin": "values = {name: lab.controls[name].value for name in ('alpha', 'factor', 'patience')}\n"
    "type(lab)(lab.controls['problem'].value, **values)",
}
N = {name: n for n, name in enumerate(CELLS)}
SIDE = 60  # starts per side of a map
VIEW = (-5, 5)  # of himmelblau, in both directions
WIDE = (1400, 1300)  # high enough for all of a lab, so that nothing is scrolled under the mouse


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "labs.ipynb", list(CELLS.values()))
        with Notebook(browser, server, path.name, viewport=WIDE) as notebook:
            # What goes wrong in a widget's handler is told in no cell.
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


PANELS = "{name: axes.get_position().bounds for name, axes in lab.view.axes.items()}"


class Lab(OneLab):
    """A lab in the page, and ``lab`` in the kernel."""

    panels = None

    def settle(self):
        """Wait until the kernel has drawn what it was told, maybe in a thread that its status does not tell of."""
        self.notebook.wait_idle(quiet=0.15)
        self.notebook.ask("with lab.figure.lock: pass")
        self.notebook.wait_idle(quiet=0.1)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def rest(self):
        """Wait until the picture is drawn for its width, and that stays: the browser tells a width once it has come to
        rest, and a picture drawn for it may be given another one in `Present`.
        """
        before = None
        for _ in range(100):
            self.settle()
            width = self.picture.evaluate("picture => picture.clientWidth")
            drawn = float(self.ask("lab.figure.figure.bbox.width"))
            if before == width == pytest.approx(drawn, abs=2):
                return
            before = width
            self.page.wait_for_timeout(300)
        raise AssertionError(f"the picture is {width} pixels wide, and not drawn for that")

    def more(self):
        """Unfold the other settings."""
        self.root.get_by_text("More settings").click()
        self.menu("problem").wait_for()
        return self

    def menu(self, name):
        return self.root.get_by_role("combobox", name=name, exact=True)

    def ask(self, expression):
        return self.notebook.ask(f"print({expression})").strip()

    def value(self, name):
        """A control's value in the kernel."""
        return eval(self.ask(f"repr(lab.controls[{name!r}].value)"))

    def notes(self):
        return self.root.locator(".lrlab-notes").inner_text()

    def message(self):
        return self.root.locator(".lrlab-message").inner_text().strip()

    def type_alpha(self, text):
        self.row_box("alpha").fill(text)
        self.page.keyboard.press("Enter")
        self.settle()

    def picture_as_array(self):
        """The live layer, (rows, columns, 4)."""
        png = base64.b64decode(self.pixels().split(",")[1])
        return np.array(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)

    def shares(self, panel):
        """Where a panel is in the picture, as shares of it: left, top, width, height."""
        self.panels = self.panels or eval(self.ask(PANELS))
        left, bottom, width, height = self.panels[panel]
        return left, 1 - bottom - height, width, height

    def crop(self, picture, panel):
        rows, columns, _ = picture.shape
        left, top, width, height = self.shares(panel)
        return picture[
            round(top * rows) : round((top + height) * rows), round(left * columns) : round((left + width) * columns)
        ]

    def place(self, panel, x, y):
        """Where in the page a point of a panel is, given in shares of it from its lower left corner."""
        box = self.canvas.bounding_box()
        left, top, width, height = self.shares(panel)
        return box["x"] + (left + x * width) * box["width"], box["y"] + (top + (1 - y) * height) * box["height"]


@pytest.fixture
def shown(notebook):
    """Shows a lab anew: ``shown("net")``."""
    notebook.page.set_viewport_size(dict(zip(("width", "height"), WIDE, strict=True)))

    def show(name):
        notebook.page.mouse.move(1, 1)  # a mouse that rests on a map would choose a start
        notebook.run_cell(N[name])
        lab = Lab(notebook, notebook.cell(N[name]))
        lab.root.scroll_into_view_if_needed()
        lab.wait_for_picture()
        return lab

    return show


def changed(before, after):
    """The share of pixels that differ."""
    return (before != after).any(axis=-1).mean()


# Faults that were there when these tests were written.

# Menus ---------------------------------------------------------------------------------------------------------------

READ_GROUPS = """select => Object.fromEntries([...select.querySelectorAll('optgroup')].map(
    group => [group.label, [...group.children].map(option => option.text)]))"""


def test_the_menus_have_names_and_groups(shown):
    lab = shown("well").more()
    assert lab.menu("problem").evaluate(READ_GROUPS) == {
        group: [name.replace("_", " ") for name in names] for group, names in problems.GROUPS.items()
    }
    assert lab.menu("moment").evaluate(READ_GROUPS) == {
        group: [moment.name for moment in found] for group, found in MOMENTS["DescentLab"].items()
    }
    assert [lab.menu(name).input_value() for name in ("problem", "moment")] == ["double_well", ""]


def test_another_problem_is_another_lab(shown):
    lab = shown("well").more()
    for name, shows, hides in [("rosenbrock", "noise", "batch_size"), ("linear_regression", "batch_size", "noise")]:
        still, live, text, notes = lab.still(), lab.pixels(), lab.readout(), lab.notes()
        lab.menu("problem").select_option(name)
        lab.settle()
        assert lab.ask("lab.problem.name") == name.replace("_", " ")
        assert lab.still() != still
        assert lab.pixels() != live
        assert lab.readout() != text
        assert lab.notes() != notes
        assert lab.root.get_by_label(shows, exact=True).is_visible()
        assert not lab.root.get_by_label(hides, exact=True).is_visible()
    assert lab.message() == ""


def test_keys_choose_a_problem_and_do_nothing_else(shown):
    """JupyterLab's own keys must not be meant: there, an arrow goes to another cell, and "x" deletes one."""
    lab = shown("well").more()
    lab.menu("problem").focus()
    here = "select => document.activeElement === select"
    for key, name in [("ArrowDown", "tilted_washboard"), ("ArrowUp", "double_well"), ("a", "ackley")]:
        lab.page.keyboard.press(key)
        lab.settle()
        assert lab.page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
        assert lab.menu("problem").evaluate(here)
        assert lab.menu("problem").input_value() == name
        assert lab.value("problem") == name


def test_the_kernel_sets_the_menu(shown):
    lab = shown("well").more()
    still = lab.still()
    lab.notebook.ask("lab.controls['problem'].value = 'Rotated ellipse'")
    assert lab.menu("problem").input_value() == "rotated_ellipse"
    lab.settle()
    assert lab.still() != still
    lab.notebook.ask("try: lab.controls['problem'].value = 'mountain'\nexcept ValueError: pass")
    assert lab.menu("problem").input_value() == lab.value("problem") == "rotated_ellipse"


READ_FIELDS = """fields => fields.filter(field => field.offsetWidth).map(field => {
    const [label, box] = [field.querySelector('label'), field.querySelector('input, select')];
    const { left, top, height, right } = box.getBoundingClientRect();
    const cut = [label, box].some(part => part.tagName !== 'SELECT' && part.scrollWidth > part.clientWidth);
    return { name: label.textContent, left, right, height, middle: top + height / 2, cut };
})"""


def test_the_other_settings_line_up(shown):
    lab = shown("maps").more()
    for width in (430, 1000, 1920):
        lab.page.set_viewport_size({"width": width, "height": WIDE[1]})
        lab.page.wait_for_timeout(200)
        fields = lab.root.locator(".lrlab-more .widget-inline-hbox").evaluate_all(READ_FIELDS)
        assert [field["name"] for field in fields if field["cut"]] == []
        room = lab.root.bounding_box()
        assert max(field["right"] for field in fields) <= room["x"] + room["width"]
        firsts = []
        for row in rows(fields):
            firsts.append(row[0]["left"])
            for key in ("middle", "height"):
                assert np.ptp([field[key] for field in row]) <= 2, [(field["name"], field[key]) for field in row]
        assert len(firsts) > 1
        assert np.ptp(firsts) <= 1


def rows(fields):
    found = []
    for field in fields:
        if found and abs(found[-1][-1]["middle"] - field["middle"]) < 12:
            found[-1].append(field)
        else:
            found.append([field])
    return found


def test_a_moment_sets_the_sliders_until_one_is_moved(shown):
    lab = shown("well").more()
    top = lab.root.locator("canvas").first.bounding_box()["y"]
    # From one to the next, alpha leaves the range of the problem before, upwards and downwards.
    for name in ("rescued by the plateau", "a corner", "a plateau that ends", "a small rate"):
        (regime,) = (regime for regime in REGIMES if regime.name == name)
        lab.menu("moment").select_option(name)
        lab.settle()
        for slider in ("alpha", "factor", "patience"):
            assert float(lab.row_box(slider).input_value()) == regime.settings[slider]
        assert lab.menu("problem").input_value() == regime.problem
        assert lab.menu("moment").input_value() == name
        assert lab.root.locator("canvas").first.bounding_box()["y"] == top  # nothing has jumped
        assert regime.why in lab.notes()
        lab.slider("patience").focus()
        lab.page.keyboard.press("ArrowRight")
        lab.settle()
        assert lab.menu("moment").input_value() == lab.ask("lab.examples.value") == ""
        assert regime.why not in lab.notes()
        assert int(lab.row_box("patience").input_value()) == regime.settings["patience"] + 1


def test_a_value_beyond_its_slider_stays_as_it_was_set(shown):
    lab = shown("well").more()
    for name, typed in [("alpha", "3"), ("alpha", "0.0001"), ("factor", "0.01"), ("patience", "80")]:
        lab.row_box(name).fill(typed)
        lab.page.keyboard.press("Enter")
        lab.settle()
        assert lab.row_box(name).input_value() == typed
        assert lab.value(name) == float(typed)
    for name in ("rosenbrock", "tilted_washboard"):
        lab.menu("problem").select_option(name)
        lab.settle()
        assert lab.value("alpha") == middle_rate(problems.find(name))


# DescentLab ----------------------------------------------------------------------------------------------------------


def test_a_click_in_a_curve_is_the_start(shown):
    lab = shown("well")
    low, high = eval(lab.ask("tuple(lab.problem.view[0])"))
    text, before = lab.readout(), lab.picture_as_array()
    lab.page.mouse.click(*lab.place("surface", 0.2, 0.7))  # on the other side of the hump, high above the curve
    lab.settle()
    after = lab.picture_as_array()
    (x,) = lab.value("start")
    assert x == pytest.approx(low + 0.2 * (high - low), abs=(high - low) / 300)
    assert "reached the target" in lab.readout() != text
    assert changed(lab.crop(before, "surface"), lab.crop(after, "surface")) > 0.001
    loss = float(lab.ask("lab.run.loss[0, 0]"))
    bottom, top = eval(lab.ask("tuple(map(float, lab.view.axes['surface'].get_ylim()))"))
    assert is_start(lab.crop(after, "surface"), 0.2, (loss - bottom) / (top - bottom))


def is_start(panel, x, y):
    """Whether the white disc of the start lies there."""
    rows, columns, _ = panel.shape
    row, column = int((1 - y) * rows), int(x * columns)
    return (panel[row - 1 : row + 2, column - 1 : column + 2] >= 250).all()


def test_the_rule_is_opened_and_keys_go_from_epoch_to_epoch(shown):
    lab = shown("ravine")
    closed, inside = lab.picture_as_array(), lab.root.locator(".lrlab-inspector")
    figure = lab.picture.bounding_box()
    lab.root.get_by_role("button", name="Open the rule").click()
    lab.settle()
    assert "Epoch 200: " in inside.inner_text()
    lab.notebook.ask("lab.player.epoch = 5")
    lab.root.locator(".lrlab-player").get_by_role("slider").focus()
    seen = []
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
        lab.settle()
        seen.append((inside.inner_text(), lab.crop(lab.picture_as_array(), "losses")))
    for epoch, (words, _) in zip((6, 7, 8), seen, strict=True):
        assert f"Epoch {epoch}: " in words
    assert "wait is now 5 of 5: rate cut from 0.085 to 0.0425" in seen[0][0]
    assert "the wait starts over at 0" in seen[1][0]
    assert changed(seen[0][1], seen[1][1]) > 0.001
    assert lab.picture.bounding_box() == figure, "nothing above the switch moves"
    lab.root.get_by_role("button", name="Close the rule").click()
    lab.root.get_by_role("button", name="To the end").click()
    lab.settle()
    assert (lab.picture_as_array() == closed).all()
    lab.notebook.ask("lab.player.epoch = 8")
    lab.root.get_by_role("button", name="Open the rule").click()
    lab.settle()
    text = inside.inner_text()
    lab.slider("alpha").focus()
    lab.page.keyboard.press("ArrowLeft")
    lab.settle()
    assert "Epoch 8: " in inside.inner_text() != text


def player_says(lab):
    return lab.root.locator(".lrlab-player span").inner_text()


def test_a_film_shows_the_epoch_that_the_opened_rule_tells_of(shown):
    lab = shown("ravine")
    lab.notebook.ask("lab.player.epoch = 20; lab.inspector.opened.value = True")
    lab.settle()
    assert player_says(lab) == "epoch 20 of 200"
    lab.root.evaluate(
        """root => {
            window.pairs = [];
            const [words, text] = [root.querySelector(".lrlab-inspector"), root.querySelector(".lrlab-player span")];
            const look = () => pairs.push([words.textContent.match(/Epoch (\\d+):/)?.[1], text.textContent]);
            new MutationObserver(look).observe(words, { childList: true, subtree: true, characterData: true });
        }"""
    )
    lab.root.get_by_role("button", name="Play (space)").click()
    lab.page.wait_for_function("pairs.length > 12")
    lab.root.get_by_role("button", name="Pause (space)").click()
    lab.settle()
    for told, shown_there in lab.page.evaluate("pairs.filter(([told]) => told)"):
        assert shown_there == f"epoch {told} of 200"


def test_an_epoch_that_was_set_before_the_lab_is_seen_is_the_one_it_shows(shown):
    lab = shown("early")
    assert player_says(lab) == "epoch 6 of 200"
    lab.notebook.ask("lab.player.epoch = 200")
    lab.settle()
    assert player_says(lab) == "epoch 200 of 200"


def test_it_plays_in_the_browser_while_the_kernel_is_busy(shown):
    lab = shown("ravine")
    whole = lab.picture_as_array()
    lab.root.get_by_label("speed").select_option("4×")
    lab.notebook.start("import time; time.sleep(8)")
    lab.root.get_by_role("button", name="Play").click()
    seen = set()
    for _ in range(12):
        lab.page.wait_for_timeout(100)
        seen.add(player_says(lab))
    assert len(seen) >= 4, seen
    expect(lab.root.locator(".lrlab-player span")).to_have_text("epoch 200 of 200", timeout=15_000)
    assert lab.notebook.busy(), "all of it without the kernel"
    lab.settle()
    assert (lab.picture_as_array() == whole).all()
    lab.notebook.ask("lab.player.epoch = 3")
    lab.settle()
    early = lab.picture_as_array()
    for panel in ("surface", "losses", "rates"):
        assert changed(lab.crop(whole, panel), lab.crop(early, panel)) > 0.001, panel


COUNT_FRAMES = """() => {
    window.frames3d = [];
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.closest?.('.lrlab-solid')) window.frames3d.push(performance.now());
        return clear.apply(this, box);
    };
}"""
COUNT_MESSAGES = """() => {
    window.messages = [];
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    kernel.anyMessage.connect((_, { msg, direction }) => messages.push(`${direction} ${msg.header.msg_type}`));
}"""


def test_a_surface_is_turned_in_the_browser_while_the_kernel_is_busy(shown, tmp_path):
    lab = shown("ravine")
    switch = lab.root.get_by_role("button", name="3-D", exact=True)
    places = [lab.slider("alpha"), lab.picture, switch, lab.root.locator(".lrlab-readout")]
    before = [place.bounding_box() for place in places]
    switch.click()
    lab.settle()
    assert [place.bounding_box() for place in places] == before, "nothing moves"
    solid = lab.root.locator(".lrlab-solid")
    canvas, box = solid.locator("canvas"), solid.bounding_box()
    look = "canvas => canvas.toDataURL()"
    lab.page.wait_for_timeout(500)
    first = canvas.evaluate(look)
    seen_enough = tmp_path / "seen enough"
    lab.notebook.start(f"import os, time\nwhile not os.path.exists({str(seen_enough)!r}):\n    time.sleep(0.05)")
    lab.page.wait_for_timeout(300)
    lab.page.evaluate(COUNT_FRAMES)
    lab.page.evaluate(COUNT_MESSAGES)
    x, y = box["x"] + 0.8 * box["width"], box["y"] + 0.2 * box["height"]
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for step in range(40):
        lab.page.mouse.move(x - step, y + step / 2)
    lab.page.mouse.up()
    times = lab.page.evaluate("frames3d")
    print(f"turned at {1000 * (len(times) - 1) / (times[-1] - times[0]):.0f} frames a second")
    turned = canvas.evaluate(look)
    assert turned != first
    assert lab.page.evaluate("messages") == []
    lab.root.get_by_role("button", name="To the start").click()
    lab.root.get_by_label("speed").select_option("4×")
    lab.page.wait_for_timeout(400)
    seen = {canvas.evaluate(look)}
    lab.root.get_by_role("button", name="Play").click()
    for _ in range(6):
        lab.page.wait_for_timeout(100)
        seen.add(canvas.evaluate(look))
    assert len(seen) >= 4, "points move on it, in step"
    assert lab.notebook.busy(), "all of it without the kernel"
    seen_enough.touch()
    switch.click()
    lab.settle()
    assert not solid.is_visible()


def test_keys_step_when_the_figure_has_the_focus(shown):
    lab = shown("ravine")
    cells = lab.notebook.count()
    lab.picture.click(position={"x": 5, "y": 5})
    lab.root.locator(".lrlab-live-figure").focus()
    for key, expected in (("Home", "start of 200 epochs"), ("ArrowRight", "epoch 1 of 200"),
                          ("Shift+ArrowRight", "epoch 11 of 200"), ("ArrowLeft", "epoch 10 of 200"),
                          ("End", "epoch 200 of 200")):  # fmt: skip
        lab.page.keyboard.press(key)
        assert player_says(lab) == expected
    lab.page.keyboard.press("Home")
    lab.page.keyboard.press("Space")
    lab.page.wait_for_timeout(600)
    lab.page.keyboard.press("Space")
    stopped = player_says(lab)
    assert stopped.startswith("epoch ")
    assert stopped != "epoch 200 of 200"
    lab.page.wait_for_timeout(400)
    assert player_says(lab) == stopped
    lab.settle()
    assert f"epoch {lab.ask('lab.player.epoch')} of 200" == stopped, "the kernel has heard where it came to rest"
    assert lab.notebook.count() == cells


def test_what_comes_is_hidden_and_then_revealed(shown):
    lab = shown("ravine")
    whole, told = lab.picture_as_array(), lab.root.locator(".lrlab-told")
    lab.notebook.ask("setattr(lab.player, 'epoch', 3)")
    lab.settle()
    faint = lab.picture_as_array()
    lab.root.get_by_role("button", name="Hide what comes").click()
    lab.settle()
    assert not told.locator(".lrlab-readout").is_visible()
    hidden = lab.picture_as_array()
    assert changed(lab.crop(faint, "losses"), lab.crop(hidden, "losses")) > 0.001, "not even faintly"
    assert lab.root.get_by_role("button", name="To the end").is_disabled()
    lab.root.get_by_label("speed").select_option("4×")
    lab.root.get_by_role("button", name="Reveal").click()
    expect(lab.root.locator(".lrlab-player span")).to_have_text("epoch 200 of 200", timeout=15_000)
    lab.settle()
    assert told.locator(".lrlab-readout").is_visible()
    assert (lab.picture_as_array() == whole).all()


def test_what_is_hidden_in_mid_film_is_what_comes_after_the_epoch_that_is_seen(shown):
    lab = shown("ravine")
    words = lab.root.locator(".lrlab-player span")
    lab.root.get_by_role("button", name="Play").click()  # from the end: from the start
    expect(words).to_have_text(re.compile(r"epoch [3-9]\d of 200"), timeout=15_000)
    lab.root.get_by_role("button", name="Hide what comes").click()
    lab.settle()
    seen = int(words.inner_text().split()[1])
    assert seen >= 30
    assert lab.ask("(lab.player.epoch, lab.player.limit)") == f"({seen}, {seen})"
    lab.root.get_by_role("button", name="Reveal").click()
    lab.root.get_by_role("button", name="To the end").click()
    expect(words).to_have_text("epoch 200 of 200")


def test_a_third_run_from_the_menu_and_from_a_cell(shown):
    lab = shown("ravine")
    lab.more().menu("third run").select_option("cosine")
    lab.settle()
    assert lab.root.locator(".lrlab-own").inner_text() == "cosine"
    assert green(lab) > 200
    rows = lab.root.locator(".lrlab-readout tbody tr").count()
    lab.notebook.run_cell(N["own"])
    lab.settle()
    assert lab.menu("third run").input_value() == "yours"
    assert "raised ZeroDivisionError after epoch 12" in lab.message()
    assert "in mine, line 2: return rate / (12 - epoch)" in lab.message()
    assert lab.root.locator(".lrlab-readout tbody tr").count() == rows - 1
    lab.slider("alpha").focus()
    lab.page.keyboard.press("ArrowLeft")
    lab.settle()
    assert "ZeroDivisionError" in lab.message()
    assert min(lab.colours()) > 200
    lab.notebook.run_cell(N["mended"])
    lab.settle()
    assert lab.message() == ""
    assert "reached the target" in lab.root.locator("tr", has=lab.page.locator(".lrlab-own")).inner_text()
    lab.menu("third run").select_option("")
    lab.settle()
    assert lab.root.locator(".lrlab-own").count() == 0


def green(lab):
    """How many pixels of the live layer have the third run's colour."""
    return (np.abs(lab.picture_as_array()[..., :3] - np.array([0, 121, 90])).max(axis=-1) < 12).sum()


def test_a_network_has_a_landscape_and_shows_what_it_learned(shown):
    lab = shown("net")
    before = lab.picture_as_array()
    lab.type_alpha("3")
    after = lab.picture_as_array()
    for panel in ("surface", "fit constant", "fit plateau"):
        one, other = lab.crop(before, panel), lab.crop(after, panel)
        assert (one[..., 3] > 200).mean() > 0.97  # there is an image all over it
        assert len(np.unique(one.reshape(-1, 4), axis=0)) > 100
        assert changed(one, other) > 0.1
    assert lab.root.locator(".lrlab-readout th", has_text="accuracy").count() == 1
    accuracies = [float(cell.split()[0]) for cell in lab.root.locator("td[data-head=accuracy]").all_inner_texts()]
    assert accuracies == pytest.approx(100 * np.array(eval(lab.ask(SCORES))), abs=0.051)
    assert "the plane through the start and the ends of both runs" in lab.notes()


SCORES = "lab.problem.samples.score(lab.run.w[-1]).tolist()"


# BasinLab ------------------------------------------------------------------------------------------------------------


def cell_of(i, j):
    """The middle of a cell of the map: in shares of the panel, and as a start."""
    shares = (i + 0.5) / SIDE, (j + 0.5) / SIDE
    return shares, pytest.approx(tuple(VIEW[0] + (VIEW[1] - VIEW[0]) * share for share in shares), abs=1e-9)


def test_two_maps_are_drawn_and_a_key_on_alpha_draws_others(shown):
    lab = shown("maps")
    before = lab.picture_as_array()
    lab.slider("alpha").focus()
    lab.page.keyboard.press("End")
    lab.settle()
    after = lab.picture_as_array()
    for panel in ("constant", "plateau"):
        one, other = lab.crop(before, panel), lab.crop(after, panel)
        for color in MINIMA[:4]:  # one basin for each of himmelblau's minima
            assert (np.abs(one[..., :3] - 255 * np.array(to_rgb(color))).max(axis=-1) < 8).mean() > 0.05
        assert changed(one, other) > 0.3


def test_a_mouse_over_a_map_shows_the_run_from_there(shown):
    lab = shown("maps")
    lab.notebook.ask("maps = lab.constant, lab.plateau")
    before, text = lab.picture_as_array(), lab.readout()
    for panel, cell in [("constant", (10, 50)), ("plateau", (44, 12))]:
        shares, start = cell_of(*cell)
        lab.page.mouse.move(*lab.place(panel, *shares), steps=4)
        lab.settle()
        picture = lab.picture_as_array()
        assert lab.value("start") == start
        for each in ("constant", "plateau"):
            assert is_start(lab.crop(picture, each), *shares)
            assert 0.001 < changed(lab.crop(before, each), lab.crop(picture, each)) < 0.1
    assert lab.ask("lab.constant is maps[0] and lab.plateau is maps[1]") == "True"
    assert lab.readout() == text

    lab.page.mouse.move(*lab.place("plateau", 0.5, -0.15))
    lab.page.mouse.move(1, 1)
    lab.settle()
    assert lab.value("start") == start
    assert (lab.picture_as_array() == picture).all()


def test_a_click_and_a_drag_in_a_map_choose_the_start(shown):
    lab = shown("maps")
    lab.notebook.ask("maps = lab.constant, lab.plateau")
    shares, start = cell_of(30, 40)
    lab.page.mouse.move(*lab.place("plateau", *shares))
    lab.settle()
    lab.notebook.ask("lab.set(start=(1, 1))")
    assert lab.value("start") == (1, 1)
    lab.page.mouse.down()
    lab.settle()
    assert lab.value("start") == start
    lab.page.mouse.move(*lab.place("plateau", -0.05, cell_of(30, 5)[0][1]))  # held, it may leave
    lab.page.mouse.up()
    lab.settle()
    assert lab.value("start") == cell_of(0, 5)[1]
    assert lab.ask("lab.constant is maps[0] and lab.plateau is maps[1]") == "True"


def test_alpha_0_is_told_and_the_maps_go_on(shown):
    lab = shown("maps")
    before = lab.picture_as_array()
    lab.type_alpha("0")
    assert lab.message() == "alpha must be greater than 0 (1e-30 to 1e30), got 0.0. Try 0.1."
    assert (lab.picture_as_array() == before).all()
    shares, start = cell_of(44, 12)
    lab.page.mouse.move(*lab.place("constant", *shares))
    lab.settle()
    assert lab.value("start") == start
    assert changed(before, lab.picture_as_array()) > 0
    lab.type_alpha("0.03")
    assert lab.message() == ""
    assert lab.value("alpha") == 0.03
    assert changed(lab.crop(before, "constant"), lab.crop(lab.picture_as_array(), "constant")) > 0.1


# Haste ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "end"), [("maps", 0.83), ("net", 0.7)])
def test_a_fast_drag_ends_in_the_picture_of_where_it_ends(shown, name, end):
    lab = shown(name)
    before = lab.picture_as_array()
    track = lab.root.locator(".noUi-target").first.bounding_box()
    y = track["y"] + track["height"] / 2
    handle = lab.slider("alpha").bounding_box()
    lab.page.mouse.move(handle["x"] + handle["width"] / 2, y)
    lab.page.mouse.down()
    for turn in range(40):
        lab.page.mouse.move(track["x"] + (turn * 37 % 100) / 100 * track["width"], y)
    lab.page.mouse.move(track["x"] + end * track["width"], y)
    lab.page.mouse.up()
    lab.settle()
    picture = lab.picture_as_array()
    assert changed(before, picture) > 0.1
    assert lab.message() == ""
    alpha = lab.value("alpha")
    assert float(lab.row_box("alpha").input_value()) == alpha
    low, high = eval(lab.ask("tuple(lab.problem.alpha_range)"))
    assert alpha == pytest.approx(low ** (1 - end) * high**end, rel=0.05)

    still, text = lab.still(), lab.readout()
    twin = shown("twin")
    assert (twin.picture_as_array() == picture).all()
    assert twin.still() == still
    assert twin.readout() == text


def test_a_replay_follows_its_sliders(shown):
    lab = shown("replay")
    assert "would have cut the rate after epochs" in lab.readout()
    assert "no replay can know how" in lab.notes()
    before = lab.picture_as_array()
    lab.slider("patience").focus()
    lab.page.keyboard.press("End")  # 50, which is longer than this history
    lab.settle()
    assert "would never have cut the rate" in lab.readout()
    assert lab.notes() == ""
    for panel in ("losses", "rates"):
        assert changed(lab.crop(before, panel), lab.crop(lab.picture_as_array(), panel)) > 0.001


def test_what_was_hidden_and_frozen_in_code_is_so_in_the_first_picture(shown):
    lab = shown("frozen")
    assert lab.root.get_by_role("slider", name="epoch shown").input_value() == "40"
    assert lab.root.get_by_role("button", name="Reveal", exact=True).is_visible()
    assert not lab.root.locator(".lrlab-sentence").first.is_visible()
    ends = lab.crop(lab.picture_as_array(), "losses")[:, -60:]
    assert not ends[..., 3].any(), "nothing of the end is to be seen"
    rows = lab.root.locator(".lrlab-frozen tbody tr")
    assert rows.count() == 1
    assert rows.inner_text().startswith("A")
    still = lab.still()
    lab.root.get_by_role("button", name="Clear frozen runs").click()
    lab.settle()
    assert lab.still() != still
    assert rows.count() == 0
    lab.root.get_by_role("button", name="Reveal", exact=True).click()
    lab.root.get_by_role("button", name="Freeze", exact=True).click()
    lab.settle()
    assert rows.count() == 1
    assert lab.message() == ""


def test_another_speed_goes_on_from_where_the_film_is(shown):
    lab = shown("ravine")
    slider = lab.root.get_by_role("slider", name="epoch shown")
    lab.root.get_by_role("button", name="To the start (Home)").click()
    lab.root.get_by_role("button", name="Play (space)").click()
    lab.page.wait_for_timeout(1500)
    before = int(slider.input_value())
    lab.root.get_by_role("combobox", name="speed").select_option("0.25")
    lab.page.wait_for_timeout(200)
    after = int(slider.input_value())
    lab.root.get_by_role("button", name="Pause (space)").click()
    assert 10 < before <= after < before + 30


def test_a_hidden_end_is_not_given_away(shown):
    lab = shown("ravine")
    lab.root.get_by_role("button", name="Hide what comes", exact=True).click()
    lab.settle()
    assert lab.root.get_by_role("button", name="Freeze", exact=True).is_disabled()
    assert lab.menu("moment").evaluate("menu => getComputedStyle(menu).color") == "rgba(0, 0, 0, 0)"
    ask = "lab => getComputedStyle(lab.querySelector('.lrlab-told'), '::before').content"
    assert "What do you expect?" in lab.root.evaluate(ask)
    lab.root.get_by_role("button", name="Reveal", exact=True).click()
    lab.root.get_by_role("button", name="Pause (space)").click()
    lab.settle()
    assert "told at the end" in lab.root.evaluate(ask)
    lab.root.get_by_role("button", name="To the end (End)").click()
    lab.settle()
    assert lab.root.locator(".lrlab-sentence").first.is_visible()
    assert not lab.root.get_by_role("button", name="Freeze", exact=True).is_disabled()
