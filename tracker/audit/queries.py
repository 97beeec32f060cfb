"""Reading the trail: its head, one subject's history, and what a filter finds."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, column, select, table
from sqlalchemy import func as sql

from tracker.audit.models import Access, AccessRecord, AuditEvent
from tracker.core.periods import SEOUL
from tracker.extensions import db

PAGE = 50

# The rooms of accounts, departments and enterprises stand above this one: of theirs it reads names alone.
_NAMED = {
    name: table(name, column("id", Integer), column("name", String))
    for name in ("account", "department", "enterprise")
}
_ACTOR = _NAMED["account"]
_ACTOR_NAME = sql.coalesce(_ACTOR.c.name, "–").label("actor")


class Head(NamedTuple):
    """The last event of the chain: whoever keeps it elsewhere can prove that nothing before was changed."""

    sequence: int
    hash: str


class HistoryRow(NamedTuple):
    """One event; `actor` is the account's name."""

    sequence: int
    at: datetime
    actor_id: int
    actor: str
    action: str
    subject: str
    subject_id: int | None
    body: dict[str, Any]


class AccessRow(NamedTuple):
    """One look at what is not public."""

    id: int
    at: datetime
    actor_id: int
    actor: str
    origin: str
    access: Access
    subject: str
    subject_id: int | None
    what: str


class Person(NamedTuple):
    """An account that can have acted."""

    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is looked for in the trail; None asks nothing. Days are those in Korea, both inclusive."""

    actor_id: int | None = None
    action: str | None = None
    subject: str | None = None
    subject_id: int | None = None
    start: date | None = None
    end: date | None = None
    access: Access | None = None


def head() -> Head | None:
    """Return the head of the chain, None before the first event."""
    row = db.session.execute(
        select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
    ).one_or_none()
    return Head(*row) if row else None


def history_of(
    subject: str, subject_id: int, *, before: int | None = None, limit: int = PAGE
) -> list[HistoryRow]:
    """Return the events of one subject, the newest first; `before` is the sequence the page goes on from."""
    return _events(Filter(subject=subject, subject_id=subject_id), before, limit)


def list_events(wanted: Filter, before: int | None = None) -> tuple[list[HistoryRow], bool]:
    """Return the newest events that the filter finds, before that one, and whether there are earlier ones."""
    rows = _events(wanted, before, PAGE + 1)
    return rows[:PAGE], len(rows) > PAGE


def list_accesses(wanted: Filter, before: int | None = None) -> tuple[list[AccessRow], bool]:
    """Return the newest looks that the filter finds, before that one, and whether there are earlier ones."""
    record = AccessRecord
    statement: Select[*tuple[Any, ...]] = select(
        record.id,
        record.at,
        record.actor_id,
        _ACTOR_NAME,
        record.origin,
        record.access,
        record.subject,
        record.subject_id,
        record.what,
    ).outerjoin(_ACTOR, _ACTOR.c.id == record.actor_id)
    if wanted.access:
        statement = statement.where(record.access == wanted.access)
    rows = [
        AccessRow(**row._asdict())
        for row in db.session.execute(_page(statement, record, wanted, before, PAGE + 1))
    ]
    return rows[:PAGE], len(rows) > PAGE


def list_people() -> list[Person]:
    """Return everybody who has or had an account, by name."""
    return [
        Person(*row)
        for row in db.session.execute(select(_ACTOR.c.id, _ACTOR.c.name).order_by(_ACTOR.c.name, _ACTOR.c.id))
    ]


def names_of(kind: str, identifiers: Collection[int]) -> dict[int, str]:
    """Return the names of accounts, departments or enterprises by their numbers."""
    named = _NAMED[kind]
    rows = db.session.execute(select(named.c.id, named.c.name).where(named.c.id.in_(set(identifiers))))
    return {row.id: row.name for row in rows}


def _events(wanted: Filter, before: int | None, limit: int) -> list[HistoryRow]:
    event = AuditEvent
    statement: Select[*tuple[Any, ...]] = select(
        event.sequence,
        event.at,
        event.actor_id,
        _ACTOR_NAME,
        event.action,
        event.subject,
        event.subject_id,
        event.body,
    ).outerjoin(_ACTOR, _ACTOR.c.id == event.actor_id)
    if wanted.action:
        statement = statement.where(event.action == wanted.action)
    return [
        HistoryRow(**row._asdict() | {"body": json.loads(row.body)})
        for row in db.session.execute(_page(statement, event, wanted, before, limit))
    ]


def _page(
    statement: Select[*tuple[Any, ...]],
    source: type[AuditEvent | AccessRecord],
    wanted: Filter,
    before: int | None,
    limit: int,
) -> Select[*tuple[Any, ...]]:
    key = AuditEvent.sequence if source is AuditEvent else AccessRecord.id
    if before is not None:
        statement = statement.where(key < before)
    return statement.where(*_conditions(source, wanted)).order_by(key.desc()).limit(limit)


def _conditions(source: type[AuditEvent | AccessRecord], wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.actor_id is not None:
        yield source.actor_id == wanted.actor_id
    if wanted.subject:
        yield source.subject == wanted.subject
    if wanted.subject_id is not None:
        yield source.subject_id == wanted.subject_id
    if wanted.start:
        yield source.at >= _midnight(wanted.start)
    if wanted.end:
        yield source.at < _midnight(wanted.end + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL)
