"""Filling in the forms of a page as a browser does: what stands in them is sent along."""

from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.client import Browser


class _Form(HTMLParser):
    """The fields of the page's main form with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._is_main = False
        self._open: str | None = None
        self._is_text = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._is_main = given.get("class") == "form-sheet"
        if not self._is_main or ("name" not in given and tag != "option"):
            return
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        elif tag in {"select", "textarea"}:
            self._open, self._is_text = given["name"], tag == "textarea"
            self.fields[self._open] = ""
        elif tag == "option" and "selected" in given and self._open:
            self.fields[self._open] = given["value"]

    def handle_data(self, data: str) -> None:
        if self._open and self._is_text:
            self.fields[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._open = None


def fields_of(page: str) -> dict[str, str]:
    """Return what stands in the fields of the page's form."""
    form = _Form()
    form.feed(page)
    assert form.fields, "the page has no form"
    return {name: value.removeprefix("\r\n").removeprefix("\n") for name, value in form.fields.items()}


def send(browser: Browser, address: str, /, *, opened: str | None = None, **typed: str) -> TestResponse:
    """Open the form (or take it as it was opened), type over its fields and send it."""
    page = browser.get(address).text if opened is None else opened
    return browser.post(address, data=fields_of(page) | typed)
