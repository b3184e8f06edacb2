"""A table as a picture: lines over what grows, or dots for each line of the table; logarithmic where it spans much."""

from __future__ import annotations

import io
from pathlib import Path
from statistics import median

from figures import FLOOR, PART, Table
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from PIL import Image

OURS = {"color": "black", "marker": "D", "linewidth": 2.2, "zorder": 3}
# None of the labs' colours: those mean a constant rate, a plateau's, and a third run.
COLOURS = ("#8c5aa8", "#b08a1e", "#7a7a7a", "#a3557a", "#5a6a3a", "#7c5c45")
MARKERS = "os^vPX"


def draw(table: Table, path: Path) -> None:
    """Save it as a PNG of some 10 kB."""
    wide = bool(table.over)
    figure = Figure(figsize=(7.2, 4.2 if wide else 1.3 + 0.36 * len(table.rows)), layout="constrained")
    axes = figure.add_subplot()
    for index, way in enumerate([table.ours, *table.others]):
        if any(row.samples.get(way) for row in table.rows):
            (_over if wide else _dots)(axes, table, way, style_of(table, way, index))
    (_label_over if wide else _label_dots)(axes, table)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=3, frameon=False, fontsize=9)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=110)
    with Image.open(drawn) as picture:  # a palette: a third of the size
        picture.convert("RGB").quantize(64).save(path, optimize=True)


def style_of(table: Table, way: str, index: int) -> dict:
    """Ours is black and heavy; parts of it are thin and black; the floor is dotted."""
    if way == table.ours:
        return OURS
    role, turn = table.others[way], (index - 1) % len(COLOURS)
    colour = "0.35" if role in (PART, FLOOR) else COLOURS[turn]
    return {
        "color": colour, "marker": MARKERS[turn], "linewidth": 1.2, "zorder": 2,
        "linestyle": ":" if role == FLOOR else "--" if role == PART else "-",
        "markerfacecolor": "white" if role in (PART, FLOOR) else colour,
    }  # fmt: skip


def plain(value: float, _: int) -> str:
    """A tick in figures: 1,000 and not a power of ten."""
    return f"{value:,g}"


def _in_figures(axis: Axis) -> None:
    """Ticks of a logarithmic axis: 1, 10, 100, and where it spans less than two decades 2 and 5 as well."""
    low, high = axis.get_view_interval()
    if high < 100 * low:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(plain)
    axis.set_minor_formatter(NullFormatter())


def _over(axes: Axes, table: Table, way: str, style: dict) -> None:
    rows = [row for row in table.rows if row.samples.get(way)]
    x = [row.x for row in rows]
    axes.plot(x, [median(row.samples[way]) for row in rows], label=way, markersize=5, **style)
    low, high = ([find(row.samples[way]) for row in rows] for find in (min, max))
    axes.fill_between(x, low, high, color=style["color"], alpha=0.15, linewidth=0)


def _dots(axes: Axes, table: Table, way: str, style: dict) -> None:
    """Each row's median, and a whisker from the best to the worst."""
    style = {**style, "linestyle": "", "markersize": 6}
    for y, row in enumerate(table.rows):
        samples = row.samples.get(way)
        if samples:
            axes.plot([min(samples), max(samples)], [y, y], color=style["color"], linewidth=1, alpha=0.6)
            axes.plot(
                [median(samples)], [y], label=way if way not in axes.get_legend_handles_labels()[1] else None, **style
            )


def _label_over(axes: Axes, table: Table) -> None:
    axes.set(xscale="log", yscale="log", xlabel=table.over, ylabel=table.unit)
    for axis in (axes.xaxis, axes.yaxis):
        _in_figures(axis)


def _label_dots(axes: Axes, table: Table) -> None:
    axes.set(
        ylim=(len(table.rows) - 0.5, -0.5),
        xlabel=f"{table.unit} ({'more' if table.more_is_better else 'less'} is better)",
    )
    axes.set_yticks(range(len(table.rows)), [row.name for row in table.rows], fontsize=9)
    values = [median(samples) for row in table.rows for samples in row.samples.values() if samples]
    if min(values) > 0 and max(values) > 8 * min(values) and not table.total:  # parts of a whole are lengths
        axes.set_xscale("log")
        _in_figures(axes.xaxis)
    else:
        axes.set_xlim(left=0)
