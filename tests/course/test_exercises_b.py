"""The exercises of lessons 5 to 8: right answers, typical wrong ones with their reasons, and nonsense."""

import importlib.util
import re

import numpy as np
import pytest

import lrlab
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.catalogue import LESSONS, find, names
from lrlab.course.exercise import Exercise, Mistake, number
from lrlab.course.exercises import (
    adam_and_alpha,
    beat_the_plateau,
    one_newton_step,
    so_many_jobs,
    when_it_stops,
    write_get_model,
    write_newton,
    write_the_jobs,
)
from lrlab.course.exercises.write_the_jobs import right_jobs
from lrlab.problems import rotated_ellipse
from lrlab.studies.ratefree import newton
from tests.course.drawn import drawn

DRAWS = (0, 1, 482913)
NAMES = [name for lesson in (5, 6, 7, 8) for name in LESSONS.get(lesson, ())]
TENSORFLOW = pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs TensorFlow")


@pytest.fixture(autouse=True)
def _progress_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("LRLAB_PROGRESS", str(tmp_path / "progress.json"))


def tasks(kind):
    """Those of a kind, each drawn several times."""
    return [
        pytest.param(drawn(name, draw), id=f"{name}-{draw}")
        for name in NAMES
        for draw in DRAWS
        if drawn(name, 0).kind == kind
    ]


def numbers_in(text):
    return [float(found.replace(",", "")) for found in re.findall(r"-?\d[\d,]*\.?\d*", text)]


def answered(task, answer):
    """The verdict on an answer, as the view comes to it."""
    read = task.read(answer)
    try:
        return task.check(read)
    finally:
        if read is not answer and hasattr(read, "controls"):
            read.close()


def value_that_is_right(task):
    """The number that the task takes, looked for among many."""
    found = [value for value in np.arange(-20, 3000) if task.check(float(value)).right]
    return found or [v for v in numbers_in(task.solution) if task.check(v).right]


# All of them ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", [5, 6, 7, 8])
def test_each_lesson_has_five_and_one_of_each_kind_but_for_few(lesson):
    kinds = {drawn(name, 0).kind for name in LESSONS[lesson]}
    assert len(LESSONS[lesson]) >= 5
    assert kinds == {"number", "choose", "sliders", "code"}


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_there_and_plain(name):
    task = drawn(name, 5)
    assert find(name).lesson in (5, 6, 7, 8)
    assert len(task.hints) >= 2
    for text in (task.prompt, task.solution, *task.hints):
        assert text
        assert "!" not in re.sub("<pre>.*?</pre>", "", text, flags=re.DOTALL)
        assert "nan" not in text.split()
        assert not re.search(r"\de-0\d", text), "a number as a learner would not write it"


@pytest.mark.parametrize("name", [name for name in NAMES if find(name).varies])
def test_draws_differ(name):
    seen = {(task.prompt, task.options, task.solution) for task in (drawn(name, draw) for draw in range(8))}
    kind = drawn(name, 0).kind
    assert len(seen) > 1 or kind == "code", "what a code exercise draws are the cases that it is tried on"


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_has_a_picture_or_none(name):
    task = drawn(name, 1)
    shown = task.picture() if task.picture else None
    assert shown is None or hasattr(shown, "savefig") or hasattr(shown, "controls")
    if hasattr(shown, "controls"):
        shown.close()


# To choose -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", tasks("choose"))
def test_one_option_is_right_and_each_wrong_one_has_its_own_reason(task):
    verdicts = [answered(task, option) for option in task.options]
    assert sum(verdict.right for verdict in verdicts) == 1
    reasons = [verdict.why for verdict in verdicts]
    assert len(set(reasons)) == len(reasons)
    assert min(map(len, reasons)) > 20


@pytest.mark.parametrize("task", tasks("choose"))
@pytest.mark.parametrize("nonsense", ["", "z", "perhaps", 3, None])
def test_no_option(task, nonsense):
    with pytest.raises((ValueError, TypeError), match="Choose one of"):
        task.read(nonsense)


