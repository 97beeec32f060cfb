"""Departments are found by the words that offices use, and reorganised without losing what was."""

from datetime import date

import pytest

from tests.factories import BY, make_department, make_institution
from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    SuccessionRow,
    closest_names,
    find_department,
    get_root,
    list_departments,
    list_successions,
    subtree_ids,
)
from tracker.departments.services import (
    DuplicateDepartment,
    UnknownDepartment,
    add_department,
    close_department,
    reorganise,
)

pytestmark = pytest.mark.usefixtures("app")


def test_department_is_found_by_name_code_and_path() -> None:
    district = make_department("강남구", is_institution=True)
    office = make_department("총무과", parent_id=district, code="3001")

    assert {find_department(words).id for words in ("총무과", "총무 과", "3001", "강남구/총무과")} == {office}


def test_name_that_two_districts_use_needs_the_path() -> None:
    first, second = (make_department(name, is_institution=True) for name in ("강남구", "강동구"))
    make_department("총무과", parent_id=first)
    wanted = make_department("총무과", parent_id=second)

    with pytest.raises(AmbiguousDepartment) as raised:
        find_department("총무과")

    assert raised.value.candidates == ["강남구/총무과", "강동구/총무과"]
    assert find_department("강동구/총무과").id == wanted


def test_path_may_begin_in_the_middle_of_the_tree() -> None:
    district = make_department("강남구", is_institution=True)
    bureau = make_department("행정국", parent_id=district)
    office = make_department("총무과", parent_id=bureau)

    assert find_department("행정국/총무과").id == office


def test_unknown_department_is_answered_with_the_closest_names() -> None:
    make_department("사회적경제과")
    make_department("공원녹지과")

    with pytest.raises(DepartmentNotFound):
        find_department("사회적경재과")

    assert closest_names("사회적경재과")[0] == "사회적경제과"


def test_tree_lists_parents_first_and_knows_each_institution() -> None:
    root = make_institution("서울")
    district = make_department("강남구", is_institution=True)
    office = make_department("총무과", parent_id=district)

    rows = list_departments()

    assert [(row.id, row.path, row.body_id) for row in rows] == [
        (root, "서울", root),
        (district, "강남구", district),
        (office, "강남구/총무과", district),
    ]
    assert get_root().id == root
    assert subtree_ids(district) == [district, office]


def test_there_is_no_root_before_the_institution_is_set_up() -> None:
    with pytest.raises(DepartmentNotFound):
        get_root()


def test_merged_departments_close_the_day_before() -> None:
    first, second, merged = (make_department(name) for name in ("일자리과", "경제과", "일자리경제과"))

    reorganise([first, second], [merged], date(2026, 1, 1), BY)

    assert list_successions() == [
        SuccessionRow(first, merged, date(2026, 1, 1)),
        SuccessionRow(second, merged, date(2026, 1, 1)),
    ]
    closed = {row.id: row.valid_to for row in list_departments()}
    assert (closed[first], closed[second], closed[merged]) == (date(2025, 12, 31), date(2025, 12, 31), None)


def test_department_that_lives_on_after_a_split_stays_open() -> None:
    whole, part = make_department("복지과"), make_department("보육과")

    reorganise([whole], [whole, part], date(2026, 1, 1), BY)

    assert {row.valid_to for row in list_departments()} == {None}
    assert list_successions() == [SuccessionRow(whole, part, date(2026, 1, 1))]


def test_same_name_below_one_parent_and_a_taken_code_are_refused() -> None:
    make_department("총무과", code="3001")

    with pytest.raises(DuplicateDepartment):
        make_department("총무과")
    with pytest.raises(DuplicateDepartment):
        make_department("재무과", code="3001")


def test_name_of_a_closed_department_can_be_used_again() -> None:
    close_department(make_department("총무과"), date(2025, 12, 31), BY)

    assert add_department("총무과", parent_id=make_institution(), by=BY)


def test_closing_a_department_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UnknownDepartment):
        close_department(99, date(2025, 12, 31), BY)
