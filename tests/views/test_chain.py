"""A chain of jobs as a picture and in words."""

import re
from html import unescape
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.problems import find
from lrlab.studies.chain import Chain, Job, beside, jobs, train_jobs
from lrlab.views.chain import NUMBERED, ChainView, arrange, calmer
from lrlab.views.chain_words import jobs_table, lengths, moral, third, under_way, verdict, why
from lrlab.views.curves import Scale, scale_of
from lrlab.views.tables import readable

RAVINE = find("ravine")
SETTINGS = Settings(0.013, 0.5, 3)


@pytest.fixture(scope="module")
def run():
    return train(RAVINE, SETTINGS, epochs=60, momentum=0.9)


def view_of(problem, epochs=60, **options):
    figure = Figure()
    view = ChainView(figure, scale=scale_of(RAVINE), epochs=epochs, alphas=(0.001, 0.1), problem=problem, **options)
    return figure, view


def text_of(html):
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


# The picture ----------------------------------------------------------------------------------------------------------


def test_a_picture_that_was_drawn_before_is_the_same_as_a_new_one(run):
    other = train(RAVINE, Settings(0.02, 0.5, 1), epochs=60, noise=0.5)
    _, used = view_of(RAVINE)
    used.draw(beside(other, 0, None), jobs(other, 0))
    _, new = view_of(RAVINE)
    chain = train_jobs(RAVINE, run, 0, momentum=0.9)
    for view in (used, new):
        view.draw(beside(run, 0, chain.run), jobs(run, 0))
    for a, b in zip(used.loss.lines + used.rate.lines + used.numbers, new.loss.lines + new.rate.lines + new.numbers,
                    strict=True):  # fmt: skip
        np.testing.assert_array_equal(a.get_xydata(), b.get_xydata())
    for a, b in zip(used.bands, new.bands, strict=True):
        np.testing.assert_array_equal(a.get_array(), b.get_array())


def test_bands_change_colour_where_the_rate_does(run):
    _, view = view_of(RAVINE)
    view.draw(beside(run, 0, None), jobs(run, 0))
    colours = np.asarray(view.bands[0].get_array())[0]
    changes = np.flatnonzero((colours[1:] != colours[:-1]).any(axis=1)) + 1
    np.testing.assert_array_equal(changes, np.flatnonzero(run.lr[1:, 0] != run.lr[:-1, 0]) + 1)
    assert len(changes) > 2
    assert view.bands[0].get_extent() == [0, 1, 0, 1], "over the whole panel, whatever its limits"


def test_a_run_under_way_has_bands_as_far_as_it_is(run):
    short = train(RAVINE, SETTINGS, epochs=20)
    _, view = view_of(RAVINE, epochs=60)
    view.draw(beside(short, 0, None), jobs(short, 0))
    colours = np.asarray(view.bands[0].get_array())[0]
    assert (colours[:20, 3] > 0).all()
    assert (colours[20:] == 0).all()


def test_only_bands_with_room_for_it_have_a_number():
    many = train(RAVINE, Settings(0.02, 0.9, 0, 1e9), epochs=200)
    table = jobs(many, 0)
    assert len(table) > NUMBERED
    _, view = view_of(RAVINE, epochs=200)
    view.draw(beside(many, 0, None), table)
    assert not any(number.get_visible() for number in view.numbers)


def test_where_jobs_are_too_short_for_a_number_each_every_fifth_has_one():
    run = train(find("rotated_ellipse"), Settings(0.02, 0.5, 5), epochs=150, momentum=0.9)
    figure, view = view_of(RAVINE, epochs=150)
    view.draw(beside(run, 0, None), jobs(run, 0))
    arrange(figure, 950)
    shown = [number.get_marker() for number in view.numbers if number.get_visible()]
    assert shown == [*(f"${n}$" for n in range(1, 10)), "$15$", "$20$", "$25$"]
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [number.get_window_extent(renderer) for number in view.numbers if number.get_visible()]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_room_for_a_number_is_counted_in_pixels_whichever_job_it_is():
    many = train(RAVINE, Settings(0.02, 0.9, 5, 1e9), epochs=120)
    table = jobs(many, 0)
    assert len(table) > 20
    figure, view = view_of(RAVINE, epochs=120)
    view.draw(beside(many, 0, None), table)

    def numbered(width):
        arrange(figure, width)
        return [i for i, number in enumerate(view.numbers) if number.get_visible()]

    assert numbered(1900) == [i for i, job in enumerate(table) if job.length >= 5]
    assert set(numbered(430)) < set(numbered(1900))
    renderer = FigureCanvasAgg(figure).get_renderer()
    arrange(figure, 430)
    boxes = [view.numbers[i].get_window_extent(renderer) for i in numbered(430)]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_bands_and_numbers_end_where_the_epochs_are_hidden(run):
    _, view = view_of(RAVINE)
    table = jobs(run, 0)
    view.draw(beside(run, 0, None), table)
    limit = table[1].first + 2
    view.mark(table, limit)
    for band in view.bands:
        shown = np.asarray(band.get_array())[0, :, 3] > 0
        assert shown[:limit].all()
        assert not shown[limit:].any()
    assert [bool(len(number.get_xdata())) for number in view.numbers[:3]] == [True, True, False]
    assert view.numbers[1].get_xdata()[0] < limit
    view.mark(table, 0)
    assert not np.asarray(view.bands[0].get_array()).any()


