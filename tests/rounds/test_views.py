"""Pages of rounds: opened, answered, decided; nothing twice, nothing over another's head."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.client import Browser
from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tests.purchases.pages import counted_queries
from tests.rounds.pages import figures_in, form_of, row_in, send
from tests.rounds.rounds import (
    IN_PERIOD,
    answer_for,
    board_of,
    choice_of,
    close_for,
    later,
    make_round,
    row_of,
)
from tracker.core.vocabulary import Affiliation, Role
from tracker.purchases.services import record_purchase
from tracker.rounds.models import State
from tracker.rounds.services import change_round, send_back

Users = Callable[..., Browser]


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department with a purchase in the period."""
    assert app
    office = make_department("총무과")
    make_purchase(office, make_enterprise("함께", ("social", date(2020, 1, 1), None)), 1_234_000, IN_PERIOD)
    return office


@pytest.fixture
def staff(as_user: Users) -> Browser:
    """Return a member of the team."""
    return as_user(Role.STAFF)


def page_of(round_id: int, department_id: int) -> str:
    return f"/rounds/{round_id}/departments/{department_id}"


def decide(browser: Browser, round_id: int, *chosen: object, **fields: object) -> tuple[int, str]:
    board = f"/rounds/{round_id}"
    answer = send(browser, board, f"{board}/decide", chosen=[str(each) for each in chosen], **fields)
    return answer.status_code, answer.text if answer.status_code != 302 else answer.location


def ticked(round_id: int, department_id: int) -> str:
    choice = choice_of(round_id, department_id)
    return f"{choice.submission_id}.{choice.version}"


def test_a_round_is_opened_with_the_letter_for_its_days(staff: Browser, office: int) -> None:
    make_department("시설공단", affiliation=Affiliation.AFFILIATED)
    assert office
    page = staff.get("/rounds/new").text
    fields = form_of(page, "/rounds/new")
    answer = staff.post("/rounds/new", data=fields)
    again = staff.post("/rounds/new", data=fields)
    board = staff.get(answer.location).text

    assert "총무과" in page
    assert "시설공단" not in page
    assert fields["title"] == "2026년 3분기 사회적경제기업 제품 구매실적 제출 요청"
    assert fields["due_on"] == "2026-12-04"
    assert again.location == answer.location
    assert len(board_of(1).rows) == 1
    assert figures_in(board)[:2] == ["0", "1"]
    assert "제출 기한: 2026. 12. 4.(금)까지" in board
    assert "미제출 부서(1개): 총무과" in board


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({"period": "m2", "year": "2026"}, "2026. 2. 1. ~ 2026. 2. 28."),
        ({"period": "year", "year": "2025"}, "2025. 1. 1. ~ 2025. 12. 31."),
        ({"period": "h1", "year": "2026"}, "2026. 1. 1. ~ 2026. 6. 30."),
        ({"period": "evaluation", "year": "2026"}, "2025. 9. 1. ~ 2026. 8. 31."),
        (
            {"period": "days", "year": "2026", "from": "2026-01-05", "to": "2026-03-02"},
            "2026. 1. 5. ~ 2026. 3. 2.",
        ),
    ],
)
def test_any_period_can_be_asked_for(staff: Browser, office: int, asked: dict[str, str], days: str) -> None:
    assert office
    page = staff.get("/rounds/new", query_string=asked | {"due_on": "2026-12-04"}).text
    answer = staff.post("/rounds/new", data=form_of(page, "/rounds/new"))

    assert days in page
    assert days in staff.get(answer.location).text


def test_with_corporations_where_it_is_asked(staff: Browser, office: int) -> None:
    assert office
    make_department("시설공단", affiliation=Affiliation.AFFILIATED)
    page = staff.get("/rounds/new?period=q3&year=2026&due_on=2026-12-04&with_affiliated=y").text
    staff.post("/rounds/new", data=form_of(page, "/rounds/new"))

    assert [row.department for row in board_of(1).rows] == ["총무과", "시설공단"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"period": "days", "year": "2026", "from": "2026-03-02", "to": "2026-01-05"}, "시작일은 종료일보다"),
        ({"period": "days", "year": "2026"}, "시작일과 종료일"),
        ({"period": "q3", "year": "12"}, "1901"),
    ],
)
def test_days_that_are_no_period_are_refused(staff: Browser, asked: dict[str, str], said: str) -> None:
    answer = staff.get("/rounds/new", query_string=asked | {"due_on": "2026-12-04"})

    assert answer.status_code == 400
    assert said in answer.text


