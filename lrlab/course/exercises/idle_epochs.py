"""How many epochs of a job did nothing, as far as its best loss goes?"""

import numpy as np
from matplotlib.figure import Figure

from lrlab.core.replay import replay_run
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number


def draw(rng: np.random.Generator) -> Task:
    losses: list[float] = []
    idle = rises = 0
    while not (4 <= idle <= 9 and 0 < rises < idle):
        steps = rng.choice([-0.12, -0.07, 0.05, 0.09], size=13, p=[0.3, 0.3, 0.2, 0.2])
        losses = np.round(1.2 + np.cumsum([0, *steps]), 2).tolist()
        idle = int(replay_run(losses, Settings(0.1, 0.5, 5)).idle_epochs[0])
        rises = int((np.diff(losses) > 0).sum())
    lowest = int(np.argmin(losses)) + 1
    return number(
        f"The validation losses of a job were {', '.join(f'{loss:g}' for loss in losses)}. In the end you keep the weights of "
        "the best epoch (<code>restore_best_weights</code>). How many epochs brought no new best loss?",
        idle,
        [
            Mistake(rises, "You counted the epochs in which the loss rose. One that falls, but not below the best, brings "
                           "nothing new either."),
            Mistake(len(losses) - idle, "That is how many did bring a new best."),
            Mistake(len(losses) - lowest, "Those are the epochs after the best one. Some before it brought nothing either."),
        ],
        lambda given: "Go from left to right, keep the lowest loss so far in mind, and count each epoch that is not below it.",
        ["The first epoch is a new best: there was none before.",
         "Compare each loss with the lowest one before it, not with the one just before."],
        f"{idle} of {len(losses)}. What the rule makes of them depends on where they are: it cuts only where patience of them "
        "come in a row.",
        why=f"Yes: {idle} of {len(losses)}. They were paid for all the same.",
        picture=lambda: _picture(losses),
    )  # fmt: skip


def _picture(losses: list[float]) -> Figure:
    """The losses, with the epochs that were no new best as hollow dots."""
    figure = Figure(figsize=(6, 2.4), layout="constrained")
    axes = figure.add_subplot(xlabel="epoch", ylabel="validation loss")
    epochs, values = np.arange(1, len(losses) + 1), np.array(losses)
    best = np.minimum.accumulate(values)
    new = values < np.concatenate([[np.inf], best[:-1]])
    axes.step(epochs, best, where="post", color="0.6", label="best so far")
    axes.plot(epochs[new], values[new], "o", color="0.2", label="a new best")
    axes.plot(epochs[~new], values[~new], "o", color="0.2", mfc="white", label="none")
    axes.legend(frameon=False)
    return figure


EXERCISE = Exercise("idle_epochs", 6, "Epochs that did nothing", draw)
