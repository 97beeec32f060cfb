"""The pages of schemes, targets, budgets and deadlines as a person sees and uses them."""

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.purchases.pages import counted_queries, rows_of, texts_of
from tests.targets.pages import OWN, PAGE, SOCIAL, aim, opened, send, spend, targets_of
from tracker.core.vocabulary import Affiliation, Basis, Kind, PaymentKind, Role
from tracker.departments.services import close_department, reorganise
from tracker.extensions import db
from tracker.purchases.drafts import PaymentDraft
from tracker.targets.commands import rates
from tracker.targets.queries import (
    Exclusion,
    budget_history,
    budgets_by_department,
    find_scheme,
    list_deadlines,
    list_schemes,
)
from tracker.targets.services import RuleDraft, record_budget, save_rule

SOCIAL_TYPE = ("social", date(2015, 1, 1), None)
VILLAGE = ("village", date(2015, 1, 1), None)


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department below the institution."""
    assert app
    return make_department("총무과")


@pytest.fixture
def browser(as_user: Callable[[], Browser], office: int) -> Browser:
    """Return a browser of the social-economy team."""
    assert office
    return as_user()


def command(*asked: str) -> list[dict[str, Any]]:
    """Return the rows of `tracker rates`."""
    result = CliRunner().invoke(rates, [*asked, "--json"])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    return rows


def shown(row: dict[str, Any]) -> list[str]:
    """Return how a page shows a row of the command: what counts, of what, rate, attainment."""
    numerator, denominator = row["numerator"], row["denominator"]
    return [
        "유형 미정" if numerator is None else f"{numerator:,}",
        "자료 없음" if denominator is None else f"{denominator:,}",
        "유형 미정" if numerator is None else "분모 없음" if row["rate"] is None else f"{row['rate']}%",
        "–" if row["attainment"] is None else f"{row['attainment']}%",
    ]


def make_year(office: int, year: int = 2026) -> None:
    """Record purchases and total spending of a year."""
    several = make_enterprise(f"여럿 {year}", SOCIAL_TYPE, VILLAGE)
    make_purchase(office, several, 600_000, date(year, 5, 1))
    make_purchase(office, several, 200_000, date(year, 6, 1), kind=Kind.SERVICES)
    make_purchase(office, make_enterprise(f"하나 {year}", VILLAGE), 70_000, date(year, 7, 1))
    make_purchase(office, make_enterprise(f"없음 {year}"), 900_000, date(year, 7, 1))
    spend(office, 10_000_000, year=year)
    spend(office, 3_000_000, Kind.SERVICES, year=year)


# All schemes of a year


def test_the_figures_of_the_page_are_those_of_the_command(browser: Browser, office: int) -> None:
    make_year(office)
    make_purchase(office, make_enterprise("미분류"), 5, date(2026, 8, 1), kind=Kind.UNCLASSIFIED)
    aim("social_economy", amount=1_000_000)
    aim("social_enterprise", rate="0.05", kind=Kind.GOODS)

    page = browser.get(f"{PAGE}?unit=won").text
    rows = [row[-9:] if len(row) == 10 else [*row, "", ""][-9:] for row in rows_of(page)[1:]]
    told = command("--year", "2026")
    expected = []
    for scheme in dict.fromkeys(row["scheme"] for row in told):
        *kinds, whole = [row for row in told if row["scheme"] == scheme]
        expected += [whole, *kinds]

    found = [row if row[0] != "" else row[1:] for row in rows]
    assert [
        [cells[1], cells[2], cells[3], cells[5]]
        for cells in ([cell for cell in row if cell != ""] for row in found)
    ] == [shown(row) for row in expected]


def test_a_scheme_shows_what_it_counts_and_its_budget_beside_total_spending(
    browser: Browser, office: int
) -> None:
    make_year(office)
    record_budget(office, 2026, 1_740_000, "본예산", BY)
    aim("social_economy", amount=1_000_000, department_id=office)

    rows = {row[0]: row for row in rows_of(browser.get(f"{PAGE}?unit=won&year=2026").text)}
    own = next(row for name, row in rows.items() if name.startswith("사회적경제 합계"))

    assert own == [
        "사회적경제 합계(자체 기준) 자체 기준 자체 기준 사회적기업, 예비사회적기업, 마을기업, 자활기업, "
        "사회적협동조합, 협동조합 · 물품, 용역, 공사 2025년 기준 적용",
        "계",
        "870,000",
        "13,000,000",
        "6.69%",
        "목표 없음",
        "–",
        "1,740,000",
        "50.00%",
        "1 / 2",
    ]


def test_what_is_unknown_is_said_and_never_zero(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?year=2027").text
    women = next(row for row in rows_of(page) if row[0].startswith("여성기업"))
    small = next(row for row in rows_of(page) if row[0].startswith("중소기업"))

    assert women[1:] == ["계", "0", "자료 없음", "분모 없음", "목표 없음", "–", "자료 없음", "–", "0 / 2"]
    assert small[2:5] == ["유형 미정", "자료 없음", "유형 미정"]


def test_a_target_of_one_kind_leaves_a_dash_at_the_others(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?year=2025").text
    start = next(at for at, row in enumerate(rows_of(page)) if row[0].startswith("여성기업"))
    whole, *kinds = rows_of(page)[start : start + 4]

    assert [whole[5], *(row[4] for row in kinds)] == ["–", "5.00%", "5.00%", "3.00%"]


def test_a_year_that_is_none_is_refused(browser: Browser) -> None:
    assert browser.get(f"{PAGE}?year=1").status_code == 400
    assert browser.get(f"{PAGE}/budgets?year=x").status_code == 400
    assert browser.get(f"{PAGE}/plan?scheme=none").status_code == 400
    assert browser.get(f"{PAGE}/schemes/none/2026").status_code == 404
    assert browser.get(f"{PAGE}/schemes/women/1889").status_code == 404


@pytest.mark.long
def test_however_many_departments_the_pages_ask_as_often(browser: Browser) -> None:
    pages = (PAGE, OWN, f"{OWN}/shares", f"{PAGE}/budgets", f"{PAGE}/budgets/2026/edit", f"{PAGE}/deadlines")
    aim("social_economy", amount=100)

    def count() -> list[int]:
        found = []
        for page in pages:
            with counted_queries() as sent:
                assert browser.get(page).status_code == 200
            found.append(len(sent))
        return found

    count()
    few = count()
    for number in range(5):
        department = make_department(f"부서 {number}")
        make_year(department)
        record_budget(department, 2026, 5, "본예산", BY)
        aim("social_economy", amount=10, department_id=department)

    assert count() == few


def test_figures_lead_to_the_purchases_behind_them(browser: Browser, office: int) -> None:
    make_year(office)
    page = browser.get(f"{OWN}?order=office").text
    links = [unescape(link) for link in re.findall(r'href="([^"]+/purchases[^"]*)"', page)]
    sums = {}
    for link in links:
        behind = browser.get(link).text
        assert "표의 금액과 같" in behind
        [total] = [row for row in rows_of(behind) if row[0] == "합계"]
        amounts = [int(row[-1].replace(",", "")) for row in rows_of(behind)[1:] if row[0] != "합계"]
        assert total[-1] == f"{sum(amounts):,}"
        sums[link.partition("?")[2]] = sum(amounts)

    assert sums == {
        "kind=goods": 670_000,
        "kind=services": 200_000,
        "kind=works": 0,
        "": 870_000,
        f"department={office}": 870_000,
    }
    assert browser.get(f"{OWN}/purchases?department=999").status_code == 404


def test_the_purchases_behind_a_figure_come_in_pages(
    browser: Browser, office: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_year(office)
    monkeypatch.setattr("tracker.targets.views.schemes.PAGE", 2)
    first = browser.get(f"{OWN}/purchases").text
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    second = browser.get(unescape(onward[1])).text

    assert [row[1] for row in rows_of(first)[1:-1]] == ["2026. 5. 1.", "2026. 6. 1."]
    assert [row[1] for row in rows_of(second)[1:-1]] == ["2026. 7. 1."]
    assert 'rel="next"' not in second
    for none in ("x", "2026-13-01.1"):
        assert browser.get(f"{OWN}/purchases?after={none}").status_code == 404


def test_payments_stand_behind_a_figure_by_payment(browser: Browser, office: int) -> None:
    paid = PaymentDraft(paid_on=date(2026, 2, 1), amount=400, fiscal_year=2026, kind=PaymentKind.ADVANCE)
    make_purchase(
        office, make_enterprise("일", SOCIAL_TYPE), 700, date(2025, 5, 1), payments=(paid,), item="청소"
    )
    rule = RuleDraft(
        scheme="social_enterprise",
        fiscal_year=2026,
        types=("social",),
        kinds=tuple(Kind),
        basis=Basis.PAYMENT,
    )
    save_rule(rule, None, BY)

    behind = browser.get(f"{SOCIAL}/purchases").text

    assert [row[1:] for row in rows_of(behind)[1:-1]] == [
        ["2026. 2. 1.", "사무용품 구매", "총무과", "일", "물품", "400"]
    ]
    assert "지출" in behind


# Carrying a year forward


def test_a_year_is_carried_forward_by_one_button(browser: Browser) -> None:
    page = browser.get(f"{PAGE}?year=2026").text
    assert "2025년을 2026년으로 이월" in page
    form = opened(browser, f"{PAGE}?year=2026")
    answers = [browser.post(f"{PAGE}/2026/carry", data=form) for _each in range(2)]
    after = browser.get(f"{PAGE}?year=2026").text

    assert [answer.location for answer in answers] == [f"{PAGE}?year=2026"] * 2
    assert "이월했습니다" in after
    assert "이미 처리" in after
    assert "2026년으로 이월" not in after
    db.session.rollback()
    assert {row.rule.fiscal_year for row in list_schemes(2026)} == {2026}
    assert targets_of("women", 2026) == {
        (None, "goods"): (Decimal("0.05"), None),
        (None, "services"): (Decimal("0.05"), None),
        (None, "works"): (Decimal("0.03"), None),
    }
    assert len(list_deadlines(date(2027, 1, 1), date(2027, 12, 31))) == 8


def test_what_the_year_has_of_its_own_stays_when_another_is_carried_forward(browser: Browser) -> None:
    own = RuleDraft(
        scheme="women", fiscal_year=2026, types=("women_owned",), kinds=(Kind.GOODS,), notice="제1호"
    )
    save_rule(own, None, BY)
    aim("women", rate="0.07", kind=Kind.GOODS)
    form = opened(browser, f"{PAGE}?year=2026")
    browser.post(f"{PAGE}/2026/carry", data=form)
    db.session.rollback()

    women = find_scheme("women", 2026)
    assert women
    assert women.rule.notice == "제1호"
    assert women.rule.predicate.kinds == {Kind.GOODS}
    assert targets_of("women")[None, "goods"] == (Decimal("0.07"), None)
    again = browser.post(f"{PAGE}/2026/carry", data=form | {"key": "another"})
    assert "이월하지 않았습니다" in browser.get(again.location).text


def test_a_first_year_has_nothing_to_carry_forward(browser: Browser) -> None:
    form = opened(browser, f"{PAGE}?year=2026")
    answer = browser.post(f"{PAGE}/2020/carry", data=form)

    assert "이월하지 않았습니다" in browser.get(answer.location.replace("year=2020", "year=2026")).text
    assert browser.post(f"{PAGE}/2026/carry", data=form | {"key": ""}).status_code == 400


# What a scheme counts


def test_a_rule_of_an_earlier_year_says_so_and_saving_makes_one_of_this_year(
    browser: Browser, office: int
) -> None:
    make_year(office)
    page = browser.get(f"{SOCIAL}/rule").text
    assert "2026년에 2025년 기준을 쓰고 있습니다" in page
    form = opened(browser, f"{SOCIAL}/rule")
    assert (form["types"], form["kinds"], form["version"]) == (["social"], ["goods", "services", "works"], "")

    answer = send(
        browser,
        f"{SOCIAL}/rule",
        form,
        types=["social", "village"],
        kinds=["goods"],
        exclusions__0__item="401",
        exclusions__0__reason="시설비",
        scope="all",
        basis="payment",
        notice="제2026-3호",
    )
    repeat = send(browser, f"{SOCIAL}/rule", form)

    assert answer.location == SOCIAL
    assert repeat.location == SOCIAL
    told = texts_of(browser.get(SOCIAL).text)
    assert "기준을 저장했습니다" in told
    assert "이미 처리" in told
    assert "대상 유형 사회적기업, 마을기업 대상 구분 물품 제외하는 통계목 401 (시설비)" in told
    assert "출자·출연기관 포함 (평가용) 집계 기준 지출 고시 번호 제2026-3호" in told
    db.session.rollback()
    years = {year: find_scheme("social_enterprise", year) for year in (2025, 2026)}
    assert {year: row and row.rule.types for year, row in years.items()} == {
        2025: ("social",),
        2026: ("social", "village"),
    }


def test_the_effect_of_exclusions_is_shown_before_anything_is_saved(browser: Browser, office: int) -> None:
    enterprise = make_enterprise("일", SOCIAL_TYPE)
    make_purchase(office, enterprise, 20, date(2026, 5, 1), budget_item="201-01")
    make_purchase(office, enterprise, 5, date(2026, 5, 2), budget_item="405-01")
    spend(office, 800)
    spend(office, 150, item="401-01")
    spend(office, 50, item="405-01")
    form = opened(browser, f"{SOCIAL}/rule")
    exclusions = {
        "exclusions__0__item": "401",
        "exclusions__0__reason": "시설비",
        "exclusions__1__item": "405-01",
        "exclusions__1__reason": "일회성",
    }
    seen = send(browser, f"{SOCIAL}/rule", form, act="check", **exclusions)

    assert seen.status_code == 200
    effects = [row for row in rows_of(seen.text) if row[-1].endswith("%")]
    assert effects == [
        ["401", "시설비", "0", "150", "2.11%"],
        ["405-01", "일회성", "5", "50", "2.94%"],
        ["아무것도 제외하지 않을 때", "2.50%"],
        ["모두 제외할 때 (적용 비율)", "2.50%"],
    ]
    db.session.rollback()
    scheme = find_scheme("social_enterprise", 2026)
    assert scheme
    assert scheme.rule.exclusions == ()
    send(browser, f"{SOCIAL}/rule", form, act="save", **exclusions)
    assert [row for row in rows_of(browser.get(SOCIAL).text) if row[-1] in ("2.11%", "2.94%")] == effects[:2]
    assert command("--year", "2026", "--scheme", "social_enterprise")[-1]["rate"] == "2.50"


def test_two_people_who_change_a_rule_are_told_of_each_other(browser: Browser) -> None:
    form = opened(browser, f"{SOCIAL}/rule")
    other = RuleDraft(
        scheme="social_enterprise",
        fiscal_year=2026,
        types=("village",),
        kinds=(Kind.GOODS,),
        exclusions=(Exclusion("401", "시설비"),),
    )
    save_rule(other, None, BY)
    answer = send(browser, f"{SOCIAL}/rule", form, notice="제9호")

    assert answer.status_code == 409
    rows = rows_of(answer.text)
    assert ["대상 유형", "마을기업", "사회적기업"] in rows
    assert ["제외하는 통계목", "401 (시설비)", "–"] in rows
    assert ["고시 번호", "–", "제9호"] in rows
    assert 'value="제9호"' in answer.text
    saved = browser.post(
        f"{SOCIAL}/rule", data=form | {"version": "1", "notice": "제9호", "key": "once more"}
    )
    assert saved.location == SOCIAL


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kinds": []}, "구분을 하나 이상 선택하세요"),
        ({"exclusions__0__item": "401"}, "제외하는 사유를 적으세요"),
        ({"exclusions__0__reason": "시설비"}, "통계목이나 그 번호의 앞부분을 적으세요"),
        (
            {
                "exclusions__0__item": "401",
                "exclusions__0__reason": "가",
                "exclusions__1__item": "401",
                "exclusions__1__reason": "나",
            },
            "같은 통계목을 적은 줄이 또 있습니다",
        ),
        ({"types": ["no type"]}, "대상 유형"),
        ({"exclusions__0__item": "4" * 61, "exclusions__0__reason": "길다"}, "60"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    browser: Browser, changed: dict[str, object], said: str
) -> None:
    answer = send(browser, f"{SOCIAL}/rule", opened(browser, f"{SOCIAL}/rule"), **changed)

    assert answer.status_code == 422
    assert said in answer.text
    db.session.rollback()
    assert {row.rule.fiscal_year for row in list_schemes(2026)} == {2025}


def test_a_scheme_without_types_knows_no_rate(browser: Browser, office: int) -> None:
    spend(office, 100)
    page = browser.get(f"{PAGE}/schemes/sme/2026/rule").text

    assert rows_of(page)[-1] == ["모두 제외할 때 (적용 비율)", "–"]


# Targets of the institution


def test_targets_are_set_as_rates_and_amounts_with_their_ground(browser: Browser, office: int) -> None:
    make_year(office)
    record_budget(office, 2026, 742_000, "본예산", BY)
    form = opened(browser, f"{OWN}/targets")
    typed = {
        "lines__0__rate": "5.125%",
        "lines__0__ground": "법 제1조",
        "lines__3__rate": "8",
        "lines__3__amount": "60,000원",
        "lines__3__ground": "예산의 8%를 올림",
    }
    reckoned = send(browser, f"{OWN}/targets", form, act="check", **typed)
    assert [row[-2:] for row in rows_of(reckoned.text)[1:]] == [
        ["512,500", ""],
        ["–", ""],
        ["–", ""],
        ["1,040,000", "59,360"],
    ]
    assert targets_of("social_economy") == {}
    answer = send(browser, f"{OWN}/targets", form, **typed)

    assert answer.location == OWN
    assert "목표를 저장했습니다" in browser.get(OWN).text
    db.session.rollback()
    assert targets_of("social_economy") == {
        (None, "goods"): (Decimal("0.05125"), None),
        (None, ""): (Decimal("0.08"), 60_000),
    }
    again = opened(browser, f"{OWN}/targets")
    assert (again["lines-0-rate"], again["lines-3-amount"]) == ("5.125", "60,000")
    send(browser, f"{OWN}/targets", again, lines__0__rate="")
    db.session.rollback()
    assert list(targets_of("social_economy")) == [(None, "")]


def test_two_people_who_set_targets_are_told_of_each_other(browser: Browser) -> None:
    form = opened(browser, f"{OWN}/targets")
    aim("social_economy", amount=70_000)
    answer = send(browser, f"{OWN}/targets", form, lines__3__amount="60,000", lines__0__rate="5")

    assert answer.status_code == 409
    assert ["계", "– · 70,000 · –", "– · 60,000 · –"] in rows_of(answer.text)
    assert ["물품", "–", "5.0000% · – · –"] in rows_of(answer.text)
    db.session.rollback()
    assert targets_of("social_economy") == {(None, ""): (None, 70_000)}
    browser.post(
        f"{OWN}/targets",
        data=form | {"lines-3-amount": "60,000", "lines-3-version": "1", "key": "once more"},
    )
    db.session.rollback()
    assert targets_of("social_economy") == {(None, ""): (None, 60_000)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lines__0__rate": "0"}, "0보다 크고 100 이하"),
        ({"lines__0__rate": "100.1"}, "0보다 크고 100 이하"),
        ({"lines__0__rate": "1.12345"}, "넷째 자리까지"),
        ({"lines__0__rate": "많이"}, "0보다 크고 100 이하"),
        ({"lines__0__amount": "-5"}, "0보다 큰 금액"),
        ({"lines__0__amount": "조금"}, "1,234,000"),
        ({"lines__0__kind": "none"}, "화면을 다시 여세요"),
        ({"lines__0__kind": "services"}, "화면을 다시 여세요"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(
    browser: Browser, changed: dict[str, str], said: str
) -> None:
    answer = send(browser, f"{OWN}/targets", opened(browser, f"{OWN}/targets"), **changed)

    assert answer.status_code == 422
    assert said in texts_of(answer.text)
    assert all(value in answer.text for value in changed.values() if value not in ("none", "services"))


# Targets of the departments


def test_departments_stand_in_the_order_of_what_they_reached(browser: Browser, office: int) -> None:
    enterprise = make_enterprise("일", SOCIAL_TYPE)
    others = {name: make_department(name) for name in ("세무과", "민원과", "복지과")}
    for department, amount, target in (
        (office, 50, 100),
        (others["세무과"], 90, 60),
        (others["민원과"], 0, 40),
        (others["복지과"], 7, None),
    ):
        if amount:
            make_purchase(department, enterprise, amount, date(2026, 5, 1))
        if target:
            aim("social_economy", amount=target, department_id=department)
    aim("social_economy", amount=200)

    def order(by: str) -> list[list[str]]:
        rows = rows_of(browser.get(f"{OWN}?order={by}&unit=won").text)
        start = rows.index(["부서", "목표", "현재 우선구매액", "달성률", "총구매액", "구매비율"])
        return [[row[0], row[3]] for row in rows[start + 1 :]]

    assert order("attainment") == [
        ["민원과", "0.0%"],
        ["총무과", "50.0%"],
        ["세무과", "150.0%"],
        ["복지과", "–"],
        ["기관", "73.5%"],
    ]
    assert [name for name, _ in order("target")[:4]] == ["총무과", "세무과", "민원과", "복지과"]
    assert [name for name, _ in order("office")[:4]] == ["총무과", "세무과", "민원과", "복지과"]
    told = {
        row["department"]: row["attainment"]
        for row in command("--year", "2026", "--scheme", "social_economy", "--by", "department")
        if row["kind"] == "all" and "department" in row
    }
    assert told == {"총무과": "50.0", "세무과": "150.0", "민원과": "0.0", "복지과": None}


def part_inputs(page: str) -> dict[str, str]:
    """Return the part typed for each department, empty ones too."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        label, value = re.search(r'aria-label="([^"]+) 배분액"', tag), re.search(r'value="([^"]*)"', tag)
        if label:
            found[label[1]] = value[1] if value else ""
    return found


