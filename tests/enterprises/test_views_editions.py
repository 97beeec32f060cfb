"""The pages of official lists: editions, what differs, and deciding about who is missing."""

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.enterprises.pages import send
from tests.enterprises.test_editions import DECEMBER, FIRST, JANUARY, JUNE, SECOND, enterprise, row, take
from tests.enterprises.test_views import rows_of
from tests.factories import BY, make_department, make_purchase
from tests.purchases.pages import counted_queries
from tracker.audit.queries import history_of
from tracker.core.vocabulary import AbsenceDecision, Role
from tracker.enterprises.editions import absences_of, decide_absence
from tracker.extensions import db
from tracker.imports.services import undo_batch

Browse = Callable[..., Browser]
LISTS = "/enterprises/editions"
HIDDEN = ("csrf_token", "key", "seen")

pytestmark = pytest.mark.usefixtures("app")


def queries_of(browser: Browser, address: str) -> int:
    """Return how many statements a page sends."""
    with counted_queries() as sent:
        assert browser.get(address).status_code == 200
    return len(sent)


@pytest.mark.long
def test_a_list_is_shown_beside_the_one_before_and_given_away(as_user: Browse, tmp_path: Path) -> None:
    clerk = as_user(Role.CLERK, make_department())
    assert "아직 명단이 없습니다" in clerk.get(LISTS).text
    assert LISTS in clerk.get("/enterprises").text
    first, second = take(tmp_path, JANUARY, *FIRST), take(tmp_path, JUNE, *SECOND)
    address = f"{LISTS}/{second.edition}"

    assert [line[:4] for line in rows_of(clerk.get(LISTS).text, "공식 명단")[1:]] == [
        ["예비사회적기업", "2026. 6. 30. 예비사회적기업", "9", "1"],
        ["예비사회적기업", "2026. 1. 31. 예비사회적기업", "9", "0"],
    ]
    assert clerk.get(f"{LISTS}?type=social").text.count("<td") == 0
    page = clerk.get(address).text
    told = {
        line[1]: (line[0], line[4]) for line in rows_of(page, "예비사회적기업 명단 (2026. 6. 30. 기준)")[1:]
    }
    assert told == {
        "새로오름": ("새로 오름", "2026. 5. 1. ~ 2027. 12. 31."),
        "빠짐": ("빠짐", "2020. 1. 1. ~ 2027. 12. 31."),
        "끝남": ("종료", "2026. 3. 31.에 유효기간이 끝났습니다"),
        "취소됨": ("종료", "상태: – → 지금 취소"),
        "갱신": ("갱신", "유효 종료일: 2027. 12. 31. → 지금 2029. 12. 31."),
        "새번호": told["새번호"],
        "대표바꿈": ("변경", "대표자: 바뀜 (개인정보라 표시하지 않음)"),
        "이름바꾼곳": ("변경", "이름: 이름바꿈 → 지금 이름바꾼곳"),
        "이사": ("변경", "소재지: 행복로 1 → 지금 행복로 1 2층"),
    }
    only = clerk.get(f"{address}?kind=renewed").text
    assert ("새번호" in only, "이사" in only) == (True, False)
    assert "두 명단에 다른 점이 없습니다" in clerk.get(f"{address}?kind=new&page=9").text
    assert "비교할 이전 명단이 없습니다" in clerk.get(f"{LISTS}/{first.edition}").text
    assert address in clerk.get(f"/imports/{second.batch}").text

    text = clerk.get(f"{address}/file?format=csv").text
    assert '"변경","대표바꿈","100-00-00033","제3호","대표자","(개인정보로서 여기에 남기지 않음)"' in text
    assert "박" not in text
    book = load_workbook(io.BytesIO(clerk.get(f"{address}/file?format=xlsx").data))
    lines = list(book.worksheets[0].values)
    assert lines[0][:2] == ("달라진 내용", "기업")
    assert lines[1][:2] == ("새로 오름", "새로오름")
    missing = (
        f"{address}/file",
        f"{LISTS}/{first.edition}/file?format=csv",
        f"{address}?kind=other",
        f"{LISTS}?type=other",
        f"{LISTS}/99",
    )
    assert [clerk.get(each).status_code for each in missing] == [404] * 5


