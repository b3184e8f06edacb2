"""ExerciseView: an exercise in a cell. Answers are checked at once; hints come one by one, the solution after a try."""

from __future__ import annotations

import io
import re
from html import escape, unescape
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from lrlab.course.catalogue import number_of
from lrlab.course.exercise import LETTERS, Exercise, Verdict
from lrlab.course.progress import Progress
from lrlab.course.words import as_text
from lrlab.labs.lifetime import close_held, replace_in_cell
from lrlab.live.drawing import DRAWING
from lrlab.live.script import script
from lrlab.widgets.button import button
from lrlab.widgets.spoken import Spoken

MARKS = {"right": "✓ ", "wrong": "✗ ", "odd": ""}
STYLE = script(__file__, "course.css")
CODE = re.compile("<pre>(.*?)</pre>", re.DOTALL)
HOW = {
    "number": "Type a number, then press Check.",
    "choose": "Choose one, then press Check.",
    "sliders": "Move the sliders, then press Check.",
    "code": "Write your function in the cell below, in the place of the line that returns dots, and run that cell.",
}


class ExerciseView(widgets.VBox):
    """An exercise, its answer, and what is said of it.

    exercise: which one. progress: the learner's. task: the exercise with its numbers
    answer: the widget that the answer is given with: a field, a choice, a lab, or None where it is a function
    verdict: the last `Verdict`, or None. said: what was said last, plain text
    """

    def __init__(self, exercise: Exercise, progress: Progress) -> None:
        self.exercise, self.progress = exercise, progress
        self.verdict: Verdict | None = None
        self._title, self._prompt = widgets.HTML(), widgets.HTMLMath()
        self._spoken, self._more = Spoken(), widgets.HTML()
        self._spoken.add_class("lrlab-reply")
        self._hints, self._solution = widgets.HTML(), widgets.VBox()
        self._check = button("Check", self._check_answer)
        self._hint = button("Hint", self.hint, "One hint at a time")
        self._solve = button("Solution", self.solve, "After a try")
        self._anew = button("New numbers", self.draw_anew, "The same exercise with other numbers")
        self.answer: Any = None
        self._place = widgets.VBox()
        style = widgets.HTML(f"<style>{STYLE}</style>", layout={"display": "none"})
        buttons = [self._check, self._hint, self._solve, *([self._anew] if exercise.varies else [])]
        row = widgets.HBox(buttons)
        row.add_class("lrlab-exercise-buttons")
        said = [self._spoken, self._more, self._hints, self._solution]
        super().__init__([style, self._title, self._prompt, self._place, row, *said])
        self.add_class("lrlab-exercise")
        self._show_task()
        replace_in_cell(self)

    # What a learner does ----------------------------------------------------------------------------------------

    def give(self, answer: Any) -> Verdict | None:
        """Check an answer. Returns what is said of it.

        None, and no try is counted, where it is no answer at all, or a package is missing that the check needs.
        """
        try:
            read = self.task.read(answer)
        except (ValueError, TypeError) as error:
            self._say(str(error), "odd")
            if self.task.kind == "code":
                self._spoken.text = ""  # it is told under the learner's own cell, which may never have been written in
            return None
        try:
            verdict = self.task.check(read)
            self.verdict = verdict._replace(right=bool(verdict.right))  # NumPy's True is no JSON
        except ImportError as error:
            self._say(str(error), "odd")
            return None
        finally:
            if read is not answer and hasattr(read, "controls"):
                read.close()  # a lab that was made for this answer only
        done = self.progress.of(self.exercise.name)
        self.progress.record(self.exercise.name, tries=done.tries + 1, right=done.right or self.verdict.right)
        more = self.verdict.more + self._news_of_progress()
        self._say(self.verdict.why, "right" if self.verdict.right else "wrong", more)
        self._show_state()
        return self.verdict

    def hint(self) -> None:
        """Show one hint more."""
        done = self.progress.of(self.exercise.name)
        self._shown_hints = min(self._shown_hints + 1, len(self.task.hints))
        if self._shown_hints > done.hints:
            self.progress.record(self.exercise.name, hints=self._shown_hints)
        shown = self.task.hints[: self._shown_hints]
        self._hints.value = "".join(f"<p class='lrlab-hint'>{escape(hint, quote=False)}</p>" for hint in shown)
        self._show_state()

    def solve(self) -> None:
        """Show the solution; only after a try."""
        if not self._tried:
            return
        words = widgets.HTMLMath(f"<p>{self.task.solution}</p>")
        picture = _shown(self.task.picture() if self.task.picture else None)
        self._empty(self._solution)
        self._solution.children = [words, *([picture] if picture else [])]

    def draw_anew(self) -> None:
        """Other numbers."""
        done = self.progress.of(self.exercise.name)
        self.progress.record(self.exercise.name, draw=done.draw + 1)
        self._show_task()

    @property
    def in_words(self) -> str:
        """The exercise as Markdown, for places that show a notebook without its widgets: GitHub, nbconvert, a site."""
        texts = (escape(text, quote=False) for text in self.task.options)
        options = "\n".join(f"* {letter}) {text}" for letter, text in zip(LETTERS, texts, strict=False))
        prompt = CODE.sub(lambda found: f"\n\n```\n{unescape(found[1])}\n```\n\n", self.task.prompt)
        return "\n\n".join(filter(None, [f"**{self._heading}**", prompt, options, "*Answer it in JupyterLab.*"]))

    def close(self) -> None:
        """Close it and all that it holds."""
        if self.comm is not None:
            close_held(self)
            super().close()

    # What is seen -----------------------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if bundle:
            bundle["text/markdown"] = self.in_words
            bundle["text/plain"] = self._in_a_terminal()
        return bundle

    @property
    def _heading(self) -> str:
        return f"Exercise {number_of(self.exercise)} · {self.exercise.title}"

    def _in_a_terminal(self) -> str:
        """The exercise where no widget can be shown: plain ``ipython``, a page without a kernel."""
        options = [f"{letter})  {text}" for letter, text in zip(LETTERS, self.task.options, strict=False)]
        name = self.exercise.name
        given = {"number": "your_number", "choose": '"a"', "sliders": '{"alpha": your_number}'}.get(self.task.kind)
        how = f'lrlab.answer("{name}", {given})' if given else f'@lrlab.answer("{name}") above your function'
        lines = [f"Exercise {number_of(self.exercise)} · {self.exercise.title}", as_text(self.task.prompt), *options]
        return "\n".join([*lines, f"To answer it in code: {how}"])

    @property
    def _tried(self) -> bool:
        return self.verdict is not None or self.progress.of(self.exercise.name).right

    def _show_task(self) -> None:
        self.task = self.exercise.task(self.progress.seed(self.exercise.name))
        self.verdict, self._shown_hints = None, 0
        how = f"<p class='lrlab-how'>{HOW[self.task.kind]}</p>"
        self._prompt.value = f"<p>{self.task.prompt}</p>{how}{self._cell_to_begin_with()}"
        for box in (self._place, self._solution):
            self._empty(box)
        self._hints.value = ""
        self.answer = self._new_answer()
        self._place.children = [self.answer] if self.answer is not None else []
        self._check.layout.display = "none" if self.task.kind == "code" else None
        self._told = self.progress.said
        self._say(self._told, "odd")
        self._show_state()

    def _new_answer(self) -> Any:
        if self.task.kind == "number":
            field = widgets.Text(placeholder="your answer", description="answer", continuous_update=True)
            field.on_msg(lambda _field, content, _buffers: content.get("event") == "submit" and self._check_answer())
            return field
        if self.task.kind == "choose":
            labels = [f"{letter})  {text}" for letter, text in zip(LETTERS, self.task.options, strict=False)]
            options = list(zip(labels, self.task.options, strict=True))
            return widgets.RadioButtons(options=options, index=None, layout={"width": "auto"})
        if self.task.kind == "sliders":
            lab = self.task.lab()
            if hasattr(lab, "examples"):
                lab.examples.layout.display = "none"  # a moment is another state than the one that is asked about
            return lab
        return None

    def _cell_to_begin_with(self) -> str:
        """For a notebook that has none, and for who has written over it."""
        if self.task.kind != "code":
            return ""
        start = f'@lrlab.answer("{self.exercise.name}")\n{self.task.start}'
        return f"<details><summary>The cell to begin with</summary><pre>{escape(start, quote=False)}</pre></details>"

    def _check_answer(self) -> None:
        given = self.answer if self.task.kind == "sliders" else self.answer.value
        if given is None or given == "":
            self._say("Nothing is chosen yet." if given is None else "There is no number yet.", "odd")
        else:
            self.give(given)

    def _say(self, words: str, kind: str, more: str = "") -> None:
        self.said = words
        self._spoken.kind = kind
        self._spoken.text = f"{MARKS[kind]}{words}" if words else ""
        self._more.value = more

    @property
    def said_as_html(self) -> str:
        """What was said last, for a place outside this widget."""
        kind = self._spoken.kind
        return f"<p class='lrlab-{kind}'>{MARKS[kind]}{escape(self.said, quote=False)}</p>{self._more.value}"

    def _news_of_progress(self) -> str:
        """What there is to say about the progress file since this was last asked, as HTML."""
        told, self._told = self._told, self.progress.said
        return f"<p class='lrlab-odd'>{escape(self._told, quote=False)}</p>" if self._told not in ("", told) else ""

    def _show_state(self) -> None:
        done = self.progress.of(self.exercise.name)
        state = " · done" if done.right else ""
        self._title.value = f"<h4>{escape(self._heading)}<span>{state}</span></h4>"
        left = len(self.task.hints) - self._shown_hints
        self._hint.disabled = not left
        self._hint.description = f"Hint ({left} left)" if left else "No more hints"
        self._solve.disabled = not self._tried

    def _empty(self, box: widgets.VBox) -> None:
        children, box.children = box.children, []
        for child in children:
            close_held(child)
            child.close()


def _shown(picture: Any) -> Any:
    """A figure as an image; a widget as it is."""
    if isinstance(picture, Figure):
        out = io.BytesIO()
        with DRAWING:  # a button was pressed, and JupyterLab may say so in another thread than labs are drawn in
            picture.savefig(out, format="png", dpi=110)
        return widgets.Image(value=out.getvalue(), format="png", layout={"max_width": "100%"})
    return picture
