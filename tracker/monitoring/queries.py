"""How suppliers are used and how departments stand, this year against last."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, distinct, func, not_, select

from tracker.core.eligibility import judge
from tracker.core.money import Won
from tracker.core.rates import rate_text
from tracker.core.vocabulary import Measure
from tracker.departments.queries import list_departments
from tracker.enterprises.listing import holds
from tracker.enterprises.models import Enterprise
from tracker.enterprises.queries import certificates_of, list_types
from tracker.extensions import db, total
from tracker.purchases.models import Purchase
from tracker.totals.queries import Answer, TotalRow
from tracker.totals.questions import Question, Side
from tracker.totals.scope import Scope
from tracker.totals.sums import LINES, lines_of

LARGEST = (1, 5, 10)
"""So many of the largest suppliers show how concentrated purchases are."""

_purchase = Purchase.__table__.c


class Supplier(NamedTuple):
    """An enterprise bought from: by how many departments, how often, for how much, its share in percent."""

    id: int
    name: str
    departments: int
    purchases: int
    amount: Won
    share: str | None


class Uptake(NamedTuple):
    """All suppliers together; `shares` tells what the largest ones have, in percent by their number."""

    suppliers: int
    amount: Won
    shares: dict[int, str | None]


class Unused(NamedTuple):
    """A certified enterprise nobody has ever bought from, with the types it holds."""

    id: int
    name: str
    business_number: str | None
    address: str | None
    types: list[str]


class Standing(NamedTuple):
    """A department against last year; `share` of all that counts, `rate` of all it bought, in percent."""

    row: TotalRow
    share: str | None
    rate: str | None

    @property
    def is_silent(self) -> bool:
        """Return whether nothing that counts was bought this year."""
        return not self.row.count

    @property
    def is_lagging(self) -> bool:
        """Return whether nothing was bought, or less than last year."""
        return self.is_silent or (self.row.comparison.difference or 0) < 0


def year_so_far(
    year: int, day: date, department_id: int | None = None, of: Measure = Measure.SOCIAL
) -> Question:
    """Return what is asked of a year: the running one up to the day, another in full."""
    return Question(year, same_period=day if year == day.year else None, of=of, department_id=department_id)


def get_uptake(question: Question) -> Uptake:
    """Return how many suppliers there are and how much the largest have."""
    rows = db.session.execute(_by_enterprise(question, _amount(question)))
    amounts = sorted((int(amount) for _, amount in rows), reverse=True)
    whole = sum(amounts)
    shares = {number: _percent(sum(amounts[:number]), whole) for number in LARGEST}
    return Uptake(len(amounts), whole, shares)


def list_suppliers(
    question: Question, whole: Won, *, by_departments: bool, limit: int, offset: int = 0
) -> list[Supplier]:
    """Return suppliers, those of most money (`whole` is that of all) or of most departments first."""
    used = _by_enterprise(
        question,
        _amount(question),
        func.count(distinct(Purchase.department_id)).label("departments"),
        func.count().label("purchases"),
    ).subquery()
    order = [used.c.departments.desc()] if by_departments else []
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, used.c.departments, used.c.purchases, used.c.amount)
        .join(used, used.c.enterprise_id == Enterprise.id)
        .order_by(*order, used.c.amount.desc(), Enterprise.name, Enterprise.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        Supplier(
            row.id,
            row.name,
            row.departments,
            row.purchases,
            int(row.amount),
            _percent(int(row.amount), whole),
        )
        for row in rows
    ]


def list_standings(found: Answer, everything: Answer, day: date) -> list[Standing]:
    """Return the departments there are on the day: the silent first, then those that fell most.

    `found` holds what counts by department, `everything` all they bought.
    """
    bought = {row.key: row.comparison.current for row in everything.rows}
    whole = found.total.comparison.current
    there = {str(row.id) for row in list_departments() if row.is_open_on(day)}
    standings = [
        Standing(
            row,
            _percent(row.comparison.current, whole),
            _percent(row.comparison.current, bought[row.key]),
        )
        for row in found.rows
        if row.key in there
    ]
    return sorted(
        standings, key=lambda each: (not each.is_silent, each.row.comparison.difference or 0, each.row.label)
    )


def count_unused(day: date, type_code: str | None = None) -> int:
    """Return how many enterprises are certified on the day but were never bought from."""
    return (
        db.session.scalar(select(func.count()).select_from(Enterprise).where(*_unused(day, type_code))) or 0
    )


def list_unused(day: date, type_code: str | None = None, *, limit: int, offset: int = 0) -> list[Unused]:
    """Return those enterprises by name."""
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.business_number, Enterprise.address)
        .where(*_unused(day, type_code))
        .order_by(Enterprise.normalised_name, Enterprise.id)
        .limit(limit)
        .offset(offset)
    ).all()
    types = types_on([row.id for row in rows], day)
    return [Unused(*row, types[row.id]) for row in rows]


def types_on(enterprise_ids: Collection[int], day: date) -> dict[int, list[str]]:
    """Return the names of the types that each enterprise holds on the day."""
    names = {row.code: row.name for row in list_types()}
    certificates = certificates_of(enterprise_ids)
    return {
        each: [names[code] for code in judge(certificates.get(each, ()), day).types]
        for each in enterprise_ids
    }


def _by_enterprise(question: Question, *sums: ColumnElement[Any]) -> Select[Any]:
    ids = Scope(question).ids(Side.CURRENT)
    columns = [_purchase.enterprise_id, *sums]
    return lines_of(question, Side.CURRENT, ids, columns).group_by(_purchase.enterprise_id)


def _amount(question: Question) -> ColumnElement[int]:
    return total(LINES[question.basis].amount).label("amount")


def _unused(day: date, type_code: str | None) -> tuple[ColumnElement[bool], ...]:
    bought = select(Purchase.id).where(Purchase.enterprise_id == Enterprise.id, not_(Purchase.is_reversed))
    return (*holds(type_code, day), not_(bought.exists()))


def _percent(part: Won, whole: Won) -> str | None:
    return rate_text(Fraction(part, whole), 1) if whole > 0 else None
