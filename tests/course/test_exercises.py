"""Lessons 0 to 4: for each exercise a right answer, and the typical wrong ones with the reason that each gets."""

import re

import numpy as np
import pytest

from lrlab import problems
from lrlab.core.descent import train
from lrlab.core.settings import Settings
from lrlab.course.catalogue import find, names
from lrlab.course.exercises import rescue, write_gradient, write_the_rule
from lrlab.course.progress import Progress
from lrlab.course.view import ExerciseView
from tests.course.drawn import drawn

DRAWS = (0, 1, 2, 3, 482913)
LETTERS = "abcdefgh"


def verdict(task, answer):
    read = task.read(answer)
    found = task.check(read)
    if hasattr(read, "close"):
        read.close()
    return found


def numbers_in(text):
    return [float(number) for number in re.findall(r"\d+\.?\d*", text)]


# Numbers, worked out here in another way than by simulation ---------------------------------------------------------


def right_left_over(task):
    alpha, steps = re.search(r"alpha ([\d.]+), .* after (\d+) steps", task.prompt).groups()
    return 100 * abs(1 - float(alpha)) ** int(steps)


def right_edge(task):
    return 2 / int(re.search(r"(\d+) times as curved", task.prompt)[1])


def losses_of(task):
    return [float(loss) for loss in re.search(r" are ([\d., ]+)\.", task.prompt)[1].split(", ")]


def cuts(task):
    """The ends of the epochs with a cut, by the rule in words."""
    patience, best, wait, found = int(re.search(r"patience (\d+)", task.prompt)[1]), np.inf, 0, []
    for epoch, loss in enumerate(losses_of(task), start=1):
        best, wait = (loss, 0) if loss < best - 1e-4 else (best, wait + 1)
        if wait == patience:
            found.append(epoch)
            wait = 0
    return found


def right_small_progress(task):
    fall = float(re.search(r"by ([\d.]+) in every", task.prompt)[1])
    return int(np.floor(1e-4 / fall)) + 1


def right_so_many_cuts(task):
    factor, patience, part = re.search(r"factor ([\d.]+) and patience (\d+).* one (\d+)th", task.prompt).groups()
    return int(patience) * (int(np.floor(np.log(1 / int(part)) / np.log(float(factor)))) + 1)


def right_epochs_saved(task):
    return sum(100 - int(best) for best in re.findall(r"after epoch (\d+)", task.prompt))


def right_when_tuning_wins(task):
    wins = [int(n) for n in re.search(r"plateau job in ([\d, ]+) of the", task.prompt)[1].split(", ")]
    return 200 * (1 + next(i for i, n in enumerate(wins) if n > 10))


def right_where_it_ends(task):
    square, start = re.search(r"x\^2 - (\d+)\).*x = (-?[\d.]+)\$", task.prompt).groups()
    return np.sign(float(start)) * int(square) ** 0.5


def right_edge_of_a_well(task):
    return 1 / int(re.search(r"x\^2 - (\d+)\)", task.prompt)[1])


