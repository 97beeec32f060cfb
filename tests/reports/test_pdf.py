"""The PDF of a report: tagged, reproducible, closed, and saying what the ledger says."""

import os
import re
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pikepdf
import pytest

from tests.evidence.papers import JPEG, SVG, png
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.reports.documents import everything_in, pages_of
from tests.reports.ledger import SINCE, Ledger, enter_ledger, reckon
from tracker.core.vocabulary import Measure
from tracker.reports.pdf import read_own_picture
from tracker.reports.printing import FontMissing, PrintingFailed, print_pdf
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, Rendering, render_report
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.totals.queries import answer
from tracker.totals.questions import Question


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger."""
    return enter_ledger()


def render(year: int = 2025) -> Rendering:
    """Freeze the annual report and return its PDF."""
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=year), BY).id)
    return render_report(snapshot, Format.PDF)


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
def test_the_totals_of_the_ledger_stand_in_the_document_to_the_won() -> None:
    pages = pages_of(render().data)
    of_all = answer(Question(year=2025, of=Measure.SOCIAL)).total.comparison.current - 7_000_000

    assert of_all == reckon(2025)
    assert f"합계 {of_all:,}" in pages[-1]
    for amount in ("1,234,567", "2,000,500", "999", "△500"):
        assert amount in pages[-1]
    assert "3,236천원" in pages[0]


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
def test_pages_are_numbered_as_offices_do_and_carry_the_number_of_the_report() -> None:
    pages = pages_of(render().data)

    for number, page in enumerate(pages, start=1):
        assert f"- {number} -" in page
        assert "2025-0001" in page


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
def test_the_document_has_title_language_and_tags() -> None:
    with pikepdf.open(BytesIO(render().data)) as document:
        root = document.Root
        metadata = document.open_metadata()

        assert str(root.Lang) == "ko"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert metadata["pdfuaid:part"] == "1"
        assert str(document.docinfo["/Title"]) == "2025년도 행복구 사회적경제기업 제품 우선구매 실적보고서"
        assert str(document.docinfo["/Author"]) == "행복구"


@pytest.mark.long
@pytest.mark.usefixtures("ledger")
def test_two_printings_of_one_report_are_the_same_bytes() -> None:
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)

    assert render_report(snapshot, Format.PDF) == render_report(snapshot, Format.PDF)


@pytest.mark.long
@pytest.mark.usefixtures("app")
def test_a_name_with_markup_is_printed_as_it_was_typed() -> None:
    enterprise = make_enterprise("<b>온정</b>&amp;", ("social", SINCE, None))
    make_purchase(make_department("<i>총무과"), enterprise, 1_000, date(2025, 3, 1), contract_name="1 < 2")

    text = " ".join(pages_of(render().data))

    assert "<b>온정</b>&amp;" in text.replace(" ", "")
    assert "<i>총무과" in text
    assert "1 < 2" in text


@pytest.mark.long
@pytest.mark.usefixtures("app")
def test_characters_that_the_font_lacks_are_named() -> None:
    enterprise = make_enterprise("온정 😀 ಕ", ("social", SINCE, None))
    make_purchase(make_department("총무과"), enterprise, 1_000, date(2025, 3, 1))

    assert render().missing_characters == "ಕ😀"


@pytest.mark.long
def test_a_report_of_many_purchases_repeats_the_head_and_splits_no_row(ledger: Ledger) -> None:
    for number in range(80):
        make_purchase(
            ledger.departments["총무과"],
            ledger.suppliers["함께"],
            1_000_000 + number,
            date(2025, 3, 1),
            contract_name="아주 긴 이름의 계약 " * 4,
        )

    pages = [page for page in pages_of(render().data) if "1,000,0" in page]

    assert len(pages) > 2
    for page in pages:
        assert "품목/계약명" in page
    for number in range(80):
        assert sum(f"{1_000_000 + number:,}" in page for page in pages) == 1


class Listener:
    """A web server that remembers what it was asked for."""

    def __init__(self) -> None:
        seen: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.seen = seen
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Return a web server on a free port."""
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever)
    thread.start()
    yield listener
    listener.server.shutdown()
    thread.join()
    listener.server.server_close()


