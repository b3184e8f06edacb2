"""ChainLab by its controls: the jobs of a plateau run, in the picture, in the table, and trained by themselves."""

import re
from html import unescape

import ipywidgets
import numpy as np
import pytest

import lrlab
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.problems import CATALOGUE
from lrlab.studies.chain import jobs, train_jobs
from lrlab.views.chain import NUMBERED
from lrlab.views.style import OWN, PLATEAU
from lrlab.views.tables import readable


def shrink(epoch, rate, losses):
    return rate * 0.98


@pytest.fixture
def lab():
    lab = lrlab.ChainLab()
    yield lab
    lab.close()


def text_of(html):
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def sentence(lab):
    return text_of(re.search("<p class='lrlab-sentence.*?</p>", lab._readout.value)[0])


def rows(lab):
    body = re.search("<tbody>(.*)</tbody>", lab._readout.value)[1]
    return [[text_of(cell) for cell in re.findall("<t[hd].*?</t[hd]>", row)] for row in body.split("</tr>") if row]


def test_it_trains_the_plateau_run_that_the_controls_describe(lab):
    lab.set(alpha=0.0013, factor=0.6, patience=4, epochs=80)
    run = train(lab.problem, Settings(0.0013, 0.6, 4), epochs=80, momentum=0.9)
    np.testing.assert_array_equal(lab.run.w, run.w)
    assert lab.jobs == jobs(run, 0)
    assert len(lab.jobs) > 4
    assert lab.chain is None


def test_bands_lie_where_the_jobs_are_and_are_numbered(lab):
    for band in lab.view.bands:
        colours = np.asarray(band.get_array())[0]
        assert len(colours) == 100
        for i, job in enumerate(lab.jobs):
            inside = colours[job.first - 1 : job.last]
            assert (inside == inside[0]).all()
            if i:
                assert (colours[job.first - 2] != inside[0]).any()
    for job, number in zip(lab.jobs, lab.view.numbers, strict=False):
        (middle,) = number.get_xdata()
        assert job.first - 1 < middle < job.last
    assert all(not len(number.get_xdata()) for number in lab.view.numbers[len(lab.jobs) :])


def test_the_picture_is_the_run_and_the_jobs_once_they_are_trained(lab):
    plateau, over = lab.view.loss.lines
    assert plateau.get_color() == PLATEAU.color
    np.testing.assert_array_equal(plateau.get_ydata(), lab.run.watched[:, 0])
    assert np.isnan(over.get_ydata()).all()
    lab.controls["separate"].value = True
    np.testing.assert_array_equal(over.get_ydata(), lab.run.watched[:, 0])
    path, path_over = lab.view.surface.paths.lines
    np.testing.assert_array_equal(path.get_xydata(), lab.run.w[:, 0])
    np.testing.assert_array_equal(path_over.get_xydata(), lab.run.w[:, 0])
    np.testing.assert_array_equal(lab.view.rate.lines[1].get_ydata()[:-1], lab.run.lr[:, 0])
    lab.controls["separate"].value = False
    assert lab.chain is None
    assert np.isnan(over.get_ydata()).all()


def test_carried_over_the_difference_is_0_and_with_a_fresh_optimizer_it_is_not(lab):
    lab.controls["separate"].value = True
    assert lab.chain.same
    assert "The largest difference is 0" in sentence(lab)
    assert f"the plateau run is these {len(lab.jobs)} constant-rate jobs" in sentence(lab)
    assert "the weights and the momentum" in sentence(lab)
    lab.controls["carry"].value = False
    expected = train_jobs(lab.problem, lab.run, 0, carry=False, momentum=0.9)
    assert (lab.chain.weights, lab.chain.loss) == (expected.weights, expected.loss)
    assert lab.chain.weights > 0.1
    assert f"a fresh optimizer forgets its momentum at each of the {len(lab.jobs) - 1} cuts" in sentence(lab)
    np.testing.assert_array_equal(lab.view.loss.lines[1].get_ydata(), expected.run.watched[:, 0])
    assert (lab.view.loss.lines[1].get_ydata() != lab.view.loss.lines[0].get_ydata()).any()


def test_without_momentum_a_fresh_optimizer_has_nothing_to_forget(lab):
    lab.set(problem="ravine", alpha=0.085, momentum=0.0, separate=True, carry=False)
    assert len(lab.jobs) > 2
    assert lab.chain.same
    assert "plain gradient descent remembers nothing but its weights" in sentence(lab)


def test_one_job_is_a_run_that_was_never_cut(lab):
    lab.set(factor=1.0)
    assert len(lab.jobs) == 1
    assert "one job with a constant rate" in sentence(lab)
    lab.set(separate=True, carry=False)
    assert lab.chain.same
    assert "so the run is one job" in sentence(lab)


