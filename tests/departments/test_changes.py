"""Departments are changed, closed and reorganised one after another, and what was wrong is taken back."""

import threading
from datetime import date

import pytest
from flask import Flask

from tests.factories import BY, make_department, make_institution
from tracker.audit.queries import history_of
from tracker.core.vocabulary import Affiliation
from tracker.departments.queries import DepartmentRow, list_departments, list_successions
from tracker.departments.services import (
    DepartmentDraft,
    DuplicateDepartment,
    MisplacedDepartment,
    OpenBelow,
    ReorganisationRefused,
    ReversedPeriod,
    StaleDepartment,
    UnknownDepartment,
    add_department,
    add_departments,
    close_department,
    rehearsed_reorganisation,
    reorganise,
    update_department,
    withdraw_succession,
)
from tracker.departments.wording import explain
from tracker.extensions import db

pytestmark = pytest.mark.usefixtures("any_app")

NEW_YEAR = date(2026, 1, 1)


def row_of(department_id: int) -> DepartmentRow:
    """Return a department as it is stored."""
    return next(row for row in list_departments() if row.id == department_id)


def draft(name: str, **fields: object) -> DepartmentDraft:
    """Return what shall be said of a department below the institution."""
    values = {"parent_id": make_institution()} | fields
    return DepartmentDraft(name=name, **values)  # type: ignore[arg-type]


def acts_on(department_id: int) -> list[str]:
    """Return what was done to the department, the latest first."""
    return [event.action for event in history_of("department", department_id)]


def test_a_change_keeps_what_it_was_in_the_trail() -> None:
    office = make_department("총무과", code="3001")
    wanted = draft("행정지원과", code="3002", affiliation=Affiliation.AFFILIATED, valid_from=NEW_YEAR)

    assert update_department(office, wanted, 1, BY)

    row = row_of(office)
    assert (row.name, row.code, row.affiliation, row.valid_from, row.version) == (
        "행정지원과",
        "3002",
        Affiliation.AFFILIATED,
        NEW_YEAR,
        2,
    )
    [event, _added] = history_of("department", office)
    assert event.body["changes"]["name"] == ["총무과", "행정지원과"]


def test_a_change_that_changes_nothing_leaves_no_trace() -> None:
    office = make_department("총무과")

    assert not update_department(office, draft("총무과"), 1, BY)
    assert acts_on(office) == ["department.add"]


def test_a_form_opened_before_another_change_is_refused() -> None:
    office = make_department("총무과")
    update_department(office, draft("행정과"), 1, BY)

    with pytest.raises(StaleDepartment):
        update_department(office, draft("서무과"), 1, BY)
    with pytest.raises(StaleDepartment):
        close_department(office, NEW_YEAR, BY, "폐지", 1)
    assert row_of(office).name == "행정과"


def test_a_department_moves_with_all_below_it_but_never_below_itself() -> None:
    bureau, office = make_department("행정국"), make_department("총무과")
    team = make_department("서무팀", parent_id=office)

    update_department(office, draft("총무과", parent_id=bureau), 1, BY)

    assert row_of(team).path == "행정국/총무과/서무팀"
    assert row_of(team).depth == 3
    for parent_id in (office, team, None):
        with pytest.raises(MisplacedDepartment):
            update_department(office, draft("총무과", parent_id=parent_id), 2, BY)
    with pytest.raises(MisplacedDepartment):
        update_department(make_institution(), draft("행복구", parent_id=bureau), 1, BY)


def test_there_is_one_institution() -> None:
    make_institution()

    with pytest.raises(MisplacedDepartment) as raised:
        add_department("다른 구", parent_id=None, by=BY)
    assert "다른 상위 부서" in explain(raised.value)


def test_names_and_codes_stay_unique_through_changes() -> None:
    make_department("총무과", code="3001")
    office = make_department("민원과")

    with pytest.raises(DuplicateDepartment) as taken_name:
        update_department(office, draft("총무과"), 1, BY)
    with pytest.raises(DuplicateDepartment) as taken_code:
        update_department(office, draft("민원과", code="3001"), 1, BY)
    assert (taken_name.value.field, taken_code.value.field, taken_code.value.name) == (
        "name",
        "code",
        "총무과",
    )


def test_new_departments_come_last_unless_told_where() -> None:
    make_department("나중", sort_order=9)
    make_department("새 부서")
    make_department("첫째", sort_order=1)

    assert [row.name for row in list_departments()[1:]] == ["첫째", "나중", "새 부서"]


def test_a_closed_department_opens_again_unless_its_name_was_given_away() -> None:
    office = make_department("총무과", valid_from=date(2020, 1, 1))
    close_department(office, date(2025, 12, 31), BY, "직제 개편")
    close_department(office, None, BY, "잘못 폐지함")

    assert row_of(office).valid_to is None
    assert acts_on(office) == ["department.reopen", "department.close", "department.add"]
    close_department(office, date(2025, 12, 31), BY, "직제 개편")
    make_department("총무과")
    with pytest.raises(DuplicateDepartment):
        close_department(office, None, BY, "다시")


