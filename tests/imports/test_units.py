"""The unit of amounts: stated above the headings, in one, or in a row of units below them; never two."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.factories import BY
from tests.imports.files import (
    HEADINGS,
    Cells,
    adds_up,
    codes_of,
    import_purchases,
    preview_purchases,
    purchase_row,
    write_text,
)
from tracker.imports.faulty_rows import write_faulty_rows
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.previews import begin_preview, keep_result
from tracker.imports.reading.headers import HEADER_WITHIN
from tracker.imports.services import preview
from tracker.imports.uploads import keep_upload

pytestmark = pytest.mark.usefixtures("office")


def file_of(folder: Path, *rows: Cells) -> Path:
    return write_text(folder / "구매.csv", rows)


def units(amount: object, *others: object) -> list[object]:
    """Return a row of units: the amount's, and those of the first columns."""
    return [*others, *[""] * (len(HEADINGS) - 1 - len(others)), amount]


@pytest.mark.parametrize(
    ("row", "won"),
    [
        (units("(원)"), 5),
        (units("원"), 5),
        (units("천원", "-", "", "–"), 5_000),
        (units("( 천 원 )"), 5_000),
        (units("(단위: 백만원)"), 5_000_000),
        (units("-", "(개)", "", "(건)"), 5),
        (["(단위: 천원)"], 5_000),
        (units("[백만원]", "(개)", "", "", "", "", "(YYYY-MM-DD)"), 5_000_000),
    ],
)
def test_a_row_of_units_below_the_headings_tells_that_of_the_amounts(
    tmp_path: Path, row: Cells, won: int
) -> None:
    path = file_of(tmp_path, ["구매 실적"], HEADINGS, [], row, purchase_row(금액=5), purchase_row(금액="칠"))

    result = preview_purchases(path, accept_valid=True)

    assert (result.imported, result.rejected, result.amount) == (1, 1, won)
    assert (result.skipped, adds_up(result)) == ({"blank": 1, "header": 1}, True)
    assert [each.row for each in result.problems if each.code == "amount_unreadable"] == [6]


def test_the_units_stand_again_below_repeated_headings_but_not_as_others(tmp_path: Path) -> None:
    lines = [HEADINGS, units("(천원)"), purchase_row(금액=5), HEADINGS]

    again = preview_purchases(file_of(tmp_path, *lines, units("천원"), purchase_row(금액=7)))
    other = preview_purchases(file_of(tmp_path, *lines, units("(원)"), purchase_row(금액=7)))
    headed = preview_purchases(file_of(tmp_path, *lines, [*HEADINGS[:-1], "금액(원)"], purchase_row(금액=7)))

    assert (again.amount, again.skipped, adds_up(again)) == (12_000, {"header": 3}, True)
    for result in (other, headed):
        assert (result.is_refused, result.rejected, adds_up(result)) == (True, 1, True)
        assert [each.row for each in result.problems if each.code == "amount_unreadable"] == [5]


@pytest.mark.parametrize(
    ("rows", "rows_told", "units_told"),
    [
        ([["(단위: 천원)"], HEADINGS, units("(원)")], (1, 3), ("천원", "원")),
        ([[*HEADINGS[:-1], "금액(천원)"], units("백만원")], (1, 2), ("천원", "백만원")),
        ([["(단위: 천원)"], [*HEADINGS[:-1], "금액(원)"]], (1, 2), ("천원", "원")),
        ([[*HEADINGS[:-1], "금액(천원)"], ["(단위: 원)"]], (1, 2), ("천원", "원")),
    ],
)
def test_two_units_of_the_amounts_refuse_the_file_and_are_both_named(
    tmp_path: Path, rows: Sequence[Cells], rows_told: tuple[int, int], units_told: tuple[str, str]
) -> None:
    result = import_purchases(file_of(tmp_path, *rows, purchase_row(금액=5)), accept_valid=True)

    assert (result.is_refused, result.imported, adds_up(result)) == (True, 0, True)
    assert codes_of(result) == ["unit_contradicts"]
    [problem] = result.problems
    assert problem.row == rows_told[1]
    assert all(f"{row}행" in problem.message for row in rows_told)
    assert all(unit in problem.message for unit in units_told)


def test_statements_that_agree_and_units_of_other_columns_are_no_contradiction(tmp_path: Path) -> None:
    headings = [*HEADINGS[:-1], "단가", "금액(천원)"]
    row = [*purchase_row()[:-1], "200", "5"]

    result = preview_purchases(file_of(tmp_path, ["(단위: 천원)"], headings, [*[""] * 7, "원", "천원"], row))

    assert (result.imported, result.amount, result.skipped) == (1, 5_000, {"header": 1})


def test_units_are_found_below_the_last_row_that_can_hold_headings(tmp_path: Path) -> None:
    above = [[f"안내 {number}"] for number in range(HEADER_WITHIN - 1)]

    result = preview_purchases(file_of(tmp_path, *above, HEADINGS, units("(천원)"), purchase_row(금액=5)))

    assert (result.header_row, result.amount) == (HEADER_WITHIN, 5_000)


def test_the_faulty_rows_come_back_below_their_units(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEADINGS, units("(천원)"), purchase_row(금액=5), purchase_row(금액="칠"))
    subject, options = ImportSubject.PURCHASES, ImportOptions(accept_valid=True)
    sha256 = keep_upload(BytesIO(path.read_bytes()), BY.at)
    begun = begin_preview(sha256, "구매.csv", subject, options, BY, is_long=False)
    told = keep_result(begun, preview(path, subject, options, BY), BY)

    file = BytesIO()
    write_faulty_rows(file, told, BY.at)

    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert [sheet.cell(row, len(HEADINGS)).value for row in (1, 2, 3)] == ["금액", "(천원)", "칠"]
    assert sheet.max_row == 3