def test_jobs_are_trained_again_at_every_move(lab):
    lab.controls["separate"].value = True
    for alpha in np.geomspace(0.0005, 0.004, 9):
        lab.controls["alpha"].value = float(alpha)
        assert lab.chain.same
        assert lab.chain.run.epochs == lab.run.epochs
        np.testing.assert_array_equal(lab.chain.run.watched, lab.run.watched)
        assert len(rows(lab)) == len(lab.jobs)


def test_the_table_says_why_each_job_ended(lab):
    told = rows(lab)
    assert [row[0] for row in told] == [str(number) for number in range(1, len(lab.jobs) + 1)]
    assert [int(row[2]) for row in told] == [job.length for job in lab.jobs]
    assert sum(job.length for job in lab.jobs) == 100
    for row, job in zip(told, lab.jobs, strict=True):
        if job.cut and job.improved:
            assert row[-1] == f"improved until epoch {job.improved}, then 5 epochs without"
        elif job.cut:
            assert row[-1] == f"nothing below the best, {readable(min(lab.run.watched[: job.last, 0]))}, in 5 epochs"
    assert "A job lasts until its last improvement, and then patience more (5 epochs)." in text_of(lab._readout.value)


def test_many_jobs_are_all_in_the_table_and_few_in_numbers(lab):
    lab.set(problem="ravine", patience=0, epochs=300, separate=True)
    assert len(lab.jobs) > 100
    assert len(rows(lab)) == len(lab.jobs)
    assert lab.chain.same
    assert len(lab.view.numbers) == NUMBERED < len(lab.jobs)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_problem_has_jobs_that_are_the_run(lab, name):
    lab.set(problem=name, epochs=12, patience=1, separate=True)
    assert lab._message.value == ""
    assert lab.chain.same
    assert (lab.view.surface is None) == (lab.problem.dim > 2)
    assert "nan" not in text_of(lab._readout.value).lower()
    lab.set(carry=False)
    assert lab._message.value == ""


def test_the_start_is_dragged_on_the_surface_and_the_rule_can_be_opened(lab):
    lab.controls["separate"].value = True
    lab.controls["start"].value = (1.5, 2.0)
    np.testing.assert_array_equal(lab.run.w[0, 0], [1.5, 2.0])
    assert lab.chain.same
    lab.inspector.opened.value = True
    assert "wait" in text_of(lab.inspector.words.value)


def test_what_means_nothing_is_not_offered(lab):
    assert lab.controls["carry"].disabled
    lab.controls["separate"].value = True
    assert not lab.controls["carry"].disabled
    assert lab.controls["batch_size"].layout.display == "none"
    lab.controls["problem"].value = "mlp_moons"
    assert lab.controls["batch_size"].layout.display is None
    assert lab.controls["noise"].layout.display == lab.controls["start"].layout.display == "none"


def test_a_bad_value_is_told_and_the_lab_goes_on(lab):
    lab.controls["separate"].value = True
    lab.controls["alpha"].box.value = "fast"
    assert "alpha must be a number, got 'fast'" in text_of(lab._message.value)
    lab.controls["patience"].value = 3
    assert lab.chain.same
    assert "got 'fast'" in text_of(lab._message.value)


def test_a_third_run_is_drawn_and_told_and_leaves_the_others_alone(lab):
    lab.set(separate=True, carry=False)
    run, chain = lab.run, lab.chain
    lab.rule = shrink
    expected = train(lab.problem, Settings(0.001, 1, 1), epochs=100, momentum=0.9, rule=shrink)
    for line, values in [(lab.view.loss.lines[2], expected.watched[:, 0]),
                         (lab.view.rate.lines[2], [*expected.lr[:, 0], *expected.final_lr])]:  # fmt: skip
        np.testing.assert_array_equal(line.get_ydata(), values)
        assert (line.get_color(), line.get_zorder()) == (OWN.color, OWN.zorder)
    np.testing.assert_array_equal(lab.view.surface.paths.lines[2].get_xydata(), expected.w[:, 0])
    np.testing.assert_array_equal(lab.own.w, expected.w)
    np.testing.assert_array_equal(lab.run.w, run.w)
    np.testing.assert_array_equal(lab.view.loss.lines[1].get_ydata(), chain.run.watched[:, 0])
    ends = f"ended at a loss of {readable(expected.final_loss[0])}, the plateau run at {readable(run.final_loss[0])}."
    assert f"The third run (shrink) {ends}" in text_of(lab._readout.value)
    assert f"The third run (shrink) {ends}" in lab.figure.alt
    names = [text.get_text() for text in lab.figure.figure.legends[0].get_texts()]
    assert sorted(names) == sorted(["plateau run", "as separate jobs", "shrink", "start (drag it)", "minimum"])
    lab.controls["rule"].value = "cosine"
    assert lab.own.final_lr[0] == 0
    assert "The third run (cosine) ended" in text_of(lab._readout.value)
    lab.rule = None
    assert lab.own is None
    assert len(lab.view.loss.lines) == 2
    assert "third run" not in text_of(lab._readout.value)


