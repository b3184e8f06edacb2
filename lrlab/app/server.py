"""A Jupyter server on this machine only and behind a token, whatever is configured, for the commands that need one.

Jupyter is imported inside ``serve``: it takes a second, and ``lrlab --help`` does not need it.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lrlab.app.say import fail, say


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
}
TOKEN = "The environment variable JUPYTER_TOKEN, if set, is the token. Otherwise each start makes a new one."

# What the server must be, whatever a configuration file says: set on its command line, and checked before it starts.
SAFE = {
    "ip": "127.0.0.1",  # not "localhost", which a hosts file can turn into something else
    "sock": "",
    "allow_remote_access": False,
    "allow_origin": "",
    "allow_origin_pat": "",
    "disable_check_xsrf": False,
}


def add_options(parser: argparse.ArgumentParser, options: Mapping[str, dict[str, Any]]) -> None:
    """Add options that are passed on to Jupyter as they are, and what is said when another one is refused."""
    for option, keywords in options.items():
        parser.add_argument(option, dest=option, **keywords)
    parser.set_defaults(
        hint=f"Only the options in `{parser.prog} --help` are passed on to Jupyter, so that it stays on this machine "
        "and behind its token. To run Jupyter in another way, start `jupyter lab` yourself."
    )


def jupyter_options(
    chosen: Mapping[str, Any], environment: Mapping[str, str], known: Mapping[str, Any] = OPTIONS
) -> list[str]:
    """Jupyter's command line: what the user chose of the known options, and what this machine makes necessary."""
    given = {option: chosen[option] for option in known if chosen[option] not in (None, False)}
    options = [option if value is True else f"{option}={value}" for option, value in given.items()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
        say("Jupyter does not run as root unless told: told, as it stays on this machine and asks for its token.")
    screen = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if sys.platform == "linux" and not screen and not {"--browser", "--no-browser"} & given.keys():
        options.append("--no-browser")
        say("there is no screen here to open a browser on; the address to open is printed below.")
    return options


def serve(folder: Path, options: Sequence[str], make: Callable[[type, list[str]], Any]) -> int:
    """Run a server in this process, so that its token is in no command line that others on the machine can see.

    folder: what it serves
    options: of Jupyter's command line, beside those that make it safe
    make: called with a class of ServerApp and a command line; returns the initialized server
    """
    from jupyter_core.paths import ENV_CONFIG_PATH, SYSTEM_CONFIG_PATH
    from jupyter_server.serverapp import ServerApp

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
    }
    server = make(Jupyter, [*options, *(f"--{name}={value}" for name, value in fixed.items())])
    for name, value in SAFE.items():
        if getattr(server, name) != value:
            return fail(
                f"Jupyter's {name} has to be {value!r}, and a configuration file makes it {getattr(server, name)!r}. "
                f"Look for that file in {' or '.join(server.config_file_paths)}."
            )
    provider = server.identity_provider
    if provider.token != token:
        return fail("Jupyter did not take the token. If JUPYTER_TOKEN is set, it has to be without quotation marks.")
    provider.token_generated = not own_token  # Jupyter prints the address with its token only if it made the token
    server.start()
    return 0
