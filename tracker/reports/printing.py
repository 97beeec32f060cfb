"""Having files made by processes of their own, with limits: PDF of HTML, HWPX of documents."""

import json
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tracker.reports.child import FONT_MISSING, Child
from tracker.reports.document import Document

PRINTER, OFFICE_WRITER = "tracker.reports.pdf", "tracker.reports.hwpx"
WALL_SECONDS = 300
PAUSE_SECONDS = 0.05

Watch = Callable[[int], None]
"""Told again and again how many pages are set; what it raises ends the printing."""


class FontMissing(Exception):
    """The report font is not installed: Korean text would vanish from the document."""


class PrintingFailed(Exception):
    """The file could not be made within the limits."""


class Job(NamedTuple):
    """Texts to be printed as one PDF, with tags for those who have it read to them.

    Where several PDFs will be joined to one file, `part` counts them from 0.
    """

    htmls: Sequence[str]
    is_tagged: bool = True
    part: int = 0


class Printed(NamedTuple):
    """PDFs, one for each job, and the characters that the report font cannot show."""

    documents: list[bytes]
    missing_characters: str


def unwatched(_pages: int) -> None:
    """Let the printing go on."""


def print_pdf(*htmls: str, watch: Watch = unwatched, wall_seconds: float = WALL_SECONDS) -> tuple[bytes, str]:
    """Return one PDF of these texts, tagged, and the characters that the report font cannot show.

    Raises FontMissing, or PrintingFailed when the printer fails, or needs too much time or memory.
    """
    printed = print_all(lambda: [Job(htmls)], watch, wall_seconds)
    return printed.documents[0], printed.missing_characters


def print_all(
    make_jobs: Callable[[], Sequence[Job]], watch: Watch = unwatched, wall_seconds: float = WALL_SECONDS
) -> Printed:
    """Print the jobs, two at a time; the printer begins before the jobs are made.

    Raises what `print_pdf` raises.
    """
    deadline = time.monotonic() + wall_seconds
    with Child(PRINTER) as child:
        child.give(json.dumps(make_jobs()).encode())
        _wait(child, watch, deadline)
        told = json.loads(child.said[-1])
        return Printed(list(_parts(child.data, told["sizes"])), told["missing_characters"])


def make_hwpx(document: Document, watch: Watch = unwatched, wall_seconds: float = WALL_SECONDS) -> bytes:
    """Return the document in the office's own format; raises PrintingFailed like `print_pdf`."""
    with Child(OFFICE_WRITER) as child:
        child.give(pickle.dumps(document))
        _wait(child, watch, time.monotonic() + wall_seconds)
        return child.data


def _wait(child: Child, watch: Watch, deadline: float) -> None:
    while not child.has_ended(PAUSE_SECONDS):
        if time.monotonic() > deadline:
            raise PrintingFailed("timeout")
        watch(sum(line.isdigit() for line in child.said))
    if child.code == FONT_MISSING:
        raise FontMissing
    if child.code:
        # Numbers of pages may follow on what is told.
        raise PrintingFailed(next((line for line in reversed(child.said) if not line.isdigit()), ""))


def _parts(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size
