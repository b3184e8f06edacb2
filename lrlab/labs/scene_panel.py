"""ScenePanel: a lab's state as a line to copy, of Python or of text, and a field that takes either back."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from lrlab.labs.scene import to_python, to_text
from lrlab.live.script import script
from lrlab.widgets.code import COPYING

OPENED = "Opened."


class ScenePanel(anywidget.AnyWidget):
    """Two lines with a button each, and a field.

    lab: whose scene it is
    watched: whether anybody sees it. While nobody does, it costs nothing
    python, text: the lines. said: what came of what was pasted last; wrong: whether that was an error
    """

    _esm = COPYING + script(__file__, "scene_panel.js")
    _css = script(__file__, "scene_panel.css")

    python = traitlets.Unicode("").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    wrong = traitlets.Bool(False).tag(sync=True)
    watched = traitlets.Bool(False)

    def __init__(self, lab: Any) -> None:
        self._lab = lab
        super().__init__()
        self.on_msg(lambda _widget, content, _buffers: self.paste(str(content.get("open", ""))))

    def paste(self, scene: str) -> None:
        """Open what was pasted in this lab; what is wrong with it is told here, and the lab stays as it is."""
        try:
            self._lab.scene = scene
        except (ValueError, TypeError) as error:
            self._say(str(error), wrong=True)
        else:
            self._say(OPENED)

    def close(self) -> None:
        """Close it, and let go of the lab."""
        super().close()
        self._lab = None

    @traitlets.observe("watched")
    def refresh(self, _change: Any = None) -> None:
        """Write the lines anew, if anybody sees them."""
        if self.watched and self._lab is not None:
            scene = self._lab.scene
            with self.hold_sync():
                self.python, self.text = to_python(scene), to_text(scene)

    def _say(self, words: str, wrong: bool = False) -> None:
        with self.hold_sync():
            self.said, self.wrong = words, wrong
