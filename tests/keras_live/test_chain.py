"""A plateau run of a Keras model and its jobs: the same to the last bit if the optimizer's state goes on, else not."""

import os
import warnings

import numpy as np
import pytest

from lrlab.core.settings import Settings
from lrlab.studies.chain import jobs

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    tf = pytest.importorskip("tensorflow")
    import keras

from lrlab.keras_live.chain import JobChain, state_of
from lrlab.keras_live.data import steps_per_epoch
from lrlab.keras_live.twins import Twins
from tests.keras_live.test_twins import DATA, OPTIMIZERS, as_in_fit, get_model_with, trained

RULE = {"factor": 0.5, "patience": 2, "min_delta": 0.01}
EPOCHS = 24


def ran(chain, alpha=0.1, epochs=EPOCHS):
    chain.start_over(Settings(alpha, **RULE))
    for _ in range(epochs):
        list(chain.epoch())
    return chain


def by_themselves(chain, carry, epochs=EPOCHS):
    chain.start_jobs(carry)
    for _ in range(epochs):
        list(chain.job_epoch())
    return chain.trained().chain


@pytest.fixture(scope="module")
def chains():
    """One of each kind, with its run trained."""
    made = {}

    def chain(layers="dense", optimizer="sgd"):
        if (layers, optimizer) not in made:
            made[layers, optimizer] = ran(JobChain(get_model_with(layers, optimizer), DATA, 0.1, 32, 0))
        return made[layers, optimizer]

    return chain


@pytest.mark.parametrize(
    ("layers", "optimizer"),
    [("dense", "sgd"), ("dense", "momentum"), ("dense", "adam"), ("normalised", "adam"), ("dropout", "momentum")],
)
def test_carried_over_the_jobs_are_the_run_bit_for_bit(chains, layers, optimizer) -> None:
    """With batch normalisation and dropout as well: averages and seeds are handed on with the weights."""
    chain = chains(layers, optimizer)
    assert len(jobs(chain.run(), 0)) > 2, "a test with few jobs tests little"
    result = by_themselves(chain, carry=True)
    assert (result.weights, result.loss) == (0, 0)
    for name in ("w", "loss", "watched", "lr"):
        np.testing.assert_array_equal(getattr(result.run, name), getattr(chain.run(), name), err_msg=name)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_with_a_fresh_optimizer_they_are_not(chains, optimizer) -> None:
    chain = chains(optimizer=optimizer)
    result = by_themselves(chain, carry=False)
    first = jobs(chain.run(), 0)[0].last
    np.testing.assert_array_equal(result.run.w[: first + 1], chain.run().w[: first + 1])
    assert (result.run.w[first + 1] != chain.run().w[first + 1]).any()
    assert result.weights > 0 < result.loss


def test_plain_descent_has_nothing_to_forget(chains) -> None:
    assert by_themselves(chains(), carry=False).same


@pytest.mark.parametrize("layers", ["normalised", "dropout"])
def test_averages_and_seeds_go_on_with_a_fresh_optimizer_too(chains, layers) -> None:
    """They belong to the model: with plain descent, whose optimizer has no state, nothing is lost."""
    chain = ran(JobChain(get_model_with(layers, "sgd"), DATA, 0.1, 32, 0))
    assert by_themselves(chain, carry=False).same


def test_the_run_is_the_plateau_run_of_the_twins(chains) -> None:
    twins = Twins(get_model_with("dense", "adam"), DATA, 0.1)
    expected = trained(twins, EPOCHS, Settings.pair(0.1, **RULE))[1]
    run = chains(optimizer="adam").run()
    for name in ("w", "loss", "watched", "lr", "final_lr", "improved"):
        np.testing.assert_array_equal(getattr(run, name), getattr(expected, name), err_msg=name)


