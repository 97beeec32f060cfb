"""Limits of negotiated contracts: which limit holds, what is compared, and when nothing is said."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from tracker.core.contract_limits import LimitCode, LimitFinding, PriceBasis, check_limit
from tracker.core.vocabulary import ContractMethod, GoverningLaw, Kind, Tax

ITEM_5 = "지방계약법 시행령 제25조제1항제5호"
UP_TO_20 = "추정가격 2천만원 이하 물품 또는 용역"
NAMED_FIRMS = (
    "추정가격 2천만원 초과 1억원 이하 물품·용역"
    "(여성기업, 장애인기업, 사회적기업, 사회적협동조합, 자활기업, 마을기업 계약)"
)
SMALL_FIRMS = "추정가격 2천만원 초과 1억원 이하 물품·용역(소기업 소상공인 계약)"


@dataclass(frozen=True)
class Case:
    """A negotiated purchase of goods for 25,000,000 won without VAT from a firm of no type."""

    day: date = date(2026, 3, 2)
    law: GoverningLaw = GoverningLaw.LOCAL
    method: ContractMethod = ContractMethod.NEGOTIATED
    ground: str | None = ITEM_5
    kind: Kind = Kind.GOODS
    amount: int = 25_000_000
    tax: Tax = Tax.EXCLUDED
    estimated_price: int | None = None
    firm_types: Collection[str] = ()
    vulnerable_share: Decimal | None = None
    quotations: int | None = 2

    def check(self) -> LimitFinding | None:
        return check_limit(
            day=self.day,
            law=self.law,
            method=self.method,
            ground=self.ground,
            kind=self.kind,
            amount=self.amount,
            tax=self.tax,
            estimated_price=self.estimated_price,
            firm_types=self.firm_types,
            vulnerable_share=self.vulnerable_share,
            quotations=self.quotations,
        )


def assert_limit(case: Case, limit: int) -> None:
    """Assert that the price may reach the limit, and that one won more is found."""
    assert replace(case, estimated_price=limit).check() is None

    finding = replace(case, estimated_price=limit + 1).check()

    assert finding is not None
    assert (finding.code, finding.limit, finding.price) == (LimitCode.EXCEEDED, limit, limit + 1)


@pytest.mark.parametrize("kind", [Kind.GOODS, Kind.SERVICES])
def test_goods_and_services_of_anyone_reach_20_million(kind: Kind) -> None:
    assert_limit(Case(kind=kind), 20_000_000)


@pytest.mark.parametrize("firm_type", ["women_owned", "disabled_owned"])
def test_womens_and_disabled_persons_enterprises_reach_100_million(firm_type: str) -> None:
    assert_limit(Case(firm_types=[firm_type]), 100_000_000)


@pytest.mark.parametrize("firm_type", ["social", "social_coop", "self_support", "village"])
def test_social_economy_enterprises_reach_100_million_only_with_the_vulnerable_share(firm_type: str) -> None:
    case = Case(firm_types=[firm_type], ground=NAMED_FIRMS)

    assert_limit(replace(case, vulnerable_share=Decimal("0.30")), 100_000_000)
    assert_limit(replace(case, vulnerable_share=Decimal("0.2999")), 20_000_000)
    assert_limit(replace(case, vulnerable_share=None), 20_000_000)


@pytest.mark.parametrize("firm_type", ["preliminary", "coop", "severe_disability", "standard_workplace"])
def test_types_that_the_law_does_not_name_reach_20_million(firm_type: str) -> None:
    assert_limit(Case(firm_types=[firm_type], vulnerable_share=Decimal("0.9")), 20_000_000)


def test_the_finding_says_that_the_vulnerable_share_would_have_helped() -> None:
    lacking = Case(firm_types=["social"], amount=60_000_000)

    findings = [
        lacking.check(),
        replace(lacking, amount=120_000_000).check(),
        replace(lacking, firm_types=[]).check(),
    ]

    assert [finding and finding.lacks_vulnerable_share for finding in findings] == [True, False, False]


@pytest.mark.parametrize(
    ("ground", "limit"),
    [
        (SMALL_FIRMS, 100_000_000),
        ("추정가격 2천만원 초과 1억원 이하 물품·용역(소기업.소상공인 계약)", 100_000_000),
        ("추정가격 5천만원 이하 청년창업기업", 50_000_000),
        ("추정가격 1억원 이하 학술연구 용역", 100_000_000),
        ("추정가격 5천만원 이하 임대차", 50_000_000),
        ("제25조제1항제5호 다목", 50_000_000),
        ("제25조 제1항 제5호 라목", 100_000_000),
        ("25조1항5호마", 100_000_000),
        ("§25①5라", 100_000_000),
    ],
)
def test_what_is_not_recorded_is_believed_from_the_ground(ground: str, limit: int) -> None:
    assert_limit(Case(ground=ground), limit)


@pytest.mark.parametrize("ground", [UP_TO_20, "제25조제1항제5호나목", "소액수의 2천만원 이하"])
def test_a_ground_that_names_the_lowest_item_holds_every_firm_to_it(ground: str) -> None:
    assert_limit(Case(ground=ground, firm_types=["women_owned"]), 20_000_000)


@pytest.mark.parametrize("ground", [ITEM_5, ITEM_5 + " 사유", "25조1항5호", "§25①5", "소액수의"])
def test_a_ground_that_names_no_item_goes_by_the_firm(ground: str) -> None:
    assert_limit(Case(ground=ground), 20_000_000)
    assert_limit(Case(ground=ground, firm_types=["women_owned"]), 100_000_000)


def test_a_firm_of_no_named_type_does_not_profit_from_a_ground_for_named_firms() -> None:
    assert_limit(Case(ground=NAMED_FIRMS), 20_000_000)
    assert_limit(Case(ground="제25조제1항제5호바목"), 20_000_000)


@pytest.mark.parametrize(
    ("ground", "limit"),
    [
        (ITEM_5, 400_000_000),
        ("추정가격 4억원 이하 건설공사", 400_000_000),
        ("추정가격 2억원 이하 전문공사", 200_000_000),
        ("추정가격 1억6천만원 이하 전기공사", 160_000_000),
        ("추정가격이 건설공사 4억원, 전문공사 2억원, 기타공사 1억6천만원 이하", 400_000_000),
        ("제25조제1항제5호가목", 400_000_000),
    ],
)
def test_works_go_by_trade_and_unstated_trade_by_the_highest(ground: str, limit: int) -> None:
    assert_limit(Case(kind=Kind.WORKS, ground=ground), limit)


def test_a_purchase_of_unknown_kind_goes_by_the_highest_unless_the_ground_says_more() -> None:
    assert_limit(Case(kind=Kind.UNCLASSIFIED), 400_000_000)
    assert_limit(Case(kind=Kind.UNCLASSIFIED, ground=UP_TO_20), 20_000_000)


@pytest.mark.parametrize("kind", [Kind.GOODS, Kind.SERVICES, Kind.WORKS])
@pytest.mark.parametrize(
    ("firm_types", "share", "limit"),
    [
        ([], None, 20_000_000),
        (["women_owned"], None, 50_000_000),
        (["social"], Decimal("0.5"), 50_000_000),
        (["social"], None, 20_000_000),
    ],
)
def test_a_single_quotation_has_limits_of_its_own(
    kind: Kind, firm_types: list[str], share: Decimal | None, limit: int
) -> None:
    assert_limit(Case(kind=kind, firm_types=firm_types, vulnerable_share=share, quotations=1), limit)


def test_a_young_founder_may_sell_on_a_single_quotation_up_to_50_million() -> None:
    assert_limit(Case(ground="제25조제1항제5호다목", quotations=1), 50_000_000)


def test_an_unknown_number_of_quotations_is_not_held_against_the_contract() -> None:
    assert_limit(Case(firm_types=["women_owned"], quotations=None), 100_000_000)


def test_the_finding_names_the_article() -> None:
    by_amount = Case().check()
    by_quotation = Case(firm_types=["women_owned"], quotations=1, amount=60_000_000).check()

    assert by_amount is not None
    assert by_quotation is not None
    assert (by_amount.article, by_quotation.article) == ("제25조제1항제5호나목", "제30조제1항제2호가목")


@pytest.mark.parametrize(
    ("tax", "amount", "price"),
    [
        (Tax.INCLUDED, 22_000_001, 20_000_001),
        (Tax.INCLUDED, 22_000_000, None),
        (Tax.UNKNOWN, 22_000_000, None),
        (Tax.EXCLUDED, 20_000_001, 20_000_001),
        (Tax.EXEMPT, 22_000_000, 22_000_000),
        (Tax.ZERO_RATED, 22_000_000, 22_000_000),
    ],
)
def test_without_an_estimated_price_the_supply_price_is_compared(
    tax: Tax, amount: int, price: int | None
) -> None:
    finding = Case(tax=tax, amount=amount).check()

    assert (finding and finding.price) == price
    assert finding is None or finding.basis is PriceBasis.CONTRACT_AMOUNT


def test_a_known_estimated_price_is_compared_instead_of_the_amount() -> None:
    finding = Case(amount=19_000_000, estimated_price=21_000_000).check()

    assert finding is not None
    assert finding.basis is PriceBasis.ESTIMATED
    assert Case(amount=90_000_000, estimated_price=20_000_000).check() is None


@pytest.mark.parametrize(
    "ground",
    [
        None,
        "",
        "우수조달물품",
        "제25조제1항제4호사목",
        "제25조제1항제7호의2나목",
        "중증장애인생산품 생산시설",
        "특정인의 기술이 필요한 경우",
        "추정가격 1억원이상 고시금액 미만  물품·용역(중소기업자)",
        "제26조제1항 재공고입찰",
    ],
)
def test_nothing_is_said_where_amount_is_not_the_stated_ground(ground: str | None) -> None:
    assert Case(ground=ground, amount=900_000_000).check() is None


@pytest.mark.parametrize(
    "method",
    [each for each in ContractMethod if each not in (ContractMethod.NEGOTIATED, ContractMethod.UNKNOWN)],
)
def test_nothing_is_said_of_a_contract_that_was_not_negotiated(method: ContractMethod) -> None:
    assert Case(method=method).check() is None


def test_an_unknown_method_with_a_ground_of_amount_is_taken_for_negotiated() -> None:
    assert_limit(Case(method=ContractMethod.UNKNOWN), 20_000_000)


@pytest.mark.parametrize("ground", [UP_TO_20, "국가계약법 시행령 제26조제1항제5호가목"])
def test_under_the_national_law_the_limit_is_not_examined(ground: str) -> None:
    finding = Case(law=GoverningLaw.NATIONAL, ground=ground, amount=1).check()

    assert finding == LimitFinding(LimitCode.NOT_EXAMINED)


def test_an_unknown_law_is_taken_for_the_local_one() -> None:
    assert_limit(Case(law=GoverningLaw.UNKNOWN), 20_000_000)


@pytest.mark.parametrize("day", [date(2019, 1, 1), date(2026, 1, 2), date(2030, 12, 31)])
def test_rules_without_dates_hold_on_every_day(day: date) -> None:
    assert_limit(Case(day=day), 20_000_000)


def test_a_reversal_exceeds_nothing() -> None:
    assert Case(amount=-900_000_000).check() is None
