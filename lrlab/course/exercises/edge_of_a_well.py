"""Up to which alpha does a run stay in a well? The edge is a matter of the well, not of the whole loss."""

import numpy as np

from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.course.exercises.where_it_ends import wells
from lrlab.labs.descent import DescentLab
from lrlab.views.tables import readable


def draw(rng: np.random.Generator) -> Task:
    a = int(rng.integers(2, 6))
    problem = wells(a, a + 0.01)
    step = 1e-5
    at = np.array([[a - step], [a + step]], float)
    curvature = float(np.diff(problem.grad(at)[:, 0])[0] / (2 * step))
    edge = 2 / curvature
    return number(
        f"The loss is $f(x) = (x^2 - {a * a})^2 / 4$, with a minimum at $x = {a}$. Up to which alpha does gradient descent settle there, if it begins close "
        "to it? (Three digits are enough.)",
        edge,
        [
            Mistake(1 / curvature, "With that alpha it arrives in about one step. It settles up to twice that."),
            Mistake(curvature, f"That is the curvature at the minimum, {curvature:.0f}. The edge is 2 divided by it."),
            Mistake(2 / (3 * a * a), f"Nearly: the second derivative is 3x² − {a * a}, so {3 * a * a} alone is not yet the curvature at x = {a}."),
            Mistake(2.0, "That would be the edge for a curvature of 1. Work out the curvature at the minimum."),
            Mistake(2 / (a * a), f"At x = 0 the curvature is −{a * a}. What is it at x = {a}?"),
        ],
        lambda given: (
            "With an alpha of 0 or less no step leads downhill."
            if given <= 0
            else f"Too large: there each step from near x = {a} lands further away than it began."
            if given > edge
            else "There it settles, and it would with a larger alpha, too."
        ),
        ["Close to a minimum a loss is nearly a parabola, so the edge is 2/λ with the curvature λ at the minimum.",
         f"The curvature is the second derivative, 3x² − {a * a}, at x = {a}."],
        f"The second derivative is $3x^2 - {a * a}$, at the minimum ${curvature:.0f}$. The edge of this well is $2/{curvature:.0f} = "
        f"{readable(edge)}$. Above it a run leaves this well, or rattles in it.",
        why=f"Yes: 2/λ, and at this minimum λ is {curvature:.0f}.",
        within=0.006 * edge,
        picture=lambda: DescentLab(problem, alpha=round(1.05 * edge, 4), factor=1, epochs=100),
    )  # fmt: skip


EXERCISE = Exercise("edge_of_a_well", 4, "The edge of a well", draw)
