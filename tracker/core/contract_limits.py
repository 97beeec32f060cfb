"""The limits up to which a contract may be negotiated (수의계약) for its amount.

Source: 지방계약법 시행령 제25조제1항제5호, 제30조제1항제2호, text in force since 2026-01-02. Since when each
limit has held is not known, nor are later amendments: rules without dates are applied to every day. What
제7호의2 allows without limit (severe-disability facilities, standard workplaces, welfare corporations) is no
ground of amount and has no rule.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tracker.core.money import Won, divide_half_up
from tracker.core.vocabulary import ContractMethod, GoverningLaw, Kind, Tax

VULNERABLE_SHARE = Decimal("0.30")
"""취약계층 고용비율 by the ministry's notice, as far as known."""

_GOODS_SERVICES = frozenset({Kind.GOODS, Kind.SERVICES})
_WORKS = frozenset({Kind.WORKS})
_NAMED_FIRMS = frozenset({"women_owned", "disabled_owned"})
_NAMED_FIRMS_WITH_SHARE = frozenset({"social", "social_coop", "self_support", "village"})


@dataclass(frozen=True)
class LimitRule:
    """One limit on the estimated price (추정가격, without VAT) of a negotiated contract.

    item: the 목 of 제25조제1항제5호 it stands for; None for the rules on a single quotation.
    firm_types: certification types of which the firm holds one; None is anyone.
    quotations: 1 for a limit that holds only where one quotation was taken.
    is_claimed: it rests on a fact that is not recorded (a small business, say): the ground must name it.
    trades: words by which a ground names the trade of works.
    """

    article: str
    kinds: frozenset[Kind]
    limit: Won
    item: str | None = None
    firm_types: frozenset[str] | None = None
    needs_vulnerable_share: bool = False
    quotations: int | None = None
    is_claimed: bool = False
    trades: tuple[str, ...] = ()
    law: str = "지방계약법 시행령"
    valid_from: date | None = None
    valid_to: date | None = None


RULES = (
    LimitRule("제25조제1항제5호가목", _WORKS, 400_000_000, "가", trades=("건설공사", "종합공사")),
    LimitRule("제25조제1항제5호가목", _WORKS, 200_000_000, "가", trades=("전문공사",)),
    LimitRule(
        "제25조제1항제5호가목",
        _WORKS,
        160_000_000,
        "가",
        trades=("기타공사", "그밖의공사", "전기공사", "통신공사", "소방"),
    ),
    LimitRule("제25조제1항제5호나목", _GOODS_SERVICES, 20_000_000, "나"),
    LimitRule("제25조제1항제5호다목", _GOODS_SERVICES, 50_000_000, "다", is_claimed=True),
    LimitRule("제25조제1항제5호라목", _GOODS_SERVICES, 100_000_000, "라", is_claimed=True),
    LimitRule("제25조제1항제5호마목", _GOODS_SERVICES, 100_000_000, "마", is_claimed=True),
    LimitRule("제25조제1항제5호바목", _GOODS_SERVICES, 100_000_000, "바", _NAMED_FIRMS),
    LimitRule(
        "제25조제1항제5호바목",
        _GOODS_SERVICES,
        100_000_000,
        "바",
        _NAMED_FIRMS_WITH_SHARE,
        needs_vulnerable_share=True,
    ),
    LimitRule("제25조제1항제5호사목", frozenset(), 50_000_000, "사", is_claimed=True),
    LimitRule("제30조제1항제2호", _GOODS_SERVICES | _WORKS, 20_000_000, quotations=1),
    LimitRule(
        "제30조제1항제2호가목", _GOODS_SERVICES | _WORKS, 50_000_000, "다", quotations=1, is_claimed=True
    ),
    LimitRule("제30조제1항제2호가목", _GOODS_SERVICES | _WORKS, 50_000_000, None, _NAMED_FIRMS, quotations=1),
    LimitRule(
        "제30조제1항제2호나목",
        _GOODS_SERVICES | _WORKS,
        50_000_000,
        None,
        _NAMED_FIRMS_WITH_SHARE,
        needs_vulnerable_share=True,
        quotations=1,
    ),
)
"""Every limit known; where several fit, the highest holds."""

_ITEM_5 = r"(?:§25|25조)(?:1항)?5(?!\d)호?"
_NATIONAL_ITEM_5 = r"26조(?:1항)?5호"
_GROUND_OF_AMOUNT = re.compile(rf"{_ITEM_5}|{_NATIONAL_ITEM_5}|추정가격.*이하|[만억]원이하|소액")
_STATED_ITEM = re.compile(rf"{_ITEM_5}([가나다라마바사])(?:목|(?![가-힣]))")
_ITEM_WORDS = (
    ("다", re.compile("청년창업")),
    ("라", re.compile("(?<!중)소기업|소상공인")),
    ("마", re.compile("학술연구|원가계산|건설기술")),
    ("바", re.compile("여성기업|장애인기업|사회적기업|사회적협동조합|자활기업|마을기업")),
    ("나", re.compile("2천만원이하")),
    ("사", re.compile("임대차")),
)


class LimitCode(StrEnum):
    """What a check of the limit found."""

    EXCEEDED = "limit_exceeded"
    NOT_EXAMINED = "not_examined"


