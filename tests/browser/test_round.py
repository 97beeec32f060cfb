"""A whole round of 53 departments in the browser: by page, by file, with nothing to report, and one late."""

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests.browser.conftest import OpenPage, fill_in_sign_in
from tests.browser.hands import Hands
from tests.client import Person, make_user
from tests.factories import NOW, business_number, make_department, make_enterprise, make_purchase
from tracker.core.periods import year
from tracker.core.vocabulary import Role
from tracker.extensions import db
from tracker.jobs.worker import run_next_job
from tracker.reports.catalogue import build_report
from tracker.reports.requests import ReportRequest

pytestmark = pytest.mark.browser

PERIOD = year(2025)
BY_PAGE, BY_FILE, NOTHING, TOO_LATE = 40, 10, 2, 1
ALL = BY_PAGE + BY_FILE + NOTHING + TOO_LATE
DUE, TOO_LATE_BY = "2026-11-24", timedelta(days=2)
SOLD = 70_000
# What the departments bought from the certified one: 1,000 won, 1,001 won, and so on.
COUNTED = sum(range(1_000, 1_000 + ALL - NOTHING)) + BY_FILE * SOLD


class Clock:
    """The program's time: it stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Answer requests in a thread of this process, where the clock can be put forward."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def enter_office() -> list[int]:
    """Enter 53 departments and last year's purchases of all but those with nothing to report."""
    certified = make_enterprise("함께", ("social", PERIOD.start, None))
    plain = make_enterprise("보통회사")
    departments = [make_department(f"{number:02}과") for number in range(ALL)]
    nothing = departments[BY_PAGE + BY_FILE : ALL - TOO_LATE]
    for place, department in enumerate(each for each in departments if each not in nothing):
        make_purchase(department, certified, 1_000 + place, PERIOD.start + timedelta(days=place))
        make_purchase(department, plain, 500, PERIOD.end)
    return departments


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


def open_round(hands: Hands) -> str:
    """Open the round, and return the address of its board."""
    page = hands.page
    page.goto(f"/rounds/new?period=year&year={PERIOD.start.year}&due_on={DUE}")
    hands.press(f"{ALL}개 부서에 요청")
    expect(page.locator("h1")).to_contain_text("2025")
    return page.url


def submit(page: Page, board: str, department: int) -> None:
    """Submit a department's answer on its page."""
    page.goto(f"{board}/departments/{department}")
    page.locator("form.agree button").click()
    expect(page.locator("dl.record-sum")).not_to_contain_text("미제출")


def return_files(hands: Hands, board: str, folder: Path) -> None:
    """Fill in the sheets of ten departments, drop them together, and note that they answered by file."""
    page = hands.page
    page.goto(board)
    with page.expect_download() as download:
        page.get_by_role("link", name="부서별 서식 모두 받기(ZIP)").click()
    archive = zipfile.ZipFile(download.value.path())
    assert len(archive.namelist()) == ALL
    chosen = range(BY_PAGE, BY_PAGE + BY_FILE)
    files = [
        fill_in(archive.read(name), folder / name)
        for name in archive.namelist()
        if int(name.partition("과")[0]) in chosen
    ]
    page.goto("/imports/new?subject=purchases")
    page.locator("input[type=file]").set_input_files(files)
    hands.press("미리보기")
    hands.press(f"준비된 파일 {BY_FILE}개 모두 반영")
    while run_next_job():
        pass
    page.goto(board)
    for number in chosen:
        page.get_by_label(f"{number:02}과", exact=True).check()
    hands.press("제출(파일)")


def counts(page: Page, board: str) -> dict[str, int]:
    """Return how many departments stand where, as the tabs of the board say."""
    page.goto(board)
    tabs = [
        tab.split()
        for tab in page.get_by_role("navigation", name="상태").get_by_role("link").all_inner_texts()
    ]
    return {" ".join(words): int(number) for *words, number in tabs}


@pytest.mark.own_app
def test_board_and_annual_report_agree(
    app: Flask, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setitem(app.config, "CLOCK", clock)
    departments = enter_office()
    staff, clerk = make_user("team.kim", Role.STAFF), make_user("office.lee", Role.CLERK, departments[0])
    db.session.remove()
    with served(app) as address:

        def enter(person: Person) -> Hands:
            page = open_page(address)
            fill_in_sign_in(page, person)
            return Hands(page)

        hands = enter(staff)
        page, board = hands.page, open_round(hands)
        submit(enter(clerk).page, board, departments[0])
        for department in [*departments[1:BY_PAGE], *departments[BY_PAGE + BY_FILE : -1]]:
            submit(page, board, department)
        return_files(hands, board, tmp_path)
        clock.now += TOO_LATE_BY
        hands = enter(staff)
        page = hands.page
        submit(page, board, departments[-1])
        before = counts(page, board)
        expect(page.get_by_role("row").filter(has_text=f"{ALL - 1}과")).to_contain_text("2일")
        hands.page.get_by_label("모두 선택").check()
        hands.press("확정(마감)")
        after = counts(page, board)
        counted = page.locator("tfoot tr").first.locator("td.num").nth(2).inner_text()
    annual = build_report(ReportRequest(year=2025), clock())["summary"]["total"]["current"]

    assert (before["제출"], before["해당 없음"], before["기한 지남"], before["미제출"]) == (
        ALL,
        NOTHING,
        TOO_LATE,
        0,
    )
    assert (after["확정"], after["제출"]) == (ALL, 0)
    assert counted == f"{COUNTED:,}"
    assert annual == COUNTED
