"""Delimited text in every encoding and with every delimiter that offices send."""

import codecs
from pathlib import Path

import pytest

from tests.imports.reading.files import REAL_DATA, needs_real_data, read_rows, refusal, write_bytes
from tracker.imports.reading import Row, SheetInfo, open_sheets, read_sheet
from tracker.imports.reading.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS

TABLE = '부서,계약명,금액\r\n총무과,"뷁, 간판","1,000"\r\n가로정비과,똠방각하,2000\r\n'
ROWS = [
    Row(1, ("부서", "계약명", "금액")),
    Row(2, ("총무과", "뷁, 간판", "1,000")),
    Row(3, ("가로정비과", "똠방각하", "2000")),
]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-8-sig"), "utf-8"),
        (TABLE.encode("cp949"), "cp949"),
        (codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"), "utf-16le"),
        (codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"), "utf-16be"),
        (TABLE.encode("utf-16-le"), "utf-16le"),
        (TABLE.encode("utf-16-be"), "utf-16be"),
    ],
    ids=[
        "utf-8",
        "utf-8 with mark",
        "cp949",
        "utf-16le",
        "utf-16be",
        "utf-16le unmarked",
        "utf-16be unmarked",
    ],
)
def test_every_encoding_is_recognised(tmp_path: Path, content: bytes, encoding: str) -> None:
    with read_sheet(write_bytes(tmp_path, content)) as sheet:
        assert sheet.encoding == encoding
        assert list(sheet.rows) == ROWS


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_delimiter_is_the_one_that_rows_agree_on(tmp_path: Path, delimiter: str) -> None:
    lines = ["조회 조건: 2026년, 전체; 물품", "", "", "부서|계약명|금액"]
    lines += [f'부서{n}|"계약 {n}, 1차; 2차"|"{n},000"' for n in range(1, 6)]
    path = write_bytes(tmp_path, "\n".join(lines).replace("|", delimiter).encode())

    assert read_rows(path)[4:6] == [
        Row(5, ("부서1", "계약 1, 1차; 2차", "1,000")),
        Row(6, ("부서2", "계약 2, 1차; 2차", "2,000")),
    ]


def test_text_has_one_sheet_without_a_name(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, TABLE.encode())

    assert open_sheets(path) == [SheetInfo("", is_hidden=False)]
    assert refusal(path, "구매").code == "no_such_sheet"


def test_line_breaks_inside_a_cell_do_not_count_as_rows(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, '부서,소재지\n총무과,"서울시\n강남구"\n\n감사과,"끝"'.encode())

    assert read_rows(path) == [
        Row(1, ("부서", "소재지")),
        Row(2, ("총무과", "서울시\n강남구")),
        Row(3, ()),
        Row(4, ("감사과", "끝")),
    ]


def test_numbers_in_text_keep_their_zeros(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, "번호,금액\n0012345678, \n".encode())

    assert read_rows(path)[1] == Row(2, ("0012345678",))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n  ,\n", "no_rows"),
        (TABLE.encode() + b"\xff\xfe\xff", "encoding_unknown"),
        (b"\xef\xbb\xbfab\xff", "encoding_unknown"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0", "not_a_spreadsheet"),
        (b"a,b\n" * 2000 + b"c,\0\n", "not_a_spreadsheet"),
        ("부서,총\ufffd과\n".encode(), "destroyed_text"),
        ("부서,占쏙옙과\n".encode(), "destroyed_text"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html_in_disguise"),
        (b"\r\n<!DOCTYPE html>\n", "html_in_disguise"),
        ("<meta charset=euc-kr><table>부서".encode("cp949"), "html_in_disguise"),
        (b'<?xml version="1.0"?><Workbook>', "html_in_disguise"),
        (b'a,b\n1,"never closed\n2,c\n', "quote_unclosed"),
    ],
)
def test_what_is_no_readable_table_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, code: str
) -> None:
    assert refusal(write_bytes(tmp_path, content, "file.xls")).code == code


def test_unclosed_quotation_mark_is_refused_at_its_row(tmp_path: Path) -> None:
    assert refusal(write_bytes(tmp_path, b'a,b\n1,2\n3,"4\n5,6\n')).parameters == {"row": 3}


def test_overlong_cell_is_refused_at_its_row(tmp_path: Path) -> None:
    longest = "x" * MAX_CELL_CHARACTERS
    good = write_bytes(tmp_path, f"a,b\n1,{longest}\n".encode())
    bad = write_bytes(tmp_path, f"a,b\n1,{longest}x\n".encode(), "bad.csv")

    assert read_rows(good)[1] == Row(2, ("1", longest))
    error = refusal(bad)
    assert (error.code, error.parameters) == ("cell_too_long", {"row": 2, "limit": MAX_CELL_CHARACTERS})


def test_too_many_columns_are_refused_but_trailing_delimiters_are_not_columns(tmp_path: Path) -> None:
    filled = write_bytes(tmp_path, b"a,b\n" + b"1," * MAX_COLUMNS + b"1\n")
    empty = write_bytes(tmp_path, b"a,b\n1" + b"," * 1000 + b"\n", "empty.csv")

    assert refusal(filled).parameters == {"row": 2, "limit": MAX_COLUMNS}
    assert read_rows(empty)[1] == Row(2, ("1",))


@pytest.mark.long
def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    assert refusal(write_bytes(tmp_path, b"a,b\n" * (MAX_ROWS + 1))).code == "too_many_rows"


@needs_real_data
@pytest.mark.acceptance
def test_data_hub_export_has_its_headings_in_row_46_and_2226_rows_below() -> None:
    with read_sheet(REAL_DATA / "procurement-hub-export.csv") as sheet:
        rows = list(sheet.rows)

    assert sheet.encoding == "utf-16le"
    assert (rows[45].number, rows[45].cells[:2], len(rows[45].cells)) == (46, ("조달방식", "업무구분"), 49)
    assert (rows[46].number, rows[46].at(4)) == (47, "20260102")
    assert len(rows) - 46 == 2226


@needs_real_data
@pytest.mark.acceptance
def test_same_real_list_is_the_same_in_cp949_and_utf_8() -> None:
    with read_sheet(REAL_DATA / "lists/seh_names_20230716_cp949.csv") as first:
        in_cp949 = list(first.rows)
    with read_sheet(REAL_DATA / "lists/seh_names_20230717a_utf8.csv") as second:
        in_utf_8 = list(second.rows)

    assert (first.encoding, second.encoding) == ("cp949", "utf-8")
    assert in_cp949 == in_utf_8
    assert len(in_cp949) == 3436


@needs_real_data
@pytest.mark.acceptance
@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("lists/gwangmyeong_171.csv", 172, 7),
        ("lists/village_enterprise_seoul_sample.csv", 40, 6),
        ("lists/self_support_enterprise_sample.csv", 43, 6),
        ("lists/sepp_directory_sample_certs.csv", 82, 11),
        ("purchases/한국중부발전(주)_중소기업 제품 구매 실적_20231231.csv", 9723, 5),
    ],
)
def test_real_lists_are_read_whole(name: str, rows: int, columns: int) -> None:
    found = read_rows(REAL_DATA / name)

    assert len(found) == rows
    assert max(len(row.cells) for row in found) == columns
