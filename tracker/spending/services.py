"""Writing total spending: a new figure replaces the one before, which stays readable."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.money import Won
from tracker.core.vocabulary import Kind
from tracker.extensions import chunks, db, transaction
from tracker.spending.models import Spending


@dataclass(frozen=True, kw_only=True)
class SpendingDraft:
    """총구매액 of one department, fiscal year, kind and 통계목, in won."""

    department_id: int
    fiscal_year: int
    kind: Kind
    budget_item: str
    amount: Won


class Recorded(NamedTuple):
    """What became of a draft: the new figure's number, None where it stood already; what it replaced."""

    spending_id: int | None
    replaced_amount: Won | None


def record_spending(drafts: Sequence[SpendingDraft], by: Acting) -> list[Recorded]:
    """Record figures in their order; an equal one changes nothing, another replaces what stood there."""
    with transaction():
        results = [_record(draft, by) for draft in drafts]
        changed = [
            asdict(draft) | {"id": result.spending_id, "replaced": result.replaced_amount}
            for draft, result in zip(drafts, results, strict=True)
            if result.spending_id
        ]
        if changed:
            record_event(by, "spending.record", "spending", None, {"figures": changed})
        return results


def withdraw_spending(spending_ids: Sequence[int], reason: str, by: Acting) -> None:
    """Take figures back; where one had replaced another, the earlier figure stands again as a new record."""
    with transaction():
        for run in chunks(spending_ids):
            for row in db.session.scalars(select(Spending).where(Spending.id.in_(run)).with_for_update()):
                if row.replaced_at is None:
                    row.replaced_at = by.at
                    db.session.flush()
                    _reinstate_before(row, by)
        record_event(
            by, "spending.withdraw", "spending", None, {"figures": list(spending_ids), "reason": reason}
        )


def _record(draft: SpendingDraft, by: Acting) -> Recorded:
    current = db.session.scalar(
        select(Spending)
        .where(
            Spending.department_id == draft.department_id,
            Spending.fiscal_year == draft.fiscal_year,
            Spending.kind == draft.kind,
            Spending.budget_item == draft.budget_item,
            Spending.replaced_at.is_(None),
        )
        .with_for_update()
    )
    if current and current.amount == draft.amount:
        return Recorded(None, None)
    if current:
        current.replaced_at = by.at
    row = Spending(**asdict(draft), actor_id=by.actor_id, recorded_at=by.at)
    db.session.add(row)
    db.session.flush()
    return Recorded(row.id, current.amount if current else None)


def _reinstate_before(row: Spending, by: Acting) -> None:
    earlier = db.session.scalar(
        select(Spending)
        .where(
            Spending.department_id == row.department_id,
            Spending.fiscal_year == row.fiscal_year,
            Spending.kind == row.kind,
            Spending.budget_item == row.budget_item,
            Spending.id < row.id,
        )
        .order_by(Spending.id.desc())
        .limit(1)
    )
    if earlier is not None and earlier.replaced_at == row.recorded_at:
        db.session.add(
            Spending(
                department_id=row.department_id,
                fiscal_year=row.fiscal_year,
                kind=row.kind,
                budget_item=row.budget_item,
                amount=earlier.amount,
                actor_id=by.actor_id,
                recorded_at=by.at,
            )
        )
