"""How smoothly are epochs played, beside a kernel that plays them?

    python benchmarks/playing.py [--rounds 3] [--quick] [--json FILE]

One DescentLab on the ravine, 200 epochs, in JupyterLab in a headless Chromium of 1400 x 1000 pixels. A frame counts
when a canvas of the lab is cleared to be painted anew, in whatever animation frame that happens.

* player, kernel free: "Play" at 4x is pressed: 80 epochs a second, a frame for each at most. player, kernel busy: the
  same while the kernel computes
* from the kernel: a loop there reveals one epoch more, with one small message each, 60 times a second
* redrawn by matplotlib: the loop redraws the whole picture for each epoch and sends a PNG, as animations without a live
  figure do
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import figures
from figures import PART, PEER, Record, Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.jupyter import Notebook, chromium, running_lab, write_notebook

SECONDS = 2  # less than a run takes at 4x
LAB = "import lrlab\nlab = lrlab.DescentLab('ravine', alpha=0.085, patience=3)\nlab"
PLAYER, BUSY, KERNEL, MATPLOTLIB = (
    "player, kernel free", "player, kernel busy", "from the kernel", "redrawn by matplotlib"
)  # fmt: skip
# Both loops leave the kernel's own loop to the messages that come back, as a lab's code would.
LOOPS = {
    BUSY: "import time\nend = time.time() + {seconds} + 2\nwhile time.time() < end: sum(range(10_000))",
    KERNEL: """
import asyncio
async def play():
    for i in range({frames}):
        lab.figure.reveal(1 + i % 200)
        await asyncio.sleep(1 / 60)
await play()
lab.figure.reveal(None)""",
    MATPLOTLIB: """
for i in range({frames}):
    lab.figure.reveal(1 + i % 200)
    lab.figure.redraw()
lab.figure.reveal(None)""",
}
COUNT = """() => {
    window.painted = [];
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        const now = document.timeline.currentTime;  // the same in all of a frame
        if (this.canvas.closest?.('.lrlab-live-figure') && now !== window.painted.at(-1)) window.painted.push(now);
        return clear.apply(this, box);
    };
}"""
SPAN = """() => { const p = window.painted; window.painted = [];
    return p.length > 1 ? (p.length - 1) / (p.at(-1) - p[0]) * 1000 : 0; }"""


def measure(notebook: Notebook, way: str) -> float:
    """Frames a second."""
    page = notebook.page
    page.evaluate(SPAN)
    if way in LOOPS:
        notebook.start(LOOPS[way].format(seconds=SECONDS, frames=int(SECONDS * (60 if way == KERNEL else 8))))
    if way in (PLAYER, BUSY):
        page.get_by_role("button", name="Play (space)").click()
        page.wait_for_timeout(SECONDS * 1000)
        page.get_by_role("button", name="Pause (space)").click()
    else:
        page.wait_for_timeout(200)
    notebook.wait_idle(timeout=120)
    frames = page.evaluate(SPAN)
    page.get_by_role("button", name="To the start").click()
    notebook.wait_idle()
    return frames


def played(record: Record, rounds: int) -> None:
    """One notebook in which the ways take turns."""
    table = Table(
        "playing", "How smoothly are epochs played?", "frames/s", PLAYER, {BUSY: PART, KERNEL: PEER, MATPLOTLIB: PEER},
        more_is_better=True,
    )  # fmt: skip
    found: dict[str, list[float]] = {way: [] for way in (PLAYER, *table.others)}
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as server, chromium() as browser:
        path = write_notebook(server.root / "playing.ipynb", [LAB])
        with Notebook(browser, server, path.name, viewport=(1400, 1000)) as notebook:
            notebook.run_cell(0)
            notebook.wait_idle()
            notebook.page.wait_for_timeout(1000)
            notebook.page.get_by_label("speed").select_option("4×")
            notebook.page.evaluate(COUNT)
            for _ in range(rounds):
                for way, samples in found.items():
                    samples.append(measure(notebook, way))
    table.add("200 epochs on the ravine", found)
    record.add(table)


def main() -> int:
    asked = figures.asked(figures.parser(__doc__, rounds=3))
    packages = ("matplotlib", "ipywidgets", "jupyterlab", "lrlab")
    return figures.carry_out(__file__, __doc__, asked, packages, lambda record: played(record, asked.rounds))


if __name__ == "__main__":
    sys.exit(main())
