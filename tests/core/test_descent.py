"""Training: against runs trained alone, closed forms, and Keras."""

import math
from types import ModuleType
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrlab.core.descent import train
from lrlab.core.run import Run
from lrlab.core.settings import Settings
from lrlab.problems import CATALOGUE, bowl, linear_regression, ravine
from tests.problems.prepared import Diabetes

RECORDED = ("w", "loss", "watched", "lr", "final_lr", "improved")
LINE = linear_regression()

rules = st.fixed_dictionaries(
    {
        "alpha": st.floats(0.001, 3),  # past the edge too: diverging runs must be equal as well
        "factor": st.floats(0.05, 1),
        "patience": st.integers(0, 6),
        "min_delta": st.sampled_from([0.0, 1e-4, 0.1]),
        "cooldown": st.integers(0, 3),
        "min_lr": st.sampled_from([0.0, 0.01]),
    }
)
many_rules = st.lists(rules, min_size=1, max_size=5)


def many(settings: list[dict[str, Any]]) -> Settings:
    return Settings(**{name: [one[name] for one in settings] for name in settings[0]})


def assert_equal(run: Run, other: Run) -> None:
    for name in RECORDED:
        np.testing.assert_array_equal(getattr(run, name), getattr(other, name), err_msg=name)


# A run in company is the run alone ------------------------------------------------------------------------------------


@given(
    many_rules=many_rules,
    problem=st.sampled_from([bowl(), ravine(25)]),
    noise=st.sampled_from([0.0, 0.5]),
    momentum=st.sampled_from([0.0, 0.9]),
    own_starts=st.booleans(),
    seed=st.integers(0, 9),
)
def test_on_surfaces_each_run_equals_itself_alone(many_rules, problem, noise, momentum, own_starts, seed) -> None:
    options = {"epochs": 40, "seed": seed, "noise": noise, "momentum": momentum}
    starts = np.random.default_rng(seed).uniform(-4, 4, (len(many_rules), 2))
    settings = many(many_rules)

    together = train(problem, settings, start=starts if own_starts else None, **options)

    for i in range(len(settings)):
        alone = train(problem, settings[i], start=starts[i] if own_starts else None, **options)
        assert_equal(together[i], alone)


def test_each_run_of_a_pair_and_a_grid_equals_itself_alone() -> None:
    for settings in (Settings.pair(0.08, 0.5, 3), Settings.grid(0.08, np.linspace(0.1, 1, 20), range(20))):
        together = train(ravine(25), settings, epochs=60, noise=0.3)
        for i in range(0, len(settings), 7):
            assert_equal(together[i], train(ravine(25), settings[i], epochs=60, noise=0.3))


