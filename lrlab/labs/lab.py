"""Lab: what labs are made of. Controls drive one call of numbers; a view draws what comes of it; a readout says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from traitlets import TraitError

from lrlab.core.run import Run
from lrlab.labs.lifetime import close_held, replace_in_cell
from lrlab.labs.opens_scenes import OpensScenes
from lrlab.labs.saves import Saves
from lrlab.labs.scene_panel import ScenePanel
from lrlab.labs.sharing import Sharing
from lrlab.labs.stage import OnStage
from lrlab.live.figure import LiveFigure
from lrlab.widgets.button import button
from lrlab.widgets.fields import Field

STYLE = (Path(__file__).parent / "lab.css").read_text(encoding="utf-8")
CHANGE_THE_REST = ("problem", "model")  # controls that bring other values for the others


class Lab(OnStage, OpensScenes, Saves, widgets.VBox):
    """Sliders for alpha, factor and patience over a live picture; the other settings are folded away.

    controls: the parameters by name, alpha, factor and patience first; each has a ``value``
    arrange: sets size and places of the figure for a cell of some width, as for `LiveFigure`
    run: the `Run` in the picture. view: the views, with their matplotlib artists. figure: the LiveFigure
    player, hiding, inspector, solid, frozen, presenting: what stands under the picture, see `labs.stage.OnStage`
    scene: the controls' values and the rest of the lab's state, as plain data; set it, or make a lab ``from_scene``
    scenes: the `ScenePanel`, lines to copy and a field that takes one
    save: the picture, a movie, the numbers or the scene as a file. sharing: the same with buttons

    A lab says what is its own in four methods:
    _train: one call of numbers with the controls' values
    _still: what the part of the picture that does not move depends on
    _new_view: the view for that, with ``draw(run)``
    _tell: the picture in words, as plain text and as HTML
    """

    run: Run
    view: Any
    _more = "More settings"
    _placed: tuple[str, ...] = ()  # controls that have a place of their own, by name: the lab puts them there

    def __init__(
        self,
        controls: dict[str, Any],
        arrange: Callable[[Figure, float], None],
    ) -> None:
        self.controls = controls
        self._first_values = {name: control.value for name, control in controls.items()}
        self._message = widgets.HTML()
        self._readout = widgets.HTML()
        self._drawn: Any = None  # what the still part of the picture was drawn for
        self._shown_with: Any = None  # what the run in the picture was trained with
        self._held = False
        self._failures: dict[str, str] = {}  # that still hold, by what was tried
        self.scenes: ScenePanel | None = None  # it needs a lab that has its controls and a picture
        self._at_the_top = self._first()
        first = Figure(figsize=(10, 4))  # 1000 CSS pixels wide, until the browser says how wide the cell is
        self._arrange_view = arrange
        self.figure = LiveFigure(first, arrange=self._arrange)
        self._set_the_stage()
        try:
            with self.figure.lock:  # another lab may be drawing, in another thread
                self._update()
        except BaseException:
            self._close_parts()
            raise
        super().__init__(self._parts())
        self.add_class("lrlab-lab")
        self._message.add_class("lrlab-message")
        self._readout.add_class("lrlab-told")
        self._listen()
        self._tell_errors()  # a rule that the lab was made with may have failed
        replace_in_cell(self)

    def close(self) -> None:
        """Close the lab and every widget in it, and free the figure; ``run`` and the controls' values stay readable."""
        if self.comm is None:  # it is closed already, or was never opened and has no figure
            return
        with self.figure.lock:
            close_held(self)
            super().close()
            # Jupyter remembers every cell's output, closed labs too: they must not keep a picture alive each.
            self.view = self._drawn = None

    def _close_parts(self) -> None:
        """Close what was opened for a lab that could not be made."""
        for part in self._made_first():
            close_held(part)
            part.close()

    def _made_first(self) -> list[widgets.Widget]:
        """All that is there before the first picture is drawn."""
        parts = [*self.controls.values(), *self._at_the_top, self._message, self._readout]
        return [*parts, *self._on_the_stage(), self.figure]

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if bundle:
            bundle["text/plain"] = self._in_a_terminal()
            bundle.update(self._still_picture())
        return bundle

    def _in_a_terminal(self) -> str:
        """What is read where no widget can be shown: plain ``ipython``, say."""
        name = type(self).__name__
        if not self._is_open:
            return f"{name}, closed. Its run and its controls' values can still be read."
        return f'{name}: {self.figure.alt}\nJupyter shows it with its sliders; here, lab.save("picture.png") draws it.'

    # What a lab says of its own ---------------------------------------------------------------------------------

    def _train(self) -> Run:
        raise NotImplementedError

    def _still(self, run: Run) -> dict[str, Any]:
        raise NotImplementedError

    def _new_view(self, figure: Figure, still: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _draw(self, run: Run) -> None:
        self.view.draw(run)

    def _tell(self) -> tuple[str, str]:
        raise NotImplementedError

    def _change_problem(self, _change: Any) -> None:
        """What to do when another problem is chosen, in a lab that has a menu of them."""

    def _buttons(self) -> dict[str, Callable[[], None]]:
        """What stands on the lab's buttons, and what they do."""
        return {"Reset": self._reset}

    # What happens when a control changes ------------------------------------------------------------------------

    def _listen(self) -> None:
        for name, control in self.controls.items():
            control.observe(self._change_problem if name in CHANGE_THE_REST else self._refresh, "value")
        for control in self.controls.values():
            if control.has_trait("error"):
                control.observe(self._tell_errors, "error")

    def _refresh(self, _change: Any = None) -> None:
        """`_update`, with whatever goes wrong told in the lab: a user's own problem may raise anything."""
        if self._held:
            return
        # JupyterLab delivers messages in the kernel's main thread and in others: one at a time, please.
        with self.figure.lock, self._failures_told():
            if self._is_open:
                self._update()
                self._failures.clear()  # what failed did so with other settings

    @property
    def _is_open(self) -> bool:
        """Asked by whoever holds the figure's lock: another thread may just have closed the lab."""
        return self.figure.figure is not None

    @contextmanager
    def _failures_told(self, of: str = "picture") -> Iterator[None]:
        """of: what is tried. Its failure stands until it is tried again, or all is well with new settings: whatever
        else succeeds meanwhile does not mend it.
        """
        self._failures.pop(of, None)
        try:
            yield
        except Exception as error:
            self._tell_failure(error, of)
        else:
            self._tell_errors()

    def _tell_failure(self, error: Exception, of: str = "picture") -> None:
        """A ValueError is a rule that was broken, an ImportError what to install: sentences. Of others the kind says
        most.
        """
        kind = "" if isinstance(error, ValueError) or type(error) is ImportError else f"{type(error).__name__}: "
        self._failures[of] = f"{kind}{error}"
        self._message.value = escape(self._failures[of], quote=False)

    def _update(self) -> None:
        """Train and show: everything in the lab follows from the controls' values."""
        with np.errstate(all="ignore"):  # a surface of the user's own may have a hole, or no end
            trained_with = self._trained_with
            self._show(self._train())
            self._shown_with = trained_with

    @property
    def _trained_with(self) -> Any:
        """What a run depends on, as it is now."""
        return {name: control.value for name, control in self.controls.items()}

    def _show(self, run: Run) -> None:
        """Draw ``run``, and say it in words."""
        with np.errstate(all="ignore"):
            still = self._still(run)
            self._keep_back(run)
            if self._is_drawn(still):
                self._draw(run)
                self._inspect(run)
                self.figure.push()
            else:
                self._draw_anew(still, run)
            self.run = run
            if self.hiding is not None:
                self.hiding.look()  # the epoch that is shown may be the last one by now
            alt, self._readout.value = self._tell()
            self.figure.alt = self._uncovered(alt)
        self._rewrite_scene()

    def _draw_anew(self, still: dict[str, Any], run: Run) -> None:
        figure = self.figure.figure
        self._drawn = self.view = None  # until it is drawn: where that fails, nothing is left of the old picture
        figure.clear()
        self.view = self._new_view(figure, still)
        self._draw(run)
        self._inspect(run)
        self._draw_ghosts()
        self.figure.fit()
        self.figure.redraw()
        self._drawn = self._everything_still(still)
        self.presenting.lab = ", ".join(filter(None, [type(self).__name__, self._subject.replace("_", " ")]))

    def _arrange(self, figure: Figure, width: float) -> None:
        if self.view is not None:  # it could not be drawn
            self._arrange_view(figure, width)

    def _is_drawn(self, still: dict[str, Any]) -> bool:
        return self._drawn is not None and self._drawn == self._everything_still(still)

    def _everything_still(self, still: dict[str, Any]) -> tuple[dict[str, Any], tuple[int, ...]]:
        return still, self._ghosts()

    @property
    def _subject(self) -> str:
        """The name of what is trained on, or of the model: pictures of others do not compare."""
        return next((self.controls[name].value for name in CHANGE_THE_REST if name in self.controls), "")

    def _watch_scenes(self, change: Any) -> None:
        self.scenes.watched = change.new is not None

    def _rewrite_scene(self) -> None:
        """The lines that can be copied are of what is seen."""
        if self.scenes is not None:
            self.scenes.refresh()

    def _tell_errors(self, change: Any = None) -> None:
        """The error that has just come up, else one that still stands, else nothing."""
        news = change.new if change else ""
        self._message.value = escape(news or next(filter(None, self._standing_errors()), ""), quote=False)

    def _standing_errors(self) -> list[str]:
        return [*self._failures.values(), *(field.error for field in self._fields())]

    def _fields(self) -> list[Field]:
        """The controls that are typed or slid, that is all but menus."""
        return [control for control in self.controls.values() if isinstance(control, Field)]

    def _reset(self) -> None:
        self.set(**self._first_values)
        for field in self._fields():
            field.tidy()

    def set(self, **values: Any) -> None:
        """Give several controls new values at once; the lab trains and draws once.

        Raises ValueError for a name that there is not; ValueError or TypeError where one breaks its rule: those before
        it are set then.
        """
        self._check_names(values)
        # A menu first: another problem brings its own start, epochs and alpha, another rule its own callback.
        named = [(name, control) for name, control in self.controls.items() if name in values]
        with self._one_refresh():
            for name, control in sorted(named, key=lambda one: isinstance(one[1], Field)):
                try:
                    control.value = values[name]
                except TraitError as error:
                    choices = ", ".join(repr(value) for _, value in getattr(control, "_options_full", ()))
                    reason = f"{name} must be one of {choices}, got {values[name]!r}." if choices else str(error)
                    raise ValueError(reason) from None

    def _check_names(self, values: Iterable[str]) -> None:
        if unknown := set(values) - self.controls.keys():
            raise ValueError(
                f"{' and '.join(sorted(unknown))} is no setting of a {type(self).__name__}. "
                f"It has: {', '.join(self.controls)}."
            )

    @contextmanager
    def _one_refresh(self) -> Iterator[None]:
        """Several controls change, the lab trains and draws once."""
        with self.figure.lock:
            outermost, self._held = not self._held, True
            try:
                yield
            finally:
                if outermost:
                    self._held = False
                    self._refresh()

    # What it looks like -----------------------------------------------------------------------------------------

    def _parts(self) -> list[widgets.Widget]:
        names = [name for name in self.controls if name not in self._placed]
        always, folded = ([self.controls[name] for name in part] for part in (names[:3], names[3:]))
        buttons = [button(words, action) for words, action in self._buttons().items()]
        settings = widgets.HBox([*folded, *buttons])
        settings.add_class("lrlab-settings")
        more = widgets.Accordion([settings])
        more.titles = (self._more,)
        more.add_class("lrlab-more")
        style = widgets.HTML(f"<style>{STYLE}</style>", layout={"display": "none"})
        above = [self._message, *self._above()]
        below = [*self._under_the_picture(), self._readout, *self._under_the_readout(), more, *self._below()]
        return [style, *self._at_the_top, *always, *above, self.solid or self.figure, *below]

    def _first(self) -> list[widgets.Widget]:
        """What a lab has above its sliders; asked for once, when the lab is made."""
        return []

    def _above(self) -> list[widgets.Widget]:
        """What a lab has between its sliders and its picture."""
        return []

    def _below(self) -> list[widgets.Widget]:
        """What a lab has folded away besides its settings."""
        self.scenes = ScenePanel(self)
        self.sharing = Sharing(self, [self.scenes])
        self.sharing.observe(self._watch_scenes, "selected_index")
        return [self.sharing]
