"""Live training against `model.fit` with the genuine callback, on the same batches: the same numbers."""

import gc
import os
import random
import warnings

import numpy as np
import pytest

from lrlab.core import schedules
from lrlab.core.settings import Settings
from lrlab.problems import data as datasets

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    tf = pytest.importorskip("tensorflow")
    import keras

from lrlab.keras_live.checks import build
from lrlab.keras_live.data import check_data, steps_per_epoch
from lrlab.keras_live.own import OwnRule
from lrlab.keras_live.ready import READY
from lrlab.keras_live.twins import Twins, callback_of, new_trainer

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


def trained(twins, epochs, settings=SETTINGS, rule=None):
    twins.start_over(settings, rule)
    for _ in range(epochs):
        for _ in twins.epoch():
            pass
    return twins.run()


def weights_of(twins):
    return twins.models[1].trainable_weights


def functions(twins):
    """Those that TensorFlow has compiled."""
    trainer = twins._trainer
    return [trainer._train, trainer._validate, trainer._restore]


def as_in_fit(data, batch_size, seed):
    """The rows in the order in which the twins take them."""
    rows = tf.data.Dataset.from_tensor_slices((data.x, data.y))
    return rows.shuffle(len(data.x), seed=seed).batch(batch_size).repeat()


def fit(get_model, data, alpha, epochs, callback):
    """What `fit` makes of a new model with the same seed, on the same batches: the model, and its history."""
    keras.utils.set_random_seed(0)  # the weights, and the order of the rows, which tf.data draws from this seed too
    model = get_model(alpha)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = model.fit(
            as_in_fit(data, 32, 0), steps_per_epoch=steps_per_epoch(data, 32), epochs=epochs, verbose=0,
            validation_data=(data.x_val, data.y_val), validation_batch_size=len(data.x_val),
            callbacks=[callback] if callback else [],
        )  # fmt: skip
    return model, history.history


def same_as_fit(twins, run, i, model, history):
    """Whether run ``i`` is the one that ``fit`` made: all that it logged, the rates exactly, and the final weights."""
    for name, values in history.items():
        np.testing.assert_allclose(twins.history.logs(twins.history.epochs)[i][name], values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run.loss[1:, i], history["loss"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run.monitored[:, i], history["val_loss"], rtol=1e-5, atol=1e-6)
    if "learning_rate" in history:
        np.testing.assert_array_equal(run.lr[:, i], np.float32(history["learning_rate"]))
        assert run.cuts[:, 1].any(), "a test without a cut tests little"
    for mine, fitted in zip(twins.models[i].get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, fitted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("layers", "optimizer"), [("dense", "rmsprop"), *((name, "sgd") for name in LAYERS)])
def test_both_runs_equal_fit(layers, optimizer):
    get_model = get_model_with(layers, optimizer)
    twins = Twins(get_model, DATA, 0.1)
    run = trained(twins, 30)
    for i, callback in enumerate((None, callback_of(SETTINGS))):
        same_as_fit(twins, run, i, *fit(get_model, DATA, 0.1, 30, callback))
    np.testing.assert_array_equal(run.w[-1, 1], np.concatenate([w.numpy().ravel() for w in weights_of(twins)]))


# Each model once, and each optimizer: what one does does not depend on the other.
@pytest.mark.parametrize(
    ("name", "optimizer"), [*((name, "sgd") for name in READY), ("moons", "momentum"), ("digits", "adam")]
)
def test_ready_made_models_equal_fit(name, optimizer):
    ready, alpha = READY[name], 0.05
    data = check_data(ready.get_data())

    def get_model(alpha):
        model = ready.get_model(alpha)
        model.compile(optimizer=OPTIMIZERS[optimizer](alpha), loss=model.loss)
        return model

    twins = Twins(get_model, data, alpha)
    settings = Settings.pair(alpha, 0.3, 1, min_delta=0.15)
    run = trained(twins, 10, settings)
    same_as_fit(twins, run, 1, *fit(get_model, data, alpha, 10, callback_of(settings)))


def test_a_third_run_equals_fit_with_a_schedule_of_its_own():
    get_model, cosine = get_model_with("dropout", "adam"), schedules.cosine(0.1, 12)
    twins = Twins(get_model, DATA, 0.1, runs=3)
    run = trained(twins, 12, SETTINGS[[0, 1, 0]], cosine)
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: cosine(epoch, 0.1, None))
    same_as_fit(twins, run, 2, *fit(get_model, DATA, 0.1, 12, scheduler))
    same_as_fit(twins, run, 1, *fit(get_model, DATA, 0.1, 12, callback_of(SETTINGS)))
    assert run.final_lr[2] == 0


