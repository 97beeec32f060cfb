"""The pages of totals as a person sees and follows them."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.pages import address_of
from tests.purchases.pages import counted_queries, rows_of
from tracker.departments.services import reorganise

CERTIFIED = ("social", date(2020, 1, 1), None)


@pytest.fixture
def browser(as_user: Callable[[], Browser]) -> Browser:
    """Return a signed-in browser over a ledger of two departments and two years."""
    enterprise = make_enterprise("함께", CERTIFIED, ("village", date(2020, 1, 1), None))
    first, second = make_department("총무과"), make_department("민원과")
    make_purchase(first, enterprise, 1_286_000, date(2025, 5, 1))
    make_purchase(first, enterprise, 1_888_000, date(2026, 5, 1))
    make_purchase(second, enterprise, 500, date(2026, 5, 2), contract_name="<b>청소</b>")
    return as_user()


def links_of(page: str) -> list[str]:
    """Return the addresses of the figures in the page's table."""
    return [unescape(link) for link in re.findall(r'<td class="num"><a href="([^"]+)"', page)]


def test_the_table_shows_both_years_in_the_unit_and_the_growth(browser: Browser) -> None:
    page = browser.get("/totals?year=2026&unit=won").text

    assert rows_of(page)[1:] == [
        ["총무과", "1,888,000", "1,286,000", "602,000", "+46.8%", "1"],
        ["민원과", "500", "0", "500", "신규", "1"],
        ["합계", "1,888,500", "1,286,000", "602,500", "+46.9%", "2"],
    ]


def test_without_a_question_this_year_so_far_is_shown(browser: Browser) -> None:
    page = browser.get("/totals").text

    assert "2026. 11. 24." in page
    assert "2025. 11. 24." in page
    assert rows_of(page)[-1][:3] == ["합계", "1,889", "1,286"]


@pytest.mark.parametrize("by", ["department", "branch", "type", "kind", "month", "enterprise", "method"])
def test_every_figure_opens_the_purchases_that_add_up_to_it(browser: Browser, by: str) -> None:
    page = browser.get(f"/totals?year=2026&by={by}&unit=won").text
    figures = re.findall(r'<td class="num"><a href="[^"]+">([^<]+)</a>', page)

    for figure, link in zip(figures, links_of(page), strict=True):
        behind = browser.get(link).text
        assert "표의 금액과 같음" in behind
        assert rows_of(behind)[-1] == ["합계", figure]


def test_a_year_without_data_has_no_link_and_no_growth(browser: Browser) -> None:
    page = browser.get("/totals?year=2025&by=kind").text

    assert rows_of(page)[1] == ["물품", "1,286", "자료 없음", "–", "자료 없음", "1"]
    assert not [link for link in links_of(page) if "side=prior" in link]


def test_the_link_of_a_figure_keeps_the_whole_question(browser: Browser) -> None:
    asked = "year=2026&against=2025&period=h1&of=certified&basis=contract&by=type&type=social&unit=won"

    link = links_of(browser.get(f"/totals?{asked}").text)[0]

    assert "period=h1" in link
    assert "type=social" in link
    assert "of=certified" in link
    assert "2026. 1. 1. ~ 2026. 6. 30." in browser.get(link).text


def test_the_chart_tells_in_words_what_it_shows(browser: Browser) -> None:
    page = browser.get("/totals?year=2026").text

    assert re.search(r'<svg[^>]* role="img" aria-labelledby="chart-title chart-description"', page)
    assert "style=" not in page


@pytest.mark.long
def test_the_list_goes_on_behind_a_hundred_lines(browser: Browser) -> None:
    department, enterprise = make_department("세무과"), make_enterprise("둘", CERTIFIED)
    for _ in range(120):
        make_purchase(department, enterprise, 1_000, date(2026, 5, 3))

    first = browser.get("/totals/purchases?year=2026").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = browser.get(unescape(following[1])).text

    assert (len(rows_of(first)), len(rows_of(second))) == (102, 24)
    assert rows_of(first)[-1] == rows_of(second)[-1] == ["합계", "2,008,500"]


def test_what_was_typed_is_shown_as_text(browser: Browser) -> None:
    page = browser.get("/totals/purchases?year=2026").text

    assert "&lt;b&gt;청소" in page
    assert "<b>청소" not in page


@pytest.mark.parametrize(
    "question", ["year=x", "year=2026&from=2026-01-01", "year=1900", "year=2026&department=99999", "by=none"]
)
def test_a_question_that_makes_no_sense_is_sent_back_with_its_fault(browser: Browser, question: str) -> None:
    answer = browser.get(f"/totals?{question}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "year=x",
        "side=other",
        "key=99999",
        "by=kind&key=x",
        "by=month&key=2026-13",
        "after=x",
        "after=2026-02-30.1",
    ],
)
def test_there_are_no_purchases_behind_a_figure_that_does_not_exist(browser: Browser, question: str) -> None:
    assert browser.get(f"/totals/purchases?{question}").status_code == 404


