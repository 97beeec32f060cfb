"""The row of headings, wherever it stands."""

import pytest

from tests.imports.reading.files import REAL_DATA, needs_real_data
from tracker.imports.reading import Row, find_header, read_sheet

SYNONYMS = {
    "department": ("부서", "수요기관"),
    "amount": ("금액", "계약금액", "공급금액"),
    "contracted_on": ("계약일", "계약(납품요구)일자"),
    "paid_on": ("지급일", "계약일"),
}


def test_row_with_most_known_headings_is_the_header() -> None:
    rows = [
        Row(1, ("부서별 구매 내역",)),
        Row(2, ("부서", "금액")),
        Row(4, ("연번", "계 약 일", "부서", None, "금액(원)", "비고")),
        Row(5, (1, "2026-01-02", "총무과", None, 1000)),
    ]

    header = find_header(rows, SYNONYMS)

    assert header is not None
    assert header.row_number == 4
    assert header.columns == {"contracted_on": 1, "department": 2, "amount": 4}
    assert header.headings == ("연번", "계 약 일", "부서", "", "금액(원)", "비고")
    assert header.score == 3


def test_first_column_of_a_repeated_heading_counts() -> None:
    header = find_header([Row(1, ("금액", "부서", "계약금액", "부서"))], SYNONYMS)

    assert header is not None
    assert header.columns == {"amount": 0, "department": 1}


def test_tie_goes_to_the_row_with_required_fields_then_to_the_first() -> None:
    rows = [Row(1, ("지급일", "부서")), Row(2, ("금액", "부서")), Row(3, ("금액", "부서"))]

    first, required = find_header(rows, SYNONYMS), find_header(rows, SYNONYMS, required=["amount"])

    assert first is not None
    assert required is not None
    assert (first.row_number, required.row_number) == (1, 2)


@pytest.mark.parametrize("rows", [[], [Row(1, ("부서", "무엇"))], [Row(1, ("총무과의 부서", "큰 금액"))]])
def test_one_known_heading_is_no_header(rows: list[Row]) -> None:
    assert find_header(rows, SYNONYMS) is None


def test_header_is_looked_for_in_the_first_rows_only() -> None:
    rows = [*(Row(number, ()) for number in range(1, 61)), Row(61, ("부서", "금액"))]

    assert find_header(rows, SYNONYMS) is None
    assert find_header(rows[1:], SYNONYMS) is not None


def test_two_rows_of_merged_cells_are_headings_together() -> None:
    upper, lower = ("부서", "계약", None, "공급금액", "비고"), (None, "일", "금액", "(원)")

    header = find_header([Row(3, upper), Row(4, lower), Row(5, ("총무과", "2026-01-02", 5, 6))], SYNONYMS)

    assert header is not None
    assert (header.row_number, header.columns) == (4, {"department": 0, "contracted_on": 1, "amount": 2})
    assert header.rows == (("부서", "계약", "", "공급금액", "비고"), ("", "일", "금액", "(원)"))


def test_row_of_data_below_the_headings_is_none_of_them() -> None:
    rows = [Row(1, ("부서", "계약금액", "업체")), Row(2, ("총무과", None, "지급일"))]

    header = find_header(rows, SYNONYMS)

    assert header is not None
    assert (header.row_number, header.columns) == (1, {"department": 0, "amount": 1})


@needs_real_data
@pytest.mark.acceptance
def test_header_of_the_data_hub_export_stands_in_row_46() -> None:
    with read_sheet(REAL_DATA / "procurement-hub-export.csv") as sheet:
        header = find_header(sheet.rows, SYNONYMS)

    assert header is not None
    assert header.row_number == 46
    assert header.columns == {"contracted_on": 4, "department": 10, "amount": 47}
