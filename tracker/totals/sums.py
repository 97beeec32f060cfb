"""Adding up in the database: whole months from the rollup, the days at the edges from the ledger."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, extract, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracker.core.money import Won
from tracker.core.periods import Period, month, split_months
from tracker.core.vocabulary import Basis, ContractMethod, Directness, Kind, Measure, Nature
from tracker.extensions import db, total
from tracker.purchases.models import WHOLE, Payment, Purchase, Rollup, Verdict
from tracker.totals.questions import BY_DEPARTMENT, By, Question, Side, Span
from tracker.totals.scope import Scope, UnknownRow

Group = str | int
Column = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Sum:
    """Amount in won and how many purchases (or payments) it adds up."""

    amount: Won = 0
    count: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        """Return both together."""
        return Sum(self.amount + other.amount, self.count + other.count)


class Line(NamedTuple):
    """What counts by a basis: the purchase itself, or each of its payments."""

    id: ColumnElement[int]
    day: ColumnElement[date]
    fiscal_year: ColumnElement[int]
    amount: ColumnElement[int]


_purchase, _payment = Purchase.__table__.c, Payment.__table__.c
LINES = {
    Basis.CONTRACT: Line(_purchase.id, _purchase.purchased_on, _purchase.fiscal_year, _purchase.amount),
    Basis.PAYMENT: Line(_payment.id, _payment.paid_on, _payment.fiscal_year, _payment.amount),
}
_IN_ROLLUP: dict[By, Column] = {
    By.DEPARTMENT: Rollup.department_id,
    By.BRANCH: Rollup.department_id,
    By.TYPE: Rollup.type,
    By.KIND: Rollup.kind,
    By.MONTH: Rollup.month,
}
_KINDS = {str(kind): kind for kind in Kind}
_METHODS = {str(method): method for method in ContractMethod}
_IN_LEDGER: dict[By, Column] = {
    By.DEPARTMENT: Purchase.department_id,
    By.BRANCH: Purchase.department_id,
    By.TYPE: Verdict.type,
    By.KIND: Purchase.kind,
    By.ENTERPRISE: Purchase.enterprise_id,
    By.METHOD: Purchase.method,
}


def sums_of(question: Question, side: Side, scope: Scope) -> dict[Group, Sum]:
    """Return the sums of one side by row; by type, the whole stands beside them under WHOLE.

    Whole months come from the rollup where it knows the rows; the days at the edges from the ledger.
    """
    span, ids = question.span(side), scope.ids(side)
    found: dict[Group, Sum] = defaultdict(Sum)
    statements: list[Select[Any]] = []
    if question.by not in _IN_ROLLUP or (question.by is By.TYPE and question.type):
        statements += _from_ledger(question, side, ids)
    else:
        months, edges = split_months(span.days) if span.days else ([], [])
        if months or not span.days:
            statements.append(_from_rollup(question, span, ids, months))
        if edges:
            statements += _from_ledger(question, side, ids, edges)
    for statement in statements:
        for group, amount, count in db.session.execute(statement):
            if question.by is By.MONTH:
                group = int(group) + (100 * question.years_between if side is Side.PRIOR else 0)
            found[group] += Sum(int(amount), int(count))
    return found


def _from_rollup(
    question: Question, span: Span, ids: Collection[int] | None, months: Sequence[int]
) -> Select[Any]:
    group = _IN_ROLLUP[question.by]
    columns: list[Column] = [group, total(Rollup.amount), total(Rollup.count)]
    statement = select(*columns).where(Rollup.basis == question.basis, Rollup.measure == question.of)
    if question.by is not By.TYPE:
        statement = statement.where(Rollup.type == (question.type or WHOLE))
    if span.fiscal_year is not None:
        statement = statement.where(Rollup.fiscal_year == span.fiscal_year)
    if months:
        statement = statement.where(Rollup.month.between(months[0], months[-1]))
    if ids is not None:
        statement = statement.where(Rollup.department_id.in_(ids))
    return statement.group_by(group)


def _from_ledger(
    question: Question, side: Side, ids: Collection[int] | None, days: Sequence[Period] = ()
) -> list[Select[Any]]:
    line = LINES[question.basis]
    sums = (total(line.amount), func.count())
    if question.by is By.TYPE:
        whole = lines_of(question, side, ids, [literal(WHOLE), *sums], days)
        by_type = lines_of(question, side, ids, [Verdict.type, *sums], days).join(
            Verdict,
            (Verdict.purchase_id == Purchase.id) & Verdict.replaced_in.is_(None) & Verdict.is_eligible,
        )
        return [whole, by_type.group_by(Verdict.type)]
    group: Column = (
        extract("year", line.day) * 100 + extract("month", line.day)
        if question.by is By.MONTH
        else _IN_LEDGER[question.by]
    )
    return [lines_of(question, side, ids, [group.label("group"), *sums], days).group_by("group")]


def lines_of(
    question: Question,
    side: Side,
    ids: Collection[int] | None,
    columns: Sequence[Column],
    days: Sequence[Period] = (),
) -> Select[Any]:
    """Select from the lines that count: not reversed, in the measure, the departments and the days.

    Without `days` all those of the side count.
    """
    line, span = LINES[question.basis], question.span(side)
    statement = select(*columns).select_from(Purchase).where(~Purchase.is_reversed, *_counting[question.of])
    if question.basis is Basis.PAYMENT:
        statement = statement.join(
            Payment, (Payment.purchase_id == Purchase.id) & Payment.removed_in.is_(None)
        )
    if span.fiscal_year is not None:
        # Of a few days the index by day finds far less than that by year: the sum keeps the latter out of it.
        books = line.fiscal_year + 0 if days else line.fiscal_year
        statement = statement.where(books == span.fiscal_year)
    days = days or ([span.days] if span.days else [])
    if days:
        statement = statement.where(or_(*(line.day.between(each.start, each.end) for each in days)))
    if ids is not None:
        statement = statement.where(Purchase.department_id.in_(ids))
    if question.type:
        statement = statement.where(_has_type(question.type))
    return statement


# What core.eligibility.counts_in says of one purchase, as the database says it of many.
_directly = (Purchase.directness == Directness.DIRECT, Purchase.nature == Nature.PURCHASE)
_counting: dict[Measure, tuple[ColumnElement[bool], ...]] = {
    Measure.SOCIAL: (Purchase.is_social == True, *_directly),  # noqa: E712
    Measure.CERTIFIED: (Purchase.is_certified == True, *_directly),  # noqa: E712
    Measure.ALL: (),
}


def _has_type(type_code: str) -> ColumnElement[bool]:
    # Under a name of its own: by type, the statement around it reads the verdicts too.
    held = aliased(Verdict)
    of_purchase = (held.purchase_id == Purchase.id) & held.replaced_in.is_(None) & held.is_eligible
    return select(held.id).where(of_purchase, held.type == type_code).exists()


def in_row(question: Question, side: Side, key: str) -> list[ColumnElement[bool]]:
    """Return what a line must meet to stand in the row; UnknownRow when there can be no such row."""
    if question.by in BY_DEPARTMENT:
        # The departments of a row are the scope's business.
        return []
    if question.by is By.TYPE:
        return [_has_type(key)]
    if question.by is By.KIND and key in _KINDS:
        return [_purchase.kind == _KINDS[key]]
    if question.by is By.METHOD and key in _METHODS:
        return [_purchase.method == _METHODS[key]]
    if question.by is By.ENTERPRISE and re.fullmatch("[0-9]{1,9}", key):
        return [_purchase.enterprise_id == int(key)]
    if question.by is By.MONTH and re.fullmatch("(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])", key):
        earlier = question.years_between if side is Side.PRIOR else 0
        days = month(int(key[:4]) - earlier, int(key[5:]))
        return [LINES[question.basis].day.between(days.start, days.end)]
    raise UnknownRow(key)