@given(many_rules=many_rules, batch_size=st.sampled_from([None, 32, 331]), momentum=st.sampled_from([0.0, 0.9]))
@hypothesis.settings(max_examples=50)
def test_on_data_each_run_equals_itself_alone_to_rounding(many_rules, batch_size, momentum) -> None:
    options = {"epochs": 8, "batch_size": batch_size, "momentum": momentum}
    settings = many(many_rules)
    together = train(LINE, settings, **options)
    for i in range(len(settings)):
        alone = train(LINE, settings[i], **options)
        if (alone.lr == together[i].lr).all():  # a tie may fall the other way by rounding
            np.testing.assert_allclose(together[i].w, alone.w, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(together[i].watched, alone.watched, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("problem", "options"), [(ravine(), {"noise": 0.5}), (LINE, {"batch_size": 32})], ids=["noise", "mini-batches"]
)
def test_chance_is_fixed_by_the_seed_and_shared_by_all_runs(problem, options) -> None:
    twins = Settings([0.05, 0.05], 0.5, 20)
    first, again, other = (train(problem, twins, epochs=20, seed=seed, **options) for seed in (7, 7, 8))
    assert_equal(first, again)
    assert_equal(first[0], first[1])
    assert (first.w[1:] != other.w[1:]).all()
    pair = train(problem, Settings.pair(0.05, 0.5, 20), epochs=20, seed=7, **options)
    np.testing.assert_array_equal(pair.w, first.w)  # nothing has been cut: a rule that waits makes no difference


def test_global_random_state_is_neither_used_nor_changed() -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    train(ravine(), Settings.pair(0.05, 0.5, 3), epochs=5, noise=0.5)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


# Closed forms ---------------------------------------------------------------------------------------------------------


@given(alpha=st.floats(1e-3, 0.1), condition=st.floats(1, 25), x=st.floats(-5, 5), y=st.floats(-5, 5))
def test_constant_descent_on_a_quadratic_is_a_geometric_series(alpha, condition, x, y) -> None:
    run = train(ravine(condition), Settings(alpha, 1, 0), epochs=50, start=(x, y))
    shrink = 1 - float(np.float32(alpha)) * np.array([1, condition])  # rates are float32 numbers
    expected = np.array([x, y]) * shrink ** np.arange(51)[:, None]
    np.testing.assert_allclose(run.w[:, 0], expected, rtol=1e-9, atol=1e-12)


def test_noise_is_gaussian_of_the_given_deviation_on_each_part_of_the_gradient() -> None:
    run = train(bowl(), Settings(1.0, 1, 0), epochs=20_000, noise=0.5)
    kicks = run.w[1:, 0]  # at alpha 1 a step on the bowl forgets where it was: w = -noise
    np.testing.assert_allclose(kicks.std(axis=0), 0.5, rtol=0.03)
    np.testing.assert_allclose(kicks.mean(axis=0), 0, atol=0.02)
    assert abs(np.corrcoef(kicks.T)[0, 1]) < 0.03
    assert abs(np.mean(np.abs(kicks) < 0.5) - math.erf(1 / math.sqrt(2))) < 0.02


@given(momentum=st.floats(0, 0.95), condition=st.floats(1, 1000), nearness=st.floats(0.05, 0.9))
@hypothesis.settings(max_examples=50)
def test_stability_edge(momentum, condition, nearness) -> None:
    problem = ravine(condition)
    edge = problem.stability_edge(momentum)
    inside, outside = 1 - nearness, 1 + nearness
    run = train(problem, Settings([inside * edge, outside * edge], 1, 0), epochs=400, start=(0, 1), momentum=momentum)
    assert abs(run.w[-1, 0, 1]) < 0.01
    assert np.isnan(run.diverged[0])
    assert not abs(run.w[-1, 1, 1]) < 100
    assert run.diverged[1] > 0


# Keras ----------------------------------------------------------------------------------------------------------------

keras_reads_its_variables = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@keras_reads_its_variables
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_steps_equal_those_of_the_keras_optimizer(keras: ModuleType, momentum: float) -> None:
    """With the rate cut on the way: what momentum has gathered at the old rate stays."""
    problem = ravine(25)
    run = train(problem, Settings(0.07, 0.3, 2, min_delta=0.5), epochs=60, momentum=momentum)
    assert run.cuts.sum() > 2

    w = keras.Variable(problem.start_point.astype(np.float32))
    optimizer = keras.optimizers.SGD(0.07, momentum=momentum)
    for epoch, rate in enumerate(run.lr[:, 0]):
        optimizer.learning_rate = rate
        optimizer.apply([problem.grad(np.array(w)).astype(np.float32)], [w])
        np.testing.assert_allclose(np.array(w), run.w[epoch + 1, 0], rtol=1e-4, atol=1e-5)


@keras_reads_its_variables
@pytest.mark.parametrize(
    ("alpha", "batch_size", "momentum", "epochs"),
    [
        pytest.param(1.0, None, 0.0, 40, id="at the edge"),
        pytest.param(0.1, None, 0.0, 40, id="far from the edge"),
        pytest.param(0.2, None, 0.9, 40, id="momentum"),
        pytest.param(0.3, 32, 0.0, 25, id="mini-batches"),
        pytest.param(0.05, 100, 0.5, 25, id="mini-batches, momentum"),
    ],
)
def test_linear_regression_equals_keras_fit(keras, diabetes: Diabetes, alpha, batch_size, momentum, epochs) -> None:
    rule = {"factor": 0.5, "patience": 2, "min_delta": 1e-3, "cooldown": 2}
    ours = train(LINE, Settings(alpha, **rule), epochs=epochs, batch_size=batch_size, momentum=momentum, seed=3)
    assert ours.cuts.any()

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(alpha, momentum), "mse")
    model.set_weights([np.array([[LINE.start[0]]]), np.array([LINE.start[1]])])
    rows = len(diabetes.x)
    size = batch_size or rows
    history = model.fit(
        in_the_same_order(diabetes, epochs, size, seed=3),
        steps_per_epoch=math.ceil(rows / size),
        epochs=epochs,
        validation_data=(diabetes.x_val[:, None], diabetes.y_val),
        validation_batch_size=len(diabetes.x_val),
        callbacks=[keras.callbacks.ReduceLROnPlateau(**rule)],
        shuffle=False,
        verbose=0,
    ).history

    assert np.float32(history["learning_rate"]).tolist() == ours.lr[:, 0].tolist()
    np.testing.assert_allclose(ours.monitored[:, 0], history["val_loss"], rtol=1e-5)
    slope, intercept = model.get_weights()
    np.testing.assert_allclose(ours.w[-1, 0], [slope.item(), intercept.item()], rtol=1e-5, atol=1e-6)
    if batch_size is None:  # Keras measures the training loss before the epoch's one step
        np.testing.assert_allclose(ours.loss[:-1, 0], history["loss"], rtol=1e-5)


