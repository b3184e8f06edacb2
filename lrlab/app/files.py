"""Files that the commands write: new ones only, and whole ones only."""

from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """A new file. Raises FileExistsError where something of that name is there, be it a link to nowhere, OSError as
    the disk does; then nothing is left behind: half a lesson would be taken for somebody's own the next time.
    """
    file = path.open("xb")
    try:
        with file:
            file.write(content)
    except OSError:
        path.unlink(missing_ok=True)  # only now that it is closed: Windows keeps what is open
        raise
