"""The rules of the house that a machine can check (CONTRIBUTING.md has them all)."""

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lrlab

PACKAGE = Path(lrlab.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

# The parts that are numbers only.
NUMBERS = {"core", "problems", "studies", "moments"}
NUMBER_SOURCES = [path for path in SOURCES if path.relative_to(PACKAGE).parts[0] in NUMBERS]

# What each part may import of the others.
MAY_IMPORT = {
    "core": set(),
    "problems": {"core"},
    "studies": {"core", "problems"},
    "moments": NUMBERS - {"moments"},
    "keras_live": NUMBERS - {"moments"},
    "views": NUMBERS - {"moments"},
    "live": set(),
    "widgets": NUMBERS - {"moments"} | {"views", "live"},
    "labs": NUMBERS | {"keras_live", "views", "live", "widgets"},
    "course": NUMBERS | {"keras_live", "views", "live", "widgets", "labs"},
    "app": NUMBERS | {"keras_live", "views", "live", "labs", "course"},
}


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def imports(path: Path) -> Iterator[str]:
    """The full name of everything that a file imports, wherever in it: "lrlab.core.run.Run", "numpy"."""
    package = ("lrlab", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            yield from (".".join(filter(None, [*base, node.module, alias.name])) for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    part, *inside = path.relative_to(PACKAGE).parts
    if not inside:  # lrlab/__init__.py, which loads what it names when it is asked for
        assert not [name for name in imports(path) if name.startswith("lrlab")]
        return
    ours = {name for name in imports(path) if name.startswith("lrlab.")}  # `import lrlab` alone loads no part
    allowed = MAY_IMPORT[part] | {part}
    for name in ours:
        home = name.split(".")[1]
        assert home in allowed or (part == "app" and home == "__version__"), f"{part} must not import {name}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_pyplot(path: Path) -> None:
    assert not [name for name in imports(path) if "pyplot" in name or name.startswith("pylab")]


def test_numbers_only_is_numbers_only() -> None:
    foreign = {name.split(".")[0] for path in NUMBER_SOURCES for name in imports(path)} - {"lrlab"}
    assert foreign - sys.stdlib_module_names == {"numpy", "scipy", "sklearn", "threadpoolctl"}
    assert not foreign & {"os", "pathlib", "random", "time", "logging"}
    # Of the process it asks one thing only: whether SciPy has brought matrix products of its own. The number of threads
    # that these take is the process's, so whoever changes it needs a lock.
    for module in ("sys", "threading.Lock"):
        assert [path.name for path in NUMBER_SOURCES if module in imports(path)] == ["threads.py"]
    threading = [name for path in NUMBER_SOURCES for name in imports(path) if name.startswith("threading")]
    assert threading == ["threading.Lock"]


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_import_lrlab_loads_nothing_heavy_and_a_training_run_no_widgets() -> None:
    heavy = ["tensorflow", "keras", "sklearn", "scipy", "matplotlib", "ipywidgets", "anywidget", "IPython"]
    loaded = f"import sys; print([name for name in {heavy} if name in sys.modules]);"
    assert run_python(f"import lrlab; {loaded} import numpy; assert dir(lrlab)") == "[]\n"
    train = "lrlab.train(lrlab.problems.ravine(), lrlab.Settings.pair(0.05, 0.5, 5), epochs=3)"
    assert run_python(f"import lrlab; {train}; {loaded}") == "[]\n"
    assert "tensorflow" not in run_python(f"import lrlab; lrlab.DescentLab; lrlab.KerasLab; {loaded}")


@pytest.mark.parametrize("name", lrlab.__all__)
def test_public_names_are_there_and_explained(name: str) -> None:
    value = getattr(lrlab, name)
    assert name in dir(lrlab)
    if not name.startswith("__"):
        # Without own text, a class would hand out its parent's, and a dataclass its signature.
        assert (value.__doc__ or "").strip()
        if inspect.isclass(value):
            assert value.__doc__ != value.__mro__[1].__doc__
            assert not value.__doc__.startswith(f"{name}(")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'lrlab' has no attribute 'descent_lab'"):
        lrlab.descent_lab  # noqa: B018


def documented(module: object) -> Iterator[str]:
    for name, value in vars(module).items():
        here = getattr(value, "__module__", None) == module.__name__
        if here and not name.startswith("_") and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name


def test_the_heart_can_be_read_in_an_hour() -> None:
    lines = [line for path in (PACKAGE / "core").glob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) < 1500, "25 lines a minute"


@pytest.mark.parametrize("path", NUMBER_SOURCES, ids=name_of)
def test_numbers_are_documented(path: Path) -> None:
    parts = ["lrlab", *path.relative_to(PACKAGE).with_suffix("").parts]
    module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    assert module.__doc__
    for name in documented(module):
        assert getattr(module, name).__doc__, f"{module.__name__}.{name} has no docstring"
