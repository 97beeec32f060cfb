"""Appending to the audit trail, inside the transaction of the act itself."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, text

from tracker.audit.acting import Acting
from tracker.audit.models import AuditEvent
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
        head = db.session.execute(
            select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
        ).one_or_none()
        sequence, previous = (head.sequence + 1, head.hash) if head else (1, FIRST_HASH)
        content = canonical_json(body or {})
        act = (by.actor_id, action, subject, subject_id)
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
                hash=chain_hash(audit_key(), previous, sequence, by.at, act, content),
            )
        )
        db.session.flush()
        return sequence