def test_a_target_is_shared_out_by_what_the_departments_did_spent_or_may_spend(
    browser: Browser, office: int
) -> None:
    other = make_department("민원과")
    enterprise = make_enterprise("일", SOCIAL_TYPE)
    make_purchase(office, enterprise, 200, date(2025, 5, 1))
    make_purchase(other, enterprise, 100, date(2025, 5, 1))
    make_purchase(other, enterprise, 900, date(2026, 5, 1))
    spend(office, 1_000, year=2025)
    spend(other, 3_000, year=2025)
    record_budget(office, 2026, 10, "본예산", BY)
    record_budget(other, 2026, 40, "본예산", BY)
    aim("social_economy", amount=1_000_001)
    pages = {
        by: browser.get(f"{OWN}/shares?by={by}").text for by in ("results", "spending", "budget", "hand")
    }

    assert {by: part_inputs(page) for by, page in pages.items()} == {
        "results": {"총무과": "666,667", "민원과": "333,334"},
        "spending": {"총무과": "250,000", "민원과": "750,001"},
        "budget": {"총무과": "200,000", "민원과": "800,001"},
        "hand": {"총무과": "", "민원과": ""},
    }
    assert ["총무과", "200", "66.7", "", "–"] in rows_of(pages["results"])
    assert ["합계", "300", "100.0", "1,000,001", "1,000,001"] in rows_of(pages["results"])
    answer = send(browser, f"{OWN}/shares?by=budget", opened(browser, f"{OWN}/shares?by=budget"))
    assert answer.location == OWN
    db.session.rollback()
    assert targets_of("social_economy") == {
        (None, ""): (None, 1_000_001),
        (office, ""): (None, 200_000),
        (other, ""): (None, 800_001),
    }
    assert part_inputs(browser.get(f"{OWN}/shares?by=hand").text) == {
        "총무과": "200,000",
        "민원과": "800,001",
    }


