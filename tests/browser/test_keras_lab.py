"""KerasLab in a real JupyterLab: a Keras model that is trained live, under hasty hands, and with an error in it."""

import re

import numpy as np
import pytest

from lrlab.views.tables import readable
from tests.browser.jupyter import Notebook, running_lab, write_notebook
from tests.browser.test_labs import Lab as AnyLab
from tests.browser.test_labs import changed

pytestmark = pytest.mark.browser

FAILING = """
import keras
import tensorflow as tf
from lrlab.keras_live.ready import moons_data

class Fails(keras.Model):
    def train_step(self, data):
        # Five steps an epoch, so the third one has begun.
        tf.debugging.assert_less(self.optimizer.iterations, tf.constant(12, tf.int64), message="Enough is enough.")
        return super().train_step(data)

def get_model(alpha):
    inputs = keras.Input((2,))
    model = Fails(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=alpha), loss="binary_crossentropy")
    return model

lab = lrlab.KerasLab(get_model, moons_data(), alpha=0.1)
lab
"""
CELLS = {
    "start": "import lrlab\nepochs = 100",
    "moons": "lab = lrlab.KerasLab('moons', epochs=epochs)\nlab",
    "beside": "lrlab.DescentLab('ravine', alpha=0.085, factor=0.5, patience=5)",
    "failing": FAILING,
}
N = {name: n for n, name in enumerate(CELLS)}
SIZE = (1400, 1300)  # high enough for all of a lab, so that nothing is scrolled under the mouse
MANY = 3000  # epochs: more than are trained while a test lasts

# Whether the picture shows a training that is over, and that is the one which the controls ask for.
TRAINED = """lab.run.epochs == lab.controls['epochs'].value and all(
    getattr(lab.run.settings, name)[1] == lab.controls[name].value
    for name in ('alpha', 'factor', 'patience', 'min_delta', 'cooldown', 'min_lr'))"""
THREADS = "[thread.name for thread in __import__('threading').enumerate()].count('lrlab training')"


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("notebooks")) as server:
        path = write_notebook(server.root / "keras.ipynb", list(CELLS.values()))
        with Notebook(browser, server, path.name, viewport=SIZE) as notebook:
            notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            # What goes wrong in a widget's handler, in the kernel's loop or in a thread is told in no cell.
            notebook.page.evaluate(
                """() => {
                    window.kernelErrors = [];
                    jupyterapp.shell.currentWidget.sessionContext.iopubMessage.connect((_, { header, content }) => {
                        if (header.msg_type === 'error') kernelErrors.push(content.evalue);
                        if (header.msg_type === 'stream' && content.name === 'stderr') kernelErrors.push(content.text);
                    });
                    jupyterapp.shell.collapseLeft();
                }"""
            )
            notebook.run_cell(N["start"])
            yield notebook
            assert notebook.cell_errors() == notebook.problems() == notebook.page.evaluate("kernelErrors") == []


class Lab(AnyLab):
    """A KerasLab in the page, ``lab`` in the kernel. Waits are for what is seen or asked for, never for a time."""

    def __init__(self, notebook, cell):
        super().__init__(notebook, cell)
        self.progress = self.root.locator(".lrlab-progress")

    def settle(self):
        """Wait until the kernel has taken in what it was told, while it goes on to train."""
        self.notebook.ask("with lab.figure.lock: pass")
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def until(self, holds, what):
        """Wait until ``holds()``; a minute at most, which is for the slowest of machines."""
        for _ in range(1200):
            if holds():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what}: not within a minute. The lab says: {self.words()} {self.message()}")

    def words(self):
        """How far training is."""
        return self.progress.locator(".widget-html").inner_text().strip()

    def wait_for_words(self, pattern):
        self.until(lambda: re.search(pattern, self.words()), pattern)

    def epoch(self):
        """The epoch that the words tell; 0 where they tell none."""
        found = re.search(r"epoch (\d+) of", self.words())
        return int(found[1]) if found else 0

    def wait_for_epoch(self, epoch):
        self.until(lambda: self.epoch() > epoch, f"an epoch after {epoch}")

    def wait_until_trained(self):
        self.until(lambda: "epochs of both runs" in self.words() and self.ask(TRAINED) == "True", "trained")
        self.settle()

    def button(self, words):
        return self.progress.get_by_role("button", name=words, exact=True)

    def press(self, name, key, times=3):
        self.slider(name).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def listen(self):
        """From now on, keep all that the words say."""
        self.progress.locator(".widget-html-content").evaluate(
            """words => {
                window.heard?.disconnect();
                window.said = [];
                window.heard = new MutationObserver(() => said.push(words.innerText));
                heard.observe(words, { childList: true, characterData: true, subtree: true });
            }"""
        )

    def said(self):
        return self.page.evaluate("said")

    def sentence(self):
        return self.root.locator(".lrlab-sentence").inner_text()

    def more(self):
        if not self.menu("model").is_visible():
            self.root.get_by_text("More settings").click()
            self.menu("model").wait_for()
        return self


