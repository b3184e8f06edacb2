"""``lrlab lessons``: copy the lessons for a class, never over somebody's own work."""

import argparse
import os
import re
from pathlib import Path
from typing import Any

from lrlab.app.files import write_new
from lrlab.app.lessons import originals
from lrlab.app.say import fail, say

EXERCISE = re.compile(r'lrlab\.exercise\("(\w+)"\)')


def add_parser(commands: Any) -> None:
    """Add ``lessons`` to the sub-commands of ``lrlab``."""
    parser = commands.add_parser(
        "lessons",
        help="copy the lessons into a folder, for a class",
        description="Copy the lessons into a folder. A file that is already there is never overwritten.",
        allow_abbrev=False,
    )
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument(
        "--solutions",
        action="store_true",
        help="with a cell under each exercise that solves it, as ..._solutions.ipynb",
    )
    parser.set_defaults(run=run, hint="See `lrlab lessons --help`.")


def run(arguments: argparse.Namespace) -> int:
    """Copy them, and say which were left alone."""
    folder = Path(arguments.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        targets = {
            source: folder / _name(source, arguments.solutions) for source in sorted(originals().glob("*.ipynb"))
        }
        kept = [target for source, target in targets.items() if not _copy(source, target, arguments.solutions)]
    except OSError as error:
        return fail(f"the lessons cannot be copied to {folder}: {error.strerror or error}.")
    for target in kept:
        say(f"{target} was there already, and is as it was.")
    if len(kept) == len(targets):
        return fail("nothing was copied. Give another folder for a second copy.")
    say(f"the lessons {'with solutions ' if arguments.solutions else ''}are in {folder}.")
    return 0


def _name(source: Path, solutions: bool) -> str:
    """So that both may be in one folder."""
    return f"{source.stem}_solutions{source.suffix}" if solutions else source.name


def _copy(source: Path, target: Path, solutions: bool) -> bool:
    """Whether it was copied."""
    if os.path.lexists(target):  # be it a link to nowhere
        return False
    text = source.read_text(encoding="utf-8")
    if solutions:
        text = _solved(text)
    write_new(target, text.encode())
    return True


def _solved(text: str) -> str:
    """The notebook with a cell under each exercise that solves it."""
    import nbformat

    notebook = nbformat.reads(text, as_version=4)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        found = EXERCISE.search(cell.source) if cell.cell_type == "code" else None
        if found:
            cells.append(
                nbformat.v4.new_code_cell(
                    f'lrlab.solution("{found[1]}")', id=f"solution-{found[1]}"[:64].replace("_", "-")
                )
            )
    notebook.cells = cells
    return nbformat.writes(notebook)
