"""Tables under a picture, and numbers as one would say them."""

from __future__ import annotations

from html import escape

import numpy as np


def html_table(heads: dict[str, str], rows: str, sentence: str, even: bool = False) -> str:
    """A table with these heads (and what they mean), and the sentence under it. even: all columns are as wide."""
    titles = "".join(f"<th scope='col' title='{escape(text)}'>{escape(head)}</th>" for head, text in heads.items())
    return (
        f"<table class='lrlab-readout{' lrlab-even' if even else ''}'><thead><tr>{titles}</tr></thead>"
        f"<tbody>{rows}</tbody></table><p class='lrlab-sentence'>{escape(sentence)}</p>"
    )


def html_row(name: str, cells: dict[str, str], before: str = "") -> str:
    """A run's row: its name, what comes before the numbers, and a number under each head."""
    numbers = "".join(f"<td data-head='{escape(head)}'>{cell}</td>" for head, cell in cells.items())
    return f"<tr><th scope='row' class='lrlab-{name}'>{name}</th>{before}{numbers}</tr>"


def percent(share: float) -> str:
    """A share as one would say it."""
    return "–" if np.isnan(share) else f"{100 * share:.1f} %"


def readable(value: float) -> str:
    """A number as one would say it: three digits, no NaN, no ``e-05``."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinite"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(_RAISED)}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
