"""The report: words, tables and plots from made-up figures; and each benchmark can be asked for them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
HELPERS = {"figures", "jax_training", "models", "page", "plots", "report"}


@pytest.fixture(scope="module")
def bench():
    """The modules in benchmarks/, which is a folder of scripts and no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        import figures
        import page
        import report

        yield type("Bench", (), {"figures": figures, "page": page, "report": report})
    for name in HELPERS:
        sys.modules.pop(name, None)


def table_of(bench, rows, **more):
    """rows: by name (ours, theirs), one sample or several."""
    made = bench.figures.Table("made", "How fast?", "ms", "lrlab", {"other": bench.figures.PEER}, **more)
    for x, (name, samples) in enumerate(rows.items(), 1):
        made.add(name, dict(zip(("lrlab", "other"), samples, strict=False)), x)
    return made


def record_of(bench, *tables, **more):
    return bench.figures.Record(
        "made_up", "What was made up?", "a machine", 2, {"Python": "3.11"}, "2026-11-25 19:25", [0.1, 1.2], 60,
        list(tables), **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"a": ([1], [3]), "b": ([2], [80])}, "lrlab is 3.00 to 40.0 times as fast as other."),
        ({"a": ([2, 9, 1], [3, 4, 100])}, "lrlab is 2.00 times as fast as other."),  # medians
        ({"a": ([10], [5]), "b": ([10], [1])}, "lrlab is **behind other**, which is 2.00 to 10.0 times as fast."),
        ({"a": ([10], [10.5]), "b": ([10], [9.5])}, "lrlab is **level with other**."),
        (
            {"a": ([1], [3]), "b": ([10], [2])},
            "lrlab is ahead of other in 1 of 2 rows (up to 3.00 times as fast), **not in the others** "
            "(b: other is 5.00 times as fast).",
        ),
        (
            {"a": ([1], [3]), "b": ([10], [10])},
            "lrlab is ahead of other in 1 of 2 rows (up to 3.00 times as fast), **level in the others**.",
        ),
        ({"a": ([2],), "b": ([5],)}, "It takes from 2.00 ms (a) to 5.00 ms (b)."),
        ({"a": ([1500],)}, "1.50 s."),
        ({"a": ([20], [0])}, "20.0 ms."),  # where a peer gave nothing there is nothing to compare
    ],
)
def test_the_answer_is_read_off_the_figures(bench, rows, said):
    assert bench.page.answer(table_of(bench, rows)) == said


def test_of_rates_more_is_better(bench):
    rates = table_of(bench, {"a": ([60], [20])}, more_is_better=True)
    assert bench.page.answer(rates) == "lrlab is 3.00 times as fast as other."
    assert rates.better([1, 2]) == 2


def test_a_sum_is_told_with_its_largest_parts(bench):
    parts = table_of(
        bench, {"server": ([700],), "page": ([200],), "lab": ([100],), "in all": ([1000],)}, total="in all"
    )
    assert bench.page.answer(parts) == "1.00 s in all; most of it is server (700 ms) and page (200 ms)."


def test_what_is_missing_is_told_in_the_table(bench, tmp_path):
    missing = bench.figures.NOT_INSTALLED
    alone = table_of(bench, {"a": ([2],), "b": ([5],)}, missing={"other": missing})
    assert f"other: {missing}" in alone.text()
    text = bench.page.write([record_of(bench, alone)], {}, tmp_path).read_text(encoding="utf-8")
    assert f"| a | 2.00 | {missing} |" in text
    nothing = bench.figures.Table("made", "How fast?", "ms", "lrlab", missing={"lrlab": missing})
    assert bench.page.answer(nothing) == "It could not be measured: lrlab is not installed."


