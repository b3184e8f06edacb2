"""The surface in 3-D as Chromium draws it: in an empty page, with a model that notes what it would tell the kernel."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from lrlab import problems
from lrlab.core.descent import train_pair
from lrlab.live.solid import Solid
from lrlab.views.solid import Relief, strokes
from lrlab.views.style import PAIR

pytestmark = pytest.mark.browser

SIZE = 480, 400
# A model as anywidget hands it over, with what it would have told the kernel in `window.told`.
PAGE = """async ([source, state]) => {
    document.body.innerHTML = '<div id="solid" style="width: 480px; height: 400px"></div>';
    document.body.style.margin = 0;
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    for (const name of ['_heights', '_rings', '_points']) state[name] = bytes(state[name]);
    const make = (state) => {
        const listeners = [];
        return {
            get: (name) => state[name],
            set(name, value) { state[name] = value; listeners.forEach((listener) => listener()); },
            on: (_, listener) => listeners.push(listener),
            off() {},
            save_changes: () => window.told.push(structuredClone(state._picked)),
        };
    };
    window.told = [];
    window.figure = make({ _shown: null, _faint: true });
    window.model = make({ ...state, figure: 'IPY_MODEL_1' });
    window.model.widget_manager = { get_model: async () => window.figure };
    const module = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    await module.default.render({ model: window.model, el: document.querySelector('#solid') });
}"""
REST = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 300))"


def in_text(numbers):
    return base64.b64encode(np.ascontiguousarray(numbers, "<f4").tobytes()).decode()


def state_of(relief, places):
    surface = dict(relief.surface)
    heights, rings = surface.pop("heights"), surface.pop("rings")
    return {
        "_box": surface | {"shape": heights.shape, "marks": surface["marks"].tolist()},
        "_heights": in_text(heights),
        "_rings": in_text(rings),
        "_points": in_text(places.swapaxes(0, 1)),
        "_strokes": json.loads(json.dumps(strokes(PAIR))),
        "alt": "a surface",
        "letters": 14 / SIZE[0],
    }


class Page:
    """A surface in an empty page."""

    def __init__(self, page):
        self.page, self.errors = page, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def show(self, name, heights=None, **options):
        """A problem's surface and the pair of runs with these options on it."""
        problem = problems.find(name)
        self.relief = Relief(problem)
        if heights is not None:
            self.relief.surface["heights"] = heights(self.relief.surface["heights"])
        with np.errstate(all="ignore"):
            self.places = self.relief.places(train_pair(problem, **options))
        self.page.evaluate(PAGE, [Solid._esm, state_of(self.relief, self.places)])
        return self.picture()

    def picture(self):
        """(rows, columns, 3), when all has come to rest."""
        self.page.evaluate(REST)
        return np.asarray(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"))[: SIZE[1], : SIZE[0]].astype(
            int
        )

    def drag(self, dx, dy, begin=(400, 40)):
        self.page.mouse.move(*begin)
        self.page.mouse.down()
        self.page.mouse.move(begin[0] + dx, begin[1] + dy, steps=4)
        self.page.mouse.up()

    def told(self):
        return self.page.evaluate("window.told")


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    page = Page(context.new_page())
    yield page
    assert page.errors == []
    context.close()


def vermilion(picture):
    return (picture[..., 0] > 190) & (picture[..., 1] < 120) & (picture[..., 2] < 40)


def blue(picture):
    return (picture[..., 0] < 40) & (picture[..., 2] > 140)


ABOVE = (-0.6 / np.pi * SIZE[0], 400)  # from the first view to azimuth 0, straight above
RAVINE = {"alpha": 0.03, "factor": 0.5, "patience": 3, "epochs": 60}


