"""Workbooks of every kind, and those that must not be opened."""

import random
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.imports.reading.files import (
    read_rows,
    refusal,
    write_bytes,
    write_compound_file,
    write_ods,
    write_xls,
    write_xlsx,
)
from tracker.imports.reading import Row, SheetInfo, open_sheets, read_sheet
from tracker.imports.reading.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS, MAX_ZIP_ENTRIES

WORKBOOK_XML = "xl/workbook.xml"


def test_rows_and_columns_are_counted_from_the_sheets_first_even_where_that_is_empty(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"구매": {"C4": "부서", "D4": "금액", "D6": 1000}})

    assert read_rows(path) == [
        Row(1, ()),
        Row(2, ()),
        Row(3, ()),
        Row(4, (None, None, "부서", "금액")),
        Row(5, ()),
        Row(6, (None, None, None, 1000)),
    ]


def test_numbers_days_and_truth_arrive_as_plain_cells(tmp_path: Path) -> None:
    cells = {
        "A1": 1000.0,
        "B1": 1.5,
        "C1": 1_100_000 / 1.1,
        "D1": date(2023, 3, 15),
        "E1": datetime(2023, 3, 15, 14, 30),  # noqa: DTZ001 - Excel knows no zone
        "F1": True,
        "G1": -5,
    }
    path = write_xlsx(tmp_path / "a.xlsx", {"구매": cells})

    # The third is 999999.9999999999 in the file and 1000000 on Excel's screen.
    assert read_rows(path) == [
        Row(1, (1000, Decimal("1.5"), 1_000_000, date(2023, 3, 15), "2023-03-15 14:30:00", "TRUE", -5))
    ]


def test_text_is_cleaned_and_composed(tmp_path: Path) -> None:
    decomposed = "\u1112\u1161\u11ab"
    path = tmp_path / "a.xlsx"
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(
        [decomposed, "  \u3000부서 ", "서울시\r\n강남구", "a\u200bb\u202e", " ", "끝"]
    )
    workbook.save(path)

    assert read_rows(path) == [Row(1, ("한", "부서", "서울시\n강남구", "ab", None, "끝"))]


def test_xls_of_excel_97_is_read(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", "구매", {(1, 0): "부서", (1, 1): "금액", (2, 1): 1000.0})

    assert open_sheets(path) == [SheetInfo("구매", is_hidden=False)]
    assert read_rows(path) == [Row(1, ()), Row(2, ("부서", "금액")), Row(3, (None, 1000))]


def test_ods_is_read(tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "a.ods",
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        "<table:table-row>"
        '<table:table-cell office:value-type="string"><text:p>부서</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="1000"><text:p/></table:table-cell>'
        "</table:table-row>",
    )

    assert read_rows(path) == [Row(1, ()), Row(2, ()), Row(3, ("부서", 1000))]


def test_first_sheet_with_cells_is_read_and_hidden_ones_come_last(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {"코드": {"A1": "숨은 목록"}, "표지": {}, "구매": {"A1": "부서"}},
        hidden=["코드"],
    )

    assert open_sheets(path) == [
        SheetInfo("코드", is_hidden=True),
        SheetInfo("표지", is_hidden=False),
        SheetInfo("구매", is_hidden=False),
    ]
    with read_sheet(path) as sheet:
        assert (sheet.name, sheet.encoding) == ("구매", None)
    assert read_rows(path, "코드") == [Row(1, ("숨은 목록",))]


def test_unknown_sheet_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "부서"}})

    error = refusal(path, "지출")

    assert (error.code, error.parameters) == ("no_such_sheet", {"sheet": "지출"})


@pytest.mark.parametrize("cells", [{}, {"B2": "  "}])
def test_sheet_without_a_filled_cell_is_refused(tmp_path: Path, cells: dict[str, str]) -> None:
    assert refusal(write_xlsx(tmp_path / "a.xlsx", {"구매": cells})).code == "no_rows"


def test_chart_sheet_is_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = openpyxl.Workbook()
    workbook.create_chartsheet("그림", 0).add_chart(openpyxl.chart.BarChart())
    workbook.worksheets[0].append(["부서"])
    workbook.save(path)

    assert [sheet.name for sheet in open_sheets(path)] == ["Sheet"]


def test_destroyed_text_is_refused_at_its_cell(tmp_path: Path) -> None:
    error = refusal(write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "부서", "B3": "총\ufffd과"}}))

    assert (error.code, error.parameters) == ("destroyed_text", {"row": 3, "column": 2})


@pytest.mark.long
def test_two_far_cells_end_the_reading_process_but_not_us(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "a", "XFD1048576": 1}})

    assert refusal(path).code == "out_of_memory"