@pytest.mark.long
def test_long_lists_are_shown_in_pages_by_a_fixed_number_of_queries(as_user: Browse, tmp_path: Path) -> None:
    browser = as_user(Role.STAFF)
    take(tmp_path, JANUARY, row(1, "남음"), row(2, "둘"))
    few = take(tmp_path, JUNE, row(1, "남음"), row(3, "새곳"))
    addresses = [LISTS, f"{LISTS}/{few.edition}", f"{LISTS}/{few.edition}?kind=absent"]
    before = [queries_of(browser, each) for each in addresses]
    many = take(tmp_path, DECEMBER, *(row(serial, f"곳{serial}") for serial in range(10, 70)))
    addresses = [LISTS, f"{LISTS}/{many.edition}", f"{LISTS}/{many.edition}?kind=absent"]

    assert [queries_of(browser, each) for each in addresses] == before
    page = browser.get(f"{addresses[1]}?kind=new").text
    assert (page.count('<th scope="row"'), "page=2" in page) == (50, True)
    assert browser.get(f"{addresses[1]}?kind=new&page=2").text.count('<th scope="row"') == 10


@pytest.mark.long
def test_the_team_decides_what_became_of_who_is_missing(as_user: Browse, tmp_path: Path) -> None:
    staff, clerk = as_user(Role.STAFF), as_user(Role.CLERK, make_department())
    take(tmp_path, JANUARY, row(1, "남음"), row(2, "취소된곳"), row(3, "유효한곳"))
    cancelled, valid = enterprise("취소된곳"), enterprise("유효한곳")
    make_purchase(make_department("복지과"), cancelled, 5_000, date(2026, 5, 2))
    june = take(tmp_path, JUNE, row(1, "남음"))
    listed = f"{LISTS}/{june.edition}?kind=absent"
    [one], [other] = absences_of(cancelled), absences_of(valid)
    address = f"/enterprises/{cancelled}/absences/{one.id}"

    assert "인증 2건을 확인해야 합니다" in staff.get(f"{LISTS}/{june.edition}").text
    assert address in staff.get(listed).text
    assert address in staff.get(f"/enterprises/{cancelled}").text
    read = clerk.get(f"/enterprises/{cancelled}").text
    assert ("기준 명단에 없습니다" in read, address in read) == (True, False)
    assert address not in clerk.get(listed).text
    assert clerk.get(address).status_code == 403
    assert staff.get(f"/enterprises/{valid}/absences/{one.id}").status_code == 404

    assert "이 항목을 입력해" in send(staff, address, decision="cancelled").text
    assert "비워 두세요." in send(staff, address, decision="still_valid", happened_on="2026-05-01").text
    warned = send(staff, address, decision="cancelled", happened_on="2026-05-01", note="공고 제9호").text
    assert "5,000" in warned
    done = send(
        staff, address, opened=warned, decision="cancelled", happened_on="2026-05-01", note="공고 제9호"
    )
    assert done.location == listed
    assert send(staff, f"/enterprises/{valid}/absences/{other.id}", decision="still_valid").location == listed

    told = [line[:5] for line in rows_of(staff.get(listed).text, "명단에 없는 인증")[1:]]
    assert [(line[0], line[3]) for line in told] == [
        ("유효한곳", "계속 유효"),
        ("취소된곳", "취소 2026. 5. 1. 공고 제9호"),
    ]
    history = staff.get(f"/enterprises/{cancelled}").text
    assert "2026. 6. 30. 기준 명단에 없음: 취소" in history
    db.session.rollback()
    assert [each.action for each in history_of("enterprise", cancelled, limit=2)] == [
        "enterprise.absence",
        "enterprise.status",
    ]


def test_a_question_that_is_closed_meanwhile_says_so(as_user: Browse, tmp_path: Path) -> None:
    staff = as_user(Role.STAFF)
    take(tmp_path, JANUARY, row(1, "남음"), row(2, "빠짐"))
    june = take(tmp_path, JUNE, row(1, "남음"))
    [question] = absences_of(enterprise("빠짐"))
    address = f"/enterprises/{question.enterprise_id}/absences/{question.id}"
    opened = staff.get(address).text
    decide_absence(question.id, AbsenceDecision.STILL_VALID, None, None, BY)

    answer = send(staff, address, opened=opened, decision="still_valid")

    assert "더 확인할 것이 없습니다" in staff.get(answer.location or "").text
    assert june.batch
    undo_batch(june.batch, "착오", BY)
    assert "제외되었습니다" in staff.get(f"{LISTS}/{june.edition}").text


