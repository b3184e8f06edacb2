"""Words: what is shown as HTML or Markdown, for places that show none, such as plain ``ipython``."""

from __future__ import annotations

import re
from html import unescape

from IPython.display import HTML, Markdown

_ENDS = {r"</(tr|p|li|h\d|pre)>": "\n", r"</t[dh]>": "  ", r"<br\s*/?>": "\n"}


class _InWords:
    data: str

    def __repr__(self) -> str:
        return as_text(self.data)


class Words(_InWords, HTML):
    """HTML that is its own words where no page shows it."""


class Paragraph(_InWords, Markdown):
    """The same as Markdown, for what has formulas."""


def as_text(html: str) -> str:
    """HTML without its marks: a line for each row and paragraph."""
    for end, mark in _ENDS.items():
        html = re.sub(end, mark, html)
    lines = unescape(re.sub(r"<[^>]+>", "", html)).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()
