"""A random user: moves of mouse and keyboard on whatever a lab shows, drawn from a seed.

Nothing here knows any lab. A move looks at what is on the screen (sliders, fields, menus, buttons, pictures) and uses
one of them, with the values that its rule allows, those at its ends, and some that it refuses.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from lrlab.core.rules import RULES

# How often each kind is chosen, where there is one.
WEIGHTS = {"slider": 50, "field": 20, "menu": 8, "button": 10, "picture": 9, "fold": 3}
KEYS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End")
PLAYING = (*KEYS[:2], *KEYS[6:], "Space")  # and Escape is for Present
NONSENSE = ("", "abc", "-1", "0", "1e400", "nan", "-inf", "1,5", "0.1.2", "<b>1</b>", "9" * 40, "½", "' OR 1=1", "None")

COVERED = "could not be reached"

# What costs time only: the soak has an hour, and a map of 200 x 200 cells over 100,000 epochs would take it all.
AT_MOST = {"epochs": 400, "points": 30, "seeds": 5, "tries": 3}
# What no rule in `RULES` speaks of: starts, names of files, lines for scenes.
OTHER_TEXTS = (
    "1, 2", "-1.5; 0,5", "3", "(0, 0)", "1e9, -1e9", "1, 2, 3", "ravine.png", "../outside", "con", "a" * 300,
    "lrlab-1 DescentLab problem=ravine alpha=0.085 factor=0.5 patience=3",
    "lrlab-1 ChainLab problem=rosenbrock alpha=0.001", "lrlab-1 DescentLab alpha=minus", "lrlab-9 Nothing", "{}",
)  # fmt: skip

# All that a hand can use inside a lab, with the name that a screen reader would say.
SURVEY = """lab => {
    const kinds = {
        slider: '.noUi-handle, input[type=range]',
        field: 'input[type=text], input[type=number], textarea',
        menu: 'select',
        button: 'button, input[type=checkbox]',
        picture: '.lrlab-live-figure, .lrlab-solid',
        fold: '.jupyter-widget-Collapse-header',
    };
    const found = [];
    for (const [kind, selector] of Object.entries(kinds))
        for (const element of lab.querySelectorAll(selector)) {
            const row = element.closest('.lrlab-field, .widget-inline-hbox');
            const said = element.getAttribute('aria-label') || row?.querySelector('label')?.textContent;
            const name = (said || element.textContent || element.title).trim().slice(0, 40);
            if (element.checkVisibility({ visibilityProperty: true }) && !element.disabled && !element.readOnly)
                found.push({ kind, name, element });
        }
    lab.found = found.map(({ element }) => element);
    return found.map(({ kind, name }, n) => ({ kind, name, n }));
}"""
# Bring what was chosen into view; where it is then, and for a slider where its track is.
REACH = """(lab, n) => {
    const element = lab.found[n];
    element.scrollIntoView({ block: 'nearest' });
    const box = thing => (({ x, y, width, height }) => [x, y, width, height])(thing.getBoundingClientRect());
    return { at: box(element), along: box(element.closest('.noUi-target') ?? element) };
}"""
SEEN = "(lab, [n, x, y]) => lab.found[n].contains(document.elementFromPoint(x, y))"  # and nothing covers it there
FOCUS = "(lab, n) => { lab.found[n].focus(); return document.activeElement === lab.found[n]; }"
CHOOSE = """(lab, [n, share]) => {
    const menu = lab.found[n];
    const options = [...menu.options].filter(option => !option.disabled);
    menu.value = options[Math.floor(share * options.length)].value;
    menu.dispatchEvent(new Event('input', { bubbles: true }));
    menu.dispatchEvent(new Event('change', { bubbles: true }));
    return menu.selectedOptions[0]?.text ?? '';
}"""


class User:
    """Uses labs at random. The same seed makes the same choices wherever a lab shows the same.

    count: moves so far, by kind: each step of a drag, each key, each text, choice and click is one
    last: the last 20, in words
    """

    def __init__(self, page: Page, seed: int) -> None:
        self.page, self.seed = page, seed
        self.count: Counter[str] = Counter()
        self.last: deque[str] = deque(maxlen=20)
        self._random = random.Random(seed)

    def use(self, lab: Locator, moves: int, name: str) -> None:
        """At least so many moves on one lab, which is called ``name`` in what is told of them."""
        goal = self.count.total() + moves
        while self.count.total() < goal:
            things = lab.evaluate(SURVEY)
            kinds = sorted({thing["kind"] for thing in things}, key=list(WEIGHTS).index)
            kind = self._random.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]
            thing = self._random.choice([thing for thing in things if thing["kind"] == kind])
            self.last.append(f"{name}: {kind} {thing['name']!r}")
            done = getattr(self, f"_use_{kind}")(lab, thing)
            self.last[-1] += f" {done}"
        if lab.evaluate("lab => lab.classList.contains('lrlab-presenting')"):
            self.page.keyboard.press("Escape")
        self.page.mouse.move(1, 1)

    # One method for each kind: does it, counts it, and returns it in words -----------------------------------------

    def _use_slider(self, lab: Locator, thing: dict[str, Any]) -> str:
        if self._random.random() < 0.4:
            return self._press(lab, thing, KEYS, "slider by keys")
        reached = lab.evaluate(REACH, thing["n"])
        x, y, width, height = reached["at"]
        left, top, length, thickness = reached["along"]
        if "epoch" in thing["name"]:  # a plain range: its handle is not an element
            x, width = left + self._random.random() * length, 0
        if not self._point_at(lab, thing, x + width / 2, y + height / 2):
            return COVERED
        self.page.mouse.down()
        shares = [self._random.choice((-0.2, 0, 1, 1.2, *[self._random.random()] * 6)) for _ in range(self._short())]
        for share in shares:
            self.page.mouse.move(left + share * length, top + thickness / 2)
        self.page.mouse.up()
        self.count["slider by mouse"] += len(shares)
        return "dragged to " + ", ".join(f"{share:.0%}" for share in shares)

    def _use_field(self, lab: Locator, thing: dict[str, Any]) -> str:
        text = self._text(thing["name"].replace(" ", "_"))
        if not lab.evaluate(FOCUS, thing["n"]):
            return COVERED
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press(self._random.choice(("Enter", "Tab")))
        self.count["typed"] += 1
        return f"typed {text!r}"

    def _use_menu(self, lab: Locator, thing: dict[str, Any]) -> str:
        self.count["menu"] += 1
        return f"chose {lab.evaluate(CHOOSE, [thing['n'], self._random.random()])!r}"

    def _use_button(self, lab: Locator, thing: dict[str, Any]) -> str:
        x, y, width, height = lab.evaluate(REACH, thing["n"])["at"]
        if not self._point_at(lab, thing, x + width / 2, y + height / 2):
            return COVERED
        self.page.mouse.down()
        self.page.mouse.up()
        self.count["button"] += 1
        return "pressed"

    _use_fold = _use_button

    def _use_picture(self, lab: Locator, thing: dict[str, Any]) -> str:
        if self._random.random() < 0.4:
            return self._press(lab, thing, PLAYING, "picture by keys")
        x, y, width, height = lab.evaluate(REACH, thing["n"])["at"]
        held = self._random.random() < 0.6
        places = [
            (x + self._random.random() * width, y + self._random.random() * height) for _ in range(1 + self._short())
        ]
        if not self._point_at(lab, thing, *places[0]):
            return COVERED
        if held:
            self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place)
        if held:
            self.page.mouse.up()
        self.count["picture by mouse"] += len(places)
        return f"{'dragged' if held else 'hovered'} over {len(places)} places"

    def _point_at(self, lab: Locator, thing: dict[str, Any], x: float, y: float) -> bool:
        """Bring the mouse there. A click on what lies above it would be a click on something else."""
        self.page.mouse.move(x, y)
        return lab.evaluate(SEEN, [thing["n"], x, y])

    def _press(self, lab: Locator, thing: dict[str, Any], keys: tuple[str, ...], kind: str) -> str:
        if not lab.evaluate(FOCUS, thing["n"]):
            return COVERED
        pressed = self._random.choices(keys, k=self._short())
        for key in pressed:
            self.page.keyboard.press(key)
        self.count[kind] += len(pressed)
        return f"pressed {' '.join(pressed)}"

    # What is drawn ---------------------------------------------------------------------------------------------------

    def _short(self) -> int:
        return self._random.randint(1, 6)

    def _text(self, name: str) -> str:
        """For a parameter: by its own rule, random over all magnitudes, or at one of its ends; or what is no number."""
        if self._random.random() < 0.2:
            return self._random.choice(NONSENSE)
        if name not in RULES:
            return self._random.choice(OTHER_TEXTS)
        return self._random.choice(_allowed(name, self._random))


def _allowed(name: str, chance: random.Random) -> list[str]:
    """Values that a parameter's rule allows: the two ends of what it allows, and a few between them."""
    rule = RULES[name]
    if rule.whole:
        tried = np.array([0, 1, 2, *(int(10 ** chance.uniform(0, 2.6)) for _ in range(6)), 10**5, 10**9], float)
    else:
        tried = np.array([0, 1e-30, *(10 ** chance.uniform(-4, 1) for _ in range(6)), 1 - 1e-12, 1, 1e12, 1e30])
    allowed = tried[rule.holds(tried) & (tried <= AT_MOST.get(name, np.inf))]
    return [f"{value:.17g}" for value in allowed]
