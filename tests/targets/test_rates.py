"""Purchasing rates: one predicate on both sides, exact attainment, and nothing unknown shown as zero."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.totals.ledgers import make_ledger
from tracker.core.schemes import Predicate, counted_kinds
from tracker.core.vocabulary import Affiliation, Basis, Directness, Kind, Nature, PaymentKind
from tracker.departments.queries import list_departments
from tracker.purchases.drafts import PaymentDraft
from tracker.spending.services import SpendingDraft, record_spending
from tracker.targets.commands import rates
from tracker.targets.queries import Exclusion, find_scheme, list_schemes
from tracker.targets.services import RuleDraft, TargetDraft, save_rule, set_target
from tracker.totals.rates import (
    RateRow,
    as_object,
    departments_in,
    effects_of,
    lines_counted,
    rates_of,
    sum_counted,
)
from tracker.totals.sums import Sum

SOCIAL = ("social", date(2015, 1, 1), None)
WOMEN = ("women_owned", date(2015, 1, 1), None)
SEVERE = ("severe_disability", date(2015, 1, 1), None)


def spend(department: int, kind: Kind, amount: int, item: str = "201-01", year: int = 2025) -> None:
    record_spending(
        [
            SpendingDraft(
                department_id=department, fiscal_year=year, kind=kind, budget_item=item, amount=amount
            )
        ],
        BY,
    )


def rate_of(
    scheme: str, kind: Kind | None = None, year: int = 2025, department: int | None = None
) -> RateRow:
    [row] = [
        row
        for row in rates_of(year, scheme, by_department=department is not None)
        if row.kind is kind and (row.department.id if row.department else None) == department
    ]
    return row


@pytest.fixture
def office(any_app: Flask) -> int:  # noqa: ARG001
    """Return a department."""
    return make_department("총무과")


def test_attainment_is_reckoned_from_unrounded_rates(office: int) -> None:
    """Total spending 1,200,000 = 600,000 in A, B, C; 400,000 in A, B; 200,000 in A, C."""
    for types, amount in (
        ((SOCIAL, WOMEN, SEVERE), 600_000),
        ((SOCIAL, WOMEN), 400_000),
        ((SOCIAL, SEVERE), 200_000),
    ):
        make_purchase(office, make_enterprise(f"업체{amount}", *types), amount, date(2020, 5, 1))
    spend(office, Kind.GOODS, 1_200_000, year=2020)
    for scheme, target in (("social_enterprise", "0.5"), ("women", "0.6"), ("severe_disability", "0.1")):
        set_target(TargetDraft(scheme=scheme, fiscal_year=2020, rate=Decimal(target)), None, BY)

    told = [
        as_object(rate_of(scheme, year=2020))
        for scheme in ("social_enterprise", "women", "severe_disability")
    ]

    assert [row["rate"] for row in told] == ["100.00", "83.33", "66.67"]
    assert [row["attainment"] for row in told] == ["200.0", "138.9", "666.7"]


def test_the_command_says_rates_with_two_digits_and_attainment_with_one(office: int) -> None:
    make_purchase(office, make_enterprise("일", SEVERE), 75_400, date(2025, 5, 1), kind=Kind.GOODS)
    spend(office, Kind.GOODS, 4_641_000)

    result = CliRunner().invoke(rates, ["--year", "2025", "--scheme", "severe_disability", "--json"])
    told: dict[str, Any] = json.loads(result.stdout)

    assert result.exit_code == 0
    assert [row["kind"] for row in told["rows"]] == ["goods", "services", "all"]
    whole = told["rows"][-1]
    assert (whole["numerator"], whole["denominator"], whole["rate"]) == (75_400, 4_641_000, "1.62")
    assert (whole["target"], whole["attainment"]) == ("1.10", "147.7")


def test_a_person_reads_a_line_for_each_kind(office: int) -> None:
    make_purchase(office, make_enterprise("일", SOCIAL), 1_000, date(2025, 5, 1), kind=Kind.GOODS)
    spend(office, Kind.GOODS, 8_000)

    said = CliRunner().invoke(
        rates, ["--year", "2025", "--scheme", "social_enterprise", "--by", "department"]
    )

    assert "사회적기업 제품 우선구매 · 물품: 1,000 / 8,000 = 12.50% (목표 –, 달성률 –)" in said.stdout
    assert "사회적기업 제품 우선구매 · 물품 · 총무과: 1,000 / 8,000 = 12.50%" in said.stdout
    assert "용역: 0 / – = –" in said.stdout


def test_an_unknown_scheme_is_refused_with_the_known_ones(app: Flask) -> None:  # noqa: ARG001
    result = CliRunner().invoke(rates, ["--year", "2025", "--scheme", "none"])

    assert result.exit_code == 2
    assert "social_enterprise" in result.stderr


def test_rates_below_a_department_only(office: int) -> None:
    other = make_department("재무과")
    for department in (office, other):
        make_purchase(department, make_enterprise(f"{department}", SOCIAL), 100, date(2025, 5, 1))

    told = CliRunner().invoke(
        rates, ["--year", "2025", "--scheme", "social_enterprise", "--department", "재무과", "--json"]
    )

    assert json.loads(told.stdout)["rows"][-1]["numerator"] == 100


def test_the_rate_of_2021_with_and_without_the_one_off_item(office: int) -> None:
    """18,171 of 655,000 (억원) are 2.77 %; without 32,000 of vaccines 2.92 %."""
    hundred_million = 100_000_000
    make_purchase(office, make_enterprise("일", SOCIAL), 18_171 * hundred_million, date(2021, 5, 1))
    spend(office, Kind.GOODS, 623_000 * hundred_million, year=2021)
    spend(office, Kind.GOODS, 32_000 * hundred_million, "백신", year=2021)
    with_all = rate_of("social_enterprise", year=2021)
    save_rule(
        RuleDraft(
            scheme="social_enterprise",
            fiscal_year=2021,
            types=("social",),
            kinds=(Kind.GOODS, Kind.SERVICES, Kind.WORKS),
            exclusions=(Exclusion("백신", "일회성 구매"),),
        ),
        None,
        BY,
    )
    without = rate_of("social_enterprise", year=2021)
    scheme = find_scheme("social_enterprise", 2021)
    assert scheme
    effects = effects_of(2021, scheme.rule)

    assert (with_all.rate, without.rate) == (Fraction(18_171, 655_000), Fraction(18_171, 623_000))
    assert (effects.rate, effects.rate_without_any) == (without.rate, with_all.rate)
    assert effects.each == [(Exclusion("백신", "일회성 구매"), 0, 32_000 * hundred_million, with_all.rate)]


def test_a_purchase_of_several_types_counts_once_in_the_sum_of_all(office: int) -> None:
    make_purchase(
        office, make_enterprise("일", SOCIAL, ("village", date(2015, 1, 1), None)), 700, date(2025, 5, 1)
    )

    assert rate_of("social_economy").numerator == 700


@pytest.mark.parametrize(
    "facts",
    [
        {"directness": Directness.INDIRECT},
        {"nature": Nature.SUBSIDY},
        {"kind": Kind.WORKS},
        {"fiscal_year": 2024},
    ],
)
def test_what_a_scheme_does_not_look_at_is_not_counted(office: int, facts: dict[str, Any]) -> None:
    enterprise = make_enterprise("일", SEVERE)
    make_purchase(office, enterprise, 700, date(2025, 5, 1), **({"kind": Kind.GOODS} | facts))

    assert rate_of("severe_disability").numerator == 0


def test_the_basis_of_the_scheme_decides_on_both_sides(office: int) -> None:
    enterprise = make_enterprise("일", SOCIAL)
    paid = PaymentDraft(paid_on=date(2026, 1, 5), amount=700, fiscal_year=2025, kind=PaymentKind.WHOLE)
    make_purchase(office, enterprise, 700, date(2025, 5, 1), payments=(paid,))
    save_rule(
        RuleDraft(
            scheme="social_enterprise",
            fiscal_year=2024,
            types=("social",),
            kinds=tuple(Kind),
            basis=Basis.PAYMENT,
        ),
        None,
        BY,
    )

    make_purchase(office, enterprise, 300, date(2024, 5, 1))

    assert rate_of("social_enterprise").numerator == 700
    assert rate_of("social_enterprise", year=2024).numerator == 0


@pytest.mark.long
@pytest.mark.usefixtures("any_app")
@pytest.mark.parametrize("basis", list(Basis))
def test_every_numerator_is_the_sum_of_the_lines_behind_it(basis: Basis) -> None:
    """Sums of one type come from the rollup, all others from the ledger: both are those of the lines."""
    make_ledger(5, 80)
    for scheme in list_schemes(2024):
        kinds = tuple(scheme.rule.predicate.kinds - {Kind.UNCLASSIFIED})
        save_rule(
            RuleDraft(
                scheme=scheme.code,
                fiscal_year=2024,
                types=scheme.rule.types,
                kinds=kinds,
                exclusions=(Exclusion("4", "시설비"),) if scheme.code == "women" else (),
                basis=basis,
            ),
            None,
            BY,
        )
    departments = list_departments()
    rows = [row for row in rates_of(2024, by_department=True) if row.numerator is not None]
    for row in rows:
        rule = row.scheme.rule
        counted = [row.department] if row.department else departments
        ids = [each.id for each in departments_in(rule.predicate, counted)]
        lines = lines_counted(2024, rule, ids, row.kind, limit=1_000)

        assert row.numerator == sum(line.amount for line in lines)
        assert sum_counted(2024, rule, ids, row.kind) == Sum(row.numerator or 0, len(lines))
        if lines:
            place = lines[0].day, lines[0].line_id
            assert lines_counted(2024, rule, ids, row.kind, place, 1_000) == lines[1:]
    assert sum(bool(row.numerator) for row in rows) > 20


def test_corporations_count_only_where_the_scheme_says_so(office: int) -> None:  # noqa: ARG001
    corporation = make_department("문화재단", affiliation=Affiliation.AFFILIATED)
    make_purchase(corporation, make_enterprise("일", SOCIAL), 700, date(2026, 5, 1))
    before = rate_of("social_enterprise", year=2026).numerator
    save_rule(
        RuleDraft(
            scheme="social_enterprise",
            fiscal_year=2026,
            types=("social",),
            kinds=tuple(Kind),
            with_affiliated=True,
        ),
        None,
        BY,
    )

    assert (before, rate_of("social_enterprise", year=2026).numerator) == (0, 700)


def test_without_types_denominator_or_target_nothing_is_said(office: int) -> None:  # noqa: ARG001
    sme, social = rate_of("sme"), rate_of("social_enterprise")

    assert (sme.numerator, sme.rate, sme.attainment) == (None, None, None)
    assert (social.numerator, social.denominator, social.rate, social.attainment) == (0, None, None, None)


def test_a_target_in_won_is_attained_in_won(office: int) -> None:
    make_purchase(office, make_enterprise("일", SOCIAL), 67_800_000, date(2025, 5, 1))
    set_target(TargetDraft(scheme="social_economy", fiscal_year=2025, amount=55_000_000), None, BY)

    assert rate_of("social_economy").attainment == Fraction(678, 550)


def test_departments_have_targets_of_their_own(office: int) -> None:
    make_purchase(office, make_enterprise("일", SOCIAL), 500, date(2025, 5, 1))
    set_target(
        TargetDraft(scheme="social_economy", fiscal_year=2025, department_id=office, amount=1_000), None, BY
    )

    assert rate_of("social_economy", department=office).attainment == Fraction(1, 2)
    assert rate_of("social_economy").attainment is None


kinds = st.sampled_from(list(Kind))
items = st.one_of(st.none(), st.text(alphabet="0123456789-백신", max_size=6))


@given(
    st.frozensets(kinds),
    st.lists(st.text(alphabet="0123456789-백신", min_size=1, max_size=3), max_size=3),
    st.booleans(),
    st.lists(
        st.tuples(kinds, items, st.sampled_from(list(Affiliation)), st.integers(1, 10**9), st.booleans())
    ),
)
def test_the_numerator_is_part_of_the_denominator(
    chosen: frozenset[Kind],
    excluded: list[str],
    with_affiliated: bool,
    spent: list[tuple[Kind, str | None, Affiliation, int, bool]],
) -> None:
    predicate = Predicate(
        kinds=counted_kinds(chosen), excluded_items=tuple(excluded), with_affiliated=with_affiliated
    )
    counted = [
        (amount, eligible)
        for kind, item, body, amount, eligible in spent
        if predicate.counts(kind, item, body)
    ]

    assert sum(amount for amount, eligible in counted if eligible) <= sum(amount for amount, _ in counted)


@given(st.frozensets(kinds))
def test_what_is_unclassified_counts_only_where_all_kinds_do(chosen: frozenset[Kind]) -> None:
    counted = counted_kinds(chosen)

    assert (Kind.UNCLASSIFIED in counted) == ({Kind.GOODS, Kind.SERVICES, Kind.WORKS} <= counted)
    assert counted - {Kind.UNCLASSIFIED} == chosen - {Kind.UNCLASSIFIED}


@pytest.mark.parametrize("kind", [Kind.GOODS, Kind.WORKS])
@pytest.mark.parametrize("item", ["201-01", "401-01", None])
def test_the_database_says_what_the_predicate_says(app: Flask, kind: Kind, item: str | None) -> None:  # noqa: ARG001
    office = make_department("총무과")
    enterprise = make_enterprise("일", SOCIAL)
    make_purchase(office, enterprise, 700, date(2025, 5, 1), kind=kind, budget_item=item)
    save_rule(
        RuleDraft(
            scheme="social_enterprise",
            fiscal_year=2024,
            types=("social",),
            kinds=(Kind.GOODS, Kind.SERVICES),
            exclusions=(Exclusion("401", "시설비"),),
        ),
        None,
        BY,
    )
    scheme = find_scheme("social_enterprise", 2024)
    assert scheme
    rule = scheme.rule
    make_purchase(office, enterprise, 900, date(2024, 5, 1), kind=kind, budget_item=item)

    assert rule.predicate.counts(kind, item, Affiliation.OWN) == bool(
        rate_of("social_enterprise", year=2024).numerator
    )