def test_a_letter_is_needed_and_somebody_to_ask(staff: Browser) -> None:
    make_department("총무과")
    fields = form_of(staff.get("/rounds/new").text, "/rounds/new")
    empty = staff.post("/rounds/new", data=fields | {"title": "", "request": ""})

    assert empty.status_code == 422
    assert 'role="alert"' in empty.text
    assert board_of_nothing(staff)


def board_of_nothing(staff: Browser) -> bool:
    return "아직 자료제출을 요청하지 않았습니다" in staff.get("/rounds").text


def test_without_departments_nobody_is_asked(staff: Browser, app: Flask) -> None:
    assert app
    answer = send(staff, "/rounds/new", "/rounds/new")

    assert answer.status_code == 422
    assert "운영된 부서가 없습니다" in answer.text


def test_a_clerk_checks_and_submits(as_user: Users, office: int) -> None:
    round_id = make_round()
    clerk = as_user(Role.CLERK, office)
    home = clerk.get("/").text
    page = clerk.get(page_of(round_id, office)).text
    fields = form_of(page, f"{page_of(round_id, office)}/submit")
    answer = clerk.post(f"{page_of(round_id, office)}/submit", data=fields)
    again = clerk.post(f"{page_of(round_id, office)}/submit", data=fields)
    after = clerk.get(page_of(round_id, office)).text

    assert "3분기 구매실적 제출 요청" in home
    assert "기한 2026. 11. 30." in home
    assert "1,234,000" in page
    assert "확정(마감)" not in page
    assert (answer.status_code, again.status_code) == (302, 302)
    assert row_of(round_id, office).version == 2
    assert "제출했습니다" in after
    assert "3분기 구매실적 제출 요청" not in clerk.get("/").text


def test_a_clerk_answers_for_no_other_department_and_decides_nothing(as_user: Users, office: int) -> None:
    other = make_department("복지과")
    round_id = make_round()
    answer_for(round_id, office, other)
    clerk = as_user(Role.CLERK, office)
    token = {"csrf_token": clerk.token("/account/password")}

    assert clerk.get(page_of(round_id, other)).status_code == 200
    assert f"{page_of(round_id, other)}/submit" not in clerk.get(page_of(round_id, other)).text
    for address in (
        f"{page_of(round_id, other)}/submit",
        f"{page_of(round_id, office)}/reopen",
        f"/rounds/{round_id}/decide",
        f"/rounds/{round_id}/withdraw",
    ):
        assert clerk.post(address, data=token).status_code == 403
    assert clerk.get("/rounds/new").status_code == 403


def test_nothing_recorded_is_said_with_one_button(as_user: Users, office: int) -> None:
    empty = make_department("복지과")
    assert office
    round_id = make_round()
    clerk = as_user(Role.CLERK, empty)
    page = clerk.get(page_of(round_id, empty)).text
    send(clerk, page_of(round_id, empty), f"{page_of(round_id, empty)}/submit")

    assert "해당 없음 제출" in page
    assert row_of(round_id, empty).is_none
    assert "해당 없음" in row_in(clerk.get(f"/rounds/{round_id}").text, "복지과")


def test_what_changed_since_the_page_was_opened_is_not_submitted(as_user: Users, office: int) -> None:
    round_id = make_round()
    clerk = as_user(Role.CLERK, office)
    submit_to = f"{page_of(round_id, office)}/submit"
    fields = form_of(clerk.get(page_of(round_id, office)).text, submit_to)
    make_purchase(office, 1, 5, IN_PERIOD)
    answer = clerk.post(submit_to, data=fields)

    assert answer.status_code == 409
    assert "바뀐 내용이 있어" in answer.text
    assert clerk.post(submit_to, data=form_of(answer.text, submit_to)).status_code == 302
    assert clerk.post(submit_to, data=fields | {"version": "x"}).status_code == 422


