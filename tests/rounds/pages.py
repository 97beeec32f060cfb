"""Filling in the forms of rounds as they stand in a page."""

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.client import Browser


def form_of(page: str, action: str) -> dict[str, str]:
    """Return the fields of the form that is sent to this address, unchanged; boxes are not ticked."""
    [form] = [
        each
        for each in re.findall(r'<form method="post".*?</form>', page, re.S)
        if unescape(each.split('action="')[1].split('"')[0]).partition("?")[0] == action
    ]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = unescape(text).removeprefix("\r\n")
    return found


def send(browser: Browser, page: str, action: str, **changed: object) -> TestResponse:
    """Open a page, change some fields of the form with this address, and send it."""
    return browser.post(action, data=form_of(browser.get(page).text, action) | changed)


def figures_in(page: str) -> list[str]:
    """Return the large figures of the page."""
    return re.findall(r'<span class="figure-amount">([^<]+)</span>', page)


def row_in(page: str, department: str) -> str:
    """Return what can be read in a department's row of the board."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)
    [row] = [each for each in rows if re.search(rf">{re.escape(department)}</a>", each)]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split())
