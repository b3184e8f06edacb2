"""How long does it take to save a lab's epochs as a movie, beside matplotlib's ways?

    python benchmarks/saving.py [--rounds 2] [--quick] [--json FILE]

One DescentLab on the ravine, 200 epochs, and one with a network, whose panels also have to be drawn for each epoch; a
movie 1000 pixels wide, to a file, in seconds for 200 frames.

* lab.save: what the buttons do, palette and copy of the figure included, as GIF, and as MP4 where there is an ffmpeg
* savefig: the same figure saved with `savefig` for each frame, as RGBA in memory, and nothing written
* FuncAnimation: `matplotlib.animation.FuncAnimation.save` with the PillowWriter, as most people would do it
Of the two last, a few frames, and multiplied (~). They take turns, round by round; medians.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import figures
from figures import PART, PEER, Record, Table
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from PIL import Image

import lrlab
from lrlab.live.movies import has_ffmpeg
from lrlab.live.wire import WHOLE, live_artists

FRAMES, FEW = 200, 20
GIF, MP4, SAVEFIG, ANIMATION = "lab.save .gif", "lab.save .mp4", "savefig ~", "FuncAnimation.save ~"


def ways(lab: Any, folder: Path) -> dict[str, Callable[[], float]]:
    """Seconds for 200 frames, by way."""
    figure, view = deepcopy((lab.figure.figure, lab.view))
    FigureCanvasAgg(figure)
    every = range(0, lab.run.epochs, lab.run.epochs // FEW)
    whole = {line: line.get_data() for line in live_artists(figure) if isinstance(line, Line2D)}

    def show(epoch: int) -> list[Line2D]:
        if view.fits:
            view.learned.draw(lab.run, epoch)
        for line, (x, y) in whole.items():
            if line.get_gid() != WHOLE:
                line.set_data(x[: epoch + 1], y[: epoch + 1])
        return list(whole)

    def by_savefig() -> None:
        for epoch in every:
            show(epoch)
            figure.savefig(io.BytesIO(), format="rgba", dpi=figure.dpi)

    def by_animation() -> None:
        animation = FuncAnimation(figure, show, frames=every)
        animation.save(folder / "other.gif", PillowWriter(fps=20), dpi=figure.dpi)

    def save(suffix: str) -> Callable[[], float]:
        return lambda: _seconds(lambda: lab.save(folder / f"lab{suffix}", width=1000))

    found = {f"lab.save {suffix}": save(suffix) for suffix in (".gif", *((".mp4",) if has_ffmpeg() else ()))}
    for name, work in ((SAVEFIG, by_savefig), (ANIMATION, by_animation)):
        found[name] = lambda work=work: _seconds(work) * FRAMES / len(every)
    return found


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def saved(record: Record, rounds: int) -> None:
    """Both labs; the ways take turns."""
    table = Table(
        "saving", "How long does it take to save 200 epochs as a movie?", "s", GIF,
        {MP4: PART, SAVEFIG: PEER, ANIMATION: PEER}, notes=[f"~ {FEW} frames, multiplied."],
    )  # fmt: skip
    if not has_ffmpeg():
        table.missing[MP4] = "there is no ffmpeg"
    for name, alpha in (("ravine", 0.085), ("mlp_moons", None)):
        lab = lrlab.DescentLab(name, alpha=alpha, epochs=FRAMES)
        with tempfile.TemporaryDirectory() as folder:
            found = ways(lab, Path(folder))
            times: dict[str, list[float]] = {way: [] for way in found}
            for turn in range(rounds):
                figures.told(f"{name}: round {turn + 1} of {rounds}")
                for way, work in found.items():
                    times[way].append(work())
            table.add(name, times)
            with Image.open(Path(folder, "lab.gif")) as movie:
                megabytes = Path(folder, "lab.gif").stat().st_size / 1e6
                table.notes.append(f"{name}: {movie.n_frames} frames, {megabytes:.1f} MB as GIF.")
        lab.close()
    record.add(table)


def main() -> int:
    asked = figures.asked(figures.parser(__doc__, rounds=2))
    packages = ("matplotlib", "pillow", "lrlab")
    return figures.carry_out(__file__, __doc__, asked, packages, lambda record: saved(record, asked.rounds))


if __name__ == "__main__":
    sys.exit(main())