def test_the_page_is_whole_and_its_links_lead_somewhere(bench, tmp_path):
    behind = table_of(
        bench, {"1 run": ([1], [3]), "2 runs": ([10], [2])}, over="runs", why={"other": "It is compiled."}
    )
    ahead = table_of(bench, {"a": ([1], [3]), "b": ([1], [9])})
    ahead.name, ahead.question = "second", "What about `train`, then?"
    record = record_of(bench, behind, ahead, promises={"about 5 ms": False, "at most 9 ms": True})
    file = tmp_path / "made_up.json"
    file.write_text(json.dumps(bench.figures.asdict(record)), encoding="utf-8")
    assert bench.figures.read(file) == record

    page = bench.page.write([bench.figures.read(file)], {"engine": "Error: no `JAX`"}, tmp_path)
    text = page.read_text(encoding="utf-8")
    anchors = [bench.page.anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    assert len(set(anchors)) == len(anchors)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert {link for link in links if link.startswith("#")} <= {f"#{anchor}" for anchor in anchors}
    plots = {link for link in links if link.endswith(".png")}
    assert plots == {"benchmarks/made.png", "benchmarks/second.png"}
    assert all((tmp_path / plot).stat().st_size < 40_000 for plot in plots)
    assert "**engine.py failed, and is not in this report**: `Error: no JAX`" in text
    not_ahead = text.split("## Where lrlab is not ahead")[1].split("\n## ")[0]
    assert "| other | 2 runs (0.20×) | It is compiled. |" in not_ahead
    assert "train" not in not_ahead
    assert "| 2 runs | 10.0 | 2.00 (**0.20×**) |" in text
    assert "1 of 2 kept" in text


def test_old_plots_do_not_stay(bench, tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "gone.png").touch()
    bench.page.write([record_of(bench, table_of(bench, {"a": ([1],)}))], {}, tmp_path)
    assert list((tmp_path / "benchmarks").iterdir()) == []  # and one figure alone needs no plot


def test_what_is_over_at_once_is_done_for_a_while(bench, monkeypatch):
    times = iter([0.001, 0.02])  # ms: of the first, and of all that follow
    monkeypatch.setattr(bench.figures, "milliseconds", lambda work: (work(), next(times))[1])
    monkeypatch.setattr(bench.figures, "ENOUGH", 0.0095)
    done = []
    assert bench.figures.steady_milliseconds(lambda: done.append("")) == pytest.approx(0.002)
    assert len(done) == 11


def test_ways_take_turns_and_the_first_round_is_dropped(bench, monkeypatch):
    monkeypatch.setattr(bench.figures, "ENOUGH", 0.0)
    done = []
    made = bench.figures.Table("made", "How fast?", "ms", "lrlab", {"other": bench.figures.PEER})
    made.take_turns({"a": {way: lambda way=way: done.append(way) for way in ("lrlab", "other")}}, 2)
    assert done == ["lrlab", "other"] * 3
    assert [len(samples) for samples in made.rows[0].samples.values()] == [2, 2]
    before = made.rows[0].samples["other"]
    made.multiply("other", {"a": 10})
    assert made.rows[0].samples["other"] == [10 * sample for sample in before]


def test_a_benchmark_that_fails_is_told_and_the_report_goes_on(bench, tmp_path, monkeypatch):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "broken.py").write_text("raise RuntimeError('no such machine')", encoding="utf-8")
    monkeypatch.setattr(bench.report, "ROOT", tmp_path)
    (tmp_path / "broken.json").write_text("of an earlier run", encoding="utf-8")
    assert bench.report.run("broken", tmp_path, quick=True) == "RuntimeError: no such machine"
    assert not (tmp_path / "broken.json").exists()


def test_the_report_has_every_benchmark(bench):
    scripts = {path.stem for path in FOLDER.glob("*.py")} - HELPERS
    assert set(bench.report.BENCHMARKS) == scripts
    listed = set(re.findall(r"^\| `(\w+)\.py`", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == scripts


def test_every_benchmark_says_how_it_is_used_and_needs_no_peer_for_that(bench):
    code = """
import contextlib, io, runpy, sys
for peer in ("jax", "optax", "plotly", "ipympl", "livelossplot"):
    sys.modules[peer] = None
for file in sys.argv[1:]:
    sys.argv = [file, "--help"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            runpy.run_path(file, run_name="__main__")
        except SystemExit as end:
            assert not end.code, file
    assert "--json FILE" in said.getvalue() and "--quick" in said.getvalue(), file
"""
    files = [str(FOLDER / f"{name}.py") for name in bench.report.BENCHMARKS]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(FOLDER)!r}]\n{code}", *files]
    subprocess.run(command, check=True, cwd=FOLDER.parent)


def test_a_real_benchmark_leaves_its_figures_in_the_file(bench, tmp_path):
    file = tmp_path / "sweep.json"
    command = [sys.executable, str(FOLDER / "sweep.py"), "--quick", "--only", "himmelblau", "--json", str(file)]
    subprocess.run(command, check=True, cwd=FOLDER.parent)
    record = bench.figures.read(file)
    (table,) = record.tables
    assert record.benchmark == "sweep"
    assert [row.name for row in table.rows] == ["himmelblau"]
    assert all(sample > 0 for samples in table.rows[0].samples.values() for sample in samples)
