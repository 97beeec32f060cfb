"""Looking through the ledger gives the same on both databases: filters, orders, pages, sums."""

from datetime import date

import pytest

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.core.vocabulary import Kind
from tracker.purchases.listing import (
    PAGE,
    Filter,
    Found,
    Sort,
    iterate_rows,
    list_purchases,
    sum_purchases,
)
from tracker.purchases.services import record_purchases, reverse_purchase

pytestmark = pytest.mark.usefixtures("any_app")

SOCIAL = ("social", date(2020, 1, 1), None)


def walk(wanted: Filter, sort: Sort) -> list[int]:
    """Return what all pages hold, one after the other."""
    found: list[int] = []
    after, has_more = None, True
    while has_more:
        rows, has_more = list_purchases(wanted, sort, after)
        found += [row.id for row in rows]
        after = found[-1]
    return found


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_every_purchase_once_in_the_order_of_the_file(sort: Sort) -> None:
    departments = [make_department("총무과"), make_department("민원과")]
    suppliers = [make_enterprise("온정", SOCIAL), make_enterprise("함께")]
    drafts = [
        make_draft(departments[n % 2], suppliers[n % 3 % 2], n // 4, date(2026, 1, 1 + n % 5))
        for n in range(2 * PAGE + 10)
    ]
    ids = record_purchases(drafts, BY)

    pages = walk(Filter(), sort)

    assert sorted(pages) == ids
    assert pages == [row.id for row in iterate_rows(Filter(), sort)]


def test_orders_are_what_they_are_called() -> None:
    department, supplier = make_department(), make_enterprise("온정")
    record_purchases(
        [make_draft(department, supplier, n * 7 % 5, date(2026, 1, 1 + n * 3 % 4)) for n in range(9)], BY
    )
    rows = {sort: list(iterate_rows(Filter(), sort)) for sort in Sort}

    newest = [(row.purchased_on, row.id) for row in rows[Sort.NEWEST]]
    assert newest == sorted(newest, reverse=True)
    assert rows[Sort.OLDEST] == rows[Sort.NEWEST][::-1]
    amounts = [(row.amount, row.id) for row in rows[Sort.AMOUNT]]
    assert amounts == sorted(amounts, reverse=True)
    assert [row.id for row in rows[Sort.RECORDED]] == list(range(9, 0, -1))


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(fiscal_year=2026),
        Filter(fiscal_year=2026, kind=Kind.GOODS),
        Filter(fiscal_year=2026, type="social"),
        Filter(type="social", is_counted=True),
        Filter(is_counted=True),
        Filter(is_counted=False),
        Filter(start=date(2026, 1, 2)),
        Filter(text="50%"),
        Filter(enterprise="온정"),
        Filter(department_ids=[]),
        Filter(with_reversed=True),
    ],
)
def test_the_sum_is_that_of_the_rows(wanted: Filter) -> None:
    office, civil = make_department("총무과"), make_department("민원과")
    social, plain = make_enterprise("온정", SOCIAL), make_enterprise("함께")
    for number, (department, supplier) in enumerate(
        [(office, social), (civil, plain), (civil, social), (office, plain)], start=1
    ):
        make_purchase(department, supplier, 10**number, date(2026, 1, number), kind=Kind.GOODS)
        make_purchase(department, supplier, -number, date(2025, 1, number), item="할인 50%", kind=Kind.WORKS)
    reverse_purchase(make_purchase(office, social, 7, date(2026, 1, 9)), 1, "취소", BY)
    rows = list(iterate_rows(wanted, Sort.NEWEST))
    standing = [row for row in rows if not row.is_reversed]

    found = sum_purchases(wanted)

    assert found == Found(len(standing), sum(row.amount for row in standing), len(rows) - len(standing))
    assert all(row.is_counted is wanted.is_counted for row in rows if wanted.is_counted is not None)