def test_parts_typed_by_hand_add_up_to_the_won_or_are_refused(browser: Browser, office: int) -> None:
    other = make_department("민원과")
    aim("social_economy", amount=1_000)
    page = f"{OWN}/shares?by=hand"
    form = opened(browser, page) | {"reason": "회의 결정"}

    def share(first: str, second: str, **more: str) -> Any:
        return send(browser, page, form, lines__0__amount=first, lines__1__amount=second, **more)

    more, less = share("600", "500"), share("600", "")
    assert [answer.status_code for answer in (more, less)] == [422, 422]
    assert "100원 많습니다" in more.text
    assert "400원 적습니다" in less.text
    assert part_inputs(more.text) == {"총무과": "600", "민원과": "500"}
    assert share("1,100", "-100").status_code == 422
    assert share("600", "400", reason="").status_code == 422
    assert targets_of("social_economy") == {(None, ""): (None, 1_000)}
    assert share("1,000", "0").location == OWN
    db.session.rollback()
    assert targets_of("social_economy") == {(None, ""): (None, 1_000), (office, ""): (None, 1_000)}
    assert (other, "") not in targets_of("social_economy")


def test_two_people_who_share_out_are_told_of_each_other(browser: Browser, office: int) -> None:
    aim("social_economy", amount=1_000)
    page = f"{OWN}/shares?by=hand"
    form = opened(browser, page) | {"reason": "회의 결정", "lines-0-amount": "1,000"}
    aim("social_economy", amount=400, department_id=office)
    answer = browser.post(page, data=form)

    assert answer.status_code == 409
    assert "마지막 열이 지금 저장된 금액" in answer.text
    assert ["총무과", "–", "–", "", "400"] in rows_of(answer.text)
    assert part_inputs(answer.text) == {"총무과": "1,000"}
    seal = re.search(r'name="whole"[^>]*value="([0-9a-f]{64})"', answer.text)
    assert seal
    assert browser.post(page, data=form | {"whole": seal[1], "key": "again"}).location == OWN


