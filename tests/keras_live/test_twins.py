"""Live training against `model.fit` with the genuine callback, on the same batches: the same numbers."""

import os
import warnings

import numpy as np
import pytest

from lrlab.core import data as datasets
from lrlab.core.settings import Settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    tf = pytest.importorskip("tensorflow")
    import keras

from lrlab.keras_live.checks import build
from lrlab.keras_live.data import check_data, steps_per_epoch
from lrlab.keras_live.twins import Twins, callback_of

MOONS = datasets.moons()
DATA = check_data(
    ((MOONS.inputs, MOONS.targets[:, None].astype(float)), (MOONS.inputs_val, MOONS.targets_val[:, None].astype(float)))
)
OPTIMIZERS = {
    "sgd": lambda alpha: keras.optimizers.SGD(alpha),
    "momentum": lambda alpha: keras.optimizers.SGD(alpha, momentum=0.9),
    "adam": lambda alpha: keras.optimizers.Adam(alpha),
    "rmsprop": lambda alpha: keras.optimizers.RMSprop(alpha),
}
LAYERS = {
    "dense": lambda: [keras.layers.Dense(8, "tanh")],
    "two layers": lambda: [keras.layers.Dense(8, "relu"), keras.layers.Dense(4, "relu")],
    "normalised": lambda: [keras.layers.Dense(8, "relu"), keras.layers.BatchNormalization()],
    "dropout": lambda: [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.3)],
}
SETTINGS = Settings.pair(0.1, 0.5, 2, min_delta=0.01)


def get_model_with(layers="dense", optimizer="sgd"):
    def get_model(alpha):
        model = keras.Sequential([keras.Input((2,)), *LAYERS[layers](), keras.layers.Dense(1, "sigmoid")])
        model.compile(optimizer=OPTIMIZERS[optimizer](alpha), loss="binary_crossentropy", metrics=["accuracy"])
        return model

    return get_model


def trained(twins, epochs, settings=SETTINGS):
    twins.start_over(settings)
    for _ in range(epochs):
        for _ in twins.epoch():
            pass
    return twins.run()


def functions(twins):
    """Those that TensorFlow has compiled."""
    trainer = twins._trainer
    return [trainer._train, trainer._validate, trainer._restore]


def as_in_fit(data, batch_size, seed):
    """The rows in the order in which the twins take them."""
    rows = tf.data.Dataset.from_tensor_slices((data.x, data.y))
    return rows.shuffle(len(data.x), seed=seed).batch(batch_size).repeat()


def fit(get_model, like, epochs, callback):
    """What `fit` makes of a model with the weights and seeds of ``like``, on the batches of the twins."""
    keras.utils.set_random_seed(0)  # tf.data draws the order of the rows from it, and from its own seed
    model = get_model(0.1)
    for variable, value in zip(model.variables, like, strict=True):
        variable.assign(value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that batches come in an order of their own
        history = model.fit(
            as_in_fit(DATA, 32, 0), steps_per_epoch=steps_per_epoch(DATA, 32), epochs=epochs, verbose=0,
            validation_data=(DATA.x_val, DATA.y_val), validation_batch_size=len(DATA.x_val),
            callbacks=[callback] if callback else [],
        )  # fmt: skip
    return model, history.history


@pytest.mark.parametrize(
    ("layers", "optimizer"),
    [("dense", name) for name in OPTIMIZERS] + [(name, "sgd") for name in LAYERS if name != "dense"],
)
def test_both_runs_equal_fit(layers, optimizer):
    get_model = get_model_with(layers, optimizer)
    twins = Twins(get_model, DATA, 0.1)
    first = [np.array(variable.numpy()) for variable in twins.models[0].variables]
    run = trained(twins, 30)
    for i, callback in enumerate((None, callback_of(SETTINGS))):
        model, history = fit(get_model, first, 30, callback)
        np.testing.assert_allclose(run.loss[1:, i], history["loss"], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(run.monitored[:, i], history["val_loss"], rtol=1e-5, atol=1e-6)
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            np.testing.assert_allclose(twins.history.logs[i][name], history[name], rtol=1e-5, atol=1e-6)
        if callback:
            np.testing.assert_array_equal(run.lr[:, i], np.float32(history["learning_rate"]))
            assert run.cuts[:, 1].any(), "a test without a cut tests little"
        final = np.concatenate([weight.numpy().ravel() for weight in model.trainable_weights])
        np.testing.assert_allclose(run.w[-1, i], final, rtol=1e-4, atol=1e-5)


def test_starting_over_gives_the_same_run_and_compiles_nothing():
    twins = Twins(get_model_with("dropout", "adam"), DATA, 0.1)
    once = trained(twins, 12)
    traces = [function.experimental_get_tracing_count() for function in functions(twins)]
    other = trained(twins, 5, Settings.pair(0.01, 0.1, 1))
    again = trained(twins, 12)
    np.testing.assert_array_equal(again.w, once.w)
    np.testing.assert_array_equal(again.watched, once.watched)
    assert other.lr[0, 0] == np.float32(0.01)
    assert [function.experimental_get_tracing_count() for function in functions(twins)] == traces == [1, 1, 1]


def test_twins_are_the_same_until_the_first_cut():
    run = trained(Twins(get_model_with("dropout"), DATA, 0.1), 30)
    first = int(np.flatnonzero(run.cuts[:, 1])[0]) + 1
    np.testing.assert_array_equal(run.w[: first + 1, 0], run.w[: first + 1, 1])
    assert (run.w[first + 1, 0] != run.w[first + 1, 1]).any()
    assert not run.cuts[:, 0].any()


def test_a_seed_fixes_everything_and_another_changes_it():
    a, b, c = (trained(Twins(get_model_with(), DATA, 0.1, seed=seed), 3).w for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert (a[0] != c[0]).any()


def test_improved_and_idle_epochs_follow_the_callback():
    run = trained(Twins(get_model_with(), DATA, 0.1), 30)
    best = np.inf
    for epoch, loss in enumerate(run.monitored[:, 1]):
        assert run.improved[epoch, 1] == (loss < best - 0.01)
        best = min(best, loss) if run.improved[epoch, 1] else best


# What is refused ------------------------------------------------------------------------------------------------------


def compiled(optimizer):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse")
    return model


@pytest.mark.parametrize(
    ("get_model", "error", "says"),
    [
        (lambda alpha: None, TypeError, "get_model must return a keras.Model, got None"),
        (lambda alpha: keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), ValueError, "a compiled model"),
        (lambda alpha: compiled("sgd"), ValueError, r"get_model\(0.1\) must give .* it has 0.01"),
        (
            lambda alpha: compiled(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(alpha, 10, 0.9))),
            ValueError,
            "learning rate is a schedule, which ReduceLROnPlateau cannot cut",
        ),
    ],
)
def test_models_that_cannot_be_trained_live_are_refused_with_the_remedy(get_model, error, says):
    with pytest.raises(error, match=says):
        build(get_model, 0.1)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (((1, 2),), ValueError, r"data must be \(\(x, y\), \(x_val, y_val\)\): without validation rows"),
        ((([[1.0]], [1.0, 2.0]), ([[1.0]], [1.0])), ValueError, "x and y must have the same number of rows"),
        ((([[1.0]], [1.0]), ([], [])), ValueError, "x_val and y_val must have the same number of rows, 1 or more"),
        (((["a"], [1.0]), ([[1.0]], [1.0])), TypeError, "x must be an array of numbers"),
    ],
)
def test_data_that_do_not_fit_are_refused(data, error, says):
    with pytest.raises(error, match=says):
        check_data(data)
