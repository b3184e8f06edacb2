"""Moment: settings that show one thing, with a name, and a claim that says whether they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Claim = Callable[..., bool]


class Moment(NamedTuple):
    """Settings to show, and what they claim to show.

    name: a few words. why: a sentence or two, the note under the picture
    problem: a name in the catalogue, or of a ready-made Keras model
    settings: the lab's arguments; what is left out is as the problem brings it, or plain
    claim: whether what the name says is so, asked of what the lab has worked out. Each lab's claims take the same
    """

    name: str
    why: str
    problem: str
    settings: dict[str, Any]
    claim: Claim


Groups = dict[str, tuple[Moment, ...]]  # a lab's moments, under the words that they stand under in its menu
