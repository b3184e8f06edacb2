"""The site is built without a warning, from lessons of which one is run; every public name has its place there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import lrlab

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "docs" / "build.py"), "--out", str(out), "--run", "00"]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return out / "html"


def page(site, name):
    return (site / name).read_text(encoding="utf-8")


def test_the_first_page_has_a_picture_for_each_theme_and_screen(site):
    shown = re.findall(r'class="only-(light|dark) lrlab-(wide|narrow)[^"]*" src="([^"]+)"', page(site, "index.html"))
    assert {(theme, width) for theme, width, _ in shown} == {
        (theme, width) for theme in ("light", "dark") for width in ("wide", "narrow")
    }
    assert all((site / path).exists() for *_, path in shown)


def test_every_public_name_is_in_the_reference(site):
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    told = {name for kind, names in inventory.items() if kind.startswith("py:") for name in names}
    assert {f"lrlab.{name}" for name in lrlab.__all__ if not name.startswith("__")} - told == set()


def test_a_lesson_shows_its_labs_and_its_exercises(site):
    lesson = page(site, "lessons/00_start_here.html")
    for theme in ("light", "dark"):
        assert re.search(rf'<img alt="[^"]+" class="only-{theme} [^>]*first-lab-wide-{theme}\.png', lesson)
    assert "target" in re.search(r'<div class="lrlab-told">.*?</div>', lesson, re.DOTALL)[0]
    boxed = re.search(r'<div class="[^"]*lrlab-exercise-still.*?</div>', lesson, re.DOTALL)[0]
    assert "type 0.068 into the box" in boxed
    assert "Answer it in JupyterLab" in boxed
    assert "lrlab.exercise(" not in lesson.split("</head>")[1].split("read_the_lab")[0]


def test_formulas_need_no_script(site):
    lesson = page(site, "lessons/01_what_alpha_does.html")
    assert "<math" in lesson
    assert not re.findall(r'<script[^>]+src="http', lesson)
    assert not re.findall(r'<link[^>]+href="http[^"]+\.css', lesson)


def test_every_lesson_is_there(site):
    for lesson in (ROOT / "lessons").glob("*.ipynb"):
        assert (site / "lessons" / f"{lesson.stem}.html").exists()
