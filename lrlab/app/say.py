"""What the commands tell the user, each line marked as lrlab's among Jupyter's own."""

import sys


def say(text: str) -> None:
    """Tell the user something."""
    print(f"lrlab: {text}", flush=True)


def fail(text: str) -> int:
    """Tell the user what is wrong. Returns the exit code."""
    print(f"lrlab: {text}", file=sys.stderr)
    return 2
