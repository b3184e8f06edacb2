"""``lrlab.from_scene``: the lab that a scene is of, in the state that the scene has."""

from __future__ import annotations

from typing import Any

import lrlab
from lrlab.labs.scene import read_scene

LABS = tuple(name for name in lrlab.__all__ if name.endswith("Lab"))


def from_scene(scene: Any, **own: Any) -> Any:
    """Open a scene as a new lab.

    scene: a line of text that has one in it, JSON, or a dict: what ``lab.scene`` is
    own: what no scene can hold: ``problem``, ``get_model``, ``data``, ``rule``

    Raises ValueError, with the reason, for a scene that cannot be opened, TypeError for what is neither a dict nor a
    text, ImportError for a Keras lab without TensorFlow. Nothing in a scene is run as code.
    """
    found = read_scene(scene)
    if found["lab"] == "ReplayLab":
        raise ValueError("A replay needs losses, which no scene holds. Make it with lrlab.replay, then set its scene.")
    if found["lab"] not in LABS:
        raise ValueError(f"There is no lab {found['lab']!r} here. The labs are: {', '.join(LABS)}.")
    return getattr(lrlab, found["lab"]).from_scene(found, **own)
