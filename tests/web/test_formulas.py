"""No file for a spreadsheet program has a live cell in it, whatever was typed; beside it files that have."""

import csv
import io
import re
import unicodedata
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner
from flask import Flask

from tests.accounts.test_users import FILE, hidden, upload
from tests.client import Browser
from tests.factories import BY, make_department, make_draft, make_enterprise, make_institution
from tests.imports.files import purchase_row
from tests.imports.pages import look, usual_file
from tests.rounds.rounds import IN_PERIOD, make_round
from tracker.accounts.commands import user
from tracker.core.periods import year
from tracker.core.vocabulary import Role
from tracker.imports.models import ImportSubject
from tracker.purchases.services import record_purchases
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, render_report
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report

FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://127.0.0.1/?x="&A1,"확인")',
    '=DDE("cmd";"/C calc";"!A0")',
    '=IMPORTXML("http://127.0.0.1/","//a")',
    '=WEBSERVICE("http://127.0.0.1/")',
    "=-1+1",
    "==1",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n@SUM(1,1)",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1,1)",
    "﹦1+1",
    " =1+1",
    "　=1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u2060\u200d +1+1",
    "\u202e-1+1",
    "온정;=1+1",
    "온정\t=1+1",
)
# What a library for workbooks takes for more than text, and CSV does not.
MORE = (
    "{=1+1}",
    "http://127.0.0.1/",
    "mailto:a@example.org",
    "internal:Sheet1!A1",
    "external:c:/x.xlsx",
    "file:///etc/passwd",
)
TEXTS = (
    "'=1+1",
    "1=1",
    "a@example.org",
    "2026-1",
    '온정";=1+1',
    '온정",=1+1',
    "온정\n=1+1",
    "온정\r\n@SUM(1,1)",
)
PAYLOADS = FORMULAS + MORE + TEXTS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell of text as programs see it that divide lines at each of the usual signs.
CSV_CELL = re.compile(r'"((?:[^"]|"")*)"|([^,;\t\r\n"]+)')


def live_in_workbook(content: bytes) -> list[object]:
    """Return the values of cells that are formulas or lead somewhere."""
    return [
        cell.value
        for sheet in openpyxl.load_workbook(io.BytesIO(content))
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" or cell.hyperlink
    ]


def live_in_text(content: str) -> list[str]:
    """Return the cells that begin as formulas do, once what spreadsheets pass over is gone."""
    cells = [quoted.replace('""', '"') or plain for quoted, plain in CSV_CELL.findall(content)]
    return [cell for cell in cells if begins_as_formula(cell)]


def begins_as_formula(cell: str) -> bool:
    """Return whether the first sign to be seen begins a formula; numbers do not count."""
    seen = "".join(sign for sign in cell if sign != " " and sign.isprintable())
    is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?", cell)
    return unicodedata.normalize("NFKC", seen[:1]) in {"=", "+", "-", "@"} and not is_number


@pytest.fixture
def browser(as_user: Callable[..., Browser]) -> Browser:
    """Return the team's browser over a ledger in which every text is a payload."""
    make_institution("=1+1")
    drafts = []
    for payload in PAYLOADS:
        typed: dict[str, Any] = dict.fromkeys(
            ("item", "contract_name", "contract_number", "note", "reference"), payload
        )
        supplier = make_enterprise(payload, ("social", date(2020, 1, 1), None))
        drafts.append(make_draft(make_department(payload), supplier, -5, IN_PERIOD, **typed))
    record_purchases(drafts, BY)
    return as_user()


