"""JobsLab through its buttons and controls: what is trained, kept, drawn and said."""

import re
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.labs.comparing import SEEDS
from lrlab.studies.contests import CONTESTS, holds
from lrlab.studies.jobs import best, compare, grid, measure_of, seeds_from
from lrlab.widgets.job_buttons import MEANINGS

RULE = ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")


def text_of(widget):
    return " ".join(re.sub(r"<[^>]+>", " ", widget.value).split())


@pytest.fixture
def lab():
    lab = lrlab.JobsLab("ravine", alpha=0.05, epochs=40, patience=2)
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def one_lab():
    lab = lrlab.JobsLab("ravine", tries=2)
    yield lab
    lab.close()


def press(lab, name):
    lab.buttons[name].click()
    assert text_of(lab._message) == ""


def expected(lab, factor=None):
    """The run of a job with the controls' values, by `train` alone."""
    values = {name: control.value for name, control in lab.controls.items()}
    rule = {name: values[name] for name in RULE} | ({} if factor is None else {"factor": factor})
    rest = {name: values[name] for name in ("epochs", "seed", "start", "momentum")}
    chance = "noise" if lab.problem.samples is None else "batch_size"
    return lrlab.train(lab.problem, lrlab.Settings(**rule), **rest, **{chance: values[chance]})


def cells_of(lab, head):
    column = [word for word, _ in lab.table.heads].index(head)
    return [row["cells"][column] for row in lab.table.rows]


def drawn(lab):
    """How many jobs stand in the picture as faint lines."""
    return sum(np.isnan(loss.get_xdata()).sum() for loss, _ in lab.view.faint.values())


def assert_strong(lab, job):
    """The live lines are those of ``job``, and of no other."""
    i = ("constant", "plateau", "own").index(job.kind)
    np.testing.assert_array_equal(lab.view.loss.lines[i].get_ydata(), job.run.watched[:, 0] - lab.view.loss.offset)
    assert sum(len(line.get_xdata()) > 0 for line in lab.view.loss.lines) == 1
    assert lab.run is job.run


# Training jobs --------------------------------------------------------------------------------------------------------


def test_train_adds_a_row_for_one_whole_job(lab):
    press(lab, "Train")
    (job,) = lab.jobs
    assert (job.kind, job.alpha, job.epochs, job.final_rate) == ("constant", 0.05, 40, np.float32(0.05))
    np.testing.assert_array_equal(job.run.watched, expected(lab, factor=1).watched)
    assert lab.table.rows[0]["cells"][0] == "1 constant"
    assert_strong(lab, job)


def test_the_switch_brings_the_callback(lab):
    lab.controls["alpha"].value = 0.085
    lab.controls["callback"].value = "on"
    press(lab, "Train")
    lab.controls["callback"].value = "off"
    press(lab, "One plateau job")
    press(lab, "Train")
    one, other, constant = lab.jobs
    assert [job.kind for job in lab.jobs] == ["plateau", "plateau", "constant"]
    for job in (one, other):
        np.testing.assert_array_equal(job.run.lr, expected(lab).lr)
    assert one.final_rate < 0.085
    assert constant.run.watched[0, 0] == one.run.watched[0, 0]  # from the same starting weights


@given(
    alpha=st.floats(0.001, 0.2), factor=st.floats(0.05, 1), patience=st.integers(0, 20), noise=st.floats(0, 1),
    momentum=st.floats(0, 0.95), min_delta=st.floats(0, 0.1), cooldown=st.integers(0, 5), min_lr=st.floats(0, 0.01),
    epochs=st.integers(1, 60), seed=st.integers(0, 50), start=st.tuples(st.floats(-5, 5), st.floats(-2, 2)),
)  # fmt: skip
@settings(max_examples=10, deadline=None)
def test_a_job_is_what_the_controls_say(one_lab, **values):
    one_lab.set(**values)
    press(one_lab, "One plateau job")
    run = expected(one_lab)
    for part in ("watched", "lr", "final_lr", "improved"):
        np.testing.assert_array_equal(getattr(one_lab.jobs[-1].run, part), getattr(run, part))


