"""An exercise in a cell, through its buttons and fields, and in code."""

import json
import re
import warnings
from html import escape
from threading import Thread

import comm
import ipywidgets as widgets
import pytest
from matplotlib.figure import Figure

import lrlab
from lrlab.course import answers
from lrlab.course.catalogue import LESSONS, find
from lrlab.course.exercise import Exercise, Mistake, Option, Verdict, choose, code, number, sliders
from lrlab.course.progress import Progress
from lrlab.course.unseen import unseen
from lrlab.course.view import ExerciseView
from lrlab.labs.descent import DescentLab


def draw_number(rng):
    right = float(rng.integers(10, 99))
    return number(
        f"What is {right:g}?", right, [Mistake(-right, "The sign.")], lambda given: "Another.", ["One.", "Two."],
        f"It is {right:g}.", picture=lambda: Figure(),
    )  # fmt: skip


def draw_choice(rng):
    return choose(
        "Which?", [Option("this", True, "Yes, this."), Option("<b>that", False, "Not <b>.")], ["One."], "this"
    )


def draw_sliders(rng):
    def judge(lab):
        alpha = lab.controls["alpha"].value
        return Verdict(alpha == 1, f"alpha is {alpha:g}", "<table></table>")

    return sliders("Set alpha to 1.", lambda: DescentLab("bowl", alpha=0.5), judge, ["One."], "1")


def draw_code(rng):
    return code("Write it.", "def f(): ...", lambda function: Verdict(function() == 1, "Called."), ["One."], "1")


KINDS = {"number": draw_number, "choose": draw_choice, "sliders": draw_sliders, "code": draw_code}


@pytest.fixture
def view(kept, request):
    kind = getattr(request, "param", "number")
    view = ExerciseView(Exercise("edge", 1, "A test", KINDS[kind], kind == "number"), Progress())
    yield view
    view.close()
    assert view.comm is None


def words(widget):
    return " ".join(re.sub(r"<[^>]+>", " ", widget.value).split())


def reply(view):
    return view._spoken.text


def press(button):
    assert not button.disabled
    button.click()


def buttons(view):
    return [button.description for button in view.children[4].children if button.layout.display != "none"]


def answer(view, value):
    view.answer.value = value
    press(view._check)
    return reply(view)


def test_at_first_there_is_no_solution_and_nothing_said(view):
    assert buttons(view) == ["Check", "Hint (2 left)", "Solution", "New numbers"]
    assert view._solve.disabled
    view.solve()
    assert view._solution.children == ()
    assert reply(view) == words(view._hints) == ""
    assert words(view._title) == "Exercise 1.2 · A test"


def test_a_wrong_answer_gets_its_reason_counts_and_opens_the_solution(view):
    right = view.task.prompt.removeprefix("What is ").rstrip("?")
    assert answer(view, f"-{right}") == "✗ The sign."
    assert answer(view, "0") == "✗ Another."
    assert view.progress.of("edge") == (0, 2, 0, False)
    press(view._solve)
    solution, picture = view._solution.children
    assert words(solution) == f"It is {right}."
    assert bytes(picture.value).startswith(b"\x89PNG")


def test_a_right_answer_is_done_and_stays_so(view):
    right = view.task.prompt.removeprefix("What is ").rstrip("?")
    assert answer(view, right) == "✓ Yes."
    assert words(view._title) == "Exercise 1.2 · A test · done"
    answer(view, "0")
    assert view.progress.of("edge") == (0, 2, 0, True)


@pytest.mark.parametrize("nonsense", ["", "a few", "1,5", "nan", "<b>"])
def test_nonsense_is_told_and_is_no_try(view, nonsense):
    said = answer(view, nonsense)
    assert said
    assert "✗" not in said
    assert view.progress.of("edge").tries == 0
    assert view._solve.disabled
    assert "<b>" not in view.said_as_html


def test_enter_is_as_good_as_check(view):
    view.answer.value = "0"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        view.answer._handle_custom_msg({"event": "submit"}, [])
    assert reply(view) == "✗ Another."


def test_hints_come_one_by_one(view):
    press(view._hint)
    assert words(view._hints) == "One."
    assert view._hint.description == "Hint (1 left)"
    press(view._hint)
    assert words(view._hints) == "One. Two."
    assert view._hint.disabled
    view.hint()
    assert words(view._hints) == "One. Two."
    assert view.progress.of("edge") == (0, 0, 2, False)


def test_new_numbers_are_new_and_begin_anew(view):
    before, learner = view.task.prompt, view.progress.learner
    press(view._hint)
    answer(view, "0")
    press(view._solve)
    for _ in range(3):  # one draw may come to the same number
        press(view._anew)
    assert view.progress.of("edge").draw == 3
    assert view.progress.seed("edge") == learner + 3 * 10**6
    assert view.task.prompt != before
    assert view._prompt.value.startswith(f"<p>{view.task.prompt}")
    assert view.answer.value == words(view._hints) == reply(view) == ""
    assert view._solution.children == ()
    assert view._solve.disabled