@pytest.mark.parametrize(
    ("name", "chosen", "why"),
    [
        ("patience_long", "every job", "after the last new best"),
        ("what_is_handed_on", "the weights", "velocity would be lost"),
        ("fit_in_a_loop", "as in one call", "on_train_begin"),
        ("does_cutting_help", "patience 1", "taken for a plateau"),
        ("does_cutting_help", "0.01", "too small already"),
        ("adam_and_alpha", "by itself", "multiplies by alpha"),
        ("which_is_none", "a bias", "gradient sets it"),
    ],
)
@pytest.mark.parametrize("draw", DRAWS)
def test_what_is_said_to_who_chooses_it(name, chosen, why, draw):
    task = drawn(name, draw)
    (option,) = [
        text for text in task.options if text == chosen or (chosen != "the weights" and re.search(rf"{chosen}\b", text))
    ]
    assert why in answered(task, option).why


@pytest.mark.parametrize("draw", range(12))
def test_all_jobs_that_are_patience_long_are_named(draw):
    task = drawn("patience_long", draw)
    patience, lengths = re.search(r"patience (\d+) .* ended are ([\d, ]+) epochs", task.prompt).groups()
    (why,) = [said.why for said in (answered(task, option) for option in task.options) if said.right]
    named = [int(n) for n in re.findall(r"\d+", why)]
    assert named == [n for n, length in enumerate(lengths.split(", "), 1) if length == patience]


# Numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", tasks("number"))
def test_one_number_is_right_and_is_in_the_solution(task):
    right = value_that_is_right(task)
    assert len(set(right)) == 1
    assert any(np.isclose(right[0], shown, rtol=1e-3) for shown in numbers_in(task.solution))


@pytest.mark.parametrize("task", tasks("number"))
@pytest.mark.parametrize("nonsense", ["", "many", "nan", "inf", True, [3]])
def test_no_number(task, nonsense):
    with pytest.raises((ValueError, TypeError), match="An answer here is a number"):
        task.read(nonsense)


@pytest.mark.parametrize("task", tasks("number"))
def test_any_other_number_gets_something_useful(task):
    verdict = task.check(123456.7)
    assert not verdict.right
    assert len(verdict.why) > 20


@pytest.mark.parametrize("name", names())
def test_no_two_mistakes_lead_to_one_number_and_none_to_the_right_one(name):
    assert all(drawn(name, draw).clear for draw in range(12))


def test_numbers_that_are_not_clear_are_drawn_again():
    def draw(rng):
        wrong = float(rng.integers(4))
        return number(str(wrong), 2, [Mistake(wrong, "It is more."), Mistake(3, "It is less.")], str, ["Hint"], "2")

    exercise = Exercise("two", 1, "Two", draw)
    assert {exercise.task(i).prompt for i in range(30)} == {"0.0", "1.0"}