def in_the_same_order(diabetes: Diabetes, epochs: int, size: int, seed: int):
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(diabetes.x))
        for i in range(0, len(order), size):
            rows = order[i : i + size]
            yield diabetes.x[rows, None], diabetes.y[rows]


# Divergence and bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUE)
def test_divergence_raises_nothing_and_warns_of_nothing(name: str) -> None:
    problem = CATALOGUE[name]()
    far_out = [[size] * problem.dim for size in (1e154, 1e300)]
    for alpha, start in ((1e30, None), (1000.0, None), (0.1, far_out[0]), (0.1, far_out[1])):
        run = train(problem, Settings.pair(alpha, 0.9, 5), epochs=300, start=start, momentum=0.5)
        assert run.lr.shape == (300, 2)
        for reading in (run.diverged, run.best_loss, run.final_loss, run.idle_epochs, run.cuts, run.epochs_to(0.0)):
            assert reading is not None
    assert run.segments(1)


def test_a_rate_past_the_edge_diverges_and_the_same_rate_cut_in_time_does_not() -> None:
    # The example of the design: curvatures 1 and 10, so the edge is at 0.2.
    run = train(ravine(10), Settings.pair(0.21, 0.5, 3), epochs=200, start=(1, 1))
    assert run.final_loss[0] > 1e15
    assert run.diverged[0] < 50
    assert run.final_loss[1] < 1e-3
    assert np.isnan(run.diverged[1])