RIGHT = {
    "read_the_lab": lambda task: numbers_in(task.solution)[-1],
    "left_over": right_left_over,
    "edge": right_edge,
    "first_cut": lambda task: cuts(task)[0],
    "second_cut": lambda task: cuts(task)[1],
    "small_progress": right_small_progress,
    "so_many_cuts": right_so_many_cuts,
    "epochs_saved": right_epochs_saved,
    "when_tuning_wins": right_when_tuning_wins,
    "where_it_ends": right_where_it_ends,
    "edge_of_a_well": right_edge_of_a_well,
}
# Mistakes: what is answered, made from the task and the right answer, and what is said of it.
WRONG = [
    ("read_the_lab", lambda task, right: 200, "That is how long the whole run is"),
    ("read_the_lab", lambda task, right: right + 3, "Is alpha"),
    ("left_over", lambda task, right: 100 - right, "The question is what is left"),
    ("left_over", lambda task, right: -right, "has no sign"),
    ("left_over", lambda task, right: right + 3, "One step leaves"),
    ("edge", lambda task, right: 2, "The steep one gives way first"),
    ("edge", lambda task, right: right / 2, "It is stable up to twice that"),
    ("edge", lambda task, right: 1 / right, "Upside down"),
    ("edge", lambda task, right: 1.5 * right, "Too large"),
    ("edge", lambda task, right: 0.7 * right, "would be at a larger alpha"),
    ("first_cut", lambda task, right: right + 1, "first epoch that trains with the lower rate"),
    ("first_cut", lambda task, right: right + 20, "Find the epoch with the lowest loss"),
    ("second_cut", lambda task, right: right + 1, "first epoch that trains with the lower rate"),
    ("second_cut", lambda task, right: right + 20, "Find the last epoch after epoch"),
    ("small_progress", lambda task, right: 0, "Patience 0 acts as 1"),
    ("small_progress", lambda task, right: 1, "asks for more than min_delta"),
    ("small_progress", lambda task, right: right + 1, "one less is enough"),
    ("small_progress", lambda task, right: 1e-4 / numbers_in(task.prompt)[1], "is a whole number: round up"),
    ("small_progress", lambda task, right: 90, "A smaller one would do, too"),
    ("so_many_cuts", lambda task, right: right + 1, "How many times must"),
    ("epochs_saved", lambda task, right: 300, "So many epochs were paid for"),
    ("epochs_saved", lambda task, right: right + 1, "In each job"),
    ("when_tuning_wins", lambda task, right: right / 200, "Each of them costs its epochs"),
    ("when_tuning_wins", lambda task, right: right - 200, ""),
    ("where_it_ends", lambda task, right: -right, "behind the hump"),
    ("where_it_ends", lambda task, right: 0, "top of the hump"),
    ("where_it_ends", lambda task, right: 7.7, "the gradient x(x²"),
    ("edge_of_a_well", lambda task, right: right / 2, "up to twice that"),
    ("edge_of_a_well", lambda task, right: 2 / right, "The edge is 2 divided by it"),
    ("edge_of_a_well", lambda task, right: 2 * right, "What is it at x ="),
    ("edge_of_a_well", lambda task, right: 1.3 * right, "Too large"),
]


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("name", RIGHT)
def test_the_right_number(name, draw):
    task = drawn(name, draw)
    found = verdict(task, RIGHT[name](task))
    assert found.right, (task.prompt, found)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(("name", "mistake", "says"), WRONG)
def test_a_wrong_number_gets_the_reason_that_fits(name, mistake, says, draw):
    task = drawn(name, draw)
    right = RIGHT[name](task)
    found = verdict(task, float(mistake(task, right)))
    assert not found.right
    assert says in found.why


@pytest.mark.parametrize("draw", DRAWS)
def test_counting_patience_from_the_cut_is_told(draw):
    task = drawn("second_cut", draw)
    patience, first = int(re.search(r"patience (\d+)", task.prompt)[1]), cuts(task)[0]
    assert cuts(task)[1] > first + patience
    found = verdict(task, first + patience)
    assert found.why.startswith("You counted patience from the cut. Keras counts from the last improvement")


def test_comparing_with_the_epoch_before_is_told():
    told = 0
    for draw in range(20):
        task = drawn("first_cut", draw)
        losses, right = losses_of(task), cuts(task)[0]
        patience, wait = int(re.search(r"patience (\d+)", task.prompt)[1]), 0
        for epoch in range(1, len(losses)):
            wait = 0 if losses[epoch] < losses[epoch - 1] else wait + 1
            if wait == patience:
                break
        if wait == patience and epoch + 1 not in (right, right + 1, right - 1, patience, patience + 1):
            assert "You compared each loss with the one before" in verdict(task, epoch + 1).why
            told += 1
    assert told


def test_each_fall_of_a_small_progress_is_drawn():
    assert len({RIGHT["small_progress"](drawn("small_progress", draw)) for draw in range(40)}) == 4


# Choices ------------------------------------------------------------------------------------------------------------

CHOICES = {  # the right one, and the misconceptions that are answered
    "always_helps": ("alpha 0.(082|09|1)", ["brake", "nothing is ever cut"]),
    "below_the_floor": ("halve", ["The floor forgets the start", "follows the noise more closely"]),
    "compared_with": ("cut at the end of epoch [4-9]", ["compared with the one before", "never raises"]),
    "name_the_hyperparameter": ("factor and patience", ["comes out of the run", "Those are parameters", "a result"]),
    "learned_or_set": ("No. A rule", ["It looks for nothing", "Parameters are what the training fits"]),
    "like_with_like": ("Nothing", ["It had the better start", "past the edge"]),
    "which_is_convex": ("x⁴ [+]", ["although it has only one minimum", "so it is not convex"]),
    "stuck_classifier": (
        "still on its way",
        ["there is no local minimum but the global one", "makes small steps smaller"],
    ),
    "out_of_the_well": (
        "larger alpha",
        ["Smaller steps follow the slope more closely", "A cut makes the steps smaller"],
    ),
}


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("name", CHOICES)
def test_the_right_choice_and_what_is_said_of_the_others(name, draw):
    task = drawn(name, draw)
    right, said = CHOICES[name]
    found = {option: verdict(task, LETTERS[i]) for i, option in enumerate(task.options)}
    (chosen,) = [option for option, told in found.items() if told.right]
    assert re.search(right, chosen)
    wrong = " ".join(told.why for told in found.values() if not told.right)
    for words in said:
        assert words in wrong


