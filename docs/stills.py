"""Runs in a lesson's kernel: what a lab or an exercise is on a page that has no kernel behind it.

A lab is its picture twice, for light and for dark pages, and its readout. An exercise is its words.
"""

import base64
import io
from typing import Any

import matplotlib
import numpy as np
from IPython import get_ipython
from PIL import Image

from lrlab.course.view import ExerciseView
from lrlab.labs.lab import Lab

STILL = "application/vnd.lrlab.still+json"
WIDTHS = {"wide": 780, "narrow": 380}  # CSS pixels: of the text on a page, and on a telephone
NIGHT = 17  # as in lrlab/live/theme.js, of which `by_night` is a translation


def install() -> None:
    """Have the kernel show labs and exercises in that way."""
    bundles = get_ipython().display_formatter.mimebundle_formatter
    bundles.for_type(Lab, of_a_lab)
    bundles.for_type(ExerciseView, of_an_exercise)


def of_a_lab(lab: Lab, **_options: Any) -> dict[str, Any]:
    if hasattr(lab, "wait"):
        lab.wait()
    return {STILL: still(lab)}


def of_an_exercise(view: ExerciseView, **_options: Any) -> dict[str, Any]:
    return {STILL: {"words": view.in_words}}


def still(lab: Lab) -> dict[str, Any]:
    """A lab as plain data; nothing of it is hidden, as there is no button to reveal it.

    pictures: by name ("wide-light", "narrow-dark", ...), PNG in base64. alt: what they show. told: what stands below
    """
    pictures = {}
    for name, width in WIDTHS.items():
        day = picture(lab, width)
        pictures[f"{name}-light"] = in_base64(day)
        pictures[f"{name}-dark"] = in_base64(by_night(day))
    return {"pictures": pictures, "alt": lab._tell()[0], "told": lab._readout.value}


def picture(lab: Lab, width: int) -> np.ndarray:
    """The lab's figure, arranged for so many CSS pixels, two pixels each: (rows, columns, 3) of 0 to 255."""
    lab.figure.fit(width)
    lab.figure.redraw()
    out = io.BytesIO()
    with matplotlib.rc_context({"savefig.bbox": None}):
        lab.figure.savefig(out, format="png", dpi=2 * lab.figure.figure.dpi)
    return np.asarray(Image.open(out).convert("RGB"))


def by_night(picture: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) of 0 to 255: each colour as light as it was dark, with the same hue."""
    parts = picture.astype(float)
    more = 255 - parts.max(axis=-1, keepdims=True) - parts.min(axis=-1, keepdims=True)
    return (NIGHT + (parts + more) * (255 - NIGHT) / 255).round().astype(np.uint8)


def in_base64(picture: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(picture).quantize(256).save(out, "png", optimize=True)
    return base64.b64encode(out.getvalue()).decode()
