"""OpensScenes: a lab's state as a scene, and scenes opened in a lab or as a new one."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from lrlab.labs.scene import Scene, read_scene, scene_of
from lrlab.widgets.fields import Field
from lrlab.widgets.menu import Menu

ARGUMENTS = {"problem": "problem", "model": "get_model"}  # menus that a new lab is made with
YOURS = "yours"


class OpensScenes:
    """What every Lab has: ``scene``, and ``from_scene``.

    A scene has the controls' values, and what a lab is made with and keeps.
    """

    controls: dict[str, Any]
    _trains_at_once = True  # whether runs are there as soon as the controls are set: frozen ones can be made again
    _brought: ClassVar[set[str]] = {"alpha", "epochs", "batch_size", "start"}  # what another problem or model brings
    _made_with: ClassVar[tuple[str, ...]] = ()  # arguments that no control shows; each is also an attribute, with a "_"

    @property
    def scene(self) -> Scene:
        """The lab's state as plain data, see `lrlab.labs.scene`. Set it to a scene to open that one here.

        Raises ValueError, with the reason, for a scene that is broken, newer, or of another kind of lab, TypeError
        for what is neither a dict nor a text; the lab is then as it was.
        """
        settings = {name: control.value for name, control in self.controls.items()}
        made_with = {name: getattr(self, f"_{name}") for name in self._made_with}
        settings |= {name: value for name, value in made_with.items() if value is not None}
        return scene_of(type(self).__name__, settings, self._shown, self._kept(settings))

    @scene.setter
    def scene(self, scene: Any) -> None:
        found = read_scene(scene)
        settings, shown = self._checked_settings(found), self._checked_shown(found.get("shown", {}))
        frozen = [
            self._checked_settings({**found, "settings": found["settings"] | kept})
            for kept in found.get("frozen", {}).values()
        ]
        with self.figure.lock:  # nobody moves a slider between two of its steps
            before, ghosts = {name: control.value for name, control in self.controls.items()}, self.frozen
            try:
                for each in (settings, *frozen):
                    self._check_values(each)
                self._freeze_again(frozen)
                self._set_all_or_none(settings)
            except (ValueError, TypeError, ImportError) as error:
                if self.freezing is not None:
                    self.freezing.put_back(ghosts)
                if {name: control.value for name, control in self.controls.items()} != before:
                    self._set_all(before)
                raise ValueError(f"This scene cannot be opened: {error}") from None
            if self.player is not None:
                self._show_again(shown)

    @classmethod
    def from_scene(cls, scene: Any, **own: Any) -> Self:
        """A new lab in that state. own: what no scene can hold: ``problem``, ``get_model``, ``data``, ``rule``

        Raises ValueError, with the reason, for a scene that cannot be opened, TypeError for what is neither a dict nor
        a text, and whatever the lab raises when it is made.
        """
        found = read_scene(scene)
        settings, arguments = found["settings"], dict(own)
        parts = [settings, *found.get("frozen", {}).values()]
        yours = {control: [part for part in parts if _is_own(part.get(control))] for control in ARGUMENTS}
        for control, argument in ARGUMENTS.items():
            if argument not in own and yours[control]:
                raise ValueError(
                    f"This scene is of somebody's own {control}, {yours[control][0][control]!r}. Give it as well: "
                    f"{cls.__name__}.from_scene(scene, {argument}=...)."
                )
            if argument not in own and control in settings:
                arguments[argument] = settings[control]
        made_with = {ARGUMENTS.get(name, name): settings[name] for name in cls._made_with if name in settings}
        arguments = made_with | arguments
        lab = cls(**arguments)
        for control, argument in ARGUMENTS.items():
            given = lab.scene["settings"].get(control)
            if argument in own and given is not None:  # it may have another name; a scene of no such takes it too
                for part in yours[control] or [settings]:
                    part[control] = given
        try:
            lab.scene = found
        except BaseException:
            lab.close()
            raise
        return lab

    # What of the runs is shown, and which are kept ----------------------------------------------------------------

    @property
    def _shown(self) -> dict[str, Any]:
        """What differs from a new lab, which shows whole runs."""
        if self.player is None:
            return {}
        player = self.player
        epoch = {} if player.at_the_end else {"epoch": player.epoch}
        hides = {"hides": player.limit} if player.hides else {}
        opened = {"rule": True} if self.inspector is not None and self.inspector.opened.value else {}
        solid = {"solid": True} if self.solid is not None and self.solid.opened.value else {}
        return epoch | hides | opened | solid

    def _checked_shown(self, shown: dict[str, Any]) -> dict[str, Any]:
        if unknown := shown.keys() - {"epoch", "hides", "rule", "solid"}:
            known = "epoch, hides, rule, or solid"
            raise ValueError(f"{' and '.join(sorted(unknown))} is nothing that a scene shows: {known}.")
        for name in shown.keys() & {"epoch", "hides"}:
            if type(shown[name]) is not int or shown[name] < 0:
                raise ValueError(f"This scene is broken: {name} must be an epoch, 0 or more, got {shown[name]!r}.")
        return shown

    def _show_again(self, shown: dict[str, Any]) -> None:
        player, hides = self.player, shown.get("hides")
        if self.inspector is not None:
            self.inspector.opened.value = bool(shown.get("rule", False))
        if self.solid is not None:
            self.solid.opened.value = bool(shown.get("solid", False))
        if self.hiding is not None and hides is not None:
            self.hiding.hide(hides)
        else:
            if self.hiding is not None:
                self.hiding.value = False
            player.limit = None
            player.epoch = player.epochs if hides is None else hides
        if "epoch" in shown:
            player.epoch = shown["epoch"]

    def _kept(self, settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The settings of frozen runs, as far as they differ; alpha always, so that each is mentioned."""
        return {
            one.letter: {
                name: value
                for name, value in one.settings.items()
                if name == "alpha" or _listed(value) != _listed(settings.get(name))
            }
            for one in self.frozen
            if self._trains_at_once
        }

    def _freeze_again(self, frozen: list[dict[str, Any]]) -> None:
        if self.freezing is None or not self._trains_at_once:  # each would have to be trained first
            return
        self.thaw()
        for kept in frozen:
            self._set_all_or_none(kept)
            self.freeze()

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
        self._check_names(settings)
        if settings.get("rule") == YOURS and self.controls["rule"].own is None:
            raise ValueError(
                "This scene has a third run by a rule of somebody's own. Give it as well: "
                f"{mine}.from_scene(scene, rule=...)."
            )
        return settings

    def _check_values(self, settings: dict[str, Any]) -> None:
        """Raise what a control would raise, before anything is set: another model drops what is trained."""
        for name, control in self.controls.items():
            if name in settings and name != "start" and isinstance(control, (Field, Menu)):  # a start is of its problem
                control.check(settings[name])

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

    def _set_all_or_none(self, settings: dict[str, Any]) -> None:
        """The same, and where one breaks its rule, all are as they were, and nothing has been trained."""
        before = {name: control.value for name, control in self.controls.items()}
        with self._one_refresh():
            try:
                self._set_all(settings)
            except (ValueError, TypeError, ImportError):
                self._set_all(before)
                raise


def _is_own(chosen: Any) -> bool:
    """Whether a problem or model is somebody's own, by its name in a scene."""
    return str(chosen).endswith(f"({YOURS})")


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
