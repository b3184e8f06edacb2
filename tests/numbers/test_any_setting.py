"""Whatever a control can be set to: training and every lab give a picture and words, and neither NaN nor a warning.

Values come from each control's own rule, its slider's ends and its menu, the largest and the smallest included. Only
what costs time is held small: epochs, jobs, seeds.
"""

import re
import warnings
from functools import cache

import ipywidgets as widgets
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.core.descent import check_start, train
from lrlab.core.rules import RULES
from lrlab.core.settings import Settings
from lrlab.labs.callback_switch import choices_with
from lrlab.problems import CATALOGUE
from lrlab.widgets.fields import Field
from lrlab.widgets.menu import Menu

LABS = ("BasinLab", "ChainLab", "JobsLab", "SweepLab", "RateFreeLab", "replay")
MOST = {"epochs": 30, "tries": 3, "seeds": 2}  # each takes its time, and none has an edge beyond
NUMBERS = sorted({
    0.0, 5e-324, 1e-300, 1e-100, 1e-30, 1e-20, 1e-12, 1e-7, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 1 - 1e-9,
    1 - 2**-53, 1.0, 1 + 1e-9, 1.5, 2.0, 5.0, 25.0, 100.0, 1e3, 1e5, 1e8, 1e12, 1e20, 1e29, 1e30, 1e100, 1e300,
    *(float(whole) for whole in (3, 4, 7, 10, 19, 20, 29, 30, 50, 99, 200, 10**6, 10**9 - 1, 10**9)),
})  # fmt: skip
ODD = re.compile(r"\b[+-]?(nan|inf)\b", re.IGNORECASE)
SOME = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a failure would take minutes
)


def allowed(name: str) -> st.SearchStrategy:
    """What the rule of that name lets through: its ends, and numbers of all sizes between them."""
    rule = RULES[name]
    values = np.array(NUMBERS)
    good = values[rule.holds(values)]
    if rule.whole:
        good = good[good == np.trunc(good)]
    if name in MOST:
        good = good[good <= MOST[name]]
    low, high = float(good[0]), float(good[-1])
    between = st.integers(int(low), int(high)) if rule.whole else st.floats(low, high)
    return st.sampled_from(good.tolist()) | between.filter(lambda value: bool(rule.holds(np.asarray(value))))


def place(problem) -> st.SearchStrategy:
    """Where runs may begin: in sight, on the spot of a minimum, or as far out as numbers go."""
    ends = [end for side in problem.view for end in side]
    one = st.sampled_from([0.0, -0.0, 1e-300, 1.0, -1.0, 1e8, -1e30, 1e154, 1.7e308, *ends]) | st.floats(
        *problem.view[0]
    )
    known = [tuple(map(float, minimum)) for minimum in problem.minima]
    anywhere = st.tuples(*[one] * problem.dim) if problem.dim <= 2 else st.just(tuple(problem.start))
    return st.sampled_from([tuple(problem.start), *known]) | anywhere


def values_of(name, control, problem) -> st.SearchStrategy:
    if name == "start":
        return place(problem)
    if isinstance(control, Field):
        found = allowed(name)
        return found | SHARE.map(lambda share: on_slider(control.slider, share)) if control.slider else found
    if isinstance(control, Menu):
        return one_of([value for value in control._values() if value != "yours"])
    return one_of([False, True] if isinstance(control, widgets.ToggleButton) else [v for _, v in control._options_full])


SHARE = st.floats(0, 1) | st.sampled_from([0.0, 1.0])


def one_of(values) -> st.SearchStrategy:
    """One of so many as there are when it is asked for: some menus change with what is chosen elsewhere."""
    return st.integers(0, 10**6).map(lambda number: values[number % len(values)])


def on_slider(slider, share):
    """What a slider gives there."""
    place = slider.min + share * (slider.max - slider.min)
    if isinstance(slider, widgets.FloatLogSlider):
        return min(10.0**place, 1e30)
    return round(place) if isinstance(slider, widgets.IntSlider) else place


def words_of(lab) -> str:
    """All that can be read in it."""
    html, waiting = lab.figure.alt + " ", [lab._readout, lab._message, *lab.controls.values(), *lab._on_the_stage()]
    while waiting:
        widget = waiting.pop()
        if isinstance(widget, widgets.HTML):
            html += f" {widget.value}"
        waiting += getattr(widget, "children", ())
    table = getattr(lab, "table", None)
    if table is not None and hasattr(table, "rows"):
        html += " ".join(cell for row in table.rows for cell in row["cells"])
    return re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)


def check(lab):
    words = words_of(lab)
    assert not ODD.search(words), words
    assert re.sub("<[^>]+>", "", lab._message.value) == ""
    assert lab._readout.value


