"""A random user, for a minute or for an hour: nothing breaks, and nothing grows.

The minute is part of `make test`. The hour is `make soak`: in all 10,000 moves, 300 cells that are run again, 50
restarts, pages that are loaded again in mid-training, two tabs with one notebook, three lessons at once.
What fails prints the seed and the last moves; LRLAB_SOAK_SEED=7 makes a run begin with that seed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.jupyter import QUIET_SETTINGS, Lab, Notebook, running_lab, write_notebook
from tests.soak.measures import (
    A_LAB,
    A_RESTART,
    A_TRAINED_LAB,
    Figures,
    complaints,
    grown,
    jupyters_own,
    listen,
    measure,
    said_by,
    times,
)
from tests.soak.user import User

pytestmark = pytest.mark.browser

SEED = int(os.environ.get("LRLAB_SOAK_SEED", "1"))
WINDOW = (1400, 1300)
PICTURE = Path(__file__).parents[1] / "output" / "soak.png"  # of the page where a move could not be made
LESSONS = Path(__file__).parents[2] / "lessons"
# A hand that misses must not hit a button that deletes a cell, and two tabs must not save over each other.
SETTINGS = QUIET_SETTINGS | {
    "@jupyterlab/cell-toolbar-extension:plugin": {"showToolbar": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}

LABS = {
    "descent": "lrlab.DescentLab('ravine', alpha=0.085)",
    "network": "lrlab.DescentLab('mlp_moons')",
    "basins": "lrlab.BasinLab('himmelblau', alpha=0.01, points=30)",
    "chain": "lrlab.ChainLab('ravine', epochs=100)",
    "jobs": "lrlab.JobsLab('ravine', alpha=0.01, epochs=100)",
    "sweep": "lrlab.SweepLab('ravine', alpha=0.07)",
    "rate-free": "lrlab.RateFreeLab('linear_regression', alpha=0.05)",
    "replay": "lrlab.replay({'val_loss': [3, 2, 1.5] + 11 * [1.4] + 10 * [1.3]}, patience=3)",
}
KERAS_LABS = {
    "keras": "lrlab.KerasLab('moons', epochs=60)",
    "keras chain": "lrlab.KerasChainLab('moons', epochs=60)",
    "keras jobs": "lrlab.KerasJobsLab('moons', epochs=60)",
    "keras sweep": "lrlab.KerasSweepLab('moons', points=(2, 3), epochs=20)",
}


@dataclass(frozen=True)
class Size:
    """How much of everything. rounds: visits to each lab, each after its cell was run (again), ``warm`` of them first.

    moves: in a visit. keeps: what others than lrlab keep of each re-run
    """

    labs: dict[str, str]
    warm: int
    rounds: int
    moves: int
    keeps: dict[str, float]


CORE = Size(LABS, warm=3, rounds=20, moves=33, keeps=A_LAB)
KERAS = Size(KERAS_LABS, warm=5, rounds=10, moves=33, keeps=A_LAB | A_TRAINED_LAB)
RESTARTS, RELOADS, IN_TWO_TABS = 50, 10, 12


class Soak:
    """A server with a notebook, a page that shows it, and a random user of that page."""

    def __init__(self, notebook: Notebook, server: Lab) -> None:
        self.notebook, self.server = notebook, server
        self.user = User(notebook.page, SEED)

    def lab(self, n: int) -> Locator:
        """What the n-th cell shows."""
        return self.notebook.cell(n).locator(".lrlab-lab").first

    def visit(self, n: int, name: str, moves: int) -> None:
        """Run the n-th cell, and use the lab that it shows."""
        self.user.last.append(f"{name}: its cell is run")
        self.notebook.run_cell(n, timeout=300)
        self.use(self.lab(n), name, moves)

    def use(self, lab: Locator, name: str, moves: int) -> None:
        """At least so many moves on a lab, and whether they have done harm."""
        try:
            lab.locator("canvas").first.wait_for(timeout=60_000)
            self.user.use(lab, moves, name)
            self.notebook.wait_idle(300)
        except Exception as error:
            self.notebook.screenshot(PICTURE)
            raise AssertionError(self.told(f"{type(error).__name__}: {error}")) from error
        self.check()

    def close(self, labs: int) -> None:
        """Close lab_1, lab_2, ..., so many.

        One request for each: of more than 1,000 messages at once ipykernel 7.4 can lose some, on a busy machine, and
        with them the end of the request. It is so with plain sliders and without a browser: a ZeroMQ publisher throws
        away what goes beyond its mark, which is at 1,000. A lab has 170 widgets, and each tells that it is closed.
        """
        for n in range(1, 1 + labs):
            self.notebook.ask(f"lab_{n}.close()")

    def restart(self) -> None:
        """Restart the kernel, whatever it is doing, and import lrlab again."""
        self.notebook.restart()
        self.notebook.page.evaluate("kernelErrors.length = 0")  # what a kernel says when it is stopped at work
        self.notebook.run_cell(0)

    def check(self) -> None:
        """Fails with all that has gone wrong, and the moves that led there."""
        wrong = complaints(self.notebook, self.server)
        assert wrong == [], self.told("\n".join(wrong))

    def told(self, what: str) -> str:
        moves = "\n  ".join(self.user.last)
        return f"{what}\nSeed {SEED}, after {self.user.count.total()} moves, the last of them:\n  {moves}"


@contextmanager
def soaking(browser: Browser, folder: Path, *cells: str) -> Iterator[Soak]:
    """A notebook with these cells below one that imports lrlab."""
    with running_lab(folder, settings=SETTINGS) as server:
        path = write_notebook(server.root / "soak.ipynb", ["import lrlab", *cells])
        with Notebook(browser, server, path.name, viewport=WINDOW) as notebook:
            notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            listen(notebook)
            notebook.run_cell(0)
            yield Soak(notebook, server)
            assert said_by(server) == []


def report(record: pytest.FixtureRequest, words: str) -> None:
    """Into the test's own output: `make soak` shows it."""
    print(f"{record.node.name}: {words}", flush=True)


