"""The words under the picture, for runs whose outcome is known."""

import re
from dataclasses import replace

import numpy as np
import pytest

import lrlab
from lrlab.core.descent import train_pair
from lrlab.moments import moments_of
from lrlab.views.readout import comparison, readable, state, summary, table

RAVINE = lrlab.problems.ravine()


def run(alpha, factor=0.5, patience=5, problem=RAVINE, **options):
    return lrlab.train(problem, lrlab.Settings.pair(alpha, factor, patience), **{"epochs": 200} | options)


@pytest.mark.parametrize(
    ("alpha", "outcome"),
    [
        (0.002, "still descending"),
        (0.04, "reached the target at epoch 74"),
        (0.0801, "climbing"),
        (0.085, "diverged at epoch 32"),
    ],
)
def test_state_of_a_constant_run(alpha, outcome):
    assert state(run(alpha), 0, RAVINE.target) == outcome


def test_a_run_that_jumps_to_and_fro_for_ever_rattles():
    bowl, wells = lrlab.problems.bowl(), lrlab.problems.double_well()
    assert state(run(2.0, problem=bowl), 0, bowl.target) == "rattling"
    assert state(run(0.18, problem=wells, epochs=100), 0, wells.target) == "rattling"
    assert state(run(0.06, 0.1, 2, noise=1), 1, RAVINE.target) == "stalled", "cut until it lay still"
    assert state(run(0.05, problem=wells, epochs=100), 0, wells.target) == "stalled", "it lies in the wrong well"


def test_a_run_that_was_cut_until_it_climbed_no_more_froze_up_there():
    pair = run(0.2, 0.1, 5)
    assert state(pair, 0, RAVINE.target) == "diverged at epoch 3"
    assert state(pair, 1, RAVINE.target) == "climbed, and froze up there"
    assert "was cut so far that it froze, high up" in comparison(pair, RAVINE.target)
    late = run(0.16, 0.9, 20)
    assert state(late, 1, RAVINE.target) == "climbed, is on its way back"
    assert "still on its way back" in comparison(late, RAVINE.target)
    assert "came too late or were too small" in comparison(run(0.2, 0.99, 50), RAVINE.target)


def test_a_third_run_that_arrives_is_not_compared_with_one_that_never_does():
    three = lrlab.train(RAVINE, lrlab.Settings([0.06, 0.06, 0.03], [1, 0.1, 1], [5, 2, 5]), epochs=200, noise=1.0)
    assert np.isnan(three.epochs_to(RAVINE.target)[1])
    assert np.isfinite(three.epochs_to(RAVINE.target)[[0, 2]]).all()
    said = comparison(three, RAVINE.target)
    assert said.startswith("Of the two, only the constant run reached the target")
    assert "about the same as the plateau run" not in said


def losses(*, start, after, improved_last):
    """A run that has just these losses, told as those of a Keras model are: without a target."""
    made = run(0.01, epochs=len(after))
    watched = np.array([[start], *[[loss] for loss in after]]).repeat(2, axis=1)
    improved = np.zeros((len(after), 2), bool)
    improved[improved_last - 1] = True
    return replace(made, loss=watched, watched=watched, improved=improved)


@pytest.mark.parametrize(
    ("after", "improved_last", "outcome"),
    [
        ([0.9, 0.6, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7], 3, "past its best"),  # learns its rows by heart
        ([0.9, 0.6, 0.5, 0.51, 0.5, 0.51, 0.5, 0.51], 3, "no longer improving"),
        ([5, 4, 5, 4, 4, 3, 4, 3], 1, "above its start"),  # thrown about, far up
        ([1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5], 1, "climbing"),
    ],
)
def test_state_of_a_run_without_a_target(after, improved_last, outcome):
    assert state(losses(start=1.0, after=after, improved_last=improved_last), 0, None) == outcome


def test_a_run_that_touches_the_target_and_leaves_says_so():
    noisy = run(0.075, noise=1)
    reached = noisy.epochs_to(RAVINE.target)[0]
    assert noisy.final_loss[0] > RAVINE.target
    assert state(noisy, 0, RAVINE.target) == f"reached the target at epoch {reached:.0f}, ended above it"


def test_the_epoch_that_is_named_is_the_first_at_the_target():
    epoch = int(run(0.04).epochs_to(RAVINE.target)[0])
    assert run(0.04).watched[epoch, 0] <= RAVINE.target < run(0.04).watched[epoch - 1, 0]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (run(0.05, factor=1), "The rate was never cut, so both runs are the same."),
        (run(0.085), "The constant run diverged; cutting the rate saved the plateau run."),
        (run(0.0801), "Only the plateau run reached the target: cutting the rate let it settle."),
        (run(5.0, factor=0.99), "Both runs diverged; the cuts came too late or were too small."),
    ],
)
def test_comparison(made, sentence):
    assert comparison(made, RAVINE.target) == sentence


def test_comparison_tells_when_the_callback_harms():
    impatient = run(0.02, factor=0.1, patience=1, noise=1)
    assert comparison(impatient, RAVINE.target).startswith("Only the constant run reached the target")
    brake = comparison(run(0.05), RAVINE.target)
    assert brake.startswith("Both runs reached the target at epoch 59, and the constant run ended at a loss")


