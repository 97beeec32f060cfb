"""Reports on schemes: what counts, of what was spent, against the target, the plan and the year before."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import BY, NOW, make_department, make_enterprise, make_purchase
from tests.reports.ledger import SINCE, Ledger, enter_ledger
from tests.targets.pages import aim, spend, write_plan
from tracker.core.vocabulary import Affiliation, Basis, Directness, Kind, PaymentKind, Procurement
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.services import reverse_purchase
from tracker.reports.catalogue import build_report
from tracker.reports.requests import (
    Content,
    IncompleteRequest,
    OneOff,
    ReportKind,
    ReportRequest,
    SuperfluousRequest,
    UnknownSubject,
)
from tracker.reports.services import create_report
from tracker.reports.verification import verify_report
from tracker.targets.queries import Exclusion
from tracker.targets.services import RuleDraft, save_rule

HUNDRED_MILLION = 100_000_000
ALL = (Kind.GOODS, Kind.SERVICES, Kind.WORKS)


def on(scheme: str, year: int = 2025, **more: Any) -> Content:
    request = ReportRequest(year=year, kind=ReportKind.SCHEME, scheme=scheme, **more)
    return build_report(request, NOW)


def rate_rows(content: Content) -> dict[str, tuple[Any, ...]]:
    """Return rate, target and attainment by kind."""
    return {row["label"]: (row["rate"], row["target"], row["attainment"]) for row in content["rates"]}


@pytest.fixture
def office(app: object) -> int:  # noqa: ARG001
    """Return a department."""
    return make_department("총무과")


def women(office: int, amount: int, kind: Kind = Kind.GOODS, year: int = 2025, **more: Any) -> int:
    supplier = make_enterprise("여성상사", ("women_owned", SINCE, None))
    return make_purchase(office, supplier, amount, date(year, 5, 1), kind=kind, **more)


@pytest.mark.parametrize(
    ("actual", "target", "attainment"),
    [("6780000000", 5_500_000_000, "123.3"), ("7540000000", 6_000_000_000, "125.7")],
)
def test_a_target_in_won_is_attained_in_won(office: int, actual: str, target: int, attainment: str) -> None:
    make_purchase(office, make_enterprise("함께", ("social", SINCE, None)), int(actual), date(2025, 3, 1))
    aim("social_enterprise", amount=target, year=2025)

    whole = on("social_enterprise")["rates"][-1]

    assert (whole["attainment"], whole["is_short"], whole["shortfall"]) == (attainment, False, None)


@pytest.mark.parametrize(
    ("actual", "target", "attainment"), [(1443, "0.0833", "173.2"), (1624, "0.0894", "181.7")]
)
def test_a_target_rate_is_attained_by_the_unrounded_rate(
    office: int, actual: int, target: str, attainment: str
) -> None:
    spend(office, 10_000, year=2025)
    women(office, actual)
    aim("women", rate=target, year=2025)

    assert rate_rows(on("women"))["계"] == (
        f"{Decimal(actual) / 100:.2f}",
        f"{float(target) * 100:.2f}",
        attainment,
    )


def test_each_kind_stands_against_its_own_spending_and_target_and_says_what_is_missing(office: int) -> None:
    for kind, amount in ((Kind.GOODS, 100_000), (Kind.SERVICES, 200_000), (Kind.WORKS, 400_000)):
        spend(office, amount, kind, year=2025)
        spend(office, amount, kind, year=2024)
    women(office, 6_000)
    supplier = make_enterprise("하나", ("women_owned", SINCE, None), ("social", SINCE, None))
    make_purchase(
        office, supplier, 9_000, date(2025, 6, 1), kind=Kind.SERVICES, procurement=Procurement.CENTRAL
    )
    make_purchase(office, supplier, -1_000, date(2025, 7, 1), kind=Kind.SERVICES, procurement=Procurement.OWN)
    make_purchase(office, supplier, 5_000, date(2024, 7, 1))
    make_purchase(office, supplier, 70, date(2025, 8, 1), directness=Directness.INDIRECT)

    content = on("women")
    services = content["rates"][1]

    assert rate_rows(content) == {
        "물품": ("6.00", "5.00", "120.0"),
        "용역": ("4.00", "5.00", "80.0"),
        "공사": ("0.00", "3.00", "0.0"),
        "계": ("2.00", None, None),
    }
    assert (services["is_short"], services["shortfall"], services["prior_rate"], services["change"]) == (
        True,
        2_000,
        "0.00",
        "4.00",
    )
    assert (content["rates"][-1]["prior_rate"], content["rates"][-1]["change"]) == ("0.71", "1.29")
    assert [(row["label"], row["current"], row["by_kind"]) for row in content["by_procurement"]] == [
        ("조달청 의뢰", 9_000, [0, 9_000, 0]),
        ("자체", -1_000, [0, -1_000, 0]),
        ("미상", 6_000, [6_000, 0, 0]),
    ]
    assert [(row["label"], row["current"], row["prior"]) for row in content["by_type"]] == [
        ("여성기업", 14_000, 5_000)
    ]
    assert (content["summary"]["total"]["current"], content["summary"]["total"]["growth"]) == (
        14_000,
        "180.0",
    )
    assert content["summary"]["participation"]["enterprises"]["current"] == 2
    assert content["basis"]["excluded"][0]["amount"] == 70
    assert content["basis"]["laws"] == ["여성기업지원법 제9조, 같은 법 시행령 제7조"]
    assert content["subject"] == "여성기업제품 우선구매 실적보고서"


def test_works_and_excluded_items_are_on_neither_side(office: int) -> None:
    save_rule(
        RuleDraft(
            scheme="severe_disability",
            fiscal_year=2025,
            types=("severe_disability",),
            kinds=(Kind.GOODS, Kind.SERVICES),
            exclusions=(Exclusion("201-02", "의무 대상 아님"),),
            notice="고시 제2025-1호",
        ),
        1,
        BY,
    )
    supplier = make_enterprise("중증", ("severe_disability", SINCE, None))
    for kind, item, amount in (
        (Kind.GOODS, "201-01", 110),
        (Kind.GOODS, "201-02", 500),
        (Kind.WORKS, "401-01", 700),
    ):
        make_purchase(office, supplier, amount, date(2025, 3, 1), kind=kind, budget_item=item)
        spend(office, amount * 100, kind, item, year=2025)

    content = on("severe_disability")

    assert rate_rows(content)["계"] == ("1.00", "1.10", "90.9")
    assert [line["amount"] for line in content["annex"]] == [110]
    assert content["scheme"]["excluded_kinds"] == ["공사"]
    assert content["scheme"]["exclusions"] == [
        {"item": "201-02", "reason": "의무 대상 아님", "eligible": 500, "spending": 50_000}
    ]
    assert content["basis"]["laws"][-1] == "고시 제2025-1호"


def test_what_is_not_known_is_said_so_and_is_no_zero(office: int) -> None:
    small = on("sme")
    assert (small["summary"]["total"]["is_recorded"], small["rates"][-1]["is_known"]) == (False, False)
    assert rate_rows(small)["계"] == (None, "50.00", None)

    women(office, 100)
    aim("social_coop", rate="0", year=2025)
    unspent = on("women")
    assert unspent["rates"][-1]["denominator"]["current"] is None
    assert rate_rows(unspent)["물품"] == (None, "5.00", None)
    assert unspent["summary"]["total"]["prior"] is None
    assert on("village")["rates"][-1]["target"] is None
    assert rate_rows(on("social_coop"))["계"][2] is None

    spend(office, 40, year=2025)
    assert on("women")["rates"][-1]["exceeds"]


def test_departments_of_the_scope_are_all_listed_with_their_targets(office: int) -> None:
    other = make_department("복지과")
    agency = make_department("시설공단", affiliation=Affiliation.AFFILIATED)
    women(office, 300)
    women(agency, 7_000)
    women(other, 500, year=2024)
    aim("women", amount=600, year=2025, department_id=office)
    spend(office, 1_000, year=2025)

    rows = on("women")["by_department"]

    assert [(row["label"], row["current"], row["prior"]) for row in rows] == [
        ("총무과", 300, 0),
        ("복지과", 0, 500),
    ]
    assert [(row["rate"], row["target_amount"], row["attainment"]) for row in rows] == [
        ("30.00", 600, "50.0"),
        (None, None, None),
    ]


def test_the_plan_of_the_year_and_of_the_next_stand_beside(office: int) -> None:
    women(office, 300)
    for year, amount in ((2025, 1_000), (2026, 2_000)):
        write_plan(office, "복사용지", amount, fiscal_year=year, scheme="women", planned_month=3)
        write_plan(office, "다른 제도", 9, fiscal_year=year)

    content = on("women")

    assert [(content[name]["year"], content[name]["amount"]) for name in ("plan", "plan_next")] == [
        (2025, 1_000),
        (2026, 2_000),
    ]
    assert content["plan"]["lines"][0]["item"] == "복사용지"
    assert content["plan"]["lines"][0]["month"] == 3


def test_the_rate_of_2021_is_told_with_and_without_the_vaccines(office: int) -> None:
    """18,171 of 655,000 (억원) are 2.77 %; without 32,000 of vaccines 2.92 %; 16,225 of 569,298 in 2020."""
    supplier = make_enterprise("함께", ("social", SINCE, None))
    for year, goods, services, spent in ((2021, 9_201, 8_970, 623_000), (2020, 16_225, 0, 569_298)):
        make_purchase(office, supplier, goods * HUNDRED_MILLION, date(year, 5, 1))
        make_purchase(office, supplier, services * HUNDRED_MILLION, date(year, 5, 2), kind=Kind.SERVICES)
        spend(office, spent * HUNDRED_MILLION, year=year)
    spend(office, 31_000 * HUNDRED_MILLION, item="백신-1", year=2021)
    doses = make_purchase(office, make_enterprise("제약"), 1_000 * HUNDRED_MILLION, date(2021, 6, 1))
    spend(office, 1_000 * HUNDRED_MILLION, item="의약품", year=2021)

    content = on(
        "social_enterprise",
        2021,
        one_offs=(OneOff("백신", (doses,), ("백신",)), OneOff("의약품", (), ("의약품",))),
    )
    whole, apart = content["rates"][-1], content["one_offs"]["rows"][0]

    assert (whole["rate"], whole["prior_rate"], whole["change"]) == ("2.77", "2.85", "-0.08")
    assert (apart["name"], apart["spending"], apart["eligible"]) == ("백신", 32_000 * HUNDRED_MILLION, 0)
    assert (apart["rate"], apart["change"]) == ("2.92", "0.07")
    assert content["one_offs"]["all"]["name"] == "백신, 의약품"
    assert content["summary"]["total"]["growth"] == "12.0"
    assert [
        str(row["current"] * 1000 // content["summary"]["total"]["current"]) for row in content["by_kind"]
    ] == [
        "506",
        "493",
        "0",
    ]
    with pytest.raises(UnknownSubject, match="one_offs"):
        on("social_enterprise", 2021, one_offs=(OneOff("없는 것", (), ("999",)),))


def test_the_change_is_explained_by_suppliers_certifications_and_the_largest_items(office: int) -> None:
    kept = make_enterprise("그대로", ("social", SINCE, None))
    begun = make_enterprise("새인증", ("social", date(2025, 2, 1), None))
    ended = make_enterprise("끝난인증", ("social", SINCE, date(2025, 3, 31)))
    gone = make_enterprise("떠난곳", ("social", SINCE, None))
    for supplier, amount, day in (
        (kept, 100, date(2024, 1, 5)),
        (ended, 50, date(2024, 1, 5)),
        (gone, 30, date(2024, 1, 5)),
        (begun, 7, date(2024, 1, 5)),
        (kept, 150, date(2025, 1, 5)),
        (begun, 80, date(2025, 3, 5)),
        (ended, 5, date(2025, 3, 5)),
        (ended, 40, date(2025, 6, 5)),
        (kept, -20, date(2025, 7, 5)),
    ):
        make_purchase(office, supplier, amount, day)

    content = on("social_enterprise")
    suppliers, certified = content["explained"]["suppliers"], content["explained"]["certified"]

    assert content["summary"]["total"]["difference"] == 35
    assert {
        name: (suppliers[name]["number"], suppliers[name]["difference"]) for name in ("kept", "new", "lost")
    } == {
        "kept": (2, -15),
        "new": (1, 80),
        "lost": (1, -30),
    }
    assert [row["label"] for row in suppliers["largest_new"]] == ["새인증"]
    assert [row["label"] for row in suppliers["largest_lost"]] == ["떠난곳"]
    assert (certified["begun"]["number"], certified["begun"]["current"]) == (1, 80)
    ended_row = {name: certified["ended"][name] for name in ("number", "current", "prior", "uncounted")}
    assert ended_row == {"number": 1, "current": 5, "prior": 50, "uncounted": 40}
    assert [line["amount"] for line in content["explained"]["largest"]] == [150, 80, 5, -20]
    assert [line["amount"] for line in content["explained"]["largest_before"]] == [100, 50, 30]


def test_a_scheme_by_payment_counts_the_payments_of_the_year(office: int) -> None:
    save_rule(
        RuleDraft(scheme="women", fiscal_year=2025, types=("women_owned",), kinds=ALL, basis=Basis.PAYMENT),
        1,
        BY,
    )
    save_rule(RuleDraft(scheme="women", fiscal_year=2024, types=("women_owned",), kinds=ALL), None, BY)
    payments = tuple(
        PaymentDraft(paid_on=date(year, 12, 1), amount=amount, fiscal_year=year, kind=PaymentKind.PROGRESS)
        for year, amount in ((2024, 10), (2025, 20), (2025, 30), (2026, 40))
    )
    bought = women(office, 100, year=2024, payments=payments)
    spend(office, 500, year=2025)

    content = on("women")

    assert rate_rows(content)["계"][0] == "10.00"
    assert [(line["id"], line["amount"]) for line in content["annex"]] == [(bought, 20), (bought, 30)]
    assert content["basis"]["basis"] == "지출"
    assert content["scheme"]["is_rule_changed"]


def test_while_the_year_runs_both_years_count_up_to_the_day(office: int) -> None:
    for day in (date(2025, 3, 1), date(2025, 11, 1), date(2024, 3, 1), date(2024, 11, 1)):
        supplier = make_enterprise(f"여성{day}", ("women_owned", SINCE, None))
        make_purchase(office, supplier, 100 * day.month, day)
    spend(office, 10_000, year=2025)

    request = ReportRequest(year=2025, kind=ReportKind.SCHEME, scheme="women")
    content = build_report(request, datetime(2025, 6, 1, tzinfo=UTC))

    assert (content["summary"]["total"]["current"], content["summary"]["total"]["prior"]) == (300, 300)
    assert (content["summary"]["full_year"]["current"], content["summary"]["full_year"]["prior"]) == (
        1_400,
        1_400,
    )
    assert content["rates"][-1]["rate"] == "14.00"


def test_a_report_on_a_scheme_is_verified_by_the_rules_it_was_made_with(office: int) -> None:
    first, second = women(office, 300), women(office, 500, Kind.SERVICES)
    created = create_report(ReportRequest(year=2025, kind=ReportKind.SCHEME, scheme="women"), BY)
    assert verify_report(created.id)[4:] == ([], [], None)

    save_rule(RuleDraft(scheme="women", fiscal_year=2025, types=("social",), kinds=ALL), 1, BY)
    reverse_purchase(second, 1, "잘못 입력", BY)
    late = women(office, 70)
    found = verify_report(created.id)

    assert found.is_intact
    assert [(each.purchase, each.amount) for each in found.differences] == [(second, -500), (late, 70)]
    assert first


def test_only_what_a_report_on_a_scheme_is_about_is_taken(app: object) -> None:  # noqa: ARG001
    about = ReportRequest(year=2025, kind=ReportKind.SCHEME, scheme="women")
    make_department()
    with pytest.raises(IncompleteRequest, match="scheme"):
        build_report(replace(about, scheme=None), NOW)
    with pytest.raises(SuperfluousRequest, match="department_id"):
        build_report(replace(about, department_id=1), NOW)
    with pytest.raises(UnknownSubject, match="scheme"):
        build_report(replace(about, scheme="none"), NOW)


def test_the_small_ledger_counts_each_purchase_once_in_the_bodys_own_sum(app: object) -> None:  # noqa: ARG001
    ledger: Ledger = enter_ledger()
    content = on("social_economy")

    assert content["summary"]["total"]["current"] == 3_235_566
    assert content["summary"]["total"]["count"] == 4
    assert {row["key"]: row["current"] for row in content["by_type"]}["village"] == 2_000_500
    assert ledger
