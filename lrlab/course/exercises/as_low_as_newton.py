"""Set alpha so that gradient descent comes as low as Newton's method, within a number of epochs."""

import numpy as np

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.run import first_epoch
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Task, Verdict, sliders
from lrlab.labs.ratefree import RateFreeLab
from lrlab.studies.ratefree import newton

NAME, SHARES, EPOCHS = "logistic_regression", np.geomspace(0.05, 1.1, 50), 200


def draw(rng: np.random.Generator) -> Task:
    problem, near = problems.find(NAME), float(rng.choice([1e-3, 1e-4, 1e-5]))
    edge, lowest = problem.stability_edge(), float(newton(problem, problem.start_point).loss[-1])
    rows = len(problem.samples.targets)
    alphas = np.round(SHARES * edge, 2)

    def took(loss: np.ndarray) -> np.ndarray:
        return first_epoch(loss <= lowest + near)

    epochs = took(train(problem, Settings(alphas, 1.0, 1), epochs=EPOCHS, batch_size=rows).loss)
    best, bounces = float(alphas[np.nanargmin(epochs)]), alphas > edge / 2
    most = int(min(2 * np.nanmin(epochs), np.nanmin(epochs[bounces]) - 1))

    def judge(lab: RateFreeLab) -> Verdict:
        if lab.problem.name != problem.name or lab.controls["seed"].value or lab.controls["momentum"].value:
            return Verdict(False, "That is another problem, start or momentum. Press Reset, and move alpha only.")
        alpha, epoch = lab.controls["alpha"].value, float(took(lab.run.loss[:, :1])[0])
        if epoch <= most:
            return Verdict(
                True, f"Yes: at alpha {alpha:g} it is there after {epoch:.0f} epochs. Newton needs no alpha for it."
            )
        if np.isnan(epoch):
            why = "it is past the edge" if alpha > best else "its steps are too small"
            return Verdict(False, f"At alpha {alpha:g} the constant run does not get there: {why}.")
        way = (
            "It bounces. The quick alphas are well below half the edge."
            if alpha > best
            else "Its steps are small: a larger alpha?"
        )
        return Verdict(False, f"At alpha {alpha:g} it is there only after {epoch:.0f} epochs. {way}")

    return sliders(
        f"Newton's method finds the lowest loss, {lowest:.4f}, without a rate. Set alpha so that the constant run is within "
        f"{np.format_float_positional(near)} of it after at most {most} epochs.",
        lambda: RateFreeLab(problem=NAME, alpha=round(edge / 50, 2)),
        judge,
        [f"The stability edge at the minimum is about {edge:.3g}.", "Come from below: somewhat less than half the edge is quick."],
        f"Alpha {best:g} takes {np.nanmin(epochs):.0f} epochs. One had to try; Newton's method computes the bend instead.",
        picture=lambda: RateFreeLab(problem=NAME, alpha=best),
    )  # fmt: skip


EXERCISE = Exercise("as_low_as_newton", 8, "As low as Newton", draw)
