"""A map of settings: a cell for each run, coloured by what it came to, and a bar that says what the colours mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize, to_rgba
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lrlab.core.arrays import Array
from lrlab.studies.sweep import EPOCHS, GAIN, LOSS, SAME, Sweep
from lrlab.views.style import CONSTANT, INK, PLATEAU, QUIET, SMALL, STEADY, dress
from lrlab.views.tables import readable

# The better, the further from the page: dark on a light one. A dark page turns colours over (live/theme.js), and this
# map is as even when it has been. Its palest end is no white, which is a cell that is not known; greys it has none.
GOOD_STANDS_OUT = LinearSegmentedColormap.from_list("good stands out", colormaps["YlGn"](np.linspace(0.94, 0.1, 256)))
# The runs' own colours: where the constant one is better, and where cutting is. White is a draw.
WHO_IS_BETTER = LinearSegmentedColormap.from_list(
    "who is better", ["#8f3f00", CONSTANT.color, "#f3b183", "#fdfcf8", "#8dbfe0", PLATEAU.color, "#00416b"]
)
DIVERGED, NEVER = "#777a83", "#c6c8ce"
EACH = 8  # so many values along a side, or fewer, have their number each


class Side(NamedTuple):
    """What changes along a side of a map: its name, and the value of each cell, rising."""

    name: str
    values: Array
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value is along the side: cell i reaches from i - 0.5 to i + 0.5. NaN outside of all cells."""
        known, wanted = (np.log(self.values), np.log(value)) if self.log else (self.values, value)
        steps = np.diff(known) if len(known) > 1 else np.ones(1)
        ends = [known[0] - steps[0] / 2, *known, known[-1] + steps[-1] / 2]
        places = [-0.5, *range(len(known)), len(known) - 0.5]
        return float(np.interp(wanted, ends, places, left=np.nan, right=np.nan))


class Meter(NamedTuple):
    """How the numbers of a map are coloured and said."""

    words: str
    norm: Normalize
    colours: Colormap
    say: Callable[[float], str]


def meter_of(metric: str, epochs: int, losses: tuple[float, float] = (0.1, 1.0), gain: float = 100.0) -> Meter:
    """The meter for one of `studies.sweep.METRICS`. Raises ValueError for any other.

    epochs: of each run. losses: what the colours of "final loss" reach from and to. gain: they reach to so many times
    """
    if metric == EPOCHS:
        return Meter("epochs to target", Normalize(0, epochs), GOOD_STANDS_OUT, _epochs)
    if metric == LOSS:
        return Meter("final loss", LogNorm(*losses, clip=True), GOOD_STANDS_OUT, readable)
    if metric == GAIN:
        return Meter("gain over constant", LogNorm(1 / gain, gain, clip=True), WHO_IS_BETTER, _times)
    raise ValueError(f"There is no meter for {metric!r}.")