@pytest.mark.parametrize("carry", [True, False])
def test_jobs_equal_fit_called_once_for_each(chains, carry) -> None:
    """Keras alone: ``fit`` with a constant rate, again and again on one model and the same batches; for a fresh
    optimizer the model is compiled anew in between."""
    chain = chains(optimizer="adam")
    result = by_themselves(chain, carry)
    keras.utils.set_random_seed(0)
    model = get_model_with("dense", "adam")(0.1)
    rows = iter(as_in_fit(DATA, 32, 0))
    steps, losses = steps_per_epoch(DATA, 32), []
    for first, length, rate in chain.run().segments(0):
        if not carry and first > 1:
            model.compile(optimizer=OPTIMIZERS["adam"](rate), loss=model.loss)
        model.optimizer.learning_rate = rate
        batches = [next(rows) for _ in range(length * steps)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = model.fit(
                _dataset(batches), steps_per_epoch=steps, epochs=length, verbose=0,
                validation_data=(DATA.x_val, DATA.y_val), validation_batch_size=len(DATA.x_val),
            )  # fmt: skip
        losses += history.history["val_loss"]
    np.testing.assert_allclose(result.run.monitored[:, 0], losses, rtol=1e-5, atol=1e-6)
    flat = np.concatenate([weight.numpy().ravel() for weight in model.trainable_weights])
    np.testing.assert_allclose(result.run.w[-1, 0], flat, rtol=1e-4, atol=1e-5)


def _dataset(batches):
    """The batches as they are; the last of each epoch is smaller, so they cannot be stacked."""
    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in batches[0])
    return tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=signature)


def test_nothing_is_compiled_again_and_the_run_can_go_on(chains) -> None:
    chain = ran(JobChain(get_model_with("dropout", "adam"), DATA, 0.1, 32, 0))
    functions = [chain._trainer._train, chain._trainer._validate, chain._trainer._restore]
    traces = [function.experimental_get_tracing_count() for function in functions]
    before = chain.run()
    assert by_themselves(chain, carry=True).same
    by_themselves(chain, carry=False)
    assert [function.experimental_get_tracing_count() for function in functions] == traces == [1, 1, 1]
    for _ in range(6):
        list(chain.epoch())
    assert chain.trained() is None, "the jobs are those of a shorter run"
    np.testing.assert_array_equal(chain.run().w[: EPOCHS + 1], before.w)
    longer = ran(JobChain(get_model_with("dropout", "adam"), DATA, 0.1, 32, 0), epochs=EPOCHS + 6)
    np.testing.assert_array_equal(chain.run().w, longer.run().w)
    assert by_themselves(chain, carry=True, epochs=EPOCHS + 6).same


def test_jobs_under_way_have_a_record_and_no_verdict(chains) -> None:
    chain = chains(optimizer="momentum")
    assert ran(chain).trained() is None
    chain.start_jobs(True)
    list(chain.job_epoch())
    under_way = chain.trained()
    assert under_way.chain is None
    assert under_way.run.epochs == 1


def test_of_a_large_model_the_last_weights_are_compared(chains, monkeypatch) -> None:
    monkeypatch.setattr("lrlab.keras_live.twins.MAX_WEIGHTS", 0)
    chain = ran(chains(optimizer="adam"))
    assert chain.run().w.shape[2] == 0
    assert by_themselves(chain, carry=True).same
    assert by_themselves(chain, carry=False).weights > 0


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [("SGD", ""), ("Adam", "moments"), ("AdamW", "moments"), ("Nadam", "moments"), ("RMSprop", "state")],
)
def test_what_an_optimizer_remembers(optimizer, expected) -> None:
    made = getattr(keras.optimizers, optimizer)(0.1)
    made.build([keras.Variable(np.zeros(2))])
    assert state_of(made) == expected


def test_sgd_with_momentum_remembers_it() -> None:
    made = keras.optimizers.SGD(0.1, momentum=0.9)
    made.build([keras.Variable(np.zeros(2))])
    assert state_of(made) == "momentum"
