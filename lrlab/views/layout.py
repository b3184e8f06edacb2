"""Where panels stand in a figure that is as wide as its cell."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath

from lrlab.views.style import INK, TEXT, TITLE, RunStyle

# In CSS pixels: below this width the panels stand on top of each other.
NARROW = 700

Box = tuple[float, float, float, float]  # left, top, right, bottom in CSS pixels from the top left corner
Boxes = Callable[[float, float, list[str], float], tuple[dict[str, Box], float]]


def fit_letters(figure: Figure, width: float) -> float:
    """Letters for a figure ``width`` CSS pixels wide. Returns their height in pixels: what margins are made of."""
    # Lettering grows with the figure, so that a projector's picture is a larger one and not an emptier one.
    figure.dpi = 100 * min(max(width / 1000, 0.85), 1.7)
    return TEXT / 72 * figure.dpi


def place(figure: Figure, width: float, height: float, em: float, boxes: dict[Axes, Box]) -> None:
    """Give the figure its size and each panel its box."""
    figure.set_size_inches(width / figure.dpi, height / figure.dpi)
    for axes, (left, top, right, bottom) in boxes.items():
        axes.set_position((left / width, 1 - bottom / height, (right - left) / width, (bottom - top) / height))
        # Fixed places for the names of the axes: finding a place beyond all ticks is half of matplotlib's drawing time.
        axes.xaxis.set_label_coords(0.5, -1.6 * em / (bottom - top))
        axes.yaxis.set_label_coords(-2.7 * em / (right - left), 0.5)
        _fit_title(axes, min(right - left + 3.5 * em, width - left - 0.3 * em) / figure.dpi * 72)


def in_a_column(names: list[str], left: float, right: float, top: float, bottom: float, em: float) -> dict[str, Box]:
    """Boxes for panels of these names, one below the other."""
    gap = 3.2 * em
    high = (bottom - top - gap * (len(names) - 1)) / len(names)
    tops = [top + i * (high + gap) for i in range(len(names))]
    return {name: (left, y, right, y + high) for name, y in zip(names, tops, strict=True)}


def arrange_with_fits(figure: Figure, width: float, columns: int, side_by_side: Boxes, stacked: Boxes) -> None:
    """Size, lettering and panels of a figure that may have panels for what was learned, labelled "fit ...".

    width: of the cell, in CSS pixels. columns: of the legend, where the cell is wide
    side_by_side, stacked: say where panels go, in a wide cell and in a narrow one: from its width, the letters' height,
        the labels of those panels, and where the room below the legend begins, to boxes and the figure's height
    """
    em = fit_letters(figure, width)
    panels = {axes.get_label(): axes for axes in figure.axes}
    fits = [name for name in panels if name.startswith("fit")]
    narrow = width < NARROW
    columns = 2 if narrow else columns
    top = legend_height(figure, columns, em) + 1.5 * em
    boxes, height = (stacked if narrow else side_by_side)(width, em, fits, top)
    place(figure, width, height, em, {panels[name]: box for name, box in boxes.items()})
    place_legend(figure, columns)


def _fit_title(axes: Axes, room: float) -> None:
    """The title again, in smaller letters if it is more than ``room`` points wide: formulas may be long."""
    if not axes.get_title(loc="left"):
        return
    title = axes.set_title(axes.get_title(loc="left"), **TITLE)
    # As a path, since a text measures itself with what it was last drawn with, at another density. Small letters are
    # drawn wider than they are, each on whole pixels.
    try:
        width = 1.06 * TextPath((0, 0), title.get_text(), prop=title.get_fontproperties()).get_extents().width
    except ValueError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ValueError(
            f"formula must be mathtext that matplotlib can read, in {title.get_text()!r}: {reason}. Try r'$x^2 + y^2$'."
        ) from None
    if width > room:
        title.set_fontsize(title.get_fontsize() * room / width)


def runs_in_legend(
    styles: tuple[RunStyle, ...], pair: tuple[str, str] = ("constant", "plateau (rate cut)")
) -> list[Line2D]:
    """Entries for the runs in a figure's legend. pair: what the first two are called; a third has its style's name"""
    labels = (*pair, *(style.name for style in styles[2:]))
    return [
        Line2D([], [], color=style.color, linestyle=style.dashes, linewidth=style.width, label=label,
               marker=style.head, markersize=7)
        for style, label in zip(styles, labels, strict=True)
    ]  # fmt: skip


def legend_height(figure: Figure, columns: int, em: float) -> float:
    """How much room `place_legend` will need above the panels and their titles, in CSS pixels."""
    (legend,) = figure.legends
    return (0.9 + 1.5 * ceil(len(legend.get_texts()) / columns)) * em


def place_legend(figure: Figure, columns: int, close: bool = False) -> None:
    """The figure's legend again, at the top, in so many columns. close: many short entries."""
    (old,) = figure.legends
    handles = getattr(old, "row_by_row", old.legend_handles)
    old.remove()
    # matplotlib fills column by column, people read row by row.
    columns = min(columns, len(handles))
    by_column = [handle for column in range(columns) for handle in handles[column::columns]]
    legend = figure.legend(
        handles=by_column, loc="upper center", ncols=columns, frameon=False, fontsize=TEXT,
        labelcolor=INK, borderaxespad=0.25, handlelength=1.0 if close else 2.6, columnspacing=1.0 if close else 1.8,
        handletextpad=0.4 if close else 0.8,
    )  # fmt: skip
    legend.row_by_row = handles  # for the next time
