"""OpensScenes: a lab's state as a scene, and scenes opened in a lab or as a new one."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import traitlets

from lrlab.labs.fields import Field
from lrlab.labs.scene import Scene, read_scene, scene_of

ARGUMENTS = {"problem": "problem", "model": "get_model"}  # menus that a new lab is made with
YOURS = "yours"


class OpensScenes:
    """What every Lab has: ``scene``, and ``from_scene``.

    A scene has the controls' values, and what a lab is made with and keeps.
    """

    controls: dict[str, Any]
    _brought: ClassVar[set[str]] = {"alpha", "epochs", "batch_size", "start"}  # what another problem or model brings
    _made_with: ClassVar[tuple[str, ...]] = ()  # arguments that no control shows; each is also an attribute, with a "_"

    @property
    def scene(self) -> Scene:
        """The lab's state as plain data, see `lrlab.labs.scene`. Set it to a scene to open that one here.

        Raises ValueError, with the reason, for a scene that is broken, newer, or of another kind of lab; the lab is
        then as it was.
        """
        settings = {name: control.value for name, control in self.controls.items()}
        made_with = {name: getattr(self, f"_{name}") for name in self._made_with}
        settings |= {name: value for name, value in made_with.items() if value is not None}
        return scene_of(type(self).__name__, settings)

    @scene.setter
    def scene(self, scene: Any) -> None:
        settings = self._checked_settings(read_scene(scene))
        before = {name: control.value for name, control in self.controls.items()}
        try:
            self._set_all(settings)
        except (ValueError, TypeError, traitlets.TraitError) as error:
            self._set_all(before)
            raise ValueError(f"This scene cannot be opened: {error}") from None

    @classmethod
    def from_scene(cls, scene: Any, **own: Any) -> Self:
        """A new lab in that state. own: what no scene can hold: ``problem``, ``get_model``, ``data``, ``rule``

        Raises ValueError, with the reason, for a scene that cannot be opened.
        """
        found = read_scene(scene)
        settings, arguments = found["settings"], dict(own)
        for control, argument in ARGUMENTS.items():
            chosen = settings.get(control)
            if chosen is not None and argument not in own:
                if str(chosen).endswith(f"({YOURS})"):
                    raise ValueError(
                        f"This scene is of somebody's own {control}, {chosen!r}. Give it as well: "
                        f"{cls.__name__}.from_scene(scene, {argument}=...)."
                    )
                arguments[argument] = chosen
        arguments |= {name: settings[name] for name in cls._made_with if name in settings and name not in own}
        lab = cls(**arguments)
        for control, argument in ARGUMENTS.items():
            if argument in own and control in lab.controls:
                settings[control] = lab.controls[control].value
        try:
            lab.scene = found
        except BaseException:
            lab.close()
            raise
        return lab

    def _checked_settings(self, scene: Scene) -> dict[str, Any]:
        """The settings of a scene that fits this lab."""
        lab, settings, mine = scene["lab"], dict(scene["settings"]), type(self).__name__
        if lab != mine:
            raise ValueError(f"This scene is of a {lab}, and this is a {mine}. lrlab.from_scene(...) opens it.")
        for name in self._made_with:
            there, here = settings.pop(name, None), getattr(self, f"_{name}")
            if there != here:
                raise ValueError(
                    f"This lab was made with {name}={here}, and the scene with {there}. lrlab.from_scene(...) opens it."
                )
        if unknown := settings.keys() - self.controls.keys():
            raise ValueError(
                f"{' and '.join(sorted(unknown))} is no setting of a {mine}. It has: {', '.join(self.controls)}."
            )
        if settings.get("rule") == YOURS and self.controls["rule"].own is None:
            raise ValueError(
                "This scene has a third run by a rule of somebody's own. Give it as well: "
                f"{mine}.from_scene(scene, rule=...)."
            )
        return settings

    def _set_all(self, settings: dict[str, Any]) -> None:
        """Give the controls these values; those that are left out get what a new lab would have."""
        missing = self.controls.keys() - settings.keys()
        whole = {
            name: settings.get(name, self._first_values[name])
            for name in self.controls
            if name not in missing or name not in self._brought
        }
        with self._one_refresh():
            self.set(**{name: value for name, value in whole.items() if not isinstance(self.controls[name], Field)})
            if missing & self._brought:
                self._change_problem(None)
            self.set(**{name: value for name, value in whole.items() if isinstance(self.controls[name], Field)})
