"""Jupyter in a real browser, for tests and benchmarks: a server, a Chromium, a notebook.

    with running_lab(folder) as lab, chromium() as browser, Notebook(browser, lab, "lesson.ipynb") as notebook:
        notebook.run_all()
        assert notebook.problems() == []

The notebook is steered through the application object of JupyterLab or Notebook 7 (``window.jupyterapp``, which our
private configuration exposes), that is, by the commands behind its menus. What a person sees and touches (sliders,
pictures) is found in the page as usual: ``notebook.cell(2).get_by_role("slider")``. Voilà has no such object and shows
no notebook: its `Page` has only what a person sees.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import nbformat
import psutil
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, expect, sync_playwright

# Playwright's own is five seconds. On a busy machine a kernel needs longer for the first pictures of a lesson, and how
# fast it is is for benchmarks to say.
expect.set_options(timeout=30_000)

ELSEWHERE = "class.test"  # this computer under another name: to a browser a page from there is no safe one
# No GPU, no calls home: the same picture and the same timing on a laptop and in a container.
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
)

# `Notebook` steers JupyterLab and Notebook 7 through the exposed application object. Containers run as root.
CONFIG = {
    "jupyter_lab_config": {"LabApp": {"expose_app_in_browser": True}, "ServerApp": {"allow_root": True}},
    "jupyter_notebook_config": {
        "JupyterNotebookApp": {"expose_app_in_browser": True},
        "ServerApp": {"allow_root": True},
    },
}

# Without these, JupyterLab asks about news, and cells that are out of view are detached or not laid out.
QUIET_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

JUPYTERLAB = (sys.executable, "-m", "jupyter", "lab")
NOTEBOOK_7 = (sys.executable, "-m", "jupyter", "notebook")
LRLAB = (sys.executable, "-m", "lrlab.app.main", "lab", "--expose-app-in-browser")

# Where a front end shows a notebook, below the server's address. A workspace of its own for each page of JupyterLab:
# otherwise pages of one server would share (and reopen) their tabs.
ADDRESSES = {
    "lab": "lab/workspaces/{unique}/tree/{path}",
    "notebook": "notebooks/{path}",
    "voila": "voila/render/{path}",
}

# Errors that a front end itself writes to the console: (part of the text, why it is harmless). JupyterLab 4.6.6 writes
# none.
KNOWN_NOISE: tuple[tuple[str, str], ...] = (
    (
        "(reading 'schema')",
        "Notebook 7.6.5's own, with any notebook",
    ),
    ("Access to font at 'about:blank'", "MathJax 2 in Voilà: how it finds out whether the browser can load letters"),
    ("net::ERR_FAILED (about:blank)", "the same"),
)


@dataclass(frozen=True)
class Lab:
    """A running server. ``url`` ends in a slash; ``root`` is the folder that it serves; ``log`` is what it says."""

    url: str
    token: str
    root: Path
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> Any:
        """An answer of its REST API: ``lab.get("api/kernels")``."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


