"""How smoothly is a surface turned, beside matplotlib's Axes3D?

    python benchmarks/rotating.py [--rounds 3] [--seconds 3] [--quick] [--json FILE]

In JupyterLab in a headless Chromium of 1400 x 900 pixels without a graphics card. A frame counts when the canvas is
cleared to be painted anew.

* by hand, kernel free: the surface of a DescentLab on rosenbrock, 121 x 121 points, both paths of 1000 epochs on it, is
  dragged with the mouse. By hand, kernel busy: the same while the kernel computes
* Axes3D: a LiveFigure of the same size as that panel with ``plot_surface`` (50 x 50 faces, as matplotlib has it unless
  told otherwise) and both paths, each frame drawn by matplotlib in the kernel and sent as a PNG, as fast as the kernel
  can. A browser that turned it would have to wait for each as well
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import figures
from figures import PART, PEER, Record, Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.jupyter import Notebook, chromium, running_lab, write_notebook

QUESTION = "How smoothly is a surface turned?"
FREE, BUSY, AXES3D = "by hand, kernel free", "by hand, kernel busy", "Axes3D in the kernel"
LAB = "import lrlab\nlab = lrlab.DescentLab('rosenbrock')\nlab.solid.opened.value = True\nlab"
PEER_CODE = """
import numpy as np
from matplotlib.figure import Figure
from lrlab.live import LiveFigure
from lrlab.views.contour import grid_over
figure = Figure(figsize=({width} / 100, {height} / 100), dpi=100)
axes = figure.add_subplot(projection='3d')
places = grid_over(lab.problem, 121)
axes.plot_surface(places[..., 0], places[..., 1], np.log1p(lab.problem.loss(places)), cmap='Greens')
for i in range(2):
    axes.plot(*lab.run.w[:, i].T, np.log1p(lab.run.loss[:, i]))
peer = LiveFigure(figure)
peer"""
WORK = "import time\nend = time.time() + {seconds}\nwhile time.time() < end: sum(range(10_000))"
TURN = """
import time
end, frames = time.time() + {seconds}, 0
while time.time() < end:
    axes.view_init(azim=3 * frames)
    peer.redraw()
    frames += 1
print(frames / {seconds})"""
COUNT = """() => {
    window.painted = [];
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.closest?.('.lrlab-solid')) window.painted.push(performance.now());
        return clear.apply(this, box);
    };
}"""
SPAN = """() => { const p = window.painted; window.painted = [];
    return p.length > 1 ? (p.length - 1) / (p.at(-1) - p[0]) * 1000 : 0; }"""


def drag(notebook: Notebook, seconds: float) -> float:
    """Frames a second while the mouse goes to and fro over the surface."""
    page, box = notebook.page, notebook.page.locator(".lrlab-solid").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(SPAN)
    begin, step = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        step += 1
        page.mouse.move(x + abs(step % 100 - 50), y + abs(step % 60 - 30))
    frames = page.evaluate(SPAN)
    page.mouse.up()
    return frames


def measure(notebook: Notebook, way: str, seconds: float) -> float:
    """Frames a second."""
    if way == AXES3D:
        return float(notebook.ask(TURN.format(seconds=seconds)))
    if way == BUSY:
        notebook.start(WORK.format(seconds=seconds + 1))
    frames = drag(notebook, seconds)
    notebook.wait_idle()
    return frames


def turned(record: Record, rounds: int, seconds: float) -> None:
    """One notebook in which the ways take turns."""
    table = Table("rotating", QUESTION, "frames/s", FREE, {BUSY: PART, AXES3D: PEER}, more_is_better=True)
    found: dict[str, list[float]] = {way: [] for way in (FREE, BUSY, AXES3D)}
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as server, chromium() as browser:
        path = write_notebook(server.root / "rotating.ipynb", [LAB, ""])
        with Notebook(browser, server, path.name, viewport=(1400, 900)) as notebook:
            notebook.page.evaluate("() => jupyterapp.shell.collapseLeft()")
            notebook.run_cell(0)
            notebook.page.locator(".lrlab-picture").scroll_into_view_if_needed()
            notebook.page.wait_for_timeout(1000)
            box = notebook.page.locator(".lrlab-solid").bounding_box()
            notebook.ask(PEER_CODE.format(width=round(box["width"]), height=round(box["height"])))
            notebook.page.evaluate(COUNT)
            for _ in range(rounds):
                for way, samples in found.items():
                    samples.append(measure(notebook, way, seconds))
    table.add(f"a surface of {box['width']:.0f} x {box['height']:.0f} pixels", found)
    record.add(table)


def main() -> int:
    parser = figures.parser(__doc__, rounds=3)
    parser.add_argument("--seconds", type=float, default=3)
    asked = figures.asked(parser)
    packages = ("matplotlib", "ipywidgets", "jupyterlab", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: turned(record, asked.rounds, asked.seconds)
    )


if __name__ == "__main__":
    sys.exit(main())
