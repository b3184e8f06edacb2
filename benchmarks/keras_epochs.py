"""How fast does KerasLab train, next to what one writes otherwise, and does it leave the kernel time for anything else?

    python benchmarks/keras_epochs.py [--rounds 3] [--no-browser] [--quick] [--json FILE]

All ways train the same pair (the moons, batches of 32, one run with ReduceLROnPlateau) in one real Jupyter kernel, and
take turns, round by round, so that a busy moment of the machine hits all of them. An epoch is one of both runs.

* KerasLab, picture included: all that a notebook gets is made and sent, 20 pictures a second at most.
* bare loop, no picture: a hand-written compiled loop (GradientTape), one call an epoch and run, validation included; it
  can cut no rate by itself, and is given those of the lab.
* fit, tf.data: `model.fit` twice, on a cached pipeline, the second with the callback.
* fit, NumPy: `model.fit(x, y)` twice, as most teachers write it.
* livelossplot: the same with `PlotLossesKeras`, which draws both losses anew after every epoch.

Compiling is not timed. Before anything is, the bare loop and `fit` on a pipeline have to give the lab's losses, to 1e-3
after 30 epochs.
`fit(x, y)` shuffles the rows as it likes, and so does livelossplot.

Restarts: from setting alpha while the lab trains until the first picture of the new run has been sent, in ms.

In a browser (`--no-browser` leaves it out): from an arrow key on the alpha slider of a DescentLab to its new picture,
while nothing else goes on and while a KerasLab beside it trains without a pause; and the same key in a KerasLab, to the
first picture of the new run. See `slider_to_pixels.py` for how.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import figures
from figures import NOT_INSTALLED, PEER, Record, Table, installed
from jupyter_client.manager import start_new_kernel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ALPHA, EPOCHS, FEW, BATCH = 0.5, 200, 30, 32
LAB, BARE, PIPELINE, NUMPY, PLOT = (
    "KerasLab, picture included", "bare loop, no picture", "fit, tf.data", "fit, NumPy", "livelossplot",
)  # fmt: skip

IDLE, BUSY, KERAS = (
    "DescentLab, nothing else going on", "DescentLab, beside a KerasLab that trains", "KerasLab, a new run",
)  # fmt: skip

SETUP = f"""
%matplotlib inline
import asyncio, json, os, time, warnings
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")
import numpy as np, lrlab
lab = lrlab.KerasLab("moons", alpha={ALPHA}, epochs={EPOCHS})
lab.wait()
import keras, tensorflow as tf
from lrlab.keras_live.ready import READY
get_model = READY["moons"].get_model
(x, y), (x_val, y_val) = READY["moons"].get_data()
x, y, x_val, y_val = (part.astype("float32") for part in (x, y, x_val, y_val))
steps = -(-len(x) // {BATCH})

def models():
    keras.utils.set_random_seed(0)
    pair = [get_model({ALPHA}) for _ in range(2)]
    pair[1].set_weights(pair[0].get_weights())
    return pair

def batches():
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch({BATCH}).repeat()

def callback():
    return keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=5)

def timed(epochs, function):
    began = time.perf_counter()
    losses = function(epochs)
    return {{"rate": epochs / (time.perf_counter() - began), "losses": losses}}

def bare_loop():
    pair, rates = models(), lab.run.lr
    loss = keras.losses.BinaryCrossentropy()
    def compiled(model):
        model.optimizer.build(model.trainable_variables)
        val = tf.constant(x_val), tf.constant(y_val)
        @tf.function
        def epoch(rows):
            total = 0.0
            for _ in tf.range(steps):
                inputs, targets = next(rows)
                with tf.GradientTape() as tape:
                    value = loss(targets, model(inputs, training=True))
                gradients = tape.gradient(value, model.trainable_variables)
                model.optimizer.apply(gradients, model.trainable_variables)
                total += value
            return total / steps, loss(val[1], model(val[0], training=False))
        first = [tf.constant(variable.numpy()) for variable in (*model.variables, *model.optimizer.variables)]
        epoch(iter(batches()))
        for variable, value in zip((*model.variables, *model.optimizer.variables), first):
            variable.assign(value)
        return epoch
    calls = [compiled(model) for model in pair]
    rows = [iter(batches().prefetch(4 * steps)) for _ in pair]
    def train(epochs):
        losses = []
        for e in range(epochs):
            for i, (model, call) in enumerate(zip(pair, calls)):
                model.optimizer.learning_rate = float(rates[e, i])
                losses.append(float(call(rows[i])[1]))
        return losses[-2:]
    return train

