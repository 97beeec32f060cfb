"""Sheets of departments, evaluation periods, statements, briefs, districts, and what explains a year."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import BY, NOW, make_department, make_enterprise, make_institution, make_purchase
from tests.reports.ledger import SINCE, Ledger, counted, enter_ledger, enter_spending, reckon
from tests.targets.pages import write_plan
from tracker.core.periods import Period, evaluation_year
from tracker.core.vocabulary import Affiliation, Directness, Kind, Nature, PaymentKind
from tracker.departments.services import add_department
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.services import reverse_purchase
from tracker.reports.catalogue import RECIPES, build_report
from tracker.reports.indicators import IndicatorDraft, add_indicator
from tracker.reports.requests import Content, OneOff, ReportKind, ReportRequest, UnknownSubject
from tracker.reports.services import create_report
from tracker.reports.verification import verify_report
from tracker.rounds.queries import build_board, find_round
from tracker.rounds.services import Choice, RoundDraft, open_round, submit


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger."""
    return enter_ledger()


def report(kind: ReportKind, year: int = 2025, **more: Any) -> Content:
    return build_report(ReportRequest(year=year, kind=kind, **more), NOW)


def figures(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int | None]]:
    return {row["label"]: (row["current"], row["prior"]) for row in rows}


def test_a_departments_sheet_lists_its_purchases_with_what_was_paid(ledger: Ledger) -> None:
    payments = tuple(
        PaymentDraft(paid_on=date(2025, month, 5), amount=100, fiscal_year=2025, kind=PaymentKind.PROGRESS)
        for month in (4, 5)
    )
    made = make_purchase(
        ledger.departments["복지과"], ledger.suppliers["사랑"], 700, date(2025, 4, 1), payments=payments
    )

    content = report(ReportKind.DEPARTMENT, department_id=ledger.departments["복지과"])
    [line] = [line for line in content["annex"] if line["id"] == made]

    assert (content["department"], content["summary"]["total"]["current"]) == ("복지과", 1_199)
    assert (line["paid"], [each["day"] for each in line["payments"]]) == (200, ["2025-04-05", "2025-05-05"])
    assert content["paid"] + content["unpaid"] == 1_199
    assert (content["everything"]["current"], content["rounds"]) == (1_199, [])
    assert figures(content["by_kind"])["물품"] == (1_199, 0)
    assert content["basis"]["scope"] == "법정(본청·소속기관)"


def test_a_department_without_purchases_has_a_sheet_that_says_none(ledger: Ledger) -> None:
    content = report(ReportKind.DEPARTMENT, department_id=ledger.departments["민원과"])

    assert (content["annex"], content["summary"]["total"]["current"]) == ([], 0)
    assert content["summary"]["total"]["is_recorded"]
    assert (
        report(ReportKind.DEPARTMENT, department_id=ledger.departments["시설공단"])["summary"]["total"][
            "current"
        ]
        == 7_000_000
    )
    with pytest.raises(UnknownSubject, match="department_id"):
        report(ReportKind.DEPARTMENT, department_id=999)


def test_a_departments_sheet_says_how_it_stands_in_the_round(ledger: Ledger) -> None:
    round_id = open_round(
        RoundDraft(
            title="2025년 자료 제출",
            period=Period(date(2025, 1, 1), date(2025, 12, 31)),
            due_on=date(2026, 1, 10),
            with_affiliated=False,
            request="제출 요청",
        ),
        BY,
    )
    asked = find_round(round_id)
    assert asked
    [row] = [each for each in build_board(asked, date(2026, 1, 5)).rows if each.department == "복지과"]
    submit(Choice(row.id, row.version), row.now.marks, BY)
    make_purchase(ledger.departments["복지과"], ledger.suppliers["사랑"], 700, date(2025, 4, 1))

    [told] = report(ReportKind.DEPARTMENT, department_id=ledger.departments["복지과"])["rounds"]

    assert (told["state"], told["is_changed"], told["count"], told["counted"]) == ("제출", True, 2, 499)
    assert report(ReportKind.DEPARTMENT, 2023, department_id=ledger.departments["복지과"])["rounds"] == []