def test_tune_alpha_trains_a_grid_and_finds_its_best(lab):
    press(lab, "Train")
    lab.controls["tries"].value = 6
    press(lab, "Tune alpha")
    assert len(lab.jobs) == 7
    assert [job.alpha for job in lab.jobs[1:]] == grid(lab.problem.alpha_range, 6).tolist()
    chosen = 1 + int(np.argmin([job.best_loss for job in lab.jobs[1:]]))
    assert_strong(lab, lab.jobs[chosen])
    lowest = int(np.argmin([job.best_loss for job in lab.jobs]))
    assert [row["best"] for row in lab.table.rows] == [i == lowest for i in range(7)]
    assert f"You have spent 280 epochs on 7 jobs; {''}" in text_of(lab._readout)
    assert f"The best is job {lowest + 1}, alpha {lab.jobs[lowest].alpha:.3g}" in text_of(lab._readout)


def test_tune_alpha_returns_the_best_by_score_on_data():
    lab = lrlab.JobsLab("logistic_regression", epochs=10, tries=4)
    job = lab.tune_alpha()
    assert job is lab.jobs[best(lab.jobs, lab.measure)]
    assert job.score == max(one.score for one in lab.jobs)
    assert cells_of(lab, "accuracy") == [f"{100 * one.score:.1f} %" for one in lab.jobs]
    lab.close()


@pytest.mark.parametrize("name", ["parabola", "rastrigin", "linear_regression_10", "softmax_digits", "mlp_moons"])
def test_every_problem_trains_jobs(name):
    lab = lrlab.JobsLab(name, epochs=3, tries=2)
    for button in ("Train", "One plateau job", "Tune alpha"):
        press(lab, button)
    assert len(lab.jobs) == 4
    assert "nan" not in (text_of(lab._readout) + str(lab.table.rows)).lower()
    assert lab.measure == measure_of(lab.problem)
    lab.close()


# Rows that stay -------------------------------------------------------------------------------------------------------


def test_sliders_move_no_row_and_no_faint_line(lab):
    press(lab, "Train")
    press(lab, "One plateau job")
    rows, jobs, view = lab.table.rows, lab.jobs, lab.view
    for name, value in (("alpha", 0.01), ("factor", 0.2), ("patience", 7), ("min_delta", 0.1), ("alpha", 0.19)):
        lab.controls[name].value = value
    assert lab.table.rows == rows
    assert lab.jobs == jobs
    assert lab.view is view, "the still part of the picture was drawn anew"
    assert_strong(lab, jobs[-1])


def test_jobs_of_another_problem_come_back_with_it(lab):
    press(lab, "Train")
    press(lab, "Tune alpha")
    before = lab.jobs
    lab.controls["problem"].value = "bowl"
    assert lab.jobs == lab.table.rows == []
    kept = "Your jobs elsewhere are kept, and come back with their problem or model: ravine (11)."
    assert kept in text_of(lab._readout)
    press(lab, "Train")
    lab.controls["problem"].value = "ravine"
    assert lab.jobs == before
    assert drawn(lab) == len(lab.table.rows) == 11
    assert "bowl (1)" in text_of(lab._readout)


def test_clear_empties_the_table_and_is_off_without_rows(lab):
    assert lab.buttons["Clear"].disabled
    press(lab, "Tune alpha")
    assert not lab.buttons["Clear"].disabled
    press(lab, "Clear")
    assert lab.jobs == lab.table.rows == []
    assert drawn(lab) == 0
    assert lab.run.epochs == 0
    assert not any(len(line.get_xdata()) for line in lab.view.loss.lines)
    press(lab, "Train")
    assert cells_of(lab, "job") == ["1 constant"]


def test_jobs_that_differ_in_more_than_the_rule_are_told(lab):
    press(lab, "Train")
    lab.controls["patience"].value = 9
    press(lab, "Train")
    assert "differ in more than" not in text_of(lab._readout)
    lab.controls["noise"].value = 0.5
    press(lab, "Train")
    assert "These jobs differ in more than alpha, factor and patience" in text_of(lab._readout)


def test_the_row_that_is_looked_at_is_drawn_strongly(lab):
    press(lab, "Tune alpha")
    readout, view = lab._readout.value, lab.view
    for row in (0, 7, 3):
        lab.table.looked = row
        assert_strong(lab, lab.jobs[row])
    lab.table.looked = -1
    assert_strong(lab, lab.jobs[best(lab.jobs, lab.measure)])
    assert lab._readout.value == readout
    assert lab.view is view
    lab.table.looked = 2
    press(lab, "Train")
    assert lab.table.looked == -1
    assert_strong(lab, lab.jobs[-1])


