"""What an exercise is: answers are read, refused or judged; and what holds for every exercise that there is."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lrlab.course import catalogue
from lrlab.course.exercise import LETTERS, Mistake, Option, choose, code, number, sliders
from lrlab.labs.descent import DescentLab
from tests.course.drawn import drawn

DRAWS = (0, 1, 2, 482913)
NONSENSE = [None, "", "twelve", float("nan"), float("inf"), [], {}, len, True, 1j]


def a_choice():
    options = [Option("down", True, "Yes."), Option("up", False, "That is the gradient."), Option("7", False, "No.")]
    return choose("Where to?", options, ["Think."], "Down.")


def a_number(right=3.0, within=0.1):
    mistakes = [Mistake(6.0, "You forgot to halve."), Mistake(3.05, "This can never be said.")]
    return number("How many?", right, mistakes, lambda given: f"{given:g} is far.", ["Count."], "3", within=within)


class TestChoices:
    @pytest.mark.parametrize(("answer", "why"), [("down", "Yes."), ("a", "Yes."), (" B ", "That is the gradient.")])
    def test_an_option_or_its_letter_gets_its_own_reason(self, answer, why):
        task = a_choice()
        verdict = task.check(task.read(answer))
        assert verdict.why == why
        assert verdict.right == (why == "Yes.")

    @pytest.mark.parametrize("answer", ["d", "ab", "left", 0, *NONSENSE], ids=repr)
    def test_nonsense_is_refused_with_the_rule(self, answer):
        with pytest.raises(ValueError, match="Choose one of a, b, c, got"):
            a_choice().read(answer)

    def test_an_option_that_looks_like_a_letter_is_taken_at_its_word(self):
        task = choose("?", [Option("b", True, "Yes."), Option("x", False, "No.")], [], "b")
        assert task.check(task.read("b")).right

    @pytest.mark.parametrize(
        "options",
        [[Option("a", False, "")], [Option("a", True, ""), Option("b", True, "")], [Option("a", True, "")] * 2],
    )
    def test_exactly_one_must_be_right(self, options):
        with pytest.raises(ValueError, match="exactly one must be right"):
            choose("?", options, [], "")


class TestNumbers:
    @pytest.mark.parametrize("answer", [3, 3.1, 2.9, "3", " 3.05 ", np.float32(3), np.int64(3), "3e0"])
    def test_right_within_the_margin(self, answer):
        task = a_number()
        assert task.check(task.read(answer)).right

    @pytest.mark.parametrize(
        ("answer", "why"), [(6, "You forgot to halve."), ("6.1", "You forgot to halve."), ("−5", "-5 is far.")]
    )
    def test_a_known_mistake_gets_its_own_reason_and_others_a_useful_one(self, answer, why):
        task = a_number()
        assert task.check(task.read(answer)) == (False, why, "")

    @pytest.mark.parametrize("answer", NONSENSE, ids=repr)
    def test_nonsense_is_refused_with_the_rule(self, answer):
        with pytest.raises((ValueError, TypeError), match="An answer here is a number"):
            a_number().read(answer)

    @pytest.mark.parametrize(
        ("answer", "number"), [("72.9 %", 0.729), ("300%", 3), ("2/16", 0.125), (" 2 / 16 ", 0.125), ("−1/4", -0.25)]
    )
    def test_what_people_type_is_understood(self, answer, number):
        assert a_number().read(answer) == pytest.approx(number)

    def test_percent_is_percent_where_it_is_asked_for(self):
        task = number("What part, in percent?", 72.9, [], str, ["Count."], "73", percent=True)
        assert task.read("72.9 %") == task.read("72.9%") == task.read("72.9") == 72.9
        assert drawn("left_over", 0).read("12.5 %") == 12.5

    @pytest.mark.parametrize("answer", ["72,9", "7,200"])
    def test_a_comma_is_refused_with_what_to_write(self, answer):
        with pytest.raises(ValueError, match="Write a point for the decimals, and no other commas"):
            a_number().read(answer)

    @pytest.mark.parametrize("answer", ["1/0", "1/2/3", "/", "1/", "%", "a/b"])
    def test_a_broken_fraction_is_no_number(self, answer):
        with pytest.raises(ValueError, match="An answer here is a number"):
            a_number().read(answer)

    def test_without_a_margin_only_that_number_is_right(self):
        task = a_number(within=0)
        assert task.check(task.read("3")).right
        assert not task.check(task.read("3.000001")).right


class TestSliders:
    @pytest.fixture
    def task(self):
        made = []

        def lab():
            made.append(DescentLab("bowl", alpha=0.1))
            return made[-1]

        yield sliders("Set it.", lab, lambda lab: SimpleNamespace(right=lab.controls["alpha"].value), [], "")
        assert all(lab.comm is None for lab in made), (
            "whoever asks closes what was made, and what is refused closes itself"
        )

    def test_a_dict_a_scene_and_a_lab(self, task):
        lab = DescentLab("bowl", alpha=1.0)
        for answer in ({"alpha": 1.0}, lab.scene, lab):
            read = task.read(answer)
            assert task.check(read).right == 1.0
            read.close()

    @pytest.mark.parametrize("answer", [{"speed": 1}, {"alpha": -1}, {"alpha": "fast"}, *NONSENSE[:-1]], ids=repr)
    def test_nonsense_is_refused(self, task, answer):
        if answer == {}:
            return task.read(answer).close()  # nothing was moved
        with pytest.raises((ValueError, TypeError)):
            task.read(answer)


@pytest.mark.parametrize("answer", [*(one for one in NONSENSE if one is not len), 3, "def f(): pass"], ids=repr)
def test_code_is_a_function(answer):
    with pytest.raises(TypeError, match="An answer here is a function"):
        code("?", "", lambda function: None, [], "").read(answer)


def test_a_name_that_there_is_not():
    with pytest.raises(ValueError, match=r"There is no exercise 'egde'\. There are: .*edge, "):
        catalogue.find("egde")


# Every exercise that there is ---------------------------------------------------------------------------------------


def test_the_exercise_in_the_guide_works():
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"## Add an exercise.*?```python\n(.*?)```", guide, re.DOTALL)
    names = {}
    exec(source, names)
    for draw in range(5):
        task = names["EXERCISE"].task(draw)
        alpha = float(re.search(r"alpha ([\d.]+)", task.prompt)[1])
        assert task.check(task.read(f"{(1 - alpha) ** 2:.3f}")).right
        assert not task.check(task.read(1 - alpha)).right


ALL = catalogue.names()


def test_names_are_listed_once_and_stand_in_their_lesson():
    assert len(set(ALL)) == len(ALL)
    for lesson, names in catalogue.LESSONS.items():
        for name in names:
            exercise = catalogue.find(name)
            assert (exercise.name, exercise.lesson) == (name, lesson)


@pytest.mark.parametrize("name", ALL)
class TestEach:
    def test_the_same_draw_is_the_same_exercise(self, name):
        exercise = catalogue.find(name)
        one, two = exercise.task(7), exercise.task(7)
        assert (one.prompt, one.options, one.solution) == (two.prompt, two.options, two.solution)

    def test_numbers_vary_if_it_says_so(self, name):
        exercise = catalogue.find(name)
        tasks = [drawn(name, draw) for draw in range(12)]
        seen = {(task.prompt, task.options, task.solution) for task in tasks}
        if tasks[0].kind in ("number", "sliders"):
            assert (len(seen) > 1) == exercise.varies
        elif not exercise.varies:
            assert len({(task.prompt, frozenset(task.options)) for task in tasks}) == 1

    @pytest.mark.parametrize("draw", DRAWS)
    def test_it_is_complete(self, name, draw):
        task = drawn(name, draw)
        assert task.prompt
        assert task.solution
        assert 1 <= len(task.hints) <= 4
        assert all(hint.endswith((".", "?", ":")) for hint in task.hints)
        assert len(task.options) <= len(LETTERS)
        assert task.prompt.count("$") % 2 == task.solution.count("$") % 2 == 0
        assert "!" not in task.prompt.replace("!=", "")
        assert "nan" not in task.prompt.lower()

    def test_nonsense_is_no_answer(self, name):
        task = drawn(name, 0)
        with pytest.raises((ValueError, TypeError)):
            task.read(object() if task.kind != "sliders" else {"nonsense": 1})

    @pytest.mark.parametrize("draw", DRAWS)
    def test_a_lab_that_nobody_has_touched_is_no_right_answer(self, name, draw):
        task = drawn(name, draw)
        if task.kind == "sliders":
            assert not task.check(task.read({})).right

    @pytest.mark.parametrize("draw", DRAWS)
    def test_each_option_has_a_reason(self, name, draw):
        task = drawn(name, draw)
        if task.kind == "choose":
            verdicts = [task.check(task.read(option)) for option in task.options]
            assert sum(verdict.right for verdict in verdicts) == 1
            assert len({verdict.why for verdict in verdicts}) == len(verdicts)
            assert all(len(verdict.why) > 20 for verdict in verdicts)