def test_an_evaluation_period_stands_against_the_one_before_with_all_that_took_part(ledger: Ledger) -> None:
    """Placements 1,286 → 1,888 are +46.81 %; 2.67 times the purchases are +167 %; everybody took part."""
    period = evaluation_year(2023)
    for name in ("총무과", "복지과", "민원과"):
        make_purchase(ledger.departments[name], ledger.suppliers["함께"], 267, date(2022, 9, 1))
    make_purchase(ledger.departments["총무과"], ledger.suppliers["이음"], 150, date(2021, 9, 1))
    make_purchase(ledger.departments["복지과"], ledger.suppliers["이음"], 150, date(2022, 8, 31))
    for field, name, unit, value, before in (
        ("일자리", "취업 연계", "명", "1888", "1286"),
        ("판로", "박람회 참가", "개", "3", None),
        ("판로", "온라인 입점", "개", "2.5", "0"),
    ):
        add_indicator(
            IndicatorDraft(
                year=2023,
                field=field,
                name=name,
                unit=unit,
                value=Decimal(value),
                value_before=Decimal(before) if before else None,
                evidence="취업 명부",
            ),
            BY,
        )

    content = report(ReportKind.PERIOD, 2023, period=period)

    assert content["summary"]["total"]["growth"] == "167.0"
    assert (content["basis"]["against_from"], content["basis"]["against_to"]) == ("2021-09-01", "2022-08-31")
    assert content["summary"]["participation"]["departments"]["current"] == 3
    assert content["taking_part"] == {"newly": ["민원과"], "no_longer": [], "never": []}
    assert [(row["count"], row["prior_count"]) for row in content["by_department"]] == [
        (1, 1),
        (1, 1),
        (1, 0),
    ]
    assert [(row["name"], row["growth"]) for row in content["indicators"]] == [
        ("취업 연계", "46.81"),
        ("박람회 참가", None),
        ("온라인 입점", None),
    ]
    suppliers = content["explained"]["suppliers"]
    assert (suppliers["new"]["difference"], suppliers["lost"]["difference"]) == (801, -300)


def test_a_statement_holds_everything_bought_from_a_supplier_by_year(ledger: Ledger) -> None:
    supplier = ledger.suppliers["이음"]
    bought = make_purchase(ledger.departments["민원과"], supplier, 500, date(2022, 5, 1))

    request = ReportRequest(year=2025, kind=ReportKind.ENTERPRISE, enterprise_id=supplier)
    content = build_report(request, NOW)

    assert figures(content["by_year"]) == {"2022년": (500, None), "2025년": (2_040_500, None)}
    assert [row["counted"] for row in content["by_year"]] == [500, 2_000_500]
    assert {row["label"]: row["by_year"] for row in content["by_department"]} == {
        "민원과": [500, 0],
        "총무과": [0, 2_040_500],
    }
    assert [(line["nature"], line["is_counted"]) for line in content["annex"]] == [
        ("구매", True),
        ("구매", True),
        ("위탁", False),
    ]
    assert content["annex"][0]["certificates"][0].startswith("사회적기업 제2020-")
    assert [row["standing"] for row in content["certifications"]] == ["valid", "valid"]
    assert "representative" not in content["enterprise"]

    created = create_report(request, BY)
    reverse_purchase(bought, 1, "취소", BY)
    found = verify_report(created.id)
    assert (found.is_intact, found.difference) == (True, -500)

    nothing = replace(
        request, enterprise_id=make_enterprise("거래 없음", ("social", SINCE, date(2021, 1, 1)))
    )
    assert build_report(nothing, NOW)["by_year"][0]["current"] == 0
    with pytest.raises(UnknownSubject, match="enterprise_id"):
        build_report(replace(request, enterprise_id=999), NOW)


def test_the_brief_holds_the_figures_of_the_annual_report(ledger: Ledger) -> None:
    enter_spending(ledger, 2025, 100_000_000)
    brief, annual = report(ReportKind.BRIEF), report(ReportKind.ANNUAL)

    for name in (
        "summary",
        "statutory",
        "by_type",
        "by_kind",
        "by_month",
        "by_department",
        "explained",
        "annex",
    ):
        assert brief[name] == annual[name]


def test_districts_stand_side_by_side_and_the_citys_own_departments_below(app: object) -> None:  # noqa: ARG001
    city = make_institution("행복시")
    supplier = make_enterprise("함께", ("social", SINCE, None))
    own = make_department("경제과")
    offices = {}
    for name in ("동구", "서구", "남구"):
        body = add_department(name, parent_id=city, is_institution=True, by=BY)
        offices[name] = [
            add_department(f"{name} {each}", parent_id=body, by=BY) for each in ("총무과", "복지과")
        ]
    for office, amount, year in (
        (offices["동구"][0], 300, 2025),
        (offices["동구"][1], 100, 2024),
        (offices["서구"][0], 50, 2025),
        (offices["서구"][0], -20, 2025),
        (own, 7, 2025),
    ):
        make_purchase(office, supplier, amount, date(year, 4, 1))
    enter_spending(Ledger({"총무과": offices["동구"][0]}, {}, {}), 2025, 3_000)

    content = report(ReportKind.DISTRICTS)

    assert [
        (row["label"], row["current"], row["prior"], row["growth"], row["departments"], row["of_departments"])
        for row in content["by_district"]
    ] == [
        ("동구", 300, 100, "200.0", 1, 2),
        ("서구", 30, None, None, 1, 2),
        ("남구", 0, None, None, 0, 2),
        ("행복시", 7, None, None, 1, 1),
    ]
    assert [row["rate"] for row in content["by_district"]] == ["10.00", None, None, None]
    assert [row["is_recorded"] for row in content["by_district"]] == [True, True, False, True]
    assert (
        report(ReportKind.DISTRICTS, period=Period(date(2025, 1, 1), date(2025, 4, 30)))["by_district"][0][
            "rate"
        ]
        is None
    )


