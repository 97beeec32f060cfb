"""Looking for enterprises: what is asked, in which order, from where on."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    SQLColumnExpression,
    and_,
    exists,
    false,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy import func as sql

from tracker.core.names import normalise_name
from tracker.core.vocabulary import CertificationEventKind as Event
from tracker.enterprises.models import Certification, CertificationEvent, Enterprise, Product
from tracker.extensions import db

PAGE = 50
ENDINGS = (Event.EXPIRED, Event.RETURNED, Event.CANCELLED, Event.CONVERTED)


class Sort(StrEnum):
    """The orders of the list: by name, the newest certification first, or the largest purchases first."""

    NAME = "name"
    CERTIFIED = "certified"
    BOUGHT = "bought"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which enterprises are looked for; None asks nothing.

    text: part of the name or business number. product: part of a product or of what is said to be sold.
    region: part of the address. type alone: those that have or had it; with valid_on: that hold it then.
    """

    text: str | None = None
    product: str | None = None
    type: str | None = None
    region: str | None = None
    valid_on: date | None = None


class EnterpriseRow(NamedTuple):
    """One enterprise as the list shows it, with the first day of its newest certification."""

    id: int
    name: str
    business_number: str | None
    address: str | None
    certified_on: date | None


def count_enterprises(wanted: Filter) -> int:
    """Return how many enterprises the filter finds."""
    return db.session.scalar(select(sql.count()).select_from(Enterprise).where(*_conditions(wanted))) or 0


def list_enterprises(
    wanted: Filter, sort: Sort, bought: FromClause, after: int | None = None
) -> tuple[list[EnterpriseRow], bool]:
    """Return the next page behind the enterprise `after`, and whether more follow.

    `bought` holds `enterprise_id` and `amount`, for the order by purchases.
    """
    newest = _newest_certification(wanted.type)
    statement = select(
        Enterprise.id, Enterprise.name, Enterprise.business_number, Enterprise.address, newest
    ).where(*_conditions(wanted))
    column: ColumnElement[Any] = Enterprise.__table__.c.normalised_name
    if sort is Sort.CERTIFIED:
        column = sql.coalesce(newest, date.min)
    elif sort is Sort.BOUGHT:
        statement = statement.outerjoin(bought, bought.c.enterprise_id == Enterprise.id)
        column = sql.coalesce(bought.c.amount, 0)
    place, is_downwards = (column, Enterprise.__table__.c.id), sort is not Sort.NAME
    if after is not None:
        # The place is looked up anew: an enterprise that moved meanwhile neither repeats nor hides others.
        found = db.session.execute(
            select(column)
            .select_from(Enterprise)
            .outerjoin(bought, bought.c.enterprise_id == Enterprise.id)
            .where(Enterprise.id == after)
        ).one_or_none()
        statement = statement.where(behind(place, (found[0], after), is_downwards) if found else false())
    ordered = statement.order_by(*(each.desc() if is_downwards else each for each in place))
    rows = db.session.execute(ordered.limit(PAGE + 1)).all()
    return [EnterpriseRow(*row) for row in rows[:PAGE]], len(rows) > PAGE


def behind(
    place: tuple[ColumnElement[Any], ColumnElement[int]], last: tuple[object, int], is_downwards: bool
) -> ColumnElement[bool]:
    """Return the condition that a row stands behind the last one shown."""
    here, there = tuple_(*place), tuple_(literal(last[0], place[0].type), literal(last[1]))
    return here < there if is_downwards else here > there


def is_valid_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a certification holds on the day: what `core.certification` says, in SQL."""
    event, certification = CertificationEvent, Certification
    deciding = (
        select(event.kind)
        .where(
            event.certification_id == certification.id,
            event.happened_on >= certification.valid_from,
            or_(event.happened_on < day, and_(event.happened_on == day, event.kind != Event.EXPIRED)),
        )
        .order_by(event.happened_on.desc(), event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return and_(
        certification.valid_from <= day,
        or_(certification.valid_to.is_(None), certification.valid_to >= day),
        sql.coalesce(deciding, Event.GRANTED).not_in(ENDINGS),
    )


def holds(type_code: str | None, valid_on: date | None) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that an enterprise holds a certification: of the type, on the day, where given."""
    asked = [
        *([Certification.type == type_code] if type_code else []),
        *([is_valid_on(valid_on)] if valid_on else []),
    ]
    if asked:
        yield exists().where(Certification.enterprise_id == Enterprise.id, *asked)


def is_named(text: str) -> ColumnElement[bool]:
    """Return the condition that an enterprise has this as part of its name or business number."""
    named = contains(Enterprise.normalised_name, normalise_name(text))
    digits = re.sub(r"[-\s]", "", text)
    if not re.fullmatch("[0-9]+", digits):
        return named
    return or_(named, contains(Enterprise.business_number, digits))


def is_in(region: str) -> ColumnElement[bool]:
    """Return the condition that an enterprise's address has this in it, whatever the blanks."""
    return contains(sql.lower(sql.replace(Enterprise.address, " ", "")), compact(region))


def says_it_sells(text: str) -> ColumnElement[bool]:
    """Return the condition that this stands in what an enterprise is said to sell."""
    return contains(sql.lower(sql.replace(Enterprise.items, " ", "")), compact(text))


def compact(text: str) -> str:
    """Return the text as it is looked for: NFC, lower case, no blanks."""
    return "".join(unicodedata.normalize("NFC", text).lower().split())


def contains(column: SQLColumnExpression[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that the column holds the text somewhere; % and _ mean themselves."""
    return column.contains(text, autoescape=True)


def _newest_certification(type_code: str | None) -> ColumnElement[date | None]:
    newest = select(sql.max(Certification.valid_from)).where(Certification.enterprise_id == Enterprise.id)
    if type_code:
        newest = newest.where(Certification.type == type_code)
    return newest.correlate(Enterprise).scalar_subquery()


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    yield from holds(wanted.type, wanted.valid_on)
    if wanted.text:
        yield is_named(wanted.text)
    if wanted.product:
        offered = contains(Product.normalised_name, normalise_name(wanted.product))
        yield or_(
            exists().where(Product.enterprise_id == Enterprise.id, offered), says_it_sells(wanted.product)
        )
    if wanted.region:
        yield is_in(wanted.region)