@contextmanager
def running_lab(
    folder: str | Path,
    *,
    command: Sequence[str] = JUPYTERLAB,
    settings: dict[str, Any] | None = None,
    timeout: float = 60,
) -> Iterator[Lab]:
    """A JupyterLab server of its own, started in ``folder``, ended with all its kernels when the block ends.

    command: plain `JUPYTERLAB`, which serves ``folder``, or `LRLAB`, the toolkit's own, which serves its lessons
    settings: JupyterLab's settings, by "plugin:id", instead of `QUIET_SETTINGS`
    """
    with tempfile.TemporaryDirectory(prefix="lrlab-jupyter-", ignore_cleanup_errors=True) as private:
        environment = _private_environment(Path(private), QUIET_SETTINGS if settings is None else settings)
        log = Path(private, "server.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, "--no-browser", f"--port={_free_port()}"],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            yield _wait_for_server(process, Path(environment["JUPYTER_RUNTIME_DIR"]), log, timeout)
        finally:
            _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _private_environment(private: Path, settings: dict[str, Any]) -> dict[str, str]:
    """The environment of a user who has never configured anything; kernels and extensions of this Python remain."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    for name in places.values():
        (private / name).mkdir()
    for name, values in CONFIG.items():
        (private / "config" / f"{name}.json").write_text(json.dumps(values))
    for plugin, values in settings.items():  # as JupyterLab's settings editor saves them
        package, _, name = plugin.rpartition(":")
        (private / "settings" / package).mkdir(parents=True, exist_ok=True)
        (private / "settings" / package / f"{name}.jupyterlab-settings").write_text(json.dumps(values))
    return {
        **os.environ,
        **{variable: str(private / name) for variable, name in places.items()},
        "JUPYTER_TOKEN": uuid.uuid4().hex,
        "PYTHONUNBUFFERED": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a restarted kernel would warn of it
    }


def _wait_for_server(process: subprocess.Popen[bytes], runtime: Path, log: Path, timeout: float) -> Lab:
    """The server says where it is in a file in its runtime folder; that its API answers says that it is ready."""
    end = time.monotonic() + timeout
    while time.monotonic() < end and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                facts = json.loads(file.read_text())
                lab = Lab(facts["url"], facts["token"], Path(facts["root_dir"]), process, log)
                lab.get("api/status")
                return lab
            except (OSError, ValueError):  # half written, or not listening yet
                pass
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start within {timeout:g} s. It said:\n{log.read_text()[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and all that it started. Kernels lead process groups of their own, so the tree is walked."""
    try:
        server = psutil.Process(process.pid)
        family = [server, *server.children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    for stop in (psutil.Process.terminate, psutil.Process.kill):
        for member in family:
            with suppress(psutil.NoSuchProcess):
                stop(member)
        _, family = psutil.wait_procs(family, timeout=10)
    process.wait()


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: what LRLAB_CHROMIUM says, else the first one on PATH, else None."""
    names = [os.environ.get("LRLAB_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def chromium(*, headless: bool = True) -> Iterator[Browser]:
    """A browser, closed when the block ends. Raises RuntimeError where there is none."""
    path = find_chromium()
    if path is None:
        raise RuntimeError("There is no Chromium on PATH. Install one, or give its path in LRLAB_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGS], headless=headless)
        try:
            yield browser
        finally:
            browser.close()


def write_notebook(path: str | Path, cells: Sequence[str]) -> Path:
    """Write a notebook of code cells (a cell that starts with "# %% [markdown]" is text) for the python3 kernel."""
    marker = "# %% [markdown]\n"
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(cell.removeprefix(marker))
            if cell.startswith(marker)
            else nbformat.v4.new_code_cell(cell)
            for cell in cells
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, path)
    return Path(path)


class Page:
    """A page of its own, on which a front end shows a notebook. Times are in seconds.

    front: "lab", "notebook" or "voila"
    beside: a page in whose browser context it is a second tab; otherwise it has a context of its own
    page: the Playwright page
    """

    def __init__(
        self,
        browser: Browser,
        lab: Lab,
        path: str,
        *,
        front: str = "lab",
        viewport: tuple[int, int] = (1280, 900),
        beside: Page | None = None,
        timeout: float = 60,
    ) -> None:
        self._said: list[str] = []
        self._server = lab.url
        self._outside: list[str] = []
        size = {"width": viewport[0], "height": viewport[1]}
        context = beside.page.context if beside else browser.new_context(viewport=size)
        self.page = context.new_page()
        self._owned = self.page if beside else context
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._said.append(f"page error: {error.stack or error}"))
        self.page.on("request", self._see)
        address = ADDRESSES[front].format(path=path, unique=uuid.uuid4().hex)
        self.page.goto(f"{lab.url}{address}?token={lab.token}", timeout=timeout * 1000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the page. Voilà then ends its kernel; a notebook's lives until the server ends."""
        self._owned.close()

    def problems(self) -> list[str]:
        """Errors that the page threw or wrote to the console, without the front ends' own (`KNOWN_NOISE`)."""
        return [said for said in self._said if not any(part in said for part, _ in KNOWN_NOISE)]

    def outside(self) -> list[str]:
        """What the page asked of any other server than its own."""
        return list(self._outside)

    def screenshot(self, path: str | Path) -> Path:
        """Save what the window shows."""
        self.page.screenshot(path=path)
        return Path(path)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._said.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._server, f"blob:{self._server}", "data:", "about:")):
            self._outside.append(request.url)


