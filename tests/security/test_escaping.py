"""Text of users and of data is never markup: whatever they call their things, no tag but lrlab's own gets into a page.

Labs put text into HTML widgets, exercises into what they display; scripts use ``textContent`` for the rest.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import ipywidgets as widgets
import numpy as np
import pytest

import lrlab
from lrlab.course import answers, progress
from lrlab.course.catalogue import find
from lrlab.labs.lifetime import _held_by

PACKAGE = Path(lrlab.__file__).parent
EVIL = "<img src=x onerror=alert(1)>"
WORSE = '\'"><script>alert(1)</script><a href="javascript:alert(1)">'
BAD = [EVIL, WORSE]
PLAIN = ("b", "br", "code", "details", "em", "h4", "i", "pre", "strong", "style", "summary", "tbody", "thead")
OURS = {
    **dict.fromkeys(PLAIN, frozenset()),
    "div": {"class", "tabindex"},
    "p": {"class"},
    "span": {"class", "title"},
    "table": {"class"},
    "td": {"class", "colspan", "data-head", "style", "title"},
    "th": {"class", "data-head", "scope", "style", "title"},
    "tr": {"class"},
}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.odd, self.text = [], ""

    def handle_starttag(self, tag, attributes):
        if tag not in OURS or {name for name, _ in attributes} - OURS[tag]:
            self.odd.append((tag, attributes))

    def handle_data(self, data):
        self.text += data


def check(html):
    """Nothing in it is a tag of somebody else's. Returns the text that is read."""
    parser = Tags()
    parser.feed(html)
    parser.close()
    assert parser.odd == [], html
    return parser.text


def all_in(root):
    found, waiting = [], [root]
    while waiting:
        widget = waiting.pop()
        if widget not in found:
            found.append(widget)
            waiting += _held_by(widget)
    return found


def check_all(lab):
    """Every widget in it that takes HTML. Returns what is read in them."""
    text = ""
    for widget in all_in(lab):
        if isinstance(widget, (widgets.HTML, widgets.HTMLMath)):
            text += check(widget.value)
        for name in ("description_allow_html", "tooltip_allow_html"):
            assert not getattr(widget, name, False)
    return text


def evil_problem(evil, samples=None):
    return lrlab.Problem(
        name=evil, formula=evil.replace("$", ""), loss=lambda w: (w**2).sum(-1), start=(1.0, 1.0),
        view=((-2, 2), (-2, 2)), convex=False, axes=(evil, evil), teaches=evil, source=evil, minima=[(0.0, 0.0)],
        samples=samples,
    )  # fmt: skip


def evil_samples(evil):
    x = np.column_stack([np.linspace(-1, 1, 20), np.ones(20)])
    fit = lrlab.Fit(x[:, :1], lambda w, points: points[:, 0] + 0 * w[..., :1], False, (evil, evil))
    return lrlab.Samples(
        x, np.zeros(20), lambda w, x, y: 2 * w, lambda w: (w**2).sum(-1), score=lambda w: w.sum(-1), score_name=evil,
        fit=fit,
    )  # fmt: skip


def rule_called(name):
    def rule(epoch, rate, losses):
        return rate

    rule.__name__ = name
    return rule


@pytest.mark.parametrize("evil", BAD, ids=["img", "script"])
@pytest.mark.parametrize("name", ["DescentLab", "BasinLab", "ChainLab", "JobsLab", "SweepLab", "RateFreeLab"])
def test_names_are_text_in_every_lab(name, evil):
    samples = evil_samples(evil) if name == "RateFreeLab" else None
    lab = getattr(lrlab, name)(evil_problem(evil, samples), alpha=0.1, epochs=5)
    if "rule" in lab.controls:
        lab.rule = rule_called(evil)
    if lab.inspector is not None:
        lab.inspector.opened.value = True
    if lab.freezing is not None:
        lab.freeze()
        lab.controls["alpha"].value = 0.2
        lab.freeze()
    for field in lab._fields():
        field.box.value = evil
        assert evil[:4] in check_all(lab), "it is told, as text"
    lab.sharing.name.value = evil
    lab.sharing.numbers.click()
    assert evil[:4] in check_all(lab)
    lab.close()


@pytest.mark.parametrize("evil", BAD, ids=["img", "script"])
def test_names_of_data_are_text(evil):
    lab = lrlab.DescentLab(evil_problem(evil, evil_samples(evil)), alpha=0.1, epochs=5)
    assert evil[:4] in check_all(lab), "the score's name is a head of the table"
    lab.close()


