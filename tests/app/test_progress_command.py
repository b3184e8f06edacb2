"""`lrlab progress`: what is done, and a file of it for a teacher."""

import json
import subprocess
import sys

import pytest

from lrlab.app.main import main
from lrlab.course.catalogue import names
from lrlab.course.progress import Progress


@pytest.fixture
def kept(tmp_path, monkeypatch):
    path = tmp_path / "progress.json"
    monkeypatch.setenv("LRLAB_PROGRESS", str(path))
    return path


def test_a_reader_that_has_seen_enough_is_no_fault(kept):
    command = [sys.executable, "-c", "import sys; from lrlab.app.main import main; sys.exit(main())", "progress"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


def test_nothing_is_exported_that_would_be_empty(kept, tmp_path, capsys):
    kept.write_text('{"lrlab": 99}')
    assert main(["progress", "export", str(tmp_path / "mine.json")]) == 2
    assert "nothing was exported" in capsys.readouterr().err
    assert not (tmp_path / "mine.json").exists()


def test_it_shows_what_is_done_tried_and_left(kept, capsys):
    Progress().record("edge", tries=2, right=True)
    Progress().record("first_cut", tries=1)
    assert main(["progress"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "1.2  done   The edge (edge)" in lines
    assert "2.1  tried  The first cut (first_cut)" in lines
    assert "1.3  -      A quick alpha (quick_alpha)" in lines
    assert lines[-1] == f"1 of {len(names())} exercises are done."


def test_the_export_is_a_progress_file_and_never_overwrites(kept, tmp_path, capsys):
    Progress().record("edge", tries=2, right=True)
    out = tmp_path / "ada.json"
    assert main(["progress", "export", str(out)]) == 0
    assert json.loads(out.read_text()) == Progress().as_data()
    assert Progress(out).of("edge").right
    before = out.read_bytes()
    assert main(["progress", "export", str(out)]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"), [(["export"], "say where"), (["export", "/nowhere/at/all"], "cannot be written")]
)
def test_an_export_that_cannot_be_is_told(kept, capsys, arguments, says):
    assert main(["progress", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_broken_file_is_told_of(kept, capsys):
    kept.write_text("{")
    assert main(["progress"]) == 0
    said = capsys.readouterr()
    assert "is broken" in said.out + said.err
    assert "0 of" in said.out