@pytest.mark.parametrize("problem", ["bowl", "ravine", "tilted_washboard", "double_well"])
@pytest.mark.parametrize("seed", range(12))
def test_the_sentence_compares_what_the_table_shows(problem, seed):
    problem = lrlab.problems.find(problem)
    made = run(0.06, problem=problem, noise=1.5, seed=seed, patience=3)
    words = comparison(made, None, problem.lowest)
    constant, plateau = made.final_loss - problem.lowest
    if "about the same" in words:
        assert constant == pytest.approx(plateau, rel=0.03)
        return
    better, times = re.match(r"The (\w+) run ended .*?(\d\S*|lower)", words).groups()
    assert better == ("plateau" if plateau < constant else "constant")
    late = made.watched[-20:].mean(axis=0)
    otherwise = better != ("plateau" if late[1] < late[0] else "constant")
    if "but not on average over the last 20 epochs" in words:  # and only where the end says otherwise
        assert otherwise
        return
    assert not otherwise or late[0] == pytest.approx(late[1], rel=0.03)
    ratio = max(constant, plateau) / min(constant, plateau)
    assert ratio < 1.2 if times == "lower" else float(times) == pytest.approx(ratio, rel=0.06)
    assert ("nearer to the lowest loss" in words) == (problem.lowest != 0 and times != "lower")


def test_two_that_have_arrived_are_not_compared():
    moment = moments_of("DescentLab")["just right"]
    made = train_pair(lrlab.problems.find(moment.problem), **moment.settings)
    assert made.final_loss[0] < 1e-100 < 1e-25 < made.final_loss[1]
    words = comparison(made, None)
    assert words == "Both ended at the bottom: less than a billionth of the way is left."


def test_no_target_is_no_obstacle():
    assert "target" not in state(run(0.04), 0, None)
    assert comparison(run(0.07), None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "0.5"), (0, "0"), (1234.5, "1,234"), (1.5e7, "1.5 × 10⁷"), (2.3e-5, "2.3 × 10⁻⁵"),
        (1.24e-5, "1.24 × 10⁻⁵"), (1.25e-4, "1.25 × 10⁻⁴"), (1e-4, "1 × 10⁻⁴"),
        (float("inf"), "infinite"), (float("nan"), "not a number"), (-0.25, "-0.25"),
    ],
)  # fmt: skip
def test_numbers_in_words(value, words):
    assert readable(value) == words


def test_table_has_a_row_for_each_run_and_escapes_nothing_by_chance():
    html = table(run(0.1), RAVINE.target)
    assert html.count("<tr>") == 3
    assert "nan" not in html.lower()
    assert "constant: diverged" in summary(run(0.1), RAVINE.target)


def test_idle_epochs_are_those_without_progress():
    made = run(0.05)
    assert f"<td data-head='idle epochs'>{made.idle_epochs[1]} of 200</td>" in table(made, RAVINE.target)
    best, idle = np.inf, 0
    for loss in made.monitored[:, 1]:
        improved = np.float32(loss + 1e-4) < np.float32(best)
        best, idle = (loss, idle) if improved else (best, idle + 1)
    assert idle == made.idle_epochs[1]


def test_a_last_epoch_that_the_epochs_before_deny_is_not_all_that_is_told():
    moment = moments_of("DescentLab")["momentum overshoots"]
    words = comparison(train_pair(lrlab.problems.find(moment.problem), **moment.settings), None)
    assert words == "The constant run ended lower, but not on average over the last 10 epochs."


def test_saved_is_who_ended_below_its_start():
    """A constant run that is lost, and a cut one that came too late."""
    booth = lrlab.problems.booth()
    late = lrlab.train(booth, lrlab.Settings.pair(0.133, 0.1, 6), epochs=100)
    assert np.isfinite(late.diverged[0])
    assert late.final_loss[1] > late.watched[0, 1]
    assert "saved" not in comparison(late, booth.target, booth.lowest)


def test_who_left_the_target_again_did_not_settle_there():
    ackley = lrlab.problems.ackley()
    made = lrlab.train(ackley, lrlab.Settings.pair(0.187, 0.5, 9), epochs=100)
    words = comparison(made, ackley.target, ackley.lowest)
    assert state(made, 1, ackley.target).endswith("ended above it")
    assert "settle" not in words


def test_of_a_few_epochs_the_last_one_is_all_there_is_to_say():
    wells = lrlab.problems.two_wells()
    for seed in range(30):
        pair = lrlab.train(wells, lrlab.Settings.pair(0.059, 0.7, 2), epochs=10, noise=1.0, seed=seed)
        assert "last 1 epochs" not in comparison(pair, wells.target, wells.lowest)


def test_losses_are_compared_above_the_lowest_on_average_and_among_three_too():
    wells = lrlab.problems.double_well()
    noisy = lrlab.train(wells, lrlab.Settings.pair(0.006, 0.5, 5), epochs=40, noise=3.0, seed=2, start=(-1.2,))
    assert "not on average over the last 4 epochs" in comparison(noisy, wells.target, wells.lowest)


@pytest.mark.parametrize("above", [0.0, 200.0])
def test_a_curve_is_as_flat_below_zero_as_above(above):
    losses = (np.array([-100.0] * 20 + [-100.001]) + above)[:, None]
    improved = np.diff(losses, axis=0) < 0
    flat = replace(run(0.04, epochs=20)[:1], loss=losses, watched=losses, improved=improved)
    assert state(flat, 0, None) == "hardly improving"
