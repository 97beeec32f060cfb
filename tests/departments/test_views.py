"""The pages of departments as a person sees and uses them."""

import io
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_institution, make_purchase
from tests.purchases.pages import counted_queries, rows_of
from tracker.core.vocabulary import Affiliation, Role
from tracker.departments.queries import DepartmentRow, list_departments, list_successions
from tracker.departments.services import DepartmentDraft, close_department, reorganise, update_department
from tracker.extensions import db
from tracker.totals.queries import answer
from tracker.totals.questions import Question

PAGE = "/admin/departments"
CERTIFIED = ("social", date(2020, 1, 1), None)


@pytest.fixture
def browser(as_user: Callable[[], Browser]) -> Browser:
    """Return a browser of the social-economy team, over an institution."""
    make_institution()
    return as_user()


def row_of(name: str) -> DepartmentRow:
    """Return the department of this name as it is stored now."""
    db.session.rollback()
    [row] = [row for row in list_departments() if row.name == name]
    return row


def names() -> list[str]:
    """Return the names of all departments below the institution."""
    db.session.rollback()
    return [row.name for row in list_departments()[1:]]


def send(browser: Browser, page: str, key: str = "k", **fields: Any) -> TestResponse:
    """Send the form of a page, its act under that key."""
    return browser.submit(page, key=key, **fields)


def fields_of(page: str) -> dict[str, Any]:
    """Return what the hidden inputs of the page's own form would send."""
    found: dict[str, list[str]] = {}
    form = page[page.index("<main") :]
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return dict(found)


# The tree


def test_the_tree_shows_each_department_with_what_it_bought_this_year(browser: Browser) -> None:
    bureau = make_department("경제국", code="3100", valid_from=date(2020, 1, 1))
    office = make_department("일자리과", parent_id=bureau, affiliation=Affiliation.AFFILIATED)
    enterprise = make_enterprise("함께")
    make_purchase(office, enterprise, 1_286_000)
    make_purchase(office, enterprise, 500_000, date(2025, 3, 2))

    page = browser.get(PAGE).text

    assert rows_of(page)[1:] == [
        ["행복구", "", "본청·소속기관", "", "", "0"],
        ["경제국", "3100", "본청·소속기관", "2020. 1. 1.", "", "0"],
        ["일자리과", "", "출자·출연기관", "", "", "1,286"],
        ["기관 전체(폐지 부서 포함)", "1,286"],
    ]
    assert "depth-2" in page
    link = re.search(r'<td class="num"><a href="([^"]+)">1,286', page)
    assert link
    assert "1,286,000" in browser.get(unescape(link[1])).text


def test_a_year_without_data_is_not_zero(browser: Browser) -> None:
    page = browser.get(PAGE).text

    assert rows_of(page)[1][-1] == "–"
    assert rows_of(page)[-1][-1] == "자료 없음"


def test_closed_departments_show_on_request(browser: Browser) -> None:
    close_department(make_department("옛 과"), date(2025, 12, 31), BY)
    make_department("앞날과", valid_from=date(2027, 1, 1))

    assert "옛 과" not in browser.get(PAGE).text
    assert "2027. 1. 1.부터" in browser.get(PAGE).text
    with_closed = browser.get(f"{PAGE}?closed=1").text
    assert "옛 과" in with_closed
    assert "2025. 12. 31." in with_closed


def test_departments_are_found_by_name_and_code(browser: Browser) -> None:
    make_department("총무과", code="3001")
    make_department("민원과", code="3002")

    for words in ("총 무", "3001"):
        assert [row[0] for row in rows_of(browser.get(f"{PAGE}?q={words}").text)[1:-1]] == ["총무과"]
    assert "이 이름이나 코드의 부서가 없습니다" in browser.get(f"{PAGE}?q=없는").text


@pytest.mark.long
def test_a_long_tree_is_cut_into_pages(browser: Browser) -> None:
    for number in range(205):
        make_department(f"{number}과")

    first, second, beyond = (browser.get(f"{PAGE}?page={number}").text for number in (1, 2, 99))

    assert (len(rows_of(first)), len(rows_of(second))) == (202, 8)
    assert rows_of(beyond) == rows_of(second)


