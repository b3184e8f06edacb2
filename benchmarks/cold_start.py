"""How long does one wait before anything can be dragged? Imports, the first lab, and a lesson opened in JupyterLab.

    python benchmarks/cold_start.py [--rounds 11] [--lessons 5] [--json FILE]

* Imports and the first lab: each in a fresh Python process, timed inside it from before the first import to after the
  last line (the start of Python itself does not count). The first round fills the system's file cache and is dropped.
  Processor time is beside it because it hardly depends on what else the machine is doing.
* A lesson: a fresh page, a fresh kernel, a running JupyterLab, a headless Chromium. "Kernel ready" is from opening
  the address until the notebook's kernel is idle, "first picture" from Run All Cells until the first frame that has it.
  Beside it, in notebooks of one cell: `interact` with inline matplotlib, which is what most teachers write, and a lone
  slider, the floor.

The contenders take turns, round by round, so that a busy moment of the machine hits all of them. Medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.jupyter import Lab, Notebook, chromium, running_lab, write_notebook  # noqa: E402

LIBRARIES = "import numpy, matplotlib.figure, ipywidgets"
LRLAB = "import lrlab"
NAMES = "import lrlab; lrlab.DescentLab"
PROCESSES = (LIBRARIES, LRLAB, NAMES, "import lrlab; lrlab.DescentLab('ravine')")
LIMIT = 1.2  # times the libraries alone

LESSON = ROOT / "lessons" / "01_what_alpha_does.ipynb"
QUIET = 300  # ms for which `Notebook` watches an idle kernel before it says so

INTERACT = """
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import interact

@interact(alpha=(0.01, 1.0))
def show(alpha=0.1):
    figure, panels = plt.subplots(1, 3, figsize=(9, 4))
    x, y = np.meshgrid(np.linspace(-5, 5, 100), np.linspace(-2, 2, 100))
    panels[0].contourf(x, y, x**2 + 25 * y**2, levels=20)
    panels[1].semilogy(0.9 ** np.arange(300))
    panels[2].semilogy(alpha * 0.99 ** np.arange(300))
    plt.show()
