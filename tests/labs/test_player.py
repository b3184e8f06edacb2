"""The player from the kernel's side: epochs, what is hidden, and what is drawn at the epoch that is shown."""

from io import BytesIO

import numpy as np
import pytest

import lrlab
from lrlab.live import wire
from lrlab.views.style import WHOLE
from lrlab.widgets.hiding import HIDE, REVEAL


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("ravine", alpha=0.085, patience=3)
    yield lab
    lab.close()


def test_it_has_the_epochs_of_the_picture_and_is_at_their_end(lab):
    assert (lab.player.epoch, lab.player.epochs, lab.player.at_the_end) == (200, 200, True)
    assert lab.player.trained == 200
    lab.controls["epochs"].value = 300
    assert (lab.player.epoch, lab.player.epochs) == (300, 300)
    lab.player.epoch = 40
    lab.controls["alpha"].value = 0.05
    lab.controls["epochs"].value = 120
    assert (lab.player.epoch, lab.player.epochs) == (40, 120)
    lab.controls["epochs"].value = 20
    assert (lab.player.epoch, lab.player.epochs) == (20, 20)


@pytest.mark.parametrize(("asked", "shown"), [(-3, 0), (0, 0), (7, 7), (10**9, 200)])
def test_it_stays_within_the_run(lab, asked, shown):
    lab.player.epoch = asked
    assert lab.player.epoch == shown


def test_lines_over_epochs_have_a_point_for_each_and_others_are_whole(lab):
    lab.inspector.opened.value = True
    lab.controls["problem"].value = "mlp_moons"
    epochs = lab.run.epochs
    for line in wire.live_artists(lab.figure.figure):
        if hasattr(line, "get_drawstyle") and line.get_gid() != WHOLE:
            assert len(line.get_xdata()) in (0, 1, epochs + 1), line
    assert WHOLE == wire.WHOLE


def test_a_head_sits_on_the_last_point_that_is_shown(lab):
    for line, head in zip(lab.view.surface.paths.lines, lab.view.surface.paths.heads, strict=True):
        np.testing.assert_array_equal(head.get_xdata(), line.get_xdata())
        assert head.get_markevery() == [-1]


def test_the_picture_that_is_kept_with_a_notebook_tells_no_more_than_the_lab(lab):
    whole = lab._repr_mimebundle_()["image/png"]
    assert whole == lab.figure.still()["image/png"]
    lab.hide(after=3)
    hidden = lab._repr_mimebundle_()["image/png"]
    out = BytesIO()
    lab.figure.savefig(out, points=4, format="png", dpi=lab.figure.figure.dpi)
    assert hidden == out.getvalue() != whole


def test_what_a_model_has_learned_is_drawn_for_the_epoch_that_is_shown():
    lab = lrlab.DescentLab("mlp_moons", alpha=1.0, patience=3, epochs=30)
    assert lab.player.follow
    at_the_end = np.array(lab.view.fits[0].regions.get_array())
    lab.player.epoch = 4
    early = np.array(lab.view.fits[0].regions.get_array())
    assert (early != at_the_end).any()
    four = lrlab.DescentLab("mlp_moons", alpha=1.0, patience=3, epochs=4)
    np.testing.assert_allclose(early, four.view.fits[0].regions.get_array(), rtol=1e-9)
    lab.player.epoch = 30
    np.testing.assert_array_equal(lab.view.fits[0].regions.get_array(), at_the_end)
    lab.close()
    four.close()


def test_hiding_covers_what_is_told_until_all_is_shown(lab):
    alt = lab.figure.alt
    lab.player.epoch = 12
    lab.hiding.value = True
    assert lab.hiding.description == REVEAL
    assert lab.player.limit == 12
    assert "lrlab-covers" in lab._dom_classes
    assert "Hidden" in lab.figure.alt
    lab.player.epoch = 50
    assert lab.player.epoch == 12
    lab.controls["alpha"].value = 0.07
    assert "Hidden" in lab.figure.alt
    assert "lrlab-covers" in lab._dom_classes
    lab.controls["alpha"].value = 0.085
    lab.hiding.value = False
    assert lab.hiding.description == HIDE
    assert lab.player.limit is None
    assert "lrlab-covers" in lab._dom_classes, "it is being played"
    lab.player.epoch = 200
    assert "lrlab-covers" not in lab._dom_classes
    assert lab.figure.alt == alt


def test_a_lab_can_be_shown_with_its_end_hidden(lab):
    assert lab.hide(after=3) is lab
    assert (lab.player.epoch, lab.player.limit, lab.hiding.value) == (3, 3, True)
    assert "lrlab-covers" in lab._dom_classes
    with pytest.raises(TypeError, match="JobsLab has no epochs that could be hidden"):
        lrlab.JobsLab("bowl").hide(after=3)


def test_a_lab_that_hides_can_hide_from_another_epoch_on(lab):
    for after in (5, 20, 3):
        lab.hide(after)
        assert (lab.player.epoch, lab.player.limit, lab.hiding.covers) == (after, after, True)
    lab.player.epoch = 2
    lab.scene = lab.scene
    assert (lab.player.epoch, lab.player.limit, lab.hiding.value, lab.hiding.covers) == (2, 3, True, True)


def test_at_the_end_all_but_the_beginning_is_hidden(lab):
    lab.hiding.value = True
    assert lab.player.epoch == lab.player.limit == 50
    lab.controls["epochs"].value = 30
    assert (lab.player.epoch, lab.player.limit) == (30, 30)


def test_closing_closes_the_player_too(lab):
    lab.close()
    assert lab.player.comm is None
    assert lab.hiding.comm is None
    lab.player.epoch = 3  # a message that was on its way


def test_fewer_epochs_uncover_what_has_come_to_its_end(lab):
    lab.hide(10)
    lab.hiding.value = False
    assert lab.hiding.covers, "it is being played"
    lab.controls["epochs"].value = 10
    assert lab.player.at_the_end
    assert not lab.hiding.covers
    assert not lab.freezing.keep.disabled
    assert "Hidden" not in lab.figure.alt
    assert "lrlab-covers" not in lab._dom_classes


def test_nothing_is_uncovered_on_the_way_to_hiding(lab):
    covered = []
    lab.freezing.keep.observe(lambda change: covered.append(change.new), "disabled")
    lab.hide(10)
    assert covered == [True]
    lab.hide(20)
    assert covered == [True]
