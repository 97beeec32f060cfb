"""One cell at a time: what it means, or why it cannot be taken."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imports.reading.files import REAL_DATA, needs_real_data, read_rows
from tracker.core.vocabulary import ContractMethod, GoverningLaw, Kind, Nature, Tax
from tracker.imports.cells import (
    EXCEL_DAY_ZERO,
    CellError,
    parse_day,
    parse_kind,
    parse_law,
    parse_method,
    parse_quantity,
    parse_tax,
    parse_text,
    parse_won,
    parse_word,
    parse_year,
)
from tracker.imports.columns import COLUMNS
from tracker.imports.layouts import recognise
from tracker.imports.models import ImportSubject
from tracker.imports.reading import Cell, Row
from tracker.imports.rows import RowReader

AMOUNTS = st.integers(-(10**15), 10**15)
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
ANY_CELL: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.text("0123456789０１２,.-–△▲()（）￦₩원만천 년월일/'", min_size=1, max_size=20),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
)


@pytest.mark.parametrize(
    "parse", [parse_won, parse_quantity, parse_day, parse_year, parse_method, parse_tax, parse_law]
)
@pytest.mark.parametrize("cell", [None, "", "-", " - ", "–", "－"])
def test_blank_cells_and_dashes_mean_nothing(parse, cell) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    assert parse(cell) is None


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (1000, 1000),
        (-1000, -1000),
        (Decimal("1000.0"), 1000),
        ("1,234,000원", 1_234_000),
        ("1234000", 1_234_000),
        ("1,234.00", 1234),
        ("+1,000", 1000),
        ("△1,000", -1000),
        ("△ 1,000", -1000),
        ("▲1,000", -1000),
        ("(1,000)", -1000),
        ("(1,000원)", -1000),
        ("（１，０００）", -1000),
        ("-1,000", -1000),
        ("－1,000", -1000),
        ("−1,000", -1000),
        ("１，２３４，０００ 원", 1_234_000),
        ("￦1,000", 1000),
        ("₩ 1,000", 1000),
        ("-₩1,000", -1000),
        ("₩-1,000", -1000),
        ("0", 0),
        (10**15, 10**15),
    ],
)
def test_amount_is_read_as_offices_write_it(cell: Cell, amount: int) -> None:
    assert parse_won(cell) == amount


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1_000", "amount_unreadable"),
        ("²", "amount_unreadable"),
        ("1²", "amount_unreadable"),
        ("١٢٣", "amount_unreadable"),
        ("NaN", "amount_unreadable"),
        ("Infinity", "amount_unreadable"),
        ("1e3", "amount_unreadable"),
        ("1,23", "amount_unreadable"),
        ("1,2345", "amount_unreadable"),
        ("10 20", "amount_unreadable"),
        ("(-1,000)", "amount_unreadable"),
        ("--1", "amount_unreadable"),
        ("천원", "amount_unreadable"),
        ("=1+1", "amount_unreadable"),
        ("#REF!", "amount_unreadable"),
        (date(2026, 1, 1), "amount_unreadable"),
        (Decimal("NaN"), "amount_unreadable"),
        (Decimal("0.5"), "amount_fraction"),
        ("1,000.5", "amount_fraction"),
        ("0." + "0" * 40 + "1", "amount_fraction"),
        (10**15 + 1, "amount_too_large"),
        ("-" + "9" * 400, "amount_too_large"),
    ],
)
def test_amount_that_is_not_certain_is_refused(cell: Cell, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_won(cell)

    assert caught.value.code == code


def test_stated_unit_multiplies_and_its_decimals_may_be_won() -> None:
    assert parse_won("△1,234", unit_factor=1000) == -1_234_000
    assert parse_won("1.5", unit_factor=1000) == 1500


def test_stated_unit_does_not_lift_the_limit() -> None:
    with pytest.raises(CellError) as caught:
        parse_won(10**13, unit_factor=1000)

    assert (caught.value.code, caught.value.parameters) == ("amount_too_large", {"limit": 10**15})


@given(AMOUNTS)
def test_every_way_to_write_an_amount_means_the_same(amount: int) -> None:
    size = f"{abs(amount):,}"
    written = (
        [f"△{size}", f"▲{size}원", f"({size})", f"-{size}", f"-￦{size}"] if amount < 0 else [f"￦{size}"]
    )

    cells: list[Cell] = [amount, Decimal(amount), str(amount), f"{amount:,}원", *written]

    assert {parse_won(cell) for cell in cells} == {amount}


@pytest.mark.long
@given(st.data(), st.sampled_from(ImportSubject))
def test_whatever_a_cell_holds_it_has_a_value_or_a_problem(
    data: st.DataObject, subject: ImportSubject
) -> None:
    headings = tuple(column.heading for column in COLUMNS[subject])
    recognised = recognise([Row(1, headings)], subject)
    assert recognised is not None
    width = len(headings)
    cells = data.draw(st.lists(ANY_CELL, min_size=width, max_size=width))

    parsed = RowReader(recognised, []).read(Row(2, tuple(cells)))

    faulty = {problem.column for problem in parsed.problems}
    for column, cell in zip(COLUMNS[subject], cells, strict=True):
        if cell is not None and column.field in recognised.header.columns:
            assert (column.field in parsed.values) != (column.heading in faulty)
    assert all(problem.message for problem in parsed.problems)


@given(DAYS)
def test_every_way_to_write_a_day_means_the_same(day: date) -> None:
    year, month, number = day.year, day.month, day.day
    written: list[Cell] = [
        day,
        f"{day:%Y-%m-%d}",
        f"{year}.{month}.{number}",
        f"{year}. {month}. {number}.",
        f"{day:%Y%m%d}",
        int(f"{day:%Y%m%d}"),
        f"{year}/{month}/{number}",
        f"{year}년 {month}월 {number}일",
        f"{day:%Y-%m-%d} 14:30:00",
    ]
    if year < 2090:
        written.append(f"{year % 100:02}.{month}.{number}")

    assert {parse_day(cell) for cell in written} == {day}


@given(st.integers(32_874, 73_415))
def test_excel_serial_is_the_day_that_excel_shows(serial: int) -> None:
    day = EXCEL_DAY_ZERO + timedelta(days=serial)

    assert {parse_day(serial), parse_day(str(serial)), parse_day(Decimal(serial) + Decimal("0.75"))} == {day}


def test_excel_serial_45000_is_15_march_2023() -> None:
    assert parse_day(45_000) == date(2023, 3, 15)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2023-02-29", "date_impossible"),
        ("2023.13.1", "date_impossible"),
        (20230230, "date_impossible"),
        ("1989-12-31", "date_out_of_range"),
        ("2101-01-01", "date_out_of_range"),
        (date(1900, 1, 1), "date_out_of_range"),
        (20_000, "date_out_of_range"),
        (80_000, "date_out_of_range"),
        ("2023-03", "date_unreadable"),
        ("230315", "date_unreadable"),
        ("2023-3.15", "date_unreadable"),
        ("15/03/2023", "date_unreadable"),
        ("상반기", "date_unreadable"),
        (19_999, "date_unreadable"),
        (-45_000, "date_unreadable"),
        (Decimal("NaN"), "date_unreadable"),
    ],
)
def test_day_that_is_not_certain_is_refused(cell: Cell, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_day(cell)

    assert caught.value.code == code


def test_leap_day_is_taken_in_leap_years() -> None:
    assert parse_day("２０２４．２．２９") == date(2024, 2, 29)


@pytest.mark.parametrize("cell", [2026, "2026", "2026년", "2026년도", "2026 회계연도", "２０２６"])
def test_year_is_read_as_offices_write_it(cell: Cell) -> None:
    assert parse_year(cell) == 2026


@pytest.mark.parametrize("cell", [26, "26년", 1989, 2101, "2026.1", date(2026, 1, 1), Decimal("2026.5")])
def test_year_that_is_not_certain_is_refused(cell: Cell) -> None:
    with pytest.raises(CellError) as caught:
        parse_year(cell)

    assert caught.value.code == "year_unreadable"


@pytest.mark.parametrize(
    ("cell", "quantity"),
    [(3, "3"), (Decimal("1.25"), "1.25"), ("1,000.5", "1000.5"), ("△2", "-2"), ("(2)", "-2")],
)
def test_quantity_may_have_decimals_and_a_sign(cell: Cell, quantity: str) -> None:
    assert parse_quantity(cell) == Decimal(quantity)


@pytest.mark.parametrize(("cell", "code"), [("3개", "quantity_unreadable"), (10**13, "quantity_too_large")])
def test_quantity_that_is_not_certain_is_refused(cell: Cell, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_quantity(cell)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("사무용품", "사무용품"),
        (1234, "1234"),
        (Decimal("1E+2"), "100"),
        (date(2026, 1, 2), "2026-01-02"),
        ("-", None),
    ],
)
def test_text_takes_whatever_the_cell_holds(cell: Cell, text: str | None) -> None:
    assert parse_text(cell, 10) == text


def test_text_above_its_length_is_refused() -> None:
    assert parse_text("가" * 10, 10) == "가" * 10
    with pytest.raises(CellError) as caught:
        parse_text("가" * 11, 10)

    assert (caught.value.code, caught.value.parameters) == ("text_too_long", {"limit": 10})


@pytest.mark.parametrize(
    "cell", ["900101-1234567", "대표 홍길동(900101 - 2234567)", "９００１０１－１２３４５６７"]
)
def test_resident_registration_number_is_refused(cell: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_text(cell, 100)

    assert caught.value.code == "resident_number"


@pytest.mark.parametrize("cell", ["123-45-67890", "900101-9234567", "2900101-1234567", "900101-12345678"])
def test_other_numbers_are_no_resident_registration_number(cell: str) -> None:
    assert parse_text(cell, 100) == cell


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("물품", Kind.GOODS),
        ("물품구매", Kind.GOODS),
        ("일반용역", Kind.SERVICES),
        ("기술용역", Kind.SERVICES),
        ("시설공사", Kind.WORKS),
        ("물품·용역", Kind.UNCLASSIFIED),
        ("기타", Kind.UNCLASSIFIED),
        (None, Kind.UNCLASSIFIED),
    ],
)
def test_kind_is_the_one_word_that_the_cell_contains(cell: Cell, kind: Kind) -> None:
    assert parse_kind(cell) == kind


@pytest.mark.parametrize(
    ("cell", "method"),
    [
        ("수의계약", ContractMethod.NEGOTIATED),
        ("수의(2인 이상 견적)", ContractMethod.NEGOTIATED),
        ("일반경쟁", ContractMethod.COMPETITIVE_BIDDING),
        ("제한 경쟁", ContractMethod.RESTRICTED_BIDDING),
        ("지명경쟁", ContractMethod.NOMINATED_BIDDING),
        ("제한경쟁(협상에 의한 계약)", ContractMethod.NEGOTIATION_AFTER_BIDDING),
        ("기타", ContractMethod.OTHER),
        ("다수공급자계약", ContractMethod.OTHER),
    ],
)
def test_contract_method_is_recognised(cell: Cell, method: ContractMethod) -> None:
    assert parse_method(cell) == method


@pytest.mark.parametrize(
    ("cell", "tax"),
    [
        ("포함", Tax.INCLUDED),
        ("과세 포함", Tax.INCLUDED),
        ("부가세 별도", Tax.EXCLUDED),
        ("VAT 미포함", Tax.EXCLUDED),
        ("면세", Tax.EXEMPT),
        ("영세율", Tax.ZERO_RATED),
        ("과세", Tax.UNKNOWN),
    ],
)
def test_tax_is_recognised(cell: Cell, tax: Tax) -> None:
    assert parse_tax(cell) == tax


@pytest.mark.parametrize(
    ("cell", "law"),
    [
        ("지방자치단체를 당사자로 하는 계약에 관한 법률", GoverningLaw.LOCAL),
        ("지방계약법", GoverningLaw.LOCAL),
        ("국가를 당사자로 하는 계약에 관한 법률", GoverningLaw.NATIONAL),
        ("기타", GoverningLaw.UNKNOWN),
    ],
)
def test_governing_law_is_recognised(cell: Cell, law: GoverningLaw) -> None:
    assert parse_law(cell) == law


def test_word_is_its_korean_term_or_a_synonym_it_contains() -> None:
    assert parse_word("위탁", Nature) == Nature.CONSIGNMENT
    assert parse_word("민간위탁금", Nature, {"위탁": Nature.CONSIGNMENT}) == Nature.CONSIGNMENT
    assert parse_word("-", Nature) is None
    with pytest.raises(CellError) as caught:
        parse_word("민간위탁금", Nature)

    assert caught.value.code == "word_unknown"


@needs_real_data
@pytest.mark.acceptance
def test_data_hub_export_adds_up_to_the_won() -> None:
    rows = read_rows(REAL_DATA / "procurement-hub-export.csv")
    column = {str(heading): index for index, heading in enumerate(rows[45].cells)}
    purchases = rows[46:]

    def total(heading: str, final_only: bool) -> int:
        chosen = [
            row for row in purchases if not final_only or row.at(column["최종계약(납품요구)여부"]) == "Y"
        ]
        return sum(parse_won(row.at(column[heading])) or 0 for row in chosen)

    assert total("공급금액", final_only=False) == 240_431_484_765
    assert total("공급금액", final_only=True) == 197_260_397_162
    assert total("공급증감금액", final_only=False) == 170_426_533_869
    assert total("공급증감금액", final_only=True) == 154_766_677_302
    days = [parse_day(row.at(column["계약(납품요구)일자"])) for row in purchases]
    assert (min(filter(None, days)), max(filter(None, days))) == (date(2026, 1, 2), date(2026, 7, 28))
    assert {parse_kind(row.at(column["업무구분"])) for row in purchases} == {Kind.GOODS}
    assert all(
        parse_text(cell, 1000) is not None or cell == "-" for row in purchases for cell in row.cells if cell
    )
