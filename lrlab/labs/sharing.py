"""Sharing: "Save and share", the buttons that take what a lab shows away as a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from lrlab.keras_live.worker import Look, Worker
from lrlab.labs.news import News
from lrlab.labs.saves import MOVIES, PICTURES, Write, whole_file
from lrlab.live.movies import NO_FFMPEG, Cancelled, has_ffmpeg
from lrlab.widgets.button import button
from lrlab.widgets.download import Download

DRAWING = "Frames"
TITLE = "Save and share: picture, animation, numbers, scene"
REFUSED = '<>:"|?*'  # besides slashes: Windows has no such names
DEVICES = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)\s*(\..*)?", re.IGNORECASE)  # nor these, whatever their ending
ENDINGS = (*PICTURES, *MOVIES, ".csv", ".json")
LONGEST = 100
NOTES = {
    EACCES: "This folder cannot be written to",
    EPERM: "This folder cannot be written to",
    EROFS: "This folder cannot be written to",
    ENOSPC: "There is no room left on the disk",
    EDQUOT: "There is no room left for you on the disk",
}


class Sharing(widgets.Accordion):
    """A folded section with a name for files, and buttons that write them into the kernel's working directory.

    lab: what is saved. rows: widgets below the buttons

    name: the field. picture, movie, numbers, scene: the buttons. picture_kind, movie_kind: menus of endings
    bar, cancel: how far a movie is, and the button that ends it. message: where the last file is, or what went wrong
    download: brings that file to the browser's computer

    A movie is written in a thread, from a copy of the picture; the lab goes on meanwhile. No file is ever replaced: a
    number is appended to the name.
    """

    def __init__(self, lab: Any, rows: Sequence[widgets.Widget] = ()) -> None:
        self._lab = lab
        self._news = News(self._show, self._make_worker)
        self._cancelling = False
        self._done, self._heard = (0, 1), None  # frames of the movie, and what was heard of its end
        self._saved: tuple[str, Path | None] = ("", None)  # what is told, and the file
        self._given = default_name(lab)
        self.name = widgets.Text(self._given, description="file name", continuous_update=False)
        self.picture_kind = widgets.Dropdown(options=[suffix[1:].upper() for suffix in PICTURES], description="as")
        kinds = ["GIF", "MP4"] if has_ffmpeg() else ["GIF"]
        self.movie_kind = widgets.Dropdown(options=kinds, description="as", tooltip="" if "MP4" in kinds else NO_FFMPEG)
        self.picture = button("Save picture", lambda: self._save(f".{self.picture_kind.value.lower()}"))
        self.movie = button("Save animation", lambda: self._film(f".{self.movie_kind.value.lower()}"))
        self.numbers = button(
            "Save numbers", lambda: self._save(".csv"), "Rates, losses and weights of each epoch, as CSV"
        )
        self.scene = button(
            "Save scene", lambda: self._save(".json"), "The lab's settings, as JSON: from_scene opens them"
        )
        self.bar = widgets.IntProgress(0, 0, 1)
        self.cancel = button("Cancel", self._cancel)
        self.message, self.download = widgets.HTML(), Download()
        film = [self.movie, self.movie_kind]
        for part in film if lab.player is None else []:
            part.layout.display = "none"
        first = widgets.HBox([self.name, self.picture, self.picture_kind, *film, self.numbers, self.scene])
        first.add_class("lrlab-sharing")
        self._under_way = widgets.HBox([self.bar, self.cancel])
        second = widgets.HBox([self.message, self.download, self._under_way])
        second.add_class("lrlab-shared")
        super().__init__([widgets.VBox([first, second, *rows])])
        self.titles = (TITLE,)
        self.add_class("lrlab-share")
        for name in ("problem", "model"):
            if name in lab.controls:
                lab.controls[name].observe(self._rename, "value")
        self._show()

    def wait(self, seconds: float | None = None) -> bool:
        """Until the movie is written, or for so long. Returns whether none is being written."""
        return self._news.wait(seconds)

    def close(self) -> None:
        """Give up the movie, and close."""
        self._worker.close()
        self._lab = None
        super().close()

    # What the buttons do ----------------------------------------------------------------------------------------

    def _save(self, suffix: str) -> None:
        """What is quick: at once."""
        self._begin(suffix, lambda write, folder, name: _written(write, folder, name, suffix))

    def _film(self, suffix: str) -> None:
        self._cancelling, self._done = False, (0, 1)

        def start(write: Write, folder: Path, name: str) -> tuple[str, None]:
            once = [write]  # it holds a whole picture, which is to be free when it is written
            self._worker.start(lambda: self._work(once.pop(), folder, name, suffix))
            return DRAWING, None

        self._begin(suffix, start)

    def _begin(self, suffix: str, go_on: Callable[[Write, Path, str], tuple[str, Path | None]]) -> None:
        try:
            name = checked_name(self.name.value, suffix)
            self._saved = go_on(self._lab._writer(suffix), Path.cwd(), name)
        except Exception as error:
            self._saved = told(error), None
        self._show()

    def _cancel(self) -> None:
        self._cancelling = True

    def _rename(self, _change: Any) -> None:
        """Another problem has another name, unless a name was typed."""
        if self._lab is None:
            return
        typed = self.name.value != self._given
        self._given = default_name(self._lab)
        if not typed:
            self.name.value = self._given

    # In the thread ----------------------------------------------------------------------------------------------

    def _make_worker(self, hear: Callable[[], None]) -> Worker:
        self._hear, self._worker = hear, Worker(hear)
        return self._worker

    def _work(self, write: Write, folder: Path, name: str, suffix: str) -> Iterator[Look]:
        try:
            result = _written(
                write, folder, name, suffix, self._progress, lambda: self._cancelling or self.comm is None
            )
        except Exception as error:
            result = told(error), None
        yield lambda: result

    def _progress(self, done: int, of: int) -> None:
        self._done = done, of
        self._hear()

    # What is seen -----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self.comm is None:
            return  # closed meanwhile
        state = self._worker.state
        if state.latest is not None and state.latest is not self._heard:
            self._heard = state.latest
            self._saved = state.latest
        done, of = self._done
        self.bar.max, self.bar.value = of, done
        self._under_way.layout.display = None if state.busy else "none"
        self.movie.disabled = state.busy
        words, path = self._saved
        drawing = f"{DRAWING}: {done} of {of}" if state.busy else ""
        told = "" if state.busy and words == DRAWING else words  # what else was saved meanwhile
        self.message.value = escape(". ".join(filter(None, (drawing, told))), quote=False)
        self.download.offer(path)


def default_name(lab: Any) -> str:
    """Like "ravine-descent"."""
    subject = next((lab.controls[name].value for name in ("problem", "model") if name in lab.controls), "")
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(lab).__name__.removesuffix("Lab"))
    return re.sub(r"[^\w-]+", "-", f"{subject[:60]}-{kind}".lower()).strip("-_")


def checked_name(name: str, suffix: str) -> str:
    """A file's name without its ending, whichever a lab writes: the button says which it will have.

    Raises ValueError, with the reason, for one that is none, or is elsewhere.
    """
    name = name.strip()
    typed = Path(name).suffix
    if typed.lower() in (suffix, *ENDINGS):
        name = name.removesuffix(typed)
    if "/" in name or "\\" in name or ".." in name:
        raise ValueError(
            f"Files are saved in the notebook's own folder, so a name has no slash and no .., got {name!r}."
        )
    if not name or name.startswith("."):
        raise ValueError(f"A file's name must begin with a letter or a digit, got {name or 'nothing'!r}.")
    odd = sorted({letter for letter in name if letter in REFUSED or not letter.isprintable()})
    if odd:
        raise ValueError(f"A file's name must not have {' '.join(map(ascii, odd))} in it, got {name!r}.")
    if DEVICES.fullmatch(name):
        raise ValueError(f"Windows keeps the name {name!r} for a device. Choose another, like {name + '-1'!r}.")
    if len(name) > LONGEST:
        raise ValueError(f"A file's name must have at most {LONGEST} characters, and this has {len(name)}.")
    return name


def told(error: BaseException) -> str:
    """What went wrong, in a line."""
    if isinstance(error, Cancelled):
        return "Cancelled; nothing was saved."
    if isinstance(error, OSError):
        why = NOTES.get(error.errno, error.strerror or str(error))
        return f"Not saved. {why}{f': {Path(error.filename).parent}' if error.filename else ''}."
    return str(error) if isinstance(error, (ValueError, RuntimeError)) else f"{type(error).__name__}: {error}"


def _written(
    write: Write,
    folder: Path,
    name: str,
    suffix: str,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, Path]:
    """Write a new file. Returns what is told of it, and where it is."""
    with whole_file(folder, suffix) as partial:
        write(partial, progress, cancelled)
        if cancelled():
            raise Cancelled
        path = _reserved(folder, name, suffix)
        os.replace(partial, path)
    kilobytes = path.stat().st_size / 1000
    size = f"{kilobytes / 1000:.1f} MB" if kilobytes >= 100 else f"{max(kilobytes, 1):.0f} kB"
    return f"Saved {path.name} ({size}) in {folder}", path


def _reserved(folder: Path, name: str, suffix: str) -> Path:
    """An empty file that was not there before: the name, or else with the first number that is free."""
    number = 1
    while True:
        path = folder / (f"{name}{suffix}" if number == 1 else f"{name}-{number}{suffix}")
        try:
            path.open("x").close()
        except FileExistsError:
            number += 1
        else:
            return path
