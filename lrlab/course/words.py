"""Words: what is shown as HTML, for places that show none, such as plain ``ipython``."""

from __future__ import annotations

import re
from html import unescape

from IPython.display import HTML

_ENDS = {r"</(tr|p|li|h\d|pre)>": "\n", r"</t[dh]>": "  ", r"<br\s*/?>": "\n"}


class Words(HTML):
    """HTML that is its own words where no page shows it."""

    def __repr__(self) -> str:
        return as_text(self.data)


def as_text(html: str) -> str:
    """HTML without its marks: a line for each row and paragraph."""
    for end, mark in _ENDS.items():
        html = re.sub(end, mark, html)
    lines = unescape(re.sub(r"<[^>]+>", "", html)).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()
