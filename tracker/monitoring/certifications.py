"""Certifications of enterprises we buy from that end soon, or have ended."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, exists, func, not_, select

from tracker.core.certification import Certificate, Standing, standing_on, valid_terms
from tracker.core.money import Won
from tracker.core.periods import year
from tracker.enterprises.listing import is_valid_on
from tracker.enterprises.models import Certification, CertificationType, Enterprise
from tracker.enterprises.queries import certificates_of, list_types
from tracker.extensions import db, total
from tracker.purchases.models import Purchase
from tracker.totals.questions import Question, Side
from tracker.totals.scope import Scope
from tracker.totals.sums import LINES, lines_of

SOON = 60
"""So many days ahead a certification's end is announced."""


class Ending(NamedTuple):
    """A certification with its last valid day, and what was bought in the year from its enterprise.

    `is_renewed`: another of the same type holds on the day after.
    """

    enterprise_id: int
    enterprise: str
    type: str
    number: str | None
    last_day: date
    amount: Won
    is_renewed: bool


class Ended(NamedTuple):
    """An enterprise whose purchases counted and would not count today, with the day that was the last."""

    enterprise_id: int
    enterprise: str
    types: list[str]
    last_day: date | None
    last_purchase_on: date
    purchases: int


def list_ending(question: Question, day: date, within: int) -> list[Ending]:
    """Return certifications that hold on the day and end within so many days, the first to end first.

    Only those of enterprises from which the question's departments bought since the year before.
    """
    until = day + timedelta(days=within)
    ids = Scope(question).ids(Side.CURRENT)
    rows = db.session.execute(
        select(Certification.id, Enterprise.id.label("enterprise_id"), Enterprise.name)
        .join(Enterprise, Enterprise.id == Certification.enterprise_id)
        .where(
            is_valid_on(day),
            not_(is_valid_on(until + timedelta(days=1))),
            exists().where(Purchase.enterprise_id == Enterprise.id, *_recent(day, ids)),
        )
    ).all()
    if not rows:
        return []
    enterprise_ids = {row.enterprise_id for row in rows}
    names = {row.code: row.name for row in list_types()}
    held = certificates_of(enterprise_ids)
    amounts = _amounts(question, ids, enterprise_ids)
    endings = []
    for row in rows:
        certificates = held[row.enterprise_id]
        certificate = next(each for each in certificates if each.id == row.id)
        last_day = _end_of(certificate, day)
        onward = [each for each in certificates if each.type == certificate.type and each.id != row.id]
        endings.append(
            Ending(
                row.enterprise_id,
                row.name,
                names[certificate.type],
                certificate.number,
                last_day,
                amounts.get(row.enterprise_id, 0),
                _any_holds(onward, last_day + timedelta(days=1)),
            )
        )
    return sorted(endings, key=lambda each: (each.last_day, each.enterprise, each.type))


def list_ended(department_ids: Collection[int] | None, day: date) -> list[Ended]:
    """Return enterprises whose purchases since the year before counted as social economy but would not now.

    Those bought from last come first.
    """
    has_ended = (
        select(Certification.enterprise_id)
        .join(CertificationType, CertificationType.code == Certification.type)
        .where(CertificationType.is_social_economy)
        .group_by(Certification.enterprise_id)
        .having(func.max(case((is_valid_on(day), 1), else_=0)) == 0)
    )
    last_purchase = func.max(Purchase.purchased_on).label("last_purchase_on")
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, last_purchase, func.count().label("purchases"))
        .join(Purchase, Purchase.enterprise_id == Enterprise.id)
        .where(
            *_recent(day, department_ids),
            Purchase.is_social,
            Purchase.enterprise_id.in_(has_ended),
        )
        .group_by(Enterprise.id, Enterprise.name)
        .order_by(last_purchase.desc(), Enterprise.name, Enterprise.id)
    ).all()
    held = certificates_of([row.id for row in rows])
    names = {row.code: row.name for row in list_types()}
    found = []
    for row in rows:
        social = [each for each in held.get(row.id, ()) if each.is_social_economy]
        ends = [term.end for each in social for term in valid_terms(each) if term.end and term.end < day]
        types = list(dict.fromkeys(names[each.type] for each in social))
        found.append(
            Ended(row.id, row.name, types, max(ends, default=None), row.last_purchase_on, row.purchases)
        )
    return found


def _recent(day: date, department_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    recent = [not_(Purchase.is_reversed), Purchase.purchased_on >= year(day.year - 1).start]
    return recent if department_ids is None else [*recent, Purchase.department_id.in_(department_ids)]


def _amounts(
    question: Question, department_ids: Collection[int] | None, enterprise_ids: Collection[int]
) -> dict[int, Won]:
    bought = lines_of(
        question, Side.CURRENT, department_ids, [Purchase.enterprise_id, total(LINES[question.basis].amount)]
    )
    rows = db.session.execute(
        bought.where(Purchase.enterprise_id.in_(enterprise_ids)).group_by(Purchase.enterprise_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _end_of(certificate: Certificate, day: date) -> date:
    return next(term.end for term in valid_terms(certificate) if term.end and term.end >= day)


def _any_holds(certificates: Iterable[Certificate], day: date) -> bool:
    return any(standing_on(each, day) is Standing.VALID for each in certificates)
