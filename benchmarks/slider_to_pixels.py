"""How long does a slider take to change the picture, beside other ways of drawing the same thing in Jupyter?

    python benchmarks/slider_to_pixels.py [--rounds 5] [--seconds 2] [--quick] [--json FILE] [--self-check]

All ways compute the same two runs of 300 epochs with lrlab's engine and show the same three panels, each in a notebook
of its own, in one JupyterLab server and one headless Chromium. They take turns, round by round, so that a busy moment
of the machine hits all of them.

* ms: an arrow key is pressed on the alpha slider; the time from the key event (its own time stamp, made in the
  browser's main process) until the first frame with another picture is handed to the screen. The next press comes
  when the picture has been still for a while.
* frames/s: the mouse drags the slider's handle to and fro, 60 moves a second; frames with another picture are counted.

How frames are seen: Chromium's Element Timing API tells when an element's first frame was presented (to the next 4 ms).
A script notices that somebody draws on the picture's canvas, or changes its SVG or its text, and in the same moment
puts a fresh dot of text into the page: the dot's frame is the picture's. A new <img> is timed itself, since it appears
only when it has been loaded. So layout, rastering and compositing are included, no pixels are read back, nothing is
polled, and the cost is one small element a frame.

``--self-check`` tests that: 50 ms of sleep in the floor's handler must show as 50 ms, and in Chromium's screencast
(real pixels, too costly to measure with) the picture must change once for each press, when the script says so.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import median
from textwrap import dedent
from typing import Any

import figures
from figures import FLOOR, NOT_INSTALLED, PART, PEER, Record, Table, installed, short
from PIL import Image
from playwright.sync_api import Error

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.jupyter import Notebook, chromium, running_lab, write_notebook

INLINE, NOTHING, LRLAB = "interact + inline", "floor", "lrlab.DescentLab"
IDLE, BLIT, PLOTLY = "ipympl, draw_idle", "ipympl, blitting", "plotly FigureWidget"
NEEDS = {IDLE: ("ipympl",), BLIT: ("ipympl",), PLOTLY: ("plotly",)}

PARTS = ("to the kernel", "in the kernel", "to the screen")
PRESSES = 5  # measured in each round
WARM_UP = 5  # pressed before the first round, and not counted
QUIET = 200  # ms without a change, after which a picture is complete
MOVES_A_SECOND = 60
SWEEP = 0.3  # share of the slider's length that the drag covers
SPEED = 0.45  # shares of its length a second: nearly two of the slider's steps a move

SETUP = """
    import ipywidgets as widgets
    import numpy as np
    import lrlab

    problem = lrlab.problems.ravine(condition=25)
    wide = {"width": "720px"}
    alpha = widgets.FloatLogSlider(0.05, min=-3.1, max=-0.69, step=0.01, description="alpha", layout=wide)
    factor = widgets.FloatSlider(0.5, min=0.05, max=1, step=0.01, description="factor", layout=wide)
    patience = widgets.IntSlider(5, min=0, max=50, description="patience", layout=wide)
    x, y = np.meshgrid(np.linspace(-5, 5, 100), np.linspace(-2, 2, 100))
    z = problem.loss(np.stack([x, y], axis=-1))

    def compute(alpha, factor, patience):
        return lrlab.train(problem, lrlab.Settings.pair(alpha, factor, patience), epochs=300)

    def on_slide(function):
        for slider in (alpha, factor, patience):
            slider.observe(lambda _: function(compute(alpha.value, factor.value, patience.value)), "value")
