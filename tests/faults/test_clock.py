"""The clock is set, or stands still: nothing waits for an hour, and no speed is told that is none."""

import ast
import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

import lrlab
from lrlab.keras_live.worker import State
from lrlab.labs import news, sweep_job
from lrlab.labs.news import BREATH, News
from lrlab.widgets.progress import in_words

PACKAGE = Path(lrlab.__file__).parent
WALL_CLOCKS = {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "now", "utcnow", "today"}


def test_nothing_goes_by_the_wall_clock():
    """It is set by hand, by the network and twice a year; `monotonic` and `perf_counter` are not."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("time", "datetime", "date"):
                found += [f"{path.name}: {node.attr}"] if node.attr in WALL_CLOCKS else []
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                found += [f"{path.name}: datetime"] if "datetime" in names else []
    assert found == []
    for path in PACKAGE.rglob("*.js"):
        assert "Date.now" not in path.read_text(encoding="utf-8"), path
        assert "new Date" not in path.read_text(encoding="utf-8"), path


def test_a_picture_is_never_put_off_for_longer_than_a_breath(monkeypatch):
    asked = []
    clock = iter([1e6, 0.0, 0.0])  # and then the machine woke up with its clock set back
    monkeypatch.setattr(news, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    one = News(lambda: None, make=lambda hear: SimpleNamespace(want=lambda: None))
    one.loop = SimpleNamespace(call_later=lambda seconds, action: asked.append(seconds))
    one.draw()
    one._draw_soon()
    assert asked == [BREATH]


@pytest.mark.parametrize("seconds", [0.0, -3600.0])
@pytest.mark.parametrize("busy", [True, False])
def test_no_speed_is_told_where_the_clock_gives_none(seconds, busy):
    words = in_words(10, 20 if busy else 10, seconds, busy=busy, paused=False, failed=False)
    assert words == ("epoch 10 of 20" if busy else "10 epochs of both runs trained")


def test_a_sweep_tells_no_speed_from_a_clock_that_was_set_back(monkeypatch):
    clock = itertools.count(1e6, -3600)
    monkeypatch.setattr(sweep_job.time, "monotonic", lambda: next(clock))
    looks = [look() for look in sweep_job.job(iter(range(4)), lambda: None)]
    assert looks[-1][0] == 4
    words = sweep_job.in_words(4, 9, "", State(looks[-1], None, True, False), False)
    assert words == "4 of 9 cells"


@pytest.mark.parametrize("step", [0.0, -1.0])
def test_a_keras_model_is_trained_whatever_the_clock_says(monkeypatch, step):
    pytest.importorskip("tensorflow")
    from lrlab.keras_live import trainer
    from lrlab.keras_live.twins import Twins
    from tests.keras_live.test_twins import DATA, get_model_with, trained

    clock = itertools.count(1e6, step)
    monkeypatch.setattr(trainer, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    assert trained(Twins(get_model_with(), DATA, 0.1), 3).epochs == 3
