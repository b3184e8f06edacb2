"""Scenes: the whole state of a lab as plain data, and as one line of text that can be pasted into a chat or a slide.

    {"lrlab": 1, "lab": "DescentLab", "settings": {"problem": "ravine", "alpha": 0.085, "factor": 0.5, ...}}
    lrlab-1 DescentLab problem=ravine alpha=0.085 factor=0.5 ...

Nothing in a scene is ever run as code. Scenes of older versions open for ever: what they do not mention is as it is in
a new lab, and what has another name by now would be renamed in `UPGRADES`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, unquote_plus

VERSION = 1
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}  # by version: to the settings of the next one
LONGEST = 20_000  # characters; a scene has a few hundred
PLAIN = ",:;()-./"  # what may stand in a line as it is, besides letters and digits
_LINE = re.compile(r"lrlab-(\d{1,6}) (\w+)((?: [A-Za-z_]\w*=[^\s\"'`]*)*)")
_REMEDY = "Copy it again from the lab it comes from."

Scene = dict[str, Any]


def scene_of(lab: str, settings: dict[str, Any]) -> Scene:
    """The scene of a lab of that class with these settings, by name."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
    return {"lrlab": VERSION, "lab": lab, "settings": plain}


def to_text(scene: Scene) -> str:
    """A scene as one line."""
    settings = " ".join(f"{name}={_written(value)}" for name, value in scene["settings"].items())
    return f"lrlab-{scene['lrlab']} {scene['lab']} {settings}".rstrip()


def to_python(scene: Scene) -> str:
    """A scene as one line of Python that opens it."""
    return f'lrlab.from_scene("{to_text(scene)}")'


def read_scene(scene: Any) -> Scene:
    """A scene of the present version from a dict, from JSON, or from any text that has its line in it.

    Raises ValueError, with the reason, for what is no scene, is broken, or was made by a newer lrlab; TypeError for
    anything but a dict or a text.
    """
    if isinstance(scene, str):
        scene = _parsed(scene)
    if not isinstance(scene, dict):
        raise TypeError(f"A scene must be a dict or a text, got {type(scene).__name__}. {_REMEDY}")
    version, lab, settings = (scene.get(name) for name in ("lrlab", "lab", "settings"))
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"This is no scene of lrlab: it has no version. {_REMEDY}")
    if version > VERSION:
        raise ValueError(f"This scene was made by a newer lrlab (its version is {version}). Update lrlab to open it.")
    if not isinstance(lab, str) or not isinstance(settings, dict):
        raise ValueError(f"This scene is broken: it needs a lab and its settings. {_REMEDY}")
    for name, value in settings.items():
        if not isinstance(name, str) or not _is_plain(value):
            raise ValueError(
                f"This scene is broken: {name!r} must be a number, a word, or a list of numbers. {_REMEDY}"
            )
    for older in range(version, VERSION):
        settings = UPGRADES[older](settings)
    return {"lrlab": VERSION, "lab": lab, "settings": dict(settings)}


def _parsed(text: str) -> Any:
    if len(text) > LONGEST:
        raise ValueError(f"A scene has a few hundred characters, and this has {len(text):,}. {_REMEDY}")
    if text.lstrip().startswith("{"):
        try:
            return _from_json(text)
        except ValueError as error:
            raise ValueError(f"This scene is broken: {error}. {_REMEDY}") from None
    found = _LINE.search(text)
    if not found:
        raise ValueError(f"There is no scene in this text. One begins with lrlab-{VERSION} and the name of a lab.")
    version, lab, pairs = found.groups()
    rest = text[found.end() :].strip()
    if rest and not re.match(r"[\"'`)]", rest):
        raise ValueError(f"This scene is broken from {rest[:40]!r} on. {_REMEDY}")
    settings = dict(pair.split("=", 1) for pair in pairs.split())
    return {"lrlab": int(version), "lab": lab, "settings": {name: _read(value) for name, value in settings.items()}}


def _from_json(text: str) -> Any:
    """What JSON allows; Python would take Infinity and NaN as well."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no number")

    return json.loads(text, parse_constant=refuse)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_written, value)) + ("," if len(value) == 1 else "")
    return quote_plus(value, safe=PLAIN) if isinstance(value, str) else json.dumps(value)


def _read(text: str) -> Any:
    parts = text.split(",")
    numbers = [_scalar(part) for part in parts if part]
    if len(parts) > 1 and numbers and not any(isinstance(number, (str, bool)) for number in numbers):
        return numbers
    return _scalar(text)


def _scalar(text: str) -> Any:
    """A number or truth as JSON writes it, else the words."""
    try:
        value = _from_json(text)
    except ValueError:
        return unquote_plus(text)
    return value if isinstance(value, (bool, int, float)) else unquote_plus(text)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in value)
    return isinstance(value, (str, int, float, bool))