def test_hand_and_keys_turn_it_and_the_kernel_hears_nothing(page):
    first = page.show("ravine", **RAVINE)
    assert vermilion(first).sum() > 20
    assert blue(first).sum() > 100
    page.drag(60, 0)
    turned = page.picture()
    assert (turned != first).any(axis=-1).mean() > 0.1
    page.drag(0, 400)
    above = page.picture()
    page.drag(0, 50)
    assert (page.picture() == above).all(), "it goes no higher than straight above"
    solid = page.page.locator("#solid")
    solid.focus()
    page.page.keyboard.press("Home")
    first = page.picture()  # with the frame that says where keys go
    page.page.keyboard.press("ArrowLeft")
    assert (page.picture() != first).any(axis=-1).mean() > 0.1
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("Home")
    assert (page.picture() == first).all()
    page.drag(30, 30)
    page.page.mouse.dblclick(400, 40)
    assert (page.picture() == first).all()
    assert page.told() == []
    assert (solid.get_attribute("role"), solid.get_attribute("aria-label")) == ("img", "a surface")


def test_it_reveals_what_its_figure_reveals(page):
    whole = page.show("ravine", **RAVINE)
    counts = []
    for shown in (1, 4, 20):
        page.page.evaluate(f"figure.set('_shown', {shown}); figure.set('_faint', false)")
        counts.append(int(blue(page.picture()).sum()))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] <= blue(whole).sum()
    page.page.evaluate("figure.set('_shown', null)")
    assert (page.picture() == whole).all()


def test_from_above_each_epoch_is_where_it_is_on_the_map(page):
    """Azimuth 0, straight above: shares of the box are shares of the surface's outline."""
    page.show("bowl", alpha=0.3, factor=0.5, patience=3, epochs=3)
    page.page.evaluate("model.set('_strokes', model.get('_strokes').map((one) => ({ ...one, width: 1e-6, dot: 0 })))")
    page.drag(*ABOVE)
    for shown in (1, 2, 3):
        page.page.evaluate(f"figure.set('_shown', {shown}); figure.set('_faint', false)")
        picture = page.picture()
        surface = np.nonzero((picture[..., 1] > picture[..., 2] + 1) & (picture.max(axis=-1) > 170))  # and no letters
        (top, bottom), (left, right) = (np.percentile(places, [0.2, 99.8]) for places in surface)
        y, x = (places.mean() for places in np.nonzero(vermilion(picture)))  # the head is all there is of it
        place = page.places[shown - 1, 0]
        assert abs((x - left) / (right - left) - place[0]) < 0.02
        assert abs((bottom - y) / (bottom - top) - place[1]) < 0.02


@pytest.mark.parametrize(("alpha", "leaves"), [(0.085, True), (0.09, True), (1e30, False)])
def test_a_run_that_diverges_is_cut_off_at_the_border(page, alpha, leaves):
    """At 1e30 already the first step ends so far away that, as in the contour, nothing of it is drawn."""
    whole = page.show("ravine", alpha=alpha, factor=0.5, patience=3, epochs=60)
    page.page.evaluate("figure.set('_shown', 1); figure.set('_faint', false)")
    start = page.picture()
    letters_and_surface = (start < 250).any(axis=-1)
    drawn = vermilion(whole)
    assert (drawn.sum() > 3 * vermilion(start).sum() + 50) == leaves
    # A line's own width may stand out from the surface.
    near = np.array(Image.fromarray(letters_and_surface).resize((120, 100)).resize(SIZE, 0))
    assert (drawn & ~near).sum() < 30


def test_holes_are_drawn_as_holes(page):
    def holed(heights):
        heights = heights.copy()
        heights[40:90, 50:100] = np.nan
        return heights

    whole = page.show("bowl", **RAVINE)
    with_hole = page.show("bowl", heights=holed, **RAVINE)
    assert 0.02 < (whole != with_hole).any(axis=-1).mean() < 0.5


def test_the_start_is_dragged_over_the_surface(page):
    page.show("bowl", alpha=0.3, factor=0.5, patience=3, epochs=3)
    page.drag(*ABOVE)
    page.page.evaluate("figure.set('_shown', 1); figure.set('_faint', false)")
    picture = page.picture()
    (y, x) = (float(axis.mean()) for axis in np.nonzero(vermilion(picture)))
    page.drag(30, -20, begin=(x, y))
    told = page.told()
    assert told
    start = page.places[0, 0, :2]
    assert told[-1][0] > start[0] + 0.02
    assert told[-1][1] > start[1] + 0.02
    assert (page.picture() == picture).mean() > 0.99, "the surface has not been turned"
