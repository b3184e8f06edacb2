"""What a callback remembers when fit is called again and again."""

import numpy as np

from lrlab.core.plateau import rates
from lrlab.course.exercise import Exercise, Option, Task, choose

EPOCHS, ALPHA = 40, 0.1


def draw(rng: np.random.Generator) -> Task:
    patience = int(rng.integers(2, 6))
    losses = np.full(EPOCHS, float(rng.choice([0.4, 0.5, 0.6])))
    in_one = int((np.diff(rates(losses, ALPHA, 0.5, patience), prepend=np.float32(ALPHA)) < 0).sum())
    in_many = sum(bool(rates(losses[[i]], ALPHA, 0.5, patience)[0] < np.float32(ALPHA)) for i in range(EPOCHS))
    forgets = (
        "Each call of fit begins with on_train_begin, and there the callback sets its best loss and its count back."
    )
    counts = {
        in_one: (f"{in_one} times, as in one call", f"That would be so if it remembered. {forgets}"),
        EPOCHS: ("after every epoch", f"It never gets so far as to count {patience}. {forgets}"),
        1: ("once", f"After one cut it would have counted {patience} epochs. {forgets}"),
        in_many: ("never", f"Yes. {forgets} A new count never gets past its first epoch."),
    }
    options = [Option(text, count == in_many, why) for count, (text, why) in counts.items()]
    return choose(
        f"The validation loss is {losses[0]:g} after each epoch: a plateau from the beginning. With patience {patience}, one "
        f"call of <code>fit</code> with {EPOCHS} epochs cuts the rate {in_one} times. Now somebody writes<pre>callback = "
        f"ReduceLROnPlateau(patience={patience})\nfor epoch in range({EPOCHS}):\n"
        "    model.fit(x, y, epochs=1, validation_data=..., callbacks=[callback])</pre>How often is the rate cut?",
        [options[i] for i in rng.permutation(len(options))],
        ["What does fit do first, before any epoch?", "Look for on_train_begin in the callback's source."],
        "Never. Each call of <code>fit</code> begins by setting the callback back: its best loss is infinity again, the next "
        "epoch is an improvement on that, and it waits for nothing. Call <code>fit</code> once, or keep the count yourself.",
    )  # fmt: skip


EXERCISE = Exercise("fit_in_a_loop", 6, "fit in a loop", draw)