BAD = [
    ({"alpha": 0}, ValueError, "alpha must be greater than 0", "got 0", "Try 0.1"),
    ({"alpha": -0.5}, ValueError, "alpha must be greater than 0", "got -0.5", "Try 0.1"),
    ({"alpha": math.nan}, ValueError, "alpha must be greater than 0", "got nan", "Try 0.1"),
    ({"alpha": math.inf}, ValueError, "alpha must be greater than 0", "got inf", "Try 0.1"),
    ({"alpha": "0.1"}, TypeError, "alpha must be a number", "got '0.1'", "Try 0.1"),
    ({"alpha": True}, TypeError, "alpha must be a number", "got True", "Try 0.1"),
    ({"alpha": None}, TypeError, "alpha must be a number", "got None", "Try 0.1"),
    ({"alpha": [0.1, -1]}, ValueError, "alpha must be greater than 0", "got -1", "Try 0.1"),
    ({"factor": 0}, ValueError, "factor must be greater than 0 and at most 1", "got 0", "Try 0.5"),
    ({"factor": 1.5}, ValueError, "factor must be greater than 0 and at most 1", "got 1.5", "Try 0.5"),
    ({"patience": -1}, ValueError, "patience must be a whole number, 0 or more", "got -1", "Try 5"),
    ({"patience": 2.5}, ValueError, "patience must be a whole number, 0 or more", "got 2.5", "Try 5"),
    ({"epochs": 0}, ValueError, "epochs must be a whole number from 1 to 100,000", "got 0", "Try 300"),
    ({"epochs": 10_000_000}, ValueError, "epochs must be a whole number from 1 to", "got 10000000", "Try 300"),
    ({"epochs": 2.5}, ValueError, "epochs must be a whole number from 1 to", "got 2.5", "Try 300"),
    ({"epochs": [10, 20]}, TypeError, "epochs must be one number", "got [10, 20]", "Try 300"),
    ({"alpha": [0.1] * 2000, "epochs": 100_000}, ValueError, "must be at most", "got 400,000,000", "fewer epochs"),
    ({"start": (1, 2, 3)}, ValueError, "start must be 2 numbers", "got shape (3,)", "Try (-4.0, "),
    ({"start": 1.0}, ValueError, "start must be 2 numbers", "got shape ()", "Try (-4.0, "),
    ({"start": [(0, 0)] * 3}, ValueError, "start must be 2 numbers", "got shape (3, 2)", "Try (-4.0, "),
    ({"start": "origin"}, TypeError, "start must be made of numbers", "got 'origin'", "Try (-4.0, "),
    ({"start": ("1", "2")}, TypeError, "start must be made of numbers", "got ('1', '2')", "Try (-4.0, "),
    ({"start": ((1,), (1, 2))}, TypeError, "start must be made of numbers", "got ((1,), (1, 2))", "Try (-4.0, "),
    ({"start": (0, math.nan)}, ValueError, "start must be finite", "got (0, nan)", "Try (-4.0, "),
    ({"noise": -1}, ValueError, "noise must be 0 or more", "got -1", "Try 0.5"),
    ({"momentum": 1}, ValueError, "momentum must be at least 0 and less than 1", "got 1", "Try 0.9"),
    ({"seed": -1}, ValueError, "seed must be a whole number, 0 or more", "got -1", "Try 0"),
    ({"batch_size": 32}, ValueError, "batch_size is for problems made of data", "ravine", "Use noise"),
    ({"problem": LINE, "noise": 0.5}, ValueError, "noise is for surfaces", "linear regression", "Use batch_size"),
    ({"problem": LINE, "batch_size": 0}, ValueError, "batch_size must be a whole number, 1", "got 0", "Try 32"),
]


@pytest.mark.parametrize(("change", "error", "rule", "value", "remedy"), BAD, ids=[str(case[0])[:50] for case in BAD])
def test_bad_input_is_told_by_rule_value_and_remedy(change, error, rule, value, remedy) -> None:
    arguments = {"problem": ravine(), "alpha": 0.1, "factor": 0.5, "patience": 5, "epochs": 10} | change

    def attempt() -> Run:
        settings = Settings(*(arguments.pop(name) for name in ("alpha", "factor", "patience")))
        return train(settings=settings, **arguments)

    with pytest.raises(error) as caught:
        attempt()
    for part in (rule, value, remedy):
        assert part in str(caught.value)


@pytest.mark.parametrize("settings", [0.1, {"alpha": 0.1}, None])
def test_what_is_no_settings_is_told_with_the_remedy(settings) -> None:
    with pytest.raises(TypeError, match=r"settings must be a lrlab.Settings, got .*\. Try lrlab.Settings.pair\(0.1, "):
        train(ravine(), settings, epochs=3)
