"""How do Keras epochs scale with hidden units and batch size, in lrlab and by `fit`?

    python benchmarks/keras_scaling.py [--rounds 3] [--quick] [--json FILE]

A pair on the digits, one hidden layer, the second run with ReduceLROnPlateau; in ms for an epoch of both, validation
included, without a picture. All ways work in one process and take turns.

* lrlab: `Twins`, which is what `KerasLab` trains with: an epoch of both models is one compiled call.
* fit, tf.data: `model.fit` twice, on a cached pipeline. fit, NumPy: on arrays, as most write it.

Compiling is not timed. After the first epochs, `fit` on the pipeline has to be about where lrlab is: its rows come in
another order. `keras_epochs.py` checks that the same order gives the same losses.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")

import figures  # noqa: E402
import numpy as np  # noqa: E402
from figures import NOT_INSTALLED, PEER, Record, Table, Work, installed  # noqa: E402

LRLAB, PIPELINE, NUMPY = "lrlab", "fit, tf.data", "fit, NumPy"
ALPHA, EPOCHS = 0.1, 3
UNITS, BATCHES = (8, 32, 128, 512, 2048), (8, 32, 128, 512)
USUAL_UNITS, USUAL_BATCH = 32, 32


def model_with(units: int) -> Callable[[float], Any]:
    """The ready-made digits' model, with so many hidden units."""

    def get_model(alpha: float) -> Any:
        import keras

        model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(units, activation="relu")])
        model.add(keras.layers.Dense(10, activation="softmax"))
        model.compile(keras.optimizers.SGD(learning_rate=alpha), "sparse_categorical_crossentropy")
        return model

    return get_model


def ways(units: int, batch: int) -> dict[str, Work]:
    """Each trains EPOCHS epochs more of both runs."""
    import keras
    import tensorflow as tf

    import lrlab
    from lrlab.keras_live.data import check_data
    from lrlab.keras_live.ready import READY
    from lrlab.keras_live.twins import Twins

    (x, y), validation = READY["digits"].get_data()
    get_model = model_with(units)
    twins = Twins(get_model, check_data(((x, y), validation)), ALPHA, batch_size=batch)
    twins.start_over(lrlab.Settings.pair(ALPHA, 0.5, 5))
    first = [variable.numpy() for variable in twins.models[0].variables]

    def by_lrlab() -> None:
        for _ in range(EPOCHS):
            for _ in twins.epoch():
                pass

    def by_fit(rows: dict[str, Any]) -> Work:
        pair = [get_model(ALPHA) for _ in range(2)]
        for model in pair:
            for variable, value in zip(model.variables, first, strict=True):
                variable.assign(value)
        callbacks: list[list[Any]] = [[], [keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=5)]]
        more = {"validation_data": validation, "validation_batch_size": len(validation[1]), "verbose": 0}

        def train() -> list[float]:
            fits = [m.fit(**rows, epochs=EPOCHS, callbacks=c, **more) for m, c in zip(pair, callbacks, strict=True)]
            return [fit.history["val_loss"][-1] for fit in fits]

        return train

    batches = tf.data.Dataset.from_tensor_slices((x.astype("float32"), y)).shuffle(len(x), seed=0).batch(batch).repeat()
    steps = -(-len(x) // batch)
    found = {
        LRLAB: by_lrlab,
        PIPELINE: by_fit({"x": batches.prefetch(4), "steps_per_epoch": steps}),
        NUMPY: by_fit({"x": x, "y": y, "batch_size": batch}),
    }
    by_lrlab()
    keras.utils.set_random_seed(0)
    ours, theirs = twins.history.run(EPOCHS).watched[-1], found[PIPELINE]()
    # The rows come in another order there: losses are alike, not equal.
    np.testing.assert_allclose(theirs, ours, rtol=0.2)
    return found


def measure(record: Record, rounds: int, quick: bool) -> None:
    """Hidden units, and batch sizes."""
    sweeps = {
        "hidden units": {units: (units, USUAL_BATCH) for units in (UNITS[:3] if quick else UNITS)},
        "rows a batch": {batch: (USUAL_UNITS, batch) for batch in (BATCHES[1:3] if quick else BATCHES)},
    }
    for over, cases in sweeps.items():
        name = over.replace(" ", "_")
        question = f"How do Keras epochs scale with {over}?"
        table = Table(f"keras_{name}", question, "ms an epoch", LRLAB, {PIPELINE: PEER, NUMPY: PEER}, over=over)
        if not installed("tensorflow"):
            table.missing = dict.fromkeys((LRLAB, PIPELINE, NUMPY), NOT_INSTALLED)
            record.add(table)
            continue
        works = {f"{value} {over}": ways(*case) for value, case in cases.items()}
        table.take_turns(works, rounds, {f"{value} {over}": value for value in cases})
        for way in (LRLAB, PIPELINE, NUMPY):
            table.multiply(way, dict.fromkeys(works, 1 / EPOCHS))
        record.add(table)


def main() -> int:
    asked = figures.asked(figures.parser(__doc__, rounds=3))
    packages = ("tensorflow", "keras", "numpy", "lrlab")
    return figures.carry_out(
        __file__, __doc__, asked, packages, lambda record: measure(record, asked.rounds, asked.quick)
    )


if __name__ == "__main__":
    sys.exit(main())
