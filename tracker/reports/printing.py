"""Having HTML printed to PDF by processes of their own, with limits; up to two at a time."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from tracker.reports.child import FONT_MISSING, Child

PRINTER = "tracker.reports.pdf"
PROCESSES = 2
WALL_SECONDS = 300
PAUSE_SECONDS = 0.05

Watch = Callable[[int], None]
"""Told again and again how many pages are set; what it raises ends the printing."""


class FontMissing(Exception):
    """The report font is not installed: Korean text would vanish from the document."""


class PrintingFailed(Exception):
    """The document could not be printed within the limits."""


class Printed(NamedTuple):
    """PDFs, one for each text given, and the characters that the report font cannot show."""

    documents: list[bytes]
    missing_characters: str


def unwatched(_pages: int) -> None:
    """Let the printing go on."""


def print_pdf(html: str, watch: Watch = unwatched, wall_seconds: float = WALL_SECONDS) -> tuple[bytes, str]:
    """Return the PDF, tagged, and the characters that the report font cannot show.

    Raises FontMissing, or PrintingFailed when the printer fails, or needs too much time or memory.
    """
    [printed] = print_all([[html]], watch, wall_seconds=wall_seconds)
    return printed.documents[0], printed.missing_characters


def print_all(
    batches: Sequence[Sequence[str]],
    watch: Watch = unwatched,
    *,
    is_tagged: bool = True,
    wall_seconds: float = WALL_SECONDS,
) -> list[Printed]:
    """Print each batch of texts in a process of its own; raises what `print_pdf` raises."""
    deadline = time.monotonic() + wall_seconds
    with ExitStack() as stack:
        children: list[Child] = []
        for number, batch in enumerate(batches):
            if number >= PROCESSES:
                _wait(children[number - PROCESSES], children, watch, deadline)
            source = json.dumps({"texts": list(batch), "is_tagged": is_tagged}).encode()
            children.append(stack.enter_context(Child(PRINTER, source)))
        for child in children:
            _wait(child, children, watch, deadline)
        return [_printed(child) for child in children]


def _wait(child: Child, children: Sequence[Child], watch: Watch, deadline: float) -> None:
    while not child.has_ended(PAUSE_SECONDS):
        if time.monotonic() > deadline:
            raise PrintingFailed("timeout")
        watch(sum(line.isdigit() for each in children for line in each.said))
    last = child.said[-1]
    if child.code == FONT_MISSING:
        raise FontMissing
    if child.code:
        raise PrintingFailed(last)


def _printed(child: Child) -> Printed:
    told = json.loads(child.said[-1])
    return Printed(list(_parts(child.data, told["sizes"])), told["missing_characters"])


def _parts(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size
