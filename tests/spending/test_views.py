"""The pages of total spending as a person sees and uses them."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.departments.test_views import fields_of
from tests.factories import BY, make_department, make_enterprise, make_institution, make_purchase
from tests.purchases.pages import counted_queries, rows_of
from tracker.core.vocabulary import Kind, Role
from tracker.departments.services import close_department
from tracker.extensions import db
from tracker.spending.queries import list_figures
from tracker.spending.services import SpendingDraft, record_spending

PAGE = "/spending"


@pytest.fixture
def office(app: object) -> int:
    """Return a department below the institution."""
    assert app
    return make_department("총무과")


@pytest.fixture
def browser(as_user: Callable[[], Browser], office: int) -> Browser:
    """Return a browser of the social-economy team."""
    assert office
    return as_user()


def spend(department_id: int, amount: int, kind: Kind = Kind.GOODS, year: int = 2026, item: str = "") -> int:
    """Record a figure and return its number."""
    draft = SpendingDraft(
        department_id=department_id, fiscal_year=year, kind=kind, budget_item=item, amount=amount
    )
    [recorded] = record_spending([draft], BY)
    assert recorded.spending_id
    return recorded.spending_id


def standing(department_id: int, year: int = 2026) -> list[tuple[str, str, int]]:
    """Return the figures that stand now."""
    db.session.rollback()
    return [(each.kind.korean, each.budget_item, each.amount) for each in list_figures(department_id, year)]


def enter(browser: Browser, page: str, *lines: tuple[object, ...], key: str = "k") -> TestResponse:
    """Send lines of (seen, kind, budget item, amount)."""
    fields: dict[str, Any] = {
        f"lines-{number}-{name}": value
        for number, line in enumerate(lines)
        for name, value in zip(("seen", "kind", "budget_item", "amount"), line, strict=True)
    }
    return browser.submit(page, key=key, **fields)


# The table


def test_the_table_adds_up_by_department_and_kind(browser: Browser, office: int) -> None:
    other = make_department("민원과")
    spend(office, 1_000_000, item="201-01")
    spend(office, 500_000, item="201-02")
    spend(office, 2_000_000, Kind.WORKS)
    spend(other, 40_000, Kind.SERVICES)
    spend(other, 1, year=2025)

    page = browser.get(f"{PAGE}?unit=won").text

    assert rows_of(page) == [
        ["부서", "물품", "용역", "공사", "합계", "등록된 구매"],
        ["총무과", "1,500,000", "–", "2,000,000", "3,500,000", "–"],
        ["민원과", "–", "40,000", "–", "40,000", "–"],
        ["합계", "1,500,000", "40,000", "2,000,000", "3,540,000", "–"],
    ]
    assert rows_of(browser.get(f"{PAGE}?unit=won&year=2025").text)[1:] == [
        ["총무과", "–", "–", "–", "자료 없음", "–"],
        ["민원과", "1", "–", "–", "1", "–"],
        ["합계", "1", "–", "–", "1", "–"],
    ]


def test_unclassified_spending_has_a_column_where_there_is_any(browser: Browser, office: int) -> None:
    spend(office, 5, Kind.UNCLASSIFIED)

    assert rows_of(browser.get(f"{PAGE}?unit=won").text)[0][4] == "미분류"


def test_more_bought_than_spent_is_said_in_a_row_of_its_own(browser: Browser, office: int) -> None:
    enterprise, calm, unknown = make_enterprise("함께"), make_department("민원과"), make_department("세무과")
    spend(office, 1_000)
    spend(office, 9_000, Kind.WORKS)
    spend(calm, 100_000)
    make_purchase(office, enterprise, 2_000)
    make_purchase(office, enterprise, 9_000, kind=Kind.SERVICES)
    make_purchase(calm, enterprise, 100_000)
    make_purchase(unknown, enterprise, 7)

    page = browser.get(f"{PAGE}?unit=won").text

    rows = rows_of(page)
    assert rows[1] == ["총무과", "1,000", "–", "9,000", "10,000", "11,000"]
    assert rows[2][0] == (
        "확인 등록된 구매가 총구매액보다 많습니다. 둘 중 하나를 확인하세요: "
        "합계 11,000 > 10,000, 물품 2,000 > 1,000"
    )
    assert [row[0] for row in rows[3:]] == ["민원과", "세무과", "합계"]
    assert rows[4][-2:] == ["자료 없음", "7"]
    link = re.search(r'href="([^"]+)">11,000', page)
    assert link
    assert "11,000" in browser.get(unescape(link[1])).text


def test_departments_show_in_the_years_in_which_they_were_there(browser: Browser, office: int) -> None:
    assert office
    closed = make_department("옛 과")
    close_department(closed, date(2025, 6, 30), BY)
    make_department("새 과", valid_from=date(2026, 7, 1))
    bureau = make_department("경제국")
    make_department("일자리과", parent_id=bureau)

    def shown(year: int) -> list[str]:
        return [row[0] for row in rows_of(browser.get(f"{PAGE}?year={year}").text)[1:-1]]

    assert shown(2025) == ["총무과", "옛 과", "경제국/일자리과"]
    assert shown(2026) == ["총무과", "새 과", "경제국/일자리과"]
    spend(bureau, 1)
    assert "경제국" in shown(2026)


def test_the_table_is_narrowed_to_a_department_and_those_below(browser: Browser) -> None:
    bureau = make_department("경제국")
    make_department("일자리과", parent_id=bureau)
    make_purchase(make_department("민원과"), make_enterprise("함께"))

    assert [row[0] for row in rows_of(browser.get(f"{PAGE}?department={bureau}").text)[1:-1]] == [
        "경제국/일자리과"
    ]


def test_a_clerk_sees_the_own_department_first_and_others_on_request(
    as_user: Callable[..., Browser], office: int
) -> None:
    make_department("민원과")
    clerk = as_user(Role.CLERK, office)

    assert [row[0] for row in rows_of(clerk.get(PAGE).text)[1:-1]] == ["총무과"]
    assert "민원과" in [row[0] for row in rows_of(clerk.get(f"{PAGE}?department=").text)]


@pytest.mark.parametrize("asked", ["year=x", "year=1800", "department=999", "unit=dollar"])
def test_a_question_that_makes_no_sense_is_sent_back(browser: Browser, asked: str) -> None:
    answer = browser.get(f"{PAGE}?{asked}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_an_instance_without_departments_says_what_to_do(as_user: Callable[..., Browser]) -> None:
    assert "부서를 먼저 등록하세요" in as_user().get(PAGE).text


def test_the_table_asks_the_database_equally_often_however_many_departments(
    browser: Browser, office: int
) -> None:
    spend(office, 1)
    with counted_queries() as few:
        browser.get(PAGE)
    for number in range(20):
        spend(make_department(f"{number}과"), 1)
    with counted_queries() as many:
        browser.get(PAGE)

    assert len(many) == len(few)


# Entering


def test_figures_are_entered_in_several_lines(browser: Browser, office: int) -> None:
    page = f"{PAGE}/{office}/2026/edit"

    answer = enter(
        browser,
        page,
        ("", "goods", " 201-01 ", "1,234,000원"),
        ("", "", "", ""),
        ("", "works", "", "△1,000"),
    )

    assert answer.location == f"{PAGE}/{office}/2026"
    assert standing(office) == [("물품", "201-01", 1_234_000), ("공사", "", -1_000)]
    shown = browser.get(answer.location).text
    assert "금액 2건을 저장했습니다" in shown
    assert ["합계", "1,233,000", ""] in rows_of(shown)
    assert "김민지" in shown


def test_lines_sent_twice_are_entered_once(browser: Browser, office: int) -> None:
    page = f"{PAGE}/{office}/2026/edit"
    for _ in range(2):
        answer = enter(browser, page, ("", "goods", "", "100"))

    assert answer.location == f"{PAGE}/{office}/2026"
    assert "이미 처리되었습니다" in browser.get(answer.location).text
    assert standing(office) == [("물품", "", 100)]


def test_a_figure_that_changes_shows_both_afterwards(browser: Browser, office: int) -> None:
    number = spend(office, 100)
    page = f"{PAGE}/{office}/2026/edit"
    form = browser.get(page).text

    assert ["물품", "", "", "100"] in rows_of(form)
    assert 'value="100"' in form
    assert fields_of(form)["lines-0-seen"] == [str(number)]
    history = browser.get(enter(browser, page, (number, "goods", "", "120")).location).text

    assert [row[2:6] for row in rows_of(history)[-2:]] == [
        ["물품", "", "100", "120"],
        ["물품", "", "", "100"],
    ]


def test_the_same_figure_again_is_no_change(browser: Browser, office: int) -> None:
    number = spend(office, 100)

    answer = enter(browser, f"{PAGE}/{office}/2026/edit", (number, "goods", "", "100"))

    assert "달라진 것이 없습니다" in browser.get(answer.location).text


def test_whoever_is_slower_sees_both_figures_and_decides(browser: Browser, office: int) -> None:
    seen = spend(office, 100)
    current = spend(office, 110)
    page = f"{PAGE}/{office}/2026/edit"

    conflict = enter(browser, page, (seen, "goods", "", "120"), ("", "works", "", "7"))

    assert conflict.status_code == 409
    assert rows_of(conflict.text)[1][-1] == "110"
    assert "표시된 줄의 지금 금액" in conflict.text
    for value in ("120", "7"):
        assert f'value="{value}"' in conflict.text
    assert fields_of(conflict.text)["lines-0-seen"] == [str(current)]
    assert standing(office) == [("물품", "", 110)]
    enter(browser, page, (current, "goods", "", "120"), ("", "works", "", "7"))
    assert standing(office) == [("물품", "", 120), ("공사", "", 7)]


def test_a_figure_taken_back_meanwhile_is_entered_anew_only_knowingly(browser: Browser, office: int) -> None:
    gone = spend(office, 100)
    page = f"{PAGE}/{office}/2026/edit"
    browser.submit(f"{PAGE}/figures/{gone}/withdraw", key="w", reason="착오")

    conflict = enter(browser, page, (gone, "goods", "", "120"))

    assert conflict.status_code == 409
    assert fields_of(conflict.text)["lines-0-seen"] == [""]
    assert enter(browser, page, ("", "goods", "", "120")).status_code == 302


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([("", "", "", "")], "입력"),
        ([("", "", "201-01", "5")], "lines-0-kind-error"),
        ([("", "gold", "", "5")], "lines-0-kind-error"),
        ([("", "goods", "", "")], "lines-0-amount-error"),
        ([("", "goods", "", "many")], "lines-0-amount-error"),
        ([("", "goods", "", "0.5")], "lines-0-amount-error"),
        ([("", "goods", "", "9" * 20)], "lines-0-amount-error"),
        ([("", "goods", "가" * 61, "5")], "lines-0-budget_item-error"),
        ([("", "goods", "가", "5"), ("", "goods", "가", "6")], "lines-1-budget_item-error"),
    ],
)
def test_lines_that_cannot_be_are_said_at_their_cells(
    browser: Browser, office: int, lines: list[tuple[object, ...]], said: str
) -> None:
    answer = enter(browser, f"{PAGE}/{office}/2026/edit", *lines)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert standing(office) == []


def test_a_standing_figure_cannot_be_emptied_silently(browser: Browser, office: int) -> None:
    number = spend(office, 100)

    answer = enter(browser, f"{PAGE}/{office}/2026/edit", (number, "goods", "", ""))

    assert answer.status_code == 422
    assert "없으면 0을 입력하세요" in answer.text
    assert standing(office) == [("물품", "", 100)]


def test_the_way_to_a_department_and_year_is_asked_first(browser: Browser, office: int) -> None:
    assert "총무과" in browser.get(f"{PAGE}/new").text
    assert browser.get(f"{PAGE}/new?department={office}&year=2025").location == f"{PAGE}/{office}/2025/edit"
    assert browser.get(f"{PAGE}/new?department={office}&year=1800").status_code == 400
    assert browser.get(f"{PAGE}/new?department=999").status_code == 400


def test_a_clerk_enters_for_the_own_departments_only(as_user: Callable[..., Browser], office: int) -> None:
    team, other = make_department("서무팀", parent_id=office), make_department("민원과")
    foreign = spend(other, 5)
    clerk = as_user(Role.CLERK, office)

    chooser = clerk.get(f"{PAGE}/new").text
    assert "서무팀" in chooser
    assert "민원과" not in chooser
    assert enter(clerk, f"{PAGE}/{team}/2026/edit", ("", "goods", "", "5")).status_code == 302
    assert clerk.get(f"{PAGE}/{other}/2026/edit").status_code == 403
    assert clerk.get(f"{PAGE}/figures/{foreign}/withdraw").status_code == 403
    shown = clerk.get(f"{PAGE}/{other}/2026").text
    assert "금액 입력·변경" not in shown
    assert "되돌리기" not in shown


def test_a_clerk_without_department_is_told_whom_to_ask(as_user: Callable[..., Browser]) -> None:
    make_institution()

    assert "담당 부서 지정을 요청하세요" in as_user(Role.CLERK).get(f"{PAGE}/new").text


def test_the_auditor_reads_and_enters_nothing(as_user: Callable[..., Browser], office: int) -> None:
    auditor = as_user(Role.AUDITOR)

    assert auditor.get(f"{PAGE}/{office}/2026").status_code == 200
    assert auditor.get(f"{PAGE}/{office}/2026/edit").status_code == 403
    assert "금액 입력" not in auditor.get(PAGE).text


@pytest.mark.parametrize(
    "address", ["999/2026", "999/2026/edit", "{office}/1800/edit", "figures/999/withdraw"]
)
def test_what_is_not_there_is_not_found(browser: Browser, office: int, address: str) -> None:
    assert browser.get(f"{PAGE}/{address.format(office=office)}").status_code == 404


# Taking back


def test_a_figure_is_taken_back_with_its_reason(browser: Browser, office: int) -> None:
    first = spend(office, 100)
    page = f"{PAGE}/figures/{first}/withdraw"

    assert page in browser.get(f"{PAGE}/{office}/2026").text
    assert browser.submit(page, key="k", reason="").status_code == 422
    fields = fields_of(browser.get(page).text) | {"reason": "통계목 착오"}
    assert browser.post(page, data=fields).location == f"{PAGE}/{office}/2026"

    assert standing(office) == []
    assert browser.post(page, data=fields).location == f"{PAGE}/{office}/2026"
    assert browser.post(page, data=fields | {"key": "other"}).status_code == 409
    assert browser.get(page).location == f"{PAGE}/{office}/2026"
    assert "더 이상 유효하지 않습니다" in browser.get(f"{PAGE}/{office}/2026").text


def test_a_long_history_is_cut_into_pages(browser: Browser, office: int) -> None:
    for amount in range(1, 103):
        spend(office, amount)

    first, second = (browser.get(f"{PAGE}/{office}/2026?page={number}").text for number in (1, 2))

    assert (first.count("까지</span>"), second.count("까지</span>")) == (99, 2)


def test_the_table_leads_to_the_import_and_its_entry_sheet(browser: Browser) -> None:
    page = browser.get(PAGE).text

    for text in ("자료 올리기", "입력 양식"):
        link = re.search(rf'href="([^"]+)">{text}', page)
        assert link, text
        assert browser.get(unescape(link[1])).status_code == 200