def by_fit(data, extra=lambda: []):
    pair = models()
    def one(model, epochs, callbacks):
        return model.fit(**data(), epochs=epochs, validation_data=(x_val, y_val), verbose=0,
                         validation_batch_size=len(x_val), callbacks=[*callbacks, *extra()])
    for model in pair:  # compiles, which is not timed
        model.optimizer.build(model.trainable_variables)
        variables = [*model.variables, *model.optimizer.variables]
        first = [variable.numpy() for variable in variables]
        one(model, 1, [])
        for variable, value in zip(variables, first):
            variable.assign(value)
    keras.utils.set_random_seed(0)
    return lambda epochs: [one(model, epochs, callbacks).history["val_loss"][-1]
                           for model, callbacks in zip(pair, ([], [callback()]))]

pipeline = lambda: dict(x=batches().prefetch(4 * steps), steps_per_epoch=steps)
numpy = lambda: dict(x=x, y=y, batch_size={BATCH})
"""

LAB_RUN = f"""
lab.start_over()
began = time.perf_counter()
while lab._worker.busy:
    await asyncio.sleep(0.02)
lab._draw_news()
print(json.dumps({{"rate": {EPOCHS} / (time.perf_counter() - began),
                  "losses": lab.run.watched[{FEW}].tolist()}}))
"""
OTHERS = {
    BARE: f"timed({EPOCHS}, bare_loop())",
    PIPELINE: f"timed({FEW}, by_fit(pipeline))",
    NUMPY: f"timed({FEW}, by_fit(numpy))",
    PLOT: f"timed({FEW}, by_fit(numpy, lambda: [__import__('livelossplot').PlotLossesKeras()]))",
}
CHECKS = {BARE: f"timed({FEW}, bare_loop())", PIPELINE: OTHERS[PIPELINE]}

# A third of a second into runs that would go on for seconds.
RESTARTS = """
found = []
for alpha in np.geomspace(0.1, 1, 12):
    lab.controls["epochs"].value = 2000
    await asyncio.sleep(0.3)
    began = time.perf_counter()
    lab.controls["alpha"].value = float(alpha)
    while lab._seen.history is None or lab._seen.history.settings.alpha[0] != alpha:
        await asyncio.sleep(0.001)
    found.append(1000 * (time.perf_counter() - began))
lab.stop()
print(json.dumps(found))
"""

BESIDE = """
import asyncio, lrlab, ipywidgets
quiet = lrlab.DescentLab("ravine", alpha=0.05, epochs=300)
busy = lrlab.KerasLab("moons", epochs=200)
"""
WITHOUT_A_PAUSE = """
async def without_a_pause():
    while True:
        if not busy._worker.busy:
            busy.start_over()
        await asyncio.sleep(0.05)
task = asyncio.get_running_loop().create_task(without_a_pause())
"""


class Kernel:
    """A Jupyter kernel of its own."""

    def __init__(self) -> None:
        self._manager, self._client = start_new_kernel(kernel_name="python3")

    def run(self, code: str) -> str:
        """What the code prints; raises RuntimeError with the kernel's traceback."""
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                said.append(message["content"]["text"])

        reply = self._client.execute_interactive(code, output_hook=hear, timeout=600)
        if reply["content"]["status"] == "error":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))
        return "".join(said)

    def ask(self, code: str) -> Any:
        """The JSON that the code prints last; pictures and Keras print too."""
        return json.loads(self.run(code).strip().splitlines()[-1])

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def measure(rounds: int) -> tuple[dict[str, list[float]], list[float]]:
    """Epochs a second of each way, one figure a round, and restarts in ms."""
    kernel = Kernel()
    others = {name: code for name, code in OTHERS.items() if name != PLOT or installed("livelossplot")}
    try:
        kernel.run(SETUP)
        expected = kernel.ask(LAB_RUN)["losses"]
        for name, code in CHECKS.items():
            losses = kernel.ask(f"print(json.dumps({code}))")["losses"]
            worst = max(abs(a - b) for a, b in zip(losses, expected, strict=True))
            assert worst < 1e-3, f"{name} trains something else: {losses}, not {expected}"
        rates: dict[str, list[float]] = {name: [] for name in (LAB, *others)}
        for number in range(rounds):
            figures.told(f"round {number + 1} of {rounds}")
            rates[LAB].append(kernel.ask(LAB_RUN)["rate"])
            for name, code in others.items():
                rates[name].append(kernel.ask(f"print(json.dumps({code}))")["rate"])
        return rates, kernel.ask(RESTARTS)
    finally:
        kernel.close()


