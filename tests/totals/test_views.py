"""The pages of totals as a person sees and follows them."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest

from tests.client import Browser
from tests.factories import make_department, make_enterprise, make_purchase

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


def rows_of(page: str) -> list[list[str]]:
    """Return the texts of the cells of the page's table."""
    return [
        [
            unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr.*?</tr>", page, re.S)
    ]


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


@pytest.mark.parametrize("by", ["department", "type", "kind", "month", "enterprise", "method"])
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