class PriceBasis(StrEnum):
    """Which price was compared: the estimated price, or the contract's supply price where that is unknown."""

    ESTIMATED = "estimated"
    CONTRACT_AMOUNT = "contract_amount"


@dataclass(frozen=True)
class LimitFinding:
    """Something to warn of; article, limit, price and basis are None where the limit was not examined.

    lacks_vulnerable_share: with the share of vulnerable workers shown, the price would be within a limit.
    """

    code: LimitCode
    article: str | None = None
    limit: Won | None = None
    price: Won | None = None
    basis: PriceBasis | None = None
    lacks_vulnerable_share: bool = False


def check_limit(
    *,
    day: date,
    law: GoverningLaw,
    method: ContractMethod,
    ground: str | None,
    kind: Kind,
    amount: Won,
    tax: Tax,
    estimated_price: Won | None,
    firm_types: Collection[str],
    vulnerable_share: Decimal | None,
    quotations: int | None,
) -> LimitFinding | None:
    """Return what to warn of, or None: the price is within the limit, or amount is not the stated ground.

    A ground that names an item (나목, or its wording) is held against that item's limit where the firm is
    of its types, else against that of anyone; a ground that names none against the highest limit for the kind
    and the firm. Doubt favours the contract: works of unstated trade and purchases of unknown kind get the
    highest limit, an unknown number of quotations counts as two, unstated tax as included. An unknown law is
    taken for 지방계약법, an unknown method with such a ground for 수의계약. firm_types are those held on the
    day; the share is a fraction valid on the day, None when it is not shown.
    """
    if not ground or method not in (ContractMethod.NEGOTIATED, ContractMethod.UNKNOWN):
        return None
    words = _plain(ground)
    if not _GROUND_OF_AMOUNT.search(words):
        return None
    if law is GoverningLaw.NATIONAL:
        return LimitFinding(LimitCode.NOT_EXAMINED)

    basis = PriceBasis.CONTRACT_AMOUNT if estimated_price is None else PriceBasis.ESTIMATED
    price = _supply_price(amount, tax) if estimated_price is None else estimated_price
    fitting = [
        rule
        for rule in _rules_for(words, kind, day)
        if rule.firm_types is None or not rule.firm_types.isdisjoint(firm_types)
    ]
    has_share = vulnerable_share is not None and vulnerable_share >= VULNERABLE_SHARE
    shown = [rule for rule in fitting if has_share or not rule.needs_vulnerable_share]
    one_quotation = quotations is not None and quotations < 2
    exceeded = _exceeded(shown, price, one_quotation)
    if exceeded is None:
        return None
    return LimitFinding(
        LimitCode.EXCEEDED,
        exceeded.article,
        exceeded.limit,
        price,
        basis,
        lacks_vulnerable_share=_exceeded(fitting, price, one_quotation) is None,
    )


def _plain(ground: str) -> str:
    """Return the ground without blanks and 제: 제25조 제1항 제5호, 25조1항5호 and §25①5 read alike."""
    compact = "".join(unicodedata.normalize("NFC", ground).split())
    return compact.replace("제", "").replace("①", "1항")


def _supply_price(amount: Won, tax: Tax) -> Won:
    """Return the amount without VAT of 10 %, half-up to the won; what bears no tax is not divided."""
    return divide_half_up(amount * 10, 11) if tax in (Tax.INCLUDED, Tax.UNKNOWN) else amount


def _stated_items(words: str) -> set[str]:
    """Return the items of 제25조제1항제5호 that a ground names, by letter or else by wording."""
    if by_letter := _STATED_ITEM.search(words):
        return {by_letter[1]}
    return {item for item, wording in _ITEM_WORDS if wording.search(words)}


def _rules_for(words: str, kind: Kind, day: date) -> list[LimitRule]:
    items = _stated_items(words)
    rules = [rule for rule in RULES if _is_in_force(rule, day) and _fits(rule, kind, items)]
    of_trade = [rule for rule in rules if any(trade in words for trade in rule.trades)]
    return [rule for rule in rules if not of_trade or not rule.trades or rule in of_trade]


def _fits(rule: LimitRule, kind: Kind, items: set[str]) -> bool:
    is_named = rule.item in items
    is_for_all = not rule.is_claimed and (not items or rule.item in ("나", None))
    return (is_named or is_for_all) and (not rule.kinds or kind in rule.kinds or kind is Kind.UNCLASSIFIED)


def _is_in_force(rule: LimitRule, day: date) -> bool:
    return (rule.valid_from is None or rule.valid_from <= day) and (
        rule.valid_to is None or day <= rule.valid_to
    )


def _exceeded(rules: list[LimitRule], price: Won, one_quotation: bool) -> LimitRule | None:
    """Return the lowest limit that the price exceeds: that of the ground or that of a single quotation."""
    by_ground = [rule for rule in rules if rule.quotations is None]
    by_quotation = [rule for rule in rules if rule.quotations == 1] if one_quotation else []
    holding = [max(group, key=lambda rule: rule.limit) for group in (by_ground, by_quotation) if group]
    return min((rule for rule in holding if price > rule.limit), key=lambda rule: rule.limit, default=None)
