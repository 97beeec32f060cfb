"""The printing process: limits itself, reads jobs, has copies of itself write a PDF for each.

The only module that knows WeasyPrint. Standard error gets the number of each page as it is set, a line each,
and one JSON object on success.
"""

import ctypes
import ctypes.util
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Callable, Sequence
from functools import partial
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from tracker.evidence.formats import SHOWN, Format, recognise
from tracker.reports.child import FONT_MISSING, limit_this_process, read_given

if TYPE_CHECKING:
    from pydyf import PDF  # type: ignore[import-untyped]
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.pdf.stream import Stream
    from weasyprint.text.line_break import Layout

FONT = "NanumGothic"
VARIANT = "pdf/ua-1"
PR_SET_PDEATHSIG = 1
PROCESSES = 2
SIDES = ("top", "right", "bottom", "left")

Job = tuple[list[str], bool, int]
"""HTML texts that make one PDF, whether that is tagged, and which part of a file it is."""


def main() -> None:
    """Print what is read; exit with FONT_MISSING where the report font is not installed."""
    # Looking for garbage costs a third of the time, tidying up at the end another tenth: neither is done.
    gc.disable()
    limit_this_process()
    known = _font_characters()
    if not known:
        sys.exit(FONT_MISSING)
    _load()
    # What is loaded is no garbage, and stays one in memory for all copies.
    gc.freeze()
    jobs: list[Job] = json.loads(read_given())
    seen = {each for texts, *_ in jobs for html in texts for each in html}
    missing = "".join(sorted(each for each in seen if ord(each) not in known and not each.isspace()))
    documents = _print_all(jobs)
    with os.fdopen(1, "wb") as output:
        output.writelines(documents)
    told = {"missing_characters": missing, "sizes": [len(each) for each in documents]}
    json.dump(told, sys.stderr)
    sys.stderr.flush()
    os._exit(0)


def _load() -> None:
    """Load the printer, which takes a while: what it will print is made meanwhile."""
    # WeasyPrint asks for its libraries by other systems' names first, and each is looked for by several
    # programs in turn: that takes half of its start. By the names they have here they are found at once.
    ctypes.util.find_library = _not_elsewhere
    import weasyprint  # noqa: F401


def _print_all(jobs: Sequence[Job]) -> list[bytes]:
    """Print each job in a copy of this process, two at a time.

    WeasyPrint runs on one processor and takes long to load. And what a copy leaves behind goes with it: to
    look for the garbage of a job takes an eighth of the job's time.
    """
    files = [TemporaryFile() for _ in jobs]  # noqa: SIM115 - the end of the process closes them
    running = 0
    for job, file in zip(jobs, files, strict=True):
        if running == PROCESSES:
            _await_one()
            running -= 1
        _begin(job, file)
        running += 1
    for _ in range(running):
        _await_one()
    return [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0) for file in files]


def _begin(job: Job, file: IO[bytes]) -> None:
    if os.fork():
        return
    # It ends with this process at the latest.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    file.write(_print(*job))
    file.flush()
    os._exit(0)


def _await_one() -> None:
    """Wait until one of the copies has ended; what it failed of stands on standard error then."""
    if code := os.waitstatus_to_exitcode(os.wait()[1]):
        sys.exit(1 if code > 0 else signal.strsignal(-code))


def _print(texts: Sequence[str], is_tagged: bool, part: int) -> bytes:
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
    from weasyprint import HTML, draw
    from weasyprint.logger import PROGRESS_LOGGER
    from weasyprint.text.line_break import Layout
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

    # A text that is set would be thrown away until it is drawn, and set again: a twentieth of all the time.
    Layout.deactivate = lambda _layout: None
    Layout.reactivate = _respace
    draw.draw_border = partial(_draw_rules, draw.draw_border)
    PROGRESS_LOGGER.setLevel(logging.INFO)
    PROGRESS_LOGGER.addHandler(PageTeller())
    options = {"pdf_variant": VARIANT if is_tagged else None}
    first, *others = [read(html).render(**options) for html in texts]
    whole = first.copy([*first.pages, *(page for each in others for page in each.pages)])
    made: bytes = whole.write_pdf(finisher=partial(_tell_apart, part), **options)
    return made


def read_own_picture(url: str) -> bytes:
    """Return the PNG or JPEG that an address holds; ValueError for every other address.

    Its content has to be what it says: the printer would take another one for a drawing and follow it.
    """
    kind, _, text = url.partition(";base64,")
    for wanted in (Format.PNG, Format.JPEG):
        if kind == f"data:{SHOWN[wanted]}" and recognise(content := b64decode(text, validate=True)) is wanted:
            return content
    raise ValueError("A report fetches nothing.")


def _respace(layout: "Layout", _style: object) -> None:
    """Set a text that is kept again only where its blanks have become wider."""
    if layout.justification_spacing:
        layout.set_text(layout.text, justify=True)


def _draw_rules(draw_border: "Callable[[Stream, Box], None]", stream: "Stream", box: "Box") -> None:
    """Draw the rules of a cell as bars where they are plain and of one colour, in a tenth less time.

    WeasyPrint draws frames that could have round corners, and each side alone where one of them is missing.
    """
    widths = [getattr(box, f"border_{side}_width") for side in SIDES]
    looks = {
        (box.style[f"border_{side}_style"], box.style[f"border_{side}_color"])
        for side, width in zip(SIDES, widths, strict=True)
        if width
    }
    if box.style["display"] != ("table-cell",) or [look for look, _ in looks] != ["solid"]:
        draw_border(stream, box)
        return
    top, right, bottom, left = widths
    x, y, width, height = box.rounded_border_box()[:4]
    with stream.artifact(), stream.stacked():
        stream.set_color(looks.pop()[1])
        for bar in (
            (x, y, width, top),
            (x + width - right, y, right, height),
            (x, y + height - bottom, width, bottom),
            (x, y, left, height),
        ):
            if all(bar[2:]):
                stream.rectangle(*bar)
        stream.fill()


def _tell_apart(part: int, _document: object, pdf: "PDF") -> None:
    """Give cells of a later part of a file names of their own: what heads a cell is told by name."""
    for element in pdf.objects if part else ():
        if isinstance(element, dict) and "ID" in element:
            # The same object stands with each cell that it heads.
            element["ID"].string = f"{part}-{element['ID'].string}"


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
