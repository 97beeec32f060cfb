"""A list of departments: which lines would be added where, and every fault at its row and column."""

from datetime import date
from pathlib import Path

import pytest

from tests.factories import BY, make_department, make_institution
from tests.imports.reading.files import write_xlsx
from tracker.core.vocabulary import Affiliation
from tracker.departments.queries import DepartmentNotFound
from tracker.departments.services import close_department
from tracker.imports.department_rows import (
    DEPARTMENTS,
    MAX_LINES,
    DepartmentPlan,
    ListLine,
    plan_departments,
)
from tracker.imports.reading import UnreadableFile
from tracker.imports.short_lists import UnusableList

pytestmark = pytest.mark.usefixtures("app")


def plan(*lines: tuple[str | None, ...]) -> DepartmentPlan:
    """Return the plan of lines (name, code, parent, affiliation) in rows 2, 3 …"""
    make_institution()
    return plan_departments(
        [ListLine(row, *values, *(None,) * (4 - len(values))) for row, values in enumerate(lines, start=2)]
    )


def faults(found: DepartmentPlan) -> list[tuple[int | None, str | None, str]]:
    """Return where something is wrong, and what."""
    return [(problem.row, problem.column, problem.code) for problem in found.problems]


def test_a_workbook_is_read_below_its_preamble(tmp_path: Path) -> None:
    cells: dict[str, object] = {"A1": "2026년 조직", "A3": "부서명", "B3": "부서 코드", "C3": "상위부서"}
    cells |= {"A4": "경제국", "B4": 3100, "A6": "일자리과", "C6": "경제국"}
    path = write_xlsx(tmp_path / "list.xlsx", {"조직": cells})

    assert DEPARTMENTS.read(path) == [
        ListLine(4, "경제국", "3100", None, None),
        ListLine(6, "일자리과", None, "경제국", None),
    ]


def test_a_text_file_is_read_in_the_encoding_of_offices(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("부서명,소속\n시설공단,출자·출연기관\n".encode("cp949"))

    assert DEPARTMENTS.read(path) == [ListLine(2, "시설공단", None, None, "출자·출연기관")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("가,나\n다,라\n", "header_not_found"),
        ("코드,상위부서\n1,총무과\n", "column_missing"),
        ("부서명,코드\n", "no_rows"),
    ],
)
def test_a_file_without_a_list_is_refused_with_its_reason(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(UnusableList) as raised:
        DEPARTMENTS.read(path)

    assert raised.value.problem.code == code


def test_a_list_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("부서명,코드\n" + "가,\n" * (MAX_LINES + 1), encoding="utf-8")

    with pytest.raises(UnreadableFile) as raised:
        DEPARTMENTS.read(path)

    assert raised.value.code == "too_many_rows"


def test_parents_may_stand_below_their_departments() -> None:
    found = plan(("서무팀", None, "총무과"), ("총무과", "3001", "행정국"), ("행정국",))

    assert not found.is_refused
    assert [(each.line.row, each.path) for each in found.lines] == [
        (2, "행정국/총무과/서무팀"),
        (3, "행정국/총무과"),
        (4, "행정국"),
    ]
    assert [(draft.name, draft.parent_id) for draft in found.drafts] == [
        ("행정국", make_institution()),
        ("총무과", -1),
        ("서무팀", -2),
    ]


def test_a_parent_is_found_among_registered_departments_by_name_code_or_path() -> None:
    bureau = make_department("경제국", code="3100")
    office = make_department("일자리과", parent_id=bureau)

    found = plan(("가팀", None, "3100"), ("나팀", None, "경제국/일자리과"), ("다팀", None, "경제국"))

    assert [draft.parent_id for draft in found.drafts] == [bureau, office, bureau]


def test_affiliations_are_read_as_offices_write_them() -> None:
    found = plan(
        ("가", None, None, "출연기관"), ("나", None, None, "본청"), ("다", None, None, "지방공단"), ("라",)
    )

    assert [draft.affiliation for draft in found.drafts] == [
        Affiliation.AFFILIATED,
        Affiliation.OWN,
        Affiliation.AFFILIATED,
        Affiliation.OWN,
    ]


def test_departments_that_are_there_stay_as_they_are() -> None:
    make_department("총무과", code="3001")
    closed = make_department("옛 과")
    close_department(closed, date(2024, 12, 31), BY)

    found = plan(("총무과", "9999"), ("옛 과",))

    assert faults(found) == [(2, "부서명", "department_known")]
    assert not found.is_refused
    assert [draft.name for draft in found.drafts] == ["옛 과"]
    assert [each.is_new for each in found.lines] == [False, True]


def test_every_fault_stands_at_its_row_and_column() -> None:
    make_department("총무과", code="3001")
    first, second = make_department("동부"), make_department("서부")
    make_department("민원팀", parent_id=first)
    make_department("민원팀", parent_id=second)

    found = plan(
        (None, "1"),
        ("새 과", "3001"),
        ("가" * 101,),
        ("나", None, "없는 국"),
        ("다", None, "민원팀"),
        ("라", None, None, "모르는 말"),
        ("마",),
        ("마",),
        ("바", "900101-1234567"),
    )

    assert found.is_refused
    assert faults(found) == [
        (2, "부서명", "cell_missing"),
        (3, "코드", "code_taken"),
        (4, "부서명", "text_too_long"),
        (5, "상위부서", "department_unknown"),
        (6, "상위부서", "department_ambiguous"),
        (7, "소속", "word_unknown"),
        (9, "부서명", "department_repeated"),
        (10, "코드", "resident_number"),
    ]
    assert found.problems[-1].value is None
    assert all(problem.message for problem in found.problems)


def test_departments_that_name_each_other_as_parents_are_refused() -> None:
    assert faults(plan(("가", None, "나"), ("나", None, "가"))) == [
        (2, "상위부서", "department_unknown"),
        (3, "상위부서", "department_unknown"),
    ]


def test_a_code_that_the_list_gives_twice_is_refused() -> None:
    assert faults(plan(("가", "1"), ("나", "1"))) == [(3, "코드", "code_taken")]


def test_a_list_needs_the_institution() -> None:
    with pytest.raises(DepartmentNotFound):
        plan_departments([ListLine(2, "가", None, None, None)])
