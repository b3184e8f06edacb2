"""In which minimum does a run with small steps end? And how large may its steps be there?"""

import numpy as np

from lrlab.core.descent import train
from lrlab.core.problem import Problem
from lrlab.core.settings import Settings
from lrlab.course.exercise import Exercise, Mistake, Task, number
from lrlab.labs.descent import DescentLab


def wells(a: float, start: float) -> Problem:
    """(x^2 - a^2)^2 / 4, with minima at a and -a."""
    return Problem(
        name="two equal wells",
        formula=rf"$\frac{{1}}{{4}}(x^2 - {a:g}^2)^2$",
        loss=lambda w: (w[..., 0] ** 2 - a * a) ** 2 / 4,
        grad=lambda w: w * (w**2 - a * a),
        start=(start,),
        view=((-a - 1.5, a + 1.5),),
        convex=False,
        minima=[(a,), (-a,)],
        alpha_range=(0.002, 1.0),
    )


def draw(rng: np.random.Generator) -> Task:
    a, start = int(rng.integers(2, 5)), float(rng.choice([-0.3, 0.2, 0.4, -0.5]))
    problem = wells(a, start)
    alpha = 0.01
    end = float(train(problem, Settings(alpha, 1, 1), epochs=2000).w[-1, 0, 0])
    return number(
        f"The loss is $f(x) = (x^2 - {a * a})^2 / 4$. Gradient descent with the small alpha {alpha} begins at $x = {start:g}$. At which x does it "
        "come to rest?",
        round(end, 6),
        [
            Mistake(-end, "That is the other minimum, as deep. It lies behind the hump at 0, and small steps never cross it."),
            Mistake(0, "At 0 the gradient is 0, but that is the top of the hump: next to it the slope leads away."),
            Mistake(end * abs(end), "That is where x² would be, with its sign. At which x is it?"),
            Mistake(start, "There the gradient is not 0, so it does not stay there."),
        ],
        lambda given: f"At x = {given:g} the gradient x(x² − {a * a}) is not 0: a run would not rest there.",
        [f"It rests where the gradient is 0, and the gradient is x(x² − {a * a}).", "There are three such places. Which of them does downhill lead to from the start?"],
        f"The gradient $x(x^2 - {a * a})$ is 0 at $-{a}$, 0 and ${a}$. The one in the middle is the top of a hump. From $x = {start:g}$ downhill leads "
        f"to {end:.0f}, and small steps never cross the hump.",
        why=f"Yes: the minimum on the side where it began, {end:.0f}.",
        within=0.02,
        picture=lambda: DescentLab(problem, alpha=alpha, factor=1, epochs=100),
    )  # fmt: skip


EXERCISE = Exercise("where_it_ends", 4, "Where does it end?", draw)