def test_the_tree_asks_the_database_equally_often_however_many_departments(browser: Browser) -> None:
    make_purchase(make_department("가"), make_enterprise("함께"))
    with counted_queries() as few:
        browser.get(PAGE)
    for number in range(20):
        make_purchase(make_department(f"{number}과"), 1)
    with counted_queries() as many:
        browser.get(PAGE)

    assert len(many) == len(few)


def test_only_those_who_may_are_offered_changes(as_user: Callable[..., Browser]) -> None:
    office = make_department("총무과")
    clerk = as_user(Role.CLERK, office)

    assert "부서 추가" not in clerk.get(PAGE).text
    assert "하위 부서 추가" not in clerk.get(f"{PAGE}/{office}").text
    assert clerk.get(f"{PAGE}/{office}/edit").status_code == 403
    assert as_user(Role.ADMIN).get(f"{PAGE}/{office}/edit").status_code == 200


def test_an_empty_instance_begins_with_the_institution(as_user: Callable[..., Browser]) -> None:
    staff, auditor = as_user(), as_user(Role.AUDITOR)

    assert "기관부터 등록하세요" in staff.get(PAGE).text
    assert "사회적경제팀이 등록합니다" in auditor.get(PAGE).text
    assert staff.get(f"{PAGE}/reorganise").location == PAGE
    assert staff.get(f"{PAGE}/import").location == PAGE
    assert 'value="○○구"' in staff.get(f"{PAGE}/new").text
    send(staff, f"{PAGE}/new", name="새솔구", affiliation="own")

    assert [(row.name, row.parent_id) for row in list_departments()] == [("새솔구", None)]


# One department


def test_a_department_shows_its_facts_and_who_changed_what(browser: Browser) -> None:
    bureau = make_department("경제국")
    old = make_department("일자리과", parent_id=bureau)
    new = make_department("고용과", parent_id=bureau)
    reorganise([old], [new], date(2026, 1, 1), BY)
    send(browser, f"{PAGE}/{new}/edit", version=1, name="고용정책과", parent=bureau, affiliation="own")

    page = browser.get(f"{PAGE}/{new}").text

    assert "경제국/일자리과" in page
    assert "김민지" in page
    assert "고용과" in page
    assert "업무를 넘김" in browser.get(f"{PAGE}/{old}").text
    assert "고용정책과" in browser.get(f"{PAGE}/{bureau}").text
    assert browser.get(f"{PAGE}/999").status_code == 404


def test_a_department_is_added_where_it_belongs(browser: Browser) -> None:
    bureau = make_department("경제국")

    assert f'selected value="{bureau}"' in browser.get(f"{PAGE}/new?parent={bureau}").text
    answer = send(
        browser,
        f"{PAGE}/new",
        name="  일자리   과 ",
        code="3101",
        parent=bureau,
        affiliation="affiliated",
        is_institution="y",
        valid_from="2026-01-01",
        sort_order="7",
    )

    row = row_of("일자리 과")
    assert answer.location == f"{PAGE}/{row.id}"
    assert row[1:9] == (
        bureau,
        "일자리 과",
        "경제국/일자리 과",
        "3101",
        Affiliation.AFFILIATED,
        date(2026, 1, 1),
        None,
        row.id,
    )
    assert row.sort_order == 7


