"""The lessons: where they are, and which one somebody means."""

import os
from pathlib import Path
from typing import Any

from lrlab.app.files import write_new
from lrlab.app.say import say

PACKAGE = Path(__file__).resolve().parents[1]
FIRST_LESSON = "00_start_here.ipynb"
COPY = "lrlab-lessons"


def lessons_folder() -> Path:
    """The lessons of a checkout, or the student's own copy of those that came in the package.

    Raises OSError, with a sentence for the user, if the copy cannot be made or there are no lessons.
    """
    try:
        folder = _folder()
    except OSError as error:
        raise OSError(
            f"the lessons are copied into the folder that lrlab is started in, and that failed: {error}. "
            "Start lrlab in a folder of your own, with some room on its disk."
        ) from error
    if not folder.is_dir():
        raise OSError(f"there are no lessons: {folder} is missing. Install lrlab again.")
    return folder


def originals() -> Path:
    """The folder of the lessons as they come: in the package, or in a checkout beside it."""
    packaged = PACKAGE / "lessons"
    return packaged if packaged.is_dir() else PACKAGE.parent / "lessons"


def read_notebook(path: Path) -> Any:
    """A notebook, as nbformat has it. Raises ValueError, with a sentence for the user, for what is none."""
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat has errors of several kinds for what is no notebook
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from error


def _folder() -> Path:
    packaged = originals()
    if packaged.parent != PACKAGE:
        return packaged
    here = Path.cwd()
    folder = here if here.name == COPY else here / COPY
    for source in sorted(packaged.rglob("*")):
        target = folder / source.relative_to(packaged)
        if source.is_file() and not os.path.lexists(target):  # be it a link to nowhere
            target.parent.mkdir(parents=True, exist_ok=True)
            write_new(target, source.read_bytes())
    say(f"your lessons are in {folder}; a file that is already there is never overwritten.")
    return folder


def find_lesson(wanted: str, folder: Path) -> Path:
    """The one lesson in the folder that is meant: by its number, its name, or how either begins.

    "1" and "01" are number 1 and not 10. Raises ValueError, with the lessons that there are, if none or several fit.
    """
    lessons = sorted(folder.glob("*.ipynb"))
    word = wanted.strip().removesuffix(".ipynb").lower().replace(" ", "_").replace("-", "_")
    if word.isascii() and word.isdigit():
        fitting = [lesson for lesson in lessons if _number(lesson) == int(word)]
    else:
        names = {lesson: (lesson.stem.lower(), lesson.stem.lower().partition("_")[2]) for lesson in lessons if word}
        fitting = [lesson for lesson in names if word in names[lesson]]
        fitting = fitting or [lesson for lesson in names if any(name.startswith(word) for name in names[lesson])]
    if len(fitting) == 1:
        return fitting[0]
    told = f"several lessons are called {wanted!r}" if fitting else f"there is no lesson {wanted!r}. These are there"
    raise ValueError(told + ":" + "".join(f"\n  {lesson.stem}" for lesson in fitting or lessons))


def _number(lesson: Path) -> int | None:
    number = lesson.stem.partition("_")[0]
    return int(number) if number.isascii() and number.isdigit() else None
