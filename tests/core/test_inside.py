"""The rule, opened: best, wait, cooldown and rates at each epoch, against the memory of Keras' own callback."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.core.inside import inside
from lrlab.core.replay import replay_run
from lrlab.core.run import Run
from lrlab.core.settings import Settings

LOSSES = st.lists(
    st.one_of(st.floats(0, 2, width=32), st.sampled_from([0.5, 0.50005, 0.4999, np.nan, np.inf, 0.0])),
    min_size=1, max_size=40,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    losses=LOSSES,
    factor=st.sampled_from([0.1, 0.5, 0.9]),
    patience=st.integers(0, 4),
    cooldown=st.integers(0, 4),
    min_delta=st.sampled_from([0.0, 1e-4, 0.1]),
    min_lr=st.sampled_from([0.0, 0.02]),
)
def test_it_is_what_the_callback_of_keras_remembers(keras, losses, **rule):
    view = inside(replay_run(np.array(losses), Settings(0.1, **rule)), 0)
    callback = keras.callbacks.ReduceLROnPlateau(verbose=0, **rule)
    callback.set_model(SimpleNamespace(optimizer=keras.optimizers.SGD(0.1)))
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        first = epoch == 0
        best_before, wait_before, cooling_before = callback.best, callback.wait, callback.cooldown_counter
        rate_before = float(callback.model.optimizer.learning_rate)
        callback.on_epoch_end(epoch, {"val_loss": float(loss)})  # as fit has it: other types are compared otherwise
        rate = float(callback.model.optimizer.learning_rate)

        assert view.rate[epoch] == np.float32(rate_before)
        assert view.after[epoch] == np.float32(rate)
        if first:
            assert np.isnan(view.best[epoch])
            assert view.best_epoch[epoch] == 0
        else:
            np.testing.assert_equal(view.best[epoch], best_before)
            np.testing.assert_equal(losses[view.best_epoch[epoch] - 1], best_before)
        cut = rate < rate_before
        assert view.cooling[epoch] == max(cooling_before - 1, 0)
        if cut:
            assert view.wait[epoch] == view.patience
            assert (wait_before if not cooling_before else 0) + 1 == view.patience
            assert callback.wait == 0
        else:
            assert view.wait[epoch] == callback.wait
        assert view.improved[epoch] == (first or (callback.wait == 0 and not cut and np.equal(callback.best, loss)
                                        and not np.equal(best_before, loss)))  # fmt: skip


def test_both_runs_of_a_pair():
    run = lrlab.train(lrlab.problems.ravine(), Settings.pair(0.07, 0.5, 3), epochs=120)
    for i in range(2):
        view = inside(run, i)
        np.testing.assert_array_equal(view.after < view.rate, run.cuts[:, i])
        np.testing.assert_array_equal(view.loss, run.monitored[:, i])
        better = view.loss < view.threshold
        np.testing.assert_array_equal(better[1:], view.improved[1:])
    assert (inside(run, 1).wait[run.cuts[:, 1]] == 3).all()


def test_no_epochs_no_rows():
    nothing = np.empty((0, 1))
    rule = inside(Run(np.ones((1, 1, 2)), np.ones((1, 1)), np.ones((1, 1)), nothing.astype(np.float32),
                      np.ones(1, np.float32), nothing.astype(bool), Settings(0.1, 0.5, 2)), 0)  # fmt: skip
    assert [len(row) for row in (rule.loss, rule.best, rule.wait, rule.cooling, rule.rate, rule.after)] == [0] * 6