def run(notebook, name, wait=True):
    """Run a cell, and look at its lab at once: it is of interest while it trains."""
    notebook.page.evaluate(
        """([n, wait]) => {
            const { content } = jupyterapp.shell.currentWidget;
            content.deselectAll();
            content.activeCellIndex = n;
            const done = jupyterapp.commands.execute('notebook:run-cell');
            return wait ? done : null;
        }""",
        [N[name], wait],
    )
    return Lab(notebook, notebook.cell(N[name]))


@pytest.fixture
def shown(notebook):
    """Shows a lab that trains from the start: ``shown("moons")``, ``shown("moons", epochs=3000)``.

    One that is open already is used again, unless it has to be new: models take seconds to compile.
    """
    notebook.page.set_viewport_size(dict(zip(("width", "height"), SIZE, strict=True)))

    def show(name, epochs=100, new=False):
        lab = Lab(notebook, notebook.cell(N[name]))
        if new or not lab.progress.count():
            notebook.ask(f"if 'lab' in globals(): lab.close()\nepochs = {epochs}")
            lab = run(notebook, name)
        else:
            notebook.ask(AGAIN.format(epochs=epochs))
        lab.root.scroll_into_view_if_needed()
        lab.wait_for_picture()
        return lab

    return show


AGAIN = """
lab.set(model='moons', alpha=2, factor=0.5, patience=5, epochs={epochs}, seed=0)
lab.start_over()
"""


@pytest.fixture
def long(shown):
    """A lab in the middle of its training."""
    lab = shown("moons", epochs=MANY)
    lab.wait_for_epoch(20)
    return lab


# Training ------------------------------------------------------------------------------------------------------------


def test_a_model_is_trained_in_the_notebook(notebook):
    first = notebook.ask("print('tensorflow' not in __import__('sys').modules)").strip() == "True"
    lab = run(notebook, "moons", wait=False)
    if first:  # of the tests that are run: the note is seen once
        lab.progress.get_by_text("Loading TensorFlow").wait_for()
    lab.wait_until_trained()
    assert lab.words().startswith("100 epochs of both runs in ")
    assert lab.message() == ""
    filled, whole = (lab.progress.locator(part).bounding_box() for part in (".progress-bar", ".progress"))
    assert filled["width"] == pytest.approx(whole["width"], abs=1)
    vermilion, blue = lab.colours()
    assert vermilion > 1000
    assert blue > 1000
    assert lab.sentence() == notebook.ask(COMPARISON).strip()
    for i in range(2):
        assert readable(float(lab.ask(f"lab.run.final_loss[{i}]"))) in lab.readout()
    outputs = notebook.output(N["moons"])
    assert outputs.startswith("KerasLab: ")
    assert outputs.count("\n") == 1, "nothing but the lab's two lines: TensorFlow likes to talk"

    lab.more().listen()
    lab.root.get_by_role("button", name="New weights").click()
    lab.until(lambda: lab.value("seed") == 1, "another seed")
    lab.wait_until_trained()
    assert [words for words in lab.said() if "Loading" in words] == [], "TensorFlow is loaded once"


COMPARISON = "from lrlab.views.readout import comparison\nprint(comparison(lab.run, None))"


def test_a_slider_starts_training_again_and_nothing_is_compiled_again(shown):
    lab = shown("moons")
    lab.wait_until_trained()
    lab.notebook.ask("twins = lab._session.twins")
    for name, key in (("alpha", "ArrowLeft"), ("factor", "ArrowLeft"), ("patience", "ArrowRight")):
        before, text, value = lab.picture_as_array(), lab.readout(), lab.value(name)
        lab.press(name, key)
        lab.until(lambda name=name, value=value: lab.value(name) != value, "another value")
        lab.wait_until_trained()
        assert float(lab.row_box(name).input_value()) == lab.value(name)
        assert lab.readout() != text
        assert readable(float(lab.ask("lab.run.final_loss[1]"))) in lab.readout()
        for panel in ("losses", "rates", "fit plateau"):
            assert changed(lab.crop(before, panel), lab.crop(lab.picture_as_array(), panel)) > 0.001, (name, panel)
    assert lab.ask("lab._session.twins is twins") == "True"


