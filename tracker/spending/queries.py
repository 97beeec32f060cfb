"""Reading total spending."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func as sql
from sqlalchemy import select

from tracker.accounts.models import User
from tracker.core.money import Won
from tracker.core.vocabulary import Kind
from tracker.extensions import db, total
from tracker.spending.models import Spending


class Figure(NamedTuple):
    """A figure that stands, in won."""

    id: int
    kind: Kind
    budget_item: str
    amount: Won


class PastFigure(NamedTuple):
    """A figure as it was recorded, with the one it replaced; `replaced_at` is empty while it stands."""

    id: int
    kind: Kind
    budget_item: str
    amount: Won
    amount_before: Won | None
    actor: str
    recorded_at: datetime
    replaced_at: datetime | None


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


def list_years() -> list[int]:
    """Return the fiscal years for which any figure stands, the latest first."""
    years = select(Spending.fiscal_year).where(Spending.replaced_at.is_(None)).distinct()
    return sorted(db.session.scalars(years), reverse=True)


def spending_by_department(fiscal_year: int) -> dict[tuple[int, Kind], Won]:
    """Return 총구매액 of the year by department and kind; what was not entered is not there."""
    rows = db.session.execute(
        select(Spending.department_id, Spending.kind, total(Spending.amount))
        .where(Spending.fiscal_year == fiscal_year, Spending.replaced_at.is_(None))
        .group_by(Spending.department_id, Spending.kind)
    )
    return {(department_id, kind): int(amount) for department_id, kind, amount in rows}


def list_figures(department_id: int, fiscal_year: int) -> list[Figure]:
    """Return the figures that stand for a department and year, by kind and 통계목."""
    rows = db.session.execute(
        select(Spending.id, Spending.kind, Spending.budget_item, Spending.amount).where(
            Spending.department_id == department_id,
            Spending.fiscal_year == fiscal_year,
            Spending.replaced_at.is_(None),
        )
    )
    kinds = list(Kind)
    return sorted((Figure(*row) for row in rows), key=lambda each: (kinds.index(each.kind), each.budget_item))


def count_history(department_id: int, fiscal_year: int) -> int:
    """Return how many figures were ever recorded for a department and year."""
    return (
        db.session.scalar(
            select(sql.count())
            .select_from(Spending)
            .where(Spending.department_id == department_id, Spending.fiscal_year == fiscal_year)
        )
        or 0
    )


def list_history(department_id: int, fiscal_year: int, limit: int, offset: int) -> list[PastFigure]:
    """Return the figures recorded for a department and year, the latest first, replaced ones too."""
    before = sql.lag(Spending.amount).over(
        partition_by=(Spending.kind, Spending.budget_item), order_by=Spending.id
    )
    rows = db.session.execute(
        select(
            Spending.id,
            Spending.kind,
            Spending.budget_item,
            Spending.amount,
            before,
            User.name,
            Spending.recorded_at,
            Spending.replaced_at,
        )
        .join(User, User.id == Spending.actor_id)
        .where(Spending.department_id == department_id, Spending.fiscal_year == fiscal_year)
        .order_by(Spending.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [PastFigure(*row) for row in rows]


def find_figure(spending_id: int) -> Spending | None:
    """Return one figure, whether it stands or was replaced."""
    return db.session.get(Spending, spending_id)