def test_a_body_without_districts_has_no_such_report(ledger: Ledger) -> None:
    assert ledger
    with pytest.raises(UnknownSubject, match="districts"):
        report(ReportKind.DISTRICTS)


def test_the_annual_report_holds_plan_against_results_and_explains_the_year(ledger: Ledger) -> None:
    total = ledger.departments["총무과"]
    write_plan(total, "복사용지", 4_000_000, fiscal_year=2025)
    write_plan(ledger.departments["민원과"], "간식", 10_000, fiscal_year=2025)
    write_plan(ledger.departments["시설공단"], "청소", 10_000, fiscal_year=2025)
    write_plan(total, "복사용지", 5_000_000, fiscal_year=2026)

    content = report(ReportKind.ANNUAL)
    results = {
        row["label"]: (row["planned"], row["bought"], row["attainment"]) for row in content["plan"]["results"]
    }

    assert results == {
        "총무과": (4_000_000, 3_235_067, "80.9"),
        "복지과": (None, -500, None),
        "민원과": (10_000, 0, "0.0"),
    }
    assert (content["plan"]["amount"], content["plan_next"]["amount"]) == (4_010_000, 5_000_000)
    suppliers = content["explained"]["suppliers"]
    assert suppliers["kept"]["current"] + suppliers["new"]["current"] == reckon(2025)
    assert suppliers["new"]["number"] == 1
    assert len(content["annex"]) == len(counted(2025))


def test_the_annual_rate_is_told_without_the_one_off_item(ledger: Ledger) -> None:
    """18,171 of 655,000 (억원) are 2.77 %; without 32,000 of vaccines 2.92 %."""
    hundred_million = 100_000_000
    office, supplier = ledger.departments["총무과"], ledger.suppliers["함께"]
    make_purchase(office, supplier, 18_171 * hundred_million, date(2021, 5, 1))
    doses = make_purchase(
        office, ledger.suppliers["여성상사"], 32_000 * hundred_million, date(2021, 6, 1), budget_item="의료"
    )
    enter_spending(ledger, 2021, 655_000 * hundred_million)

    content = report(ReportKind.ANNUAL, 2021, one_offs=(OneOff("백신", (doses,)),))

    assert content["statutory"]["rate"]["current"] == "2.77"
    assert [(row["name"], row["rate"], row["change"]) for row in content["one_offs"]["rows"]] == [
        ("백신", "2.92", None)
    ]
    assert content["one_offs"]["all"]["spending"] == 32_000 * hundred_million
    period = Period(date(2021, 1, 1), date(2021, 6, 30))
    assert report(ReportKind.ANNUAL, 2021, period=period)["one_offs"] is None


def about(kind: ReportKind, ledger: Ledger) -> ReportRequest:
    """Return a request that names just what the kind needs."""
    named = {
        "scheme": "social_economy",
        "department_id": ledger.departments["총무과"],
        "enterprise_id": ledger.suppliers["함께"],
        "period": Period(date(2025, 1, 1), date(2025, 12, 31)),
    }
    asks = RECIPES[kind].asks
    return ReportRequest(year=2025, kind=kind, **{name: named[name] for name in asks})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [kind for kind in ReportKind if kind is not ReportKind.DISTRICTS])
def test_every_kind_holds_today_what_was_frozen_and_finds_what_was_altered(
    ledger: Ledger, kind: ReportKind
) -> None:
    request = about(kind, ledger)
    created = create_report(request, BY)
    found = verify_report(created.id)
    assert (found.is_intact, found.differences) == (True, [])
    assert found.prior_difference in (0, None)

    content = build_report(request, NOW)
    content["annex"][0]["amount"] += 1
    assert "annex.amount" in set(RECIPES[kind].find_faults(content))
    for table in ("by_kind", "by_department", "by_type", "by_year"):
        if table in content:
            content[table][0]["current"] += 1
    faults = set(RECIPES[kind].find_faults(content))
    assert {"by_kind.current", "by_department.current"} <= faults


def test_suppliers_indirect_trade_is_told_but_not_counted(ledger: Ledger) -> None:
    make_purchase(
        ledger.departments["총무과"],
        ledger.suppliers["사랑"],
        10,
        date(2025, 2, 1),
        directness=Directness.INDIRECT,
        nature=Nature.PURCHASE,
        kind=Kind.WORKS,
    )
    content = report(ReportKind.ENTERPRISE, enterprise_id=ledger.suppliers["사랑"])

    assert [line["is_counted"] for line in content["annex"] if line["kind"] == "공사"] == [False]
    assert Affiliation.OWN.korean
