"""``lrlab lab``: JupyterLab on the lessons, on this machine only and behind a token."""

import argparse
import os
from pathlib import Path
from typing import Any

from lrlab.app import server
from lrlab.app.lessons import FIRST_LESSON, lessons_folder
from lrlab.app.say import fail

OPTIONS: dict[str, dict[str, Any]] = server.OPTIONS | {
    "--core-mode": {"action": "store_true", "help": "leave out other JupyterLab extensions, in case one is in the way"},
    "--expose-app-in-browser": {"action": "store_true", "help": "let a script in the page drive JupyterLab"},
}
# JupyterLab's plugin that asks, in front of the class, whether to fetch news, and looks for a newer JupyterLab.
NEWS_PLUGIN = "@jupyterlab/apputils-extension:announcements"
# Voilà comes with a button for every notebook, and a server extension that obeys voila.py in the folder it is started
# in. `lrlab present` starts it in its own way.
VOILA_PLUGIN, VOILA = "@voila-dashboards/jupyterlab-preview", "voila.server_extension"


def add_parser(commands: Any) -> None:
    """Add ``lab`` to the sub-commands of ``lrlab``."""
    parser = commands.add_parser(
        "lab",
        help="open the lessons in JupyterLab (also what plain `lrlab` does)",
        description="Open the lessons in JupyterLab. It can be reached from this machine only, and asks for its token.",
        epilog=server.TOKEN,
        allow_abbrev=False,
    )
    server.add_options(parser, OPTIONS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start JupyterLab on the lessons and stay until it is stopped."""
    try:
        folder = lessons_folder()
    except OSError as error:
        return fail(str(error))
    return serve(folder, server.jupyter_options(vars(arguments), os.environ, OPTIONS))


def serve(folder: Path, options: list[str]) -> int:
    """JupyterLab on the notebooks in a folder, open at the first lesson if it is there."""
    from jupyterlab.labapp import LabApp

    def make(jupyter: Any, words: list[str]) -> Any:
        class WithoutVoila(jupyter):
            def find_server_extensions(self) -> None:
                super().find_server_extensions()
                self.jpserver_extensions = self.jpserver_extensions | {VOILA: False}

        LabApp.serverapp_class = WithoutVoila
        made = LabApp.initialize_server(words)
        made.web_app.settings["page_config_hook"] = _without_what_interrupts
        return made

    first = f"/lab/tree/{FIRST_LESSON}" if (folder / FIRST_LESSON).is_file() else "/lab"
    return server.serve(folder, [*options, f"--LabApp.default_url={first}"], make)


def _without_what_interrupts(handler: Any, page_config: dict[str, Any]) -> dict[str, Any]:
    disabled = [*page_config.get("disabledExtensions", []), NEWS_PLUGIN, VOILA_PLUGIN]
    return page_config | {"disabledExtensions": disabled}
