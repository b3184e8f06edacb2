"""Download: a button that brings a file from the kernel's folder to the browser's, wherever the kernel runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lrlab.live.script import script


class Download(anywidget.AnyWidget):
    """``name`` is the file's, "" where there is none; then nothing is seen of the button. path: where it is

    A link would need to know the server's folder and address, which a kernel does not: the browser asks the kernel.
    """

    _esm = script(__file__, "download.js")

    name = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.on_msg(self._answer)

    def offer(self, path: Path | None) -> None:
        """Have the button bring this file, or none."""
        self.path, self.name = path, path.name if path else ""

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if content != "file" or self.path is None:
            return
        try:
            self.send({"name": self.path.name}, buffers=[self.path.read_bytes()])
        except OSError as error:
            self.send({"error": f"It cannot be read any more: {error.strerror}."})