def test_without_an_amount_there_is_nothing_to_share_out(browser: Browser) -> None:
    aim("social_economy", rate="0.05")

    assert "먼저 전체 목표 금액을 정하세요" in browser.get(f"{OWN}/shares").text


def test_what_weighs_for_nobody_is_said(browser: Browser, office: int) -> None:
    gone, old, new = (make_department(name) for name in ("옛 과", "일자리과", "경제과"))
    enterprise = make_enterprise("일", SOCIAL_TYPE)
    for department, amount in ((gone, 7_000), (old, 500), (office, 500)):
        make_purchase(department, enterprise, amount, date(2025, 5, 1))
    close_department(gone, date(2025, 12, 31), BY)
    reorganise([old], [new], date(2026, 1, 1), BY)
    make_department("재단", affiliation=Affiliation.AFFILIATED)
    aim("social_economy", amount=1_000)

    page = browser.get(f"{OWN}/shares").text
    nothing = browser.get(f"{OWN}/shares?by=spending").text

    assert part_inputs(page) == {"총무과": "500", "경제과": "500"}
    assert "7,000원은 배분 기준에서 빠집니다" in page
    assert "나눌 자료가 없습니다" in nothing
    assert set(part_inputs(nothing).values()) == {""}


def test_parts_of_departments_that_are_not_there_are_refused(browser: Browser) -> None:
    aim("social_economy", amount=1_000)
    page = f"{OWN}/shares?by=hand"
    form = opened(browser, page)
    answer = browser.post(page, data=form | {"lines-0-department": "999", "reason": "회의"})

    assert answer.status_code == 422
    assert "화면을 다시 여세요" in answer.text
    many = form | {"lines-1-department": form["lines-0-department"], "reason": "회의"}
    assert browser.post(page, data=many).status_code == 422