def test_a_rule_that_looks_at_the_losses_is_the_same_in_fit():
    def rule(epoch, rate, losses):
        told.append(losses.copy())
        return rate / 2 if epoch and losses[-1] > losses[-2] - 0.02 else rate

    told = []
    get_model = get_model_with("normalised", "momentum")
    twins = Twins(get_model, DATA, 0.1, runs=3)
    run = trained(twins, 12, SETTINGS[[0, 1, 0]], rule)
    np.testing.assert_array_equal(told[-1], run.watched[:, 2])
    assert len(told) == 13
    same_as_fit(twins, run, 2, *fit(get_model, DATA, 0.1, 12, OwnRule(rule, run.watched[0, 2])))
    with pytest.raises(schedules.RuleError, match="raised ZeroDivisionError after epoch 0"):
        twins.start_over(SETTINGS[[0, 1, 0]], lambda epoch, rate, losses: 1 / 0)
    again = trained(twins, 12, SETTINGS[[0, 1, 0]], rule)
    np.testing.assert_array_equal(again.watched, run.watched)


def test_an_epoch_in_pieces_is_the_same_epoch(monkeypatch):
    pieces = Twins(get_model_with("dropout", "adam"), DATA, 0.1)
    monkeypatch.setattr("lrlab.keras_live.trainer.PIECE", 100.0)
    expected = trained(pieces, 4)
    monkeypatch.setattr("lrlab.keras_live.trainer.PIECE", 0.0)  # a step at a time
    pieces.start_over(SETTINGS)
    for _ in range(4):
        assert len(list(pieces.epoch())) == steps_per_epoch(DATA, 32) - 1 == 4
    np.testing.assert_array_equal(pieces.run().w, expected.w)
    np.testing.assert_array_equal(pieces.run().loss, expected.loss)


def test_an_epoch_that_is_dropped_leaves_no_trace(monkeypatch):
    twins = Twins(get_model_with("normalised", "adam"), DATA, 0.1)
    once = trained(twins, 3)
    monkeypatch.setattr("lrlab.keras_live.trainer.PIECE", 0.0)
    next(twins.epoch())
    again = trained(twins, 3)
    np.testing.assert_array_equal(again.w, once.w)
    np.testing.assert_array_equal(again.watched, once.watched)
    np.testing.assert_array_equal(again.loss, once.loss)


def test_many_validation_rows_are_gone_through_in_parts(monkeypatch):
    monkeypatch.setattr("lrlab.keras_live.trainer.VALIDATION_ROWS", 16)
    parts = trained(Twins(get_model_with(), DATA, 0.1), 3)
    monkeypatch.undo()
    whole = trained(Twins(get_model_with(), DATA, 0.1), 3)
    np.testing.assert_allclose(parts.watched, whole.watched, rtol=1e-5)


def test_a_model_that_runs_eagerly_gives_the_same():
    def get_model(alpha):
        model = get_model_with()(alpha)
        model.run_eagerly = True
        return model

    eager, compiled_ = (trained(Twins(make, DATA, 0.1), 3) for make in (get_model, get_model_with()))
    np.testing.assert_allclose(eager.watched, compiled_.watched, rtol=1e-5)


def test_a_model_may_learn_its_inputs_from_the_data():
    def get_model(alpha):
        model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1, "sigmoid")])
        model.compile(optimizer=keras.optimizers.SGD(alpha), loss="binary_crossentropy")
        return model

    run = trained(Twins(get_model, DATA, 0.1), 5)
    assert run.watched[-1, 0] < run.watched[0, 0]
    assert run.w.shape == (6, 2, 4 * 3 + 5)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("loss", "outputs", "probabilities"),
    [
        ("BinaryCrossentropy", 1, sigmoid),
        ("BinaryCrossentropy", 3, sigmoid),  # several labels, each true or not
        ("CategoricalCrossentropy", 3, softmax),
        ("SparseCategoricalCrossentropy", 3, softmax),
    ],
)
def test_outputs_are_probabilities_where_the_loss_takes_logits(loss, outputs, probabilities):
    def get_model(alpha):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(outputs)])
        model.compile(optimizer=keras.optimizers.SGD(alpha), loss=getattr(keras.losses, loss)(from_logits=True))
        return model

    many = outputs > 1 and not loss.startswith("Sparse")
    y, y_val = (np.hstack([y, 1 - y, 0 * y]) if many else y for y in (DATA.y, DATA.y_val))
    twins = Twins(get_model, DATA._replace(y=y, y_val=y_val), 0.1)
    logits = twins.models[0].predict(DATA.x_val, verbose=0)
    np.testing.assert_allclose(twins.predict(DATA.x_val)[0], probabilities(logits), rtol=1e-5)


def test_seeds_of_python_and_numpy_are_left_alone():
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    Twins(get_model_with(), DATA, 0.1, seed=3)
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


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