def test_a_form_sent_twice_adds_one_department(browser: Browser) -> None:
    root = make_institution()

    first = send(browser, f"{PAGE}/new", name="총무과", parent=root, affiliation="own")
    second = send(browser, f"{PAGE}/new", name="총무과", parent=root, affiliation="own")

    assert first.location == second.location
    assert names() == ["총무과"]
    assert "이미 처리되었습니다" in browser.get(second.location).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name-error"),
        ({"name": "가" * 101}, "name-error"),
        ({"name": "총무과"}, "이미 있습니다"),
        ({"code": "3001"}, "“총무과” 부서가 쓰고 있습니다"),
        ({"valid_from": "0001-01-01"}, "valid_from-error"),
        ({"valid_from": "내일"}, "valid_from-error"),
        ({"sort_order": "-1"}, "sort_order-error"),
        ({"parent": "999"}, "parent-error"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, fields: dict[str, str], said: str
) -> None:
    make_department("총무과", code="3001")
    values: dict[str, Any] = {
        "name": "민원과",
        "parent": make_institution(),
        "affiliation": "affiliated",
    } | fields

    answer = send(browser, f"{PAGE}/new", **values)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'selected value="affiliated"' in answer.text
    assert names() == ["총무과"]


def test_a_change_shows_what_is_stored_and_stores_what_is_typed(browser: Browser) -> None:
    office = make_department("총무과", code="3001", valid_from=date(2020, 1, 1))
    shown = browser.get(f"{PAGE}/{office}/edit").text

    for value in ("총무과", "3001", "2020-01-01"):
        assert f'value="{value}"' in shown
    answer = send(
        browser,
        f"{PAGE}/{office}/edit",
        version=1,
        name="행정과",
        parent=make_institution(),
        affiliation="own",
    )

    assert answer.location == f"{PAGE}/{office}"
    row = row_of("행정과")
    assert (row.id, row.code, row.valid_from, row.version) == (office, None, None, 2)


def test_whoever_is_slower_sees_both_versions_and_decides(browser: Browser) -> None:
    office = make_department("총무과")
    root = make_institution()
    page = f"{PAGE}/{office}/edit"
    update_department(office, DepartmentDraft(name="행정과", parent_id=root), 1, BY)

    typed: dict[str, Any] = {"name": "서무과", "parent": root, "affiliation": "own"}
    conflict = send(browser, page, version=1, **typed)

    assert conflict.status_code == 409
    assert ["이름", "행정과", "서무과"] in rows_of(conflict.text)
    assert fields_of(conflict.text)["version"] == ["2"]
    assert row_of("행정과").id == office
    send(browser, page, version=2, **typed)
    assert row_of("서무과").id == office


def test_a_move_below_itself_is_not_offered(browser: Browser) -> None:
    office = make_department("총무과")
    team = make_department("서무팀", parent_id=office)
    page = browser.get(f"{PAGE}/{office}/edit").text

    assert f'value="{team}"' not in page
    assert (
        send(
            browser, f"{PAGE}/{office}/edit", version=1, name="총무과", parent=team, affiliation="own"
        ).status_code
        == 422
    )


def test_a_change_to_what_is_taken_is_refused(browser: Browser) -> None:
    make_department("총무과", code="3001")
    office = make_department("민원과")
    values = {"name": "민원과", "code": "3001", "parent": str(make_institution()), "affiliation": "own"}

    answer = send(browser, f"{PAGE}/{office}/edit", version=1, sort_order="3", **values)

    assert answer.status_code == 422
    assert "“총무과” 부서가 쓰고 있습니다" in answer.text
    assert send(browser, f"{PAGE}/{office}/edit", version=1, sort_order="3", **values | {"code": ""}).location
    assert row_of("민원과").sort_order == 3


def test_the_institution_keeps_its_place(browser: Browser) -> None:
    root = make_institution()

    assert 'name="parent"' not in browser.get(f"{PAGE}/{root}/edit").text
    send(browser, f"{PAGE}/{root}/edit", version=1, name="새솔구", affiliation="own")

    assert row_of("새솔구").parent_id is None


def test_a_department_is_closed_with_day_and_reason_and_opened_again(browser: Browser) -> None:
    office = make_department("총무과")
    page = f"{PAGE}/{office}/close"

    assert 'value="2026-11-24"' in browser.get(page).text
    send(browser, page, "one", version=1, last_day="2026-06-30", reason="직제 규칙 제12호")

    assert row_of("총무과").valid_to == date(2026, 6, 30)
    assert "직제 규칙 제12호" in browser.get(f"{PAGE}/{office}").text
    assert 'value="2026-06-30"' in browser.get(page).text
    for _ in range(2):
        answer = send(browser, page, "two", version=2, last_day="", reason="잘못 폐지함")
        assert answer.location == f"{PAGE}/{office}"
    assert row_of("총무과").valid_to is None


