"""What has failed is told as long as it holds, whatever else is done meanwhile."""

import numpy as np
import pytest

import lrlab


def choosy(broken=()):
    """A problem that has no gradient far out. broken: whether it has none at all ("grad"), or no picture ("loss")"""

    def grad(w):
        if "grad" in broken or np.abs(w).max() > 30:
            raise LookupError("no gradient out here")
        return 2 * w

    def loss(w):
        if "loss" in broken and w.size > 2_000:
            raise LookupError("no loss on a grid")
        return (w**2).sum(-1)

    return lrlab.Problem(name="mine", formula="", loss=loss, grad=grad, start=(1, 1), view=[(-2, 2), (-2, 2)],
                         convex=True, alpha_range=(0.01, 2.0))  # fmt: skip


@pytest.fixture
def lab():
    lab = lrlab.DescentLab(choosy(), alpha=0.1, epochs=20)
    yield lab
    lab.close()


@pytest.mark.parametrize(
    "touch",
    [
        lambda lab: setattr(lab.player, "epoch", 3),
        lambda lab: setattr(lab.inspector.opened, "value", True),
        lambda lab: setattr(lab.solid.opened, "value", True),
        lambda lab: lab.thaw(),
    ],
)
def test_settings_that_failed_are_told_until_others_do_not(lab, touch):
    lab.controls["alpha"].value = 1.9
    failed = "LookupError: no gradient out here"
    assert lab._message.value == failed
    touch(lab)
    assert lab._message.value == failed
    lab.controls["factor"].box.value = "fast"
    lab.controls["factor"].box.value = "0.5"
    assert lab._message.value == failed
    lab.controls["alpha"].value = 0.2
    assert lab._message.value == ""


def test_a_freeze_that_was_refused_is_told_until_it_is_tried_again(lab):
    for i in range(9):
        lab.controls["seed"].value = i
        lab.controls["alpha"].value = 0.1 + i / 100
        lab.freezing.keep.click()
    assert "clear them first" in lab._message.value
    lab.player.epoch = 3
    assert "clear them first" in lab._message.value
    lab.thaw()
    assert lab._message.value == ""


def test_news_of_a_comparison_mend_no_job_that_failed(monkeypatch):
    lab = lrlab.JobsLab("bowl")

    def failing(*_arguments, **_options):
        raise LookupError("no job today")

    monkeypatch.setattr("lrlab.labs.jobs.whole_jobs", failing)
    lab.buttons["Train"].click()
    lab._news.draw()
    assert lab._message.value == "LookupError: no job today"
    monkeypatch.undo()
    lab.buttons["Train"].click()
    assert lab._message.value == ""
    lab.close()


def test_a_run_is_not_frozen_under_settings_that_failed():
    broken = []
    lab = lrlab.DescentLab(choosy(broken), alpha=0.1, epochs=20)
    broken.append("grad")
    lab.controls["momentum"].value = 0.5
    lab.freezing.keep.click()
    assert "still of other settings" in lab._message.value
    assert lab.frozen == []
    broken.clear()
    lab.controls["momentum"].value = 0.4
    lab.freezing.keep.click()
    assert lab._message.value == ""
    assert [one.settings["momentum"] for one in lab.frozen] == [0.4]
    lab.close()


def test_a_picture_that_failed_is_drawn_anew():
    broken = []
    lab = lrlab.DescentLab(choosy(broken), alpha=0.1, epochs=20)
    broken.append("loss")
    lab.controls["epochs"].value = 30  # which needs another picture
    assert "no loss on a grid" in lab._message.value
    lab.player.epoch = 3
    lab.figure.fit(600)
    broken.clear()
    lab.controls["epochs"].value = 20
    assert lab._message.value == ""
    assert lab.view.axes["losses"] in lab.figure.figure.axes
    lab.close()


def test_a_row_is_looked_at_where_the_picture_failed():
    lab = lrlab.JobsLab("bowl", epochs=20)
    lab.buttons["Train"].click()
    lab.buttons["Train"].click()
    lab.figure.figure.clear()
    lab._drawn = lab.view = None  # as where it could not be drawn
    lab.table.looked = 0
    assert lab._message.value == ""
    lab.close()
