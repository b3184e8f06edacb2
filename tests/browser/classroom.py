"""From a closed laptop to a class that looks at "rescued by the plateau": what a lecturer does, action by action."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.jupyter import Page

# The first action is to type this; it opens the browser on the page.
PRESENT = (sys.executable, "-m", "lrlab.app.main", "present", "01")
MOMENT = "rescued by the plateau"


def actions(page: Page) -> Iterator[str]:
    """Do one action after another in the page that ``lrlab present 01`` has opened. Yields a word for each, once done.

    page: that of the first lesson, just opened
    """
    lab = page.page.locator(".lrlab-lab").first
    lab.locator(".lrlab-live-figure canvas").first.wait_for(timeout=60_000)
    yield "opened"
    menu = lab.get_by_role("combobox", name="moment", exact=True)
    menu.scroll_into_view_if_needed()
    menu.select_option(MOMENT)
    expect(lab.locator(".lrlab-sentence").first).to_contain_text("cutting the rate saved the plateau run")
    yield "chosen"
    lab.get_by_role("button", name="Present", exact=True).click()
    lab.get_by_role("button", name="Leave", exact=True).wait_for()
    page.page.wait_for_timeout(600)  # the picture is drawn anew once its width has come to rest
    yield "presented"
    page.page.keyboard.press("Space")
    expect(lab.get_by_role("button", name="Pause")).to_be_visible()
    page.page.wait_for_timeout(2500)
    yield "playing"
