"""Checking the audit chain, and what every room reports when a check finds something."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select

from tracker.audit.models import AuditEvent
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
    """Yield every event that was edited, removed or put in between."""
    key = audit_key()
    previous, expected = FIRST_HASH, 1
    events = db.session.execute(
        select(AuditEvent).order_by(AuditEvent.sequence).execution_options(yield_per=CHUNK)
    ).scalars()
    for event in events:
        act = (event.actor_id, event.action, event.subject, event.subject_id)
        if event.sequence != expected:
            yield Finding("audit_chain", "audit_event", expected, "missing")
        elif event.previous_hash != previous:
            yield Finding("audit_chain", "audit_event", event.sequence, "does not follow the event before")
        elif event.hash != chain_hash(key, previous, event.sequence, event.at, act, event.body):
            yield Finding("audit_chain", "audit_event", event.sequence, "changed after it was written")
        previous, expected = event.hash, event.sequence + 1
        db.session.expunge(event)
