"""Checking that editions of official lists still say what came in."""

import json
from collections.abc import Iterator

from sqlalchemy import func as sql
from sqlalchemy import select

from tracker.audit.integrity import Finding
from tracker.audit.models import AuditEvent
from tracker.enterprises.editions import members_digest
from tracker.enterprises.models import Edition, EditionMember
from tracker.extensions import db


def check_editions() -> Iterator[Finding]:
    """Yield every edition whose members, or whose digest, are not what the audit trail says came in."""
    recorded = {
        edition_id: json.loads(body)["digest"]
        for edition_id, body in db.session.execute(
            select(AuditEvent.subject_id, AuditEvent.body).where(AuditEvent.action == "edition.record")
        )
    }
    counts = {
        row[0]: row[1]
        for row in db.session.execute(
            select(EditionMember.edition_id, sql.count()).group_by(EditionMember.edition_id)
        )
    }
    editions = db.session.execute(select(Edition.id, Edition.members, Edition.digest).order_by(Edition.id))
    for edition_id, members, digest in editions.all():
        if recorded.pop(edition_id, None) != digest:
            yield Finding("editions", "edition", edition_id, "its digest is not the one recorded")
        if counts.get(edition_id, 0) != members or members_digest(edition_id) != digest:
            yield Finding("editions", "edition", edition_id, "its members are not those that came in")
    for missing_id in recorded:
        yield Finding("editions", "edition", missing_id, "is missing")
