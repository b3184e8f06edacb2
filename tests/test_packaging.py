"""What is shipped: the three lists of packages agree, the wheel is complete, the notebooks are clean."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {name: [Requirement(line) for line in lines] for name, lines in PROJECT["optional-dependencies"].items()}
DEPENDENCIES = [Requirement(line) for line in PROJECT["dependencies"]]

# The few packages that conda-forge calls something else. Its tensorflow-cpu is the one for every platform.
CONDA_NAMES = {
    "jupyter-core": "jupyter_core",
    "jupyter-server": "jupyter_server",
    "jupyter-server-mathjax": "jupyter_server_mathjax",
    "matplotlib": "matplotlib-base",
    "tensorflow": "tensorflow-cpu",
}


def project_files(*folders: str) -> list[Path]:
    """The files in git, and those that would be: all but the ignored ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip
    return [path for name in sorted(set(listed.split("\0")) - {""}) if (path := ROOT / name).is_file()]


def test_conda_and_pip_install_the_same_packages() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, *lines, from_pip = environment["dependencies"]
    conda = {needed.name: needed.specifier for needed in map(Requirement, lines)}
    pip = {CONDA_NAMES.get(needed.name, needed.name): needed.specifier for needed in DEPENDENCIES + EXTRAS["keras"]}

    assert conda.pop("pip") == ""
    assert conda == pip
    # The form that repo2docker reads (its PYTHON_REGEX); it takes its own default for any other.
    found = re.fullmatch(r"python =(3\.\d+)", python)
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(found[1])
    assert from_pip == {"pip": ["-e ."]}
    assert environment["channels"] == ["conda-forge"]


def test_the_tensorflow_packages_exclude_each_other_and_share_a_lower_bound() -> None:
    machines = [
        {"sys_platform": system, "platform_machine": machine, "python_version": "3.13"}
        for system, machine in [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")]
    ]
    for machine in machines:
        assert sum(needed.marker.evaluate(machine) for needed in EXTRAS["keras"]) == 1, machine
    assert len({needed.specifier for needed in EXTRAS["keras"]}) == 1


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {}
    for pin in map(Requirement, lines):
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        pins.setdefault(canonicalize_name(pin.name), []).append(specifier.version)

    for needed in DEPENDENCIES + [needed for extra in EXTRAS.values() for needed in extra]:
        versions = pins.get(canonicalize_name(needed.name), [])
        assert versions, f"{needed.name} is not in constraints.txt: run `make lock`"
        assert all(needed.specifier.contains(version) for version in versions), (str(needed), versions)


def test_the_version_is_written_the_same_twice() -> None:
    import lrlab

    assert lrlab.__version__ == PROJECT["version"]


def test_no_file_names_a_package_registry() -> None:
    # Each user's pip, conda or apt knows its own. In two halves, so that this file does not name one either.
    halves = [
        ("pypi.", "org"), ("python", "hosted.org"), ("registry.npm", "js.org"), ("npmjs", ".com/"),
        ("anaconda", ".org"), ("deb.debian", ".org"), ("index", "-url"), ("file:///", "opt/"),
    ]  # fmt: skip
    found = [
        f"{path.relative_to(ROOT)}: {first}{second}"
        for path in project_files()
        for first, second in halves
        if (first + second).encode() in path.read_bytes()
    ]
    assert found == []


def test_the_wheel_holds_the_package_and_the_lessons_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    code = {path.relative_to(ROOT).as_posix() for path in project_files("lrlab")}
    lessons = {f"lrlab/{path.relative_to(ROOT).as_posix()}" for path in project_files("lessons")}

    assert "lrlab/live/figure.js" in names
    info = f"lrlab-{PROJECT['version']}.dist-info"
    assert names == code | lessons | {
        f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }


@pytest.mark.parametrize("path", sorted((ROOT / "lessons").glob("**/*.ipynb")), ids=lambda path: path.stem)
def test_a_lesson_is_saved_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)  # that includes: each cell has an id of its own
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5), "older notebooks have no cell ids"
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [], cell.id
            assert cell.execution_count is None, cell.id
