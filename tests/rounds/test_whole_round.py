"""A whole round of 53 departments: by page, by file, with nothing to report, and one late."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl

from tests.client import Browser
from tests.factories import NOW, business_number, make_department, make_enterprise, make_purchase
from tests.imports.pages import confirm as confirm_file
from tests.imports.pages import send as send_files
from tests.rounds.pages import send
from tests.rounds.rounds import answer_for, board_of, later
from tracker.core.money import Won
from tracker.core.periods import year
from tracker.core.vocabulary import Role
from tracker.reports.catalogue import build_report
from tracker.reports.requests import ReportRequest
from tracker.rounds.models import State
from tracker.rounds.queries import Standing

PERIOD = year(2025)
BY_PAGE, BY_FILE, NOTHING, TOO_LATE = 40, 10, 2, 1
SOLD = 70_000


def fill_in(content: bytes, path: Path) -> Path:
    """Write one more purchase below what stands in a sheet."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    sheet = workbook.worksheets[0]
    top = next(row for row in range(1, 9) if sheet.cell(row, 1).value == "부서")
    columns = {sheet.cell(top, place).value: place for place in range(1, sheet.max_column + 1)}
    below = max(row for row in range(top, 50) if sheet.cell(row, columns["금액"]).value) + 1
    cells = {"사업자등록번호": business_number(1), "계약일": "2025-06-05", "금액": SOLD, "구분": "물품"}
    for heading, value in cells.items():
        sheet.cell(below, columns[heading], value)
    workbook.save(path)
    return path


def answer_by_page(browser: Browser, round_id: int, department_id: int) -> None:
    page = f"/rounds/{round_id}/departments/{department_id}"
    assert send(browser, page, f"{page}/submit").status_code == 302


def decide(browser: Browser, round_id: int, act: str, *department_ids: int) -> None:
    chosen = [
        f"{row.id}.{row.version}" for row in board_of(round_id).rows if row.department_id in department_ids
    ]
    answer = send(browser, f"/rounds/{round_id}", f"/rounds/{round_id}/decide", act=act, chosen=chosen)
    assert answer.status_code == 302, answer.text


def annual_total() -> Won:
    total: Won = build_report(ReportRequest(year=2025), NOW)["summary"]["total"]["current"]
    return total


def test_board_and_annual_report_agree(as_user: Callable[..., Browser], tmp_path: Path) -> None:
    certified = make_enterprise("함께", ("social", PERIOD.start, None))
    plain = make_enterprise("보통회사")
    departments = [
        make_department(f"{number:02}과") for number in range(BY_PAGE + BY_FILE + NOTHING + TOO_LATE)
    ]
    by_page, rest = departments[:BY_PAGE], departments[BY_PAGE:]
    by_file, nothing, too_late = rest[:BY_FILE], rest[BY_FILE:-1], rest[-1]
    for place, department in enumerate([*by_page, *by_file, too_late]):
        make_purchase(department, certified, 1_000 + place, PERIOD.start + timedelta(days=place))
        make_purchase(department, plain, 500, PERIOD.end)
    staff = as_user(Role.STAFF)
    period = {"period": "year", "year": "2025", "due_on": "2026-11-24"}
    opened = send(staff, "/rounds/new?" + "&".join(f"{k}={v}" for k, v in period.items()), "/rounds/new")
    assert opened.status_code == 302, opened.text
    round_id = int(opened.location.rpartition("/")[2])

    clerk = as_user(Role.CLERK, by_page[0])
    answer_by_page(clerk, round_id, by_page[0])
    for department in [*by_page[1:], *nothing]:
        answer_by_page(staff, round_id, department)
    archive = zipfile.ZipFile(io.BytesIO(staff.get(f"/rounds/{round_id}/sheets").data))
    assert len(archive.namelist()) == len(departments)
    files = [
        fill_in(archive.read(name), tmp_path / name)
        for name in archive.namelist()
        if int(name.partition("과")[0]) in range(BY_PAGE, BY_PAGE + BY_FILE)
    ]
    sent = send_files(staff, *files)
    for number in {each.partition("&")[0] for each in sent.location.split("p=")[1:]}:
        assert confirm_file(staff, f"/imports/previews/{number}").status_code == 302
    decide(staff, round_id, "file", *by_file)
    answer_for(round_id, too_late, by=later(2))
    board = board_of(round_id)

    assert board.numbers == {
        Standing.SUBMITTED: len(departments),
        Standing.NONE: NOTHING,
        Standing.OVERDUE: TOO_LATE,
    }
    assert [row.department_id for row in board.rows if row.is_by_file] == by_file
    assert [row.days_late for row in board.rows if row.days_late] == [2]
    decide(staff, round_id, "confirm", *departments)
    board = board_of(round_id)
    assert {row.state for row in board.rows} == {State.CONFIRMED}
    assert board.whole.counted == annual_total()
    assert board.submitted.counted == annual_total() == sum(range(1_000, 1_051)) + BY_FILE * SOLD
    assert board.submitted.amount == board.whole.amount == annual_total() + 51 * 500
