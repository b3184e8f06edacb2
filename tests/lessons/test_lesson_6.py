"""What lesson 6 says of Keras models, trained here by the twins that its labs train."""

import re
import warnings
from contextlib import closing
from pathlib import Path

import nbformat
import numpy as np
import pytest

pytest.importorskip("tensorflow")

import lrlab
from lrlab.keras_live.data import check_data
from lrlab.keras_live.ready import READY
from lrlab.keras_live.twins import Twins, callback_of
from tests.lessons.test_lessons import Prose

LESSON = Path(__file__).parents[2] / "lessons" / "06_keras.ipynb"
SAYS = Prose("06")


@pytest.fixture(scope="module")
def lesson():
    """The names that the lesson's plain Keras cells define."""
    names = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in nbformat.read(LESSON, as_version=4).cells:
            if cell.cell_type == "code" and not re.search(r"\blrlab\.(?!keras_live|plateau)", cell.source):
                exec(cell.source, names)
    return names


@pytest.fixture(scope="module")
def live(lesson):
    """Train the lesson's own model: ``live(alpha, patience)`` -> Run and the accuracies at the end."""
    data = check_data(((lesson["x"], lesson["y"]), (lesson["x_val"], lesson["y_val"])))
    return trainer(lambda alpha: lesson["get_model"](lesson["W"], lesson["B"], alpha), data)


def trainer(get_model, data):
    twins = Twins(get_model, data, 0.1)

    def train(alpha, factor=0.5, patience=5, epochs=100):
        twins.start_over(lrlab.Settings.pair(alpha, factor, patience))
        for _ in range(epochs):
            list(twins.epoch())
        return twins.run(), [log["val_accuracy"][-1] for log in twins.history.logs(epochs)]

    return train


def ready(name):
    return trainer(READY[name].get_model, check_data(READY[name].get_data()))


def late(run, i, epochs=10):
    return run.watched[-epochs:, i].mean()


def test_three_jobs(lesson):
    history_1, history_2, history_3 = (lesson[f"history_{number}"] for number in (1, 2, 3))
    assert history_2["val_loss"][-1] < 0.8 * history_1["val_loss"][-1]
    SAYS("The smaller rate does better here.")
    rates = history_3["learning_rate"]
    assert rates[0] == 2.0
    assert len(set(rates)) > 4
    assert 1 / 300 < float(lesson["model_3"].optimizer.learning_rate) / 2.0 < 1 / 30
    SAYS("when `fit` is done the optimizer has about a hundredth of that")
    SAYS("`fit` was called once, with 2.0, and trained with every rate in that list.")
    assert float(lesson["model_3"].optimizer.learning_rate) <= rates[-1]
    SAYS("What the optimizer has now may be lower than all of them")
    SAYS("what the optimizer holds at the end may be one cut lower than the last")
    assert history_2["val_loss"][-1] < history_3["val_loss"][-1], "how far job 1 rattles depends on the processor"
    SAYS("job 2, whose rate was tuned, is still the lowest of the three")


def test_the_replay_knows_the_first_cut_and_no_other(lesson):
    cuts, replayed, losses = lesson["cuts"], lesson["would_be"], lesson["history_1"]["val_loss"]
    assert len(cuts) == round(np.log2(2.0 / float(lesson["model_3"].optimizer.learning_rate))), "the last one, too"
    with closing(lrlab.replay(losses, alpha=2.0, factor=0.5, patience=5)) as lab:
        assert replayed.tolist() == (np.flatnonzero(lab.run.cuts[:, 0]) + 1).tolist()
    assert cuts[0] == replayed[0]
    assert cuts.tolist() != replayed.tolist()
    np.testing.assert_allclose(lesson["history_3"]["val_loss"][: cuts[0]], losses[: cuts[0]], rtol=1e-5)
    SAYS("The first, yes: until then both jobs were the same.")


