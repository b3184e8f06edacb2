"""The colours of maps of starts: told apart on white pages and on dark ones, where each is turned over."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import lrlab
from lrlab.studies.basins import DIVERGED
from lrlab.views.basins import LOW, MINIMA, OPAQUE, OTHERS, REST, _colour
from lrlab.views.style import PAIR

PAGES = {"white": 255.0, "dark": 17.0}
KINDS = {**{str(i + 1): color for i, color in enumerate(MINIMA)}, "low": LOW, "diverged": REST[DIVERGED]}


def turned_over(rgb):
    """As live/theme.js does it."""
    return 17 + (rgb + 255 - rgb.max() - rgb.min()) * 238 / 255


def on(page, color, opacity):
    rgb = 255 * np.array(to_rgb(color))
    return opacity * (turned_over(rgb) if page == "dark" else rgb) + (1 - opacity) * PAGES[page]


def lab(rgb):
    """CIELAB, for D65: a difference of 2 is just seen side by side, one of 20 across a picture."""
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ linear / (0.9505, 1, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("page", PAGES)
def test_places_where_runs_end_are_told_apart(page):
    seen = {kind: lab(on(page, color, OPAQUE)) for kind, color in KINDS.items()}
    near = {(a, b): np.linalg.norm(seen[a] - seen[b]).round(1) for a, b in combinations(seen, 2)}
    assert min(near.values()) > 19, sorted(near.items(), key=lambda item: item[1])[:3]


@pytest.mark.parametrize("page", PAGES)
def test_none_is_as_bright_as_the_page_or_as_dark(page):
    lightness = {kind: lab(on(page, color, OPAQUE))[0] for kind, color in KINDS.items()}
    assert all(30 < light < 80 for light in lightness.values()), lightness


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("run", PAIR, ids=lambda style: style.name)
def test_paths_are_seen_on_all_of_them(page, run):
    path = lab(on(page, run.color, 1))
    assert all(np.linalg.norm(lab(on(page, color, OPAQUE)) - path) > 30 for color in KINDS.values())


def test_from_the_ninth_minimum_on_they_share_a_colour_of_their_own():
    waves = lrlab.Problem(
        name="waves", formula="$1 - \\cos w$", loss=lambda w: 1 - np.cos(w[..., 0]) + 1e-4 * (w[..., 0] - 25) ** 2,
        convex=False, start=(1.0,), view=((-1, 60),), minima=[(float(2 * np.pi * k),) for k in range(9)],
    )  # fmt: skip
    lab = lrlab.BasinLab(waves, alpha=0.1, points=30)
    named = {text.get_text() for text in lab.figure.figure.legends[0].texts}
    assert {"8 local", "other minima"} < named
    assert "9 local" not in named
    assert [_colour(n) for n in (7, 8, 16)] == [MINIMA[7], OTHERS, OTHERS]
    lab.close()