# Sliders ------------------------------------------------------------------------------------------------------------


def in_solution(pattern, *controls):
    """What to set these controls to, as the solution says it."""
    return lambda task: dict(zip(controls, map(float, re.search(pattern, task.solution).groups()), strict=True))


def back_again(task):
    """Alphas with which it hops twice, by where the run starts."""
    return {
        "alpha": {"1.65": 0.274, "1.7": 0.274, "1.75": 0.25, "1.8": 0.23}[
            re.search(r"x = ([\d.]+)\. Set", task.prompt)[1]
        ]
    }


def cut_at_once(task):
    """With an alpha that does not leave the valley."""
    return {"alpha": 0.0022 if "0.0054" in task.solution else 0.6, "factor": 0.01, "patience": 1}


SLIDERS = {
    "quick_alpha": (
        in_solution(r"Alpha ([\d.]+) is", "alpha"),
        [({"alpha": 0.001}, "A larger alpha?"), ({"alpha": 0.9}, "diverges")],
    ),
    "rescue": (
        in_solution(r"factor ([\d.]+) and patience (\d+)", "factor", "patience"),
        [({}, "above the edge of 0.08 until epoch"),
         ({"factor": 0.01, "patience": 1}, "But the rate is cut again after epoch 3"),
         ({"factor": 0.4, "patience": 60}, "until epoch 61"),
         ({"factor": 0.99, "patience": 40}, "at the end. Cut harder"),
         ({"factor": 0.3, "patience": 1}, "One that is nearer to the edge is quicker")],
    ),
    "calm_patience": (
        in_solution(r"Patience (\d+),", "patience"),
        [({"patience": 1}, "took noise for a plateau"), ({"patience": 150}, "hardly any cuts")],
    ),
    "as_good_as_tuned": (
        in_solution(r"Alpha ([\d.]+), factor ([\d.]+) and patience (\d+)", "alpha", "factor", "patience"),
        [({"patience": 150}, "never cut"),
         (cut_at_once, "came to rest too early")],
    ),
    "hop_and_settle": (
        in_solution(r"Alpha ([\d.]+) does", "alpha"),
        [({}, "too short to clear the hump"), (back_again, "hops over the hump, and back again"),
         ({"alpha": 0.2}, "does not come to rest"),
         ({"alpha": 0.002}, "still on its way after 100 epochs: its steps are too short"),
         ({"alpha": 2.0}, "diverges")],
    ),
}  # fmt: skip


def whole(settings):
    return {name: int(value) if name == "patience" else value for name, value in settings.items()}


@pytest.mark.parametrize("draw", DRAWS[:2])
@pytest.mark.parametrize("name", SLIDERS)
def test_sliders(name, draw):
    task = drawn(name, draw)
    right, wrongs = SLIDERS[name]
    lab = task.lab()
    first = dict(lab._first_values)
    wrongs = [(one(task) if callable(one) else one, says) for one, says in wrongs]
    for settings, says in [(whole(right(task)), "Yes"), *wrongs, ({"momentum": 0.5}, "momentum is not as it was")]:
        lab.set(**first | settings)
        found = task.check(lab)
        assert found.right == (says == "Yes"), (settings, found.why)
        assert says in found.why, (settings, found.why)
    lab.close()


WAYS = {
    "milder factor": lambda more, wait: more > 0 and not wait,
    "milder or a": lambda more, wait: more > 0 and not wait,
    "harder factor": lambda more, wait: more < 0 and not wait,
    "ore patience": lambda more, wait: wait > 0 and not more,
    "ess patience": lambda more, wait: wait < 0 and not more,
    "Change both": lambda more, wait: more and wait,
}


