"""How much memory does a student need, on a server that has one kernel for each?

    python benchmarks/memory.py [--lessons 01 06] [--json FILE]

Each lesson is run from top to bottom in a kernel of its own, as Run All does. What counts is what the kernel and the
processes it starts have for themselves (USS: what would be free if they ended); libraries that several kernels share
are counted once, under the first line. *at the end*: after the last cell. *at most*: while it ran, looked at ten times
a second. The server is a JupyterLab that has that one notebook open.

A notebook that is left open keeps what it has, so a class needs `at the end` for each notebook that a student has open,
and some of `at most` on top, for those who run one just now.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
MB = 1e6


def main() -> None:
    """Print the table, lesson by lesson."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lessons", nargs="+", metavar="NN", default=[""], help="how the files' names begin")
    parser.add_argument("--json", metavar="FILE", dest="file", help="write the figures there")
    chosen = parser.parse_args()
    paths = [path for path in sorted((ROOT / "lessons").glob("*.ipynb")) if path.name.startswith(tuple(chosen.lessons))]
    packages = ", ".join(f"{name} {version(name)}" for name in ("ipykernel", "matplotlib", "scikit-learn"))
    print(f"{platform.platform()}, Python {platform.python_version()}, {packages}\n")
    found = {"an empty notebook": of_notebook(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))}
    print(f"{'MB':32}{'at the end':>12}{'at most':>10}")
    print_row("an empty notebook", found["an empty notebook"])
    for path in paths:
        found[path.stem] = of_notebook(nbformat.read(path, as_version=4))
        print_row(path.stem, found[path.stem])
    found["the server"] = of_server()
    print_row("the server", found["the server"])
    if chosen.file:
        Path(chosen.file).write_text(json.dumps(found, indent=1), encoding="utf-8")


def print_row(name: str, figures: dict[str, float]) -> None:
    print(f"{name:32}{figures['at the end']:12.0f}{figures['at most']:10.0f}", flush=True)


def of_notebook(notebook: Any) -> dict[str, float]:
    """Run it in a kernel. Returns MB."""
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}})
        manager = client.create_kernel_manager()
        manager.transport, manager.connection_file = "ipc", str(Path(folder, "kernel.json"))
        with client.setup_kernel():
            process = psutil.Process(client.km.provisioner.process.pid)
            with watched(process) as figures:
                for index, cell in enumerate(notebook.cells):
                    client.execute_cell(cell, index)
                figures["at the end"] = used(process)
    return figures


def of_server() -> dict[str, float]:
    """A JupyterLab without a kernel. Returns MB."""
    from tests.browser.jupyter import running_lab

    with tempfile.TemporaryDirectory() as folder:
        before = set(psutil.Process().children())
        with running_lab(folder):
            (process,) = set(psutil.Process().children()) - before
            with watched(process) as figures:
                figures["at the end"] = used(process)
    return figures


@contextmanager
def watched(process: psutil.Process) -> Iterator[dict[str, float]]:
    """Look at it ten times a second."""
    figures, over = {"at the end": 0.0, "at most": 0.0}, threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            figures["at most"] = max(figures["at most"], used(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield figures
    finally:
        over.set()
        thread.join()
        figures["at most"] = max(figures.values())


def used(process: psutil.Process) -> float:
    """MB that the process and its children have for themselves."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += one.memory_full_info().uss / MB
    return total


if __name__ == "__main__":
    main()
