"""Tables under a picture, and numbers as one would say them."""

from __future__ import annotations

from html import escape
from math import floor, log10

import numpy as np


def html_table(heads: dict[str, str], rows: str, sentence: str, even: bool = False) -> str:
    """A table with these heads (and what they mean), and the sentence under it. even: all columns are as wide."""
    titles = "".join(
        f"<th scope='col' data-head='{escape(head)}' title='{escape(text)}'>{escape(head)}</th>"
        for head, text in heads.items()
    )
    return (
        f"<table class='lrlab-readout{' lrlab-even' if even else ''}'><thead><tr>{titles}</tr></thead>"
        f"<tbody>{rows}</tbody></table><p class='lrlab-sentence'>{escape(sentence)}</p>"
    )


def html_row(name: str, cells: dict[str, str], before: str = "", kind: str = "") -> str:
    """A run's row: its name, what comes before the numbers, and a number under each head.

    kind: which run's colour it has, if its name does not say so
    """
    numbers = "".join(f"<td data-head='{escape(head)}'>{cell}</td>" for head, cell in cells.items())
    return f"<tr><th scope='row' class='lrlab-{kind or name}'>{escape(name)}</th>{before}{numbers}</tr>"


def percent(share: float) -> str:
    """A share as one would say it."""
    return "–" if np.isnan(share) else f"{100 * share:.1f} %"


def readable(value: float, digits: int = 3) -> str:
    """A number as one would say it: at most three digits, or so many, no NaN, no ``e-05``."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinite"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}g}" if abs(value) < 10**digits - 0.5 else f"{value:,.0f}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')} × 10{str(int(exponent)).translate(_RAISED)}"


def small(value: float) -> str:
    """The same for a number that somebody has typed: 0.0001 is that, and not a power of ten."""
    return f"{value:g}" if 1e-4 <= value < 1e5 else readable(value)


def counted(number: int, noun: str) -> str:
    """So many of something: "1 epoch", "1,500 epochs"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def decimals_of(value: float, digits: int = 4) -> int:
    """How many decimals a number above 0 has when it is written with so many digits."""
    return max(digits - 1 - floor(log10(value)), 0)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