WRONG = [
    # name, the mistake as a function of the right answer and the numbers in the prompt, what is said
    ("length_of_a_job", lambda right, said: said[1], "patience alone"),
    ("length_of_a_job", lambda right, said: right + 1, "One too many"),
    ("count_the_jobs", lambda right, said: right - 1, "how often the rate was cut"),
    ("count_the_jobs", lambda right, said: 100 // said[3], "if each job were patience epochs long"),
    ("idle_epochs", lambda right, said: 14 - right, "did bring a new best"),
    ("when_it_stops", lambda right, said: said[3] + said[1], "resets nothing"),
    ("when_it_stops", lambda right, said: right - 1, "is not counted"),
    ("rate_that_is_left", lambda right, said: 2 * right, "an epoch that never comes"),
    ("rate_that_is_left", lambda right, said: 0.08, "before the first epoch"),
    ("cost_of_a_sweep", lambda right, said: right / said[3], "seeds are missing"),
    ("cost_of_a_sweep", lambda right, said: right / said[4], "how many jobs"),
    ("cost_of_a_sweep", lambda right, said: sum(said[:3]) * said[3] * said[4], "You added"),
    ("what_a_budget_buys", lambda right, said: 2 * right, "budget is one of epochs"),
    ("down_to_min_lr", lambda right, said: right - 1, "One cut more"),
    ("down_to_min_lr", lambda right, said: right + 1, "does nothing there"),
    ("one_newton_step", lambda right, said: None, "gradient descent with rate 1"),
    ("count_the_weights", lambda right, said: right - said[1] - said[2] - 1, "biases are missing"),
    ("steps_in_an_epoch", lambda right, said: said[0] // said[1] * said[2], "last batch"),
]


@pytest.mark.parametrize(("name", "mistake", "why"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("draw", DRAWS)
def test_a_known_mistake_gets_its_reason(name, mistake, why, draw):
    task = drawn(name, draw)
    said = numbers_in(re.sub("<[^>]+>", "", task.prompt))
    (right,) = set(value_that_is_right(task))
    wrong = mistake(right, said)
    if wrong is None:  # one_newton_step: w - slope
        start, slope = (float(found) for found in re.findall(r"w = (-?\d+)\$.*slope (\d+)", task.prompt)[0])
        wrong = start - slope
    verdict = task.check(float(wrong))
    assert not verdict.right
    assert why in verdict.why


def test_where_newton_ends_is_the_lowest_point():
    for draw in range(20):
        task = drawn("one_newton_step", draw)
        start, slope, bend = map(float, re.findall(r"w = (-?\d+)\$.*slope (\d+).*is (\d+) every", task.prompt)[0])
        assert task.check(start - slope / bend).right
    parabola = one_newton_step._parabola(4.0, 2.0, 5.0)
    assert newton(parabola, np.array([5.0]), 1).loss[-1] == pytest.approx(0)


def test_a_job_ends_patience_epochs_after_its_last_new_best():
    for draw in range(200):
        task = drawn("length_of_a_job", draw)
        _, patience, improved, *_ = numbers_in(task.prompt)
        assert task.check(improved + patience).right


def test_more_patience_is_advised_only_where_it_makes_fewer_jobs():
    """Of counts that fall by fits and starts only those are asked for that all shorter patiences exceed."""
    for alpha in so_many_jobs.ALPHAS:
        run = train(rotated_ellipse(), Settings(alpha, 0.5, so_many_jobs.PATIENCES), epochs=100, momentum=0.9)
        counts = [len(run.segments(i)) for i in range(len(run.settings))]
        found = so_many_jobs.steady(np.array(counts))
        assert found
        for wanted in found:
            signs = [int(np.sign(count - wanted)) for count in counts]
            assert signs == sorted(signs, reverse=True)
            assert signs.count(0) > 1
    assert so_many_jobs.steady(np.array([9, 6, 3, 3, 5, 3])) == []


def test_who_comes_down_from_the_edge_is_sent_below_the_half_of_it():
    for draw in (0, 2):
        task = drawn("as_low_as_newton", draw)
        verdicts = {alpha: answered(task, {"alpha": alpha}) for alpha in (5.0, 6.4, 8.0, 12.0, 15.5)}
        assert [alpha for alpha, verdict in verdicts.items() if verdict.right] == [6.4]
        assert "a larger alpha" in verdicts[5.0].why
        assert all("well below half the edge" in verdicts[alpha].why for alpha in (8.0, 12.0, 15.5))


def test_each_unhelpful_cut_shows_in_the_loss():
    for draw in range(6):
        task = drawn("does_cutting_help", draw)
        for text in task.options:
            why = answered(task, text).why
            ((constant, plateau),) = re.findall(r"run is at (.+?), the one that is cut at (.+?)\. ", why)
            assert constant != plateau


# Sliders -------------------------------------------------------------------------------------------------------------


def settings_of(lab):
    values = {name: lab.controls[name].value for name in ("alpha", "factor", "patience") if name in lab.controls}
    lab.close()
    return values


@pytest.mark.parametrize("task", tasks("sliders"))
def test_as_it_begins_it_is_not_solved_and_as_the_picture_is_it_is(task):
    lab = task.lab()
    verdict = task.check(lab)
    assert not verdict.right
    assert len(verdict.why) > 20
    lab.close()
    assert answered(task, settings_of(task.picture())).right


@pytest.mark.parametrize("task", tasks("sliders"))
@pytest.mark.parametrize("nonsense", [3, "lrlab-1 nonsense", {"nonsense": 3}, {"alpha": -1}])
def test_no_setting(task, nonsense):
    with pytest.raises((ValueError, TypeError)):
        task.read(nonsense)


@pytest.mark.parametrize(
    ("name", "settings", "why"),
    [
        ("so_many_jobs", {"patience": 1}, "Wait longer"),
        ("so_many_jobs", {"patience": 60}, "waits too long"),
        ("so_many_jobs", {"factor": 0.9}, "only patience may be moved"),
        ("set_the_replay", {"patience": 30}, "The rate is never cut. A shorter patience"),
        ("set_the_replay", {"patience": 1, "factor": 0.5}, "A longer patience"),
        ("set_the_replay", {"min_lr": 0.01}, "lowest rate at 0"),
        ("cut_to_harm", {"factor": 1.0}, "nothing is cut"),
        ("cut_to_harm", {"patience": 25}, "cutting helps"),
        ("cut_to_harm", {"alpha": 0.07}, "alpha is not as it was"),
        ("cut_to_harm", {"min_lr": 0.02}, "min_lr is not as it was"),
        ("cut_to_harm", {"patience": 150}, "In 9 of 9 noises the rate was never cut"),
        ("cut_to_harm", {"factor": 0.5, "patience": 4}, "by less than that"),
        ("as_low_as_newton", {"alpha": 0.5}, "a larger alpha"),
        ("as_low_as_newton", {"alpha": 40.0}, "past the edge"),
        ("as_low_as_newton", {"alpha": 14.0}, "well below half the edge"),
        ("as_low_as_newton", {"alpha": 8.0}, "well below half the edge"),
        ("as_low_as_newton", {"momentum": 0.5}, "move alpha only"),
    ],
)
def test_wrong_settings_get_their_reason(name, settings, why):
    said = [answered(drawn(name, draw), settings) for draw in DRAWS]
    assert not any(verdict.right for verdict in said if "cut_to_harm" in name)
    assert any(why in verdict.why for verdict in said), [verdict.why for verdict in said]


@pytest.fixture
def here(monkeypatch):
    """Learners' functions are run in this process: another one takes seconds to start."""
    for module in (beat_the_plateau, write_newton, write_the_jobs):
        monkeypatch.setattr(module, "apart", lambda work, function, *given: work(function, *given))


# Code ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", tasks("code"))
def test_what_is_no_function_and_what_is_not_written_yet(task):
    with pytest.raises(TypeError, match="a function"):
        task.read(3)

    def not_yet(*arguments):
        return ...

    with pytest.raises(ValueError, match="Nothing is written yet"):
        task.read(not_yet)

    def dots_in_an_index(values, *arguments):
        return np.asarray(values)[..., 0]

    assert task.read(dots_in_an_index) is dots_in_an_index


def test_the_starts_are_python():
    for name in NAMES:
        if start := drawn(name, 0).start:
            compile(start, name, "exec")


def solution_of(name, draw=0):
    """The function that the solution shows."""
    from html import unescape

    (source,) = re.findall("<pre>(.*?)</pre>", drawn(name, draw).solution, re.DOTALL)
    names = {"np": np}
    exec(unescape(source), names)
    (name,) = re.findall(r"^def (\w+)", drawn(name, draw).start, re.MULTILINE)
    return names[name]


@pytest.mark.parametrize("name", ["write_the_jobs", "beat_the_plateau", "write_newton"])
def test_the_solution_of_a_code_exercise_is_right(name, here):
    for draw in DRAWS[:2]:
        verdict = answered(drawn(name, draw), solution_of(name, draw))
        assert verdict.right, verdict.why


def without_the_last(rates):
    return right_jobs(rates)[:-1]


def counted_from_0(rates):
    return [(first - 1, last - 1, rate) for first, last, rate in right_jobs(rates)]


def with_lengths(rates):
    return [(first, last - first + 1, rate) for first, last, rate in right_jobs(rates)]


def nothing_at_all(*arguments):
    return None


def raises(*arguments):
    return arguments[0][10**6]


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (without_the_last, "the last job is missing"),
        (counted_from_0, "counted from 0"),
        (with_lengths, "not the length"),
        (nothing_at_all, "return a list of jobs"),
        (lambda rates: [(1, float("inf"), 0.1)], "return a list of jobs"),
        (lambda rates: [], "For [0.1, 0.1, 0.1, 0.05, 0.05]: you found no job at all"),
        (lambda rates: [(1, len(rates), rates[0])], "and you found"),
    ],
)
def test_wrong_jobs(function, why, here):
    verdict = answered(drawn("write_the_jobs", 0), function)
    assert not verdict.right
    assert why in verdict.why


@pytest.mark.parametrize("name", ["write_the_jobs", "write_newton", "beat_the_plateau"])
def test_a_function_that_raises_is_told_apart(name):
    verdict = answered(drawn(name, 0), lambda *given: 1 / 0)
    assert not verdict.right
    assert "Your function raised ZeroDivisionError" in verdict.why


def test_a_loop_that_never_ends_is_stopped(monkeypatch):
    def loops(*arguments):
        while True:
            pass

    original = write_the_jobs.apart
    monkeypatch.setattr(write_the_jobs, "apart", lambda *given: original(*given, seconds=0.5))
    assert "never end" in answered(drawn("write_the_jobs", 0), loops).why


STEPS = {
    "the step is missing": lambda w, g, h: w,
    "uphill": lambda w, g, h: w + np.linalg.solve(h, g),
    "You return the step": lambda w, g, h: np.linalg.solve(h, g),
    "You multiply": lambda w, g, h: w - h @ g,
    "diagonal": lambda w, g, h: w - g / np.diag(h),
    "rate 1": lambda w, g, h: w - g,
    "it should step to": lambda w, g, h: w - 0.1 * g,
    "return an array": nothing_at_all,
    "a product with @": lambda w, g, h: w - g / h,
    "np.linalg.solve(hessian, gradient), or": lambda w, g, h: w - np.linalg.inv(h) * g,
    "Yours are a single number": lambda w, g, h: 3.0,
}


@pytest.mark.parametrize("why", STEPS)
def test_wrong_steps_of_newton(why, here):
    for draw in DRAWS:
        bowl = write_newton._bowls(draw)[0]
        (answer,) = write_newton._all(STEPS[why], [bowl])
        assert why in write_newton._why(*map(np.array, bowl), answer)
    assert why in answered(drawn("write_newton", 0), STEPS[why]).why


def all_alike(epoch, rate, losses):
    return rate


def a_small_one(epoch, rate, losses):
    return 0.01


def nothing_moves(epoch, rate, losses):
    return 0


def still_high(epoch, rate, losses):
    return rate * 0.999


def cut_at_once(epoch, rate, losses):
    return rate if epoch == 0 else 0.9 * rate


def cut_too_late(epoch, rate, losses):
    return 0.07 if epoch < 140 else 0.0007


def too_large(epoch, rate, losses):
    return 0.5


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (all_alike, "a constant rate, 0.07 in every epoch"),
        (a_small_one, "a constant rate, 0.01 in every epoch"),
        (nothing_moves, "Your rate is 0 from the first epoch to the last"),
        (cut_at_once, "lowered too early"),
        (cut_too_late, "high until epoch 140: that leaves too few epochs for the noise to fade. Lower it earlier"),
        (still_high, "low enough for the noise"),
        (too_large, "diverges"),
        (nothing_at_all, "Your schedule must return a learning rate"),
    ],
)
def test_schedules_that_do_not_beat_the_plateau(function, why, here):
    verdict = answered(drawn("beat_the_plateau", 0), function)
    assert not verdict.right
    assert why in verdict.why


