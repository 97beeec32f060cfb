"""Having an HTML document printed to PDF by a child process with limits."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from tempfile import TemporaryFile

from tracker.config import ROOT

PRINTER = "tracker.reports.pdf"
WALL_SECONDS = 300
PAUSE_SECONDS = 0.2
FONT_MISSING = 3
MOST_SAID = 1_000_000

Watch = Callable[[int], None]
"""Told again and again how many pages are set; what it raises ends the printing."""


class FontMissing(Exception):
    """The report font is not installed: Korean text would vanish from the document."""


class PrintingFailed(Exception):
    """The document could not be printed within the limits."""


def unwatched(_pages: int) -> None:
    """Let the printing go on."""


def print_pdf(html: str, watch: Watch = unwatched, wall_seconds: float = WALL_SECONDS) -> tuple[bytes, str]:
    """Return the PDF, and the characters that the report font cannot show.

    Raises FontMissing, or PrintingFailed when the printer fails, or needs too much time or memory.
    """
    with TemporaryFile() as source, TemporaryFile() as document, TemporaryFile() as said:
        source.write(html.encode())
        source.seek(0)
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", PRINTER],
            stdin=source,
            stdout=document,
            stderr=said,
            cwd=ROOT,
            # Font subsets carry a time: a fixed one makes the bytes the same every time.
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        )
        try:
            _wait(process, said.fileno(), watch, time.monotonic() + wall_seconds)
        finally:
            process.kill()
            process.wait()
        last = _lines(said.fileno())[-1]
        if process.returncode == FONT_MISSING:
            raise FontMissing
        if process.returncode:
            raise PrintingFailed(last)
        document.seek(0)
        return document.read(), json.loads(last)["missing_characters"]


def _wait(process: subprocess.Popen[bytes], said: int, watch: Watch, deadline: float) -> None:
    while True:
        try:
            process.wait(PAUSE_SECONDS)
        except subprocess.TimeoutExpired as error:
            if time.monotonic() > deadline:
                raise PrintingFailed("timeout") from error
            watch(sum(line.isdigit() for line in _lines(said)))
        else:
            return


def _lines(said: int) -> list[str]:
    """Return what the printer said so far, its place in the file left alone: the printer writes there."""
    return os.pread(said, MOST_SAID, 0).decode(errors="replace").strip().split("\n")
