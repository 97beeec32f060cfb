"""일회성 구매: what named purchases or 통계목 weigh on both sides of a purchasing rate."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.core.money import Won
from tracker.core.vocabulary import Basis
from tracker.extensions import db, total
from tracker.purchases.models import Payment, Purchase
from tracker.spending.models import Spending
from tracker.targets.queries import Rule
from tracker.totals.rates import not_excluded, select_counted, select_spent
from tracker.totals.sums import LINES


class Weight(NamedTuple):
    """What one-off items hold of the eligible purchases and of total spending, in won."""

    eligible: Won
    spent: Won


def weigh(
    fiscal_year: int,
    rule: Rule,
    department_ids: Collection[int],
    purchases: Collection[int],
    items: Collection[str],
) -> Weight:
    """Return what these purchases and 통계목 hold, each won once, under the predicate of the scheme.

    A purchase stands in total spending whether it counts or not; that of a 통계목 is as it was entered.
    """
    predicate, line = rule.predicate, LINES[rule.predicate.basis]
    of_items = [Purchase.budget_item.startswith(item, autoescape=True) for item in items]
    eligible = select_counted(fiscal_year, rule, department_ids).where(
        or_(Purchase.id.in_(purchases), *of_items)
    )
    bought = select(Purchase.id).where(
        Purchase.id.in_(purchases),
        line.fiscal_year == fiscal_year,
        not_(Purchase.is_reversed),
        Purchase.department_id.in_(department_ids),
        Purchase.kind.in_(predicate.kinds),
        *not_excluded(Purchase.budget_item, predicate),
        *(or_(Purchase.budget_item.is_(None), not_(each)) for each in of_items),
    )
    if predicate.basis is Basis.PAYMENT:
        bought = bought.join(Payment, (Payment.purchase_id == Purchase.id) & Payment.removed_in.is_(None))
    spent = select_spent(fiscal_year).where(
        Spending.department_id.in_(department_ids),
        Spending.kind.in_(predicate.kinds),
        *not_excluded(Spending.budget_item, predicate),
        or_(false(), *(Spending.budget_item.startswith(item, autoescape=True) for item in items)),
    )
    return Weight(
        _sum(eligible, line.amount) if rule.types else 0,
        _sum(bought, line.amount) + _sum(spent, Spending.amount),
    )


def _sum(statement: Select[Any], amount: ColumnElement[int] | InstrumentedAttribute[int]) -> Won:
    return int(db.session.scalar(statement.with_only_columns(total(amount))) or 0)
