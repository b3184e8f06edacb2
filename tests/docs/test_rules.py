"""What docs/inside/plateau.md says of four rules is what they do: each row of its tables is worked out again."""

import importlib.util
import inspect
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lrlab

INSIDE = Path(__file__).parents[2] / "docs" / "inside"
PAGE = (INSIDE / "plateau.md").read_text(encoding="utf-8")


def load_rules():
    found = importlib.util.spec_from_file_location("rules", INSIDE / "rules.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


rules = load_rules()
THREE = (rules.keras_plateau, rules.torch_plateau, rules.optax_plateau)
FLAT = [7.0] * 40
FALLS = {
    "begins at 0.005 and falls by 1 % an epoch": [0.005 * 0.99**epoch for epoch in range(1000)],
    "begins at 1000 and falls by 0.04 an epoch": [1000 - 0.04 * epoch for epoch in range(1000)],
    "is -1, then -0.99995 for good": [-1.0] + [-0.99995] * 100,
}


def rows(heading):
    """The table under a heading of the page, without its head: a list of cells for each row."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def cuts(rates, first=1.0):
    return [epoch for epoch, (a, b) in enumerate(zip([first, *rates], rates, strict=False), start=1) if b < a]


def told(epochs):
    """As the page writes it: the first three, or the only one."""
    return ", ".join(map(str, epochs[:3])) + (", ..." if len(epochs) > 3 else "")


@pytest.mark.parametrize("row", rows("When a loss rests, when is the rate cut?"), ids=lambda row: "-".join(row[:2]))
def test_when_a_loss_rests(row):
    patience, cooldown = int(row[0]), int(row[1])
    after = [told(cuts(rule(FLAT, 1.0, 0.5, patience, cooldown=cooldown))) for rule in THREE]
    assert row[2:] == [*after, str(rules.early_stopping(FLAT, patience))]


@pytest.mark.parametrize("row", rows("What a threshold is measured by"), ids=lambda row: f"{row[0]} {row[1]}")
def test_what_a_threshold_is_measured_by(row):
    firsts = [cuts(rule(FALLS[row[0]], 1.0, 0.5, int(row[1])))[:1] for rule in THREE]
    assert row[2:] == [str(first[0]) if first else "never" for first in firsts]


LOSSES = st.lists(st.integers(-40, 40).map(lambda eighths: eighths / 8), min_size=1, max_size=60)  # exact in floats
RULE = {
    "patience": st.integers(0, 5),
    "min_delta": st.sampled_from([0.125, 0.25, 1.0]),
    "cooldown": st.integers(0, 4),
    "min_lr": st.sampled_from([0.0, 0.0625, 0.1, 1.0]),
}


def translated(name, **keras):
    """The arguments of another library, as the page's last table says it: its cells are Python."""
    column = {"torch": 1, "optax": 2}[name]
    cells = [re.search("`(.+?)`", row[column])[1] for row in rows("From one to the other")]
    known = {"f": 0.5, "p": keras["patience"], "d": keras["min_delta"], "c": keras["cooldown"], "m": keras["min_lr"]}
    return eval(f"dict({', '.join(cells)})", {"dict": dict, "max": max, "rate": 1.0, **known})


@given(LOSSES, st.fixed_dictionaries(RULE))
@settings(max_examples=300, deadline=None)
def test_from_one_to_the_other(losses, rule):
    ours = lrlab.plateau.rates(losses, 1.0, 0.5, **rule)
    np.testing.assert_array_equal(np.float32(rules.keras_plateau(losses, 1.0, 0.5, **rule)), ours)
    np.testing.assert_allclose(rules.torch_plateau(losses, 1.0, **translated("torch", **rule)), ours, rtol=1e-6)
    np.testing.assert_allclose(rules.optax_plateau(losses, 1.0, **translated("optax", **rule)), ours, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@given(LOSSES, st.integers(0, 5), st.sampled_from([0.0, 0.25]))
@settings(max_examples=60, deadline=None)
def test_early_stopping_is_that_of_keras(keras, losses, patience, min_delta):
    callback = keras.callbacks.EarlyStopping(monitor="loss", mode="min", patience=patience, min_delta=min_delta)
    model = SimpleNamespace(stop_training=False)
    callback.set_model(model)
    callback.on_train_begin()
    stopped = None
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
        if model.stop_training:
            stopped = epoch + 1
            break
    assert rules.early_stopping(losses, patience, min_delta) == stopped


def test_the_defaults_of_keras_are_as_told(keras):
    told = {row[0]: row[1:] for row in rows("Side by side")}
    plateau, stopping = (
        inspect.signature(getattr(keras.callbacks, name)).parameters for name in ("ReduceLROnPlateau", "EarlyStopping")
    )
    assert [told["default patience"][i] for i in (0, 3)] == [
        str(callback["patience"].default) for callback in (plateau, stopping)
    ]
    assert told["by default more than"][0] == f"{plateau['min_delta'].default:g}, absolute"
    assert stopping["min_delta"].default == 0
    with pytest.raises(ValueError, match="factor >= 1"):
        keras.callbacks.ReduceLROnPlateau(factor=1.0)


def test_what_is_said_of_single_cells():
    falling = [5.0, 4.0, 3.0, 2.0]
    assert cuts(rules.optax_plateau(falling, 1.0, 0.5, 0)) == [1, 2, 3, 4]  # patience 0 cuts at improvements ...
    assert cuts(rules.optax_plateau(FLAT, 1.0, 0.5, 0)) == [1]  # ... and never else
    nan_first = [math.nan, 3.0, 2.0, 1.0]
    assert cuts(rules.keras_plateau(nan_first, 1.0, 0.5, 1)) == [2, 3, 4]
    assert cuts(rules.torch_plateau(nan_first, 1.0, 0.5, 0)) == [1]  # NaN is worse than infinity, 3 is better
    assert rules.torch_plateau(FLAT, 1e-8, 0.5, 0)[-1] == 1e-8  # eps
    assert "a change of `eps` = 1e-8 or less is left out" in PAGE


def test_optax_itself():
    optax = pytest.importorskip("optax", reason="optax is in the extra bench")
    jax = pytest.importorskip("jax")
    rng = np.random.default_rng(0)
    for patience, cooldown in ((0, 0), (1, 2), (3, 1), (2, 0)):
        losses = rng.integers(-8, 8, 60) / 8
        rule = {"factor": 0.5, "patience": patience, "cooldown": cooldown, "rtol": 0.0, "atol": 0.25}
        reduce = optax.contrib.reduce_on_plateau(**rule)
        state, scales, update = reduce.init(np.float32(1)), [], jax.jit(reduce.update)
        for loss in losses:
            _, state = update(np.float32(1), state, value=np.float32(loss))
            scales.append(float(state.scale))
        assert scales == rules.optax_plateau(losses.tolist(), 1.0, **rule)