def test_closing_needs_day_and_reason_and_nothing_open_below(browser: Browser) -> None:
    bureau = make_department("경제국", valid_from=date(2026, 1, 1))
    page = f"{PAGE}/{bureau}/close"

    for fields, said in (
        ({"last_day": "2026-06-30", "reason": ""}, "reason-error"),
        ({"last_day": "", "reason": "폐지"}, "last_day-error"),
        ({"last_day": "2025-06-30", "reason": "폐지"}, "시작일보다 빠릅니다"),
    ):
        answer = send(browser, page, version=1, **fields)
        assert answer.status_code == 422
        assert said in answer.text
    make_department("일자리과", parent_id=bureau)
    assert "“일자리과”" in send(browser, page, version=1, last_day="2026-06-30", reason="폐지").text
    assert row_of("경제국").valid_to is None


def test_a_closing_form_from_before_another_change_answers_409(browser: Browser) -> None:
    office = make_department("총무과")
    close_department(office, date(2026, 3, 31), BY)
    page = f"{PAGE}/{office}/close"

    conflict = send(browser, page, version=1, last_day="2026-06-30", reason="폐지")

    assert conflict.status_code == 409
    assert ["폐지일", "2026. 3. 31.", "2026. 6. 30."] in rows_of(conflict.text)
    send(browser, page, version=2, last_day="2026-06-30", reason="폐지")
    assert row_of("총무과").valid_to == date(2026, 6, 30)


# Reorganisations


@pytest.fixture
def offices() -> tuple[int, int]:
    """Return two departments with purchases of both years."""
    enterprise = make_enterprise("함께", CERTIFIED)
    first, second = make_department("일자리과"), make_department("경제과")
    make_purchase(first, enterprise, 1_000_000, date(2025, 5, 1))
    make_purchase(second, enterprise, 2_000_000, date(2025, 5, 1))
    make_purchase(first, enterprise, 6_000_000, date(2026, 5, 1))
    return first, second


def confirmed(browser: Browser, preview: TestResponse, key: str = "k") -> TestResponse:
    """Send the confirmation that stands on the preview."""
    fields = fields_of(preview.text) | {"step": "confirm", "key": key}
    return browser.post(f"{PAGE}/reorganise", data=fields)


def test_a_merger_is_previewed_with_last_year_before_and_after(
    browser: Browser, offices: tuple[int, int]
) -> None:
    first, second = offices
    page = f"{PAGE}/reorganise"
    asked: dict[str, Any] = {
        "happened_on": "2026-01-01",
        "parent": 0,
        "new-0-name": "일자리경제과",
        "new-0-code": "2950",
    }

    preview = send(browser, page, predecessors=[first, second], step="preview", **asked)

    assert rows_of(preview.text)[1:] == [
        ["일자리과", "6,000", "1,000", "+500.0%", "자료 없음", "자료 없음", "승계 승계 후 일자리경제과"],
        ["경제과", "0", "2,000", "-100.0%", "–", "–", "따로 비교하지 않음"],
        ["일자리경제과", "0", "–", "–", "3,000", "-100.0%", "승계 승계 전 일자리과, 경제과"],
        ["기관 전체", "6,000", "3,000", "+100.0%", "3,000", "+100.0%", ""],
    ]
    assert names() == ["일자리과", "경제과"]
    answer = confirmed(browser, preview)

    merged = row_of("일자리경제과")
    assert answer.location == f"{PAGE}/{merged.id}"
    assert (merged.code, merged.valid_from) == ("2950", date(2026, 1, 1))
    assert row_of("경제과").valid_to == date(2025, 12, 31)
    row = next(row for row in answer_by_department() if row[0] == "일자리경제과")
    assert row == ("일자리경제과", 0, 3_000_000)
    assert confirmed(browser, preview).location == answer.location
    assert names() == ["일자리과", "경제과", "일자리경제과"]


