"""Reading total spending."""

from collections.abc import Collection

from sqlalchemy import select

from tracker.core.money import Won
from tracker.core.vocabulary import Kind
from tracker.extensions import db, total
from tracker.spending.models import Spending


def spending_by_kind(fiscal_year: int, department_ids: Collection[int]) -> dict[Kind, Won]:
    """Return 총구매액 by kind in won; empty when nothing was entered for these departments in the year."""
    rows = db.session.execute(
        select(Spending.kind, total(Spending.amount))
        .where(
            Spending.fiscal_year == fiscal_year,
            Spending.department_id.in_(department_ids),
            Spending.replaced_at.is_(None),
        )
        .group_by(Spending.kind)
    )
    return {kind: int(amount) for kind, amount in rows}
