"""``lrlab lab``: JupyterLab on the lessons, on this machine only and behind a token.

Jupyter is imported inside ``serve``: it takes a second, and ``lrlab --help`` does not need it.
"""

import argparse
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
FIRST_LESSON = "01_what_alpha_does.ipynb"
COPY = "lrlab-lessons"


def port(text: str) -> int:
    """The number of a port, from the command line."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return int(text)


# Jupyter has hundreds of options, and many of them open the server to others (--ip, --IdentityProvider.token,
# --config, ...). A list of those would never be complete, so this is the list of those that are passed on.
OPTIONS: dict[str, dict[str, Any]] = {
    "--no-browser": {"action": "store_true", "help": "print the address and open no browser"},
    "--browser": {"metavar": "NAME", "help": "the browser to open"},
    "--port": {"type": port, "metavar": "N", "help": "the port (default: 8888); if it is taken, a free one near it"},
    "--port-retries": {"type": int, "metavar": "N", "help": "how many other ports to try (default: 50)"},
    "--log-level": {"choices": ("DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"), "help": "how much Jupyter prints"},
    "--core-mode": {"action": "store_true", "help": "leave out other JupyterLab extensions, in case one is in the way"},
    "--expose-app-in-browser": {"action": "store_true", "help": "let a script in the page drive JupyterLab"},
}
HINT = (
    "Only the options in `lrlab lab --help` are passed on to Jupyter, so that it stays on this machine and behind its "
    "token. To run Jupyter in another way, start `jupyter lab` yourself."
)

# What the server must be, whatever a configuration file says: set on its command line, and checked before it starts.
SAFE = {
    "ip": "127.0.0.1",  # not "localhost", which a hosts file can turn into something else
    "sock": "",
    "allow_remote_access": False,
    "allow_origin": "",
    "allow_origin_pat": "",
    "disable_check_xsrf": False,
}
# JupyterLab's plugin that asks, in front of the class, whether to fetch news, and looks for a newer JupyterLab.
NEWS_PLUGIN = "@jupyterlab/apputils-extension:announcements"


def add_parser(commands: Any) -> None:
    """Add ``lab`` to the sub-commands of ``lrlab``."""
    parser = commands.add_parser(
        "lab",
        help="open the lessons in JupyterLab (also what plain `lrlab` does)",
        description="Open the lessons in JupyterLab. It can be reached from this machine only, and asks for its token.",
        epilog="The environment variable JUPYTER_TOKEN, if set, is the token. Otherwise each start makes a new one.",
        allow_abbrev=False,
    )
    for option, keywords in OPTIONS.items():
        parser.add_argument(option, dest=option, **keywords)
    parser.set_defaults(run=run, hint=HINT)


def run(arguments: argparse.Namespace) -> int:
    """Start JupyterLab on the lessons and stay until it is stopped."""
    try:
        folder = lessons_folder()
    except OSError as error:
        return _fail(f"the lessons are copied into the folder that lrlab is started in, and that failed: {error}.")
    if not folder.is_dir():
        return _fail(f"there are no lessons: {folder} is missing. Install lrlab again.")
    return serve(folder, jupyter_options(vars(arguments), os.environ))


def lessons_folder() -> Path:
    """The lessons of a checkout, or the student's own copy of those that came in the package."""
    packaged = PACKAGE / "lessons"
    if not packaged.is_dir():
        return PACKAGE.parent / "lessons"
    here = Path.cwd()
    folder = here if here.name == COPY else here / COPY
    for source in sorted(packaged.rglob("*")):
        target = folder / source.relative_to(packaged)
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    _say(f"your lessons are in {folder}; a file that is already there is never overwritten.")
    return folder


def jupyter_options(chosen: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Jupyter's command line: what the user chose, and what this machine makes necessary."""
    given = {option: chosen[option] for option in OPTIONS if chosen[option] not in (None, False)}
    options = [option if value is True else f"{option}={value}" for option, value in given.items()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
        _say("Jupyter does not run as root unless told: told, as it stays on this machine and asks for its token.")
    screen = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform == "linux" and not screen and not {"--browser", "--no-browser"} & given.keys():
        options.append("--no-browser")
        _say("there is no screen here to open a browser on; the address to open is printed below.")
    return options


def serve(folder: Path, options: list[str]) -> int:
    """Run JupyterLab in this process, so that its token is in no command line that others on the machine can see."""
    from jupyter_core.paths import ENV_CONFIG_PATH, SYSTEM_CONFIG_PATH
    from jupyter_server.serverapp import ServerApp
    from jupyterlab.labapp import LabApp

    class Jupyter(ServerApp):
        """A server that reads no configuration from the user's home.

        What is there was written for other servers. It may open them to a network, or name packages that are not here.
        """

        @property
        def config_file_paths(self) -> list[str]:
            return [*ENV_CONFIG_PATH, *SYSTEM_CONFIG_PATH]

    own_token = os.environ.get("JUPYTER_TOKEN", "")
    token = own_token or secrets.token_hex(24)
    fixed = {f"ServerApp.{name}": value for name, value in SAFE.items()} | {
        "ServerApp.identity_provider_class": "jupyter_server.auth.IdentityProvider",  # a token, and never a password
        "IdentityProvider.token": token,
        "ServerApp.root_dir": folder,
        "LabApp.default_url": f"/lab/tree/{FIRST_LESSON}" if (folder / FIRST_LESSON).is_file() else "/lab",
    }
    LabApp.serverapp_class = Jupyter
    server = LabApp.initialize_server([*options, *(f"--{name}={value}" for name, value in fixed.items())])
    for name, value in SAFE.items():
        if getattr(server, name) != value:
            return _fail(
                f"Jupyter's {name} has to be {value!r}, and a configuration file makes it {getattr(server, name)!r}. "
                f"Look for that file in {' or '.join(server.config_file_paths)}."
            )
    provider = server.identity_provider
    if provider.token != token:
        return _fail("Jupyter did not take the token. If JUPYTER_TOKEN is set, it has to be without quotation marks.")
    provider.token_generated = not own_token  # Jupyter prints the address with its token only if it made the token
    server.web_app.settings["page_config_hook"] = _without_news
    server.start()
    return 0


def _without_news(handler: Any, page_config: dict[str, Any]) -> dict[str, Any]:
    return page_config | {"disabledExtensions": [*page_config.get("disabledExtensions", []), NEWS_PLUGIN]}


def _say(text: str) -> None:
    print(f"lrlab: {text}", flush=True)


def _fail(text: str) -> int:
    print(f"lrlab: {text}", file=sys.stderr)
    return 2