def answer_by_department() -> list[tuple[str, int, int | None]]:
    """Return this year against last by department, as the page of totals shows it."""
    db.session.rollback()
    found = answer(Question(2026, same_period=date(2026, 11, 24)))
    return [(row.label, row.comparison.current, row.comparison.prior) for row in found.rows]


def test_a_split_is_marked_as_what_nobody_can_divide(browser: Browser, offices: tuple[int, int]) -> None:
    first, _ = offices
    asked: dict[str, Any] = {
        "happened_on": "2026-07-01",
        "parent": 0,
        "new-0-name": "창업과",
        "step": "preview",
    }

    preview = send(browser, f"{PAGE}/reorganise", predecessors=[first], successors=[first], **asked)

    rows = {row[0]: row[1:] for row in rows_of(preview.text)[1:]}
    assert rows["일자리과"][:5] == ["6,000", "1,000", "+500.0%", "1,000", "+500.0%"]
    assert rows["창업과"][:5] == ["0", "–", "–", "나눌 수 없음", "–"]
    assert rows["창업과"][5].startswith("분리")
    assert "어느 쪽 몫인지 알 수 없으므로" in preview.text
    confirmed(browser, preview)
    assert row_of("일자리과").valid_to is None


def test_a_reorganisation_of_next_year_compares_that_year(browser: Browser, offices: tuple[int, int]) -> None:
    first, second = offices
    asked: dict[str, Any] = {
        "happened_on": "2027-01-01",
        "parent": 0,
        "predecessors": [first],
        "successors": [second],
    }

    preview = send(browser, f"{PAGE}/reorganise", step="preview", **asked)

    rows = {row[0]: row[1:] for row in rows_of(preview.text)[1:]}
    assert rows["경제과"][:5] == ["자료 없음", "0", "자료 없음", "6,000", "자료 없음"]
    assert "두 해 모두" not in preview.text


def test_a_preview_can_be_gone_back_from_with_everything_still_there(
    browser: Browser, offices: tuple[int, int]
) -> None:
    asked: dict[str, Any] = {"happened_on": "2026-01-01", "parent": 0, "new-0-name": "새 과"}
    preview = send(browser, f"{PAGE}/reorganise", predecessors=[offices[0]], step="preview", **asked)

    form = browser.post(f"{PAGE}/reorganise", data=fields_of(preview.text) | {"step": "edit"}).text

    assert 'value="2026-01-01"' in form
    assert 'value="새 과"' in form
    assert re.search(rf'<input[^>]*checked[^>]*name="predecessors"[^>]*value="{offices[0]}"', form)


def test_more_lines_for_new_departments_are_given_on_request(browser: Browser) -> None:
    make_department("총무과")

    page = send(browser, f"{PAGE}/reorganise", step="more", **{"new-0-name": "가"}).text

    assert 'name="new-5-name"' in page
    assert 'name="new-6-name"' not in page
    assert 'value="가"' in page
    names = {f"new-{number}-name": str(number) for number in range(20)}
    assert "new-19-name" in send(browser, f"{PAGE}/reorganise", step="more", **names).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"predecessors": []}, "입력하거나 선택하세요"),
        ({"successors": []}, "이어받는 부서를 선택하거나"),
        ({"successors": [], "new-0-code": "1"}, "새 부서의 이름을 입력하세요"),
        ({"happened_on": ""}, "happened_on-error"),
        ({"successors": "own"}, "바뀌는 것이 없습니다"),
        ({"successors": [], "new-0-name": "경제과"}, "이미 있습니다"),
    ],
)
def test_a_reorganisation_that_makes_no_sense_is_explained(
    browser: Browser, offices: tuple[int, int], fields: dict[str, Any], said: str
) -> None:
    first, second = offices
    values: dict[str, Any] = {"happened_on": "2026-01-01", "parent": 0, "step": "preview"}
    values |= {"predecessors": [first], "successors": [second]} | fields
    if values["successors"] == "own":
        values["successors"] = [first]

    answer = send(browser, f"{PAGE}/reorganise", **values)

    assert answer.status_code == 422
    if "선택하세요" not in said:
        assert said in answer.text
    assert list_successions() == []


