"""What a person does on a page, with the mouse or by keyboard alone."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

TABS = 250


class Hands:
    """Acts on one page as a person would: fields by their labels, buttons and links by their words."""

    def __init__(self, page: Page, *, keyboard_only: bool = False) -> None:
        self.page = page
        self.keyboard_only = keyboard_only

    def write(self, label: str, text: str) -> None:
        """Replace what stands in the field."""
        field = self._field(label)
        if self.keyboard_only:
            self._reach(field)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(text)
        else:
            field.fill(text)

    def press(self, name: str) -> None:
        """Press a button."""
        self._act(self.page.get_by_role("button", name=name, exact=True).first)

    def follow(self, name: str) -> None:
        """Follow a link."""
        self._act(self.page.get_by_role("link", name=name, exact=True).first)

    def open(self, link: Locator) -> None:
        """Follow the link that stands there."""
        self._act(link)

    def attach(self, label: str, file: Path) -> None:
        """Choose a file; the window in which one chooses is the system's own."""
        field = self._field(label)
        if self.keyboard_only:
            self._reach(field)
        field.set_input_files(file)

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^\s*{label}(\s+필수)?\s*$"))

    def _act(self, locator: Locator) -> None:
        if self.keyboard_only:
            self._reach(locator)
            self.page.keyboard.press("Enter")
        else:
            locator.click()

    def _reach(self, locator: Locator) -> None:
        """Go from field to field with the Tab key until the focus is there."""
        locator.wait_for()
        for _tab in range(TABS):
            if locator.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The Tab key does not lead to {locator}.")