def test_the_plateau_can_be_beaten_whatever_is_drawn_and_a_constant_rate_never_does():
    for draw in range(5):
        rng = np.random.default_rng(draw)
        alpha, first = float(rng.choice([0.06, 0.07])), int(rng.integers(10**6))
        plateau = beat_the_plateau.median_loss(alpha, first, 0.5)
        own, _ = beat_the_plateau._own_loss(beat_the_plateau.cosine(alpha), alpha, first)
        assert own < beat_the_plateau.SHARE * plateau
        assert beat_the_plateau.median_loss(alpha, first, 1.0) > plateau


# What Keras itself does ----------------------------------------------------------------------------------------------


class Unmoved:
    """As much of a model as the callbacks ask for."""

    def __init__(self, rate):
        import keras

        self.optimizer = keras.optimizers.SGD(rate)
        self.stop_training = False


@TENSORFLOW
def test_early_stopping_counts_as_the_exercise_says():
    import keras

    rng = np.random.default_rng(0)
    for _ in range(20):
        losses = np.round(rng.uniform(0.2, 1, 5), 2).tolist() + np.round(rng.uniform(1, 2, 30), 2).tolist()
        cut, stop = keras.callbacks.ReduceLROnPlateau(patience=3), keras.callbacks.EarlyStopping(patience=8)
        model = Unmoved(0.1)
        for callback in (cut, stop):
            callback.set_model(model)
            callback.on_train_begin()
        for epoch, loss in enumerate(losses):
            for callback in (cut, stop):
                callback.on_epoch_end(epoch, {"val_loss": loss})
            if model.stop_training:
                break
        assert epoch + 1 == when_it_stops._stops(losses, 8)
        assert float(model.optimizer.learning_rate) < 0.05, "the rate was cut on the way"


