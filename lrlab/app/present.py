"""``lrlab present``: a lesson, or any notebook, as a page of text and labs without its code, for a class to look at.

The page is made by Voilà, as an extension of a server that is started like that of ``lrlab lab``.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lrlab.app import server
from lrlab.app.lessons import FIRST_LESSON, find_lesson, lessons_folder, read_notebook
from lrlab.app.say import fail

# Templates are looked for in Jupyter's data folders, and this is one more.
DATA = Path(__file__).parent / "jupyter"
# What the server has beside Jupyter's own pages: Voilà, and MathJax from this machine instead of from the internet.
EXTENSIONS = {"voila.server_extension": True, "jupyter_server_mathjax": True}

# Voilà ends the kernel of a page that is closed. This is for pages that could not say so: a browser that was killed.
# A page that is open keeps its kernel, however long nobody touches it.
LOST = {"MappingKernelManager.cull_idle_timeout": 120, "MappingKernelManager.cull_interval": 30}


def add_parser(commands: Any) -> None:
    """Add ``present`` to the sub-commands of ``lrlab``."""
    parser = commands.add_parser(
        "present",
        help="show a lesson as a page without code",
        description="Show a lesson as a page without code, as wide as the window. It can be reached from this machine "
        "only, and asks for its token. Closing the page ends what it has started.",
        epilog=server.TOKEN,
        allow_abbrev=False,
    )
    parser.add_argument(
        "lesson",
        metavar="LESSON",
        nargs="?",
        default=FIRST_LESSON,
        help="its number, the beginning of its name, or the path of any notebook (default: the first lesson)",
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="the page's colours")
    server.add_options(parser, server.OPTIONS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the lesson and stay until the server is stopped."""
    try:
        notebook = find_notebook(arguments.lesson)
    except (OSError, ValueError) as error:
        return fail(str(error))
    return serve(notebook, server.jupyter_options(vars(arguments), os.environ), arguments.theme)


def find_notebook(wanted: str) -> Path:
    """The notebook at a path, else the lesson of that name.

    Raises OSError or ValueError, with a sentence for the user, if there is none or it cannot be read.
    """
    path = Path(wanted)
    if path.suffix != ".ipynb" or not path.is_file():
        return find_lesson(wanted, lessons_folder())
    read_notebook(path)
    return path.resolve()


def serve(notebook: Path, options: Sequence[str], theme: str = "light") -> int:
    """Voilà on a notebook, and nothing else."""
    os.environ["JUPYTER_PATH"] = os.pathsep.join([str(DATA), *filter(None, [os.environ.get("JUPYTER_PATH")])])
    chosen = LOST | {
        "ServerApp.default_url": f"/voila/render/{quote(notebook.name)}",
        "VoilaConfiguration.template": "lrlab",
        "VoilaConfiguration.theme": theme,
        # A notebook may name another template, and the others fetch letters and scripts from the internet.
        "VoilaConfiguration.allow_template_override": "NO",
        "VoilaConfiguration.strip_sources": True,
        # What went wrong in a cell, and not only that something did.
        "VoilaConfiguration.show_tracebacks": True,
        # It is for Notebook 7's own page and fails in any other. Other extensions may have widgets that are shown.
        "VoilaConfiguration.extension_denylist": ["@jupyter-notebook/lab-extension"],
    }
    words = [*options, *(f"--{name}={value}" for name, value in chosen.items())]
    return server.serve(notebook.parent, words, _voila)


def _voila(jupyter: Any, words: list[str]) -> Any:
    from traitlets.config import Config
    from voila import server_extension

    # It would take settings from the user's home, and from voila.py and voila.json in the folder it is started in.
    server_extension.load_config_file = lambda: None
    hooks = Config({"VoilaConfiguration": {"prelaunch_hook": _give_xsrf_cookie}})
    made = jupyter.instance(jpserver_extensions=EXTENSIONS, config=hooks)
    made.initialize(words, find_extensions=False)  # no JupyterLab and no terminals beside it
    return made


def _give_xsrf_cookie(handler: Any, notebook: Any, cwd: str) -> None:
    """Reading the token sets the cookie, without which the page may not say that it is closed and end its kernel."""
    _ = handler.xsrf_token
