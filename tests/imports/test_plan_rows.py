"""The yearly plan from a file: lines that stand already are left out, faults keep their rows out."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.factories import BY, make_department
from tests.imports.files import adds_up, codes_of, write_text
from tracker.core.vocabulary import Kind
from tracker.imports.commands import import_group, template
from tracker.imports.integrity import check_batches
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.results import ImportResult
from tracker.imports.services import preview, take_in, undo_batch
from tracker.targets.queries import list_plan
from tracker.targets.services import PlanDraft, change_plan_line

HEADINGS = ("부서", "회계연도", "제도", "품목", "구분", "수량", "단위", "구매시기", "금액", "비고")
USUAL = ["총무과", "2026", "사회적기업", "복사용지", "물품", "50", "상자", "3월", "1,200,000", "급함"]


@pytest.fixture
def office(any_app: Flask) -> int:  # noqa: ARG001
    """Return the department of the usual row."""
    return make_department("총무과")


def take(
    folder: Path, *rows: list[str], headings: tuple[str, ...] = HEADINGS, **options: object
) -> ImportResult:
    path = write_text(folder / f"{len(list(folder.iterdir()))}.csv", [headings, *rows])
    return take_in(path, ImportSubject.PLAN, ImportOptions(**options), BY)  # type: ignore[arg-type]


def test_rows_become_lines_of_the_plan(office: int, tmp_path: Path) -> None:
    result = take(
        tmp_path, USUAL, ["총무과", "2026년", "women", "청소", "일반용역", "", "", "", "300000", ""]
    )

    assert (result.imported, result.amount, codes_of(result)) == (2, 1_500_000, [])
    assert [(row.department_id, *row[4:12]) for row in list_plan(2026)] == [
        (office, "social_enterprise", "복사용지", Kind.GOODS, Decimal(50), "상자", 3, 1_200_000, "급함"),
        (office, "women", "청소", Kind.SERVICES, None, "", None, 300_000, ""),
    ]
    assert list(check_batches()) == []


@pytest.mark.usefixtures("office")
def test_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    take(tmp_path, USUAL)
    again = take(tmp_path, USUAL)
    twice = take(tmp_path, USUAL, USUAL, [*USUAL[:3], "화장지", *USUAL[4:]])

    assert (again.imported, again.already_imported, again.skipped) == (0, True, {"duplicate": 1})
    assert (twice.imported, twice.skipped, codes_of(twice)) == (2, {"duplicate": 1}, [])
    assert len(list_plan(2026)) == 3


@pytest.mark.usefixtures("office")
def test_likely_repeats_within_a_file_go_in_with_a_warning(tmp_path: Path) -> None:
    result = take(tmp_path, USUAL, USUAL)

    assert (result.imported, codes_of(result)) == (2, ["duplicate_likely"])


@pytest.mark.usefixtures("office")
def test_faulty_rows_keep_the_file_out(tmp_path: Path) -> None:
    rows = [
        ["", *USUAL[1:]],
        ["없는과", *USUAL[1:]],
        ["총무과", "", *USUAL[2:]],
        [*USUAL[:2], "장애인", *USUAL[3:]],
        [*USUAL[:2], "", *USUAL[3:]],
        [*USUAL[:3], "", *USUAL[4:]],
        [*USUAL[:8], "-", ""],
        [*USUAL[:4], "기타", "많이", "상자", "13월", "5", ""],
    ]
    result = take(tmp_path, *rows)

    assert codes_of(result) == [
        "cell_missing",
        "department_unknown",
        "cell_missing",
        "scheme_unknown",
        "cell_missing",
        "cell_missing",
        "cell_missing",
        "cell_ignored",
        "cell_ignored",
        "kind_unknown",
    ]
    assert (result.rejected, result.skipped) == (7, {"not_committed": 1})
    assert adds_up(result)
    assert "중증장애인생산품 우선구매" in result.problems[3].message
    assert list_plan(2026) == []


def test_options_stand_in_for_what_a_file_leaves_out(office: int, tmp_path: Path) -> None:
    result = take(
        tmp_path,
        ["자활기업", "세탁", "9"],
        headings=("우선구매제도", "품목", "계획금액"),
        department="총무과",
        year=2027,
    )

    assert result.imported == 1
    assert [(row.department_id, row.scheme, row.kind) for row in list_plan(2027)] == [
        (office, "self_support", Kind.UNCLASSIFIED)
    ]


@pytest.mark.usefixtures("office")
def test_new_departments_are_made_when_asked_for(tmp_path: Path) -> None:
    path = write_text(tmp_path / "plan.csv", [HEADINGS, ["새로운과", *USUAL[1:]]])
    options = ImportOptions(create_missing=True)
    would, did = (act(path, ImportSubject.PLAN, options, BY) for act in (preview, take_in))

    assert (would.new_departments, did.imported) == (1, 1)
    assert [row.department for row in list_plan(2026)] == ["새로운과"]


def test_taking_back_leaves_what_somebody_changed_since(office: int, tmp_path: Path) -> None:
    result = take(tmp_path, USUAL, [*USUAL[:3], "화장지", *USUAL[4:]])
    assert result.batch
    changed = next(row for row in list_plan(2026) if row.item == "화장지")
    draft = PlanDraft(
        fiscal_year=2026,
        department_id=office,
        scheme="women",
        item="휴지",
        kind=Kind.GOODS,
        amount=5,
    )
    change_plan_line(changed.id, draft, changed.version, BY)

    assert undo_batch(result.batch, "잘못 올림", BY).withdrawn_figures == 1
    assert [row.item for row in list_plan(2026)] == ["휴지"]
    assert list(check_batches()) == []
    assert take(tmp_path, USUAL).imported == 1


def test_the_command_takes_the_entry_sheet_and_a_plan(office: int, tmp_path: Path) -> None:
    assert office
    sheet = tmp_path / "plan.xlsx"
    written = CliRunner().invoke(template, ["plan", str(sheet)])
    path = write_text(tmp_path / "plan.csv", [HEADINGS, USUAL])
    told = CliRunner().invoke(import_group, ["plan", str(path), "--json"])

    assert written.exit_code == 0
    assert sheet.exists()
    assert told.exit_code == 0
    assert json.loads(told.stdout)["imported"] == 1
