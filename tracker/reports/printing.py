"""Having an HTML document printed to PDF by a child process with limits."""

import json
import os
import subprocess
import sys

from tracker.config import ROOT

PRINTER = "tracker.reports.pdf"
WALL_SECONDS = 300
FONT_MISSING = 3


class FontMissing(Exception):
    """The report font is not installed: Korean text would vanish from the document."""


class PrintingFailed(Exception):
    """The document could not be printed within the limits."""


def print_pdf(html: str, wall_seconds: int = WALL_SECONDS) -> tuple[bytes, str]:
    """Return the PDF, and the characters that the report font cannot show.

    Raises FontMissing, or PrintingFailed when the printer fails, or needs too much time or memory.
    """
    try:
        result = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", PRINTER],
            input=html.encode(),
            capture_output=True,
            timeout=wall_seconds,
            cwd=ROOT,
            # Font subsets carry a time: a fixed one makes the bytes the same every time.
            env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PrintingFailed("timeout") from error
    if result.returncode == FONT_MISSING:
        raise FontMissing
    if result.returncode:
        raise PrintingFailed(result.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return result.stdout, json.loads(result.stderr)["missing_characters"]
