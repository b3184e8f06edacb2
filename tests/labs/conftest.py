"""Labs are made here as in a script, where no loop draws for them: whoever waits does."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from lrlab.labs import news


@pytest.fixture(scope="session", autouse=True)
def no_loop_of_others():
    """Playwright's loop may be running in this thread, from browser tests in the same process: it is no kernel's."""

    def loop_of_a_kernel():
        if threading.current_thread() is threading.main_thread():
            raise RuntimeError("no running event loop")
        return asyncio.get_running_loop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(news, "asyncio", SimpleNamespace(get_running_loop=loop_of_a_kernel))
        yield