def test_a_minute_of_it(browser, tmp_path, request):
    """Everything once, on three labs; and a cell that is run again leaves nothing in the page, to the last node."""
    names = ("network", "basins", "sweep")
    with soaking(browser, tmp_path, *(f"lab_{n} = {LABS[name]}\nlab_{n}" for n, name in enumerate(names, 1))) as soak:
        first, figures = measure(soak.notebook), []
        for _ in range(2):
            soak.notebook.run_cell(1)
            soak.notebook.run_cell(1)
            figures.append(measure(soak.notebook))
        nodes, listeners = ([getattr(one, name) for one in figures] for name in ("nodes", "listeners"))
        assert max(nodes) - min(nodes) < 50, "a lab has a thousand"
        assert max(listeners) - min(listeners) < 10
        for n, name in enumerate(names, 1):
            soak.visit(n, name, 6)
        soak.notebook.save()
        with Notebook(browser, soak.server, "soak.ipynb", beside=soak.notebook) as other:
            listen(other)
            second = Soak(other, soak.server)
            second.use(second.lab(1), "in a second tab", 6)
        soak.notebook.page.bring_to_front()
        soak.notebook.reload()
        listen(soak.notebook)
        soak.use(soak.lab(2), "after the page was loaded again", 6)
        soak.close(len(names))
        closed = measure(soak.notebook)
        assert closed.widgets == first.widgets
        assert [name for name in closed.threads if name.startswith("lrlab")] == []
        soak.restart()
        soak.visit(3, "after a restart", 6)
        report(request, f"{soak.user.count.total()} moves")


@pytest.mark.soak
@pytest.mark.parametrize("size", [CORE, KERAS], ids=["labs", "keras"])
def test_moves_and_reruns_leave_nothing_behind(browser, tmp_path, request, size):
    cells = {name: f"lab_{n} = {lab}\nlab_{n}" for n, (name, lab) in enumerate(size.labs.items(), start=1)}
    with soaking(browser, tmp_path, *cells.values(), "print('nothing')") as soak:
        own = jupyters_own(soak.notebook, 0, 1 + len(cells))
        report(request, f"JupyterLab's own, for each cell that is run: {own}")
        first = measure(soak.notebook)

        def rounds(count: int) -> Figures:
            for round in range(1, 1 + count):
                for n, name in enumerate(cells, start=1):
                    soak.visit(n, name, size.moves)
                report(request, f"round {round}, {soak.user.count.total()} moves: {measure(soak.notebook)}")
            for n in range(1, 1 + len(cells)):  # as new
                soak.notebook.run_cell(n, timeout=300)
            return measure(soak.notebook)

        warm = rounds(size.warm)
        report(request, f"warm: {warm}")
        end = rounds(size.rounds)
        reruns = (size.rounds + 1) * len(cells)
        report(
            request, f"after {reruns} more re-runs, {soak.user.count.total()} moves in all: {end}; {soak.user.count}"
        )
        assert grown(warm, end, cells=len(cells), more=times(reruns, own, size.keeps)) == []
        # And when all labs are closed, nothing of them is left.
        soak.close(len(cells))
        closed = measure(soak.notebook)
        report(request, f"closed: {closed}")
        assert closed.widgets == first.widgets
        assert [name for name in closed.threads if name.startswith("lrlab")] == []
        soak.check()


