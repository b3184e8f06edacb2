"""`lrlab lessons`: the lessons for a class, never over somebody's own work."""

import nbformat
import pytest

from lrlab.app.main import main
from lrlab.course.catalogue import find

LESSON = "01_what_alpha_does.ipynb"


def test_the_lessons_are_copied_and_never_over_a_file_that_is_there(tmp_path, capsys):
    folder = tmp_path / "class" / "a"
    assert main(["lessons", str(folder)]) == 0
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert LESSON in first
    assert all(name.endswith(".ipynb") for name in first)
    (folder / LESSON).write_text("my own work")
    (folder / "04_bowls_and_valleys.ipynb").unlink()
    capsys.readouterr()
    assert main(["lessons", str(folder)]) == 0
    said = capsys.readouterr()
    assert (folder / LESSON).read_text() == "my own work"
    assert f"{LESSON} was there already, and is as it was" in said.out + said.err
    assert (folder / "04_bowls_and_valleys.ipynb").exists()
    assert main(["lessons", str(folder)]) == 2
    assert "nothing was copied" in capsys.readouterr().err


def test_with_solutions_each_exercise_has_its_own(tmp_path):
    assert main(["lessons", str(tmp_path)]) == 0
    assert main(["lessons", str(tmp_path), "--solutions"]) == 0, "in the same folder, beside the others"
    found = 0
    for path in sorted(tmp_path.glob("*_solutions.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell, after in zip(notebook.cells, notebook.cells[1:], strict=False):
            if cell.cell_type == "code" and cell.source.startswith("lrlab.exercise("):
                name = cell.source.split('"')[1]
                assert find(name)
                assert after.source == f'lrlab.solution("{name}")'
                found += 1
        plain = nbformat.read(tmp_path / path.name.replace("_solutions", ""), as_version=4)
        assert not any("lrlab.solution" in cell.source for cell in plain.cells)
    assert found >= 10


@pytest.mark.parametrize("in_the_way", ["the folder", "its parent"])
def test_a_file_in_the_way_is_told(tmp_path, capsys, in_the_way):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" if in_the_way == "the folder" else tmp_path / "file" / "class"
    assert main(["lessons", str(folder)]) == 2
    assert "cannot be copied" in capsys.readouterr().err