class Notebook(Page):
    """An open notebook in JupyterLab or Notebook 7, with its kernel. Cells are counted from 0."""

    def __init__(
        self, browser: Browser, lab: Lab, path: str, *, front: str = "lab", timeout: float = 60, **more: Any
    ) -> None:
        super().__init__(browser, lab, path, front=front, timeout=timeout, **more)
        self._wait_until_open(timeout)

    def reload(self, timeout: float = 60) -> None:
        """Load the page again, as F5 does. The kernel goes on; of the notebook there is what was saved."""
        self.page.reload(timeout=timeout * 1000)
        self._wait_until_open(timeout)

    def open(self, path: str, timeout: float = 60) -> None:
        """Open another notebook in the same page (of JupyterLab), or come back to it: the methods are of that one."""
        self.page.evaluate("async path => { await jupyterapp.commands.execute('docmanager:open', { path }) }", path)
        self._wait_until_open(timeout, path)

    def save(self) -> None:
        """Save the notebook, as Ctrl+S does."""
        self._do("() => jupyterapp.commands.execute('docmanager:save')")

    def run_all(self, timeout: float = 120) -> None:
        """Run > Run All Cells, until all are done (or one has failed: see ``cell_errors``) and the kernel is idle."""
        self._do("() => jupyterapp.commands.execute('notebook:run-all-cells')", timeout=timeout)
        self.wait_idle(timeout)

    def run_cell(self, n: int, timeout: float = 120) -> None:
        """Run the n-th cell until it is done and the kernel is idle."""
        select = "panel.content.deselectAll(); panel.content.activeCellIndex = n;"
        self._do(f"(panel, n) => {{ {select} return jupyterapp.commands.execute('notebook:run-cell') }}", n, timeout)
        self.wait_idle(timeout)

    def restart(self, timeout: float = 60) -> None:
        """Restart the kernel, without the dialogue that asks whether one is sure."""
        self._do("panel => panel.sessionContext.restartKernel()", timeout=timeout)
        self.wait_idle(timeout)

    def wait_idle(self, timeout: float = 60, *, quiet: float = 0.3) -> None:
        """Wait until the kernel has been idle for ``quiet`` seconds on end: widgets talk to it after a cell is done."""
        self._do(
            """async (panel, quiet) => {
                const status = () => panel.sessionContext.session?.kernel?.status;
                for (let since = performance.now(); performance.now() - since < quiet; ) {
                    if (status() !== 'idle') since = performance.now();
                    await new Promise(resolve => setTimeout(resolve, 20));
                }
            }""",
            quiet * 1000,
            timeout,
        )

    def cell(self, n: int) -> Locator:
        """The n-th cell in the page, input and outputs."""
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{n}']")

    def output(self, n: int) -> str:
        """The n-th cell's outputs as text, as the notebook's file would hold them (a widget is "HBox(...)")."""
        outputs = self._do("(panel, n) => panel.content.widgets[n].model.outputs.toJSON()", n)
        return "\n".join(_as_text(output) for output in outputs)

    def ask(self, code: str, timeout: float = 60) -> str:
        """Run code in the kernel, but in no cell. Returns what was printed; raises the kernel's traceback."""
        return self._do(
            """async (panel, code) => {
                const kernel = panel.sessionContext.session.kernel;
                const request = kernel.requestExecute({ code, store_history: false });
                let text = '';
                request.onIOPub = ({ header, content }) => {
                    if (header.msg_type === 'stream') text += content.text;
                };
                const { content } = await request.done;
                if (content.status === 'error') throw new Error(content.traceback.join('\\n'));
                return text;
            }""",
            code,
            timeout,
        )

    def start(self, code: str) -> None:
        """Have the kernel run code, and do not wait for it."""
        self._do("(panel, code) => { panel.sessionContext.session.kernel.requestExecute({ code }); }", code)

    def busy(self) -> bool:
        """Whether the kernel is at work."""
        return self._do("panel => panel.sessionContext.session.kernel.status") == "busy"

    def write(self, n: int, source: str) -> None:
        """Write into the n-th cell, over what is there."""
        self._do("(panel, [n, text]) => panel.content.widgets[n].model.sharedModel.setSource(text)", [n, source])

    def count(self) -> int:
        """How many cells there are."""
        return self._do("panel => panel.content.widgets.length")

    def cell_errors(self) -> list[str]:
        """The errors in the cells' outputs: "cell 3: ValueError: ..." and so on."""
        return self._do(
            """panel => panel.content.widgets.flatMap((cell, n) => (cell.model.outputs?.toJSON() ?? [])
                .filter(output => output.output_type === 'error')
                .map(output => `cell ${n}: ${output.ename}: ${output.evalue}`))"""
        )

    def _wait_until_open(self, timeout: float, path: str = "") -> None:
        self.page.wait_for_function(
            """path => {
                const panel = window.jupyterapp?.shell?.currentWidget;
                return panel?.sessionContext?.isReady && panel.context.path.endsWith(path);
            }""",
            arg=path,
            timeout=timeout * 1000,
        )
        self.wait_idle(timeout)

    def _do(self, function: str, argument: Any = None, timeout: float = 60) -> Any:
        """Call a JavaScript function (panel, argument) and wait for its promise, but not for ever."""
        return self.page.evaluate(
            f"""([argument, timeout]) => Promise.race([
                ({function})(jupyterapp.shell.currentWidget, argument),
                new Promise((_, reject) => setTimeout(() => reject(new Error(`no end after ${{timeout}} s`)),
                                                      timeout * 1000)),
            ])""",
            [argument, timeout],
        )


def _as_text(output: dict[str, Any]) -> str:
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return text if isinstance(text, str) else "".join(text)