def test_sheet_with_too_many_rows_is_refused(tmp_path: Path) -> None:
    error = refusal(write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "a", f"A{MAX_ROWS + 1}": 1}}))

    assert (error.code, error.parameters) == ("too_many_rows", {"limit": MAX_ROWS})


def test_sheet_with_too_many_columns_is_refused(tmp_path: Path) -> None:
    error = refusal(write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "a", "KO1": 1}}))  # KO is the 301st

    assert (error.code, error.parameters) == ("too_many_columns", {"limit": MAX_COLUMNS})


def test_last_allowed_column_is_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"구매": {"KN1": 1}})

    assert len(read_rows(path)[0].cells) == MAX_COLUMNS


def test_part_that_unpacks_enormously_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(WORKBOOK_XML, b"0" * 50_000_000)

    assert refusal(path).code == "zip_bomb"


def test_archive_of_too_many_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_ZIP_ENTRIES + 1):
            archive.writestr(str(number), b"")

    assert refusal(path).code == "zip_bomb"


def test_archive_of_other_things_is_refused(tmp_path: Path) -> None:
    workbook = write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "부서"}})
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(workbook, "a.xlsx")

    assert refusal(path).code == "not_a_spreadsheet"


def test_archive_with_an_encrypted_part_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WORKBOOK_XML, b"x")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag "encrypted" in the table of contents
    path.write_bytes(content)

    assert refusal(path).code == "password_protected"


def test_password_protected_workbook_is_named_as_such(tmp_path: Path) -> None:
    assert refusal(write_compound_file(tmp_path / "a.xlsx", "EncryptedPackage")).code == "password_protected"


def test_password_protected_ods_is_named_as_such(tmp_path: Path) -> None:
    entry = '<manifest:file-entry manifest:full-path="content.xml">'
    locked = f"{entry}<manifest:encryption-data/></manifest:file-entry>"

    assert refusal(write_ods(tmp_path / "a.ods", "", locked)).code == "password_protected"


def test_compound_file_of_another_program_is_refused(tmp_path: Path) -> None:
    assert refusal(write_compound_file(tmp_path / "a.hwp", "FileHeader")).code == "not_a_spreadsheet"


def test_truncated_workbook_is_refused(tmp_path: Path) -> None:
    content = write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "부서"}}).read_bytes()

    assert refusal(write_bytes(tmp_path, content[: len(content) // 2])).code == "corrupt"


def test_old_workbook_over_which_its_reader_trips_is_called_damaged(tmp_path: Path) -> None:
    content = write_xls(tmp_path / "a.xls", "구매", {(0, 0): "부서"}).read_bytes()

    assert refusal(write_bytes(tmp_path, content[:1168])).code == "corrupt"


def test_cell_longer_than_any_of_excel_is_refused(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", _ods_row("부서") + _ods_row("가" * (MAX_CELL_CHARACTERS + 1)))

    error = refusal(path)

    assert (error.code, error.parameters) == (
        "cell_too_long",
        {"row": 2, "limit": MAX_CELL_CHARACTERS},
    )


def _ods_row(text: str) -> str:
    cell = f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    return f"<table:table-row>{cell}</table:table-row>"


def test_numbers_that_are_none_are_text(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "a.xls", "구매", {(0, 0): float("nan"), (0, 1): float("inf"), (0, 2): 1e300})

    [row] = read_rows(path)

    assert row.cells[:2] == ("nan", "inf")
    assert row.cells[2] == 10**300


def test_workbook_with_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "부서"}})
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            target.writestr(part, content[:300] if "sheet1" in part else content)

    assert refusal(path).code in {"corrupt", "no_rows"}


def test_workbook_without_its_list_of_sheets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(WORKBOOK_XML, b"<broken")

    assert refusal(path).code == "corrupt"


@pytest.mark.long
def test_damaged_workbooks_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(20260101)
    sources = [
        write_xlsx(tmp_path / "a.xlsx", {"구매": {"A1": "부서", "B2": 1000}}).read_bytes(),
        write_xls(tmp_path / "a.xls", "구매", {(0, 0): "부서", (1, 1): 1000.0}).read_bytes(),
    ]
    codes = set()
    for number in range(24):
        content = bytearray(sources[number % 2])
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(8, len(content))] = chance.randrange(256)
        path = write_bytes(tmp_path, bytes(content))
        try:
            read_rows(path)
        except ValueError as error:
            codes.add(str(error))

    assert codes <= {
        "corrupt", "crashed", "no_rows", "not_a_spreadsheet", "out_of_memory", "password_protected",
        "too_many_columns", "too_many_rows", "destroyed_text", "timeout", "zip_bomb",
    }  # fmt: skip


def test_ods_with_a_damaged_list_of_parts_is_corrupt(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", "")
    content = path.read_bytes()

    assert refusal(write_bytes(tmp_path, content.replace(b"<manifest:", b"<manifesto", 1))).code == "corrupt"
