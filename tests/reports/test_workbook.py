"""The workbook of a report, read back as a spreadsheet program would."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.factories import BY, make_department, make_enterprise, make_institution, make_purchase
from tests.reports.ledger import SINCE, Ledger, counted, enter_ledger, enter_spending, reckon
from tracker.core.periods import Period
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, compose, render_report
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.reports.workbook import write_workbook

FORMULA = '=HYPERLINK("http://evil.test","x")'


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger."""
    return enter_ledger()


def freeze(year: int = 2025) -> bytes:
    """Freeze the annual report and return it as a workbook."""
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=year), BY).id)
    return render_report(snapshot, Format.XLSX).data


def open_book(data: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(data))


def lines_of(page: Worksheet, first: int = 4) -> dict[Any, list[Any]]:
    """Return the rows below the head by their first cell."""
    return {row[0]: list(row[1:]) for row in page.iter_rows(min_row=first, values_only=True)}


@pytest.mark.usefixtures("ledger")
def test_each_table_has_a_sheet() -> None:
    names = open_book(freeze()).sheetnames

    assert names[0] == "작성기준"
    assert {"총괄", "법정통보", "유형별", "구분별", "월별", "부서별", "부서×유형×연도", "구매내역"} <= set(
        names
    )
    assert len(names) == len(set(names))


@pytest.mark.usefixtures("ledger")
def test_figures_are_numbers_in_whole_won_and_add_up() -> None:
    book = open_book(freeze())

    assert lines_of(book["부서별"]) == {
        "총무과": [3_235_067, 1_000_000, 2_235_067, 223.5, 100.0, 2],
        "복지과": [499, 4_500, -4_001, -88.9, 0, 2],
        "민원과": [0, 0, 0, "–", 0, 0],
        "합계": [reckon(2025), reckon(2024), 2_231_066, 222.1, 100, 4],
    }
    assert lines_of(book["총괄"])["구매액"] == [reckon(2025), reckon(2024), 2_231_066, 222.1]
    assert lines_of(book["유형별"])["마을기업"][:5] == [2_000_500, 0, 2_000_500, "신규", 1]
    for name in ("구분별", "월별", "부서별"):
        *rows, total = [line[0] for line in lines_of(book[name]).values()]
        assert sum(rows) == total == reckon(2025)


@pytest.mark.usefixtures("ledger")
def test_the_cross_table_has_both_years_of_each_type() -> None:
    page = open_book(freeze())["부서×유형×연도"]
    [types, years] = page.iter_rows(min_row=3, max_row=4, values_only=True)
    [first] = [row for row in page.iter_rows(min_row=5, values_only=True) if row[0] == "복지과"]
    # A type stands over both its years.
    over = [types[place] or types[place - 1] for place in range(len(types))]
    shown = {(kind, year): amount for kind, year, amount in zip(over, years, first, strict=True) if amount}

    assert shown == {
        ("부서", None): "복지과",
        ("사회적기업", "2025년"): -500,
        ("협동조합", "2025년"): 999,
        ("협동조합", "2024년"): 4_500,
        ("합계(중복 제외)", "2025년"): 499,
        ("합계(중복 제외)", "2024년"): 4_500,
    }


def test_the_list_of_purchases_has_dates_and_amounts_as_such(ledger: Ledger) -> None:
    *lines, total, note = open_book(freeze())["구매내역"].iter_rows(min_row=4, values_only=True)

    assert [(line[0], line[2], line[9]) for line in lines] == [
        (ledger.purchases[row], datetime.combine(row.day, datetime.min.time()), row.amount)
        for row in sorted(counted(2025), key=lambda row: row.day)
    ]
    assert (total[0], total[9]) == ("합계", reckon(2025))
    assert lines[1][7:9] == ("사회적기업, 마을기업", "면세")
    assert note[0].startswith("※ ")