def test_the_words_tell_what_happens_and_nothing_else(shown):
    """Nobody presses Stop here; and when a training has begun, it is the epochs of that one which are counted."""
    lab = shown("moons", new=True)
    lab.listen()
    lab.wait_until_trained()
    said = [lab.said()]
    lab.listen()
    lab.press("alpha", "ArrowLeft", times=1)
    lab.until(lambda: lab.value("alpha") < 2, "another alpha")
    lab.wait_until_trained()
    said.append(lab.said())
    known = r"Building and compiling both models …|epoch \d+ of 100\b.*|100 epochs of both runs in .*"
    for words in said:
        assert [one for one in words if not re.fullmatch(known, one)] == []
        epochs = [int(found[1]) for one in words if (found := re.match(r"epoch (\d+) of", one))]
        assert epochs == sorted(epochs)


def test_a_hundred_quick_moves_end_in_a_training_with_the_last_alpha(shown):
    lab = shown("moons")  # each move but the last meets a training that is under way
    track = lab.root.locator(".noUi-target").first.bounding_box()
    handle = lab.slider("alpha").bounding_box()
    y = track["y"] + track["height"] / 2
    lab.page.mouse.move(handle["x"] + handle["width"] / 2, y)
    lab.page.mouse.down()
    for move in range(100):
        lab.page.mouse.move(track["x"] + (move * 37 % 100) / 100 * track["width"], y)
        lab.page.wait_for_timeout(45)
    lab.page.mouse.move(track["x"] + 0.6 * track["width"], y)
    lab.page.mouse.up()

    low, high = eval(lab.ask("(lab.controls['alpha'].slider.min, lab.controls['alpha'].slider.max)"))
    aim = pytest.approx(10 ** (0.4 * low + 0.6 * high), rel=0.05)
    lab.until(lambda: lab.value("alpha") == aim, "the hand's last alpha")
    lab.wait_until_trained()
    alpha = lab.value("alpha")
    assert alpha == aim
    assert float(lab.row_box("alpha").input_value()) == alpha
    assert eval(lab.ask("lab.run.lr[0].tolist()")) == [np.float32(alpha)] * 2
    assert lab.ask("(lab.run.epochs, lab.controls['epochs'].value)") == "(100, 100)"
    assert lab.ask(THREADS) == "1"
    assert lab.message() == ""

    picture, text = lab.picture_as_array(), lab.readout()
    lab.listen()
    lab.button("Start over").click()
    lab.until(lab.said, "another training")
    lab.wait_until_trained()
    assert lab.readout() == text, "haste must leave nothing behind"
    assert (lab.picture_as_array() == picture).all()


def test_another_model_brings_axes_and_columns_of_its_own(shown):
    lab = shown("moons")
    lab.wait_until_trained()
    lab.more()
    for name, alpha in (("digits", "0.5"), ("diabetes", "0.1")):
        still, notes = lab.still(), lab.notes()
        lab.menu("model").select_option(name)
        lab.until(lambda name=name: lab.value("model") == name, "another model")
        lab.wait_until_trained()
        assert lab.still() != still
        assert lab.notes() != notes
        assert lab.row_box("alpha").input_value() == alpha
        assert lab.sentence() == lab.notebook.ask(COMPARISON).strip()
        low, high = eval(lab.ask("tuple(map(float, lab.view.axes['losses'].get_ylim()))"))
        assert low < float(lab.ask("lab.run.watched[0, 0]")) < high, f"the first loss of {name} is in the picture"
        assert lab.root.locator(".lrlab-readout").evaluate(CUT_OFF) == []


CUT_OFF = """table => [...table.querySelectorAll('th, td')].filter(cell => cell.scrollWidth > cell.clientWidth)
    .map(cell => cell.textContent)"""


# Buttons -------------------------------------------------------------------------------------------------------------


