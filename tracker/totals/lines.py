"""The purchases behind every figure, which add up to it."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, or_

from tracker.core.eligibility import Reason
from tracker.core.money import Won
from tracker.core.periods import yyyymm
from tracker.core.vocabulary import Kind
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.purchases.models import Purchase
from tracker.purchases.queries import types_of
from tracker.totals.attribution import Attribution
from tracker.totals.questions import By, Question, Side, month_text
from tracker.totals.scope import Scope
from tracker.totals.sums import LINES, in_row, lines_of

READ_CHUNK = 1_000


class PurchaseBehind(NamedTuple):
    """One line behind a figure: a purchase, or one payment of it. `keys` are the rows it stands in."""

    id: int
    department: str
    enterprise: str
    business_number: str | None
    item: str | None
    contract_name: str | None
    kind: Kind
    day: date
    amount: Won
    types: tuple[str, ...]
    reason: Reason
    keys: tuple[str, ...]
    line_id: int


def purchases_behind(
    question: Question,
    key: str | None = None,
    side: Side = Side.CURRENT,
    after: tuple[date, int] | None = None,
) -> Iterator[PurchaseBehind]:
    """Yield the lines that add up to the figure of a row, or of the total, by date and in constant memory.

    `after` continues behind the line with that day and line id. UnknownRow when there can be no such row.
    """
    scope = Scope(question)
    line = LINES[question.basis]
    statement = (
        lines_of(
            question,
            side,
            scope.ids(side, key),
            [
                Purchase.id,
                Department.id.label("department_id"),
                Department.name.label("department"),
                Enterprise.id.label("enterprise_id"),
                Enterprise.name.label("enterprise"),
                Enterprise.business_number,
                Purchase.item,
                Purchase.contract_name,
                Purchase.kind,
                Purchase.method,
                line.day.label("day"),
                line.amount.label("amount"),
                line.id.label("line_id"),
                Purchase.reason,
            ],
        )
        .join(Department, Department.id == Purchase.department_id)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .where(*(in_row(question, side, key) if key is not None else ()))
        .order_by(line.day, line.id)
        .limit(READ_CHUNK)
    )
    while True:
        further = statement
        if after:
            further = statement.where(or_(line.day > after[0], (line.day == after[0]) & (line.id > after[1])))
        found = db.session.execute(further).all()
        types = types_of({row.id for row in found})
        for row in found:
            yield PurchaseBehind(
                row.id,
                row.department,
                row.enterprise,
                row.business_number,
                row.item,
                row.contract_name,
                row.kind,
                row.day,
                row.amount,
                types[row.id],
                row.reason,
                _keys(question, side, row, types[row.id], scope.attribution),
                row.line_id,
            )
        if len(found) < READ_CHUNK:
            return
        after = (found[-1].day, found[-1].line_id)


def _keys(
    question: Question, side: Side, row: Row[Any], types: tuple[str, ...], attribution: Attribution
) -> tuple[str, ...]:
    """Return the keys of the rows in which a line stands."""
    if question.by is By.TYPE:
        return types
    if question.by is By.KIND:
        return (str(row.kind),)
    if question.by is By.METHOD:
        return (str(row.method),)
    if question.by is By.ENTERPRISE:
        return (str(row.enterprise_id),)
    if question.by is By.MONTH:
        later = question.years_between if side is Side.PRIOR else 0
        return (month_text(yyyymm(row.day) + 100 * later),)
    owner = attribution.owner(row.department_id) if side is Side.PRIOR else row.department_id
    return (str(owner),)
