"""The packages that lrlab needs: few, each for a reason, each declared, none that slips in."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import lrlab

PACKAGE = Path(lrlab.__file__).parent
ROOT = PACKAGE.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# A new one needs a line here: what would not work without it, and why we do not write that ourselves.
WHY = {
    "anywidget": "the browser's side of our widgets, with no build step and no npm package",
    "cloudpickle": "a function from a notebook's cell, sent to another process",
    "comm": "widgets that no browser hears of",
    "contourpy": "lines of equal loss, without a matplotlib figure; matplotlib needs it anyway",
    "ipython": "what a cell shows; every kernel has it",
    "ipywidgets": "sliders, boxes, menus",
    "joblib": "many Keras trainings on all processors, or a cluster; scikit-learn needs it anyway",
    "jupyter-core": "where Jupyter's configuration lies",
    "jupyter-server": "the server of `lrlab lab` and `lrlab present`",
    "jupyter-server-mathjax": "formulas without the internet in `lrlab present`",
    "jupyterlab": "where the lessons are read",
    "matplotlib": "all pictures",
    "nbclient": "runs a notebook for `lrlab check`",
    "nbformat": "reads and writes notebooks",
    "numpy": "all numbers",
    "pillow": "PNG and GIF; matplotlib needs it anyway",
    "platformdirs": "where a system keeps a user's data",
    "scikit-learn": "real data, and estimators to compare with",
    "scipy": "L-BFGS, Newton's method",
    "threadpoolctl": "small problems are slower with many threads; scikit-learn needs it anyway",
    "traitlets": "what widgets are made of",
    "voila": "the page of `lrlab present`",
}
WHY_EXTRA = {
    "keras": {"tensorflow": "Keras models", "tensorflow-cpu": "the same, a third of the size"},
    "dask": {"dask": "joblib on a cluster", "distributed": "joblib on a cluster"},
    "bench": dict.fromkeys(["ipympl", "jax", "livelossplot", "optax", "plotly"], "what benchmarks compare lrlab with"),
    "docs": {"furo": "the site's looks", "myst-nb": "notebooks as its pages", "sphinx": "builds it"},
    "test": {
        "axe-playwright-python": "is a page accessible",
        "dask": "tests of the cluster",
        "distributed": "tests of the cluster",
        "hatchling": "builds the wheel that a test looks into",
        "hypothesis": "whatever the numbers",
        "mypy": "types",
        "notebook": "tests in Notebook 7",
        "playwright": "tests in a browser",
        "pytest": "tests",
        "pytest-xdist": "tests on all processors",
        "pyyaml": "reads environment.yml",
        "ruff": "style",
    },
}
COMES_WITH = {"keras": "tensorflow"}  # a package that is imported, and the declared one that cannot be without it


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def test_each_dependency_has_its_reason_and_no_other_is_there() -> None:
    assert {name_of(line) for line in PROJECT["dependencies"]} == set(WHY), "say why in this file"
    found = {extra: {name_of(line) for line in lines} for extra, lines in PROJECT["optional-dependencies"].items()}
    for extra, packages in found.items():
        assert packages == set(WHY_EXTRA.get(extra, ())), f"say why in this file: {extra}"


def imported() -> dict[str, set[str]]:
    """By the name of a package that is no part of Python, or of lrlab: the files that import it."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"lrlab"}:
                found.setdefault(name, set()).add(path.name)
    return found


def test_whatever_lrlab_imports_is_declared() -> None:
    distributions = importlib.metadata.packages_distributions()
    needed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["keras"]]
    declared = {name_of(line) for line in needed}
    for name, files in imported().items():
        packages = {name_of(one) for one in distributions.get(name, [name])} | {COMES_WITH.get(name, "")}
        assert packages & declared, f"{name} is imported by {files}, and pyproject.toml does not have it"