@TENSORFLOW
def test_each_call_of_fit_sets_the_callback_back():
    import keras

    model, callback = Unmoved(0.1), keras.callbacks.ReduceLROnPlateau(patience=2)
    callback.set_model(model)
    for _ in range(40):
        callback.on_train_begin()
        callback.on_epoch_end(0, {"val_loss": 0.5})
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1)


@TENSORFLOW
def test_the_first_step_of_adam():
    import keras

    for alpha, gradient in ((0.01, 20.0), (0.1, 200.0)):
        weight = keras.Variable([0.0])
        optimizer = keras.optimizers.Adam(alpha)
        optimizer.build([weight])
        optimizer.apply([np.array([gradient], "float32")])
        assert -float(weight[0]) == pytest.approx(adam_and_alpha.first_step(alpha, gradient), rel=1e-4)


# get_model -----------------------------------------------------------------------------------------------------------


def a_model(alpha, units=16, optimizer="Adam", end="sigmoid", outputs=1, compiled=True):
    import keras

    layers = [keras.layers.Dense(units, "tanh")] if units else []
    model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(outputs, end)])
    if compiled:
        rate = {} if alpha is None else {"learning_rate": alpha}
        chosen = getattr(keras.optimizers, optimizer)(**rate)
        model.compile(optimizer=chosen, loss="binary_crossentropy", metrics=["accuracy"])
    return model


