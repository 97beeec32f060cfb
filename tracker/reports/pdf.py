"""The printing process: limits itself, reads jobs on standard input, writes a PDF for each.

A job is HTML texts that make one PDF, and whether that is tagged.

The only module that knows WeasyPrint. Standard error gets the number of each page as it is set, a line each,
and one JSON object on success.
"""

import ctypes.util
import gc
import json
import logging
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Callable

from tracker.evidence.formats import SHOWN, Format, recognise
from tracker.reports.child import FONT_MISSING, limit_this_process

FONT = "NanumGothic"
VARIANT = "pdf/ua-1"


def main() -> None:
    """Print what is read; exit with FONT_MISSING where the report font is not installed."""
    # Looking for garbage costs a third of the time, tidying up at the end another tenth: neither is done.
    gc.disable()
    limit_this_process()
    known = _font_characters()
    if not known:
        sys.exit(FONT_MISSING)
    jobs: list[tuple[list[str], bool]] = json.load(sys.stdin.buffer)
    seen = {each for texts, _ in jobs for html in texts for each in html}
    missing = "".join(sorted(each for each in seen if ord(each) not in known and not each.isspace()))
    documents = _print(jobs)
    with os.fdopen(1, "wb") as output:
        output.writelines(documents)
    told = {"missing_characters": missing, "sizes": [len(each) for each in documents]}
    json.dump(told, sys.stderr)
    sys.stderr.flush()
    os._exit(0)


def _print(jobs: list[tuple[list[str], bool]]) -> list[bytes]:
    # WeasyPrint asks for its libraries by other systems' names first, and each is looked for by several
    # programs in turn: that takes half of its start. By the names they have here they are found at once.
    ctypes.util.find_library = _not_elsewhere
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
    from weasyprint import HTML
    from weasyprint.logger import PROGRESS_LOGGER
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class PageTeller(logging.Handler):
        """Tells the number of the page being set: the only progress reports with an argument."""

        def emit(self, record: logging.LogRecord) -> None:
            if record.args:
                print(*record.args, file=sys.stderr, flush=True)  # noqa: T201

    class OwnPictures(URLFetcher):  # type: ignore[misc]
        """Fetches nothing but pictures that stand in the text itself: names in it may be hostile."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
            return URLFetcherResponse(url, read_own_picture(url))

    class WellFormed(HTML):  # type: ignore[misc]
        """HTML that is XML too, as ours is: it is read by the library in C, in a tenth of the time."""

        def __init__(self, html: str) -> None:
            # No entity is declared in it, and whatever was typed is escaped.
            root = ET.fromstring(html)  # noqa: S314
            self.base_url, self.url_fetcher, self.media_type = None, OwnPictures(), "print"
            self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
            self.etree_element = self.wrapper_element.etree_element

    def read(html: str) -> HTML:
        try:
            return WellFormed(html)
        except ET.ParseError:
            return HTML(string=html, url_fetcher=OwnPictures())

    PROGRESS_LOGGER.setLevel(logging.INFO)
    PROGRESS_LOGGER.addHandler(PageTeller())
    gc.freeze()
    documents = []
    for number, (texts, is_tagged) in enumerate(jobs):
        if number:
            gc.collect()
        options = {"pdf_variant": VARIANT if is_tagged else None}
        first, *others = [read(html).render(**options) for html in texts]
        pages = [page for each in others for page in each.pages]
        documents.append(first.copy([*first.pages, *pages]).write_pdf(**options))
    return documents


def read_own_picture(url: str) -> bytes:
    """Return the PNG or JPEG that an address holds; ValueError for every other address.

    Its content has to be what it says: the printer would take another one for a drawing and follow it.
    """
    kind, _, text = url.partition(";base64,")
    for wanted in (Format.PNG, Format.JPEG):
        if kind == f"data:{SHOWN[wanted]}" and recognise(content := b64decode(text, validate=True)) is wanted:
            return content
    raise ValueError("A report fetches nothing.")


def _not_elsewhere(name: str) -> str | None:  # noqa: ARG001
    """Find nothing: libraries are where the system's own loader looks."""
    return None


def _font_characters() -> set[int]:
    """Return what the report font can show; nothing when fontconfig would put another font in its place."""
    found = subprocess.run(  # noqa: S603
        ["fc-match", "--format=%{family}\n%{charset}", FONT],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    families, _, ranges = found.partition("\n")
    if FONT not in families.split(","):
        return set()
    ends = [[int(end, 16) for end in run.split("-")] for run in ranges.split()]
    return {code for run in ends for code in range(run[0], run[-1] + 1)}


def with_room(work: Callable[[], None]) -> None:
    """Do the work on a stack of one piece.

    Python 3.11 gets its stack in pieces of 16 KB: calls in a loop at the end of one get and free the next
    each time, which took a fifth of all the time. A frame that says it needs much gets a large piece.
    """
    work()


with_room.__code__ = with_room.__code__.replace(co_stacksize=70_000)

if __name__ == "__main__":
    with_room(main)