@pytest.mark.parametrize("width", [430, 1000, 1900])
@pytest.mark.parametrize("problem", [RAVINE, None, find("double_well")], ids=["surface", "curves only", "one weight"])
def test_panels_and_legend_fit_at_every_width(width, problem):
    figure, _ = view_of(problem)
    arrange(figure, width)
    boxes = [axes.get_position() for axes in figure.axes]
    for box in boxes:
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
    for i, a in enumerate(boxes):
        assert not any(a.overlaps(b) for b in boxes[i + 1 :])
    legend = figure.legends[0].get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert legend.x0 >= 0
    assert legend.x1 <= figure.bbox.width
    assert legend.y0 >= max(axes.get_window_extent().y1 for axes in figure.axes)


def test_the_calmer_scale_is_for_surfaces():
    np.testing.assert_allclose(calmer(Scale("loss", 1e-6, 1e2))[1:3], (1e-6, 1e1))
    assert calmer(Scale("validation loss", 0.1, 3)) == Scale("validation loss", 0.1, 3)


# Words ----------------------------------------------------------------------------------------------------------------


def job(first=1, last=10, improved=7, uncounted=0, waited=3, cut=True, best=0.5):
    return Job(first, last, 0.1, 2.0, 1.0, improved, uncounted, waited, cut, best)


@pytest.mark.parametrize(
    ("one", "settings", "says"),
    [
        (job(), SETTINGS, "improved until epoch 7, then 3 epochs without"),
        (job(improved=9, waited=1), Settings(0.1, 0.5, 0), "improved until epoch 9, then 1 epoch without"),
        (job(first=8, improved=0), SETTINGS, "nothing below the best, 0.5, in 3 epochs"),
        (job(first=8, improved=0, best=0.002), SETTINGS, "nothing 0.0001 below the best, 0.002, in 3 epochs"),
        (job(first=8, improved=0, best=np.inf), SETTINGS, "no improvement in 3 epochs"),
        (job(first=4, improved=0, uncounted=4), SETTINGS, "cooldown until epoch 7, then 3 epochs without"),
        (job(first=4, improved=5, uncounted=4), SETTINGS, "cooldown until epoch 7, then 3 epochs without"),
        (job(improved=10, waited=0, cut=False), SETTINGS, "still improving when training ended"),
        (job(improved=8, waited=2, cut=False), SETTINGS, "improved until epoch 8, then 2 epochs without, the end of"),
        (job(first=9, improved=0, waited=2, cut=False), SETTINGS, "nothing below the best, 0.5, in 2 epochs, the end"),
        (job(first=9, improved=0, uncounted=2, waited=0, cut=False), SETTINGS, "cooldown until epoch 10, the end of"),
        (job(improved=1, waited=9, cut=False), SETTINGS, "then 9 epochs without; the rate cannot be cut further"),
        (job(improved=1, waited=9, cut=False), Settings(0.1, 1, 3), "without; a factor of 1 cuts nothing"),
    ],
)
def test_why_a_job_ended(one, settings, says):
    assert says in why(one, settings)


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (job(improved=10, waited=0, cut=False), "improved until epoch 10, so far"),
        (job(improved=8, waited=2, cut=False), "improved until epoch 8, then 2 epochs without"),
        (job(first=9, improved=0, waited=2, cut=False), "nothing below the best, 0.5, in 2 epochs"),
        (job(first=9, improved=0, uncounted=2, waited=0, cut=False), "cooldown until epoch 10, so far"),
        (job(), "improved until epoch 7, then 3 epochs without"),
    ],
)
def test_a_job_under_way_has_not_ended(one, says):
    assert why(one, SETTINGS, ended=False) == says


