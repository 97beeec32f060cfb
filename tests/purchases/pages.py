"""Reading pages and counting what they ask of the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.client import Browser
from tracker.extensions import db


def rows_of(page: str) -> list[list[str]]:
    """Return the texts of the cells of the page's tables."""
    return [
        [texts_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", page, re.S)
    ]


def texts_of(html: str) -> str:
    """Return what can be read, with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def fields_of(page: str) -> dict[str, str]:
    """Return the form that changes something, as a browser would send it unchanged."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.S) if 'name="key"' in each)
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        found[name] = chosen[1] if chosen else ""
    return found


def send(browser: Browser, page: str, **changed: object) -> TestResponse:
    """Open a page, change some fields of its form, and send it to where the page is."""
    return browser.post(page.partition("?")[0], data=fields_of(browser.get(page).text) | changed)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Yield the list that fills with the statements sent to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