@pytest.mark.parametrize("alpha", [0.12, 0.16, 0.2, 0.24])
def test_what_is_said_of_a_rescue_is_true_all_over_the_grid(alpha):
    problem = problems.ravine()
    run = train(problem, Settings.grid(alpha, rescue.MORE_FACTORS, rescue.MORE_PATIENCES), epochs=problem.epochs)
    reached, told = run.epochs_to(problem.target), set()
    most = int(np.ceil(1.15 * np.nanmin(reached)))
    good = [(run.settings.factor[i], run.settings.patience[i]) for i in np.flatnonzero(reached <= most)]
    for i in np.flatnonzero(~(reached <= most))[::7]:
        why = rescue._why(run[i], problem, reached[i], most)
        if "cut again" not in why:
            continue
        again, rates = int(re.search(r"again after epoch (\d+)", why)[1]), run.lr[:, i]
        assert run.loss[again, i] > run.loss[:again, i].min(), "it is not back below its best"
        held = train(problem, Settings(rates[[again - 1, again]], 1, 1), epochs=2000, start=tuple(run.w[again, i]))
        higher, lower = held.epochs_to(problem.target)
        assert ("more slowly" in why) == (not lower <= higher), (run[i].settings, why)
        changes = [np.sign([f - run.settings.factor[i], p - run.settings.patience[i]]) for f, p in good]
        for words, holds in WAYS.items():
            if words in why:
                assert any(holds(*change) for change in changes), (run[i].settings, why)
                told.add(words)
    assert told


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"alpha": 0.0052, "factor": 1}, "never cut, so it was a constant job. A factor below 1?"),
        ({"alpha": 0.0052, "patience": 150}, "never cut, so it was a constant job. Is alpha too small"),
        ({"alpha": 0.0064}, "out of the valley: a smaller alpha"),
        ({"alpha": 0.01}, "out of the valley: a smaller alpha"),
        ({"alpha": 0.01, "patience": 150}, "out of the valley: a smaller alpha"),
        ({"alpha": 0.006, "factor": 0.8, "patience": 12}, "as it should be. Try another factor"),
    ],
)
def test_one_job_against_ten_in_the_curved_valley(settings, says):
    task = drawn("as_good_as_tuned", 1)
    assert "Alpha 0.0054, " in task.solution
    found = verdict(task, settings)
    assert not found.right
    assert says in found.why


def test_every_draw_of_patience_under_noise_can_be_solved():
    seen = set()
    for draw in range(40):
        task = drawn("calm_patience", draw)
        seen.add(task.solution)
    assert len(seen) > 1


# Code ---------------------------------------------------------------------------------------------------------------


def rule(losses, alpha, factor, patience):
    rate, best, wait, after = alpha, float("inf"), 0, []
    for loss in losses:
        best, wait = (loss, 0) if loss < best else (best, wait + 1)
        if wait >= patience:
            rate, wait = rate * factor, 0
        after.append(rate)
    return after


def twisted(twist):
    return lambda *case: write_the_rule.twisted(twist, *case)


def cuts_at_the_best(losses, alpha, factor, patience):
    return [alpha * factor ** (epoch + 1) for epoch in range(len(losses))]


def cuts_twice(losses, alpha, factor, patience):
    return [max(rate, alpha * factor**2) for rate in rule(losses, alpha, factor, patience)]


def cuts_twice_as_soon(losses, alpha, factor, patience):
    return rule(losses, alpha, factor, max(patience // 2, 1))


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (rule, "Yes: the same rates"),
        *((twisted(twist), why) for twist, why in write_the_rule.TWISTS.items()),
        (cuts_at_the_best, "cuts at a new best loss"),
        (cuts_twice_as_soon, "cuts too early"),
        (cuts_twice, "does not cut, though"),
        (lambda losses, *rest: [0.1], "rates, one after each epoch"),
        (lambda losses, *rest: None, "rates, one after each epoch"),
        (lambda losses, *rest: ["a"] * len(losses), "rates, one after each epoch"),
        (lambda losses, *rest: [float("nan")] * len(losses), "has another rate"),
        (lambda losses, *rest: [1.0] * len(losses), "raises the rate"),
        (lambda losses: losses, "TypeError"),
    ],
)
def test_the_rule(function, says):
    found = drawn("write_the_rule", 0).check(function)
    assert says in found.why
    assert found.right == (function is rule)
    if len(says) > 60:
        assert "lrlab-differs" in found.more


def test_the_known_mistakes_are_all_told_apart_whatever_the_draw():
    for draw in DRAWS:
        task = drawn("write_the_rule", draw)
        assert [task.check(twisted(twist)).why for twist in write_the_rule.TWISTS] == list(
            write_the_rule.TWISTS.values()
        )
    assert len(set(write_the_rule.TWISTS.values())) == len(write_the_rule.TWISTS)