def test_answers_are_sent_back_and_confirmed_on_the_board(staff: Browser, office: int) -> None:
    other = make_department("복지과")
    round_id = make_round()
    answer_for(round_id, office, other)
    assert decide(staff, round_id, ticked(round_id, other), act="return", remark="누락 확인")[0] == 302
    status, address = decide(staff, round_id, ticked(round_id, office), act="confirm")
    board = staff.get(address).text

    assert status == 302
    assert row_in(board, "총무과").startswith("총무과 확정 1 1,234,000 1,234,000 1,234,000")
    assert "누락 확인 보완요청" in row_in(board, "복지과")
    assert "복지과" in staff.get("/").text or "2개 부서 중 1개" in staff.get("/").text
    assert "총무과" not in "".join(
        each for each in staff.get(f"/rounds/{round_id}?state=returned").text.split("<tbody>")[1:2]
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"act": "confirm", "chosen": []}, "먼저 부서를 선택"),
        ({"act": "dance"}, "할 일을 고르세요"),
        ({"act": "return", "remark": ""}, "보완할 내용을 적으세요"),
        ({"act": "confirm", "chosen": ["x.1", "1", "1.2.3"]}, "먼저 부서를 선택"),
    ],
)
def test_a_decision_needs_departments_and_words(
    staff: Browser, office: int, fields: dict[str, object], said: str
) -> None:
    round_id = make_round()
    answer_for(round_id, office)
    board = f"/rounds/{round_id}"
    answer = send(staff, board, f"{board}/decide", **{"chosen": [ticked(round_id, office)]} | fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert row_of(round_id, office).state is State.SUBMITTED


def test_a_decision_over_anothers_head_changes_nothing(staff: Browser, office: int) -> None:
    round_id = make_round()
    answer_for(round_id, office)
    seen = ticked(round_id, office)
    send_back([choice_of(round_id, office)], "먼저 봄", BY)
    status, text = decide(staff, round_id, seen, act="confirm")

    assert status == 409
    assert "그사이 다른 사람이" in text
    assert row_of(round_id, office).state is State.RETURNED


def test_what_changed_after_submitting_is_shown_and_not_confirmed(staff: Browser, office: int) -> None:
    round_id = make_round()
    answer_for(round_id, office)
    make_purchase(office, 1, 6_000, IN_PERIOD)
    status, text = decide(staff, round_id, ticked(round_id, office), act="confirm")

    assert status == 409
    assert "다시 제출하게 하세요: 총무과" in text
    assert "제출 뒤 변경" in row_in(text, "총무과")
    assert "현재 2건 1,240,000원" in staff.get(page_of(round_id, office)).text


def test_on_its_own_page_an_answer_is_confirmed_and_opened_again(staff: Browser, office: int) -> None:
    round_id, page = make_round(), ""
    answer_for(round_id, office)
    page = page_of(round_id, office)
    assert send(staff, page, f"/rounds/{round_id}/decide", act="confirm").location == page
    record_purchase(make_draft(office, 1, 70, IN_PERIOD), BY, "늦은 청구")
    closed = staff.get(page).text
    without = send(staff, page, f"{page}/reopen", reason="")
    stale = form_of(staff.get(page).text, f"{page}/reopen") | {"reason": "누락분"}
    opened = staff.post(f"{page}/reopen", data=stale)
    again = staff.post(f"{page}/reopen", data=stale | {"key": "another"})

    assert "마감 후 입력" in closed
    assert f"{page}/submit" not in closed
    assert (without.status_code, opened.status_code, again.status_code) == (422, 302, 409)
    assert row_of(round_id, office).state is State.RETURNED
    assert "누락분" in staff.get(page).text


def test_staff_submit_for_those_who_sent_files(staff: Browser, office: int) -> None:
    other = make_department("복지과")
    round_id = make_round()
    page = page_of(round_id, office)
    send(staff, page, f"{page}/submit", is_by_file="y")
    decide(staff, round_id, ticked(round_id, other), act="file")

    assert [row.is_by_file for row in board_of(round_id).rows] == [True, True]
    assert "제출 파일" in row_in(staff.get(f"/rounds/{round_id}").text, "총무과")


def test_a_clerk_cannot_claim_to_have_sent_a_file(as_user: Users, office: int) -> None:
    round_id = make_round()
    page = page_of(round_id, office)
    send(as_user(Role.CLERK, office), page, f"{page}/submit", is_by_file="y")

    assert not row_of(round_id, office).is_by_file


def test_the_board_is_narrowed_by_state_and_name(staff: Browser, office: int) -> None:
    make_department("복지과")
    round_id = make_round()
    answer_for(round_id, office, by=later(9))
    board = f"/rounds/{round_id}"

    assert departments_in(staff.get(f"{board}?state=missing").text) == ["복지과"]
    assert departments_in(staff.get(f"{board}?state=overdue").text) == ["총무과"]
    assert departments_in(staff.get(f"{board}?q=복지").text) == ["복지과"]
    assert departments_in(staff.get(f"{board}?state=nonsense").text) == ["총무과", "복지과"]
    assert departments_in(staff.get(f"{board}?state=confirmed").text) == []
    assert "3일 늦음" in staff.get(board).text


def departments_in(page: str) -> list[str]:
    return [name for name in ("총무과", "복지과") if f">{name}</a>" in page]


def test_a_board_asks_as_many_queries_for_many_departments(staff: Browser, office: int) -> None:
    round_id = make_round()
    with counted_queries() as few:
        staff.get(f"/rounds/{round_id}")
    for number in range(30):
        make_department(f"{number}과")
    assert office
    many_id = make_round()
    with counted_queries() as many:
        staff.get(f"/rounds/{many_id}")

    assert len(many) == len(few)


def test_title_deadline_and_letter_are_changed_by_one_at_a_time(staff: Browser, office: int) -> None:
    assert office
    round_id = make_round()
    page = f"/rounds/{round_id}/edit"
    first = form_of(staff.get(page).text, page)
    change_round(round_id, "남의 제목", date(2026, 12, 7), "남의 본문", 1, BY)
    conflict = staff.post(page, data=first | {"title": "나의 제목", "request": "나의\r\n본문"})
    saved = staff.post(page, data=form_of(conflict.text, page))
    board = staff.get(saved.location).text

    assert conflict.status_code == 409
    assert "남의 제목" in conflict.text
    assert "나의 제목" in conflict.text
    assert "나의 제목" in board
    assert "나의\n본문" in board
    assert staff.post(page, data=first | {"title": ""}).status_code == 422


def test_a_round_opened_by_mistake_is_withdrawn(staff: Browser, office: int) -> None:
    round_id = make_round()
    page, to = f"/rounds/{round_id}/edit", f"/rounds/{round_id}/withdraw"
    first = form_of(staff.get(page).text, to)
    assert staff.post(to, data=first).status_code == 422
    close_for(round_id, office)
    in_use = staff.post(to, data=first | {"reason": "실수"})
    change_round(round_id, "제목", date(2026, 12, 7), "본문", 1, BY)
    stale = staff.post(to, data=first | {"reason": "실수"})
    other = make_round(title="둘째 요청")
    page, to = f"/rounds/{other}/edit", f"/rounds/{other}/withdraw"
    gone = send(staff, page, to, reason="실수")

    assert (in_use.status_code, stale.status_code, gone.status_code) == (409, 409, 302)
    assert "둘째 요청" not in staff.get("/rounds").text
    assert staff.get(f"/rounds/{other}").status_code == 404


def test_sheets_are_given_away(staff: Browser, office: int) -> None:
    round_id = make_round()
    one = staff.get(f"{page_of(round_id, office)}/sheet")
    all_of_them = staff.get(f"/rounds/{round_id}/sheets")

    assert one.data.startswith(b"PK")
    assert all_of_them.data.startswith(b"PK")
    assert staff.get(f"{page_of(round_id, 99)}/sheet").status_code == 404


def test_readers_see_all_and_have_no_buttons(as_user: Users, office: int) -> None:
    round_id = make_round()
    answer_for(round_id, office)
    reader = as_user(Role.AUDITOR)

    assert "3분기 구매실적 제출 요청" in reader.get("/rounds").text
    for page in (f"/rounds/{round_id}", page_of(round_id, office)):
        text = reader.get(page).text
        assert "1,234,000" in text
        assert "/decide" not in text.replace(f'action="/rounds/{round_id}/decide"', "")
        assert 'value="confirm"' not in text


def test_likely_mistakes_lead_to_the_purchases(staff: Browser, office: int) -> None:
    plain = make_enterprise("보통회사")
    for _each in range(2):
        make_purchase(office, plain, 5_000, IN_PERIOD, fiscal_year=2025, kind="unclassified")
    round_id = make_round()
    page = staff.get(page_of(round_id, office)).text

    assert "기업·구매일·금액이 같은 구매가 2건" in page
    assert "유효한 인증이 없는 기업의 구매가 2건" in page
    assert "구분이 없는 구매가 2건" in page
    assert "연도와 다른 구매가 2건" in page


def test_long_lists_of_purchases_go_on(staff: Browser, office: int) -> None:
    for number in range(60):
        make_purchase(office, 1, 1_000 + number, IN_PERIOD)
    round_id = make_round()
    page = page_of(round_id, office)
    first = staff.get(page).text
    after = first.split(f"{page}?after=")[1].split('"')[0]
    second = staff.get(f"{page}?after={after}").text

    assert "1,059" in first
    assert "1,000" in second
    assert "처음부터" in second


def test_the_team_sees_on_its_start_page_how_many_are_missing(staff: Browser, office: int) -> None:
    make_department("복지과")
    round_id = make_round(due_on=date(2026, 11, 20))
    answer_for(round_id, office)
    home = staff.get("/").text

    assert "2개 부서 중 1개가 미제출" in home
    assert "기한(2026. 11. 20.)이 지났습니다" in home