def test_pause_holds_the_picture_and_resume_lets_it_go_on(long):
    lab = long
    lab.button("Pause").click()
    lab.wait_for_words("^paused after epoch")
    lab.until(lambda: lab.ask("lab.run.epochs == lab._session.twins.history.epochs") == "True", "held")
    lab.settle()
    epoch, picture, text = lab.epoch(), lab.picture_as_array(), lab.readout()
    assert lab.words() == f"paused after epoch {epoch} of {MANY}"
    assert lab.root.locator(".lrlab-player span").inner_text() == f"epoch {epoch} of {MANY}", "and not the last"
    lab.page.wait_for_timeout(700)  # time enough for many more epochs
    assert lab.words() == f"paused after epoch {epoch} of {MANY}"
    assert (lab.picture_as_array() == picture).all()
    assert lab.readout() == text
    assert lab.ask("lab._session.twins.history.epochs") == str(epoch)

    lab.button("Resume").click()
    lab.wait_for_epoch(epoch + 20)
    assert lab.words().startswith("epoch ")
    assert changed(picture, lab.picture_as_array()) > 0.001


def test_stop_ends_a_training_and_start_over_begins_another(long):
    lab = long
    lab.wait_for_epoch(100)
    lab.button("Stop").click()
    lab.wait_for_words("^stopped after epoch")
    lab.button("Start over").wait_for()
    lab.settle()
    epochs = int(lab.ask("lab.run.epochs"))
    assert lab.words() == f"stopped after epoch {epochs} of {MANY}"
    assert lab.button("Pause").is_disabled()
    assert lab.sentence() == lab.notebook.ask(COMPARISON).strip()

    lab.button("Start over").click()
    lab.until(lambda: 0 < lab.epoch() < epochs, "the first epochs again")
    assert lab.words().startswith("epoch ")
    assert lab.sentence().startswith("So far")
    assert lab.button("Pause").is_enabled()


def test_more_epochs_are_trained_after_those_there_are(shown):
    lab = shown("moons")
    lab.wait_until_trained()
    picture = lab.picture_as_array()
    lab.notebook.ask("history, before = lab._session.twins.history, lab.history")
    lab.listen()
    lab.button("50 more epochs").click()
    lab.until(lambda: lab.value("epochs") == 150, "150 epochs")
    lab.wait_until_trained()
    assert lab.words().startswith("150 epochs of both runs in ")
    said = lab.said()
    again = [words for words in said if (found := re.search(r"epoch (\d+) of", words)) and int(found[1]) < 100]
    assert again == [], "what has been trained is not trained again"
    assert lab.ask("lab._session.twins.history is history") == "True"
    assert lab.ask("lab.history.plateau['val_loss'][:100] == before.plateau['val_loss']") == "True"
    assert changed(lab.crop(picture, "losses"), lab.crop(lab.picture_as_array(), "losses")) > 0.001
    assert lab.more().root.get_by_label("epochs", exact=True).input_value() == "150"


# Errors --------------------------------------------------------------------------------------------------------------


def test_a_model_that_raises_is_told_of_and_the_lab_works_on(shown):
    lab = shown("failing")
    lab.wait_for_words("^stopped by an error in epoch 3$")
    lab.until(lambda: "Enough is enough." in lab.message(), "the model's own words")
    assert lab.message().startswith("InvalidArgumentError")
    assert lab.ask("lab.run.epochs") == "2"
    assert min(lab.colours()) > 20, "the epochs before it stay in the picture"

    lab.listen()
    lab.button("Start over").click()
    lab.until(lambda: lab.said()[-1:] == ["stopped by an error in epoch 3"], "the same error")
    lab.until(lambda: "Enough is enough." in lab.message(), "the same words")

    lab.more().menu("model").select_option("moons")
    lab.until(lambda: lab.value("model") == "moons", "another model")
    lab.wait_until_trained()
    assert lab.words().startswith("100 epochs of both runs in ")
    assert lab.message() == ""
    assert lab.row_box("alpha").input_value() == "2"
    assert lab.sentence() == lab.notebook.ask(COMPARISON).strip()
    assert min(lab.colours()) > 1000


def test_a_mistyped_alpha_is_told_and_training_goes_on(long):
    lab = long
    lab.type_alpha("fast")
    lab.until(lambda: "fast" in lab.message(), "told")
    epoch = lab.epoch()
    lab.wait_for_epoch(epoch + 20)
    assert lab.message() == "alpha must be a number, got 'fast'. Try 0.1."
    assert lab.row_box("alpha").input_value() == "fast"
    assert lab.value("alpha") == 2
    lab.type_alpha("0.5")
    lab.until(lambda: lab.ask("lab.run.lr[:1, 0].tolist()") == "[0.5]", "a training with what was typed then")
    assert lab.message() == ""
    assert lab.row_box("alpha").input_value() == "0.5"


# The notebook around it ----------------------------------------------------------------------------------------------


