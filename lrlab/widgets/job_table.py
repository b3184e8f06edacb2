"""JobTable: rows that can be looked at, with the mouse or with keys, in a box that keeps its height."""

from __future__ import annotations

import anywidget
import traitlets

from lrlab.live.script import script


class JobTable(anywidget.AnyWidget):
    """A table of a few columns and any number of rows; the newest is in sight.

    name: what the table is of, for screen readers
    heads: (word, what it means) for each column
    rows: {"kind": whose colour it has, "cells": texts, one for each column, "best": whether it stands out}
    looked: the row under the mouse, else the one that was clicked, counted from 0; -1 for none
    shown: the row whose curves are drawn strongly, whether it is looked at or not; -1 for none
    empty: what it says without rows
    """

    _esm = script(__file__, "job_table.js")
    _css = script(__file__, "job_table.css")

    name = traitlets.Unicode("jobs").tag(sync=True)
    heads = traitlets.List().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    looked = traitlets.Int(-1).tag(sync=True)
    shown = traitlets.Int(-1).tag(sync=True)
    empty = traitlets.Unicode("").tag(sync=True)