def test_data_are_in_no_graph():
    """They would be in it once for each model, beside the rows themselves."""
    x, y = (np.repeat(rows, 500, axis=0) for rows in (DATA.x, DATA.y))
    twins = Twins(get_model_with(), DATA._replace(x=x, y=y), 0.1)
    (train,) = functions(twins)[0]._list_all_concrete_functions()
    assert train.graph.as_graph_def().ByteSize() < x.nbytes


def test_twins_that_are_dropped_leave_no_graph_behind():
    """A lecturer runs a cell again and again. TensorFlow keeps for good the graph of each custom gradient."""

    def graphs():
        gc.collect()
        return [one for one in gc.get_objects() if isinstance(one, tf.Graph)]

    before = len(graphs())
    twins = Twins(get_model_with(), DATA, 0.1)
    trained(twins, 2)
    assert len(graphs()) > before
    del twins
    assert len(graphs()) == before


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


@pytest.mark.parametrize("disturbed", [{0}, {1}, {0, 3}, {1, 2}])
def test_a_thread_that_draws_from_random_meanwhile_changes_no_weight(disturbed):
    """As dask's do when a worker has died; the sweep's cell then had the results of another seed."""
    calls = []

    def get_model(alpha):
        if len(calls) in disturbed:
            random.random()
        calls.append(alpha)
        return get_model_with("dropout")(alpha)

    expected, found = (trained(Twins(one, DATA, 0.1, seed=3), 3).w for one in (get_model_with("dropout"), get_model))
    assert len(calls) > 2
    np.testing.assert_array_equal(found, expected)


def test_models_that_draw_without_a_seed_begin_with_the_same_weights_all_the_same():
    def get_model(alpha):
        start = keras.initializers.Constant(np.random.default_rng().normal())
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer=start)])
        model.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
        return model

    run = trained(Twins(get_model, DATA, 0.1), 3)
    np.testing.assert_array_equal(run.w[0, 0], run.w[0, 1])


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


MODEL, OPTIMIZER = compiled(keras.optimizers.SGD(0.1)), keras.optimizers.SGD(0.1)
BODY = keras.layers.Dense(2)


def the_same_model(alpha):
    MODEL.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
    return MODEL


def the_same_layers(alpha):
    model = keras.Sequential([keras.Input((2,)), BODY, keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
    return model


@pytest.mark.parametrize(
    ("get_model", "says"),
    [
        (the_same_model, "it returned the same one twice. Build the model inside of it"),
        (the_same_layers, "two of its models have the same layers. Make the layers inside of it"),
        (lambda alpha: compiled(OPTIMIZER), "two of its models have the same optimizer"),
    ],
)
@pytest.mark.parametrize("models", [1, 2])  # of one alone, the next seed would find weights that are trained already
def test_models_that_share_what_is_trained_are_refused(get_model, says, models):
    with pytest.raises(ValueError, match=f"get_model must make a new model each time it is called, .*{says}"):
        new_trainer(get_model, DATA, 0.1, 32, 0, models)


def test_models_may_share_what_is_not_trained():
    body = keras.layers.Dense(2, trainable=False)

    def get_model(alpha):
        model = keras.Sequential([keras.Input((2,)), body, keras.layers.Dense(1, "sigmoid")])
        model.compile(optimizer=keras.optimizers.SGD(alpha), loss="mse")
        return model

    assert trained(Twins(get_model, DATA, 0.1), 2).w.shape == (3, 2, 3)


def test_metrics_that_are_no_single_number_are_left_out_as_is_nothing_else():
    class Both(keras.metrics.MeanSquaredError):
        def result(self):
            return {"mean": super().result(), "twice": 2 * super().result()}

    def get_model(alpha):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
        metrics = [keras.metrics.F1Score(), keras.metrics.F1Score(average="macro", name="macro"), Both()]
        model.compile(optimizer=keras.optimizers.SGD(alpha), loss="categorical_crossentropy", metrics=metrics)
        return model

    targets = [np.hstack([y, 1 - y]) for y in (DATA.y, DATA.y_val)]
    data = DATA._replace(y=targets[0], y_val=targets[1])
    twins = Twins(get_model, data, 0.1)
    trained(twins, 2)
    (log, _), names = twins.history.logs(2), ["loss", "macro"]
    assert sorted(log) == sorted([*names, *(f"val_{name}" for name in names), "learning_rate"])
    _, fitted = fit(get_model, data, 0.1, 2, None)
    for name in names:
        np.testing.assert_allclose(log[f"val_{name}"], fitted[f"val_{name}"], rtol=1e-5)


def test_another_backend_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match=r"runs on jax[.] Set the environment variable KERAS_BACKEND to tensorflow"):
        build(get_model_with(), 0.1)


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
