"""How much memory does a student need, on a server that has one kernel for each?

    python benchmarks/memory.py [--lessons 01 06] [--quick] [--json FILE]

Each lesson is run from top to bottom in a kernel of its own, as Run All does. What counts is what the kernel and the
processes it starts have for themselves (USS: what would be free if they ended); libraries that several kernels share
are counted once, under the first line. *at the end*: after the last cell. *at most*: while it ran, looked at ten times
a second. The server is a JupyterLab that has that one notebook open.

A notebook that is left open keeps what it has, so a class needs `at the end` for each notebook that a student has open,
and some of `at most` on top, for those who run one just now.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import figures
import nbformat
import psutil
from figures import PART, Record, Table
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
MB = 1e6
END, MOST = "at the end", "at most"


def measure(record: Record, begins: tuple[str, ...]) -> None:
    """The table, lesson by lesson."""
    table = Table("memory", "How much memory does a student need on a server?", "MB", END, {MOST: PART})
    paths = [path for path in sorted((ROOT / "lessons").glob("*.ipynb")) if path.name.startswith(begins)]
    empty = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    for name, notebook in [("an empty notebook", empty), *((p.stem, nbformat.read(p, as_version=4)) for p in paths)]:
        figures.told(name)
        table.add(name, {way: [megabytes] for way, megabytes in of_notebook(notebook).items()})
    table.add("the server", {way: [megabytes] for way, megabytes in of_server().items()})
    record.add(table)


def of_notebook(notebook: Any) -> dict[str, float]:
    """Run it in a kernel. Returns MB."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}})
        manager = client.create_kernel_manager()
        manager.transport, manager.connection_file = "ipc", str(Path(folder, "kernel.json"))
        with client.setup_kernel():
            process = psutil.Process(client.km.provisioner.process.pid)
            with watched(process) as found:
                for index, cell in enumerate(notebook.cells):
                    client.execute_cell(cell, index)
                found[END] = used(process)
    return found


def of_server() -> dict[str, float]:
    """A JupyterLab without a kernel. Returns MB."""
    from tests.browser.jupyter import running_lab

    with tempfile.TemporaryDirectory() as folder:
        before = set(psutil.Process().children())
        with running_lab(folder):
            (process,) = set(psutil.Process().children()) - before
            with watched(process) as found:
                found[END] = used(process)
    return found


@contextmanager
def watched(process: psutil.Process) -> Iterator[dict[str, float]]:
    """Look at it ten times a second."""
    found, over = {END: 0.0, MOST: 0.0}, threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            found[MOST] = max(found[MOST], used(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
        found[MOST] = max(found.values())


def used(process: psutil.Process) -> float:
    """MB that the process and its children have for themselves."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += one.memory_full_info().uss / MB
    return total


def main() -> int:
    parser = figures.parser(__doc__, rounds=1)
    parser.add_argument("--lessons", nargs="+", metavar="NN", default=[""], help="how the files' names begin")
    asked = figures.asked(parser)
    begins = tuple(["01"] if asked.quick else asked.lessons)
    packages = ("ipykernel", "jupyterlab", "matplotlib", "scikit-learn", "tensorflow", "lrlab")
    return figures.carry_out(__file__, __doc__, asked, packages, lambda record: measure(record, begins))


if __name__ == "__main__":
    sys.exit(main())
