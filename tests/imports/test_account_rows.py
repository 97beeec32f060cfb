"""A list of people: which accounts it would add, and what is wrong at which cell."""

from pathlib import Path

import pytest

from tests.client import make_user
from tests.factories import make_department
from tracker.accounts.services import AccountDraft
from tracker.core.vocabulary import Role
from tracker.imports.account_rows import (
    MAX_LINES,
    PEOPLE,
    AccountLine,
    PlannedAccount,
    plan_accounts,
)
from tracker.imports.reading import UnreadableFile
from tracker.imports.short_lists import UnusableList

pytestmark = pytest.mark.usefixtures("app")


def planned(*cells: str | None) -> list[tuple[str | None, str]]:
    """Return what is wrong with one line: (column, code)."""
    return [(each.column, each.code) for each in plan_accounts([AccountLine(2, *cells)]).problems]


def test_columns_may_stand_in_any_order_below_a_title(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "2026년 담당자\n\n소속부서,성명,권한,ID\n총무과,김민지,,Kim.MinJi\n\n,박지호,감사,park.jiho\n"
    )
    office = make_department("총무과")
    plan = plan_accounts(PEOPLE.read(file))

    assert plan.problems == []
    assert plan.accounts == [
        PlannedAccount(4, AccountDraft("kim.minji", "김민지", Role.CLERK, office), "총무과"),
        PlannedAccount(6, AccountDraft("park.jiho", "박지호", Role.AUDITOR, None), None),
    ]


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("부서 담당자", Role.CLERK),
        ("담당", Role.CLERK),
        ("사회적경제팀", Role.STAFF),
        ("감사", Role.AUDITOR),
        ("시스템 관리자", Role.ADMIN),
        ("ADMIN", Role.ADMIN),
        ("staff", Role.STAFF),
        (None, Role.CLERK),
    ],
)
def test_roles_are_read_as_offices_write_them(word: str | None, role: Role) -> None:
    make_department("총무과")
    plan = plan_accounts([AccountLine(2, "kim.minji", "김민지", word, "총무과")])

    assert [each.draft.role for each in plan.accounts] == [role]


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        ((None, None, "감사", None), [("아이디", "cell_missing"), ("이름", "cell_missing")]),
        (("kim minji", "김민지", "감사", None), [("아이디", "login_unusable")]),
        (("THE.one", "김민지", "감사", None), [("아이디", "login_taken")]),
        (("kim.minji", "김민지", "왕", None), [("역할", "word_unknown")]),
        (("kim.minji", "김민지", None, None), [("부서", "department_needed")]),
        (("kim.minji", "김민지", None, "총무"), [("부서", "department_unknown")]),
        (("kim.minji", "김민지", None, "복지과"), [("부서", "department_ambiguous")]),
        (("kim.minji", "880101-1234567", "감사", None), [("이름", "resident_number")]),
        (("kim.minji", "가" * 61, "감사", None), [("이름", "text_too_long")]),
    ],
)
def test_each_fault_is_told_at_its_cell(cells: tuple[str | None, ...], faults: list[tuple[str, str]]) -> None:
    make_department("총무과")
    for district in ("동구", "서구"):
        make_department("복지과", parent_id=make_department(district))
    make_user("the.one")

    assert planned(*cells) == faults


def test_a_resident_number_is_not_repeated_to_the_reader() -> None:
    plan = plan_accounts([AccountLine(2, "kim.minji", "880101-1234567", "감사", None)])

    assert [each.value for each in plan.problems] == [None]


def test_a_login_stands_once_in_a_list() -> None:
    plan = plan_accounts(
        [AccountLine(2, "a.b", "가", "감사", None), AccountLine(3, "A.B", "나", "감사", None)]
    )

    assert [(each.row, each.code) for each in plan.problems] == [(3, "login_repeated")]


def test_a_list_that_is_too_long_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("아이디,이름\n" + "\n".join(f"a{number},가" for number in range(MAX_LINES + 1)))

    with pytest.raises(UnreadableFile):
        PEOPLE.read(file)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a,b\n1,2\n", "header_not_found"),
        ("이름,부서\n가,나\n", "column_missing"),
        ("아이디,이름\n", "no_rows"),
    ],
)
def test_a_file_without_a_list_is_refused(tmp_path: Path, content: str, code: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(content)

    with pytest.raises(UnusableList) as refused:
        PEOPLE.read(file)
    assert refused.value.problem.code == code