def test_a_department_that_is_closed_by_then_is_named(browser: Browser, offices: tuple[int, int]) -> None:
    first, second = offices
    close_department(first, date(2026, 12, 31), BY)
    values: dict[str, Any] = {"happened_on": "2027-06-01", "parent": 0, "step": "preview"}

    answer = send(browser, f"{PAGE}/reorganise", predecessors=[first], successors=[second], **values)

    assert answer.status_code == 422
    assert "“일자리과” 부서는 그날 폐지된 상태입니다" in answer.text


def test_a_change_between_preview_and_confirmation_is_told(
    browser: Browser, offices: tuple[int, int]
) -> None:
    first, second = offices
    asked: dict[str, Any] = {
        "happened_on": "2026-01-01",
        "parent": 0,
        "predecessors": [first],
        "successors": [second],
    }
    preview = send(browser, f"{PAGE}/reorganise", step="preview", **asked)
    update_department(first, DepartmentDraft(name="고용과", parent_id=make_institution()), 1, BY)

    conflict = confirmed(browser, preview)

    assert conflict.status_code == 409
    assert "그사이 다른 사람이" in conflict.text
    assert "고용과" in conflict.text
    assert confirmed(browser, conflict).status_code == 302
    assert len(list_successions()) == 1


def test_a_succession_that_is_there_already_is_named(browser: Browser, offices: tuple[int, int]) -> None:
    first, second = offices
    reorganise([first], [first, second], date(2026, 1, 1), BY)
    values: dict[str, Any] = {"happened_on": "2026-07-01", "parent": 0, "step": "preview"}

    answer = send(browser, f"{PAGE}/reorganise", predecessors=[first], successors=[second], **values)

    assert "“일자리과” 부서는 전에 이미" in answer.text


def test_a_confirmation_of_what_another_has_done_is_explained(
    browser: Browser, offices: tuple[int, int]
) -> None:
    first, second = offices
    asked: dict[str, Any] = {
        "happened_on": "2026-01-01",
        "parent": 0,
        "predecessors": [first],
        "successors": [second],
    }
    preview = send(browser, f"{PAGE}/reorganise", step="preview", **asked)
    reorganise([first], [second], date(2026, 1, 1), BY)

    answer = confirmed(browser, preview)

    assert answer.status_code == 422
    assert len(list_successions()) == 1


def test_a_department_brings_itself_along_to_the_form(browser: Browser) -> None:
    office = make_department("총무과")

    form = browser.get(f"{PAGE}/reorganise?predecessor={office}").text

    assert re.search(rf'<input[^>]*checked[^>]*name="predecessors"[^>]*value="{office}"', form)


def test_a_succession_is_taken_back_with_its_reason(browser: Browser, offices: tuple[int, int]) -> None:
    first, second = offices
    reorganise([first], [second], date(2026, 1, 1), BY)
    page = f"{PAGE}/{first}/successors/{second}"

    assert page in browser.get(f"{PAGE}/reorganise").text
    assert send(browser, page, reason="").status_code == 422
    fields = fields_of(browser.get(page).text) | {"reason": "잘못 입력함"}
    assert browser.post(page, data=fields).location == f"{PAGE}/reorganise"

    assert list_successions() == []
    assert row_of("일자리과").valid_to is None
    assert "잘못 입력함" in browser.get(f"{PAGE}/{first}").text
    assert browser.post(page, data=fields).location == f"{PAGE}/reorganise"
    assert browser.post(page, data=fields | {"key": "another"}).status_code == 404
    assert browser.get(page).status_code == 404


