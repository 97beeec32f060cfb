"""Writing total spending: a new figure replaces the one before, which stays readable."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.money import Won
from tracker.core.vocabulary import Kind
from tracker.departments.models import Department
from tracker.extensions import chunks, db, get_locked, transaction
from tracker.spending.models import Spending
from tracker.spending.queries import Figure, list_figures

Place = tuple[Kind, str]


@dataclass(frozen=True, kw_only=True)
class SpendingDraft:
    """총구매액 of one department, fiscal year, kind and 통계목, in won."""

    department_id: int
    fiscal_year: int
    kind: Kind
    budget_item: str
    amount: Won


class StaleSpending(Exception):
    """Figures are not what they were when the form was opened; `standing` are those that stand there now."""

    def __init__(self, standing: Mapping[Place, Figure | None]) -> None:
        super().__init__(len(standing))
        self.standing = standing


class Recorded(NamedTuple):
    """What became of a draft: the new figure's number, None where it stood already; what it replaced."""

    spending_id: int | None
    replaced_amount: Won | None


def record_spending(drafts: Sequence[SpendingDraft], by: Acting) -> list[Recorded]:
    """Record figures in their order; an equal one changes nothing, another replaces what stood there."""
    with transaction():
        _lock_departments({draft.department_id for draft in drafts})
        results = [_record(draft, by) for draft in drafts]
        changed = [
            asdict(draft) | {"id": result.spending_id, "replaced": result.replaced_amount}
            for draft, result in zip(drafts, results, strict=True)
            if result.spending_id
        ]
        if changed:
            record_event(by, "spending.record", "spending", None, {"figures": changed})
        return results


def enter_spending(
    department_id: int, fiscal_year: int, amounts: Mapping[Place, Won], seen: Mapping[Place, int], by: Acting
) -> list[Recorded]:
    """Record a department's figures of a year as a person saw them: `seen` are the numbers of those standing.

    Raises StaleSpending, and stores nothing, where another figure stands by now.
    """
    with transaction():
        _lock_departments([department_id])
        standing = {(each.kind, each.budget_item): each for each in list_figures(department_id, fiscal_year)}
        numbers = {place: figure.id for place, figure in standing.items()}
        stale = {place: standing.get(place) for place in amounts if numbers.get(place) != seen.get(place)}
        if stale:
            raise StaleSpending(stale)
        drafts = [
            SpendingDraft(
                department_id=department_id,
                fiscal_year=fiscal_year,
                kind=kind,
                budget_item=budget_item,
                amount=amount,
            )
            for (kind, budget_item), amount in amounts.items()
        ]
        return record_spending(drafts, by)


def withdraw_figure(spending_id: int, reason: str, by: Acting) -> None:
    """Take one figure back; StaleSpending where it does not stand any more."""
    with transaction():
        figure = get_locked(Spending, spending_id)
        if figure is None or figure.replaced_at is not None:
            raise StaleSpending({})
        withdraw_spending([spending_id], reason, by)


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


def _lock_departments(department_ids: Collection[int]) -> None:
    """Let one writer at a time decide what stands for a department: an empty place has no row to lock."""
    for run in chunks(department_ids):
        db.session.execute(
            select(Department.id)
            .where(Department.id.in_(run))
            .order_by(Department.id)
            .with_for_update(key_share=True)
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
