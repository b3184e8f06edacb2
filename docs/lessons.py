"""Lessons as notebooks whose outputs need no kernel: run from top to bottom, labs as pictures, exercises as words."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "lessons").glob("*.ipynb"))
STILL = "application/vnd.lrlab.still+json"
SETUP = f"import sys\nsys.path.insert(0, {str(ROOT / 'docs')!r})\nimport stills\nstills.install()"
LEARNER = '{"lrlab": 1, "learner": 1, "exercises": {}}'  # the numbers in the exercises are this learner's
NOTE = """```{{note}}
This is a still of the lesson, and shows what its labs hide until you have guessed. On your own machine the sliders \
move and the exercises are checked: `make lab`, then open `{name}`.
```"""

# Not run: what waits for a learner's answer, and what tells of one machine, whose paths are nobody else's business.
NOT_RUN = ("@lrlab.answer(", "lrlab.self_check(", "lrlab.progress(")
OWN_MACHINE = "*On your own machine a table stands here.*"

Cell = nbformat.NotebookNode


def write_page(lesson: Path, folder: Path, *, run: bool = True) -> bool:
    """Write a lesson into ``folder`` as a notebook with still outputs, and its pictures beside it.

    run: whether its cells are run; otherwise the page has no outputs. Returns whether there was anything to do: a page
    that was made from the same lesson and the same lrlab is kept.
    """
    page, made_from = folder / lesson.name, f"{run} {_fingerprint(lesson)}"
    if page.exists() and nbformat.read(page, as_version=4).metadata.get("made_from") == made_from:
        return False
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id != "run-all"]
    if run:
        _run(notebook)
    folder.mkdir(parents=True, exist_ok=True)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_without_a_kernel(output, f"{lesson.stem}-{cell.id}", folder) for output in cell.outputs]
            if cell.source.startswith(NOT_RUN[1:]):
                cell.outputs = [nbformat.v4.new_output("display_data", {"text/markdown": OWN_MACHINE})]
            if cell.source.startswith("lrlab.exercise("):  # the call tells a reader nothing
                cell.metadata["tags"] = ["remove-input"]
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(NOTE.format(name=lesson.name), id="note"))
    notebook.metadata["made_from"] = made_from
    nbformat.write(notebook, page)
    return True


def _run(notebook: Cell) -> None:
    """Run all cells but those in NOT_RUN."""
    whole = notebook.cells
    setup = nbformat.v4.new_code_cell(SETUP)
    notebook.cells = [setup, *(cell for cell in whole if not cell.source.startswith(NOT_RUN))]
    with tempfile.TemporaryDirectory() as nobody:
        progress = Path(nobody, "progress.json")
        progress.write_text(LEARNER, encoding="utf-8")
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        env = {**os.environ, "LRLAB_PROGRESS": str(progress), "PYTHONPATH": paths}
        NotebookClient(notebook, timeout=300, kernel_name="python3", store_widget_state=False).execute(env=env)
    notebook.cells = whole


def _without_a_kernel(output: Cell, name: str, folder: Path) -> Cell:
    """The same output; a still as Markdown, with its pictures as files in ``folder``."""
    still = output.get("data", {}).get(STILL)
    if still is None:
        return output
    words = _boxed(still["words"]) if "words" in still else _picture(still, name, folder)
    return nbformat.v4.new_output("display_data", {"text/markdown": words, "text/plain": still.get("alt", "")})


def _boxed(words: str) -> str:
    """An exercise in a box of its own, with its first line as the title."""
    title, _, rest = words.partition("\n")
    return f":::{{admonition}} {title.strip('*')}\n:class: lrlab-exercise-still\n{rest}\n:::"


def _picture(still: dict[str, Any], name: str, folder: Path) -> str:
    shown = "\n\n".join(images(still, name, folder))
    return f'{shown}\n\n<div class="lrlab-lab"><div class="lrlab-told">{still["told"]}</div></div>'


def images(still: dict[str, Any], name: str, folder: Path) -> Iterator[str]:
    """Write a lab's pictures into ``folder``; each as Markdown, of which the page shows the one that suits it."""
    alt = escape(" ".join(still["alt"].split()))
    for kind, data in still["pictures"].items():
        picture = folder / f"{name}-{kind}.png"
        picture.write_bytes(base64.b64decode(data))
        with Image.open(picture) as opened:
            columns, rows = opened.size
        width, theme = kind.split("-")
        options = {
            "alt": f'"{alt}"',
            "class": f"only-{theme} lrlab-{width} lrlab-still",
            "width": columns // 2,
            "height": rows // 2,  # so that a page has room for it before it is there
            "loading": "lazy",
        }
        lines = "\n".join(f":{option}: {value}" for option, value in options.items())
        yield f"```{{image}} {picture.name}\n{lines}\n```"


def _fingerprint(lesson: Path) -> str:
    """Of all that a page is made from."""
    sources = [lesson, *sorted((ROOT / "lrlab").rglob("*.py")), *sorted((ROOT / "docs").glob("*.py"))]
    whole = hashlib.sha256()
    for source in sources:
        whole.update(source.read_bytes())
    return whole.hexdigest()