def numbers_of(page: str, name: str = "shown") -> list[str]:
    """Return the absences that the page offers to decide about."""
    return re.findall(rf'name="{name}" value="([0-9]+)"', page)


def decide(browser: Browser, page: str, /, **typed: object) -> TestResponse:
    """Send the page's form about several absences, with what it keeps hidden."""
    hidden = {name: re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page)[-1] for name in HIDDEN}
    address = re.search(r'action="([^"]+/absences[^"]*)"', page)
    assert address
    return browser.post(address[1], data={"shown": numbers_of(page), **hidden, **typed})


def test_many_are_decided_at_once_on_the_page_that_lists_them(as_user: Browse, tmp_path: Path) -> None:
    staff, clerk = as_user(Role.STAFF), as_user(Role.CLERK, make_department())
    take(tmp_path, JANUARY, row(1, "남음"), *(row(n, f"빠짐{n}") for n in range(2, 6)))
    make_purchase(make_department("복지과"), enterprise("빠짐2"), 5_000, date(2026, 5, 2))
    make_purchase(make_department("세무과"), enterprise("빠짐4"), 7_000, date(2026, 5, 3))
    june = take(tmp_path, JUNE, row(1, "남음"))
    listed = f"{LISTS}/{june.edition}?kind=absent"
    page = staff.get(listed).text
    chosen = numbers_of(page, "chosen")
    assert (len(chosen), numbers_of(page), numbers_of(clerk.get(listed).text)) == (4, chosen, [])
    assert clerk.post(f"{LISTS}/{june.edition}/absences").status_code == 403

    unsaid = decide(staff, page, chosen=chosen[:2], decision="still_valid")
    unticked = decide(staff, page, decision="still_valid", note="전화 확인")
    assert (unsaid.status_code, unticked.status_code) == (422, 422)
    assert re.findall(r'value="([0-9]+)"[^>]* checked', unsaid.text) == chosen[:2]
    assert "인증을 먼저 선택하세요" in unticked.text

    typed = {"decision": "cancelled", "happened_on": "2026-05-01", "note": "공고 제9호"}
    warned = decide(staff, page, chosen=chosen[:3], **typed)
    assert "인증 3건" in warned.text
    assert "구매 2건(12,000원)" in warned.text
    done = decide(staff, warned.text, chosen=chosen[:3], **typed)
    again = decide(staff, warned.text, chosen=chosen[:3], **typed)
    last = decide(staff, staff.get(listed).text, all="1", decision="still_valid", note="전화 확인")

    assert (done.status_code, last.status_code) == (302, 302)
    assert again.status_code == 302
    told = {line[0]: line[3] for line in rows_of(staff.get(listed).text, "명단에 없는 인증")[1:]}
    assert told == {
        **{f"빠짐{n}": "취소 2026. 5. 1. 공고 제9호" for n in (2, 3, 4)},
        "빠짐5": "계속 유효 전화 확인",
    }
    db.session.rollback()
    acts = [each.action for each in history_of("enterprise", enterprise("빠짐3"), limit=2)]
    assert acts == ["enterprise.absence", "enterprise.status"]


def test_many_are_refused_whole_where_one_was_decided_meanwhile(as_user: Browse, tmp_path: Path) -> None:
    staff = as_user(Role.STAFF)
    take(tmp_path, JANUARY, row(1, "남음"), row(2, "하나"), row(3, "둘"), row(4, "셋"))
    june = take(tmp_path, JUNE, row(1, "남음"))
    listed = f"{LISTS}/{june.edition}?kind=absent"
    page = staff.get(listed).text
    [meanwhile] = absences_of(enterprise("둘"))
    decide_absence(meanwhile.id, AbsenceDecision.STILL_VALID, None, None, BY)

    typed = {"decision": "cancelled", "happened_on": "2026-05-01", "note": "공고 제9호"}
    answer = decide(staff, page, all="1", **typed)
    unknown = decide(staff, page, chosen=["987654321", *numbers_of(page)[:1]], **typed)

    assert (answer.status_code, unknown.status_code) == (409, 409)
    assert "아무것도 기록하지 않았습니다" in answer.text
    assert len(absences_of(enterprise("하나"))) == len(absences_of(enterprise("셋"))) == 1
