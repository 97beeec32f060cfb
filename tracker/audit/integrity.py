"""Checking the audit chain, and what every room reports when a check finds something."""

from collections.abc import Iterator
from contextvars import Context
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from tracker.audit.head import UnreadableHead, read_head
from tracker.audit.models import AuditEvent
from tracker.audit.queries import Head, head
from tracker.audit.services import FIRST_HASH, chain_hash
from tracker.extensions import audit_key, db

CHUNK = 2_000


class Finding(NamedTuple):
    """One broken promise: where it is and what is wrong, for a person and for a program."""

    check: str
    subject: str
    subject_id: int | None
    detail: str


def check_chain() -> Iterator[Finding]:
    """Yield every event that was edited, removed, put in between or cut off at the end."""
    try:
        kept = read_head()
    except UnreadableHead:
        kept = None
        yield _found(None, "the head outside the database cannot be read")
    else:
        if kept is None and head():
            yield _found(None, "the head outside the database is missing")
    key = audit_key()
    previous, expected = FIRST_HASH, 1
    for event in _events():
        if event.sequence > expected:
            yield _found(expected, f"missing, up to {event.sequence - 1}")
        elif event.sequence < expected:
            yield _found(event.sequence, "stands where none can")
        elif event.previous_hash != previous:
            yield _found(event.sequence, "does not follow the event before")
        if event.hash != _recomputed(key, event):
            yield _found(event.sequence, "changed after it was written")
        elif kept and event.sequence == kept.sequence and event.hash != kept.hash:
            yield _found(event.sequence, "is not the event that stood here")
        previous, expected = event.hash, event.sequence + 1
    if kept and expected <= kept.sequence and not _is_only_newer(kept):
        yield _found(expected, f"cut off, with all up to {kept.sequence}")


def _events() -> Iterator[Row[Any]]:
    columns = (column for column in AuditEvent.__table__.columns)
    statement = select(*columns).order_by(AuditEvent.sequence)
    yield from db.session.execute(statement.execution_options(yield_per=CHUNK))


def _recomputed(key: bytes, event: Row[Any]) -> str:
    act = (event.actor_id, event.action, event.subject, event.subject_id)
    return chain_hash(key, event.previous_hash, event.sequence, event.at, act, event.body)


def _is_only_newer(kept: Head) -> bool:
    """Return whether the events up to the head were committed after this check began to read."""
    engine = db.engine

    def look() -> str | None:
        with engine.connect() as connection:
            return connection.scalar(select(AuditEvent.hash).where(AuditEvent.sequence == kept.sequence))

    # In a context of its own it is a transaction that only reads, and waits for no writer.
    return Context().run(look) == kept.hash


def _found(sequence: int | None, detail: str) -> Finding:
    return Finding("audit_chain", "audit_event", sequence, detail)