@pytest.mark.parametrize("problem", ["parabola", "himmelblau", "linear_regression", "mlp_moons"])
def test_a_third_run_beside_every_kind_of_picture(problem):
    lab = lrlab.ChainLab(problem, epochs=15, rule="cosine")
    assert lab._message.value == ""
    assert len(lab.view.loss.lines) == len(lab.view.rate.lines) == 3
    assert np.isfinite(lab.view.loss.lines[2].get_ydata()).all()
    lab.close()


def test_a_third_run_that_diverges_is_told(lab):
    lab.rule = lambda epoch, rate, losses: 1e6
    assert "The third run (yours) diverged, the plateau run ended at" in text_of(lab._readout.value)
    assert lab._message.value == ""


def test_an_error_in_a_rule_is_told_with_its_line_and_the_run_and_its_jobs_go_on(lab):
    def breaks(epoch, rate, losses):
        return rate / (50 - epoch)

    lab.set(separate=True)
    lab.rule = breaks
    assert "raised ZeroDivisionError after epoch 50" in lab._message.value
    assert "The third run is left out until that is mended." in lab._message.value
    assert re.search(r"in breaks, line \d+: return rate / \(50 - epoch\)$", lab._message.value)
    assert lab.own is None
    assert lab.chain.same
    lab.controls["patience"].value = 3
    assert lab.chain.same
    assert "ZeroDivisionError" in lab._message.value
    lab.rule = shrink
    assert lab._message.value == ""
    assert lab.own is not None


def test_divergence_is_told_as_data(lab):
    lab.set(problem="ravine", alpha=1e6, momentum=0.9, separate=True, carry=False)
    assert lab._message.value == ""
    assert not np.isfinite(lab.run.watched[-1, 0])
    assert sentence(lab)


def test_reset_brings_back_the_first_settings(lab):
    lab.set(separate=True, carry=False, alpha=0.002, problem="bowl")
    lab._reset()
    assert lab.controls["separate"].value is False
    assert lab.controls["carry"].value is True
    assert lab.problem.name == "rosenbrock"
    assert lab.controls["alpha"].value == 0.001
    assert lab.controls["epochs"].value == 100


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"problem": "nowhere"}, ValueError, "nowhere"),
        ({"alpha": -1}, ValueError, "alpha must be greater than 0"),
        ({"patience": 1.5}, ValueError, "patience must be a whole number"),
        ({"separate": "yes"}, TypeError, "separate must be True or False, got 'yes'"),
        ({"carry": "yes"}, TypeError, "carry must be True or False, got 'yes'"),
        ({"carry": 1}, TypeError, "carry must be True or False, got 1"),
        ({"rule": "cosin"}, ValueError, r"must be one of .*cosine.*got 'cosin'"),
        ({"rule": 0.1}, TypeError, "rule must be a function"),
    ],
)
def test_a_bad_argument_raises_before_any_widget_is_open(arguments, error, says):
    before = set(ipywidgets.widgets.widget._instances)
    with pytest.raises(error, match=says):
        lrlab.ChainLab(**arguments)
    assert set(ipywidgets.widgets.widget._instances) <= before


def test_it_begins_as_it_is_told():
    lab = lrlab.ChainLab("mlp_moons", 0.5, 0.3, 2, epochs=20, momentum=0.8, separate=True, carry=False)
    assert lab.chain is not None
    assert not lab.chain.same
    assert lab.run.epochs == 20
    lab.close()


def test_bands_and_numbers_do_not_give_away_what_is_hidden():
    lab = lrlab.ChainLab("ravine", alpha=0.013, patience=3)

    def bands():
        return np.flatnonzero(np.asarray(lab.view.bands[0].get_array())[0, :, 3])

    whole = len(bands())
    assert whole == 100
    lab.player.epoch = 25
    lab.hiding.value = True  # the epoch stays where it is
    assert bands().max() == 24
    lab.controls["factor"].value = 0.4
    assert bands().max() == 24
    lab.hiding.value = False
    assert len(bands()) == whole
    lab.close()
