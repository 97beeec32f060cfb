"""Total spending from a file: rows of one place add up, figures replace each other."""

from pathlib import Path

import pytest
from flask import Flask

from tests.factories import BY, make_department
from tests.imports.files import codes_of, write_text
from tracker.core.vocabulary import Kind
from tracker.imports.integrity import check_batches
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import ImportResult
from tracker.imports.services import preview, take_in, undo_batch
from tracker.spending.queries import spending_by_kind

HEADINGS = ("부서", "회계연도", "구분", "통계목", "총구매액")
USUAL = ["총무과", "2026", "물품", "201-01", "1,000"]


@pytest.fixture
def office(any_app: Flask) -> int:  # noqa: ARG001
    """Return the department of the usual row."""
    return make_department("총무과")


def take(
    folder: Path, *rows: list[str], headings: tuple[str, ...] = HEADINGS, **options: object
) -> ImportResult:
    path = write_text(folder / f"{len(list(folder.iterdir()))}.csv", [headings, *rows])
    return take_in(path, ImportSubject.SPENDING, ImportOptions(**options), BY)  # type: ignore[arg-type]


def test_rows_of_one_place_add_up(office: int, tmp_path: Path) -> None:
    other_kind = ["총무과", "2026년", "일반용역", "", "70"]

    result = take(tmp_path, USUAL, [*USUAL[:4], "500"], other_kind)

    assert (result.imported, result.amount, codes_of(result)) == (3, 1_570, [])
    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 1_500, Kind.SERVICES: 70}
    assert list(check_batches()) == []


def test_an_equal_figure_changes_nothing(office: int, tmp_path: Path) -> None:
    take(tmp_path, USUAL)

    result = take(tmp_path, [*USUAL[:4], "400"], [*USUAL[:4], "600"])

    assert (result.imported, result.skipped, result.batch) == (0, {"duplicate": 2}, None)
    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 1_000}


def test_another_figure_replaces_the_one_before_until_it_is_taken_back(office: int, tmp_path: Path) -> None:
    take(tmp_path, USUAL)

    result = take(tmp_path, [*USUAL[:4], "900"])
    assert codes_of(result) == ["figure_replaced"]
    assert "1,000" in result.problems[0].message
    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 900}

    assert result.batch
    assert undo_batch(result.batch, "확정 전 자료", BY).withdrawn_figures == 1
    assert spending_by_kind(2026, [office]) == {Kind.GOODS: 1_000}
    assert list(check_batches()) == []


def test_taking_back_leaves_nothing_where_nothing_stood(office: int, tmp_path: Path) -> None:
    batch = take(tmp_path, USUAL).batch
    assert batch

    undo_batch(batch, "잘못 올림", BY)

    assert spending_by_kind(2026, [office]) == {}
    assert take(tmp_path, USUAL).imported == 1


def test_options_stand_in_for_what_a_file_leaves_out(office: int, tmp_path: Path) -> None:
    result = take(tmp_path, ["9"], headings=("총구매액", "구분")[:1], department="총무과", year=2025)
    named = take(tmp_path, ["9", "공사"], headings=("총구매액", "구분"), department="총무과", year=2025)

    assert codes_of(result) == ["header_not_found"]
    assert (named.imported, spending_by_kind(2025, [office])) == (1, {Kind.WORKS: 9})


@pytest.mark.usefixtures("office")
def test_rows_that_name_no_place_are_refused(tmp_path: Path) -> None:
    result = take(
        tmp_path,
        ["", "2026", "물품", "", "1"],
        ["없는과", "2026", "물품", "", "1"],
        ["총무과", "", "물품", "", "1"],
        ["총무과", "26", "물품", "", "1"],
        ["총무과", "2026", "기타", "", "1"],
        ["총무과", "2026", "물품", "", "-"],
    )

    assert codes_of(result) == [
        "cell_missing",
        "department_unknown",
        "cell_missing",
        "year_unreadable",
        "kind_unknown",
        "cell_missing",
    ]
    assert (result.rejected, result.skipped) == (5, {"not_committed": 1})


@pytest.mark.usefixtures("office")
def test_missing_departments_are_made_when_asked_for_and_likely_repeats_warned_of(tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "spending.csv", [HEADINGS, ["새로운과", *USUAL[1:]], ["새로운과", *USUAL[1:]]]
    )
    options = ImportOptions(create_missing=True)

    would = preview(path, ImportSubject.SPENDING, options, BY)
    did = take_in(path, ImportSubject.SPENDING, options, BY)

    assert (would.imported, would.new_departments, codes_of(would)) == (2, 1, ["duplicate_likely"])
    assert (did.imported, did.amount) == (2, 2_000)
