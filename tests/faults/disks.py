"""Disks that are full, and folders that may not be written to. Tests often run as root, who may write anywhere."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

NOBODY = 65534
ROOM = 64 * 1024  # bytes on the small disk

needs_users = pytest.mark.skipif(not hasattr(os, "setresuid"), reason="no such rights on this system")


@contextmanager
def powerless() -> Iterator[None]:
    """In the block this process has the rights of a student, and not of root."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@contextmanager
def folder_of_others() -> Iterator[Path]:
    """A folder that `powerless` people can look into, and not write to; not in pytest's, which is closed to them."""
    with tempfile.TemporaryDirectory(prefix="lrlab-faults-") as folder:
        os.chmod(folder, 0o555)
        yield Path(folder)


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of 64 kB. Skips the test where none can be made."""
    with tempfile.TemporaryDirectory(prefix="lrlab-disk-") as folder:
        options = ["-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder]
        if os.name != "posix" or os.geteuid() or subprocess.run(["mount", *options], capture_output=True).returncode:
            pytest.skip("only root can make a small disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is. Returns the file that has it: without it there is room again."""
    taken = disk / "taken"
    with taken.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return taken
