"""Matplotlib reads formulas with a parser that all figures share: whoever draws, in whichever thread, does it alone."""

import importlib.util
import io

import matplotlib.mathtext
import pytest

import lrlab
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


@pytest.fixture
def alone(monkeypatch):
    """The formulas that are read meanwhile; the test fails if one is read by a thread that does not hold the lock."""
    read = []
    read_formula = matplotlib.mathtext.MathTextParser.parse

    def checked(self, formula, *arguments, **options):
        read.append((formula, DRAWING._is_owned()))
        return read_formula(self, formula, *arguments, **options)

    monkeypatch.setattr(matplotlib.mathtext.MathTextParser, "parse", checked)
    yield read
    assert [formula for formula, locked in read if not locked] == []


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
    if hasattr(lab, "wait"):
        lab.wait()
    if lab.freezing is not None:
        lab.freeze()
        lab.thaw()
    if lab.solid is not None:
        lab.solid.opened.value = True
    if lab.inspector is not None:
        lab.inspector.opened.value = True
    lab.close()