"""

# Three panels in matplotlib, for the ways that keep their figure; ``lines`` in the order of ``curves(run)``.
PANELS = """
    import matplotlib.pyplot as plt

    def panels(**style):
        fig, (surface, losses, rates) = plt.subplots(1, 3, figsize=(8.4, 4))
        surface.contourf(x, y, z, levels=20)
        losses.set(xlim=(0, 300), ylim=(1e-7, 1e3), yscale="log", title="loss", xlabel="epoch")
        rates.set(xlim=(0, 300), ylim=(1e-6, 1), yscale="log", title="learning rate", xlabel="epoch")
        axes = [surface, surface, losses, losses, rates, rates]
        formats = ["C1.-", "C0.-", "C1", "C0", "C1", "C0"]
        lines = [ax.plot([], [], fmt, **style)[0] for ax, fmt in zip(axes, formats)]
        return fig, lines

    def curves(run):
        epochs = np.arange(301)
        return [*(run.w[:, i].T for i in (0, 1)), *((epochs, run.loss[:, i]) for i in (0, 1)),
                *((epochs[1:], run.lr[:, i]) for i in (0, 1))]
"""


@dataclass(frozen=True)
class Way:
    """One way to draw. setup and show are cells; picture is a CSS selector; sign is how it changes (see SENSOR)."""

    name: str
    setup: str
    show: str
    picture: str
    sign: str


def floor(delay: float = 0, name: str = NOTHING) -> Way:
    """What no way can beat: the value goes to the kernel, which sleeps for ``delay`` s, and comes back as text."""
    setup = f"""
    import time

    echo = widgets.Label("0.05")
    echo.add_class("echo")

    def update(change):
        time.sleep({delay})
        echo.value = str(change.new)

    alpha.observe(update, "value")
    """
    return Way(name, SETUP + setup, "widgets.VBox([alpha, echo])", ".echo", "nodes")


def ways() -> list[Way]:
    """All that are compared."""
    return [
        Way(
            INLINE,
            SETUP
            + """
    import matplotlib.pyplot as plt

    def show(alpha, factor, patience):
        run = compute(alpha, factor, patience)
        fig, (surface, losses, rates) = plt.subplots(1, 3, figsize=(8.4, 4))
        surface.contourf(x, y, z, levels=20)
        surface.plot(*run.w[:, 0].T, "C1.-")
        surface.plot(*run.w[:, 1].T, "C0.-")
        losses.semilogy(run.loss[:, 0], "C1")
        losses.semilogy(run.loss[:, 1], "C0")
        losses.set(title="loss", xlabel="epoch", ylim=(1e-7, 1e3))
        rates.semilogy(run.lr[:, 0], "C1")
        rates.semilogy(run.lr[:, 1], "C0")
        rates.set(title="learning rate", xlabel="epoch", ylim=(1e-6, 1))
        plt.show()
            """,
            "widgets.interact(show, alpha=alpha, factor=factor, patience=patience);",
            ".widget-output",
            "image",
        ),
        Way(
            IDLE,
            "    %matplotlib widget"
            + SETUP
            + PANELS
            + """
    def update(run):
        for line, curve in zip(lines, curves(run)):
            line.set_data(*curve)
        fig.canvas.draw_idle()

    with plt.ioff():
        fig, lines = panels()
    update(compute(0.05, 0.5, 5))
    on_slide(update)
            """,
            "widgets.VBox([alpha, factor, patience, fig.canvas])",
            ".jupyter-matplotlib",
            "canvas",
        ),
        Way(
            BLIT,
            "    %matplotlib widget"
            + SETUP
            + PANELS
            + """
    def draw(run):
        for line, curve in zip(lines, curves(run)):
            line.set_data(*curve)
            line.axes.draw_artist(line)

    def keep_background(event):
        global background
        background = fig.canvas.copy_from_bbox(fig.bbox)
        draw(compute(alpha.value, factor.value, patience.value))

    def update(run):
        fig.canvas.restore_region(background)
        draw(run)
        fig.canvas.blit(fig.bbox)

    with plt.ioff():
        fig, lines = panels(animated=True)
    fig.canvas.mpl_connect("draw_event", keep_background)
    on_slide(update)
            """,
            "widgets.VBox([alpha, factor, patience, fig.canvas])",
            ".jupyter-matplotlib",
            "canvas",
        ),
        Way(
            PLOTLY,
            SETUP
            + PANELS
            + """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure = go.FigureWidget(make_subplots(1, 3, subplot_titles=("", "loss", "learning rate")))
    figure.add_contour(x=x[0], y=y[:, 0], z=z, ncontours=20, showscale=False, row=1, col=1)
    for column, mode in ((1, "lines+markers"), (2, "lines"), (3, "lines")):
        for color in ("#ff7f0e", "#1f77b4"):
            figure.add_trace(go.Scatter(mode=mode, line_color=color, marker_size=4), row=1, col=column)
    figure.update_layout(width=840, height=400, showlegend=False, margin=dict(l=30, r=10, t=30, b=30))
    figure.update_xaxes(range=(-5, 5), col=1)
    figure.update_yaxes(range=(-2, 2), col=1)
    figure.update_yaxes(type="log", range=(-7, 3), col=2)
    figure.update_yaxes(type="log", range=(-6, 0), col=3)

    def update(run):
        with figure.batch_update():
            for trace, curve in zip(figure.data[1:], curves(run)):
                trace.x, trace.y = curve

    update(compute(0.05, 0.5, 5))
    on_slide(update)
            """,
            "widgets.VBox([alpha, factor, patience, figure])",
            ".js-plotly-plot",
            "nodes",
        ),
        floor(),
        Way(
            LRLAB,
            "    import lrlab",
            'lrlab.DescentLab("ravine", alpha=0.05, factor=0.5, patience=5, epochs=300)',
            ".lrlab-live-figure",
            "canvas",
        ),
    ]


# Notes in window.sensor when a key went down and every frame in which the picture was another one. A frame is
# {sent, received, changed, presented}: when the slider's message left, when the last message from the kernel came,
# when the page changed the picture, and when the screen had it. All in ms of the page's clock.
SENSOR = """
([selector, sign]) => {
    const picture = document.querySelector(selector);
    const tray = document.body.appendChild(document.createElement('div'));
    tray.style.cssText = 'position: fixed; left: 0; bottom: 0; width: 8px; height: 8px; contain: strict;' +
                         'will-change: transform; font: 6px monospace; z-index: 9999';
    const sensor = window.sensor = {pressed: 0, sent: 0, received: 0, frames: []};
    const changes = new Map();  // by the name under which the element is timed
    let names = 0;
    let dotted = false;  // this frame has its dot

    function time(element) {
        element.setAttribute('elementtiming', `frame ${++names}`);
        changes.set(`frame ${names}`, {sent: sensor.sent, received: sensor.received, changed: performance.now()});
    }
    function changed() {
        if (dotted) return;
        dotted = true;
        requestAnimationFrame(() => { dotted = false; });
        const dot = document.createElement('span');
        dot.style.position = 'absolute';
        dot.textContent = '.';
        time(dot);
        tray.append(dot);
        if (tray.childElementCount > 60) tray.firstChild.remove();  // a dot must stay until its frame is presented
    }
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            const change = changes.get(entry.identifier);
            if (change) sensor.frames.push({...change, presented: entry.presentationTime ?? entry.renderTime});
            changes.delete(entry.identifier);
        }
    }).observe({type: 'element'});

    if (sign === 'image') {
        new MutationObserver(records => {
            for (const record of records) {
                for (const node of record.addedNodes) node.querySelectorAll?.('img').forEach(time);
            }
        }).observe(picture, {subtree: true, childList: true});
    } else if (sign === 'nodes') {
        new MutationObserver(changed).observe(
            picture, {subtree: true, childList: true, characterData: true, attributeFilter: ['d']});
    } else {
        for (const name of ['drawImage', 'putImageData', 'stroke', 'fill']) {
            const draw = CanvasRenderingContext2D.prototype[name];
            CanvasRenderingContext2D.prototype[name] = function (...args) {
                if (!dotted && picture.contains(this.canvas)) changed();
                return draw.apply(this, args);
            };
        }
    }

    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (...args) {
        sensor.sent ||= performance.now();
        return send.apply(this, args);
    };
    // JupyterLab reads a message first thing, and may change the picture before any later listener hears of it.
    const data = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data').get;
    Object.defineProperty(MessageEvent.prototype, 'data', {get() {
        if (this.target instanceof WebSocket) sensor.received = performance.now();
        return data.call(this);
    }});
    addEventListener('keydown', event => {
        changes.clear();
        Object.assign(sensor, {pressed: event.timeStamp, sent: 0, frames: []});
    }, true);

    sensor.settled = async (quiet, timeout) => {
        const end = performance.now() + timeout;
        while (performance.now() < end) {
            const last = sensor.frames.at(-1);
            if (last && !changes.size && performance.now() - last.presented > quiet) return sensor;
            await new Promise(resolve => setTimeout(resolve, 20));
        }
        throw new Error(`no new picture within ${timeout} ms`);
    };
}
"""


class Stage:
    """A way in its open notebook, with the sensor in place, and what has been measured there so far.

    presses: [at the key, slider's message sent, kernel's last message received, presented] of each press, in ms
    rates: frames a second of each drag
    """

    def __init__(self, way: Way, notebook: Notebook) -> None:
        self.name, self.picture = way.name, notebook.page.locator(way.picture).first
        self.notebook, self.page = notebook, notebook.page
        self.presses: list[list[float]] = []
        self.rates: list[float] = []
        notebook.run_all()
        if errors := notebook.cell_errors():
            raise RuntimeError(f"{way.name}: {errors}")
        self.picture.wait_for()
        self.picture.scroll_into_view_if_needed()
        self.slider = notebook.cell(1).get_by_role("slider").first
        self.page.evaluate(SENSOR, [way.picture, way.sign])

    def take_the_floor(self) -> None:
        """Come to the front and wait until nothing moves."""
        self.page.bring_to_front()
        self.notebook.wait_idle()
        self.page.wait_for_timeout(QUIET)

    def press(self, key: str) -> list[float]:
        """Press a key on the slider and wait for the picture; what is noted in ``presses``."""
        self.page.keyboard.press(key)
        try:
            seen = self.page.evaluate(f"sensor.settled({QUIET}, 20000)")
        except Error as error:
            raise RuntimeError(f"{self.name}: {error.message}. The console says {self.notebook.problems()}.") from error
        first = seen["frames"][0]
        return [seen["pressed"], first["sent"], first["received"], first["presented"]]

    def measure_presses(self, key: str, count: int) -> None:
        self.take_the_floor()
        self.slider.focus()
        self.presses += [self.press(key) for _ in range(count)]

    def measure_drag(self, seconds: float) -> None:
        """Drag the handle left and back, over and over, and note the frames a second once they flow."""
        self.take_the_floor()
        handle, track = self.slider.bounding_box(), self.slider.locator("xpath=../..").bounding_box()
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        mouse, start = self.page.mouse, time.perf_counter()

        def drag(until: float) -> float:
            while (now := time.perf_counter() - start) < until:
                mouse.move(x - there_and_back(now) * track["width"], y)
                time.sleep(max(0, 1 / MOVES_A_SECOND - (time.perf_counter() - start - now)))
            return self.page.evaluate("performance.now()")

        lead = 2 * median(press[-1] - press[0] for press in self.presses) / 1000
        mouse.move(x, y)
        mouse.down()
        begin, end = drag(lead), drag(lead + seconds)
        mouse.move(x, y)
        mouse.up()
        self.take_the_floor()  # which makes sure that the last frames have been reported
        times = {frame["presented"] for frame in self.page.evaluate("sensor.frames")}
        self.rates.append(1000 * sum(begin < time <= end for time in times) / (end - begin))

    def whole(self) -> list[float]:
        """ms of each press, from the key to the screen."""
        return [press[-1] - press[0] for press in self.presses]

    def parts(self) -> dict[str, list[float]]:
        """ms of each press, by where they are spent."""
        named = zip(
            PARTS, zip(*(([b - a for a, b in pairwise(press)]) for press in self.presses), strict=True), strict=True
        )
        return {name: list(samples) for name, samples in named}


def there_and_back(seconds: float) -> float:
    """Where the drag is, as a share of the slider's length from where it began."""
    return abs((seconds * SPEED / SWEEP + 1) % 2 - 1) * SWEEP


