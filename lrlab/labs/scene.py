"""Scenes: the whole state of a lab as plain data, and as one line of text that can be pasted into a chat or a slide.

    {"lrlab": 1, "lab": "DescentLab", "settings": {"problem": "ravine", "alpha": 0.085, "factor": 0.5, ...},
     "shown": {"epoch": 12}, "frozen": {"A": {"alpha": 0.05}}}
    lrlab-1 DescentLab problem=ravine alpha=0.085 factor=0.5 ... shown.epoch=12 A.alpha=0.05

"shown" and "frozen" are left out where there is nothing to say: the picture shows whole runs, and none is kept. Of
frozen runs a scene has the settings in which they differ from those of the lab.

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
_LINE = re.compile(r"lrlab-(\d{1,6}) (\w+)((?: [A-Za-z_][\w.]*=[^\s\"'`]*)*)")
_LETTER = re.compile("[A-H]")
_REMEDY = "Copy it again from the lab it comes from."

SHOWN = "shown"

Named = dict[str, Any]
Scene = dict[str, Any]


def scene_of(lab: str, settings: Named, shown: Named | None = None, frozen: dict[str, Named] | None = None) -> Scene:
    """The scene of a lab of that class with these settings, by name.

    shown: what of the runs is shown, by name. frozen: settings of runs that are kept, by letter
    """
    scene = {"lrlab": VERSION, "lab": lab, "settings": _plain(settings)}
    if shown:
        scene["shown"] = _plain(shown)
    if frozen:
        scene["frozen"] = {letter: _plain(kept) for letter, kept in frozen.items()}
    return scene


def _plain(settings: Named) -> Named:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}


def to_text(scene: Scene) -> str:
    """A scene as one line."""
    groups = {"": scene["settings"], f"{SHOWN}.": scene.get("shown", {})}
    groups |= {f"{letter}.": kept for letter, kept in scene.get("frozen", {}).items()}
    pairs = [f"{group}{name}={_written(value)}" for group, part in groups.items() for name, value in part.items()]
    return " ".join([f"lrlab-{scene['lrlab']}", scene["lab"], *pairs])


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
    shown, frozen = scene.get("shown", {}), scene.get("frozen", {})
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"This is no scene of lrlab: it has no version. {_REMEDY}")
    if version > VERSION:
        raise ValueError(f"This scene was made by a newer lrlab (its version is {version}). Update lrlab to open it.")
    if not isinstance(lab, str) or not isinstance(settings, dict):
        raise ValueError(f"This scene is broken: it needs a lab and its settings. {_REMEDY}")
    if not isinstance(frozen, dict) or not all(_LETTER.fullmatch(str(letter)) for letter in frozen):
        raise ValueError(f"This scene is broken: its frozen runs need a letter each, A to H. {_REMEDY}")
    for part in (settings, shown, *frozen.values()):
        _check_plain(part)
    for older in range(version, VERSION):
        settings, *kept = (UPGRADES[older](part) for part in (settings, *frozen.values()))
        frozen = dict(zip(frozen, kept, strict=True))
    return scene_of(lab, settings, shown, frozen)


def _check_plain(part: Any) -> None:
    if not isinstance(part, dict):
        raise ValueError(f"This scene is broken: {part!r} should be settings by name. {_REMEDY}")
    for name, value in part.items():
        if not isinstance(name, str) or not _is_plain(value):
            raise ValueError(
                f"This scene is broken: {name!r} must be a number, a word, or a list of numbers. {_REMEDY}"
            )


def _parsed(text: str) -> Any:
    if len(text) > LONGEST:
        raise ValueError(f"A scene has a few hundred characters, and this has {len(text):,}. {_REMEDY}")
    if text.lstrip().startswith("{"):
        try:
            return _from_json(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"This scene is broken: {error}. {_REMEDY}") from None
    found = _LINE.search(text)
    if not found:
        raise ValueError(f"There is no scene in this text. One begins with lrlab-{VERSION} and the name of a lab.")
    version, lab, pairs = found.groups()
    rest = text[found.end() :].strip()
    if rest and not re.match(r"[\"'`)]", rest):
        raise ValueError(f"This scene is broken from {rest[:40]!r} on. {_REMEDY}")
    groups: dict[str, Named] = {"": {}, SHOWN: {}}
    for pair in pairs.split():
        name, value = pair.split("=", 1)
        group, _, name = name.rpartition(".")
        groups.setdefault(group, {})[name] = _read(value)
    return {"lrlab": int(version), "lab": lab, "settings": groups.pop(""), "shown": groups.pop(SHOWN), "frozen": groups}


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
    except (ValueError, RecursionError):
        return unquote_plus(text)
    return value if isinstance(value, (bool, int, float)) else unquote_plus(text)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in value)
    return isinstance(value, (str, int, float, bool))
