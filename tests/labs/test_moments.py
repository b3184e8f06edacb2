"""Each lab's menu of moments: what is chosen is shown, says why, and is left when a control moves."""

import re
from html import unescape

import pytest

import lrlab
from lrlab.moments import MOMENTS, moments_of, names
from lrlab.moments.moment import Moment

# What a lab's claims are asked of. Over several seeds they are simulated in tests/moments.
EVIDENCE = {
    "DescentLab": lambda lab: (lab.problem, lab.run),
    "BasinLab": lambda lab: (lab.problem, lab.constant, lab.plateau),
    "ChainLab": lambda lab: (lab.problem, lab.run, lab.chain),
    "JobsLab": lambda lab: (lab.comparison,),
    "SweepLab": lambda lab: (lab.sweep,),
    "RateFreeLab": lambda lab: (lab.problem, lab.run, lab.solved, lab.others),
}
QUICK = [(lab, moment) for lab in EVIDENCE for moment in moments_of(lab).values()]
LABS: dict = {}


def id_of(part):
    return part.name if isinstance(part, Moment) else part


def text_of(html):
    return unescape(re.sub("<[^>]+>", " ", html))


@pytest.fixture(scope="module")
def labs():
    yield LABS
    for lab in LABS.values():
        lab.close()
    LABS.clear()


def lab_of(name):
    if name not in LABS:
        LABS[name] = getattr(lrlab, name)()
    return LABS[name]


@pytest.mark.parametrize(("name", "moment"), QUICK, ids=id_of)
def test_a_moment_is_shown_and_left(labs, name, moment):
    lab = lab_of(name)
    lab.set(min_delta=0.01, momentum=0.3)
    assert lab.examples.value == ""
    lab.examples.value = moment.name
    assert lab._message.value == ""
    assert lab.controls["problem"].value == moment.problem
    assert {key: lab.controls[key].value for key in moment.settings} == moment.settings
    assert lab.controls["min_delta"].value == 1e-4
    assert lab.controls["momentum"].value == moment.settings.get("momentum", 0)
    assert lab.examples.value == moment.name
    assert moment.why in text_of(lab._readout.value)
    if not (name == "JobsLab" and lab.comparison is None):  # a network's comparison is made when it is asked for
        assert moment.claim(*EVIDENCE[name](lab))
    lab.controls["patience"].value += 1
    assert lab.examples.value == ""
    assert moment.why not in text_of(lab._readout.value)
    lab.controls["patience"].value -= 1
    assert lab.examples.value == moment.name  # back there


@pytest.mark.parametrize("name", ["BasinLab", "SweepLab", "RateFreeLab"])
def test_each_claim_is_false_of_another_moment(labs, name):
    lab, found = lab_of(name), moments_of(name).values()
    held = {moment.name: set() for moment in found}
    for shown in found:
        lab.examples.value = shown.name
        evidence = EVIDENCE[name](lab)
        for moment in found:
            if moment.claim(*evidence):
                held[moment.name].add(shown.name)
    assert all(name in others for name, others in held.items())
    assert all(len(others) < len(found) for others in held.values()), held


def test_what_was_typed_in_vain_is_forgotten(labs):
    lab = lab_of("DescentLab")
    lab.examples.value = "diverges"
    lab.controls["noise"].box.value = "loud"
    assert lab._message.value != ""
    lab.examples.value = "crawls"
    assert lab._message.value == ""
    assert lab.controls["noise"].box.value == "0"


@pytest.mark.parametrize("name", EVIDENCE)
def test_a_scene_and_a_line_of_code_open_a_moment(labs, name):
    moment = list(moments_of(name).values())[-2 if name == "JobsLab" else -1]
    lab = getattr(lrlab, name).from_moment(moment.name)
    again = lrlab.from_scene(lab.scene)
    assert lab.examples.value == again.examples.value == moment.name
    assert moment.why in text_of(again._readout.value)
    lab.close()
    again.close()


def test_other_arguments_come_along():
    lab = lrlab.DescentLab.from_moment("rattles", rule="cosine", target=0.5)
    assert (lab.examples.value, lab.controls["rule"].value, lab.target) == ("rattles", "cosine", 0.5)
    lab.close()


def test_an_unknown_moment_is_refused_with_the_names_there_are(labs):
    with pytest.raises(ValueError, match=r"BasinLab has no moment 'crawls'\. It has: every start finds"):
        lrlab.BasinLab.from_moment("crawls")
    with pytest.raises(ValueError, match="moment must be one of the choices"):
        lab_of("DescentLab").examples.value = "flies"


@pytest.mark.parametrize("name", EVIDENCE)
def test_the_menu_comes_first_and_goes_with_the_lab(name):
    lab = getattr(lrlab, name)()
    assert list(lab.children).index(lab.examples) < list(lab.children).index(lab.controls["alpha"])
    assert [group for group, _ in lab.examples.groups] == ["", *MOMENTS[name]]
    assert [value for _, choices in lab.examples.groups for _, value in choices] == ["", *names(name)]
    lab.close()
    assert lab.examples.comm is None


def test_a_subclass_has_the_moments_of_its_lab():
    class Mine(lrlab.DescentLab):
        """A lab of one's own."""

    lab = Mine()
    lab.examples.value = "crawls"
    assert lab.controls["alpha"].value == 0.005
    lab.close()
