"""Appending to the audit trail, inside the transaction of the act itself, and to the record of looks."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from tracker.audit.acting import Acting
from tracker.audit.head import note_head
from tracker.audit.models import Access, AccessRecord, AuditEvent
from tracker.audit.queries import Head, head
from tracker.core.canonical import canonical_json
from tracker.extensions import audit_key, db, transaction

FIRST_HASH = "0" * 64
# PostgreSQL: one writer at a time extends the chain; the number only has to be the same everywhere.
CHAIN_LOCK = 7_202_411


def chain_hash(
    key: bytes, previous: str, sequence: int, at: datetime, act: tuple[int, str, str, int | None], body: str
) -> str:
    """Return HMAC-SHA256 over the previous hash and the event's own content."""
    actor_id, action, subject, subject_id = act
    content = canonical_json(
        {
            "previous": previous,
            "sequence": sequence,
            "at": at.isoformat(timespec="microseconds"),
            "actor": actor_id,
            "action": action,
            "subject": subject,
            "subject_id": subject_id,
            "body": body,
        }
    )
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()


def record_event(
    by: Acting,
    action: str,
    subject: str,
    subject_id: int | None = None,
    body: Mapping[str, object] | None = None,
) -> int:
    """Append one event and return its sequence.

    `body` holds before and after of amounts, dates and departments in plain values; a personal field stands
    there by row id and field name only, so that erasing a person's data leaves the chain valid.
    """
    with transaction():
        db.session.flush()
        if db.session.get_bind().dialect.name == "postgresql":
            db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
        last = head() or Head(0, FIRST_HASH)
        sequence, previous = last.sequence + 1, last.hash
        content = canonical_json(body or {})
        act = (by.actor_id, action, subject, subject_id)
        digest = chain_hash(audit_key(), previous, sequence, by.at, act, content)
        db.session.add(
            AuditEvent(
                sequence=sequence,
                at=by.at,
                actor_id=by.actor_id,
                action=action,
                subject=subject,
                subject_id=subject_id,
                body=content,
                previous_hash=previous,
                hash=digest,
            )
        )
        db.session.flush()
        note_head(Head(sequence, digest))
        return sequence


def record_access(
    by: Acting, origin: str, access: Access, subject: str, subject_id: int | None, what: str
) -> None:
    """Note that somebody looks at, or takes away, what is not public: whose it is and which fields or file.

    `origin` is the address of the browser. Where no transaction is open it makes one of its own, also in a
    request that only reads: call it before rows are loaded, which it would let go.
    """
    with transaction():
        db.session.add(
            AccessRecord(
                at=by.at,
                actor_id=by.actor_id,
                origin=origin[:60],
                access=access,
                subject=subject,
                subject_id=subject_id,
                what=what[:200],
            )
        )