def test_a_run_that_diverged_is_told_as_one():
    lost = train(RAVINE, Settings(0.3, 0.5, 3), epochs=60, momentum=0.9)
    table, chain = jobs(lost, 0), train_jobs(RAVINE, lost, 0, momentum=0.9)
    ends = {"final_loss": lost.final_loss[0], "diverged": lost.diverged[0]}
    told = verdict(None, table, carry=True, state="momentum", **ends)
    cuts = int(lost.cuts.sum())
    assert told == f"This plateau run diverged at epoch {lost.diverged[0]:.0f}, in spite of {cuts} cuts."
    told = verdict(chain, table, carry=True, state="momentum", **ends)
    assert told.endswith("Its jobs diverge as it does: the difference is 0.")
    assert moral(chain, table, lost.diverged[0]) == ""
    whole = train(RAVINE, SETTINGS, epochs=60)
    told = verdict(Chain(whole, 1.0, 1.0), table, carry=False, state="momentum", **ends)
    assert told.endswith(f"Its jobs, trained separately, end at a loss of {readable(whole.final_loss[0])}.")
    assert verdict(chain._replace(weights=1.0), table, carry=False, state="", **ends).endswith("go another way.")
    assert third(whole, "mine", lost).endswith(f"{readable(whole.final_loss[0])}, the plateau run diverged.")
    assert third(lost, "mine", lost) == "The third run (mine) diverged, and so did the plateau run."
    assert third(lost, "mine", whole).endswith(f"the plateau run ended at {readable(whole.final_loss[0])}.")


def test_a_loss_that_is_lost_is_a_short_word():
    html = jobs_table([job()._replace(loss_from=np.inf, loss_to=np.nan)], SETTINGS, "")
    assert html.count("<td>lost</td>") == 2
    assert "not a number" not in text_of(html)


def test_why_jobs_are_not_all_as_long_as_patience(run):
    told = lengths(jobs(run, 0), SETTINGS)
    longest = max((one for one in jobs(run, 0) if one.cut and one.improved), key=lambda one: one.improved - one.first)
    assert told.startswith("A job lasts until its last improvement, and then patience more (3 epochs).")
    assert f"which improved until epoch {longest.improved}, is {longest.length} epochs long" in told
    assert "0 acts as 1" in lengths([job()], Settings(0.1, 0.5, 0))
    assert "the first 4 epochs of a cooldown of 5 are not counted" in lengths([job()], Settings(0.1, 0.5, 3, 0, 5))


def test_the_table_has_a_row_for_each_job(run):
    html = jobs_table(jobs(run, 0), SETTINGS, "A < B")
    assert html.count("<tr>") == 1 + len(jobs(run, 0))
    assert "A &lt; B" in html
    assert "not a number" not in text_of(html)


def test_of_very_many_jobs_the_first_are_in_the_table():
    many = [job(first=i, last=i, improved=i, waited=0) for i in range(1, 1001)]
    told = jobs_table(many, SETTINGS, "")
    assert told.count("<tr>") == 1 + 300 + 1
    assert "and 700 more" in text_of(told)


def verdict_of(carry=True, momentum=0.9, settings=SETTINGS, state=None):
    run = train(RAVINE, settings, epochs=60, momentum=momentum)
    chain = train_jobs(RAVINE, run, 0, carry=carry, momentum=momentum)
    state = ("momentum" if momentum else "") if state is None else state
    table = jobs(run, 0)
    return verdict(chain, table, carry=carry, state=state, final_loss=run.final_loss[0]), moral(chain, table)


def test_the_verdict_says_what_follows():
    told, follows = verdict_of()
    assert "The largest difference is 0: the plateau run is these" in told
    assert "the weights and the momentum of the one before" in told
    assert "what you set is alpha, factor and patience" in follows
    told, follows = verdict_of(carry=False)
    assert re.search(r"The largest difference in a weight is [\d.]+: a fresh optimizer forgets its momentum", told)
    assert not follows
    assert "nothing but its weights" in verdict_of(carry=False, momentum=0.0, settings=Settings(0.085, 0.5, 3))[0]
    for carry in (True, False):
        alone, follows = verdict_of(carry=carry, settings=Settings(0.02, 1, 3))
        assert "The largest difference is 0: the rate was never cut, so the run is one job" in alone
        assert not follows


def test_two_jobs_have_one_cut():
    chain = Chain(train(RAVINE, SETTINGS, epochs=3), 0.5, 0.1)
    told = verdict(chain, [job(), job(first=11, last=20)], carry=False, state="moments", final_loss=1.0)
    assert "forgets its moments at the cut" in told


def test_under_way_it_says_how_far():
    assert under_way([], None) == "Nothing has been trained yet."
    table = [job(), job(first=11, last=20)]
    assert under_way(table[:1], None) == "So far, this plateau run is made of 1 constant-rate job."
    assert under_way(table, None) == "So far, this plateau run is made of 2 constant-rate jobs."
    assert under_way(table, 0) == "Now job 1 of 2 is trained by itself."
    assert under_way(table, 9) == "Now job 1 of 2 is trained by itself."
    assert under_way(table, 10) == "Now job 2 of 2 is trained by itself."
