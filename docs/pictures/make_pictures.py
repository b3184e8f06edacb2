"""Takes the README's pictures from the real thing: make pictures"""

import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser  # noqa: E402

from tests.browser.classroom import PRESENT, actions  # noqa: E402
from tests.browser.jupyter import Notebook, Page, chromium, running_lab, write_notebook  # noqa: E402

PICTURES = {
    "descent_lab.png": "lrlab.DescentLab('ravine', alpha=0.085, factor=0.5, patience=5)",
    "network.png": "lrlab.DescentLab('mlp_moons', alpha=0.5, factor=0.5, patience=15, seed=1)",
    "keras_lab.png": "lrlab.KerasLab('moons', alpha=1.0, factor=0.3, patience=6)",
    "sweep_lab.png": "lrlab.SweepLab()",
    "basin_lab.png": "lrlab.BasinLab('himmelblau', alpha=0.025, factor=0.5, patience=5)",
}


def main() -> None:
    with chromium() as browser:
        in_front_of_a_class(browser)
        labs(browser)


def labs(browser: Browser) -> None:
    """A picture of each lab."""
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, "pictures.ipynb"), ["import lrlab", *PICTURES.values()])
        with (
            running_lab(folder) as server,
            Notebook(browser, server, "pictures.ipynb", viewport=(1500, 1300)) as notebook,
        ):
            notebook.run_all()
            notebook.page.get_by_text(re.compile(r"\d+ epochs of both runs")).wait_for(timeout=60_000)
            notebook.page.wait_for_timeout(1500)  # until the figures have taken the width of their cells
            for lab, name in zip(notebook.page.locator(".lrlab-lab").all(), PICTURES, strict=True):
                lab.scroll_into_view_if_needed()
                notebook.page.wait_for_timeout(500)
                lab.screenshot(path=ROOT / "docs" / "pictures" / name)


def in_front_of_a_class(browser: Browser) -> None:
    """A picture after each action of a lecturer; says how long it took until the class had it before its eyes."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(folder, command=PRESENT) as server,
        Page(browser, server, "01_what_alpha_does.ipynb", front="voila", viewport=(1400, 900)) as page,
    ):
        for done in actions(page):
            print(f"{done} after {time.monotonic() - began:.1f} s")
            if done != "opened":
                page.screenshot(ROOT / "docs" / "pictures" / f"class_{done}.png")


if __name__ == "__main__":
    main()
