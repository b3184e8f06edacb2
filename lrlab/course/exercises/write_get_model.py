"""Write get_model; what it makes is compiled, looked at and trained."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from lrlab.course.apart import Stopped, apart
from lrlab.course.exercise import Exercise, Task, Verdict, code

START = '''def get_adam_model(alpha):
    """A compiled Keras model: two inputs, one output between 0 and 1, trained by Adam with this learning rate"""
    return ...'''
ALPHA, OTHER, EPOCHS = 0.05, 0.0125, 40
ENOUGH, LINE = 0.92, 0.9  # accuracies: bent enough for two moons; more than a straight line has
SECONDS = 120.0  # with TensorFlow to load, on a machine that is busy
SOLUTION = """<pre>def get_adam_model(alpha):
    import keras

    model = keras.Sequential()
    model.add(keras.Input((2,)))
    model.add(keras.layers.Dense(16, activation="tanh"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    optimizer = keras.optimizers.Adam(learning_rate=alpha)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model</pre>"""


def draw(rng: np.random.Generator) -> Task:
    return code(
        "Write <code>get_model</code>: it takes alpha and returns a compiled Keras model with two inputs and one output "
        "between 0 and 1, with Adam at that learning rate. It is trained on the two moons for "
        f"{EPOCHS} epochs with alpha {ALPHA:g}, and should then be right for {ENOUGH:.0%} of the validation points. (The check "
        "loads TensorFlow and takes half a minute.)",
        START,
        judge,
        ["One hidden layer of some ten units with a bent activation, such as tanh, is enough.",
         "Adam has a learning rate of its own, 0.001, unless you hand yours on: Adam(learning_rate=alpha)."],
        SOLUTION,
    )  # fmt: skip


def judge(function: Callable[..., Any]) -> Verdict:
    """Make the model apart, look at it, and train it. Raises ImportError without TensorFlow."""
    if find_spec("tensorflow") is None:
        from lrlab.labs.model_lab import NO_TENSORFLOW

        raise ImportError(NO_TENSORFLOW.format(lab="This exercise"))
    try:
        return verdict(apart(examine, function, seconds=SECONDS))
    except Stopped as stopped:
        return Verdict(False, str(stopped))


def examine(function: Callable[..., Any]) -> dict[str, Any]:
    """What there is to know of the model, as plain data. In the other process; loads TensorFlow."""
    import keras

    from lrlab.keras_live.ready import moons_data

    keras.utils.set_random_seed(0)
    models = [function(alpha) for alpha in (ALPHA, OTHER)]
    if not all(isinstance(model, keras.Model) for model in models):
        return {"is": type(models[0]).__name__}
    if not all(model.compiled and model.optimizer is not None for model in models):
        return {"is": "uncompiled"}
    found = {"is": "model", "rates": [float(model.optimizer.learning_rate) for model in models]}
    found["output"] = [size for size in models[0].compute_output_shape((None, 2))]
    found["optimizer"] = models[0].optimizer.name
    if found["output"] != [None, 1]:
        return found
    (x, y), (x_val, y_val) = moons_data()
    models[0].fit(x, y, epochs=EPOCHS, batch_size=32, verbose=0)
    says = np.asarray(models[0](x_val))[:, 0]
    found["between"] = bool(((says >= 0) & (says <= 1)).all())
    return found | {"accuracy": float(np.mean((says > 0.5) == (y_val > 0.5)))}


def verdict(found: dict[str, Any]) -> Verdict:
    """What is said of it."""
    if found["is"] == "NoneType":
        return Verdict(False, "Your function returns nothing. End it with: return model")
    if found["is"] == "uncompiled":
        return Verdict(
            False, "The model is not compiled: it has no optimizer yet. Call model.compile before you return it."
        )
    if found["is"] != "model":
        return Verdict(
            False, f"Your function should return a keras.Model, and it returns something of type {found['is']}."
        )
    rates = found["rates"]
    if np.isclose(rates[0], rates[1]):
        return Verdict(
            False,
            f"Whatever alpha is, the optimizer has the rate {rates[0]:g}. Hand alpha on: Adam(learning_rate=alpha).",
        )
    if not np.allclose(rates, [ALPHA, OTHER], rtol=1e-4):
        return Verdict(
            False, f"For alpha {ALPHA:g} the optimizer has the rate {rates[0]:g}. It should be alpha itself."
        )
    if found["output"] != [None, 1]:
        return Verdict(False, "The model should have one output for each row: let it end with a layer of one unit.")
    if "adam" not in found["optimizer"].lower():
        return Verdict(False, f"The optimizer should be Adam, and it is {found['optimizer']}.")
    if not found["between"]:
        return Verdict(False, "Its outputs are not all between 0 and 1. Give the last layer the activation sigmoid.")
    share = f"After {EPOCHS} epochs it is right for {found['accuracy']:.0%} of the validation points"
    if found["accuracy"] >= ENOUGH:
        return Verdict(True, f"Yes. {share}, and alpha is what its optimizer uses.")
    if found["accuracy"] < LINE:
        return Verdict(
            False,
            f"{share}: about what a straight line gets. Does a hidden layer with a bent activation come before the end?",
        )
    return Verdict(False, f"{share}, and {ENOUGH:.0%} are wanted. A few hidden units more?")


EXERCISE = Exercise("write_get_model", 6, "Write get_model", draw, varies=False)