def test_a_cut_gives_no_new_time_before_training_stops(lesson):
    losses = lesson["history_4"]["val_loss"]
    best = int(np.argmin(losses)) + 1
    assert len(losses) == best + 12 < 40
    assert any(best < cut < len(losses) for cut in lesson["cuts_4"])
    SAYS("Twelve epochs after the best one, cuts or no cuts.")


def test_the_source_of_the_callback_is_short():
    import inspect

    import keras

    lines = inspect.getsource(inspect.getmodule(keras.callbacks.ReduceLROnPlateau)).splitlines()
    assert abs(len(lines) - 150) < 10
    SAYS("about 150 lines")


def test_at_2_the_cuts_calm_it(live):
    run, _ = live(2.0)
    # How high exactly depends on the processor: a run that rattles makes much of the last digit.
    assert late(run, 0) > 3 * run.watched[:, 0].min()
    assert late(run, 1) < late(run, 0)
    assert run.watched[-20:, 1].std() < 0.1 * run.watched[-20:, 0].std()
    SAYS("At 2 the constant run rattles to the end, far above the lowest loss that it has come to.")


def test_at_002_they_freeze_it_and_patience_20_leaves_it_alone(live):
    run, accuracies = live(0.02)
    assert late(run, 0) < 0.8 * late(run, 1)
    assert accuracies[0] > accuracies[1]
    assert np.flatnonzero(run.cuts[:, 1])[0] < 20
    run, _ = live(0.02, patience=20)
    assert not run.cuts.any()
    SAYS("Set patience to 20: the rest is over before that, nothing is cut, and both runs are the same.")


def test_at_05_the_constant_run_learns_by_heart(live):
    run, _ = live(0.5)
    best = run.watched[:, 0].min()
    assert late(run, 0) > 1.5 * best
    assert run.loss[-10:, 0].mean() < run.loss[20:30, 0].mean(), "on the training rows it goes on getting better"
    assert late(run, 1) < 0.8 * late(run, 0)
    SAYS("Now put patience back to 5, and alpha to 0.5.")
    SAYS("The constant run finds a low loss, then leaves it again and climbs")


def test_digits_at_2_are_lost():
    run, accuracies = ready("digits")(2.0, epochs=60)
    assert abs(late(run, 0) - np.log(10)) < 0.2
    assert abs(late(run, 1) - np.log(10)) < 0.1
    assert max(accuracies) < 0.15
    assert run.cuts[:, 1].sum() > 3
    SAYS("and one picture in ten is right")


def test_the_hidden_units_of_lost_digits_never_answer():
    (rows, targets), _ = READY["digits"].get_data()
    model = READY["digits"].get_model(2.0)
    model.fit(rows, targets, epochs=5, verbose=0)
    assert model.layers[0].activation.__name__ == "relu"
    answers = np.asarray(model.layers[0](np.asarray(rows, "float32")))
    assert (answers.max(axis=0) == 0).mean() > 0.8
    SAYS("the hidden units never answer again: such a unit (*relu*) puts out 0 for all that is below 0")


def test_adam_rattles_at_003_and_not_at_0001():
    train = ready("circles")
    run, _ = train(0.03)
    jumps = run.watched[40:, 0].max() / np.median(run.watched[40:, 0])
    assert jumps > 10 or run.watched[40:, 0].max() / run.watched[40:, 0].min() > 100
    assert run.watched[40:, 1].max() < 2 * np.median(run.watched[40:, 1])
    run, _ = train(0.001)
    assert not run.cuts.any()
    SAYS("At 0.001 the loss falls for all of the 100 epochs and nothing is cut.")


def test_the_callback_of_the_lesson_is_that_of_the_labs(lesson):
    mine, theirs = lesson["callback"], callback_of(lrlab.Settings.pair(2.0, 0.5, 5))
    for name in ("monitor", "factor", "patience", "cooldown", "min_lr"):
        assert getattr(mine, name) == getattr(theirs, name)
    assert abs(mine.min_delta) == abs(theirs.min_delta)  # Keras changes its sign once it is at work