def test_who_has_done_it_sees_the_solution_the_next_time(view):
    answer(view, view.task.prompt.removeprefix("What is ").rstrip("?"))
    again = ExerciseView(view.exercise, Progress())
    assert not again._solve.disabled
    assert again.task.prompt == view.task.prompt
    again.close()


@pytest.mark.parametrize("view", ["choose"], indirect=True)
def test_a_choice(view):
    assert buttons(view) == ["Check", "Hint (1 left)", "Solution"]
    press(view._check)
    assert reply(view) == "Nothing is chosen yet."
    assert answer(view, "<b>that") == "✗ Not <b>."
    assert answer(view, "this") == "✓ Yes, this."
    assert view.progress.of("edge") == (0, 2, 0, True)


@pytest.mark.parametrize("view", ["sliders"], indirect=True)
def test_sliders(view):
    press(view._check)
    assert view.verdict == (False, "alpha is 0.5", "<table></table>")
    assert view._more.value == "<table></table>"
    view.answer.controls["alpha"].value = 1
    press(view._check)
    assert reply(view) == "✓ alpha is 1"
    assert view.give({"alpha": 0.25}).why == "alpha is 0.25"
    assert view.answer.controls["alpha"].value == 1, "an answer in code moves no slider"
    assert view.answer.comm is not None


@pytest.mark.parametrize("view", ["code"], indirect=True)
def test_the_cell_to_begin_with_is_there_and_a_run_of_it_is_told_under_that_cell_only(view):
    assert '@lrlab.answer("edge")' in view._prompt.value

    def not_yet():
        return ...

    assert view.give(not_yet) is None
    assert reply(view) == ""
    assert "Nothing is written yet" in view.said_as_html


@pytest.mark.parametrize("view", ["sliders"], indirect=True)
def test_the_moments_are_hidden_since_they_are_not_what_is_asked_about(view):
    assert view.answer.examples.layout.display == "none"


@pytest.mark.parametrize("view", ["code"], indirect=True)
def test_code_has_no_check_button(view):
    assert buttons(view) == ["Hint (1 left)", "Solution"]
    assert view.give(lambda: 1).right
    assert view.give(3) is None
    assert view.progress.of("edge").tries == 1


def test_a_broken_progress_file_is_told_in_the_exercise_which_works(kept):
    kept.parent.mkdir()
    kept.write_text("{")
    view = lrlab.exercise("edge")
    assert "is broken" in reply(view)
    assert answer(view, "0.0001").startswith("✗")
    view.close()


# In code ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(kept, monkeypatch):
    """What is displayed, as HTML."""
    found = []
    monkeypatch.setattr("IPython.display.display", lambda one: found.append(one.data))
    return found


def test_an_answer_in_code_is_told_and_kept(shown, kept):
    assert lrlab.answer("edge", 1000.0) is None
    assert "✗" in shown[0]
    assert Progress().of("edge").tries == 1
    lrlab.answer("edge", "many")
    assert "An answer here is a number" in shown[1]
    assert Progress().of("edge").tries == 1


def test_an_answer_in_code_is_told_in_the_exercise_that_is_shown_too(shown):
    view = lrlab.exercise("edge")
    lrlab.answer("edge", 1000.0)
    assert view.verdict is not None
    assert shown == [view.said_as_html]
    view.close()


def test_the_decorator_gives_the_function_back(shown):
    @lrlab.answer("write_the_rule")
    def mine(losses, alpha, factor, patience):
        return [alpha for _ in losses]

    assert mine([1.0, 2.0], 0.1, 0.5, 1) == [0.1, 0.1]
    assert "Your rule never cuts" in shown[0]


def test_a_function_that_calls_itself_is_judged_by_its_new_lines(shown):
    source = (
        '@lrlab.answer("write_the_jobs")\n'
        "def jobs(rates, first=1):\n"
        "    if not rates:\n        return []\n"
        "    length = next((i for i, rate in enumerate(rates) if rate != rates[0]), len(rates))\n"
        "    return [(first, first + length - 1 + OFF, rates[0])] + jobs(rates[length:], first + length)\n"
    )
    cell = {"__name__": "__main__", "lrlab": lrlab}
    for off in "010":
        exec(source.replace("OFF", off), cell)
    assert ["✓" in said for said in shown] == [True, False, True], shown


def test_a_teacher_hears_of_each_answer(shown, kept, monkeypatch):
    kept.parent.mkdir()
    results = kept.parent / "results"
    monkeypatch.setenv("LRLAB_RESULTS", str(results))
    lrlab.answer("edge", 1000.0)
    lrlab.answer("edge", "many")
    first, second = map(json.loads, results.read_text().splitlines())
    assert (first["exercise"], first["right"]) == ("edge", False)
    assert "too large" in first["why"].lower() or "edge" in first["why"]
    assert "An answer here is a number" in second["why"]


