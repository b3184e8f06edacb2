"""KerasJobsLab through its buttons: each job is what fit would train, and counts once."""

import importlib.util

import numpy as np
import pytest

if importlib.util.find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

from lrlab.core.settings import Settings
from lrlab.keras_live.ready import READY
from lrlab.labs.keras_jobs import KerasJobsLab
from lrlab.studies.jobs import best, draws, grid
from tests.labs.test_jobs_lab import drawn, legend_of, text_of

EPOCHS = 6


@pytest.fixture(scope="module")
def lab():
    lab = KerasJobsLab("moons", alpha=2.0, patience=1, epochs=EPOCHS, tries=3)
    yield lab
    lab.close()


def press(lab, name):
    lab.buttons[name].click()
    assert lab.wait(120)
    assert text_of(lab._message) == ""


def twins(lab, **changes):
    """The pair that KerasLab trains, which its own tests compare with fit."""
    from lrlab.keras_live.session import load_twins

    values = {
        name: lab.controls[name].value for name in ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")
    }
    pair = load_twins()(READY["moons"].get_model, lab._chosen_data, values["alpha"], lab.controls["batch_size"].value,
                        lab.controls["seed"].value)  # fmt: skip
    pair.start_over(Settings.pair(**values | changes))
    for _ in range(EPOCHS):
        for _piece in pair.epoch():
            pass
    return pair


def test_jobs_are_those_that_keras_trains_and_are_counted_once(lab):
    assert lab.jobs == []
    lab.buttons["Train"].click()
    assert all(lab.buttons[name].disabled for name in ("Train", "One plateau job", "Tune alpha", "Clear"))
    assert lab.wait(120)
    press(lab, "One plateau job")
    assert [job.kind for job in lab.jobs] == ["constant", "plateau"]
    pair = twins(lab)
    run, logs = pair.run(), pair.history.logs(EPOCHS)
    for i, job in enumerate(lab.jobs):
        np.testing.assert_allclose(job.run.watched[:, 0], run.watched[:, i], rtol=1e-6)
        np.testing.assert_array_equal(job.run.lr[:, 0], run.lr[:, i])
        assert job.final_rate == run.final_lr[i]
        assert job.epochs == EPOCHS
        assert job.idle_epochs == run.idle_epochs[i]
        losses = logs[i]["val_loss"]
        assert job.best_epoch == 1 + int(np.argmin(losses))
        assert job.score == pytest.approx(logs[i]["val_accuracy"][job.best_epoch - 1])
    assert lab.measure.name == "accuracy"
    assert lab.jobs[1].final_rate < 2.0
    assert f"You have spent {2 * EPOCHS} epochs on 2 jobs" in text_of(lab._readout)


def test_tune_alpha_trains_a_grid_and_finds_its_best(lab):
    before = len(lab.jobs)
    press(lab, "Tune alpha")
    tuned = lab.jobs[before:]
    assert [job.alpha for job in tuned] == grid(READY["moons"].alphas, 3).tolist()
    assert len({job.run.watched[0, 0] for job in lab.jobs}) == 1, "all jobs begin with the same weights"
    strong = tuned[best(tuned, lab.measure)]
    np.testing.assert_array_equal(lab.view.loss.lines[0].get_ydata(), strong.run.watched[:, 0])
    assert drawn(lab) == len(lab.table.rows) == before + 3
    lab.table.looked = before
    np.testing.assert_array_equal(lab.view.loss.lines[0].get_ydata(), tuned[0].run.watched[:, 0])
    lab.table.looked = -1


def test_sliders_train_nothing_and_move_no_row(lab):
    jobs, rows = lab.jobs, lab.table.rows
    lab.controls["alpha"].value = 1.0
    lab.controls["patience"].value = 4
    assert not lab._worker.busy
    assert (lab.jobs, lab.table.rows) == (jobs, rows)


def test_a_job_that_is_stopped_counts_with_the_epochs_that_it_had(lab):
    lab.controls["epochs"].value = 100_000
    lab.buttons["Train"].click()
    while not (lab._live and lab._live.epochs > 2):
        lab.wait(0.2)
    lab.stop()
    assert lab.wait(60)
    assert 2 < lab.jobs[-1].epochs < 100_000
    assert "These jobs differ in more than alpha" in text_of(lab._readout)
    assert not lab.buttons["Train"].disabled
    lab.controls["epochs"].value = EPOCHS


def test_jobs_of_another_model_come_back_with_it_and_the_one_at_work_is_dropped(lab):
    before = lab.jobs
    lab.controls["epochs"].value = 100_000
    lab.buttons["Train"].click()
    lab.controls["model"].value = "diabetes"
    assert lab.jobs == []
    assert lab.wait(60)
    lab.controls["epochs"].value = 3
    press(lab, "Train")
    assert (len(lab.jobs), lab.jobs[0].epochs) == (1, 3)
    assert lab.measure.name == "lowest validation loss"
    assert lab.table.rows[0]["cells"][4] != "diverged"
    lab.controls["model"].value = "moons"
    assert lab.jobs == before
    assert lab.measure.name == "accuracy"
    press(lab, "Clear")
    assert lab.jobs == lab.table.rows == []


def test_what_jobs_are_judged_by_is_known_before_one_is_trained():
    for name in READY:
        lab = KerasJobsLab(name, epochs=1)
        before = lab.measure
        assert before.name in [head for head, _ in lab.table.heads]
        lab.train_job()
        lab.wait(60)
        assert lab.measure == before
        lab.close()


# Over seeds -----------------------------------------------------------------------------------------------------------