def measure_in_browser(rounds: int) -> dict[str, list[float]]:
    """ms of key presses to pixels: of a NumPy lab, alone and beside one that trains; and of KerasLab."""
    from slider_to_pixels import LRLAB, Stage, Way

    from tests.browser.jupyter import Notebook, chromium, running_lab, write_notebook

    def press(stage: Stage) -> list[float]:
        stage.presses.clear()
        for number in range(rounds):
            stage.measure_presses("ArrowLeft" if number % 2 else "ArrowRight", 5)
        return stage.whole()

    with tempfile.TemporaryDirectory() as folder, running_lab(folder) as lab, chromium() as browser:
        found = {}
        for name, show in (("beside", "ipywidgets.VBox([quiet, busy])"), ("keras", "busy")):
            write_notebook(Path(folder, f"{name}.ipynb"), [BESIDE, show])
            notebook = Notebook(browser, lab, f"{name}.ipynb", viewport=(1400, 1500))  # both labs in sight
            stage = Stage(Way(LRLAB, BESIDE, show, ".lrlab-live-figure", "canvas"), notebook)
            notebook.ask("busy.wait()")
            stage.measure_presses("ArrowRight", 3)
            if name == "keras":
                found[KERAS] = press(stage)
                continue
            found[IDLE] = press(stage)
            notebook.ask(WITHOUT_A_PAUSE)
            stage.page.wait_for_timeout(1000)
            found[BUSY] = press(stage)
            notebook.ask("task.cancel(); busy.stop()")
            notebook.close()
        return found


def both(record: Record, rounds: int, with_browser: bool) -> None:
    """Epochs, restarts, and the kernel's time for others."""
    rates, restarts = measure(rounds)
    table = Table(
        "keras_epochs", "How fast does KerasLab train?", "epochs/s", LAB, dict.fromkeys(OTHERS, PEER),
        more_is_better=True,
        why={BARE: "It draws and keeps nothing, watches no plateau, and is given the rates that the callback found."},
    )  # fmt: skip
    if PLOT not in rates:
        table.missing[PLOT] = NOT_INSTALLED
    table.add("a pair on the moons, batches of 32", rates)
    record.add(table)
    speed = {name: median(samples) for name, samples in rates.items()}
    record.promise("at least 20 times fit with NumPy input", speed[LAB] >= 20 * speed[NUMPY])
    record.promise("within 1.5 times of the bare loop", speed[LAB] >= speed[BARE] / 1.5)
    record.promise("200 epochs of both in about 2 s", 200 / speed[LAB] <= 2.2)
    record.promise("restarts within 100 ms", median(restarts) <= 100)
    table = Table("keras_waits", "How long does one wait for a picture while Keras trains?", "ms", "lab")
    table.add("KerasLab: a new alpha while it trains, until the picture is sent", {"lab": restarts})
    if with_browser:
        found = measure_in_browser(rounds)
        for name, samples in found.items():
            table.add(f"{name}, to the screen", {"lab": samples})
        kept = median(found[BUSY]) <= 2 * median(found[IDLE])
        record.promise("a NumPy lab beside a KerasLab that trains takes at most twice as long", kept)
    record.add(table)


def main() -> int:
    parser = figures.parser(__doc__, rounds=3)
    parser.add_argument("--no-browser", action="store_true")
    asked = figures.asked(parser)
    packages = ("tensorflow", "keras", "livelossplot", "matplotlib", "numpy", "lrlab")
    return figures.carry_out(
        __file__,
        __doc__,
        asked,
        packages,
        lambda record: both(record, asked.rounds, not (asked.no_browser or asked.quick)),
    )


if __name__ == "__main__":
    sys.exit(main())