def test_a_succession_is_not_taken_back_where_the_name_was_given_away(
    browser: Browser, offices: tuple[int, int]
) -> None:
    first, second = offices
    reorganise([first], [second], date(2026, 1, 1), BY)
    make_department("일자리과")

    answer = send(browser, f"{PAGE}/{first}/successors/{second}", reason="잘못")

    assert answer.status_code == 422
    assert "이미 있습니다" in answer.text


# A list from a file


def uploaded(browser: Browser, content: str) -> TestResponse:
    """Upload a text file with a list."""
    file = (io.BytesIO(content.encode()), "부서.csv")
    return browser.submit(f"{PAGE}/import", file=file)


def test_a_list_is_previewed_then_added_once(browser: Browser) -> None:
    make_department("총무과")
    preview = uploaded(browser, "부서명,코드,상위부서\n경제국,3100,\n일자리과,3101,경제국\n총무과,,\n")

    assert rows_of(preview.text)[1:] == [
        ["4", "부서명", "총무과", "확인 이미 있는 부서이므로 그대로 둡니다."],
        ["행", "부서", "코드", "상위 부서", "소속 구분", "처리"],
        ["2", "경제국", "3100", "", "", "신규 경제국"],
        ["3", "일자리과", "3101", "경제국", "", "신규 경제국/일자리과"],
        ["4", "총무과", "", "", "", "이미 있음"],
    ]
    assert names() == ["총무과"]
    fields = fields_of(preview.text)
    first, second = (browser.post(f"{PAGE}/import/confirm", data=fields) for _ in range(2))

    assert first.location == second.location == PAGE
    assert names() == ["총무과", "경제국", "일자리과"]
    assert row_of("일자리과").path == "경제국/일자리과"
    assert "이미 처리되었습니다" in browser.get(PAGE).text


def test_a_list_with_faults_cannot_be_added(browser: Browser) -> None:
    preview = uploaded(browser, "부서명,코드,상위부서\n일자리과,3101,없는 국\n경제국,,\n")

    assert rows_of(preview.text)[1][:3] == ["2", "상위부서", "없는 국"]
    assert "이 부서 추가" not in preview.text
    assert browser.post(f"{PAGE}/import/confirm", data=fields_of(preview.text)).status_code in (400, 403)
    assert names() == []


def test_what_became_wrong_after_the_preview_is_shown(browser: Browser) -> None:
    fields = fields_of(uploaded(browser, "부서명,코드\n경제국,3100\n").text)
    make_department("산업국", code="3100")

    answer = browser.post(f"{PAGE}/import/confirm", data=fields)

    assert answer.status_code == 409
    assert "“산업국” 부서가 쓰고 있습니다" in answer.text or "산업국" in answer.text
    assert names() == ["산업국"]


@pytest.mark.parametrize("content", ["", "가,나\n다,라\n"])
def test_a_file_without_a_list_is_explained(browser: Browser, content: str) -> None:
    answer = uploaded(browser, content)

    assert answer.status_code == 422
    assert "file-error" in answer.text


def test_a_list_needs_a_file(browser: Browser) -> None:
    assert browser.submit(f"{PAGE}/import").status_code == 422


@pytest.mark.parametrize(
    "lines",
    ["", "x", "{}", "[]", "[1]", "[[1]]", '[["1", "가", null, null, null]]', "[[1, 2, null, null, null]]",
     "[[0, null, null, null, null]]", "[" * 100_000],
)  # fmt: skip
def test_lines_that_no_preview_gave_are_refused(browser: Browser, lines: str) -> None:
    answer = browser.submit(f"{PAGE}/import", f"{PAGE}/import/confirm", key="k", lines=lines)

    assert answer.status_code == 400


def test_what_was_typed_is_shown_as_text(browser: Browser, app: Flask) -> None:
    assert app
    office = make_department("<b>총무과")

    for page in (PAGE, f"{PAGE}/{office}", f"{PAGE}/reorganise"):
        assert "<b>총무과" not in browser.get(page).text
    assert "<b>경제" not in uploaded(browser, "부서명,코드\n<b>경제,1\n").text
