"""``lrlab check``: run a learner's notebook in a process of its own, and report what its answers came to."""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lrlab.app.lessons import read_notebook
from lrlab.app.say import fail
from lrlab.course.progress import Progress

SECONDS, LONGEST = 600.0, 7 * 24 * 3600.0


def add_parser(commands: Any) -> None:
    """Add ``check`` to the sub-commands of ``lrlab``."""
    parser = commands.add_parser(
        "check",
        help="run a learner's notebook, and report which answers in it are right",
        description="Run a notebook from top to bottom in a process and a folder of its own, with a time limit, and "
        "report each lrlab.answer(...) in it. The notebook itself is not changed. Its code runs with your rights, as "
        "if you had opened it: for notebooks of people whom you do not know, use an account that is made for that.",
        epilog="Exercises have each learner's own numbers: give the file that the learner has made with "
        "`lrlab progress export`. That file also has what was answered with the mouse, which no notebook holds.",
        allow_abbrev=False,
    )
    parser.add_argument("notebook", metavar="NOTEBOOK")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print the report as JSON")
    parser.add_argument("--progress", metavar="FILE", help="the learner's exported progress, which has his numbers")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, metavar="S", help="stop it after so long (default: 600)"
    )
    parser.set_defaults(run=run, hint="See `lrlab check --help`.")


def run(arguments: argparse.Namespace) -> int:
    """Run it and report. Returns 0 where all that was answered is right, 1 where something is not, 2 on an error."""
    notebook = Path(arguments.notebook)
    if not 0 < arguments.seconds <= LONGEST:
        return fail(f"--seconds is more than 0 and at most {LONGEST:g}, a week, got {arguments.seconds:g}.")
    try:
        report = check(notebook, arguments.progress and Path(arguments.progress), arguments.seconds)
    except (OSError, ValueError) as error:
        return fail(str(error))
    print(json.dumps(report, indent=1) if arguments.as_json else in_words(report))
    return 0 if not report["errors"] and all(one["right"] for one in report["exercises"]) else 1


def check(notebook: Path, progress: Path | None, seconds: float) -> dict[str, Any]:
    """The report: a list of exercises (name, right, tries, why: of the last answer), one of errors, and one of notes.

    Raises OSError or ValueError, with a sentence, where the notebook or the progress cannot be read.
    """
    for path in filter(None, (notebook, progress)):
        if not path.exists():
            raise ValueError(f"there is no file {path}.")
    found = read_notebook(notebook)
    with tempfile.TemporaryDirectory(prefix="lrlab-check-", ignore_cleanup_errors=True) as folder:
        kept, results = Path(folder, "progress.json"), Path(folder, "results")
        if progress is not None:
            shutil.copyfile(progress, kept)
            if Progress(kept).said:
                raise ValueError(f"{progress} is no progress that this lrlab can read. Ask for a new export.")
        errors = _execute(found, folder, {"LRLAB_PROGRESS": str(kept), "LRLAB_RESULTS": str(results)}, seconds)
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    answered = _by_exercise(map(json.loads, lines))
    notes = _notes([one["name"] for one in answered], progress)
    return {"notebook": notebook.name, "exercises": answered, "errors": errors, "notes": notes}


def _execute(notebook: Any, folder: str, told: dict[str, str], seconds: float) -> list[str]:
    """Run it. Returns what went wrong: errors of cells, or that it took too long."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=round(seconds),
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
    )
    if os.name == "posix":  # a file instead of a port that anybody on the machine could listen to
        manager = client.create_kernel_manager()
        manager.transport, manager.connection_file = "ipc", str(Path(folder, "kernel.json"))
    index, end, before = -1, time.monotonic() + seconds, {name: os.environ.get(name) for name in told}
    os.environ.update(told)  # what the kernel starts with
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                left = end - time.monotonic()
                if left <= 0:
                    return [f"stopped after {seconds:g} seconds, before cell {index + 1}"]
                client.timeout = max(1, round(left))
                client.execute_cell(cell, index)
    except CellTimeoutError:
        return [f"stopped after {seconds:g} seconds, in cell {index + 1}"]
    except RuntimeError as error:
        if index < 0:
            return [f"the kernel did not start: {error}"]
        if isinstance(error, DeadKernelError):
            return [f"the kernel died in cell {index + 1}"]
        raise
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return [
        f"cell {n + 1}: {output.ename}: {output.evalue}"
        for n, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def _notes(answered: list[str], progress: Path | None) -> list[str]:
    """What a teacher should know who sees nothing but the figures."""
    if not answered:
        return ["no answer is in this notebook. What was answered with the mouse is in the learner's progress."]
    from lrlab.course.catalogue import find  # here: `lrlab --help` need not load NumPy

    own = [name for name in answered if find(name).varies]
    if progress is None and own:
        return [f"without --progress the numbers are not those of the learner in: {', '.join(own)}."]
    return []


def _by_exercise(answers: Any) -> list[dict[str, Any]]:
    """The last answer to each exercise, in the order of the first ones."""
    found: dict[str, dict[str, Any]] = {}
    for one in answers:
        tries = found[one["exercise"]]["tries"] if one["exercise"] in found else 0
        tries += one["tried"]  # what is no answer at all is told, and is no try
        found[one["exercise"]] = {"name": one["exercise"], "right": one["right"], "tries": tries, "why": one["why"]}
    return list(found.values())


def in_words(report: dict[str, Any]) -> str:
    """The report as lines."""
    lines: Sequence[str] = [
        f"{'right' if one['right'] else 'wrong'}  {one['name']}: {one['why']}" for one in report["exercises"]
    ]
    right = sum(one["right"] for one in report["exercises"])
    total = f"{right} of {len(report['exercises'])} answers in {report['notebook']} are right."
    told = [f"{kind}  {text}" for kind in ("error", "note") for text in report[f"{kind}s"]]
    return "\n".join([*lines, *told, total])
