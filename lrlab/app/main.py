"""``lrlab``: the command line. Plain ``lrlab``, with or without options, is ``lrlab lab``."""

import argparse
import os
import sys
from collections.abc import Sequence

from lrlab import __version__
from lrlab.app import check, copy, lab, present, progress

# A sub-command is a module with add_parser(commands). Its parser's defaults are run(arguments) -> exit code and a
# hint, said when an option is refused.
COMMANDS = (lab, present, copy, progress, check)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out what the command line says and return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if hasattr(sys.stdout, "reconfigure"):  # a file on Windows has no λ in its alphabet, which is no reason to stop
        sys.stdout.reconfigure(errors="backslashreplace")
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        argv = ["lab", *argv]

    parser = argparse.ArgumentParser(
        prog="lrlab",
        description="lrlab shows what the learning rate does. Without a command it opens the lessons.",
    )
    parser.add_argument("--version", action="version", version=f"lrlab {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands)

    arguments, refused = parser.parse_known_args(argv)
    if refused:
        print(f"lrlab does not take '{' '.join(refused)}' here. {arguments.hint}", file=sys.stderr)
        return 2
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # `lrlab progress | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