def test_each_line_behind_a_figure_opens_its_purchase(browser: Browser) -> None:
    page = browser.get("/totals/purchases?year=2026").text

    answer = browser.get(address_of(page, "사무용품 구매"))

    assert answer.status_code == 200
    assert "1,888,000" in answer.text


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("올해 지금까지", "2026. 1. 1. ~ 2026. 11. 24."),
        ("작년 전체", "2025. 1. 1. ~ 2025. 12. 31."),
        ("1분기", "2026. 1. 1. ~ 2026. 3. 31."),
        ("3분기", "2026. 7. 1. ~ 2026. 9. 30."),
        ("4분기 지금까지", "2025. 10. 1. ~ 2025. 11. 24."),
        ("상반기", "2026. 1. 1. ~ 2026. 6. 30."),
        ("하반기 지금까지", "2026. 7. 1. ~ 2026. 11. 24."),
        ("9월~8월", "2025. 9. 1. ~ 2026. 8. 31."),
    ],
)
def test_common_periods_are_one_click_away(browser: Browser, text: str, days: str) -> None:
    page = browser.get("/totals?year=2024&by=kind&unit=won").text

    chosen = browser.get(address_of(page, text)).text

    assert days in chosen
    assert re.search(rf"aria-current=true>{text}", chosen)
    assert "구분별" in chosen
    assert "(단위: 원, %)" in chosen


def test_a_year_so_far_is_moved_to_the_year_asked_for(browser: Browser) -> None:
    page = browser.get("/totals?period=so_far&year=2025&same_period=2026-05-01").text

    assert "2025. 1. 1. ~ 2025. 5. 1." in page
    assert "2024. 1. 1. ~ 2024. 5. 1." in page
    assert 'value="2025-05-01"' in page


def test_a_period_of_ones_own_names_its_year_by_its_last_day(browser: Browser) -> None:
    page = browser.get("/totals?year=2020&from=2025-12-01&to=2026-05-01&unit=won").text

    assert rows_of(page)[0][1:3] == ["2026년", "2025년"]
    assert rows_of(page)[-1][:2] == ["합계", "1,888,000"]


def test_a_year_to_compare_with_can_be_chosen(browser: Browser) -> None:
    page = browser.get("/totals?year=2026&against=2023").text

    assert rows_of(page)[0][1:3] == ["2026년", "2023년"]
    assert "2023. 1. 1. ~ 2023. 12. 31." in page


@pytest.mark.parametrize(
    ("running", "days"),
    [
        ("year=2026", "2025. 1. 1. ~ 2025. 11. 24."),
        ("year=2026&period=q4", "2025. 10. 1. ~ 2025. 11. 24."),
        ("year=2027&period=evaluation", "2025. 9. 1. ~ 2025. 11. 24."),
        ("from=2026-11-01&to=2026-11-30", "2025. 11. 1. ~ 2025. 11. 24."),
    ],
)
def test_a_running_period_offers_to_compare_like_with_like(browser: Browser, running: str, days: str) -> None:
    page = browser.get(f"/totals?{running}&by=type").text

    alike = browser.get(address_of(page, "두 해 모두 오늘까지로 비교하기")).text

    assert days in alike
    assert "유형별" in alike
    assert "아직 끝나지 않은" not in alike


@pytest.mark.parametrize("over", ["year=2025", "year=2026&period=q3", "from=2026-01-01&to=2026-11-24"])
def test_a_period_that_is_over_needs_no_warning(browser: Browser, over: str) -> None:
    assert "아직 끝나지 않은" not in browser.get(f"/totals?{over}").text


@pytest.mark.parametrize(
    ("column", "down", "up"),
    [
        ("2026년", ["총무과", "민원과"], ["민원과", "총무과"]),
        ("증감액", ["총무과", "민원과"], ["민원과", "총무과"]),
        ("부서", ["민원과", "총무과"], ["총무과", "민원과"]),
        # Last year's nothing gives no growth: it comes last either way.
        ("증감률", ["총무과", "민원과"], ["총무과", "민원과"]),
    ],
)
def test_a_columns_head_sorts_the_rows(browser: Browser, column: str, down: list[str], up: list[str]) -> None:
    def names(page: str) -> list[str]:
        return [row[0] for row in rows_of(page)[1:-1]]

    first = browser.get(address_of(browser.get("/totals?year=2026").text, column)).text
    second = browser.get(address_of(first, column)).text
    third = browser.get(address_of(second, column)).text

    assert (names(first), names(second), names(third)) == (down, up, ["총무과", "민원과"])


