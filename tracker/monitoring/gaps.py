"""What is missing from the ledger: periods without an entry, purchases without a payment."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, not_, select

from tracker.core.money import Won
from tracker.core.periods import month, quarter
from tracker.core.vocabulary import Basis, Measure
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.extensions import db, total
from tracker.purchases.models import WHOLE, Payment, Purchase, Rollup

PAYMENT_AWAITED = timedelta(days=60)
"""A contract that was not paid at all for so long is probably paid but not entered."""


class Silence(NamedTuple):
    """When the last purchase was, and of which running periods nothing is recorded."""

    last_purchase_on: date | None
    is_month_empty: bool
    is_quarter_empty: bool


class Unpaid(NamedTuple):
    """How many purchases lack a payment, and what they add up to."""

    number: int
    amount: Won


class UnpaidPurchase(NamedTuple):
    """A contract without a payment."""

    id: int
    department: str
    enterprise: str
    subject: str | None
    purchased_on: date
    amount: Won


def find_silence(department_ids: Collection[int], day: date) -> Silence:
    """Return what these departments have recorded of the running month and quarter."""
    last = db.session.scalar(
        select(func.max(Purchase.purchased_on)).where(
            Purchase.department_id.in_(department_ids),
            not_(Purchase.is_reversed),
            Purchase.purchased_on <= day,
        )
    )
    this_month, this_quarter = month(day.year, day.month), quarter(day.year, (day.month + 2) // 3)
    return Silence(last, not (last and last >= this_month.start), not (last and last >= this_quarter.start))


def count_unpaid(department_ids: Collection[int] | None, day: date) -> Unpaid:
    """Return how many contracts of the year, older than the usual wait, have no payment."""
    number, amount = db.session.execute(
        select(func.count(), total(Purchase.amount)).where(*_unpaid(department_ids, day))
    ).one()
    return Unpaid(number, int(amount))


def list_unpaid(
    department_ids: Collection[int] | None, day: date, *, limit: int, offset: int = 0
) -> list[UnpaidPurchase]:
    """Return those contracts, the oldest first."""
    rows = db.session.execute(
        select(
            Purchase.id,
            Department.name.label("department"),
            Enterprise.name,
            func.coalesce(Purchase.contract_name, Purchase.item),
            Purchase.purchased_on,
            Purchase.amount,
        )
        .join(Department, Department.id == Purchase.department_id)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .where(*_unpaid(department_ids, day))
        .order_by(Purchase.purchased_on, Purchase.id)
        .limit(limit)
        .offset(offset)
    )
    return [UnpaidPurchase(*row) for row in rows]


def _unpaid(department_ids: Collection[int] | None, day: date) -> list[ColumnElement[bool]]:
    # Where a department records no payments at all, none is missing.
    records_payments = select(Rollup.department_id).where(
        Rollup.basis == Basis.PAYMENT,
        Rollup.fiscal_year == day.year,
        Rollup.measure == Measure.ALL,
        Rollup.type == WHOLE,
        Rollup.count > 0,
    )
    conditions = [
        Purchase.fiscal_year == day.year,
        not_(Purchase.is_reversed),
        Purchase.amount > 0,
        Purchase.contracted_on.is_not(None),
        Purchase.purchased_on < day - PAYMENT_AWAITED,
        Purchase.department_id.in_(records_payments),
        not_(exists().where(Payment.purchase_id == Purchase.id, Payment.removed_in.is_(None))),
    ]
    return conditions if department_ids is None else [*conditions, Purchase.department_id.in_(department_ids)]
