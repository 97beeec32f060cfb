"""What a person should know before saving: limits with the share of vulnerable workers, twins, the seal."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.core.contract_limits import LimitCode
from tracker.core.vocabulary import ContractMethod, GoverningLaw, Kind
from tracker.enterprises.services import record_vulnerable_share
from tracker.purchases.drafts import Facts
from tracker.purchases.services import reverse_purchase
from tracker.purchases.warnings import check_purchases, seal

pytestmark = pytest.mark.usefixtures("any_app")

SOCIAL = ("social", date(2020, 1, 1), date(2026, 6, 30))
NEGOTIATED: dict[str, Any] = {
    "kind": Kind.GOODS,
    "method": ContractMethod.NEGOTIATED,
    "ground": "지방계약법 시행령 제25조제1항제5호바목",
}


def facts(department: int, supplier: int, amount: int, **more: Any) -> Facts:
    """Return what an entry says."""
    return make_draft(department, supplier, amount, **more).facts


@pytest.mark.parametrize(
    ("issued_on", "share", "exceeds"),
    [
        (date(2026, 3, 2), "0.30", False),
        (date(2025, 9, 3), "0.30", False),
        (date(2025, 9, 2), "0.30", True),
        (date(2026, 3, 3), "0.30", True),
        (date(2026, 3, 2), "0.29", True),
    ],
)
def test_a_share_of_vulnerable_workers_raises_the_limit_while_it_is_valid(
    issued_on: date, share: str, exceeds: bool
) -> None:
    department, supplier = make_department(), make_enterprise("함께", SOCIAL)
    record_vulnerable_share(supplier, Decimal(share), "노동부", issued_on, BY)

    [check] = check_purchases([facts(department, supplier, 55_000_000, **NEGOTIATED)])

    assert check.exceeds_limit is exceeds
    assert check.has_warnings is exceeds


def test_where_the_limit_is_not_examined_nothing_is_asked() -> None:
    department, supplier = make_department(), make_enterprise("함께", SOCIAL)
    more = NEGOTIATED | {"law": GoverningLaw.NATIONAL}

    [check] = check_purchases([facts(department, supplier, 55_000_000, **more)])

    assert check.limit
    assert check.limit.code is LimitCode.NOT_EXAMINED
    assert not check.has_warnings


def test_a_twin_is_of_the_same_department_supplier_date_and_amount_and_stands() -> None:
    department, supplier = make_department(), make_enterprise("함께", SOCIAL)
    twin = make_purchase(department, supplier, 500, item="복사용지")
    reverse_purchase(make_purchase(department, supplier, 500), 1, "취소", BY)
    mine = facts(department, supplier, 500)

    def twins(entry: Facts, leaving_out: int | None = None) -> list[int]:
        return [each.id for each in check_purchases([entry], leaving_out)[0].twins]

    assert twins(mine) == [twin]
    assert twins(mine, twin) == []
    assert twins(replace(mine, amount=501)) == []
    assert twins(replace(mine, purchased_on=date(2026, 3, 3))) == []
    assert twins(replace(mine, department_id=make_department("민원과"))) == []
    assert twins(replace(mine, enterprise_id=make_enterprise("다른 곳"))) == []


def test_lines_that_repeat_each_other_are_told_by_their_place() -> None:
    department, supplier = make_department(), make_enterprise("함께", SOCIAL)
    same, other = facts(department, supplier, 500), facts(department, supplier, 700)

    checks = check_purchases([same, other, same, same])

    assert [check.repeats for check in checks] == [(), (), (1,), (1, 3)]


def test_the_seal_changes_only_with_what_is_said() -> None:
    department, supplier = make_department(), make_enterprise("함께", SOCIAL)
    mine = facts(department, supplier, 500)

    def mark(entry: Facts) -> str:
        return seal(check_purchases([entry]))

    before = mark(mine)
    assert mark(replace(mine, note="메모", amount=600)) == before
    assert mark(replace(mine, purchased_on=date(2026, 7, 1))) != before
    assert mark(replace(mine, fiscal_year=2027)) != before
    assert mark(replace(mine, **NEGOTIATED, amount=90_000_000)) != before
    make_purchase(department, supplier, 500)
    assert mark(mine) != before
    assert seal([]) != before
