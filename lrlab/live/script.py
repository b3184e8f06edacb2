"""The text of a widget's script."""

from __future__ import annotations

from pathlib import Path


def script(module: str, *names: str) -> str:
    """The files of these names beside ``module`` (its ``__file__``), one after another: anywidget takes one script.

    Text, not paths: anywidget listens to paths for changes, and would hold every widget until the kernel ends.
    """
    return "\n".join(Path(module).with_name(name).read_text(encoding="utf-8") for name in names)
