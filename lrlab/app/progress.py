"""``lrlab progress``: what a learner has done, and a file of it for a teacher. Nothing leaves the machine by itself."""

import argparse
import json
from pathlib import Path
from typing import Any

from lrlab.app.files import write_new
from lrlab.app.say import fail, say


def add_parser(commands: Any) -> None:
    """Add ``progress`` to the sub-commands of ``lrlab``."""
    parser = commands.add_parser(
        "progress",
        help="show which exercises are done, or export that to a file",
        description="Show which exercises are done. With `export FILE`, write that to a new file, for a teacher.",
        allow_abbrev=False,
    )
    parser.add_argument("action", nargs="?", choices=("show", "export"), default="show")
    parser.add_argument("file", nargs="?", metavar="FILE", help="where to export to; a file that is there is kept")
    parser.set_defaults(run=run, hint="See `lrlab progress --help`.")


def run(arguments: argparse.Namespace) -> int:
    """Print it, or write it to a file."""
    from lrlab.course.progress import Progress

    kept = Progress()
    if kept.said:
        say(kept.said)
    if arguments.action == "show":
        return _show(kept)
    if kept.said:
        return fail("nothing was exported: that would be an empty file, with another learner's numbers.")
    if not arguments.file:
        return fail("say where to export to: lrlab progress export FILE.")
    path = Path(arguments.file)
    try:
        write_new(path, f"{json.dumps(kept.as_data(), indent=1)}\n".encode())
    except FileExistsError:
        return fail(f"{path} is there already, and is not overwritten. Give another name.")
    except OSError as error:
        return fail(f"{path} cannot be written: {error.strerror}.")
    say(f"exported to {path}.")
    return 0


def _show(kept: Any) -> int:
    from lrlab.course.catalogue import find, names, number_of

    for name in names():
        exercise = find(name)
        print(f"{number_of(exercise)}  {kept.of(name).state or '-':5}  {exercise.title} ({name})")
    print(f"{sum(kept.of(name).right for name in names())} of {len(names())} exercises are done.")
    return 0