def test_a_row_of_another_problem_is_not_looked_at(lab):
    for name in ("ravine", "rosenbrock"):
        lab.controls["problem"].value = name
        press(lab, "Tune alpha")
    lab.table.looked = 3
    lab.controls["problem"].value = "ravine"
    assert lab.table.looked == -1
    assert_strong(lab, lab.jobs[best(lab.jobs, lab.measure)])


# What epochs buy ------------------------------------------------------------------------------------------------------


def expected_comparison(lab):
    values = {name: control.value for name, control in lab.controls.items()}
    options = {name: values[name] for name in ("epochs", "start", "momentum")}
    chance = "noise" if lab.problem.samples is None else "batch_size"
    return compare(
        lab.problem, lrlab.Settings(*(values[name] for name in RULE)), jobs=values["tries"],
        seeds=seeds_from(values["seed"], SEEDS), **options, **{chance: values[chance]},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 0.07), ("factor", 0.1), ("patience", 9), ("min_delta", 0.5), ("cooldown", 3), ("min_lr", 0.01),
     ("epochs", 25), ("noise", 0.5), ("momentum", 0.5), ("seed", 7), ("tries", 4), ("start", (1.0, 1.0))],
)  # fmt: skip
def test_on_a_surface_the_comparison_follows_every_control(lab, name, value):
    lab.controls["noise"].value = 0.3
    lab.controls[name].value = value
    found = expected_comparison(lab)
    np.testing.assert_array_equal(lab.comparison.tuned, found.tuned)
    np.testing.assert_array_equal(lab.comparison.once, found.once)
    tuned, _ = found.quartiles
    for i in range(3):
        drawn = lab.view.spent.tuned[i].get_ydata()
        np.testing.assert_array_equal(drawn[:-1], np.maximum(tuned[i], lab.measure.arrived))
    assert lab.buttons["Compare"].layout.display == "none"


def test_a_slider_does_not_tune_again(lab, monkeypatch):
    monkeypatch.setattr("lrlab.labs.comparing.tune_at_random", lambda *_, **__: pytest.fail("tuned again"))
    lab.controls["alpha"].value = 0.02
    assert lab.comparison is not None


def test_on_data_the_comparison_is_made_when_asked_for_and_goes_with_its_settings():
    lab = lrlab.JobsLab("logistic_regression", epochs=4, tries=3)
    assert lab.comparison is None
    assert "Who is ahead? Compare trains 80 jobs here" in text_of(lab._readout)
    assert lab.buttons["Compare"].layout.display is None
    press(lab, "Compare")
    assert lab.wait(60)
    found = expected_comparison(lab)
    np.testing.assert_allclose(lab.comparison.tuned, found.tuned)
    np.testing.assert_allclose(lab.comparison.once, found.once)
    assert "Over 20 seeds" in text_of(lab._readout)
    assert lab.buttons["Compare"].disabled
    press(lab, "Train")
    assert lab.comparison is not None
    lab.controls["alpha"].value *= 2
    assert lab.comparison is None
    assert "Who is ahead?" in text_of(lab._readout)
    assert not lab.buttons["Compare"].disabled
    lab.close()


def test_what_goes_wrong_in_the_thread_is_told(monkeypatch):
    lab = lrlab.JobsLab("logistic_regression", epochs=2, tries=2)

    def fail(*_arguments, **_options):
        raise ValueError("no such rows")

    monkeypatch.setattr("lrlab.labs.comparing.plateau_once", fail)
    lab.buttons["Compare"].click()
    lab.wait(60)
    assert "ValueError: no such rows" in text_of(lab._message)
    monkeypatch.undo()
    lab.controls["alpha"].value *= 1.1
    assert text_of(lab._message) == ""
    press(lab, "Compare")
    assert lab.wait(60)
    assert len(lab.comparison.once) == SEEDS
    lab.close()


def test_closing_ends_the_thread():
    lab = lrlab.JobsLab("mlp_moons", epochs=50)
    lab.buttons["Compare"].click()
    thread = lab._comparing._worker._thread
    lab.close()
    thread.join(30)
    assert not thread.is_alive()
    assert lab.jobs == []


