"""Turns lrlab's docstrings, which are written to be read as they are, into what Sphinx takes.

In them a line ``name: meaning`` tells of a parameter or an attribute, and its meaning may go on, further in; a
`name` between backticks is a thing in the code.
"""

import inspect
import re
from typing import NamedTuple

from ipywidgets import Widget
from sphinx.application import Sphinx

import lrlab

TERM = re.compile(r"^([a-z_.]\w*(?:, [a-z_.]\w*)*|the rest): (.*)$")
NEXT_TERM = re.compile(r"(?<=[.)]) (?=[a-z]\w*(?:, [a-z]\w*)*: )")  # a second term in the same line
LITERAL = re.compile(r"(``.+?``|\*\w+\*)")  # and what is stressed
NAME = re.compile(r"`([^`]+)`")


class Named(NamedTuple):
    field: int


def for_sphinx(lines: list[str]) -> list[str]:
    """A docstring's lines as reStructuredText."""
    made: list[str] = []
    part = ""  # what the line before belonged to: "terms", "code", "example" or "", plain text
    for line in lines:
        if not line:
            part = part if part == "code" else ""
            made.append("")
            continue
        term = TERM.match(line.strip())
        begins = not made or not made[-1]
        if line.startswith(">>>") or part == "example":
            part = "example"
            made.append(line)
        elif part == "code" and line.startswith(" "):
            made.append(f"    {line}")
        elif term and (part == "terms" or begins or not line.startswith(" ")):
            if part != "terms" and not begins:
                made.append("")
            part = "terms"
            for piece in NEXT_TERM.split(line.strip()):
                names, meaning = TERM.match(piece).groups()
                listed = names if " " in names.replace(", ", "") else f"``{names.replace(', ', '``, ``')}``"
                made.append(f"* {listed}: {marked(meaning)}")
        elif part == "terms" and line.startswith(" "):
            made.append(f"  {marked(line.strip())}")
        elif line.startswith("    ") and begins:
            part = "code"
            made += [".. code-block:: python", "", f"    {line}"]
        else:
            if part == "terms" or part == "code":
                made.append("")
            part = ""
            made.append(marked(line))
    return made


def marked(text: str) -> str:
    """Text with its names marked up, and without what only reStructuredText would read into it."""
    parts = LITERAL.split(text)
    for i in range(0, len(parts), 2):
        between = NAME.split(parts[i])
        between[0::2] = [re.sub(r"([*|]|_\b)", r"\\\1", plain) for plain in between[0::2]]
        between[1::2] = [reference(name) for name in between[1::2]]
        parts[i] = "".join(between)
    return "".join(parts)


def reference(name: str) -> str:
    """A public name as a link to where it is told of; any other as it is."""
    bare = name.removeprefix("lrlab.")
    return f":py:obj:`{name} <lrlab.{bare}>`" if bare in lrlab.__all__ else f"``{name}``"


def _docstring(_app: Sphinx, _what: str, _name: str, _obj: object, _options: object, lines: list[str]) -> None:
    lines[:] = for_sphinx(lines)


def _signature(
    _app: Sphinx, what: str, _name: str, thing: object, _options: object, _signature: str, _returns: str
) -> tuple[str, None] | None:
    """What a class is called with. Widgets hide it: their base class takes anything."""
    if what != "class" or not issubclass(thing, Widget):
        return None
    whole = inspect.signature(thing.__init__)
    bare = [one.replace(annotation=one.empty) for name, one in whole.parameters.items() if name != "self"]
    return str(inspect.Signature(bare)), None


def _skip(_app: Sphinx, _what: str, _name: str, thing: object, skip: bool, _options: object) -> bool | None:
    """The fields of a named tuple are told of in its docstring; their own ("Alias for field number 0") say nothing."""
    return True if type(thing) is type(Named.field) else skip


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