class SweepView:
    """A map and its bar. ``draw(sweep)`` shows a `Sweep` whose rows and columns are those of ``up`` and ``across``.

    axes, bar: where the map and its bar are drawn. loss_offset: what final losses are measured from in colours

    image: the cells: coloured, grey where the run diverged, pale grey where it never came to the target, nothing where
        it is not known. border: where cells are as good as the constant run: between better and worse ones
    here: around the cell with the present settings. pointed: around the one under the mouse. best: in the best one
    beyond: at the bar's lower and upper end, where values lie beyond it
    level: the constant run's value on the bar. value: that of the present cell
    """

    def __init__(self, axes: Axes, bar: Axes, across: Side, up: Side, meter: Meter, loss_offset: float = 0.0) -> None:
        self.axes, self.across, self.up, self.meter, self._offset = axes, across, up, meter, loss_offset
        rows, columns = len(up.values), len(across.values)
        dress(axes, meter.words, across.name, up.name)
        axes.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5, rows - 0.5))
        _number(axes.xaxis, across)
        _number(axes.yaxis, up)
        self.image = axes.imshow(
            np.zeros((rows, columns, 4), np.uint8), animated=True, origin="lower", aspect="auto",
            interpolation="nearest", extent=(-0.5, columns - 0.5, -0.5, rows - 0.5), zorder=1,
        )  # fmt: skip
        self.border = _cased(axes, CONSTANT.color, 2.0, 3)
        self.pointed = _cased(axes, INK, 1.2, 5)
        self.here = _cased(axes, PLATEAU.color, 2.4, 6)
        self.best = axes.plot([], [], animated=True, linestyle="", marker="*", markersize=13, markerfacecolor=INK,
                              markeredgecolor="white", markeredgewidth=1.0, zorder=4.5, scalex=False,
                              scaley=False)[0]  # fmt: skip
        self._draw_bar(bar)
        self.beyond = [_end_of_bar(bar, meter.colours(end), end) for end in (0.0, 1.0)]
        self.level = _cased(bar, CONSTANT.color, 2.4, 4, dashes=(0, (2.2, 1.2)))
        self.value = _cased(bar, PLATEAU.color, 3.0, 5)

    def draw(self, sweep: Sweep) -> None:
        """Show ``sweep``."""
        self.image.set_data(self._colours(sweep))
        _set(self.border, *border_of(sweep))
        best, norm = sweep.best, self.meter.norm
        self.best.set_data(*(([], []) if best is None else ([best[1]], [best[0]])))
        values = sweep.values[sweep.known & ~sweep.diverged & (sweep.values < np.inf)] - self._offset
        self.beyond[0].set_visible(bool((values < norm.vmin).any()))
        self.beyond[1].set_visible(bool((values > norm.vmax).any()))

    def mark(self, across: float, up: float) -> None:
        """Mark the cell that these settings lie in; none where they lie outside the map."""
        _set(self.here, *_around(self.cell_at(self.across.place(across), self.up.place(up))))

    def point_at(self, cell: tuple[int, int] | None) -> None:
        """Mark the cell under the mouse, (row, column), or none."""
        _set(self.pointed, *_around(cell))

    def tell(self, constant: float, value: float) -> None:
        """Mark on the bar the constant run's value, and that of the present cell; neither where it is no number."""
        for lines, number in ((self.level, constant), (self.value, value)):
            place = self._on_bar(np.array(number)) if np.isfinite(number) else np.nan
            _set(lines, [0, 1], [place, place])

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """(row, column) of the cell at a place in the panel, or None outside."""
        rows, columns = len(self.up.values), len(self.across.values)
        if not (-0.5 <= y < rows - 0.5 and -0.5 <= x < columns - 0.5):
            return None
        return int(np.floor(y + 0.5)), int(np.floor(x + 0.5))

    def _on_bar(self, values: Array) -> Array:
        """Values as the colours know them, no further out than the bar reaches."""
        return np.clip(values - self._offset, self.meter.norm.vmin, self.meter.norm.vmax)

    def _colours(self, sweep: Sweep) -> Array:
        """(rows, columns, 4) of uint8."""
        values = sweep.values
        known = np.where(np.isnan(values), self.meter.norm.vmax, values)
        colours = self.meter.colours(self.meter.norm(self._on_bar(known)), bytes=True)
        if sweep.metric == EPOCHS:
            colours[np.isinf(values)] = _bytes(NEVER)
        colours[sweep.diverged] = _bytes(DIVERGED)
        colours[np.isnan(values)] = 0
        return colours

    def _draw_bar(self, bar: Axes) -> None:
        """The colours from low to high, still; live marks go over them."""
        figure = bar.get_figure()
        bar.set_label("bar")
        figure.colorbar(ScalarMappable(self.meter.norm, self.meter.colours), cax=bar)
        bar.tick_params(which="both", labelsize=SMALL, labelcolor=QUIET, color=QUIET, length=2.5)
        if isinstance(self.meter.norm, LogNorm):
            wide = self.meter.norm.vmax / self.meter.norm.vmin > 300
            bar.yaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=9))
            if not wide or self.meter.colours is WHO_IS_BETTER:
                bar.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        bar.yaxis.set_minor_locator(NullLocator())
        for spine in bar.spines.values():
            spine.set_color("#b9bec7")


def _end_of_bar(bar: Axes, colour: Any, end: float) -> Line2D:
    """An arrow in the bar's last colour: as bright, or as dark, are values further out."""
    above = end > 0
    return bar.plot(
        [0.5], [1.035 if above else -0.035], animated=True, transform=bar.transAxes, linestyle="", clip_on=False,
        marker="^" if above else "v", markersize=7, markerfacecolor=colour, markeredgecolor="#8b8f98",
        markeredgewidth=0.8, scalex=False, scaley=False, visible=False,
    )[0]  # fmt: skip


def border_of(sweep: Sweep) -> tuple[Array, Array]:
    """The edges between cells that are better than constant, as good, and worse: x and y of a line with gaps (NaN).

    Edges that follow one another in one line are one stroke.
    """
    standing, known = sweep.better.astype(int) - sweep.worse, sweep.known
    x: list[float] = []
    y: list[float] = []
    beside = (standing[:, 1:] != standing[:, :-1]) & known[:, 1:] & known[:, :-1]
    for column, row, end in _strokes(beside.T):
        x += [column + 0.5, column + 0.5, np.nan]
        y += [row - 0.5, end - 0.5, np.nan]
    above = (standing[1:] != standing[:-1]) & known[1:] & known[:-1]
    for row, column, end in _strokes(above):
        x += [column - 0.5, end - 0.5, np.nan]
        y += [row + 0.5, row + 0.5, np.nan]
    return np.array(x), np.array(y)