@pytest.mark.soak
def test_restarts_leave_nothing_behind(browser, tmp_path, request):
    """Right after a move, whatever the kernel is doing, and all labs in turn."""
    with soaking(browser, tmp_path, *LABS.values()) as soak:
        figures = []
        for restart in range(RESTARTS):
            n = restart % len(LABS)
            soak.visit(1 + n, tuple(LABS)[n], 4)
            soak.user.use(soak.lab(1 + n), 2, "just before the restart")
            soak.restart()
            soak.check()
            assert len(soak.server.get("api/kernels")) == len(soak.server.get("api/sessions")) == 1
            figures.append(measure(soak.notebook))
        report(request, f"first: {figures[0]}; after {RESTARTS} restarts: {figures[-1]}")
        warm = figures[min(len(LABS), RESTARTS) - 1]  # each lab's output is there by then, without its kernel
        assert grown(warm, figures[-1], cells=len(LABS), more=times(RESTARTS, A_RESTART)) == []


@pytest.mark.soak
def test_the_page_is_loaded_again_in_mid_training(browser, tmp_path, request):
    with soaking(browser, tmp_path, "lrlab.KerasLab('moons', epochs=100_000)") as soak:
        soak.notebook.run_cell(1, timeout=300)
        epoch = soak.lab(1).get_by_text("epoch ").filter(has_text=" of 100").first
        expect(epoch).to_be_visible(timeout=120_000)
        soak.notebook.save()
        figures = []
        for _ in range(RELOADS):
            soak.notebook.reload()
            listen(soak.notebook)
            before = epoch.inner_text(timeout=60_000)
            expect(epoch).not_to_have_text(before, timeout=60_000)  # it goes on
            figures.append(measure(soak.notebook))
        report(request, f"first: {figures[0]}; after {RELOADS} reloads: {figures[-1]}")
        assert grown(figures[0], figures[-1]) == []
        soak.use(soak.lab(1), "keras", CORE.moves)


@pytest.mark.soak
def test_two_tabs_on_one_notebook(browser, tmp_path, request):
    """Hands in both, one after the other; what is set in one is seen in the other."""
    names = tuple(LABS)[:2]
    with soaking(browser, tmp_path, *(LABS[name] for name in names)) as soak:
        for n in range(1, 1 + len(names)):
            soak.notebook.run_cell(n)
        soak.notebook.save()
        with Notebook(browser, soak.server, "soak.ipynb", beside=soak.notebook) as other:
            other.page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})
            listen(other)
            tabs = soak, Soak(other, soak.server)
            for _ in range(IN_TWO_TABS):
                for n, name in enumerate(names, start=1):
                    for tab in tabs:
                        tab.notebook.page.bring_to_front()
                        tab.use(tab.lab(n), name, CORE.moves)
                    for tab in tabs:
                        tab.notebook.wait_idle(60)
                    told = [tab.lab(n).locator(".lrlab-told").first.inner_text() for tab in tabs]
                    assert told[0] == told[1], tabs[1].told("two tabs tell different things")
            report(request, f"{sum(tab.user.count.total() for tab in tabs)} moves")
        soak.notebook.page.bring_to_front()
        soak.use(soak.lab(1), "with the other tab closed", CORE.moves)


@pytest.mark.soak
def test_three_lessons_at_once(browser, tmp_path, request):
    """In one window, each with its kernel; and a hand that goes from one to the next."""
    paths = [next(LESSONS.glob(f"{number}_*.ipynb")) for number in ("01", "05", "06")]
    for path in paths:
        shutil.copy(path, tmp_path)
    plain = write_notebook(tmp_path / "plain.ipynb", ["print(1)", "print(2)"])
    with running_lab(tmp_path, settings=SETTINGS) as server:
        with Notebook(browser, server, plain.name, viewport=WINDOW) as notebook:
            own = jupyters_own(notebook, 0, 1)
            notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            soak = Soak(notebook, server)
            for path in paths:
                notebook.open(path.name)
                listen(notebook)
                notebook.run_all(600)
            assert len(server.get("api/kernels")) == len([plain, *paths])
            figures, visits = [], 0
            for _ in range(6):
                for path in paths:
                    notebook.open(path.name)
                    labs = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .lrlab-lab:visible")
                    for n in range(labs.count()):
                        soak.use(labs.nth(n), f"{path.stem}, lab {n}", 8)
                        visits += 1
                    figures.append(measure(notebook))
            report(request, f"{soak.user.count.total()} moves; {figures[0]}; {figures[-1]}")
            for path, first, last in zip(paths, figures[3:6], figures[-3:], strict=True):
                assert grown(first, last, cells=visits // 6, more=times(visits, own)) == [], path.stem
        assert said_by(server) == []
