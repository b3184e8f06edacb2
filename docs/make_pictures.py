"""Takes the README's picture from the real thing: python docs/make_pictures.py"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.jupyter import Notebook, chromium, running_lab, write_notebook  # noqa: E402

CELL = "import lrlab\nlrlab.DescentLab('ravine', alpha=0.085, factor=0.5, patience=5)"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder, "picture.ipynb"), [CELL])
        with (
            running_lab(folder) as server,
            chromium() as browser,
            Notebook(browser, server, "picture.ipynb", viewport=(1500, 1000)) as notebook,
        ):
            notebook.run_all()
            notebook.page.wait_for_timeout(1500)  # until the figure has taken the width of its cell
            notebook.page.locator(".lrlab-lab").screenshot(path=ROOT / "docs" / "descent_lab.png")


if __name__ == "__main__":
    main()