@pytest.mark.parametrize("evil", BAD, ids=["img", "script"])
@pytest.mark.parametrize("kind", [ValueError, TypeError, ImportError])
def test_errors_are_text(evil, kind):
    lab = lrlab.DescentLab("bowl", epochs=5)

    def broken(epoch, rate, losses):
        raise kind(evil)

    lab.rule = broken
    assert evil[:4] in check_all(lab)
    lab.rule = None
    lab._train = lambda: broken(0, 0, 0)
    lab.controls["alpha"].value = 0.2
    assert evil[:4] in check_all(lab)
    lab.close()


@pytest.mark.parametrize("evil", BAD, ids=["img", "script"])
def test_scenes_are_text(evil):
    lab = lrlab.DescentLab("bowl", epochs=5)
    for scene in (evil, f"lrlab-1 {evil}", f"lrlab-1 DescentLab problem={evil}", f'{{"lrlab": 1, "lab": "{EVIL}"}}'):
        lab.scenes.paste(scene)
        assert lab.scenes.wrong
        check_all(lab)
    lab.close()


def test_a_saved_picture_has_names_as_text(tmp_path):
    lab = lrlab.DescentLab(evil_problem(EVIL), alpha=0.1, epochs=5)
    tree = ElementTree.parse(lab.save(tmp_path / "x.svg"))
    assert {element.tag.split("}")[1] for element in tree.iter()}.isdisjoint({"img", "script", "foreignObject", "a"})
    lab.close()


# Exercises ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """What is displayed in a notebook, as HTML."""
    found = []
    monkeypatch.setenv("LRLAB_PROGRESS", str(tmp_path / "data" / "progress.json"))
    monkeypatch.setattr(progress, "_shared", {})
    monkeypatch.setattr(answers, "_views", {})
    monkeypatch.setattr("IPython.display.display", lambda one: found.append(one.data))
    return found


@pytest.mark.parametrize("evil", BAD, ids=["img", "script"])
@pytest.mark.parametrize("name", ["edge", "which_is_convex", "quick_alpha", "write_gradient"])
def test_answers_are_text(shown, name, evil):
    view = lrlab.exercise(name)
    lrlab.answer(name, evil if name != "quick_alpha" else {evil: 1.0})
    assert evil[:4] in check("".join(shown))
    assert evil[:4] in view.said
    check_all(view)
    view.close()


def test_what_a_learners_function_raises_prints_and_returns_is_text(shown):
    def raises(x, y):
        raise ValueError(EVIL)

    def ends(x, y):
        print(EVIL, flush=True)
        __import__("os")._exit(1)

    for function in (raises, ends, lambda x, y: (EVIL, EVIL), lambda x, y: EVIL):
        shown.clear()
        lrlab.answer("write_gradient", function)
        assert len(shown) == 1
        check(shown[0])
    for function in (lambda *given: EVIL, lambda *given: [EVIL]):
        shown.clear()
        lrlab.answer("write_the_rule", function)
        check("".join(shown))


def test_a_progress_file_is_text(shown, tmp_path, monkeypatch):
    path = tmp_path / EVIL.replace("/", "") / "progress.json"
    path.parent.mkdir()
    monkeypatch.setenv("LRLAB_PROGRESS", str(path))
    path.write_text(f'{{"lrlab": 1, "learner": 1, "exercises": {{"{EVIL}": 3}}}}')
    assert EVIL in check(lrlab.progress().data)
    progress._shared.clear()
    path.write_text(f'{{"lrlab": 1, "learner": 1, "exercises": {{"{EVIL}": 3}}}}')
    view = lrlab.exercise("edge")
    assert EVIL in view.said
    check_all(view)
    view.close()


@pytest.mark.parametrize("name", [*answers.names()])
def test_what_exercises_say_of_themselves_has_known_tags_only(name):
    exercise = find(name)
    for draw in range(2):
        task = exercise.task(draw)
        check(f"{task.prompt}{task.solution}")


# Scripts --------------------------------------------------------------------------------------------------------------


def test_scripts_make_no_html_of_text():
    ways = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    found = {}
    for path in PACKAGE.rglob("*.js"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if ways.search(line):
                found.setdefault(path.name, []).append(line.strip())
    icon = 'button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;'
    assert found == {"player.js": [icon]}, "icons are constants; all else is textContent"