@contextmanager
def stages(contenders: Sequence[Way]) -> Iterator[list[Stage]]:
    """Each way in an open notebook of its own, all in one server and one browser."""
    with tempfile.TemporaryDirectory() as folder, running_lab(folder) as lab, chromium() as browser:
        figures.told(f"Chromium {browser.version}, headless, no GPU")
        opened = []
        for i, way in enumerate(contenders):
            write_notebook(Path(folder, f"{i}.ipynb"), [dedent(way.setup).strip(), way.show])
            opened.append(Stage(way, Notebook(browser, lab, f"{i}.ipynb")))
        yield opened


def measure(opened: Sequence[Stage], rounds: int, seconds: float) -> None:
    """Let the ways take turns."""
    for stage in opened:
        stage.measure_presses("ArrowRight", WARM_UP)
        stage.presses.clear()
    for turn in range(rounds):
        figures.told(f"round {turn + 1} of {rounds}")
        for stage in opened:
            stage.measure_presses("ArrowLeft" if turn % 2 else "ArrowRight", PRESSES)
            if seconds:
                stage.measure_drag(seconds)


def tables(opened: Sequence[Stage], missing: dict[str, str]) -> list[Table]:
    """Times, frames, and where a press spends its time."""
    roles = {stage.name: FLOOR if stage.name == NOTHING else PEER for stage in opened if stage.name != LRLAB}
    times = Table("slider", "How long until the picture follows the slider?", "ms", LRLAB, roles, missing=missing)
    times.add("from an arrow key to the picture", {stage.name: stage.whole() for stage in opened})
    frames = Table(
        "drag", "How smoothly does the picture follow a drag?", "frames/s", LRLAB, roles, more_is_better=True,
        why={BLIT: "Both wait for Jupyter's way to the kernel and back, and for the browser: see the floor."},
    )  # fmt: skip
    if all(stage.rates for stage in opened):
        frames.add("frames with a new picture", {stage.name: stage.rates for stage in opened})
    spent = Table(
        "slider_parts", "Where does a press of a key spend its time?", "ms", "in all", dict.fromkeys(PARTS, PART)
    )
    for stage in opened:
        spent.add(stage.name, {"in all": stage.whole(), **stage.parts()})
        if stage.name == LRLAB:
            parts = ", ".join(f"{short(median(samples))} {name}" for name, samples in stage.parts().items())
            spent.answer = f"Of the {short(median(stage.whole()))} ms of {LRLAB}, {parts}."
    return [table for table in (times, frames, spent) if table.rows]


