"""TensorFlow, loaded when it is needed and not before, with its greetings kept out of the notebook."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import Any

# Lines that are no error. Some are written before TensorFlow has read that its C++ parts should be quiet.
_GREETING = re.compile(rb"I\d{4} |WARNING: All log messages before absl::InitializeLog")
_lock = Lock()


def quietly(module: str) -> Any:
    """A module of this folder, and with it TensorFlow."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        name = f"lrlab.keras_live.{module}"
        if "tensorflow" in sys.modules:
            return import_module(name)
        with without_greetings():
            return import_module(name)


@contextmanager
def without_greetings() -> Iterator[None]:
    """What is written to the process's stderr meanwhile comes after the block, without TensorFlow's greetings."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its C++ parts: errors only
    try:
        stderr = os.dup(2)
    except OSError:  # there is none
        yield
        return
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            written.seek(0)
            for line in written:
                if not _GREETING.match(line):
                    os.write(2, line)
