"""What departments buy: sums of the rollup for the pages of departments and of spending."""

from sqlalchemy import select

from tracker.core.money import Won
from tracker.core.vocabulary import Basis, Kind, Measure
from tracker.extensions import db, total
from tracker.purchases.models import WHOLE, Rollup


def amounts_by_department(fiscal_year: int) -> dict[tuple[int, Kind], Won]:
    """Return everything bought in the fiscal year by contract, by department and kind; empty without data."""
    rows = db.session.execute(
        select(Rollup.department_id, Rollup.kind, total(Rollup.amount))
        .where(
            Rollup.basis == Basis.CONTRACT,
            Rollup.fiscal_year == fiscal_year,
            Rollup.measure == Measure.ALL,
            Rollup.type == WHOLE,
            Rollup.count > 0,
        )
        .group_by(Rollup.department_id, Rollup.kind)
    )
    return {(department_id, kind): int(amount) for department_id, kind, amount in rows}
