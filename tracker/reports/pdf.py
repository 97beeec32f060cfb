"""The printing process: limits itself, reads HTML on standard input, writes a tagged PDF.

The only module that knows WeasyPrint. Standard error gets the number of each page as it is set, a line each,
and one JSON object on success.
"""

import gc
import json
import logging
import os
import resource
import subprocess
import sys
from typing import NoReturn

from tracker.reports.printing import FONT_MISSING

FONT = "NanumGothic"
MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 240


def main() -> None:
    """Print what is read; exit with FONT_MISSING where the report font is not installed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    font_file = _find_font()
    if not font_file:
        sys.exit(FONT_MISSING)
    # A document lives until the process ends: looking for garbage only costs a third of the time.
    gc.disable()
    html = sys.stdin.buffer.read().decode()
    missing = _missing_characters(html, font_file)
    data = _print(html)
    with os.fdopen(1, "wb") as output:
        output.write(data)
    json.dump({"missing_characters": missing}, sys.stderr)


def _print(html: str) -> bytes:
    from weasyprint import HTML
    from weasyprint.logger import PROGRESS_LOGGER
    from weasyprint.urls import URLFetcher

    class PageTeller(logging.Handler):
        """Tells the number of the page being set: the only progress reports with an argument."""

        def emit(self, record: logging.LogRecord) -> None:
            if record.args:
                print(*record.args, file=sys.stderr, flush=True)  # noqa: T201

    class NothingFetcher(URLFetcher):  # type: ignore[misc]
        """Fetches nothing: a report is one file, and names in it may be hostile."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:  # noqa: ARG002
            raise ValueError("A report fetches nothing.")

    PROGRESS_LOGGER.setLevel(logging.INFO)
    PROGRESS_LOGGER.addHandler(PageTeller())
    document: bytes = HTML(string=html, url_fetcher=NothingFetcher()).write_pdf(pdf_variant="pdf/ua-1")
    return document


def _find_font() -> str | None:
    """Return the file of the report font; None when fontconfig would put another in its place."""
    found = subprocess.run(  # noqa: S603
        ["fc-match", "--format=%{family}\n%{file}", FONT],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    families, _, file = found.partition("\n")
    return file if FONT in families.split(",") else None


def _missing_characters(text: str, font_file: str) -> str:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(font_file, lazy=True) as font:
        known = set(font.getBestCmap())
    return "".join(sorted(each for each in set(text) if ord(each) not in known and not each.isspace()))


if __name__ == "__main__":
    main()