"""

SLIDER = "import ipywidgets\nipywidgets.FloatSlider()"

# Runs all cells; resolves with when that was and when a frame had what `there` looks for, in ms since the page opened.
FIRST_PICTURE = """
there => new Promise(resolve => {
    for (const name of ['stroke', 'drawImage']) {
        const draw = CanvasRenderingContext2D.prototype[name];
        CanvasRenderingContext2D.prototype[name] = function (...args) {
            this.canvas.dataset.painted = 'yes';
            return draw.apply(this, args);
        };
    }
    const look = new Function(`return ${there}`);
    const since = performance.now();
    jupyterapp.commands.execute('notebook:run-all-cells');
    const frame = () => requestAnimationFrame(look() ? () => resolve([since, performance.now()]) : frame);
    frame();
})
"""

LIVE_FIGURE = "document.querySelector('.lrlab-live-figure')?.querySelectorAll('canvas[data-painted]').length >= 2"
INLINE_IMAGE = "[...document.querySelectorAll('.jp-OutputArea-output img')].some(image => image.naturalWidth)"


@dataclass
class Opening:
    """A notebook to open. ``there`` is JavaScript for: its first picture is on the page."""

    name: str
    cell: str | None  # None: the lesson
    there: str
    ready: list[float] = field(default_factory=list)
    picture: list[float] = field(default_factory=list)

    def write(self, path: Path) -> None:
        if self.cell is None:
            shutil.copy(LESSON, path)
        else:
            write_notebook(path, [self.cell])

    def measure(self, browser: Any, lab: Lab, name: str) -> None:
        self.write(lab.root / name)
        with Notebook(browser, lab, name) as notebook:
            since, seen = notebook.page.evaluate(FIRST_PICTURE, self.there)
            self.ready.append(since - QUIET)
            self.picture.append(seen - since)
            notebook.wait_idle()
            if errors := notebook.cell_errors():
                raise RuntimeError(f"{self.name}: {errors}")
            notebook.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def openings() -> list[Opening]:
    return [
        Opening("lrlab, lesson 1", None, LIVE_FIGURE),
        Opening("interact + inline", INTERACT, INLINE_IMAGE),
        Opening("a lone slider", SLIDER, "document.querySelector('.jp-OutputArea-output .widget-slider')"),
    ]


def in_fresh_process(code: str) -> tuple[float, float]:
    """The ms that ``code`` takes in a Python of its own: by the clock, and of the processor."""
    clocks = "time.perf_counter(), time.process_time()"
    timed = f"import time; since = {clocks}\n{code}\nprint(*(b - a for a, b in zip(since, ({clocks}))))"
    done = subprocess.run([sys.executable, "-c", timed], cwd=ROOT, check=True, capture_output=True, text=True)
    clock, processor = (1000 * float(seconds) for seconds in done.stdout.split())
    return clock, processor


def measure_processes(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """(clock, processor) in ms for each round, by what was run."""
    times: dict[str, list[tuple[float, float]]] = {code: [] for code in PROCESSES}
    for turn in range(rounds + 1):
        for code, taken in times.items():
            taken.append(in_fresh_process(code))
        if not turn:
            times = {code: [] for code in PROCESSES}
    return times


def measure_openings(rounds: int) -> list[Opening]:
    """All openings, measured. The first round fills caches, the browser's too, and is dropped."""
    since = time.perf_counter()
    contenders = openings()
    with tempfile.TemporaryDirectory() as folder, running_lab(folder) as lab, chromium() as browser:
        print(f"(JupyterLab itself and the browser: {time.perf_counter() - since:.1f} s, once)", flush=True)
        for turn in range(rounds + 1):
            print(f"round {turn} of {rounds}" if turn else "warming up", file=sys.stderr, flush=True)
            for i, opening in enumerate(contenders):
                opening.measure(browser, lab, f"{turn}-{i}.ipynb")
                if not turn:
                    opening.ready.clear()
                    opening.picture.clear()
    return contenders


def machine() -> str:
    """What the figures depend on."""
    packages = ("numpy", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "lrlab")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.platform()}, {os.cpu_count()} cores{load}\nPython {platform.python_version()}, {versions}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=11, help="of fresh processes (default: 11)")
    parser.add_argument("--lessons", type=int, default=5, help="rounds in the browser; 0 for none (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    arguments = parser.parse_args()
    print(machine(), flush=True)

    times = measure_processes(arguments.rounds)
    alone, *_ = map(median, zip(*times[LIBRARIES], strict=True))
    kept = {}
    print(f"{'in a fresh process':<46}{'median ms':>10}{'processor ms':>14}{'/ libraries':>13}")
    for code, taken in times.items():
        clock, processor = map(median, zip(*taken, strict=True))
        print(f"{code:<46}{clock:>10.0f}{processor:>14.0f}{clock / alone:>13.2f}")
        if code in (LRLAB, NAMES):
            kept[f"{code}: within {LIMIT} times of the libraries alone"] = clock <= LIMIT * alone

    opened = measure_openings(arguments.lessons) if arguments.lessons else []
    if opened:
        print(f"{'opened in JupyterLab':<24}{'kernel ready':>14}{'first picture':>15}{'together, ms':>14}")
    for opening in opened:
        ready, picture = median(opening.ready), median(opening.picture)
        print(f"{opening.name:<24}{ready:>14.0f}{picture:>15.0f}{ready + picture:>14.0f}")
    for target, yes in kept.items():
        print(f"{target}: {'yes' if yes else 'no'}")
    if arguments.json:
        figures = {"processes": times, "openings": [vars(opening) for opening in opened], "targets": kept}
        arguments.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