def promises(record: Record, opened: Sequence[Stage]) -> None:
    """What lrlab promises, as far as the ways are there."""
    medians = {stage.name: median(stage.whole()) for stage in opened}
    lrlab, floor_ms = medians.pop(LRLAB), medians.pop(NOTHING)
    record.promise("median at least 10x faster than interact + inline", medians[INLINE] >= 10 * lrlab)
    record.promise("faster than every other way", lrlab < min(medians.values()))
    record.promise("within 2x of the floor", lrlab <= 2 * floor_ms)


def self_check(contenders: Sequence[Way]) -> bool:
    """Whether the sensor sees a known delay, and agrees with the pixels of a screencast. Wants a quiet machine."""
    slow = floor(0.05, "floor + 50 ms of sleep")
    with stages([*contenders, floor(), slow]) as opened:
        *_, fast, slow_stage = opened
        measure([fast, slow_stage], rounds=8, seconds=0)
        delay = lower_quarter(slow_stage.whole()) - lower_quarter(fast.whole())
        good = abs(delay - 50) < 10
        print(f"50 ms of sleep in the handler show as {delay:.0f} ms: {'good' if good else 'BAD'}")
        for stage in opened[:-1]:
            good &= agrees_with_screencast(stage)
    return good


def lower_quarter(samples: list[float]) -> float:
    return sorted(samples)[len(samples) // 4]


def agrees_with_screencast(stage: Stage, presses: int = 9) -> bool:
    """Press keys while Chromium films the page. A screencast is stamped when a frame is begun, so a little earlier."""
    late, once = [], 0
    for _ in range(presses):
        stage.take_the_floor()
        stage.slider.focus()
        film, press = filmed(stage, "ArrowRight")
        changed = [b[0] for a, b in pairwise(film) if a[1] != b[1]]
        once += len(changed) == 1
        late += [press[-1] - changed[0]] if changed else []
    good = bool(late) and once >= presses - 1 and abs(median(late)) < 34  # two frames
    print(
        f"{stage.name}: {once} of {presses} presses changed the filmed picture exactly once; the sensor's time is "
        f"{median(late) if late else math.nan:+.0f} ms from the film's: {'good' if good else 'BAD'}"
    )
    return good


def filmed(stage: Stage, key: str) -> tuple[list[tuple[float, bytes]], list[float]]:
    """Press the key; (page time, pixels of the picture) of each frame that was filmed, and what `Stage.press` gives."""
    session = stage.page.context.new_cdp_session(stage.page)
    frames = []

    def keep(event: dict[str, Any]) -> None:
        frames.append((event["metadata"]["timestamp"] * 1000, event["data"]))
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "png"})
    stage.page.wait_for_timeout(QUIET)
    press = stage.press(key)
    session.send("Page.stopScreencast")
    session.detach()
    box, origin = stage.picture.bounding_box(), stage.page.evaluate("performance.timeOrigin")
    corners = [box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]]
    # Frames may arrive out of order.
    film = [(at - origin, pixels(data, corners)) for at, data in sorted(frames)]
    return film, press