def _strokes(edges: Array) -> Iterator[tuple[int, int, int]]:
    """(line, first, one past the last) of each unbroken row of true cells in the lines of ``edges``."""
    padded = np.pad(edges.astype(np.int8), ((0, 0), (1, 1)))
    turns = np.diff(padded, axis=1)
    lines, firsts = np.nonzero(turns == 1)
    _, ends = np.nonzero(turns == -1)
    yield from zip(lines.tolist(), firsts.tolist(), ends.tolist(), strict=True)


def places_in_legend(metric: str, unknown: bool = False) -> list[Line2D]:
    """Entries for what is marked in a map, and for colours that are not on its bar. unknown: "not trained yet" too"""
    entries = [
        _line(
            "cell of the curves",
            PLATEAU.color,
            0,
            marker="s",
            markerfacecolor="none",
            markeredgewidth=2.6,
            markersize=10,
        ),
        _line("best cell", INK, 0, marker="*", markersize=11),
        _line("equal to constant", CONSTANT.color, 2.4),
        _patch("diverged", DIVERGED),
    ]
    if metric == EPOCHS:
        entries.append(_patch("never", NEVER))
    return [*entries, _patch("not trained yet", "white")] if unknown else entries


def _line(label: str, colour: str, width: float, **options: Any) -> Line2D:
    return Line2D([], [], color=colour, linewidth=width, label=label, **options)


def _patch(label: str, colour: str) -> Line2D:
    return Line2D([], [], linestyle="", marker="s", markersize=10, color=colour, markeredgecolor="#8b8f98",
                  markeredgewidth=0.6, label=label)  # fmt: skip


def _cased(axes: Axes, colour: str, width: float, zorder: float, dashes: Any = "-") -> list[Line2D]:
    """A live line on a white one, that it may be seen on any colour."""
    shared: dict[str, Any] = {
        **STEADY, "solid_joinstyle": "miter", "solid_capstyle": "projecting", "scalex": False, "scaley": False,
    }  # fmt: skip
    white = axes.plot([], [], color="white", linewidth=width + 2.2, zorder=zorder, **shared)
    return [*white, *axes.plot([], [], color=colour, linewidth=width, linestyle=dashes, zorder=zorder + 0.5, **shared)]


def _set(lines: list[Line2D], x: Any, y: Any) -> None:
    for line in lines:
        line.set_data(x, y)


def _around(cell: tuple[int, int] | None) -> tuple[list[float], list[float]]:
    """x and y of the line around a cell."""
    if cell is None:
        return [], []
    row, column = cell
    left, right, bottom, top = column - 0.5, column + 0.5, row - 0.5, row + 0.5
    return [left, right, right, left, left], [bottom, bottom, top, top, bottom]


def _number(axis: Any, side: Side) -> None:
    """Few, readable ticks. Where there are many cells they stand at round numbers, not at the cells' middles."""
    values = side.values
    if len(values) <= EACH:
        shown = values
    else:
        locator = (
            LogLocator(subs=(1.0, 2.0, 5.0)) if side.log else MaxNLocator(6, integer=bool((values % 1 == 0).all()))
        )
        shown = np.array([v for v in locator.tick_values(values[0], values[-1]) if values[0] <= v <= values[-1]])
    axis.set_ticks([side.place(value) for value in shown], labels=[f"{value:.4g}" for value in shown])
    axis.set_minor_locator(NullLocator())


def _epochs(value: float) -> str:
    return "never" if np.isinf(value) else f"{value:g} epoch{'' if value == 1 else 's'}"


def _times(value: float) -> str:
    if np.isinf(value):
        return "constant diverges"
    if abs(np.log(max(value, 1e-300))) <= SAME:
        return "the same loss"
    return f"{_factor(value)} lower" if value > 1 else f"{_factor(1 / max(value, 1e-300))} higher"


def _factor(times: float) -> str:
    """How often, or where that is hardly more than once, by how much."""
    if times < 1.1:
        return "less than 0.01 %" if times < 1.0001 else f"{100 * (times - 1):.2g} %"
    return f"{'1,000+' if times > 999.5 else f'{times:.3g}' if times < 10 else f'{times:.0f}'} times"


def _bytes(colour: str) -> Array:
    return (np.array(to_rgba(colour)) * 255).round().astype(np.uint8)