# Purchasable budget


def test_budgets_of_all_departments_are_entered_at_once_and_keep_their_history(
    browser: Browser, office: int
) -> None:
    other = make_department("민원과")
    record_budget(other, 2025, 900_000, "본예산", BY)
    page = f"{PAGE}/budgets/2026/edit"
    first = send(
        browser, page, opened(browser, page), lines__0__amount="74,200", lines__1__amount="8", reason="본예산"
    )
    changed = send(browser, page, opened(browser, page), lines__0__amount="80,000원", reason="제1회 추경")
    same = send(browser, page, opened(browser, page), reason="제2회 추경")

    assert {answer.location for answer in (first, changed, same)} == {f"{PAGE}/budgets?year=2026"}
    table = browser.get(f"{PAGE}/budgets?year=2026&unit=won").text
    assert [row[:4] for row in rows_of(table)] == [
        ["부서", "2026년", "2025년", "마지막 변경 사유"],
        ["총무과", "80,000", "–", "제1회 추경"],
        ["민원과", "8", "900,000", "본예산"],
        ["합계", "80,008", "900,000", ""],
    ]
    history = rows_of(browser.get(f"{PAGE}/budgets/{office}/2026").text)
    assert [row[2:5] for row in history[1:]] == [
        ["제1회 추경", "74,200", "80,000"],
        ["본예산", "–", "74,200"],
    ]
    assert "총무과 2020년 구매가능예산" in browser.get(f"{PAGE}/budgets/{office}/2020").text
    assert browser.get(f"{PAGE}/budgets/999/2026").status_code == 404


