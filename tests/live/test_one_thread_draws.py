"""Matplotlib reads formulas with a parser that all figures share: whoever draws, in whichever thread, does it alone."""

import importlib.util
import io
from threading import Thread

import matplotlib.mathtext
import pytest
from matplotlib.figure import Figure

import lrlab
from lrlab.labs.lab import Lab
from lrlab.live.drawing import DRAWING

LABS = {
    "DescentLab": {"epochs": 40},
    "BasinLab": {"points": 8, "epochs": 40},
    "ChainLab": {"epochs": 40},
    "JobsLab": {"epochs": 40},
    "SweepLab": {"points": 4, "epochs": 40},
    "RateFreeLab": {"epochs": 40},
}
if importlib.util.find_spec("tensorflow") is not None:
    LABS |= {"KerasLab": {"epochs": 2}, "KerasChainLab": {"epochs": 2}, "KerasJobsLab": {"epochs": 2}}
    LABS |= {"KerasSweepLab": {"points": (2, 2), "epochs": 2}}


@pytest.fixture
def alone(monkeypatch):
    """The formulas that are read meanwhile; the test fails if one is read, or a run shown, without the lock."""
    read, without = [], []

    def watch(owner, name, seen):
        method = getattr(owner, name)

        def watched(self, what, *arguments, **options):
            seen.append(what)
            if not DRAWING._is_owned():
                without.append((name, what))
            return method(self, what, *arguments, **options)

        monkeypatch.setattr(owner, name, watched)

    watch(matplotlib.mathtext.MathTextParser, "parse", read)
    watch(Lab, "_show", [])
    watch(Figure, "savefig", [])
    yield read
    assert without == []


@pytest.mark.parametrize("name", LABS)
def test_whatever_a_lab_draws(alone, name):
    lab = getattr(lrlab, name)(**LABS[name])
    assert alone, "it has formulas"
    lab.presenting.on = True
    lab.controls["alpha"].value *= 1.5
    lab.presenting.on = False
    lab.figure._room = {"width": 500.0, "ratio": 1.0}
    lab._repr_mimebundle_()
    lab.figure.savefig(io.BytesIO())
    if lab.player is not None:
        lab.player.epoch = 1
    if hasattr(lab, "train_job"):
        lab.train_job()
    if hasattr(lab, "wait"):
        lab.wait()
    if lab.freezing is not None:
        lab.freeze()
        lab.thaw()
    if lab.solid is not None:
        lab.solid.opened.value = True
    if lab.inspector is not None:
        lab.inspector.opened.value = True
    lab.scene = lab.scene
    lab.close()


def test_the_picture_of_a_solution(alone):
    view = lrlab.exercise("idle_epochs")
    view.give(-1)
    view.solve()
    view.close()


def test_news_that_come_while_a_job_is_asked_for_leave_it_to_be_trained():
    pytest.importorskip("tensorflow")
    lab = lrlab.KerasJobsLab(epochs=2)
    start = lab._worker.start

    def start_late(work):
        thread = Thread(target=lab._draw_news)
        thread.start()
        thread.join(0.3)  # it has to wait
        start(work)

    lab._worker.start = start_late
    lab.train_job()
    lab.wait()
    assert len(lab.jobs) == 1
    lab.close()
