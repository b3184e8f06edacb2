"""Builds the site: make docs"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # the lrlab beside it, whichever is installed

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from sphinx.cmd.build import main as sphinx  # noqa: E402
from stills import by_night, picture  # noqa: E402

import lrlab  # noqa: E402
from lessons import LESSONS, write_page  # noqa: E402

OWN = ("_build", "__pycache__")  # what is in docs/ and no part of the site


def prepare(source: Path) -> None:
    """Put all pages but the lessons where Sphinx will look for them, with the pictures that they need."""
    clear(source)
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns(*OWN), dirs_exist_ok=True)
    report = source / "benchmarks.md"  # `make bench` writes it
    if report.exists():  # what it links to outside of docs/ is not on the site
        edit(report, lambda text: re.sub(r"(?<!!)\[([^\]]+)\]\(\.\./[^)]*\)", r"\1", text))
    else:
        edit(source / "index.md", lambda text: text.replace("\nbenchmarks\n", "\n"))
    for path in DOCS.glob("pictures/*.png"):
        darken(source / "pictures" / path.name)
    first_page(source / "pictures")


def clear(source: Path) -> None:
    """Remove what an earlier build had copied, all but the pages of lessons that there still are."""
    for old in source.glob("*"):
        if old.name != "lessons":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for page in source.glob("lessons/*.ipynb"):
        if page.name not in {lesson.name for lesson in LESSONS}:
            page.unlink()


def edit(page: Path, change: Callable[[str], str]) -> None:
    page.write_text(change(page.read_text(encoding="utf-8")), encoding="utf-8")


def darken(path: Path) -> None:
    """The same picture for dark pages, beside it."""
    with Image.open(path) as day:
        night = Image.fromarray(by_night(np.asarray(day.convert("RGB"))))
    night.save(path.with_stem(f"{path.stem}_dark"), optimize=True)


def first_page(folder: Path) -> None:
    """The first page's lab as it is on a telephone, where a picture of the whole lab cannot be read."""
    lab = lrlab.DescentLab("ravine", alpha=0.085, factor=0.5, patience=5)
    Image.fromarray(picture(lab, 380)).save(folder / "first_narrow.png")
    darken(folder / "first_narrow.png")
    lab.close()


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--out", type=Path, default=DOCS / "_build", help="where to: its folder html is the site")
    ask.add_argument("--run", nargs="*", metavar="01", help="run these lessons only, by number")
    ask.add_argument("--links", action="store_true", help="ask each link to another site whether it is there")
    given = ask.parse_args()
    began = time.monotonic()
    source = given.out / "source"
    prepare(source)
    for lesson in LESSONS:
        run = given.run is None or lesson.name[:2] in given.run
        if write_page(lesson, source / "lessons", run=run):
            print(f"{lesson.name}: {time.monotonic() - began:.0f} s", flush=True)
    builder = "linkcheck" if given.links else "html"
    options = ["-b", builder, "-c", DOCS, "-d", given.out / "doctrees"]
    strict = ["--nitpicky", "--fail-on-warning", "--keep-going", "--quiet"]
    wrong = sphinx([str(word) for word in (*options, *strict, source, given.out / builder)])
    if not wrong and not given.links:
        print(f"{given.out / builder / 'index.html'}  ({time.monotonic() - began:.0f} s)")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