def test_a_long_surface_is_compared_when_asked_for():
    lab = lrlab.JobsLab("ravine", epochs=3000, tries=5)
    assert lab.comparison is None
    assert lab.buttons["Compare"].layout.display is None
    lab.controls["epochs"].value = 100
    assert lab.comparison is not None
    lab.close()


# Examples, a rule of one's own, and the rest --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "contest", [one for one in CONTESTS if not one.problem.startswith("mlp")], ids=lambda c: c.name
)
def test_an_example_brings_its_settings_and_its_claim(lab, contest):
    lab.controls["noise"].value = 0.7
    lab.controls["tries"].value = 3
    lab.examples.value = contest.name
    assert text_of(lab._message) == ""
    assert lab.controls["problem"].value == contest.problem
    assert holds(contest, lab.comparison)
    assert contest.why in text_of(lab._readout)
    lab.controls["alpha"].value *= 1.3
    assert lab.examples.value == ""
    assert contest.why not in text_of(lab._readout)


def test_a_schedule_is_a_third_choice_of_the_callback(lab):
    assert lab.controls["callback"].options == ("off", "on")
    lab.controls["rule"].value = "cosine"
    assert lab.controls["callback"].value == "cosine"
    press(lab, "Train")
    (job,) = lab.jobs
    run = lrlab.train(lab.problem, lrlab.Settings(0.05, 1, 2), epochs=40, rule=lab.rule)
    np.testing.assert_array_equal(job.run.lr, run.lr)
    assert job.kind == "own"
    assert cells_of(lab, "job") == ["1 cosine"]
    assert_strong(lab, job)
    lab.controls["rule"].value = ""
    assert lab.controls["callback"].value == "off"
    assert lab.controls["callback"].options == ("off", "on")
    assert lab.jobs == [job]


def legend_of(lab):
    return [text.get_text() for text in lab.figure.figure.legends[0].get_texts()]


def test_jobs_keep_the_name_of_the_rule_that_trained_them(lab):
    def warm(epoch, rate, losses):
        return rate

    lab.rule = "cosine"
    assert "cosine" in legend_of(lab)
    press(lab, "Train")
    lab.rule = "1-cycle"
    assert "cosine" in legend_of(lab)
    assert "1-cycle" not in legend_of(lab)
    lab.rule = warm
    press(lab, "Train")
    assert cells_of(lab, "job") == ["1 cosine", "2 warm"]
    assert "rules of your own" in legend_of(lab)
    press(lab, "Clear")
    assert "warm" in legend_of(lab)
    lab.rule = None
    assert legend_of(lab) == ["constant", "plateau (rate cut)", "your best so far"]


def test_an_error_in_a_rule_of_ones_own_is_told_with_its_line(lab):
    def mine(epoch, rate, losses):
        return rate / (2 - epoch)

    press(lab, "Train")
    lab.rule = mine
    lab.buttons["Train"].click()
    message = text_of(lab._message)
    assert "return rate / (2 - epoch)" in message
    assert "No job was added." in message
    assert len(lab.jobs) == 1
    lab.rule = None
    assert text_of(lab._message) == "", "the message goes with the rule"
    with pytest.raises(ValueError, match="callback must be 'off' or 'on', got 'nonsense'"):
        lab.train_job("nonsense")
    press(lab, "Train")
    assert len(lab.jobs) == 2


def test_reset_brings_back_the_first_values_and_keeps_the_jobs(lab):
    press(lab, "Train")
    lab.set(alpha=0.01, tries=3, callback="on", rule="cosine")
    lab._reset()
    assert [lab.controls[name].value for name in ("alpha", "tries", "callback", "rule")] == [0.05, 10, "off", ""]
    assert len(lab.jobs) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"tries": 0}, "tries must be a whole number from 1 to 100"),
        ({"alpha": -1}, "alpha must be greater than 0"),
        ({"problem": "ravin"}, "Did you mean 'ravine'"),
        ({"callback": "maybe"}, "callback must be 'off' or 'on', got 'maybe'"),
        ({"noise": -1}, "noise must be 0 or more"),
        ({"start": (1, 2, 3)}, "start must be 2 numbers"),
        ({"epochs": 0}, "epochs must be a whole number"),
        ({"rule": "cosin"}, "must be one of"),
    ],
)
def test_bad_arguments_are_told(arguments, says):
    with pytest.raises(ValueError, match=says):
        lrlab.JobsLab(**arguments)


