"""The picture of jobs, what epochs buy, and the sentences under it."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import lrlab
from lrlab.core.settings import Settings
from lrlab.studies.jobs import Comparison, Measure, compare, measure_of, seeds_from, tune, whole_jobs
from lrlab.views.curves import scale_of
from lrlab.views.job_words import cells, heads, how_often_cut, spending, value, who_is_ahead
from lrlab.views.jobs import JobsView, arrange
from lrlab.views.spent import value_axis
from lrlab.views.style import CONSTANT, PLATEAU

RAVINE, LOGISTIC = lrlab.problems.ravine(), lrlab.problems.logistic_regression()


@pytest.mark.parametrize(
    ("name", "said"),
    [("accuracy", "91.2 %"), ("binary accuracy", "91.2 %"), ("sparse categorical accuracy", "91.2 %"), ("R²", "0.912")],
)
def test_a_score_that_is_an_accuracy_is_told_as_a_percentage(name, said):
    assert value(0.912, Measure(name, True)) == said
    assert value(np.nan, Measure(name, True)) == "diverged"


def jobs_on(problem, tries=3, epochs=30):
    options = {"epochs": epochs} | ({} if problem.samples is None else {"batch_size": 32})
    middle = float(np.sqrt(np.prod(problem.alpha_range)))
    return tune(problem, tries, **options) + whole_jobs(problem, "plateau", Settings(middle, 0.5, 1), **options)


def axis_of(problem, jobs, comparison=None):
    scale = scale_of(problem)
    return value_axis(measure_of(problem), scale, scale.high, jobs, comparison, "tuning")


def view_of(problem, jobs, comparison=None, epochs=30, own=""):
    return JobsView(
        Figure(figsize=(10, 4)), scale=scale_of(problem), jobs=jobs, epochs=epochs, budget=10 * epochs,
        alphas=problem.alpha_range,
        target=problem.target, edge=None, values=axis_of(problem, jobs, comparison), own=own,
    )  # fmt: skip


def pieces(line):
    """What is drawn between the gaps."""
    values = line.get_ydata()
    gaps = np.flatnonzero(np.isnan(line.get_xdata()))
    return [part[1:] if i else part for i, part in enumerate(np.split(values, gaps))][: len(gaps)]


@pytest.mark.parametrize("problem", [RAVINE, LOGISTIC], ids=lambda problem: problem.name)
def test_every_job_stays_as_a_faint_line_in_the_look_of_its_kind(problem):
    jobs = jobs_on(problem)
    view = view_of(problem, jobs)
    for kind, style in (("constant", CONSTANT), ("plateau", PLATEAU)):
        mine = [job for job in jobs if job.kind == kind]
        losses, rates = (pieces(line) for line in view.faint[kind])
        assert len(losses) == len(rates) == len(mine)
        for job, loss, rate in zip(mine, losses, rates, strict=True):
            heights = job.run.watched[:, 0] - view.loss.offset
            np.testing.assert_array_equal(loss, np.where(heights > 0, heights, np.nan))
            np.testing.assert_array_equal(rate, [*job.run.lr[:, 0], job.final_rate])
        for line in view.faint[kind]:
            assert line.get_color() == style.color
            assert line.get_linestyle() == ("-" if kind == "plateau" else "--")
            assert line.get_alpha() < 1
            assert not line.get_animated()
    assert pieces(view.faint["own"][0]) == []


def test_one_job_is_strong_and_live():
    jobs = jobs_on(RAVINE)
    view = view_of(RAVINE, jobs)
    for job in (*jobs, None, jobs[-1]):
        view.draw(job)
        shown = [line for line in view.loss.lines if len(line.get_xdata())]
        assert len(shown) == (job is not None)
        if job is not None:
            i = 1 if job.kind == "plateau" else 0
            assert shown == [view.loss.lines[i]]
            np.testing.assert_array_equal(shown[0].get_ydata(), job.run.watched[:, 0])
            np.testing.assert_array_equal(view.rate.lines[i].get_ydata(), [*job.run.lr[:, 0], job.final_rate])
            marked = ~np.isnan(view.loss.cuts[i].get_ydata())
            np.testing.assert_array_equal(np.flatnonzero(marked), np.flatnonzero(job.run.cuts[:, 0]) + 1)
            assert shown[0].get_animated()


def test_what_epochs_buy_is_drawn_where_they_are_spent():
    found = compare(RAVINE, Settings(0.05, 0.5, 2), jobs=10, seeds=seeds_from(0, 6), epochs=30)
    view = view_of(RAVINE, [], found)
    view.compare(found)
    tuned, once = found.quartiles
    floor = found.measure.arrived
    for i in range(3):
        x, y = view.spent.tuned[i].get_data()
        assert x.tolist() == [*(30 * k for k in range(1, 11)), 315]
        np.testing.assert_array_equal(y[:-1], np.maximum(tuned[i], floor))
        np.testing.assert_array_equal(view.spent.once[i].get_ydata(), np.full(11, max(once[i], floor)))
    assert view.spent.tuned[1].get_drawstyle() == "steps-post"
    view.compare(None)
    assert not any(len(line.get_xdata()) for line in (*view.spent.tuned, *view.spent.once))


def test_the_users_own_jobs_are_marked_with_their_best_so_far():
    jobs = jobs_on(RAVINE)
    view = view_of(RAVINE, jobs)
    values = [job.best_loss for job in jobs]
    assert view.spent.yours.get_xdata().tolist() == [30, 60, 90, 120]
    np.testing.assert_array_equal(view.spent.yours.get_ydata(), np.minimum.accumulate(values))
    top = int(np.argmin(values))
    assert view.spent.best.get_xydata().tolist() == [[30 * (top + 1), values[top]]]
    assert not len(view_of(RAVINE, []).spent.best.get_xdata())
    constant, plateau = (view.spent.marks[kind] for kind in ("constant", "plateau"))
    np.testing.assert_array_equal(constant.get_xydata(), np.transpose([[30, 60, 90], values[:3]]))
    np.testing.assert_array_equal(plateau.get_xydata(), [[120, values[3]]])
    assert (constant.get_markerfacecolor(), plateau.get_markerfacecolor()) == (CONSTANT.color, PLATEAU.color)


def test_jobs_longer_than_the_budget_fit():
    (job,) = whole_jobs(RAVINE, "constant", Settings(0.05, 1, 1), epochs=500)
    view = view_of(RAVINE, [job])
    assert view.axes["losses"].get_xlim()[1] == 500
    assert view.axes["spent"].get_xlim()[1] > 500


def test_the_axis_of_losses_never_moves_and_that_of_scores_holds_what_there_is():
    assert axis_of(RAVINE, jobs_on(RAVINE)) == axis_of(RAVINE, [])
    jobs = jobs_on(LOGISTIC)
    axis = axis_of(LOGISTIC, jobs)
    assert all(axis.low < job.score < axis.high for job in jobs)
    assert axis.low * 20 == pytest.approx(round(axis.low * 20))
    nothing = axis_of(LOGISTIC, [])
    assert (nothing.low, nothing.high) == (0.0, 1.05)


@pytest.mark.parametrize("width", [360, 430, 900, 1000, 1900])
@pytest.mark.parametrize("own", ["", "cosine"])
def test_panels_stay_in_the_figure_and_apart(width, own):
    figure_of = view_of(RAVINE, jobs_on(RAVINE), own=own)
    figure = figure_of.axes["losses"].figure
    arrange(figure, width)
    assert figure.bbox.width == pytest.approx(width)
    boxes = [axes.get_position() for axes in figure_of.axes.values()]
    for i, one in enumerate(boxes):
        assert 0 < one.x0 < one.x1 < 1
        assert 0 < one.y0 < one.y1 < 1
        assert not any(one.overlaps(other) for other in boxes[:i])
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert ("cosine" in labels) == bool(own)


# Words ----------------------------------------------------------------------------------------------------------------


def comparison(ahead, epochs=200, seeds=4):
    """One in which the plateau job (0.5) is ahead, behind or even by this pattern of scores."""
    scores = np.array([{1: 0.1, 0: 0.5, -1: 0.9}[sign] for sign in ahead])
    return Comparison(Measure("accuracy", True), epochs, np.tile(scores, (seeds, 1)), np.full(seeds, 0.5))


@pytest.mark.parametrize(
    ("ahead", "says"),
    [
        ([1] * 10, "Over 4 seeds, one plateau job of 200 epochs is ahead of tuning at every budget up to 10 jobs "
                   "(2,000 epochs)."),
        ([-1] * 10, "Over 4 seeds, tuning a constant rate is ahead of one plateau job of 200 epochs at every budget up "
                    "to 10 jobs (2,000 epochs)."),
        ([0], "Over 4 seeds, neither one plateau job of 200 epochs nor tuning is ahead with 1 job (200 epochs): they "
              "are alike in every seed."),
        ([1, 1, 0, 0, -1, -1], "Over 4 seeds, one plateau job of 200 epochs against tuning: with up to 2 jobs (400 "
                               "epochs) the plateau job is ahead, with 3 to 4 neither is (with 4 jobs they are "
                               "alike in every seed), with 5 or more (from 1,000 epochs) tuning is."),
        ([1], "Over 4 seeds, one plateau job of 200 epochs is ahead of tuning with 1 job (200 epochs)."),
        ([1, -1, -1], "Over 4 seeds, one plateau job of 200 epochs against tuning: with 1 job (200 epochs) the plateau "
                      "job is ahead, with 2 or more (from 400 epochs) tuning is."),
    ],
)  # fmt: skip
def test_the_sentence_says_who_is_ahead_at_which_budget(ahead, says):
    found = comparison(ahead)
    assert found.ahead.tolist() == ahead
    assert who_is_ahead(found) == says


@pytest.mark.parametrize(
    ("once", "says"),
    [
        ([0.9, 0.9, 0.1, 0.5, 0.5], "is ahead with 1 job (10 epochs): the plateau job is better in 2, worse "
                                    "in 1, alike in 2."),
        ([0.9, 0.9, 0.5, 0.5], "the plateau job is better in 2, worse in 0, alike in 2."),
    ],
)  # fmt: skip
def test_where_nobody_is_ahead_seeds_are_counted(once, says):
    found = Comparison(Measure("accuracy", True), 10, np.full((len(once), 1), 0.5), np.array(once))
    assert found.ahead.tolist() == [0]
    assert who_is_ahead(found).endswith(says)


def test_a_plateau_job_that_was_never_cut_gets_no_credit_for_the_rule():
    options = {"jobs": 2, "seeds": seeds_from(0, 4), "epochs": 200}
    never = compare(RAVINE, Settings(0.013, 0.5, 5), **options)
    assert how_often_cut(never) == "The plateau job's rate was never cut: here it is one more constant job."
    assert how_often_cut(compare(RAVINE, Settings(0.05, 0.5, 5), **options)) == ""
    once = never._replace(cut=np.array([True, False, False, False]))
    assert "was cut in 1 of 4 seeds" in how_often_cut(once)
    assert "was cut in 2 of 8 seeds" in how_often_cut(once.joined(once))
    assert how_often_cut(None) == ""


def test_one_job_and_the_last_step_are_seen_over_epochs_spent():
    found = compare(RAVINE, Settings(0.05, 0.5, 2), jobs=1, seeds=seeds_from(0, 3), epochs=30)
    view = view_of(RAVINE, [], found)
    view.compare(found)
    for line in (*view.spent.tuned, *view.spent.once):
        x, y = line.get_data()
        assert x.tolist() == [30, 45]
        assert y[0] == y[1]
        assert x[-1] < view.axes["spent"].get_xlim()[1]


def test_a_row_says_what_the_job_came_to():
    (job,) = whole_jobs(RAVINE, "plateau", Settings(0.085, 0.5, 5), epochs=70)
    row = dict(zip([head for head, _ in heads(measure_of(RAVINE))], cells(3, "plateau", job, measure_of(RAVINE),
                                                                         RAVINE.target), strict=True))  # fmt: skip
    assert row["job"] == "3 plateau"
    assert row["alpha"] == "0.085"
    assert float(row["rate at end"]) == pytest.approx(job.final_rate, rel=0.01)
    assert row["epochs"] == "70"
    assert row["at epoch"] == str(job.best_epoch)
    assert row["idle epochs"] == str(job.idle_epochs)
    assert row["outcome"] == "reached the target at epoch 63"


def test_what_was_spent_is_counted():
    assert spending([], measure_of(RAVINE)) == "No job has been trained yet: choose an alpha, and press Train."
    jobs = jobs_on(RAVINE)
    words = spending(jobs, measure_of(RAVINE))
    idle = sum(job.idle_epochs for job in jobs) / 120
    assert words.startswith(f"You have spent 120 epochs on 4 jobs; {100 * idle:.1f} % of them brought no new best.")
    lowest = int(np.argmin([job.best_loss for job in jobs]))
    assert f"The best is job {lowest + 1}," in words
    (lost,) = whole_jobs(RAVINE, "constant", Settings(1e30, 1, 1), epochs=1, start=(1e200, 1e200))
    assert spending([lost], measure_of(RAVINE)) == "You have spent 1 epoch on 1 job, and it diverged."
    slow = whole_jobs(RAVINE, "constant", Settings(0.01, 1, 1), epochs=20)
    assert "20 epochs on 1 job; each of them brought a new best." in spending(slow, measure_of(RAVINE))
