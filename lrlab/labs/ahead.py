"""What a lab may need later, loaded while nothing is asked of it."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from threading import Timer

from IPython import get_ipython

SOON = 2.0  # seconds: by then a lab that was just made is in the page


def load_data_ahead() -> Timer | None:
    """Import what brings data, in a thread, once: over a second that the first choice of data had to wait for.

    Returns None outside a kernel: there nobody waits.
    """
    return _begun() if hasattr(get_ipython(), "kernel") else None


@cache
def _begun() -> Timer:
    timer = Timer(SOON, _load)
    timer.daemon = True  # Python may end meanwhile
    timer.start()
    return timer


def _load() -> None:
    with suppress(ImportError):  # whoever chooses data then is told
        import sklearn.datasets
        import sklearn.model_selection  # noqa: F401
