"""The table of totals as a file: the same won as on the page, its basis stated, nothing live in it."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.departments.services import reorganise

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "＝1+1", "http://evil.example")


@pytest.fixture
def browser(as_user: Callable[[], Browser]) -> Browser:
    """Return a signed-in browser over two years of two departments."""
    enterprise = make_enterprise(
        "함께", ("social", date(2020, 1, 1), None), ("village", date(2020, 1, 1), None)
    )
    first, second = make_department("총무과"), make_department("민원과")
    make_purchase(first, enterprise, 1_286_000, date(2025, 5, 1))
    make_purchase(first, enterprise, 1_888_499, date(2026, 5, 1))
    make_purchase(second, enterprise, -500, date(2026, 5, 2))
    return as_user()


def sheet_of(browser: Browser, asked: str) -> list[list[Any]]:
    """Return the cells of the workbook."""
    answer = browser.get(f"/totals/export?format=xlsx&{asked}")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.data))
    return [[cell for cell in row if cell not in (None, "")] for row in book.active.values]


def lines_of(browser: Browser, asked: str) -> list[list[str]]:
    """Return the cells of the CSV file."""
    answer = browser.get(f"/totals/export?format=csv&{asked}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_workbook_holds_whole_won_below_its_basis(browser: Browser) -> None:
    rows = sheet_of(browser, "period=so_far&year=2026&unit=million")

    assert rows[0] == ["사회적경제기업 구매 · 부서별"]
    assert ["기간", "2026년 (2026. 1. 1. ~ 2026. 11. 24.)"] in rows
    assert ["비교 기간", "2025년 (2025. 1. 1. ~ 2025. 11. 24.)"] in rows
    assert ["집계 기준", "계약 (회계연도 기준)"] in rows
    assert ["부서", "전체"] in rows
    assert rows[-5:] == [
        ["(단위: 원, %)"],
        ["부서", "2026년", "2025년", "증감액", "증감률(%)", "건수", "비고"],
        ["총무과", 1_888_499, 1_286_000, 602_499, 46.9, 1],
        ["민원과", -500, 0, -500, "신규", 1],
        ["합계", 1_887_999, 1_286_000, 601_999, 46.8, 2],
    ]


def test_both_files_say_the_same(browser: Browser) -> None:
    asked = "year=2026&by=type&sort=-current&department="

    in_workbook = [[str(cell) for cell in row] for row in sheet_of(browser, asked) if row]
    in_text = [[cell for cell in line if cell] for line in lines_of(browser, asked)]

    assert in_text == in_workbook
    assert in_text[-1][0].startswith("인증을 여러 개 가진") or "합계" in in_text[-1][0]


def test_a_file_follows_the_order_and_the_question_of_the_page(browser: Browser) -> None:
    lines = lines_of(browser, "from=2026-05-01&to=2026-05-01&of=all&basis=contract&type=social&sort=-label")

    assert ["집계 기준", "계약 (날짜 기준)"] in lines
    assert ["유형", "사회적기업"] in lines
    assert [line[0] for line in lines[-3:]] == ["총무과", "민원과", "합계"]


def test_a_year_without_data_says_so_instead_of_a_number(browser: Browser) -> None:
    lines = lines_of(browser, "year=2025")

    assert lines[-1] == ["합계", "1286000", "자료 없음", "–", "자료 없음", "1", ""]


def test_reorganised_departments_carry_their_remark(browser: Browser) -> None:
    old, new = make_department("일자리과"), make_department("일자리경제과", valid_from=date(2026, 1, 1))
    reorganise([old], [new], date(2026, 1, 1), BY)

    remarks = {line[0]: line[-1] for line in lines_of(browser, "year=2026")}

    assert remarks["일자리경제과"] == "일자리과 승계: 비교 연도 실적을 포함합니다"


@pytest.mark.long
@pytest.mark.parametrize("name", EVIL)
def test_no_name_becomes_a_formula_or_a_link(browser: Browser, name: str) -> None:
    make_department(name)

    answer = browser.get("/totals/export?format=xlsx&year=2026")
    cells = [cell for row in load_workbook(io.BytesIO(answer.data)).active for cell in row]
    [cell] = [cell for cell in cells if cell.value == name]
    texts = [line[0] for line in lines_of(browser, "year=2026")]

    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert name.startswith("http") or name not in texts
    assert name in texts or f"'{name}" in texts


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_a_file_is_saved_under_a_name_that_says_what_it_is(browser: Browser, file_format: str) -> None:
    answer = browser.get(f"/totals/export?format={file_format}&year=2026")
    saved = answer.headers["Content-Disposition"]

    assert saved.startswith("attachment;")
    assert saved.isascii()
    assert unquote(saved).endswith(f"사회적경제기업구매_부서별_2026.{file_format}")


@pytest.mark.parametrize("asked", ["format=pdf", "", "format=xlsx&year=x"])
def test_there_is_no_file_of_what_does_not_exist(browser: Browser, asked: str) -> None:
    assert browser.get(f"/totals/export?{asked}").status_code == 404
