"""An exercise in a page."""

import re

from playwright.sync_api import expect


class Shown:
    """What a learner sees and touches of the exercise in a cell."""

    def __init__(self, notebook, cell):
        self.notebook, self.root = notebook, notebook.cell(cell).locator(".lrlab-exercise")
        self.root.scroll_into_view_if_needed()

    def press(self, name):
        self.root.get_by_role("button", name=re.compile(f"^{name}")).click()
        self.notebook.wait_idle()

    def check(self):
        """Press Check, and wait for what is said of it: on a busy machine the kernel hears of it late."""
        before = self.said()
        self.press("Check")
        expect(self.root.locator(".lrlab-reply")).not_to_have_text(before, timeout=60_000)

    def said(self):
        return self.root.locator(".lrlab-reply").inner_text().strip()

    def top_of_check(self):
        return self.root.get_by_role("button", name="Check").bounding_box()["y"]
