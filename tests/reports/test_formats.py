"""All formats of a report say the same: every total of every table, of every kind there is."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from xml.etree import ElementTree as ET

import openpyxl
import pikepdf
import pytest
from hwpx.tools.package_validator import validate_package
from hwpx.tools.validator import validate_document

from tests.factories import BY, make_institution, make_purchase
from tests.reports.documents import pages_of
from tests.reports.ledger import Ledger
from tests.reports.test_kind_documents import ledger as ledger
from tests.reports.test_kinds import about
from tracker.core.money import Unit
from tracker.departments.services import add_department
from tracker.reports.annexes import print_document
from tracker.reports.document import (
    Approval,
    Author,
    Block,
    Cell,
    Column,
    Document,
    Enclosures,
    Facts,
    Form,
    Heading,
    Line,
    Medium,
    Notes,
    Paragraph,
    Point,
    Points,
    Role,
    Section,
    Table,
    amount,
    centred,
    day,
    number,
    percent,
    points,
    text,
)
from tracker.reports.markup import document_html
from tracker.reports.printing import make_hwpx, print_pdf
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, compose, render_report
from tracker.reports.requests import ReportKind
from tracker.reports.services import create_report
from tracker.reports.wording import say_cell
from tracker.reports.workbook import write_workbook

P = "{http://www.hancom.co.kr/hwpml/2011/paragraph}"


def totals(document: Document, medium: Medium) -> Iterator[tuple[Table, Line]]:
    """Yield the totals of the tables that stand there."""
    for table in document.tables:
        if table.medium in (Medium.ALL, medium):
            for line in table.lines:
                if line.role is Role.TOTAL:
                    yield table, line


def said(line: Line, unit: Unit | None) -> list[str]:
    """Return what paper says of a line."""
    return [told for cell in line.cells if (told := squeezed(say_cell(cell, unit)))]


def squeezed(words: str) -> str:
    return re.sub(r"\s+", "", words)


def html_rows(html: str) -> list[list[str]]:
    """Return the words of every row of every table."""
    root = ET.fromstring(html)
    return [
        [words for cell in row if (words := squeezed("".join(cell.itertext())))] for row in root.iter("tr")
    ]


def hwpx_rows(data: bytes) -> list[list[str]]:
    """Return the words of every row of every table."""
    rows = []
    with zipfile.ZipFile(BytesIO(data)) as package:
        for name in sorted(package.namelist()):
            if re.fullmatch(r"Contents/section\d+\.xml", name):
                for row in ET.fromstring(package.read(name)).iter(f"{P}tr"):
                    cells = ["".join(cell.itertext()) for cell in row]
                    rows.append([words for cell in cells if (words := squeezed(cell))])
    return rows


def sheet_rows(data: bytes) -> list[list[object]]:
    """Return the values of every row of every sheet."""
    book = openpyxl.load_workbook(BytesIO(data), read_only=True)
    return [
        [value for value in row if value not in (None, "")]
        for page in book
        for row in page.iter_rows(values_only=True)
    ]


def plain(cell: Cell) -> object:
    """Return the value of a cell as a workbook holds it."""
    if cell.form in (Form.PERCENT, Form.POINTS):
        return float(cell.value)
    return cell.value if cell.form is not Form.NOTE else say_cell(cell, None)


def found_a_district(ledger: Ledger) -> None:
    """Put an institution with a department that bought something below the one there is."""
    district = add_department("동구", parent_id=make_institution(), is_institution=True, by=BY)
    office = add_department("동구 총무과", parent_id=district, by=BY)
    make_purchase(office, ledger.suppliers["함께"], 1_234_321, date(2025, 4, 1))
    make_purchase(office, ledger.suppliers["함께"], 1_000_001, date(2024, 4, 1))


@pytest.mark.long
@pytest.mark.parametrize("kind", ReportKind)
def test_every_total_stands_in_every_format_to_the_won(ledger: Ledger, kind: ReportKind) -> None:
    if kind is ReportKind.DISTRICTS:
        found_a_district(ledger)
    snapshot = get_intact_snapshot(create_report(about(kind, ledger), BY).id)
    document = compose(snapshot)
    made = {form: render_report(snapshot, form).data for form in (Format.HTML, Format.PDF, Format.XLSX)}
    html = html_rows(made[Format.HTML].decode())
    pdf = squeezed(" ".join(pages_of(made[Format.PDF])))
    sheets = sheet_rows(made[Format.XLSX])
    hwpx = hwpx_rows(make_hwpx(document))

    for table, line in totals(document, Medium.PAPER):
        words = said(line, table.money)
        assert words in html, table.key
        assert words in hwpx, table.key
        assert "".join(words) in pdf, table.key
    for table, line in totals(document, Medium.SHEET):
        assert [plain(cell) for cell in line.cells if cell.value != ""] in sheets, table.key
    assert list(totals(document, Medium.ALL))


def everything() -> Document:
    """Return a document with each block, each form of cell and each role of line."""
    cells = (text("가나"), amount(-1_234_567), number(7), percent("12.3"), points("-0.1"), day("2025-03-02"))
    table = Table(
        key="all",
        sheet="모두/*",
        title="모든 것",
        columns=[
            Column("구분", 20),
            Column("금액", 20, "무리"),
            Column("건수(개)", 10, "무리"),
            Column("증감률", 10),
            Column("증감", 10),
            Column("날", 14),
            Column("번호", 8),
        ],
        lines=[
            Line((*cells, centred(1234)), remark="비고"),
            Line((text("참고"), *(text("") for _ in range(6))), Role.BESIDE),
            Line(
                (
                    text("합계"),
                    text(""),
                    number(9),
                    amount(None),
                    percent(None, "new"),
                    points(None),
                    text(""),
                ),
                Role.TOTAL,
            ),
        ],
        units=("건",),
        notes=("표의 주석",),
    )
    empty = Table(
        key="none", sheet="모두/*", title="빈 표", columns=[Column("구분", 1)], lines=[], money=None
    )
    blocks: list[Block] = [
        Approval(("주무관", "팀장")),
        Facts(title="기준", beside="작성일", pairs=[("기간", "1년")]),
        *(Heading(f"제목 {number}") for number in range(9)),
        Points([Point("요점 하나", strong="하나"), Point("아래", 1)]),
        Paragraph("글"),
        table,
        empty,
        Notes(["끝 주석"]),
        Author(post="주무관", name="홍길동", telephone="02"),
        Enclosures(["하나뿐인 것"]),
    ]
    return Document(
        title="문서",
        kicker="2025년도",
        mark="잠정",
        subject="모든 것의 보고서",
        body="새솔구",
        number="2025-0001",
        sha256="1a2b3c4d" + "0" * 56,
        frozen_at="2026-01-31T09:00:00+00:00",
        sections=(
            Section(blocks=blocks),
            Section(blocks=[table], annex="붙임", title="넓은 것", is_wide=True),
        ),
    )


WORDS = ("결재", "주무관", "기준", "작성일", "제목8", "요점하나", "표의주석", "끝주석", "홍길동", "빈표")


@pytest.mark.long
def test_html_and_pdf_show_every_block_contents_and_the_short_code() -> None:
    html = document_html(everything())
    data, _missing = print_pdf(html)
    pages = [squeezed(page) for page in pages_of(data)]

    for words in (*WORDS, "차례", "붙임하나뿐인것1부.끝.", "해당없음", "△1,235", "△0.1%p", "1234", "신규"):
        assert words in "".join(pages), words
    assert all("확인코드1A2B-3C4D" in page for page in pages)
    assert "<strong>하나</strong>" in html
    assert 'colspan="2"' in html
    assert 'rowspan="2"' in html
    assert "차례" not in document_html(replace(everything(), sections=everything().sections[1:]))


def test_hwpx_holds_every_block_lies_on_its_side_and_passes_its_own_validators() -> None:
    data = make_hwpx(everything())

    assert data == make_hwpx(everything())
    assert validate_package(data).ok
    assert validate_document(BytesIO(data)).ok
    with zipfile.ZipFile(BytesIO(data)) as package:
        first, second = (package.read(f"Contents/section{number}.xml").decode() for number in (0, 1))
        about_file = package.read("Contents/content.hpf").decode()
    for words in (*WORDS, "붙임하나뿐인것1부.끝.", "해당없음", "1A2B-3C4D", "넓은것"):
        assert words in squeezed(re.sub("<[^>]+>", "", first + second)), words
    assert 'landscape="WIDELY"' in first
    assert 'landscape="NARROWLY"' in second
    assert 'colSpan="2" rowSpan="1"' in second
    assert 'repeatHeader="1"' in second
    assert "2026-01-31T09:00:00Z" in about_file
    assert "새솔구" in about_file


def test_a_workbook_names_sheets_once_and_merges_heads() -> None:
    book = openpyxl.load_workbook(BytesIO(write_workbook(everything(), lambda: None)))
    page = book["모두"] if "모두" in book.sheetnames else book[book.sheetnames[1]]

    assert len(set(book.sheetnames)) == 4
    assert {str(each) for each in page.merged_cells.ranges} >= {"B3:C3", "A3:A4"}
    assert page["G5"].value == 1234
    assert page["H5"].value == "비고"
    assert page["B5"].value == -1_234_567
    assert book.worksheets[-1].page_setup.orientation == "landscape"


@pytest.mark.long
def test_a_long_ledger_stands_beside_its_document_numbered_through_and_the_sums_in_both() -> None:
    lines = [Line((centred(serial), text("부서"), amount(serial * 1_000_001))) for serial in range(1, 602)]
    total = sum(int(line.cells[2].value) for line in lines)
    ledger = Table(
        key="annex",
        sheet="내역",
        title="구매 내역",
        columns=[Column("번호", 1), Column("부서", 2), Column("금액", 2)],
        lines=[*lines, Line((text("합계"), text(""), amount(total)), Role.TOTAL)],
        money=Unit.WON,
        is_long=True,
    )
    document = replace(
        everything(), sections=(*everything().sections, Section(blocks=[ledger], title="내역"))
    )

    files = print_document(document, 600)
    assert files == print_document(document, 600)
    assert files.annex is not None
    pages = pages_of(files.annex)
    for place, page in enumerate(pages, start=1):
        assert f"-{place}-" in squeezed(page)
        assert "1A2B-3C4D" in page
        assert "부서" in page
    for line in lines:
        assert sum(f" {line.cells[2].value:,} " in f" {page} " for page in pages) == 1
    assert f"합계 {total:,}" in pages[-1]
    body = " ".join(pages_of(files.document))
    assert "내역은 별지(별도 파일)에 있음" in body
    assert f"{total:,}" in body
    assert "601,000,601" not in body
    with pikepdf.open(BytesIO(files.annex)) as annex:
        assert str(annex.Root.Lang) == "ko"
        assert str(annex.docinfo["/Title"]) == "문서 별지"