@pytest.fixture(scope="module")
def labs():
    open_ = {}

    def get(name):
        if name not in open_:
            open_[name] = lrlab.replay(LOSSES) if name == "replay" else getattr(lrlab, name)(epochs=20)
            if open_[name].inspector is not None:
                open_[name].inspector.opened.value = True
        return open_[name]

    yield get
    for lab in open_.values():
        lab.close()


LOSSES = [5.0, 3.0, float("nan"), 2.0, 2.0, float("inf"), 1.0, *[1.5] * 20]


@cache
def made(name):
    return CATALOGUE[name]()


def settings_for(data, lab, problem, most=8) -> dict:
    """A few settings at once; what costs time is as before, or small."""
    names = sorted(set(lab.controls) - {"problem", "epochs"})
    chosen = data.draw(st.lists(st.sampled_from(names), max_size=most, unique=True), label="names")
    values = {name: data.draw(values_of(name, lab.controls[name], problem), label=name) for name in chosen}
    if {"rule", "callback"} <= values.keys():  # its positions are those of the rule
        values["callback"] = data.draw(one_of(choices_with(values["rule"])), label="callback beside the rule")
    return values


def look_around(data, lab, rounds):
    """Settings, then the epochs in between, then the buttons, at which nothing may be odd either."""
    problem = lab.problem if "problem" in lab.controls else None
    for _ in range(rounds):
        lab.set(**settings_for(data, lab, problem))
        check(lab)
        if lab.player is not None:
            lab.player.epoch = round(data.draw(SHARE, label="epoch") * lab.run.epochs)
            check(lab)
    if hasattr(lab, "train_job"):
        lab.train_job()
        lab.tune_alpha()
        check(lab)
        lab.clear()


@pytest.mark.parametrize("name", CATALOGUE)
@settings(SOME, max_examples=1)
@given(data=st.data())
def test_any_setting_of_any_problem_gives_a_picture_and_words(labs, name, data):
    lab = labs("DescentLab")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lab.set(**{"problem": name, "epochs": MOST["epochs"]} | settings_for(data, lab, made(name)))
        check(lab)
        look_around(data, lab, 1)
        if data.draw(st.booleans(), label="freeze"):
            lab.freeze()
            check(lab)
            lab.thaw()


@pytest.mark.parametrize("name", LABS)
@settings(SOME, max_examples=4)
@given(data=st.data())
def test_any_setting_of_any_lab_gives_a_picture_and_words(labs, name, data):
    lab = labs(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if "problem" in lab.controls:
            problem = data.draw(values_of("problem", lab.controls["problem"], None), label="problem")
            small = {one: most for one, most in MOST.items() if one in lab.controls}
            lab.set(**{"problem": problem, **small} | settings_for(data, lab, made(problem)))
            check(lab)
        look_around(data, lab, 2)


@pytest.mark.parametrize("name", ["DescentLab", "ChainLab", "JobsLab", "SweepLab", "BasinLab", "RateFreeLab"])
def test_buttons_at_the_ends_of_their_range(labs, name):
    lab = labs(name)
    lab.set(seed=10**9)
    check(lab)
    lab._new_noise()
    assert lab.controls["seed"].value == 0, "after the last one comes the first"
    check(lab)


@pytest.mark.parametrize("name", CATALOGUE)
@settings(SOME, max_examples=6)
@given(data=st.data())
def test_training_is_quiet_and_gives_numbers_whatever_the_settings(name, data):
    problem = made(name)
    draw = {one: data.draw(allowed(one), label=one) for one in ("alpha", "factor", "patience", "momentum", "seed")}
    rest = {one: data.draw(allowed(one), label=one) for one in ("min_delta", "cooldown", "min_lr")}
    noise = (
        {"batch_size": data.draw(allowed("batch_size"))} if problem.samples else {"noise": data.draw(allowed("noise"))}
    )
    start = data.draw(place(problem), label="start")
    pair = Settings.pair(draw["alpha"], draw["factor"], draw["patience"], **rest)
    with warnings.catch_warnings():  # it looks after its own infinities
        warnings.simplefilter("error")
        check_start(problem, start)
        run = train(problem, pair, epochs=20, momentum=draw["momentum"], seed=draw["seed"], start=start, **noise)
    assert run.lr.shape == (20, 2)
    assert np.isfinite(run.lr).all()
    assert (run.lr > 0).all() or draw["factor"] < 1e-3 or draw["alpha"] < 1e-20
    assert (np.diff(run.lr, axis=0) <= 0).all(), "a rate is cut, and never raised"
    np.testing.assert_array_equal(run.lr[:, 0], np.float32(draw["alpha"]))
    assert not np.isnan(run.best_loss).any() or np.isnan(run.watched[0]).all()