def test_a_cell_run_again_in_mid_training_replaces_its_lab(long):
    notebook = long.notebook
    notebook.ask("old, thread, epochs = lab, lab._worker._thread, 100")
    assert long.words().startswith("epoch ")
    lab = run(notebook, "moons")
    lab.wait_until_trained()
    assert lab.words().startswith("100 epochs of both runs in ")
    lab.until(lambda: lab.ask("thread.is_alive()") == "False", "the end of the old lab's thread")
    assert lab.ask(f"(old is lab, old.comm, old.figure.figure, {THREADS})") == "(False, None, None, 1)"
    assert notebook.page.locator(".lrlab-progress").count() == 1
    assert min(lab.colours()) > 1000


def test_another_lab_follows_its_slider_while_a_model_is_trained(long):
    other = run(long.notebook, "beside")
    other.wait_for_picture()
    for name, key in (("factor", "ArrowLeft"), ("patience", "ArrowRight"), ("alpha", "ArrowLeft")):
        before, text, epoch = other.pixels(), other.readout(), long.epoch()
        other.slider(name).focus()
        for _ in range(3):
            other.page.keyboard.press(key)
        long.until(lambda text=text: other.readout() != text, "another readout")
        long.until(lambda before=before: other.pixels() != before, "another picture")
        long.wait_for_epoch(epoch)
        assert long.words().startswith("epoch ")


# The code ------------------------------------------------------------------------------------------------------------


def test_the_code_is_that_of_the_sliders_and_can_be_copied(shown):
    lab = shown("moons")
    lab.root.get_by_text("Code: the same in plain Keras").click()
    code = lab.root.locator(".lrlab-code pre")
    code.wait_for()
    assert "model = moons(2.0)\n" in code.text_content()
    lab.press("alpha", "ArrowLeft", times=1)
    lab.until(lambda: "model = moons(2.0)\n" not in code.text_content(), "another alpha")
    assert f"model = moons({lab.value('alpha')!r})\n" in code.text_content()
    lab.wait_until_trained()
    copy = lab.root.locator(".lrlab-code button")
    copy.click()
    lab.until(lambda: copy.inner_text() == "Copied", "copied")
    assert lab.page.evaluate("navigator.clipboard.readText()") == code.text_content() == lab.notebook.ask(CODE)


CODE = "print(lab.code, end='')"


# The layout ----------------------------------------------------------------------------------------------------------

# In every frame, where the parts of a lab are in it: left, top, width, height. Kept where they differ, with the words.
WATCH_PLACES = """root => {
    window.places = [];
    const parts = root.querySelectorAll('.lrlab-live-figure, .lrlab-progress, .lrlab-progress button');
    const look = () => {
        const words = root.querySelector('.lrlab-progress .widget-html')?.innerText;
        if (words === undefined) return; // closed
        const { left, top } = root.getBoundingClientRect();
        const now = [...parts].map(part => {
            const box = part.getBoundingClientRect();
            return [box.left - left, box.top - top, box.width, box.height];
        });
        if (JSON.stringify(now) !== JSON.stringify(places.at(-1)?.now))
            places.push({ now, words });
        requestAnimationFrame(look);
    };
    look();
}"""


def drawn_for(lab):
    """The box of the picture, if it had just the size that the kernel drew it for."""
    width, height = eval(lab.ask("tuple(lab.figure.figure.bbox.size.tolist())"))
    return lab.picture.bounding_box() | {"width": pytest.approx(width, abs=2), "height": pytest.approx(height, abs=2)}


@pytest.mark.parametrize("width", [1400, 430])
def test_nothing_jumps_while_a_model_is_trained(shown, width):
    lab = shown("moons", epochs=MANY, new=True)
    lab.page.set_viewport_size({"width": width, "height": SIZE[1]})
    lab.until(lambda: drawn_for(lab) == lab.picture.bounding_box(), "a picture that was drawn for this width")
    lab.root.evaluate(WATCH_PLACES)
    lab.wait_for_epoch(20)
    lab.button("Pause").click()
    lab.wait_for_words("^paused after epoch")
    lab.button("Resume").click()
    lab.wait_for_words("^epoch ")
    lab.press("alpha", "ArrowLeft")
    lab.until(lambda: lab.value("alpha") < 2, "another alpha")
    lab.wait_for_epoch(20)
    lab.button("Stop").click()
    lab.wait_for_words("^stopped after epoch")
    places = lab.page.evaluate("places")
    first = np.array(places[0]["now"])
    moved = [(place["words"], place["now"]) for place in places if np.abs(np.array(place["now"]) - first).max() > 2]
    assert moved == []
