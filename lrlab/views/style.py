"""How things look everywhere: two runs, two colours (Okabe-Ito), told apart by dashes and markers as well."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap


class RunStyle(NamedTuple):
    """A run's name and how its lines are drawn. A dot marks each epoch, ``head`` where the run ends."""

    name: str
    color: str
    dashes: Any
    width: float
    dot: float
    head: str
    zorder: float

    @property
    def line(self) -> dict[str, Any]:
        """Keyword arguments for a live line."""
        return {
            "animated": True,
            "color": self.color,
            "linestyle": self.dashes,
            "linewidth": self.width,
            "zorder": self.zorder,
            "solid_joinstyle": "round",
        }


# The constant run is painted last, and thinner, dots and all: while both runs agree, it lies inside the solid line.
CONSTANT = RunStyle("constant", "#D55E00", (0, (4, 2)), 1.7, 4.8, "s", 4)
PLATEAU = RunStyle("plateau", "#0072B2", "-", 3.0, 9, "o", 3)
PAIR = (CONSTANT, PLATEAU)
# The rate of a third run comes from a rule of the user's own.
OWN = RunStyle("yours", "#00795a", (0, (7, 2, 1.4, 2)), 2.2, 6, "D", 3.5)

# The gid of a live line that is no record of epochs: it is seen whole, whichever epoch is shown.
WHOLE = "whole"
# That of a record of epochs which goes beside another, and is not kept when that is.
BESIDES = "besides"
STEADY: dict[str, Any] = {"animated": True, "gid": WHOLE}

INK = "#22252b"
QUIET = "#5d6470"
GRID = "#e4e6ea"
LAND = LinearSegmentedColormap.from_list("land", ["#cfe3d6", "#e6efe0", "#f6f5ea", "#fdfcf8"])

RINGS = 13
TEXT = 10.5
SMALL = 9.5
TITLE: dict[str, Any] = {"loc": "left", "fontsize": TEXT + 0.5, "color": INK, "fontweight": "bold", "pad": 8, "y": 1}


def styles_with(own: str = "") -> tuple[RunStyle, ...]:
    """How the runs are drawn: a pair, and where ``own`` is given a third run with that name."""
    return (*PAIR, OWN._replace(name=own)) if own else PAIR


def dress(axes: Axes, title: str, x: str = "", y: str = "") -> None:
    """The same frame, grid and letters for every panel."""
    axes.set_title(title, **TITLE)
    axes.set_xlabel(x, fontsize=TEXT, color=QUIET)
    axes.set_ylabel(y, fontsize=TEXT, color=QUIET)
    axes.tick_params(which="both", labelsize=SMALL, labelcolor=QUIET, color=GRID)
    for spine in axes.spines.values():
        spine.set_color("#b9bec7")
    axes.spines[["top", "right"]].set_visible(False)
