"""All exercises, by lesson, in the order of the lessons."""

from __future__ import annotations

from importlib import import_module

from lrlab.course.exercise import Exercise

# What the lessons are called, as in their first lines.
TITLES: dict[int, str] = {
    0: "Start here",
    1: "What alpha does",
    2: "Patience and factor",
    3: "Is it a hyperparameter?",
    4: "Bowls and valleys",
    5: "Many jobs in a row",
    6: "Keras: the real callback",
    7: "Tuning the tuner",
    8: "No rate to set",
}

# The names of files in `lrlab.course.exercises`.
LESSONS: dict[int, tuple[str, ...]] = {
    0: ("read_the_lab",),
    1: ("left_over", "edge", "quick_alpha", "rescue", "always_helps", "below_the_floor"),
    2: (
        "first_cut",
        "second_cut",
        "compared_with",
        "small_progress",
        "so_many_cuts",
        "calm_patience",
        "write_the_rule",
    ),
    3: (
        "like_with_like",
        "epochs_saved",
        "name_the_hyperparameter",
        "learned_or_set",
        "when_tuning_wins",
        "as_good_as_tuned",
    ),
    4: (
        "which_is_convex",
        "stuck_classifier",
        "out_of_the_well",
        "hop_and_settle",
        "where_it_ends",
        "edge_of_a_well",
        "write_gradient",
    ),
    5: ("length_of_a_job", "patience_long", "count_the_jobs", "so_many_jobs", "what_is_handed_on", "write_the_jobs"),
    6: ("rate_that_is_left", "set_the_replay", "idle_epochs", "when_it_stops", "fit_in_a_loop", "write_get_model"),
    7: (
        "does_cutting_help",
        "cut_to_harm",
        "down_to_min_lr",
        "cost_of_a_sweep",
        "what_a_budget_buys",
        "beat_the_plateau",
    ),
    8: (
        "one_newton_step",
        "write_newton",
        "as_low_as_newton",
        "adam_and_alpha",
        "which_is_none",
        "count_the_weights",
        "steps_in_an_epoch",
    ),
}


def names() -> tuple[str, ...]:
    """Of all exercises."""
    return tuple(name for lesson in LESSONS.values() for name in lesson)


def number_of(exercise: Exercise) -> str:
    """What an exercise is called by: 2.3 is the third of lesson 2. One that is in no lesson has that of its lesson."""
    listed = LESSONS.get(exercise.lesson, ())
    place = f".{listed.index(exercise.name) + 1}" if exercise.name in listed else ""
    return f"{exercise.lesson}{place}"


def find(name: str) -> Exercise:
    """The exercise of that name. Raises ValueError, with the names there are, for another."""
    if name not in names():
        raise ValueError(f"There is no exercise {name!r}. There are: {', '.join(names())}.")
    return import_module(f"lrlab.course.exercises.{name}").EXERCISE