def test_a_last_day_before_the_first_is_refused() -> None:
    office = make_department("총무과", valid_from=NEW_YEAR)

    with pytest.raises(ReversedPeriod):
        close_department(office, date(2025, 12, 31), BY)
    close_department(office, NEW_YEAR, BY)
    with pytest.raises(ReversedPeriod):
        update_department(office, draft("총무과", valid_from=date(2026, 1, 2)), 2, BY)
    assert update_department(office, draft("총무과", valid_from=NEW_YEAR, code="3001"), 2, BY)


def test_a_department_does_not_close_over_open_ones() -> None:
    bureau = make_department("행정국")
    office = make_department("총무과", parent_id=bureau)

    with pytest.raises(OpenBelow) as raised:
        close_department(bureau, date(2025, 12, 31), BY)

    assert raised.value.name == "총무과"
    close_department(office, date(2025, 12, 31), BY)
    close_department(bureau, date(2025, 12, 31), BY)


def test_a_list_is_added_whole_with_parents_from_the_list_itself() -> None:
    root = make_institution()

    bureau, office = add_departments(
        [DepartmentDraft(name="경제국", parent_id=root), DepartmentDraft(name="일자리과", parent_id=-1)], BY
    )

    assert (row_of(bureau).path, row_of(office).path) == ("경제국", "경제국/일자리과")
    with pytest.raises(DuplicateDepartment):
        add_departments([draft("새 과"), draft("경제국")], BY)
    assert "새 과" not in {row.name for row in list_departments()}


def test_a_successor_begins_with_the_reorganisation_and_may_take_a_name_over() -> None:
    first, second = make_department("일자리과"), make_department("경제과")

    [merged] = reorganise([first, second], [], NEW_YEAR, BY, [draft("일자리과", valid_from=NEW_YEAR)])

    assert row_of(merged).valid_from == NEW_YEAR
    assert row_of(first).valid_to == row_of(second).valid_to == date(2025, 12, 31)
    assert {(each.predecessor_id, each.successor_id) for each in list_successions()} == {
        (first, merged),
        (second, merged),
    }


def test_a_bureau_closes_together_with_its_departments() -> None:
    bureau = make_department("행정국")
    office = make_department("총무과", parent_id=bureau)

    reorganise([bureau, office], [], NEW_YEAR, BY, [draft("행정지원국", valid_from=NEW_YEAR)])

    assert row_of(bureau).valid_to == row_of(office).valid_to == date(2025, 12, 31)


def test_reorganisations_that_make_no_sense_are_refused_and_leave_nothing() -> None:
    office, other = make_department("총무과"), make_department("민원과")
    closed = make_department("폐지과")
    close_department(closed, date(2024, 12, 31), BY)
    reorganise([other], [other, office], date(2025, 7, 1), BY)

    for predecessors, successors, new, reason in (
        ([], [office], [], "incomplete"),
        ([office], [], [], "incomplete"),
        ([office], [office], [], "nothing"),
        ([make_institution()], [office], [], "institution"),
        ([closed], [office], [], "closed"),
        ([office], [closed], [], "closed"),
        ([other], [office], [], "repeated"),
        ([office], [], [draft("서무팀", parent_id=office)], "closed"),
    ):
        with pytest.raises(ReorganisationRefused) as raised:
            reorganise(predecessors, successors, NEW_YEAR, BY, new)
        assert raised.value.reason == reason
    with pytest.raises(StaleDepartment):
        reorganise([office], [other], NEW_YEAR, BY, versions={office: 7})
    with pytest.raises(UnknownDepartment):
        reorganise([office], [999], NEW_YEAR, BY)
    assert row_of(office).valid_to is None
    assert len(list_successions()) == 1


def test_a_rehearsal_shows_what_would_be_and_stores_nothing() -> None:
    office = make_department("총무과")

    with rehearsed_reorganisation([office], [], NEW_YEAR, BY, [draft("행정과")]) as [successor]:
        assert row_of(successor).name == "행정과"
        assert row_of(office).valid_to == date(2025, 12, 31)

    assert [row.name for row in list_departments()[1:]] == ["총무과"]
    assert row_of(office).valid_to is None
    assert list_successions() == []


def test_a_succession_taken_back_opens_what_it_closed() -> None:
    office, left, right = (make_department(name) for name in ("복지과", "보육과", "노인과"))
    reorganise([office], [left, right], NEW_YEAR, BY)

    withdraw_succession(office, left, "분리가 아님", BY)
    assert row_of(office).valid_to == date(2025, 12, 31)
    withdraw_succession(office, right, "분리가 아님", BY)

    assert row_of(office).valid_to is None
    assert list_successions() == []
    with pytest.raises(UnknownDepartment):
        withdraw_succession(office, right, "또", BY)


def test_of_two_who_add_the_same_at_the_same_moment_one_is_refused(any_app: Flask) -> None:
    make_institution()
    db.session.remove()
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def add() -> None:
        with any_app.app_context():
            for number in range(10):
                together.wait(30)
                try:
                    make_department(f"{number}과", code=str(number))
                    outcomes.append("added")
                except DuplicateDepartment:
                    outcomes.append("refused")
            db.session.remove()

    writers = [threading.Thread(target=add) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(outcomes) == ["added"] * 10 + ["refused"] * 10