def files_of(browser: Browser, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file for spreadsheet programs that the pages give away, by its address."""
    questions = [f"/totals/export?year=2026&by={by}&format=" for by in ("department", "enterprise", "type")]
    preview = look(browser, usual_file(folder, *(purchase_row(**faulty(text)) for text in PAYLOADS)))
    browser.get(preview)  # what stands in it is kept from then on
    round_id = make_round(year(2026), title="=1+1")
    departments = f"/rounds/{round_id}/departments"
    addresses = [
        *(question + form for question in questions for form in ("csv", "xlsx")),
        *(f"/purchases/export?fiscal_year=2026&format={form}" for form in ("csv", "xlsx")),
        *(f"/imports/template?subject={subject.value}" for subject in ImportSubject),
        f"{preview}/faulty",
        f"{departments}/2/sheet",
        f"/rounds/{round_id}/sheets",
    ]
    for address in addresses:
        with browser.get(address, buffered=True) as answer:
            assert answer.status_code == 200, address
            if answer.mimetype == "application/zip":
                archive = zipfile.ZipFile(io.BytesIO(answer.data))
                yield from ((f"{address} {name}", archive.read(name)) for name in archive.namelist()[:9])
            else:
                yield address, answer.data


def faulty(payload: str) -> dict[str, str]:
    """Return the cells of a row that cannot be taken in, each with the payload."""
    return dict.fromkeys(("부서", "업체명", "품목", "구분", "계약명", "금액"), payload)


def live_in(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, object]]:
    """Return what is live in these files, with the file's name."""
    return [
        (name, cell)
        for name, content in files
        for cell in (
            live_in_workbook(content)
            if content.startswith(b"PK")
            else live_in_text(content.decode("utf-8-sig"))
        )
    ]


@pytest.mark.long
def test_no_file_of_a_page_has_a_live_cell(browser: Browser, tmp_path: Path) -> None:
    files = dict(files_of(browser, tmp_path))
    report = get_intact_snapshot(create_report(ReportRequest(year=2026), BY).id)
    files["report"] = render_report(report, Format.XLSX).data

    assert len(PAYLOADS) >= 30
    assert not live_in(files.items())
    # Nothing was merely left out: what was typed stands in every file that has names in it.
    for name, content in files.items():
        assert "HYPERLINK" in texts_in(content) or has_no_names(name), name


def has_no_names(name: str) -> bool:
    """Return whether a file names neither departments nor enterprises nor what was typed."""
    return "by=type" in name or name.startswith("/imports/template?subject=enterprises")


def texts_in(content: bytes) -> str:
    """Return all of a file as text, a workbook's parts one after the other."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8-sig")
    archive = zipfile.ZipFile(io.BytesIO(content))
    return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def test_no_list_of_first_passwords_has_a_live_cell(app: Flask, as_user: Callable[..., Browser]) -> None:
    assert app
    names = [
        payload for payload in PAYLOADS if payload.isprintable() and payload[0] != " " and '"' not in payload
    ]
    for name in names:
        make_department(name)
    lines = [["아이디", "이름", "역할", "부서"]]
    lines += [[f"clerk{number:02}", name, "담당", name] for number, name in enumerate(names)]
    browser = as_user(Role.ADMIN)
    preview = upload(browser, as_csv(lines))
    carried = {name: unescape(value) for name, value in hidden(preview.text).items()}
    shown = browser.submit("/admin/users/import", "/admin/users/import/confirm", **carried)
    file = FILE.search(shown.text)

    assert file
    assert names[0] in texts_in(b64decode(file[1]))
    assert not live_in_workbook(b64decode(file[1]))


def test_no_printed_list_of_first_passwords_has_a_live_cell(app: Flask, tmp_path: Path) -> None:
    assert app
    (tmp_path / "list.csv").write_text(as_csv([["아이디", "이름", "역할"], ["park.jiho", "=1+1", "감사"]]))
    printed = CliRunner().invoke(user, ["import", str(tmp_path / "list.csv")]).stdout

    assert "'=1+1,park.jiho," in printed
    assert not live_in_text(printed)


def as_csv(lines: Iterable[Iterable[object]]) -> str:
    """Return lines of CSV as a program writes them that thinks of no formulas."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    return file.getvalue()


def test_naive_files_are_found() -> None:
    by_openpyxl, by_xlsxwriter = openpyxl.Workbook(), io.BytesIO()
    with xlsxwriter.Workbook(by_xlsxwriter) as workbook:
        sheet = workbook.add_worksheet()
        for place, payload in enumerate(PAYLOADS):
            by_openpyxl.active.cell(place + 1, 1, payload)
            sheet.write(place, 0, payload)
    file = io.BytesIO()
    by_openpyxl.save(file)
    plain = [payload for payload in FORMULAS if payload.startswith("=")]

    assert live_in_workbook(file.getvalue()) == plain
    assert len(live_in_workbook(by_xlsxwriter.getvalue())) == len(plain) + len(MORE)
    for payload in FORMULAS:
        assert live_in_text(as_csv([[1, payload, "x"]])), payload
    for payload in TEXTS:
        assert not live_in_text(as_csv([[1, payload, "x", -5, "-1.5"]]))