@pytest.mark.parametrize("call", [lrlab.exercise, lambda name: lrlab.answer(name, 1), lrlab.solution])
def test_an_unknown_name_is_a_value_error(kept, call):
    with pytest.raises(ValueError, match="There is no exercise 'nothing'"):
        call("nothing")


def test_the_solution_for_a_teacher_has_the_numbers_that_are_shown(shown):
    view = lrlab.exercise("edge")
    picture = lrlab.solution("edge")
    assert shown == [view.task.solution]
    picture.close()
    view.close()


def test_progress_is_a_table(kept):
    view = lrlab.exercise("edge")
    assert "0 of" in lrlab.progress().data
    answer(view, "0.00001")
    row = re.search(
        r">1.2</td><td[^>]*>The edge</td><td[^>]*>(.+?)</td><td[^>]*>(.+?)</td></tr>",
        lrlab.progress().data,
    )
    assert row.groups() == ("tried", "1")
    row = re.search(r"<tr><td[^>]*>1 · What alpha does</td>(.+?)</tr>", lrlab.progress().data)[1]
    assert re.sub("<[^>]+>", "", row) == "○ ◐ ○ ○ ○ ○0 of 6"
    view.close()
    for listed in LESSONS.values():
        for name in listed:
            assert escape(find(name).title) in lrlab.progress().data
    assert answers.table(Progress()) == lrlab.progress().data


def test_closing_leaves_no_widget_behind(kept):
    before = set(widgets.widget._instances)
    view = ExerciseView(Exercise("edge", 1, "A test", draw_sliders), Progress())
    view.draw_anew()
    view.give({"alpha": 1})
    view.solve()
    view.close()
    assert set(widgets.widget._instances) - before == set()


def test_labs_and_views_that_are_closed_at_once_are_not_told_of_to_the_browser(shown, monkeypatch):
    import comm

    told = []
    make = comm.create_comm
    monkeypatch.setattr(comm, "create_comm", lambda **about: told.append(about) or make(**about))
    lrlab.answer("edge", 1000.0)
    lrlab.answer("quick_alpha", {"alpha": 0.001})
    assert len(shown) == 2
    assert told == []
    view = lrlab.exercise("edge")
    assert told
    view.close()


@pytest.mark.parametrize("view", ["number", "choose"], indirect=True)
def test_without_widgets_it_is_words(view):
    bundle = view._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    shown = bundle["text/markdown"]
    assert re.match(r"\*\*Exercise 1\.\d+ · A test\*\*\n", shown)
    assert view.task.prompt in shown
    options = ["* a) this", "* b) &lt;b&gt;that"] if view.task.kind == "choose" else []
    assert [line for line in shown.splitlines() if line.startswith("* ")] == options
    assert "JupyterLab" in shown


def test_without_widgets_code_keeps_its_lines(kept):
    view = ExerciseView(find("fit_in_a_loop"), Progress())
    assert "```\ncallback = " in view.in_words
    assert "\n    model.fit(" in view.in_words
    assert "<pre>" not in view.in_words
    view.close()


@pytest.mark.parametrize("view", ["sliders"], indirect=True)
def test_a_lab_of_another_kind_is_no_answer_and_no_try(view):
    other = lrlab.replay([3, 2, 1])
    assert view.give(other) is None
    assert view.said == "An answer here is a DescentLab, got a ReplayLab."
    assert view.give({"alhpa": 1}) is None
    assert view.said.startswith("alhpa is no setting of a DescentLab. It has: alpha")
    assert view.progress.of("edge").tries == 0
    other.close()


def test_a_switch_that_has_no_such_position_is_told(kept):
    task = sliders("Wide?", lambda: lrlab.SweepLab(points=3), lambda lab: Verdict(True, "Yes."), ["One."], "1")
    with pytest.raises(ValueError, match="nonsense"):
        task.read({"metric": "nonsense"})


def test_what_is_made_unseen_in_one_thread_hides_nothing_of_another(monkeypatch):
    class Heard(comm.DummyComm):
        pass

    monkeypatch.setattr(comm, "create_comm", Heard)
    kinds = {}

    def other(name):
        widget = widgets.HTML()
        kinds[name] = type(widget.comm).__name__
        widget.close()

    def in_another_thread(action, *arguments):
        thread = Thread(target=action, args=arguments)
        thread.start()
        thread.join()

    blocks = [unseen(), unseen()]
    blocks[0].__enter__()
    other("here")
    in_another_thread(other, "meanwhile")
    in_another_thread(blocks[1].__enter__)
    blocks[0].__exit__(None, None, None)
    in_another_thread(blocks[1].__exit__, None, None, None)
    other("after")
    assert kinds == {"here": "DummyComm", "meanwhile": "Heard", "after": "Heard"}
