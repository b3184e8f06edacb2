"""Moments of Keras models, trained for real over a few seeds; and their menus."""

import re
from html import unescape

import pytest

pytest.importorskip("tensorflow")

import lrlab
from lrlab.moments import moments_of

SEEDS = 2  # of which each is a second or two; five or six were tried, and all held


# Of which other moments of its lab a claim is true as well: who is thrown about learns some rows by heart, too.
ALSO = {"learned by heart": {"rattles until it is cut"}}


def text_of(html):
    return unescape(re.sub("<[^>]+>", " ", html))


def trained(lab):
    assert lab.wait(240)


def pair_of(lab):
    trained(lab)
    return (lab.run,)


def chain_of(lab):
    trained(lab)
    return lab.run, lab.chain


def jobs_of(lab):
    for callback in ("off", "on"):
        lab.train_job(callback)
        trained(lab)
    return tuple(lab.jobs[-2:])


@pytest.mark.parametrize(
    ("name", "evidence"), [("KerasLab", pair_of), ("KerasChainLab", chain_of), ("KerasJobsLab", jobs_of)]
)
def test_moments_are_shown_hold_and_are_left(name, evidence):
    lab, found = getattr(lrlab, name)(), moments_of(name)
    first = {}
    for moment in found.values():
        lab.examples.value = moment.name
        first[moment.name] = evidence(lab)
        assert lab._message.value == ""
        assert lab.examples.value == moment.name
        assert lab.controls["model"].value == moment.problem
        assert {key: lab.controls[key].value for key in moment.settings} == moment.settings
        assert moment.why in text_of(lab._readout.value)
        assert moment.claim(*first[moment.name])
        for seed in range(1, SEEDS):
            lab.controls["seed"].value = seed
            assert lab.examples.value == ""
            assert moment.claim(*evidence(lab)), seed
        assert moment.why not in text_of(lab._readout.value)
    for moment in found.values():  # and no other shows the same
        shows_it = {other for other, shown in first.items() if moment.claim(*shown)}
        assert shows_it == {moment.name} | ALSO.get(moment.name, set())
    lab.close()


def test_a_scene_and_a_line_of_code_open_a_moment():
    lab = lrlab.KerasLab.from_moment("cut too early")
    again = lrlab.from_scene(lab.scene)
    assert lab.examples.value == again.examples.value == "cut too early"
    lab.close()
    again.close()
