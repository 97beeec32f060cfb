"""Checking that frozen reports are what was frozen, and none of them is missing."""

from collections.abc import Iterator

from sqlalchemy import select

from tracker.audit.integrity import Finding
from tracker.audit.models import AuditEvent
from tracker.extensions import db
from tracker.reports.models import Snapshot
from tracker.reports.verification import verify_report

FAULTS = {
    "content": "its content is not what its SHA-256 was taken of",
    "audit": "its SHA-256 is not the one in the audit trail",
}


def check_snapshots() -> Iterator[Finding]:
    """Yield every report that was altered, does not add up, or is gone; a ledger that went on is no fault."""
    ids = list(db.session.scalars(select(Snapshot.id).order_by(Snapshot.id)))
    for report_id in ids:
        for fault in verify_report(report_id).faults:
            yield Finding("snapshots", "report", report_id, FAULTS.get(fault, f"does not add up: {fault}"))
    created = db.session.scalars(
        select(AuditEvent.subject_id)
        .where(AuditEvent.action == "report.create")
        .order_by(AuditEvent.subject_id)
    )
    for missing_id in set(created) - set(ids):
        yield Finding("snapshots", "report", missing_id, "is missing")
