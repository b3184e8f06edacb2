"""What is measured in a soak, of the kernel and of the page, and the errors that either has told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tests.browser.jupyter import Lab, Notebook

# Printed by the kernel itself.
ASK = """
import gc as _gc, json as _json, threading as _threading
import psutil as _psutil, ipywidgets as _ipywidgets
_gc.collect()
try:
    import ctypes as _ctypes
    _ctypes.CDLL(None).malloc_trim(0)  # else what is free, and not given back, counts
except (OSError, AttributeError):
    pass
print(_json.dumps([
    _psutil.Process().memory_full_info().uss / 1e6,
    len(_gc.get_objects()),
    sorted(
        thread.name.rstrip('0123456789') for thread in _threading.enumerate()
        # One subshell more for each time that a page is loaded is JupyterLab's own. The others are of joblib's pool.
        if not thread.name.startswith(('subshell-', 'ExecutorManagerThread', 'QueueFeederThread'))
    ),
    len(_ipywidgets.widgets.widget._instances),
    len(_psutil.Process().children(recursive=True)),
]))
"""
# What Jupyter itself says, whatever widgets are shown: (part of a line, why it is harmless).
KNOWN_NOISE = (
    ("No such comm:", "a move that was on its way when its lab was closed or its kernel restarted"),
    ("No such comm target registered: jupyter.widget.control", "a page that asks a new kernel what widgets it has"),
)
# What the log says when a kernel is restarted at work, or a page loaded again that is being spoken to.
ENDING = ("KeyboardInterrupt", "zmq gc socket requested during shutdown", "WebSocketClosedError")
# What JupyterLab says in the page when a kernel is restarted that it is waiting for.
RESTARTED = "Canceled future for kernel_info_request"
# What goes wrong in a widget's handler, in the kernel's loop or in a thread is told in no cell.
PAGE = ("heap", "nodes", "listeners")  # what is measured of it
LISTEN = """() => {
    window.kernelErrors ??= [];
    jupyterapp.shell.currentWidget.sessionContext.iopubMessage.connect((_, { header, content }) => {
        if (header.msg_type === 'error') kernelErrors.push(content.evalue);
        if (header.msg_type === 'stream' && content.name === 'stderr') kernelErrors.push(content.text);
    });
    jupyterapp.shell.collapseLeft();
}"""


@dataclass(frozen=True)
class Figures:
    """One look at a notebook that is at rest. Memory is in MB, after all garbage was collected.

    kernel: what the process has for itself (USS). objects: Python's, in the kernel. heap: JavaScript's, of the page
    threads: their names without numbers. processes: that the kernel has started. widgets: alive in the kernel
    nodes, listeners: in the page, those that are only kept alive by someone included
    """

    kernel: float
    objects: int
    threads: list[str]
    widgets: int
    processes: int
    heap: float
    nodes: int
    listeners: int

    def __str__(self) -> str:
        shown = asdict(self) | {"threads": len(self.threads)}
        return ", ".join(f"{name} {value:.0f}" for name, value in shown.items())


# How much more there may be at the end than after the warming up: always, and for each cell, which in JupyterLab
# remembers what was clicked in it last, and with that one closed lab.
TOLERANCE = {"kernel": (60, 0), "heap": (15, 1), "nodes": (300, 1500), "listeners": (300, 1500)}

# What JupyterLab 4.6.6 and ipywidgets 8 keep of a kernel that was restarted, whatever widgets it showed: the page has
# their views until it is loaded again. Of 60 plain sliders that is 2 MB, 1,300 nodes and 1,900 listeners; a lab has as
# many widgets.
A_RESTART = {"heap": 2.5, "nodes": 1600, "listeners": 2600}
# A page can never unload a script, and anywidget has one for each of its widgets, of which a lab has about ten.
A_LAB = {"heap": 0.3}
# What TensorFlow keeps of a model that was trained: not in Python, where nothing is left of it, but beside it.
A_TRAINED_LAB = {"kernel": 1.0}


def grown(warm: Figures, end: Figures, *, cells: int = 1, more: Mapping[str, float] | None = None) -> list[str]:
    """What has grown by more than the tolerance; threads, processes and widgets must be the same.

    more: by how much each may have grown besides, see `times`
    """
    wrong = [
        f"{name} grew from {before:.0f} to {after:.0f}, more than {allowed:.0f}"
        for name, (always, each) in TOLERANCE.items()
        if (after := getattr(end, name)) - (before := getattr(warm, name))
        > (allowed := always + each * cells + (more or {}).get(name, 0))
    ]
    return wrong + [
        f"{name}: {before}, then {after}"
        for name in ("threads", "processes", "widgets")
        if (before := getattr(warm, name)) != (after := getattr(end, name))
        and not (name == "processes" and after < before)  # joblib's end when nobody has needed them for a while
    ]


def times(count: int, *each: Mapping[str, float]) -> Counter[str]:
    """So much, so often, as ``more`` of `grown`."""
    total: Counter[str] = Counter()
    for one in each:
        total.update({name: count * value for name, value in one.items()})
    return total


def jupyters_own(notebook: Notebook, one: int, other: int, runs: int = 20) -> dict[str, float]:
    """What running a cell leaves in the page where nothing lrlab has is shown, measured on two cells in turn.

    In JupyterLab 4.6.6: 260 nodes, 810 listeners and a quarter of a megabyte for each cell that becomes the active one.
    """
    figures = []
    for n in range(2 + runs):
        notebook.run_cell((one, other)[n % 2])
        if n in (1, 1 + runs):
            figures.append(measure(notebook))
    before, after = figures
    return {name: max(getattr(after, name) - getattr(before, name), 0) / runs for name in PAGE}


def measure(notebook: Notebook) -> Figures:
    """Look at the kernel and at the page, when both are at rest."""
    notebook.wait_idle(300)
    kernel = json.loads(notebook.ask(ASK, timeout=300))
    return Figures(*kernel, **_page(notebook))


def _page(notebook: Notebook) -> dict[str, float]:
    # Lumino (of JupyterLab 4.6.6) keeps every key that was pressed, and that all of the page that it went through.
    notebook.page.evaluate("jupyterapp.commands._holdKeyBindingPromises?.clear()")
    devtools = notebook.page.context.new_cdp_session(notebook.page)
    devtools.send("Performance.enable")
    for _ in range(3):  # what is freed may have held more
        devtools.send("HeapProfiler.collectGarbage")
        notebook.page.wait_for_timeout(100)
    found = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    devtools.detach()
    return {
        "heap": found["JSHeapUsedSize"] / 1e6,
        "nodes": int(found["Nodes"]),
        "listeners": int(found["JSEventListeners"]),
    }


def listen(notebook: Notebook) -> None:
    """Have the page keep what the kernel says of errors: once for each notebook, and again when the page was loaded."""
    notebook.page.evaluate(LISTEN)


def complaints(notebook: Notebook, server: Lab) -> list[str]:
    """All that has gone wrong so far: in the page, in a cell, in the kernel, in the server's log; and dialogs."""
    dialogs = notebook.page.locator(".jp-Dialog")
    return [
        *(said for said in notebook.problems() if RESTARTED not in said),
        *notebook.cell_errors(),
        *(said for said in notebook.page.evaluate("window.kernelErrors ?? []") if not _is_noise(said)),
        *(dialogs.all_inner_texts() if dialogs.count() else []),
        *said_by(server),
    ]


def _is_noise(said: str) -> bool:
    return all(any(part in line for part, _ in KNOWN_NOISE) for line in said.splitlines() if line.strip())


def said_by(server: Lab) -> list[str]:
    """Errors and tracebacks in the log of the server, where its kernels write too; each with what stands behind it."""
    lines = server.log.read_text(errors="replace").splitlines()
    starts = [n for n, line in enumerate(lines) if "Traceback (most recent" in line or line.startswith(("[E ", "[C "))]
    said = ["\n".join(lines[n : n + 40]) for n in starts]
    return [one for one in said if not any(words in one for words in ENDING)]