def test_the_address_of_a_table_shows_it_again(browser: Browser) -> None:
    page = browser.get("/totals?by=kind&of=all&sort=-count&department=").text
    address = address_of(page, "이 표의 주소")

    again = browser.get(address).text

    assert "same_period=2026-11-24" in address
    assert rows_of(again) == rows_of(page)


def test_departments_are_opened_one_level_down(as_user: Callable[[], Browser]) -> None:
    enterprise = make_enterprise("함께", CERTIFIED)
    bureau = make_department("경제국")
    office = make_department("일자리과", parent_id=bureau)
    team = make_department("일자리팀", parent_id=office)
    other = make_department("감사실")
    for department, amount in ((bureau, 1), (office, 20), (team, 300), (other, 4_000)):
        make_purchase(department, enterprise, amount, date(2026, 5, 1))
    browser = as_user()

    top = browser.get("/totals?year=2026&by=branch&unit=won").text
    opened = browser.get(address_of(top, "경제국")).text
    deepest = browser.get(address_of(opened, "일자리과")).text

    assert [row[:2] for row in rows_of(top)[1:]] == [
        ["경제국", "321"],
        ["감사실", "4,000"],
        ["합계", "4,321"],
    ]
    assert [row[:2] for row in rows_of(opened)[1:]] == [
        ["경제국 (직속)", "1"],
        ["일자리과", "320"],
        ["합계", "321"],
    ]
    assert [row[:2] for row in rows_of(deepest)[1:]] == [
        ["일자리과 (직속)", "20"],
        ["일자리팀", "300"],
        ["합계", "320"],
    ]
    assert rows_of(browser.get(links_of(opened)[1]).text)[-1] == ["합계", "320"]
    assert rows_of(browser.get(address_of(deepest, "경제국")).text) == rows_of(opened)


def test_a_flat_office_is_not_offered_branches(browser: Browser) -> None:
    assert "상위부서별" not in browser.get("/totals").text


def test_reorganised_departments_say_where_their_last_year_stands(as_user: Callable[[], Browser]) -> None:
    enterprise, day = make_enterprise("함께", CERTIFIED), date(2026, 1, 1)
    old, new = make_department("일자리과"), make_department("일자리경제과", valid_from=day)
    whole, part = make_department("복지과"), make_department("돌봄과", valid_from=day)
    make_purchase(old, enterprise, 1_000, date(2025, 5, 1))
    make_purchase(whole, enterprise, 1_000, date(2025, 5, 1))
    make_purchase(old, enterprise, 1_000, date(2026, 5, 1))
    reorganise([old], [new], day, BY)
    reorganise([whole], [part, make_department("보육과", valid_from=day)], day, BY)

    page = as_user().get("/totals?year=2026").text

    assert "일자리경제과(으)로 통합됨: 비교 연도 실적은 그 부서에 있습니다" in page
    assert "일자리과 승계: 비교 연도 실적을 포함합니다" in page
    assert "돌봄과, 보육과(으)로 분리됨: 비교 연도 실적은 여기에 있습니다" in page
    assert "복지과에서 분리됨: 비교 연도 실적을 나눌 수 없습니다" in page


def test_a_long_table_goes_on_over_pages_with_one_total(browser: Browser) -> None:
    asked = "/totals?from=2005-01-01&to=2026-11-24&by=month&unit=won"

    first, second = browser.get(asked).text, browser.get(f"{asked}&page=2").text

    assert (len(rows_of(first)), len(rows_of(second))) == (202, 65)
    assert rows_of(first)[-1] == rows_of(second)[-1]
    assert rows_of(browser.get(f"{asked}&page=99").text) == rows_of(second)


@pytest.mark.parametrize("by", ["department", "branch", "type", "kind", "month", "enterprise", "method"])
def test_the_number_of_statements_does_not_grow_with_the_ledger(browser: Browser, by: str) -> None:
    pages = (f"/totals?from=2026-01-02&to=2026-11-24&by={by}", f"/totals/purchases?year=2026&by={by}")
    few = [_statements(browser, page) for page in pages]
    for number in range(12):
        department, enterprise = make_department(f"{number}과"), make_enterprise(f"기업{number}", CERTIFIED)
        make_purchase(department, enterprise, 1_000, date(2026, 5, 3))

    assert [_statements(browser, page) for page in pages] == few


def _statements(browser: Browser, page: str) -> int:
    with counted_queries() as statements:
        assert browser.get(page).status_code == 200
    return len(statements)
