"""Which of four curves is convex? Each is tested by chords."""

import numpy as np

from lrlab.course.exercise import Exercise, Option, Task, choose

X = np.linspace(-2, 2, 41)


def draw(rng: np.random.Generator) -> Task:
    a = int(rng.integers(2, 5))
    curves = {
        f"x⁴ + {a}x": X**4 + a * X,
        f"x⁴ − {a}x²": X**4 - a * X**2,
        f"x² + {a} sin 3x": X**2 + a * np.sin(3 * X),
        f"1 − exp(−{a}x²)": 1 - np.exp(-a * X**2),
    }
    options = []
    for words, values in curves.items():
        chord = _above_its_chord(values)
        if chord is None:
            why = "Yes: no point of it lies above the line between two others. It is tilted, and still a bowl."
        else:
            left, middle, right = chord
            why = (
                f"At x = {X[middle]:.1f} it lies above the line from its point at {X[left]:.1f} to the one at {X[right]:.1f}, so it is "
                "not convex" + (", although it has only one minimum." if words.startswith("1") else ".")
            )
        options.append(Option(words, chord is None, why))
    return choose(
        "Which of these curves is convex between x = −2 and x = 2? Then the straight line between any two of its points never runs "
        "below the curve.",
        [options[i] for i in rng.permutation(len(options))],
        ["A convex curve bends upwards everywhere: its second derivative is never negative.",
         "Having one minimum is not enough: think of a curve that levels off on both sides."],
        f"$x^4 + {a}x$: its second derivative, $12x^2$, is never negative. The curve $1 - e^{{-{a}x^2}}$, shows that one minimum does not "
        "make a curve convex: it levels off outside.",
    )  # fmt: skip


def _above_its_chord(values: np.ndarray) -> tuple[int, int, int] | None:
    """Where the curve is furthest above the line between two of its points: left end, place, right end."""
    worst, found = 1e-9, None
    for left in range(len(X)):
        for right in range(left + 2, len(X)):
            part = slice(left, right + 1)
            height = values[part] - np.interp(X[part], X[[left, right]], values[[left, right]])
            if height.max() > worst:
                worst, found = height.max(), (left, left + int(height.argmax()), right)
    return found


EXERCISE = Exercise("which_is_convex", 4, "Which is convex?", draw)
