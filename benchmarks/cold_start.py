"""How long does one wait before anything can be dragged?

    python benchmarks/cold_start.py [--rounds 5] [--no-browser] [--quick] [--json FILE]

* Imports and the first lab: each in a fresh Python process, timed inside it from before the first import to after the
  last line (the start of Python itself does not count). The first round fills the system's file cache and is dropped.
  Processor time is beside it because it hardly depends on what else the machine is doing.
* A lesson: a fresh page, a fresh kernel, a running JupyterLab, a headless Chromium. "Kernel ready" is from opening
  the address until the notebook's kernel is idle, "first picture" from Run All Cells until the first frame that has it.
  Beside it, in notebooks of one cell: `interact` with inline matplotlib, which is what most teachers write, and a lone
  slider, the floor.

* From `make lab` to the first moving picture, part by part, on a machine where all is installed: what it starts
  (`lrlab lab`) until the server answers; the page until JupyterLab shows the notebook and its kernel is idle; in the
  kernel the libraries that a lab needs, `import lrlab`, the first lab; then one in a cell until its picture is on the
  page; and from a key on its slider to the next picture. They come one by one, so the sum is more than a lesson takes.

The contenders take turns, round by round, so that a busy moment of the machine hits all of them. The first round fills
caches and is dropped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import figures
from figures import FLOOR, PART, PEER, Record, Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.jupyter import Lab, Notebook, chromium, running_lab, write_notebook  # noqa: E402

LIBRARIES = "import numpy, matplotlib.figure, ipywidgets"
LRLAB = "import lrlab"
NAMES = "import lrlab; lrlab.DescentLab"
PROCESSES = (LIBRARIES, LRLAB, NAMES, "import lrlab; lrlab.DescentLab('ravine')")
LIMIT = 1.2  # times the libraries alone

LESSON = ROOT / "lessons" / "01_what_alpha_does.ipynb"
CLOCK, PROCESSOR, LESSON_ROW = "by the clock", "of the processor", "lrlab, lesson 1"
# What `lrlab lab` does, in a folder of our own: nothing is to lie among the lessons.
LAB_COMMAND = (
    sys.executable,
    "-c",
    "import sys; from pathlib import Path; from lrlab.app.lab import serve; "
    "sys.exit(serve(Path.cwd(), ['--allow-root', '--expose-app-in-browser', *sys.argv[1:]]))",
)
FIRST_LAB = "lrlab.DescentLab('ravine')"
SERVER, PAGE = "the server, until it answers", "the page, until the notebook has an idle kernel"
IN_KERNEL = {
    "the libraries that a lab needs": "import numpy, matplotlib.figure, ipywidgets, anywidget",
    "import lrlab": "import lrlab; lrlab.DescentLab",
    "the first lab": f"first = {FIRST_LAB}; first.close()",
}
TAKEN = "1000 * (time.perf_counter() - since)"
SHOWN, MOVED = "a lab in a cell, until its picture is there", "a key on its slider, until the next picture"
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
# window.moved becomes a promise: ms from the next key until a canvas of the lab is cleared to be painted anew.
NEXT_PICTURE = """() => {
    window.moved = new Promise(resolve => {
        let pressed = 0;
        addEventListener('keydown', event => { pressed = event.timeStamp; }, {once: true, capture: true});
        const clear = CanvasRenderingContext2D.prototype.clearRect;
        CanvasRenderingContext2D.prototype.clearRect = function (...box) {
            if (pressed && this.canvas.closest('.lrlab-live-figure')) resolve(performance.now() - pressed);
            return clear.apply(this, box);
        };
    });
}"""
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
        Opening(LESSON_ROW, None, LIVE_FIGURE),
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
    contenders = openings()
    with tempfile.TemporaryDirectory() as folder, running_lab(folder) as lab, chromium() as browser:
        for turn in range(rounds + 1):
            figures.told(f"a lesson: round {turn} of {rounds}" if turn else "a lesson: warming up")
            for i, opening in enumerate(contenders):
                opening.measure(browser, lab, f"{turn}-{i}.ipynb")
                if not turn:
                    opening.ready.clear()
                    opening.picture.clear()
    return contenders


def first_moving_picture() -> dict[str, float]:
    """ms of each part, from the command to a picture that has followed a key."""
    parts, clock = {}, time.perf_counter()

    def part(name: str, without: float = 0) -> None:
        nonlocal clock
        now = time.perf_counter()
        parts[name] = 1000 * (now - clock) - without
        clock = now

    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        write_notebook(Path(folder, "first.ipynb"), [f"lab = {FIRST_LAB}\nlab", ""])
        clock = time.perf_counter()
        with running_lab(folder, command=LAB_COMMAND) as lab:
            part(SERVER)
            with Notebook(browser, lab, "first.ipynb") as opened:
                part(PAGE, without=QUIET)
                for name, code in IN_KERNEL.items():
                    timed = f"import time; since = time.perf_counter()\n{code}\nprint({TAKEN})"
                    parts[name] = float(opened.ask(timed))
                since, seen = opened.page.evaluate(FIRST_PICTURE, LIVE_FIGURE)
                parts[SHOWN] = max(seen - since, 0)
                opened.wait_idle()
                if errors := opened.cell_errors():
                    raise RuntimeError(str(errors))
                parts[MOVED] = moved(opened)
    return parts


def moved(opened: Notebook) -> float:
    """ms from a key on the first slider until the canvas has been painted anew."""
    slider = opened.cell(0).get_by_role("slider").first
    slider.focus()
    opened.page.evaluate(NEXT_PICTURE)
    opened.page.keyboard.press("ArrowRight")
    return float(opened.page.evaluate("() => window.moved"))


def cold(record: Record, rounds: int, with_browser: bool) -> None:
    """Processes, parts, lessons."""
    times = measure_processes(rounds)
    table = Table("imports", "How long do imports and the first lab take?", "ms", CLOCK, {PROCESSOR: PART})
    for code, taken in times.items():
        table.add(code, {CLOCK: [clock for clock, _ in taken], PROCESSOR: [processor for _, processor in taken]})
    record.add(table)
    alone, *others = (min(clock for clock, _ in times[code]) for code in (LIBRARIES, LRLAB, NAMES))
    for code, clock in zip((LRLAB, NAMES), others, strict=True):
        record.promise(f"`{code}`: within {LIMIT} times of the libraries alone", clock <= LIMIT * alone)
    if not with_browser:
        return
    found = []
    for turn in range(rounds + 1):
        figures.told(f"make lab: round {turn} of {rounds}" if turn else "make lab: warming up")
        found.append(first_moving_picture())
    table = Table(
        "make_lab",
        "From `make lab` to the first moving picture: what does each part cost?",
        "ms",
        CLOCK,
        total="in all",
    )
    for name in found[0]:
        table.add(name, {CLOCK: [parts[name] for parts in found[1:]]})
    table.add("in all", {CLOCK: [sum(parts.values()) for parts in found[1:]]})
    record.add(table)
    table = Table(
        "lesson", "How long until an opened notebook shows its first picture?", "ms", LESSON_ROW,
        {"interact + inline": PEER, "a lone slider": FLOOR},
        why={"interact + inline": "It needs less: matplotlib, one slider and a PNG, no training, no lesson."},
    )  # fmt: skip
    opened = measure_openings(rounds)
    table.add("kernel ready", {opening.name: opening.ready for opening in opened})
    table.add("from Run All Cells to the first picture", {opening.name: opening.picture for opening in opened})
    record.add(table)


def main() -> int:
    parser = figures.parser(__doc__, rounds=5)
    parser.add_argument("--no-browser", action="store_true", help="imports only")
    asked = figures.asked(parser)
    packages = ("numpy", "matplotlib", "ipywidgets", "anywidget", "jupyterlab", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: cold(record, asked.rounds, not asked.no_browser)
    )


if __name__ == "__main__":
    sys.exit(main())
