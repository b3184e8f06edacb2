"""The Code panel's text, run as it stands in a process of its own."""

import functools
import json
import subprocess
import sys
import types

import numpy as np
import pytest

from lrlab.keras_live.data import check_data
from lrlab.keras_live.program import program
from lrlab.keras_live.ready import READY
from lrlab.problems import data as datasets

pytest.importorskip("tensorflow")
from lrlab.keras_live.twins import Twins
from tests.keras_live.test_twins import trained

VALUES = {
    "alpha": 0.1, "factor": 0.4, "patience": 1, "min_delta": 0.01, "cooldown": 2, "min_lr": 0.001,
    "epochs": 12, "batch_size": 25, "seed": 3,
}  # fmt: skip
RULE = ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")
UNITS = 3


def settings(values):
    from lrlab.core.settings import Settings

    alpha, factor, patience, *rest = (values[name] for name in RULE)
    return Settings.pair(alpha, factor, patience, **dict(zip(RULE[3:], rest, strict=True)))


def run(text):
    """What the program prints last, in a fresh process that knows nothing of lrlab."""
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", list(READY))
def test_the_program_gives_the_same_rates_and_losses(name):
    ready = READY[name]
    data = check_data(ready.get_data())
    text = program(ready.get_model, ready.get_data, data, VALUES)
    assert "lrlab" not in text
    told = json.loads(run(text + "import json\nprint(json.dumps(history.history))"))
    twins = Twins(ready.get_model, data, VALUES["alpha"], VALUES["batch_size"], VALUES["seed"])
    mine = trained(twins, VALUES["epochs"], settings(VALUES))
    np.testing.assert_array_equal(np.float32(told["learning_rate"]), mine.lr[:, 1])
    np.testing.assert_allclose(told["val_loss"], mine.monitored[:, 1], rtol=1e-5)
    np.testing.assert_allclose(told["loss"], mine.loss[1:, 1], rtol=1e-5)
    assert mine.cuts[:, 1].any()


def test_the_arguments_are_exactly_those_of_the_sliders():
    ready = READY["moons"]
    text = program(ready.get_model, ready.get_data, check_data(ready.get_data()), VALUES)
    tree = compile(text, "program", "exec")
    assert isinstance(tree, types.CodeType)
    for line in ("model = moons(0.1)", "factor=0.4,", "patience=1,", "min_delta=0.01,", "cooldown=2,", "min_lr=0.001,",
                 "epochs=12,", ".batch(25)", "set_random_seed(3)", "steps_per_epoch=6,"):  # fmt: skip
        assert line in text


def test_without_cuts_there_is_no_callback():
    ready = READY["moons"]
    text = program(ready.get_model, ready.get_data, check_data(ready.get_data()), VALUES | {"factor": 1.0})
    assert "callback=" not in text
    assert "ReduceLROnPlateau" not in text
    compile(text, "program", "exec")


@pytest.mark.parametrize("name", ["moons", "circles", "digits"])
def test_ready_made_data_are_those_of_the_numpy_labs(name):
    mine, theirs = check_data(READY[name].get_data()), getattr(datasets, name)()
    for ours, others in zip(mine, (theirs.inputs, theirs.targets, theirs.inputs_val, theirs.targets_val), strict=True):
        np.testing.assert_allclose(ours, others, rtol=1e-6)


# Models of the user's own ---------------------------------------------------------------------------------------------


def output_layer():
    import keras

    return keras.layers.Dense(1, "sigmoid")


def get_model(alpha):
    import keras

    layers = [keras.Input((2,)), keras.layers.Dense(UNITS), output_layer()]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.SGD(alpha), loss="binary_crossentropy")
    return model


def test_what_a_function_of_ones_own_needs_is_there_too():
    data = check_data(READY["moons"].get_data())
    text = program(get_model, None, data, VALUES)
    assert "\nUNITS = 3\n" in text
    assert text.index("def output_layer():") < text.index("def get_model(alpha):")
    assert "# x, y, x_val, y_val: your data" in text
    ready = READY["moons"]
    made = program(ready.get_model, ready.get_data, data, VALUES).split("def moons(alpha)")[0]
    run(made + "\n(x, y), (x_val, y_val) = moons_data()\n" + text)


WIDTHS, ACTIVATION, RATE, model = (3,), "tanh", 0.5, "a global of the same name as a local"
SECOND = 4


def with_all_kinds_of_names(alpha, rate=RATE):
    """Makes a model.

    from two layers, and
    import nothing for them:
    """
    from keras import (
        Input,
        Sequential,
    )
    from keras.layers import Dense  # one line

    # isort: off
    import keras; text = """
    from here on
"""  # fmt: skip # noqa: E702

    def units(k):
        from math import (
            floor,
        )

        return [floor(SECOND + i) for i in range(k)]  # fmt: skip

    model = Sequential([Input((2,)), *[Dense(n, activation=ACTIVATION) for n in units(1)], Dense(1, "sigmoid")])
    model.compile(optimizer=keras.optimizers.SGD(alpha, momentum=rate), loss=(lambda: LOSS)())
    model.text = text
    return model


LOSS = "binary_crossentropy"


def test_names_and_imports_are_found_wherever_they_stand_in_a_function():
    text = program(with_all_kinds_of_names, None, check_data(READY["moons"].get_data()), VALUES)
    head, body = text.split("def with_all_kinds_of_names")
    for line in ("SECOND = 4", "ACTIVATION = 'tanh'", "RATE = 0.5", "LOSS = 'binary_crossentropy'",
                 "from keras import Input, Sequential", "from keras.layers import Dense"):  # fmt: skip
        assert f"\n{line}\n" in f"\n{head}"
    assert "model =" not in head
    assert "WIDTHS" not in text
    for kept in (
        "    from two layers, and\n    import nothing for them:\n",
        "    from here on\n",
        "            floor,\n",
    ):
        assert kept in body
    assert "Input,\n" not in body
    assert run(text.split("# 150 rows")[0] + "\nprint(model.text.split(), model.count_params())") == (
        "['from', 'here', 'on'] 17"
    )


def test_a_name_that_is_nowhere_is_named():
    def get_model(alpha, missing=None):
        return undefined_name(alpha, range(3))  # noqa: F821

    text = program(get_model, None, check_data(READY["moons"].get_data()), VALUES)
    assert "# undefined_name: yours, from your notebook" in text
    assert "# range" not in text


@pytest.mark.parametrize("function", [lambda alpha: None, functools.partial(get_model), len])
def test_a_function_whose_text_is_not_to_be_had_is_named(function):
    text = program(function, None, check_data(READY["moons"].get_data()), VALUES)
    name = getattr(function, "__name__", "get_model")
    name = name if name.isidentifier() else "get_model"
    assert f"# {name}: yours, from your notebook" in text
    assert f"model = {name}(0.1)" in text
    compile(text, "program", "exec")
