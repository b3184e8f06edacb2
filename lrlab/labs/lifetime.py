"""When a lab ends: closing all of it, and closing the one that a cell showed before it was run again."""

from __future__ import annotations

import weakref
from typing import Any

import ipywidgets as widgets

_labs_of_cell: dict[str, tuple[str, weakref.WeakSet]] = {}


def close_held(root: widgets.Widget) -> None:
    """Close every widget that ``root`` holds: children, theirs, layouts, styles. (``close()`` closes only itself.)"""
    found: dict[int, widgets.Widget] = {}
    waiting = _held_by(root)
    while waiting:
        widget = waiting.pop()
        if id(widget) not in found:
            found[id(widget)] = widget
            waiting.extend(_held_by(widget))
    for widget in found.values():
        if widget.has_trait("held"):  # it has the browser let go of what it shows of them
            widget.held = [one.model_id for one in (root, *found.values()) if one.comm is not None]
    for widget in found.values():
        widget.close()


def _held_by(widget: widgets.Widget) -> list[widgets.Widget]:
    held = []
    for value in (getattr(widget, name) for name in widget.keys):
        candidates = value if isinstance(value, (list, tuple)) else [value]
        held += [candidate for candidate in candidates if isinstance(candidate, widgets.Widget)]
    return held


def replace_in_cell(lab: Any) -> None:
    """Close the labs that an earlier run of the current notebook cell made; remember ``lab`` for the next run.

    Front ends name the cell in the metadata of the request to execute it. Where there is none, nothing happens.
    """
    cell, request = _current_cell()
    if cell is None:
        return
    earlier_request, labs = _labs_of_cell.get(cell, (request, weakref.WeakSet()))
    if earlier_request != request:
        for old in list(labs):
            old.close()
            _forget_output(old)
        labs = weakref.WeakSet()
    labs.add(lab)
    _labs_of_cell[cell] = (request, labs)


def _forget_output(shown: Any) -> None:
    """IPython keeps all that cells have shown, in ``Out`` and as ``_7``: closed labs too, 1 MB for each run of a cell.

    Whoever has given it a name of their own keeps it.
    """
    from IPython import get_ipython  # there is one: it has run the cell

    shell = get_ipython()
    out = shell.history_manager.output_hist
    for number in [number for number, kept in out.items() if kept is shown]:
        del out[number]
        shell.drop_by_id({f"_{number}": shown})


def _current_cell() -> tuple[str | None, str]:
    """The id of the cell that is being executed and of the request that executes it."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None, ""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = kernel.get_parent("shell") if kernel else {}
    return parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id", "")