VECTORS = (
    '<img src="{}/img">',
    '<link rel="stylesheet" href="{}/css">',
    '<link rel="attachment" href="{}/attached">',
    '<a rel="attachment" href="{}/attached-link">x</a>',
    "<style>@import url({}/import);</style>",
    "<style>@font-face { font-family: Evil; src: url({}/font) } p { font-family: Evil }</style><p>글</p>",
    '<p style="background: url({}/background)">글</p>',
    '<p style="list-style-image: url({}/list); display: list-item">글</p>',
    '<object data="{}/object"></object>',
    '<embed src="{}/embed">',
    '<svg width="9" height="9"><image href="{}/svg" width="9" height="9"/></svg>',
    '<svg width="9" height="9"><use href="{}/use#x"/></svg>',
    '<iframe src="{}/frame"></iframe>',
    '<base href="{}/"><img src="based">',
)


@pytest.mark.long
def test_the_printer_asks_no_server_for_anything(listener: Listener) -> None:
    data, _ = print_pdf(_page_with_all(listener.address))

    assert data.startswith(b"%PDF")
    assert listener.seen == []


@pytest.mark.long
def test_no_file_of_the_machine_gets_into_the_document(tmp_path: Path) -> None:
    for name in re.findall("{}/([a-z-]+)", "".join(VECTORS)):
        (tmp_path / name).write_text("CANARY-83a1")

    data, _ = print_pdf(_page_with_all(tmp_path.as_uri()))

    assert b"CANARY-83a1" not in everything_in(data)


def held(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_pictures_that_stand_in_the_text_are_read(kind: str) -> None:
    content = png() if kind == "image/png" else JPEG

    assert read_own_picture(held(kind, content)) == content


@pytest.mark.parametrize(
    "url",
    [
        held("text/html", b"<p>CANARY</p>"),
        held("text/css", b"p { color: red }"),
        held("image/svg+xml", SVG),
        held("image/gif", b"GIF89a"),
        held("image/png", SVG),
        held("image/png", JPEG),
        held("image/jpeg", png()),
        held("image/png;charset=utf-8", png()),
        held("IMAGE/PNG", png()),
        held("", png()),
        held("image/png", png()) + "?",
        "data:image/png," + quote(png()),
        "data:image/png;base64,",
        "file:///etc/hostname",
        "http://127.0.0.1/picture.png",
    ],
)
def test_no_other_address_is_read(url: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_own_picture(url)


@pytest.mark.long
def test_what_else_stands_in_data_addresses_takes_no_effect(listener: Listener) -> None:
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        f'<image href="{listener.address}/svg" width="9" height="9"/><text y="9">CANARY-83a1</text></svg>'
    )
    style = f'@import url({listener.address}/css); p::before {{ content: "CANARY-83a1" }}'
    kinds = ("image/svg+xml", "image/png", "text/html", "text/css")
    body = ""
    for kind in kinds:
        url = held(kind, (style if kind == "text/css" else drawing).encode())
        body += "".join(re.sub("{}/[a-z-]*(#x)?", url, vector) for vector in VECTORS)

    data, _ = print_pdf(f'<html lang="ko"><title>x</title>{body}</html>')

    assert listener.seen == []
    assert "CANARY" not in " ".join(pages_of(data))
    assert b"CANARY" not in everything_in(data)


def _page_with_all(address: str) -> str:
    body = "".join(vector.replace("{}", address) for vector in VECTORS)
    return f'<html lang="ko"><title>x</title>{body}</html>'


def test_without_the_font_nothing_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_in_path(tmp_path, monkeypatch, "printf 'DejaVu Sans\\n/usr/share/fonts/DejaVuSans.ttf'")

    with pytest.raises(FontMissing):
        print_pdf("<p>글</p>")


def test_what_the_printer_failed_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_in_path(tmp_path, monkeypatch, "exit 7")

    with pytest.raises(PrintingFailed, match="exit status 7"):
        print_pdf("<p>글</p>")


def test_printing_that_takes_too_long_is_ended() -> None:
    before = _printers()

    with pytest.raises(PrintingFailed, match="timeout"):
        print_pdf("<p>글</p>", wall_seconds=0)

    assert _printers() == before


def _put_in_path(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let fontconfig's program be another one."""
    program = folder / "fc-match"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def _printers() -> str:
    """Return the printers that run below this process."""
    command = ["ps", "--ppid", str(os.getpid()), "-o", "args="]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return "\n".join(line for line in found.splitlines() if "tracker.reports.pdf" in line)