def test_the_comparison_is_that_of_jobs_trained_one_by_one(lab):
    lab.set(alpha=2.0, patience=1, epochs=3, batch_size=READY["moons"].batch_size, seed=7, tries=2)
    assert lab.comparison is None
    assert "Compare trains 15 jobs of 3 epochs" in text_of(lab._readout)
    press(lab, "Clear")
    press(lab, "Compare")
    whole = lab.comparison
    assert (whole.epochs, whole.tuned.shape, whole.once.shape) == (3, (5, 2), (5,))
    assert lab.jobs == [], "they are no rows"
    assert lab.buttons["Compare"].disabled, "all of it is known"
    assert "Over 5 seeds" in text_of(lab._readout)
    for line, quartile in zip(lab.view.spent.once, whole.quartiles[1], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), np.full(3, quartile))
    np.testing.assert_array_equal(lab.view.spent.tuned[1].get_ydata()[:-1], whole.quartiles[0][1])
    alphas = draws(READY["moons"].alphas, 2, 8)
    lab.controls["seed"].value = 8  # the second of the five
    assert lab.comparison is None
    assert len(lab.view.spent.once[1].get_xdata()) == 0
    press(lab, "One plateau job")
    lab.controls["callback"].value = "off"
    for alpha in alphas:
        lab.controls["alpha"].value = float(alpha)
        press(lab, "Train")
    once, *tuned = (job.score for job in lab.jobs)
    assert whole.once[1] == once
    np.testing.assert_array_equal(whole.tuned[1], np.maximum.accumulate(tuned))


def test_a_comparison_that_is_stopped_goes_on_with_the_seeds_that_are_missing(lab):
    lab.set(alpha=2.0, patience=1, epochs=4, seed=7, tries=2)
    lab.compare()
    while lab.comparison is None and lab._worker.busy:
        lab.wait(0.02)
    with pytest.raises(RuntimeError, match="One job at a time"):
        lab.train_job()
    lab.stop()
    lab.wait(60)
    some = lab.comparison
    assert 1 <= len(some.once) < 5
    press(lab, "Compare")
    assert len(lab.comparison.once) == 5
    np.testing.assert_array_equal(lab.comparison.once[: len(some.once)], some.once)
    lab.set(epochs=3)
    assert lab.comparison is not None, "that of other settings comes back with them"
    lab.set(alpha=1.0)
    assert lab.comparison is None


def test_what_the_model_raises_is_told_and_the_lab_goes_on():
    def broken(alpha):
        raise ValueError("no layers today")

    x = np.zeros((8, 2), np.float32)
    lab = KerasJobsLab(broken, ((x, x[:, :1]), (x, x[:, :1])), epochs=2)
    lab.buttons["Train"].click()
    with pytest.raises(RuntimeError, match="no layers today"):
        lab.wait(60)
    assert "no layers today" in text_of(lab._message)
    assert lab.jobs == []
    assert not lab.buttons["Train"].disabled
    lab.close()


def test_what_is_no_callback_is_refused(lab):
    with pytest.raises(ValueError, match="callback must be 'off' or 'on', got 'nonsense'"):
        lab.train_job("nonsense")
    assert not lab._worker.busy


def test_bad_arguments_are_told():
    for arguments, says in [({"tries": 0}, "tries must be"), ({"callback": "maybe"}, "callback must be"),
                            ({"alpha": -1}, "alpha must be")]:  # fmt: skip
        with pytest.raises(ValueError, match=says):
            KerasJobsLab(**arguments)


# A rule of one's own --------------------------------------------------------------------------------------------------


def test_a_job_by_a_schedule_is_the_third_run_of_a_keras_lab(lab):
    from lrlab.labs.keras import KerasLab

    lab.set(alpha=2.0, patience=1, epochs=EPOCHS, batch_size=READY["moons"].batch_size, seed=0)
    lab.controls["rule"].value = "cosine"
    assert lab.controls["callback"].value == "cosine"
    press(lab, "Train")
    job = lab.jobs[-1]
    assert job.kind == "own"
    assert lab.table.rows[-1]["cells"][0].endswith("cosine")
    third = KerasLab("moons", alpha=lab.controls["alpha"].value, patience=1, epochs=EPOCHS, rule="cosine")
    assert third.wait(120)
    np.testing.assert_allclose(job.run.watched[:, 0], third.run.watched[:, 2], rtol=1e-5)
    np.testing.assert_array_equal(job.run.lr[:, 0], third.run.lr[:, 2])
    third.close()
    lab.controls["rule"].value = ""
    assert lab.controls["callback"].value == "off"


def test_the_job_at_work_has_the_name_of_its_rule_whatever_the_menu_says():
    def warm(epoch, rate, losses):
        return rate

    lab = KerasJobsLab("moons", epochs=EPOCHS, rule=warm, callback="yours")
    lab._begin, lab._take = lambda work: lab._update(), lambda seen: None  # it never comes to an end
    lab.train_job()
    lab.rule = "cosine"
    assert "warm" in legend_of(lab)
    assert "cosine" not in legend_of(lab)
    lab.close()


def test_a_rule_that_fails_adds_no_row_and_the_lab_goes_on(lab):
    def rule(epoch, rate, losses):
        return rate / (3 - epoch)

    rows = len(lab.jobs)
    lab.rule = rule
    lab.buttons["Train"].click()
    with pytest.raises(RuntimeError, match="ZeroDivisionError after epoch 3"):
        lab.wait(120)
    said = text_of(lab._message)
    assert "No job was added" in said
    assert "return rate / (3 - epoch)" in said
    assert len(lab.jobs) == rows
    lab.rule = lambda epoch, rate, losses: rate * 0.9
    assert text_of(lab._message) == ""
    press(lab, "Train")
    assert len(lab.jobs) == rows + 1
    lab.rule = None