def pixels(png: str, corners: Sequence[float]) -> bytes:
    """A part of a picture that came as base64."""
    return Image.open(BytesIO(b64decode(png))).convert("RGB").crop([round(corner) for corner in corners]).tobytes()


def race(record: Record, contenders: Sequence[Way], rounds: int, seconds: float) -> None:
    """All that can be had here, and what is promised if all ways were asked for."""
    missing = {way.name: NOT_INSTALLED for way in contenders if not installed(*NEEDS.get(way.name, ()))}
    with stages([way for way in contenders if way.name not in missing]) as opened:
        measure(opened, rounds, seconds)
    for table in tables(opened, missing):
        record.add(table)
    if len(contenders) == len(ways()):
        promises(record, opened)


def main() -> int:
    parser = figures.parser(__doc__, rounds=5)  # of PRESSES presses and a drag each
    parser.add_argument("--seconds", type=float, default=2, help="length of a drag; 0 for none (default: 2)")
    parser.add_argument("--only", action="append", metavar="NAME", help="ways with this in their name; may be repeated")
    parser.add_argument("--self-check", action="store_true", help="test the measurement instead")
    asked = figures.asked(parser)
    contenders = [way for way in ways() if not asked.only or any(part in way.name for part in (*asked.only, LRLAB))]
    if asked.self_check:
        return 0 if self_check([way for way in contenders if way.name != NOTHING]) else 1
    packages = ("jupyterlab", "ipywidgets", "anywidget", "matplotlib", "ipympl", "plotly", "numpy", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: race(record, contenders, asked.rounds, asked.seconds)
    )


if __name__ == "__main__":
    sys.exit(main())