def test_bad_input_is_told_in_the_lab_which_goes_on(lab):
    lab.controls["tries"].box.value = "many"
    assert "tries must be a number" in text_of(lab._message)
    assert lab.controls["tries"].box.value == "many"
    lab.buttons["Train"].click()
    assert len(lab.jobs) == 1
    lab.controls["tries"].box.value = "3"
    assert text_of(lab._message) == ""


def test_a_job_too_large_to_keep_is_told_and_adds_no_row():
    lab = lrlab.JobsLab("mlp_digits", epochs=1)
    lab.controls["epochs"].value = 100_000
    lab.controls["tries"].value = 100
    lab.buttons["Tune alpha"].click()
    assert "must be at most" in text_of(lab._message)
    assert lab.jobs == []
    lab.close()


def test_a_problem_of_ones_own_without_a_known_minimum():
    mine = lrlab.Problem(
        name="mine", formula="$x^4$", loss=lambda w: w[..., 0] ** 4 - w[..., 0], start=(2.0,), view=((-3, 3),),
        convex=True, alpha_range=(0.001, 0.1), epochs=30,
    )  # fmt: skip
    lab = lrlab.JobsLab(mine)
    press(lab, "Tune alpha")
    assert len(lab.jobs) == 10
    assert lab.comparison is not None
    lab.close()


def test_every_widget_is_closed_with_the_lab(lab):
    press(lab, "Tune alpha")
    press(lab, "Train")
    figure, table, buttons = lab.figure, lab.table, lab.buttons
    lab.close()
    assert figure.figure is None
    assert table.comm is None
    assert all(buttons[name].comm is None for name in MEANINGS)
    assert all(control.comm is None for control in lab.controls.values())
    assert len(lab.jobs) == 11
    lab.close()


def test_pressing_from_other_threads_adds_each_job_once(lab):
    threads = [threading.Thread(target=lab.buttons["Train"].click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lab.jobs) == len(lab.table.rows) == drawn(lab) == 6


def test_the_row_whose_curves_are_strong_is_marked():
    lab = lrlab.JobsLab("ravine", alpha=0.07, epochs=40)
    assert lab.table.shown == -1
    lab.train_job()
    assert lab.table.shown == 0
    best = lab.tune_alpha()
    assert lab.jobs[lab.table.shown] is best
    lab.table.looked = 3
    assert lab.table.shown == 3
    lab.table.looked = -1
    assert lab.jobs[lab.table.shown] is best
    lab.clear()
    assert lab.table.shown == -1
    lab.close()


def test_it_begins_with_an_alpha_of_which_the_rule_makes_something():
    lab = lrlab.JobsLab()
    assert lab.comparison.cut.all()
    assert "never cut" not in text_of(lab._readout)
    lab.controls["alpha"].value = 0.013
    assert "rate was never cut" in text_of(lab._readout)
    assert lab.buttons["Compare"].tooltip
    lab.close()


def test_a_scene_has_the_settings_of_a_lab_with_jobs(tmp_path):
    """Two mixins once meant different things by one private name, and no scene could be had once there was a job."""
    lab = lrlab.JobsLab("bowl", alpha=0.3, epochs=20)
    before = lab.scene
    lab.train_job()
    assert lab.scene == before
    lab.save(tmp_path / "jobs.json")
    opened = lrlab.from_scene((tmp_path / "jobs.json").read_text())
    assert opened.controls["alpha"].value == 0.3
    opened.close()
    lab.close()


def test_the_callback_follows_the_rule_whatever_is_named_first():
    lab = lrlab.JobsLab("ravine", epochs=20)
    lab.set(callback="cosine", rule="cosine")
    assert lab.controls["callback"].value == "cosine"
    with pytest.raises(ValueError, match="callback must be one of 'off', 'on', '1-cycle', got 'cosine'"):
        lab.set(callback="cosine", rule="1-cycle")
    with pytest.raises(ValueError, match="callback must be one of 'off', 'on', got 'maybe'"):
        lab.set(rule="", callback="maybe")
    lab.close()