def test_equal_rates_are_written_alike():
    found = drawn("write_the_rule", 3).check(lambda *case: [*rule(*case)[:-1], 1.0])
    rows = re.findall(r"<td>([^<]+)</td><td>([^<]+)</td></tr>", found.more)
    assert [mine == keras for mine, keras in rows[:-1]] == [True] * (len(rows) - 1)


def answers_to_the_gradient(task):
    a, b, c = map(int, re.search(r"- (\d) x\^2 \+ (\d) x y \+ (\d) y", task.prompt).groups())
    return {
        "Yes": lambda x, y: (4 * x**3 - 2 * a * x + b * y, b * x + 2 * c * y),
        "All signs are turned round": lambda x, y: (-(4 * x**3 - 2 * a * x + b * y), -(b * x + 2 * c * y)),
        "in the wrong order": lambda x, y: (b * x + 2 * c * y, 4 * x**3 - 2 * a * x + b * y),
        "the one along y is not": lambda x, y: (4 * x**3 - 2 * a * x + b * y, 2 * c * y),
        "the one along x is not": lambda x, y: (4 * x**3, b * x + 2 * c * y),
        "A term with y": lambda x, y: (4 * x**3 - 2 * a * x, 2 * c * y),
        "Both slopes differ": lambda x, y: (x, y * y),
        "two numbers": lambda x, y: 3,
        "two numbers ": lambda x, y: None,
        "ZeroDivisionError": lambda x, y: (1 / 0, 0),
    }


@pytest.mark.parametrize("says", answers_to_the_gradient(drawn("write_gradient", 0)))
def test_the_gradient(says):
    task = drawn("write_gradient", 0)
    found = task.check(answers_to_the_gradient(task)[says])
    assert says.strip() in found.why
    assert found.right == (says == "Yes")
    assert ("<table" in found.more) == (says.strip() not in ("Yes", "two numbers", "ZeroDivisionError"))


def test_a_product_that_is_forgotten_is_told_whatever_the_points(monkeypatch, recwarn):
    monkeypatch.setattr(write_gradient, "apart", lambda work, function, points: work(function, points))
    for draw in range(60):
        task = find("write_gradient").task(draw)
        assert "A term with y" in task.check(answers_to_the_gradient(task)["A term with y"]).why
    assert not recwarn.list


def test_finite_differences_are_near_the_slopes():
    x, y = 0.7, -1.2
    np.testing.assert_allclose(
        write_gradient.slopes([[x, y]], (3, 2, 1)), [[4 * x**3 - 6 * x + 2 * y, 2 * x + 2 * y]], rtol=1e-6
    )


@pytest.mark.parametrize("name", ["write_the_rule", "write_gradient"])
def test_a_function_that_is_not_written_yet_is_no_answer(name):
    with pytest.raises(ValueError, match="Nothing is written yet"):
        drawn(name, 0).read(lambda *_: ...)


def test_the_solutions_of_code_are_right():
    for name in ("write_the_rule", "write_gradient"):
        task = drawn(name, 1)
        text = re.search(r"<pre>(.*)</pre>", task.solution, re.S)[1].replace("&lt;", "<").replace("&gt;", ">")
        found = {}
        exec(text, {"__name__": "__main__"}, found)
        (function,) = found.values()
        assert task.check(function).right, text


# Through the widgets ------------------------------------------------------------------------------------------------

MINE = [*RIGHT, *CHOICES, *SLIDERS]


@pytest.mark.parametrize("name", MINE)
def test_a_try_is_kept_and_the_solution_shown(name, kept):
    view = ExerciseView(find(name), Progress())
    task = view.task
    if task.kind == "number":
        view.answer.value = f"{RIGHT[name](task):.8g}"
    elif task.kind == "choose":
        right = next(option for option in task.options if verdict(task, option).right)
        view.answer.value = right
    else:
        view.answer.set(**whole(SLIDERS[name][0](task)))
    view._check.click()
    assert view.verdict.right, view.said
    assert Progress().of(name) == (0, 1, 0, True)
    view.solve()
    assert len(view._solution.children) == (2 if task.picture else 1)
    view.close()


def test_all_of_lessons_0_to_4_are_tested_here():
    tested = {*MINE, "write_the_rule", "write_gradient"}
    assert {name for name in names() if find(name).lesson <= 4} == tested
