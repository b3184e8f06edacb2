"""Examples are run: those in docstrings, and the Python of README and of the site's pages, from top to bottom."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

import lrlab
from lrlab.labs.lab import Lab

ROOT = Path(__file__).parents[2]
MODULES = [found.name for found in pkgutil.walk_packages(lrlab.__path__, "lrlab.")]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("[!_]*/*.md")), ROOT / "docs/index.md"]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_examples_in_docstrings():
    results = [doctest.testmod(importlib.import_module(name)) for name in MODULES]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) >= 10


def blocks():
    for page in PAGES:
        if found := BLOCK.findall(page.read_text(encoding="utf-8")):
            yield pytest.param(found, id=str(page.relative_to(ROOT)))


def run(code, names):
    before = set(_instances)
    for block in code:
        if 'backend="dask"' not in block:  # needs a cluster; tests/keras_live/test_sweep.py has one
            exec(compile(block, "<an example>", "exec"), names)
    for made in set(_instances) - before:
        if isinstance(lab := _instances.get(made), Lab):
            lab.close()


@pytest.mark.parametrize("code", list(blocks()))
def test_examples_on_pages(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2)), rng.integers(0, 2, 40)
    # What a page supposes that its reader has.
    run(code, {"lrlab": lrlab, "np": np, "x": x[:30], "y": y[:30], "x_val": x[30:], "y_val": y[30:]})
