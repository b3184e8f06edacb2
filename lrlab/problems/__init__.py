"""What is minimised: the catalogue of every problem that comes with lrlab, by the name one types.

Numbers only. `lines`: of one weight. `surfaces`, `classics`, `traps`: of two. `models`, `network`: on data, of `data`.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial

from lrlab.core.problem import Problem
from lrlab.problems.classics import ackley, beale, himmelblau, rastrigin, rosenbrock, six_hump_camel, styblinski_tang
from lrlab.problems.lines import absolute_value, double_well, parabola, tilted_washboard
from lrlab.problems.models import linear_regression, logistic_regression, softmax_regression
from lrlab.problems.network import multilayer_perceptron
from lrlab.problems.surfaces import booth, bowl, huber_valley, log_sum_exp, matyas, ravine, rotated_ellipse
from lrlab.problems.traps import cliff, monkey_saddle, saddle, two_wells

__all__ = [
    "CATALOGUE",
    "GROUPS",
    "Problem",
    "absolute_value",
    "ackley",
    "beale",
    "booth",
    "bowl",
    "cliff",
    "double_well",
    "find",
    "himmelblau",
    "huber_valley",
    "linear_regression",
    "log_sum_exp",
    "logistic_regression",
    "matyas",
    "monkey_saddle",
    "multilayer_perceptron",
    "parabola",
    "rastrigin",
    "ravine",
    "rosenbrock",
    "rotated_ellipse",
    "saddle",
    "six_hump_camel",
    "softmax_regression",
    "styblinski_tang",
    "tilted_washboard",
    "two_wells",
]

# As they stand in the menus. A problem goes with its like: convex or not, a surface or a model on data.
GROUPS: dict[str, dict[str, Callable[[], Problem]]] = {
    "Convex surfaces": {
        "parabola": parabola,
        "absolute_value": absolute_value,
        "bowl": bowl,
        "ravine": ravine,
        "rotated_ellipse": rotated_ellipse,
        "booth": booth,
        "matyas": matyas,
        "huber_valley": huber_valley,
        "log_sum_exp": log_sum_exp,
    },
    "Surfaces that are not convex": {
        "double_well": double_well,
        "tilted_washboard": tilted_washboard,
        "two_wells": two_wells,
        "saddle": saddle,
        "monkey_saddle": monkey_saddle,
        "cliff": cliff,
        "rosenbrock": rosenbrock,
        "himmelblau": himmelblau,
        "beale": beale,
        "six_hump_camel": six_hump_camel,
        "styblinski_tang": styblinski_tang,
        "rastrigin": rastrigin,
        "ackley": ackley,
    },
    "Convex models on data": {
        "linear_regression": linear_regression,
        "linear_regression_10": partial(linear_regression, features=10),
        "logistic_regression": logistic_regression,
        "logistic_regression_30": partial(logistic_regression, features=30),
        "softmax_digits": softmax_regression,
    },
    "Models on data that are not convex": {
        "mlp_moons": partial(multilayer_perceptron, "moons"),
        "mlp_circles": partial(multilayer_perceptron, "circles"),
        "mlp_digits": partial(multilayer_perceptron, "digits"),
    },
}

CATALOGUE: dict[str, Callable[[], Problem]] = {name: make for group in GROUPS.values() for name, make in group.items()}


def find(problem: str | Problem) -> Problem:
    """The problem itself, or the one of that name in the catalogue.

    Raises ValueError for a name that is not there (and names the nearest), TypeError for anything else.
    """
    return problem if isinstance(problem, Problem) else CATALOGUE[key(problem)]()


def key(name: str) -> str:
    """``name`` as the catalogue spells it: "Linear regression" is "linear_regression". Raises as `find` does."""
    if not isinstance(name, str):
        raise TypeError(f"problem must be a name or a lrlab.Problem, got {name!r}. Names: {', '.join(CATALOGUE)}.")
    spelled = name.strip().lower().replace(" ", "_").replace("-", "_")
    if spelled not in CATALOGUE:
        near = get_close_matches(spelled, CATALOGUE, n=1, cutoff=0.4)
        remedy = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(CATALOGUE)}."
        raise ValueError(f"problem must be a name in the catalogue, got {name!r}. {remedy}")
    return spelled