@TENSORFLOW
def test_a_right_get_model_is_trained_apart():
    verdict = answered(drawn("write_get_model", 0), solution_of("write_get_model"))
    assert verdict.right, verdict.why


@TENSORFLOW
@pytest.mark.parametrize(
    ("get_model", "why"),
    [
        (lambda alpha: None, "returns nothing"),
        (lambda alpha: 3, "something of type int"),
        (lambda alpha: a_model(alpha, compiled=False), "not compiled"),
        (lambda alpha: a_model(None), "Hand alpha on"),
        (lambda alpha: a_model(2 * alpha), "It should be alpha itself"),
        (lambda alpha: a_model(alpha, outputs=2), "one output"),
        (lambda alpha: a_model(alpha, optimizer="SGD"), "should be Adam"),
        (lambda alpha: a_model(alpha, units=0), "a straight line"),
        (lambda alpha: a_model(alpha, end=None), "between 0 and 1"),
    ],
)
def test_wrong_models(get_model, why, monkeypatch):
    monkeypatch.setattr(write_get_model, "EPOCHS", 2 if why != "a straight line" else 40)
    verdict = write_get_model.verdict(write_get_model.examine(get_model))
    assert not verdict.right
    assert why in verdict.why


def test_a_get_model_that_raises_is_told_its_line():
    def get_model(alpha):
        return alpha / 0

    verdict = answered(drawn("write_get_model", 0), get_model) if importlib.util.find_spec("tensorflow") else None
    assert verdict is None or "ZeroDivisionError" in verdict.why


# In a cell -----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:on_submit")
@pytest.mark.parametrize("name", NAMES)
def test_nonsense_is_no_try(name):
    view = lrlab.exercise(name)
    assert view.give(object()) is None
    assert view.progress.of(name).tries == 0
    view.close()