def test_the_first_sheet_states_the_basis_and_others_the_rate(ledger: Ledger) -> None:
    enter_spending(ledger, 2025, 100_000_000)
    enter_spending(ledger, 2024, 80_000_000)

    book = open_book(freeze())
    facts = lines_of(book["작성기준"], 3)

    assert facts["관리번호"][0] == "2025-0001"
    assert "2025. 1. 1." in facts["집계 기간"][0]
    assert facts["SHA-256"][0] == get_intact_snapshot(1).sha256
    assert lines_of(book["법정통보"])["구매비율"][:3] == [3.23, 1.25, 1.98]
    assert lines_of(book["과세·제외"])["집계 제외: 간접 구매"] == [1, 300_000]


@pytest.mark.usefixtures("ledger")
def test_what_is_unknown_is_a_word_and_no_zero() -> None:
    book = open_book(freeze(2024))

    assert lines_of(book["부서별"])["총무과"][:4] == [1_000_000, "자료 없음", "–", "자료 없음"]
    assert lines_of(book["법정통보"])["구매비율"][:2] == ["자료 없음"] * 2
    assert "자료 없음" in [row[2] for row in book["부서×유형×연도"].iter_rows(min_row=5, values_only=True)]


@pytest.mark.usefixtures("ledger")
def test_a_period_is_compared_with_the_same_days_and_has_no_rate() -> None:
    request = ReportRequest(year=2025, period=Period(date(2025, 6, 1), date(2025, 8, 31)))
    snapshot = get_intact_snapshot(create_report(request, BY).id)

    book = open_book(render_report(snapshot, Format.XLSX).data)

    assert [cell.value for cell in book["총괄"][3]][1:3] == ["2025년", "2024년 동기"]
    assert "구매비율" not in lines_of(book["법정통보"])


@pytest.mark.usefixtures("ledger")
def test_sheets_are_ready_to_be_read_and_printed() -> None:
    facts, *pages = open_book(freeze())
    assert facts.freeze_panes == "B3"
    for page in pages:
        heads = 4 if page.title == "부서×유형×연도" else 3
        assert page.freeze_panes == f"B{heads + 1}"
        assert page.print_title_rows == f"$3:${heads}"
        assert page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.oddFooter.center.text == "- &P -"
        assert page.oddFooter.right.text == "관리번호 2025-0001"
    assert open_book(freeze()).properties.title == "2025년도 행복구 사회적경제기업 제품 우선구매 실적보고서"


@pytest.mark.usefixtures("ledger")
def test_the_same_report_gives_the_same_bytes() -> None:
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)

    assert render_report(snapshot, Format.XLSX) == render_report(snapshot, Format.XLSX)


@pytest.mark.usefixtures("app")
def test_what_looks_like_a_formula_is_text() -> None:
    make_institution("=1+1&P")
    enterprise = make_enterprise(FORMULA, ("social", SINCE, None))
    typed = {"contract_name": "+1", "item": "http://evil.test"}
    make_purchase(make_department("@SUM(1)"), enterprise, 1_000, date(2025, 3, 1), **typed)

    book = open_book(freeze())

    found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert FORMULA in [cell.value for cell in found]
    assert "@SUM(1)" in [cell.value for cell in found]
    assert not [cell for cell in found if cell.data_type == "f" or cell.hyperlink]


@pytest.mark.usefixtures("ledger")
def test_a_list_that_no_sheet_holds_is_said_to_be_elsewhere() -> None:
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)

    page = open_book(write_workbook(compose(snapshot), lambda: None, most_rows=3))["구매내역"]
    rows = [row[0] for row in page.iter_rows(min_row=4, values_only=True)]

    assert (rows[0], rows[-1]) == ("합계", "※ 내역이 많아 JSON 파일로 붙임.")


@pytest.mark.usefixtures("app")
def test_a_body_without_purchases_has_a_workbook_too() -> None:
    make_department("총무과")

    assert lines_of(open_book(freeze())["총괄"])["구매액"][0] == "자료 없음"
