"""Sending files and confirming them in a browser, for tests."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path

from werkzeug.test import TestResponse

from tests.client import Browser
from tests.imports.files import HEADINGS, Cells, purchase_row, write_text

_HIDDEN = re.compile(r'<input[^>]*name="(\w+)"[^>]*type="hidden"[^>]*value="([^"]*)"')


def usual_file(folder: Path, *rows: Cells, name: str = "구매.csv") -> Path:
    """Return a file of these purchases, of one usual one where none are given."""
    return write_text(folder / name, [HEADINGS, *(rows or [purchase_row()])])


def send(browser: Browser, *files: Path, subject: str = "purchases", **fields: str) -> TestResponse:
    """Send files with the form, and return the answer."""
    sent = [(BytesIO(file.read_bytes()), file.name) for file in files]
    answer = browser.submit("/imports/new", subject=subject, files=sent, **fields)
    answer.request.environ["wsgi.input"].close()  # the client writes long forms into a file and forgets it
    return answer


def look(browser: Browser, *files: Path, **fields: str) -> str:
    """Send files, and return the address of the preview they lead to."""
    answer = send(browser, *files, **fields)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the page's form of this room: key, seal, token."""
    form = page[page.index('class="agree"') :] if 'class="agree"' in page else page
    return {name: unescape(value) for name, value in _HIDDEN.findall(form)}


def confirm(browser: Browser, preview: str, **fields: str) -> TestResponse:
    """Agree to what the preview shows, and return the answer."""
    seen = hidden_fields(browser.get(preview).text)
    return browser.post(f"{preview.partition('?')[0]}/confirm", data=seen | fields)


def take_in(browser: Browser, *files: Path, **fields: str) -> str:
    """Send files, agree to their preview, and return the address of the batch."""
    answer = confirm(browser, look(browser, *files, **fields))
    assert answer.status_code == 302, answer.text
    return str(answer.location).partition("?")[0]


def figures(page: str) -> list[str]:
    """Return the large figures of a preview or batch: read, in, left out, faulty."""
    return re.findall(r'<span class="figure-amount">([^<]+)</span>', page)


def problem_cells(page: str) -> list[list[str]]:
    """Return the cells of the table of problems: row, column, value, severity, message."""
    table = page[page.index('id="problems"') :]
    body = re.search(r"<tbody>(.*?)</tbody>", table, re.S)
    return [] if body is None else [texts(row) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.S)]


def texts(row: str) -> list[str]:
    """Return the texts of a row's cells."""
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]