def test_two_people_who_enter_budgets_are_told_of_each_other(browser: Browser, office: int) -> None:
    other = make_department("민원과")
    page = f"{PAGE}/budgets/2026/edit"
    form = opened(browser, page) | {"reason": "본예산", "lines-0-amount": "100", "lines-1-amount": "200"}
    record_budget(office, 2026, 300, "본예산", BY)
    answer = browser.post(page, data=form)

    assert answer.status_code == 409
    assert budgets_by_department(2026) == {office: 300}
    assert answer.text.count('class="warning-row"') == 1
    assert ["총무과", "", "300"] in rows_of(answer.text)
    number = budget_history(office, 2026)[0].id
    saved = browser.post(page, data=form | {"lines-0-seen": str(number), "key": "again"})
    assert saved.location
    db.session.rollback()
    assert budgets_by_department(2026) == {office: 100, other: 200}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": ""}, "사유"),
        ({"reason": "본예산", "lines__0__amount": "-1"}, "0 이상의 금액"),
        ({"reason": "본예산", "lines__0__amount": "많음"}, "1,234,000"),
        ({"reason": "본예산", "lines__0__department": ""}, "화면을 다시 여세요"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(
    browser: Browser, office: int, changed: dict[str, str], said: str
) -> None:
    page = f"{PAGE}/budgets/2026/edit"
    answer = send(browser, page, opened(browser, page), **changed)

    assert answer.status_code == 422
    assert said in texts_of(answer.text)
    assert budget_history(office, 2026) == []


def test_before_there_are_departments_the_page_says_what_to_do(as_user: Callable[[], Browser]) -> None:
    assert "부서를 먼저" in texts_of(as_user().get(f"{PAGE}/budgets").text)


def test_departments_show_in_years_in_which_they_were_there(browser: Browser) -> None:
    closed = make_department("옛 과")
    close_department(closed, date(2025, 6, 30), BY)
    make_department("새 과", valid_from=date(2026, 7, 1))
    bureau = make_department("경제국")
    make_department("일자리과", parent_id=bureau)

    def names(year: int) -> list[str]:
        return [row[0] for row in rows_of(browser.get(f"{PAGE}/budgets?year={year}").text)[1:-1]]

    assert names(2025) == ["총무과", "옛 과", "경제국/일자리과"]
    assert names(2026) == ["총무과", "새 과", "경제국/일자리과"]
    record_budget(bureau, 2026, 5, "본예산", BY)
    assert "경제국" in names(2026)


# Deadlines


def test_deadlines_of_the_coming_months_stand_month_by_month(browser: Browser) -> None:
    form = opened(browser, f"{PAGE}/deadlines/new")
    for day, kind, title in (
        ("2026-11-20", "internal", "부서 자료 취합"),
        ("2026-11-24", "notice", "공고 확인"),
        ("2026-12-10", "submission", "구의회 제출"),
        ("2027-12-31", "submission", "마지막 달"),
        ("2028-01-01", "submission", "너무 먼 날"),
    ):
        typed = {"due_on": day, "kind": kind, "title": title, "key": title}
        assert browser.post(f"{PAGE}/deadlines/new", data=form | typed).location == f"{PAGE}/deadlines"
    told = texts_of(browser.get(f"{PAGE}/deadlines").text)

    assert "2026년 11월 2026. 11. 20. 지남 내부마감 부서 자료 취합" in told
    assert "2026. 11. 24. 오늘 공고 확인 공고 확인" in told
    assert "2026년 12월 2026. 12. 10. D-16 제출 구의회 제출 2026년 실적 2027년 1월 기한 없음" in told
    assert "마지막 달" in told
    assert "너무 먼 날" not in told
    assert "너무 먼 날" in browser.get(f"{PAGE}/deadlines?month=2028-01").text
    earlier = texts_of(browser.get(f"{PAGE}/deadlines?month=2025-01").text)
    assert (
        "2026. 1. 31. 지남 제출 중소기업제품 구매실적·구매계획 제출 중소기업제품 공공구매 · 2025년 실적"
        in earlier
    )
    assert "이 기간에는 기한이 없습니다" in browser.get(f"{PAGE}/deadlines?month=2040-01").text
    assert browser.get(f"{PAGE}/deadlines?month=2040-13").status_code == 200


def test_a_deadline_is_changed_and_struck_out(browser: Browser) -> None:
    page = f"{PAGE}/deadlines/1"
    form = opened(browser, page)
    assert (form["due_on"], form["scheme"]) == ("2026-01-31", "sme")
    changed = send(browser, page, form, due_on="2026-12-24", title="연장된 제출", scheme="")
    assert changed.location == f"{PAGE}/deadlines"
    assert "연장된 제출" in browser.get(f"{PAGE}/deadlines").text
    stale = send(browser, page, form | {"key": "late"}, title="늦은 변경")
    assert stale.status_code == 409
    assert ["할 일", "연장된 제출", "늦은 변경"] in rows_of(stale.text)
    assert ["기한", "2026. 12. 24.", "2026. 1. 31."] in rows_of(stale.text)
    late = browser.post(f"{page}/remove", data={"csrf_token": form["csrf_token"], "key": "r", "version": "1"})
    assert late.status_code == 409
    assert "연장된 제출" in late.text
    gone = {"csrf_token": form["csrf_token"], "key": "r2", "version": "2"}
    for _each in range(2):
        assert browser.post(f"{page}/remove", data=gone).location == f"{PAGE}/deadlines"
    assert "삭제했습니다" in browser.get(f"{PAGE}/deadlines").text
    assert browser.get(page).status_code == 404
    assert browser.post(f"{page}/remove", data=gone | {"key": "r3"}).status_code == 404
    assert browser.post(f"{page}/remove", data=gone | {"key": ""}).status_code == 400


def test_a_deadline_needs_a_day_and_something_to_do(browser: Browser) -> None:
    form = opened(browser, f"{PAGE}/deadlines/new")
    answer = browser.post(f"{PAGE}/deadlines/new", data=form | {"due_on": "2026-02-30", "title": ""})

    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 2


def test_the_team_sees_what_is_due_next_when_it_comes_in(browser: Browser, office: int) -> None:
    make_year(office)
    form = opened(browser, f"{PAGE}/deadlines/new")
    typed = {"due_on": "2026-12-10", "kind": "submission", "title": "구의회 제출"}
    browser.post(f"{PAGE}/deadlines/new", data=form | typed)

    assert "2026. 12. 10. D-16 제출 구의회 제출" in texts_of(browser.get("/").text)


# Who may do what


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.ADMIN])
def test_everybody_reads_and_only_the_team_sets(
    as_user: Callable[..., Browser], office: int, role: Role
) -> None:
    aim("social_economy", amount=1_000)
    browser = as_user(role, office if role is Role.CLERK else None)
    for page in (PAGE, OWN, f"{OWN}/purchases", f"{PAGE}/budgets", f"{PAGE}/deadlines"):
        answer = browser.get(page)
        assert answer.status_code == 200
        assert "/edit" not in answer.text
        assert "/deadlines/new" not in answer.text
    for page in (f"{OWN}/rule", f"{OWN}/targets", f"{OWN}/shares", f"{PAGE}/budgets/2026/edit"):
        assert browser.get(page).status_code == 403
    assert "제도와 목표" in browser.get("/admin").text
