"""The pages of the yearly plan as a clerk and the team see and use them."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.factories import BY, make_department
from tests.imports.files import write_text
from tests.imports.pages import look, take_in
from tests.purchases.pages import counted_queries, rows_of, texts_of
from tests.targets.pages import PAGE, opened, send, write_plan
from tracker.core.vocabulary import Kind, Role
from tracker.departments.services import close_department
from tracker.extensions import db
from tracker.targets.queries import PlanRow, list_plan

PLAN = f"{PAGE}/plan"
NEW = f"{PLAN}/2026/new"
BLANK = [""] * 7


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department below the institution."""
    assert app
    return make_department("총무과")


@pytest.fixture
def team(as_user: Callable[[], Browser], office: int) -> Browser:
    """Return a browser of the social-economy team."""
    assert office
    return as_user()


@pytest.fixture
def clerk(as_user: Callable[..., Browser], office: int) -> Browser:
    """Return a browser of the department's clerk."""
    return as_user(Role.CLERK, office)


def stored(year: int = 2026) -> list[PlanRow]:
    """Return the plan of a year as it is stored now."""
    db.session.rollback()
    return list_plan(year)


def grid_of(page: str) -> dict[str, Any]:
    """Return the form with the grid as a browser would send it: every cell of every line."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.S) if 'name="cell-' in each)
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        assert chosen
        found[name] = [chosen[1]]
    return dict(found)


def press(browser: Browser, page: str, act: str, **changed: object) -> TestResponse:
    """Send the grid of a page with a button."""
    cells = {name.replace("__", "-"): value for name, value in changed.items()}
    return browser.post(NEW, data=grid_of(page) | {"act": act} | cells)


def paste(browser: Browser, *lines: str) -> str:
    """Paste lines, their cells divided by |, and return the page that shows them in the grid."""
    text = "\r\n".join(line.replace("|", "\t") for line in lines)
    return press(browser, browser.get(NEW).text, "spread", pasted=text).text


# Looking


def test_the_plan_is_summed_by_department_and_scheme(team: Browser, office: int) -> None:
    other = make_department("민원과")
    write_plan(office, amount=1_000)
    write_plan(office, amount=500)
    write_plan(office, amount=30, scheme="self_support")
    write_plan(other, amount=7, scheme="self_support", quantity=Decimal("1.5"), unit="식", planned_month=3)
    write_plan(other, amount=9, fiscal_year=2025)

    rows = rows_of(team.get(f"{PLAN}?unit=won").text)

    assert rows[:4] == [
        ["부서", "사회적기업 제품 우선구매", "자활기업 생산품", "합계", "건수"],
        ["총무과", "1,500", "30", "1,530", "3"],
        ["민원과", "–", "7", "7", "1"],
        ["합계", "1,500", "37", "1,537", "4"],
    ]
    assert rows[-2] == ["민원과", "자활기업 생산품", "복사용지", "물품", "1.5", "식", "3", "7", ""]
    assert rows[-1] == ["전체 4건 합계", "1,537", ""]
    narrowed = rows_of(team.get(f"{PLAN}?unit=won&department={office}&scheme=self_support").text)
    assert narrowed[1:3] == [["총무과", "30", "30", "1"], ["합계", "30", "30", "1"]]


def test_a_clerk_sees_the_own_department_first(clerk: Browser, office: int) -> None:
    write_plan(office)
    write_plan(make_department("민원과"), item="남의 것")

    assert "남의 것" not in clerk.get(PLAN).text
    everything = clerk.get(f"{PLAN}?department=").text
    assert "남의 것" in everything
    assert len(re.findall(r"/plan/lines/", everything)) == 1


def test_an_empty_plan_says_what_to_do(team: Browser, as_user: Callable[..., Browser]) -> None:
    assert f'href="{NEW}"' in team.get(PLAN).text
    reader = as_user(Role.AUDITOR).get(PLAN).text
    assert "아직 작성한 구매계획이 없습니다" in reader
    assert NEW not in reader


def test_a_long_plan_comes_in_pages_with_as_many_queries(
    team: Browser, office: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.targets.views.plan.PAGE", 2)
    write_plan(office, item="0")
    team.get(PLAN)
    with counted_queries() as few:
        team.get(PLAN)
    for number in range(1, 5):
        write_plan(office, item=str(number))
    with counted_queries() as many:
        second = team.get(f"{PLAN}?page=2").text

    assert len(many) == len(few)
    assert [row[2] for row in rows_of(second) if row[0] == "총무과" and len(row) == 9] == ["2", "3"]
    assert "전체 5건 합계" in second


# Writing several lines


def test_a_pasted_block_is_spread_and_saved_whole(clerk: Browser, office: int) -> None:
    page = paste(
        clerk,
        "제도|품목|구분|수량|단위|구매시기|계획금액(원)|담당",
        "사회적기업|복사용지|물품|50|상자|3월|1,200,000|김",
        "자활기업 생산품|청소|용역|||12|300000원|이",
    )
    assert "이 열은 제외했습니다: 담당" in page or "담당" in page
    assert stored() == []
    answer = press(clerk, page, "save")

    assert answer.location == f"{PLAN}?year=2026&department={office}"
    assert "구매계획 2건, 1,500,000원을 추가했습니다" in clerk.get(answer.location).text
    assert [
        (row.scheme, row.item, row.kind, row.quantity, row.unit, row.planned_month, row.amount)
        for row in stored()
    ] == [
        ("self_support", "청소", Kind.SERVICES, None, "", 12, 300_000),
        ("social_enterprise", "복사용지", Kind.GOODS, Decimal(50), "상자", 3, 1_200_000),
    ]
    again = press(clerk, page, "save")
    assert "이미 처리" in clerk.get(again.location).text
    assert len(stored()) == 2


def test_lines_typed_take_scheme_and_department_from_above(team: Browser, office: int) -> None:
    other = make_department("민원과")
    page = team.get(NEW).text
    first = ["복사용지", *BLANK]
    answer = press(
        team,
        page,
        "save",
        department_id=other,
        scheme="women",
        cell__item=first,
        cell__amount=["5,000", *BLANK],
    )

    assert answer.status_code == 302
    [row] = stored()
    assert (row.department_id, row.scheme, row.kind) == (other, "women", Kind.UNCLASSIFIED)
    named = paste(team, "부서|제도|품목|금액", "총무과|women|화장지|7")
    assert press(team, named, "save", department_id=other).status_code == 302
    assert {row.department_id for row in stored()} == {office, other}


def test_every_fault_stands_at_its_cell_and_nothing_is_saved(clerk: Browser) -> None:
    make_department("민원과")
    page = paste(
        clerk,
        "부서|제도|품목|구분|구매시기|금액",
        "총무과|사회적기업|복사용지|물품|3|1,000",
        "민원과|없는 제도|  |이상한 것|13|많음",
        "|장애인|청소|용역||5",
    )
    answer = press(clerk, page, "save")
    told = texts_of(answer.text)

    assert answer.status_code == 422
    assert "2번째 줄 부서: 이 부서의 자료는 입력할 수 없습니다" in told
    assert "2번째 줄 제도: 그런 제도가 없습니다. 등록된 제도: 사회적기업 제품 우선구매" in told
    assert "2번째 줄 품목: 반드시 채워야 하는 칸입니다" in told
    assert "2번째 줄 월: 월이 아닙니다" in told
    assert "2번째 줄 금액:" in told
    assert "3번째 줄 제도: 그런 제도가 없습니다" in told
    assert "1번째 줄" not in told.partition("엑셀에서 붙여 넣기")[0]
    assert stored() == []


def test_a_line_without_any_scheme_is_asked_for_one(clerk: Browser) -> None:
    page = clerk.get(NEW).text
    answer = press(clerk, page, "save", cell__item=["복사용지", *BLANK], cell__amount=["5", *BLANK])

    assert answer.status_code == 422
    assert "1번째 줄 품목: 위에서 제도를 고르거나 이 줄에 적으세요" in texts_of(answer.text)


def test_blank_and_endless_grids_are_told_so(clerk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    page = clerk.get(NEW).text
    assert "한 줄 이상" in press(clerk, page, "save").text
    longer = press(clerk, page, "more")
    assert longer.text.count('name="cell-item"') == 16
    for room in ("targets.views.plan", "purchases.lines"):
        monkeypatch.setattr(f"tracker.{room}.MOST_LINES", 3)
    too_many = press(clerk, page, "save")
    assert (too_many.status_code, "3줄" in too_many.text) == (422, True)
    monkeypatch.setattr("tracker.purchases.lines.MOST_LINES", 8)
    assert "8줄" in paste(clerk, *["복사용지|물품||||5"] * 9)
    assert 'aria-invalid="true"' in paste(clerk, '"' + "x" * 200_000)


def test_lines_for_another_department_are_not_written(clerk: Browser) -> None:
    other = make_department("민원과")
    page = clerk.get(NEW).text

    assert f'value="{other}"' not in page
    assert press(clerk, page, "save", department_id=other).status_code == 403
    assert press(clerk, page, "save", department_id="").status_code == 422


# One line


def test_a_line_is_changed_and_struck_out(clerk: Browser, office: int) -> None:
    line = write_plan(office, quantity=Decimal("2.50"), unit="상자", planned_month=4, note="급함")
    page = f"{PLAN}/lines/{line}"
    form = opened(clerk, page)
    assert (form["quantity"], form["planned_month"], form["note"]) == ("2.50", "4", "급함")
    changed = send(clerk, page, form, amount="2,000,000", planned_month="5월", unit="", kind="services")
    assert changed.location == f"{PLAN}?year=2026&department={office}"
    [row] = stored()
    assert (row.amount, row.planned_month, row.unit, row.kind) == (2_000_000, 5, "", Kind.SERVICES)
    stale = send(clerk, page, form | {"key": "late"}, item="다른 것")
    assert stale.status_code == 409
    assert ["품목", "복사용지", "다른 것"] in rows_of(stale.text)
    assert ["금액", "2,000,000", "1,000,000"] in rows_of(stale.text)
    removal = {"csrf_token": form["csrf_token"], "key": "r"}
    late = clerk.post(f"{page}/remove", data=removal | {"version": "1"})
    assert late.status_code == 409
    assert 'value="2,000,000"' in late.text
    gone = removal | {"version": "2", "key": "r2"}
    assert clerk.post(f"{page}/remove", data=gone).location == f"{PLAN}?year=2026&department={office}"
    assert "이미 처리" in clerk.get(clerk.post(f"{page}/remove", data=gone).location).text
    assert stored() == []
    assert clerk.get(page).status_code == 404


def test_a_line_that_makes_no_sense_is_refused(clerk: Browser, office: int) -> None:
    page = f"{PLAN}/lines/{write_plan(office)}"
    other = make_department("민원과")
    answer = send(
        clerk, page, opened(clerk, page), item="", amount="", quantity="많이", planned_month="0",
        department_id=other,
    )  # fmt: skip

    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 5


def test_lines_of_other_departments_are_closed_to_a_clerk(clerk: Browser) -> None:
    page = f"{PLAN}/lines/{write_plan(make_department('민원과'))}"

    assert clerk.get(page).status_code == 403
    token = clerk.token("/account/password")
    assert clerk.post(f"{page}/remove", data={"csrf_token": token, "key": "k"}).status_code == 403


# Last year's plan


def test_last_years_plan_is_copied_where_nothing_is_written_yet(team: Browser, office: int) -> None:
    other, closed = make_department("민원과"), make_department("옛 과")
    for department in (office, other, closed):
        write_plan(department, item="작년 것", fiscal_year=2025, planned_month=2)
    write_plan(other, item="올해 것")
    close_department(closed, date(2025, 12, 31), BY)
    form = opened(team, PLAN)
    copied = send(team, f"{PLAN}/2026/copy", form)

    assert "작년 계획 1건을 가져왔습니다" in team.get(copied.location).text
    assert [(row.department_id, row.item, row.planned_month) for row in stored()] == [
        (office, "작년 것", 2),
        (other, "올해 것", None),
    ]
    assert "이미 처리" in team.get(send(team, f"{PLAN}/2026/copy", form).location).text
    nothing = send(team, f"{PLAN}/2026/copy", form, key="again")
    assert "가져온 것이 없습니다" in team.get(nothing.location).text
    assert len(stored()) == 2


def test_a_clerk_copies_the_own_departments_plan_only(clerk: Browser, office: int) -> None:
    other = make_department("민원과")
    for department in (office, other):
        write_plan(department, fiscal_year=2025)
    form = opened(clerk, PLAN)
    assert clerk.post(f"{PLAN}/2026/copy", data=form | {"department": other}).status_code == 400
    assert form["department"] == str(office)
    clerk.post(f"{PLAN}/2026/copy", data=form)

    assert [row.department_id for row in stored()] == [office]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_readers_write_no_plan(as_user: Callable[..., Browser], office: int, role: Role) -> None:
    browser = as_user(role)
    line = write_plan(office)

    assert browser.get(PLAN).status_code == 200
    for page in (NEW, f"{PLAN}/lines/{line}"):
        assert browser.get(page).status_code == 403


@pytest.mark.long
def test_a_clerk_takes_in_the_own_departments_plan_from_a_file(clerk: Browser, tmp_path: Path) -> None:
    make_department("민원과")
    headings = ("부서", "회계연도", "제도", "품목", "구분", "금액")
    said = ("2026", "사회적기업", "복사용지", "물품", "5")
    own, other = (
        write_text(tmp_path / f"{name}.csv", [headings, (name, *said)]) for name in ("총무과", "민원과")
    )
    refused = clerk.get(look(clerk, other, subject="plan")).text
    assert "소속 부서와 그 아래 부서의 자료만" in refused
    batch = take_in(clerk, own, subject="plan")
    assert "구매계획" in clerk.get(batch).text
    assert [row.department for row in stored()] == ["총무과"]
    undone = clerk.submit(batch, f"{batch}/undo", reason="잘못 올림", key="k")

    assert undone.status_code == 302
    assert stored() == []
