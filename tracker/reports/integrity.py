"""Checking frozen reports: what was frozen, their steps and copies what was recorded, none missing."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from tracker.audit.integrity import Finding
from tracker.audit.models import AuditEvent
from tracker.core.vocabulary import ReportState
from tracker.evidence.files import DamagedFile, open_intact
from tracker.extensions import db
from tracker.reports.logos import logo_hashes
from tracker.reports.models import ReportScan, ReportStep, Snapshot
from tracker.reports.verification import verify_report

FAULTS = {
    "content": "its content is not what its SHA-256 was taken of",
    "audit": "its SHA-256 is not the one in the audit trail",
    "logo": "its logo is damaged or gone",
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
    yield from _check_steps()
    yield from _check_scans()
    yield from _check_logos()


def _check_steps() -> Iterator[Finding]:
    """Yield each report whose steps are not those in the trail."""
    stored = {
        (step.report_id, step.state, step.successor_id, step.reason)
        for step in db.session.scalars(select(ReportStep))
    }
    recorded = {
        (report_id, ReportState.CONFIRMED, None, body["reason"])
        for report_id, body in _events("report.confirm")
    } | {
        (report_id, ReportState.SUPERSEDED, body["later_report"], body["reason"])
        for report_id, body in _events("report.supersede")
    }
    for report_id in sorted({step[0] for step in stored ^ recorded}):
        yield Finding("snapshots", "report", report_id, "its steps are not those in the audit trail")


def _check_scans() -> Iterator[Finding]:
    """Yield each report whose signed copies are not those in the trail, or whose files are damaged."""
    scans = list(db.session.scalars(select(ReportScan).order_by(ReportScan.id)))
    stored = {(scan.report_id, scan.id, scan.sha256) for scan in scans}
    recorded = {(report_id, body["copy"], body["sha256"]) for report_id, body in _events("report.scan")}
    for report_id in sorted({scan[0] for scan in stored ^ recorded}):
        yield Finding("snapshots", "report", report_id, "its signed copies are not those in the audit trail")
    for scan in scans:
        try:
            open_intact(scan.sha256).close()
        except DamagedFile:
            yield Finding("snapshots", "report", scan.report_id, f"its copy {scan.sha256} is damaged or gone")


def _check_logos() -> Iterator[Finding]:
    """Yield each logo that is not in the trail, or is there and not kept, or whose file is damaged."""
    stored = logo_hashes()
    changes = [body["changes"].get("logo") for _, body in _events("report_text.save")]
    recorded = {after for _, after in filter(None, changes) if after}
    for sha256 in sorted(stored | recorded):
        if sha256 not in stored & recorded:
            detail = f"logo {sha256} is not told alike by the database and the audit trail"
            yield Finding("snapshots", "report_text", None, detail)
        try:
            open_intact(sha256).close()
        except DamagedFile:
            yield Finding("snapshots", "report_text", None, f"logo {sha256} is damaged or gone")


def _events(action: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of the subject and what is told of it for each event of this act."""
    rows = db.session.execute(
        select(AuditEvent.subject_id, AuditEvent.body).where(AuditEvent.action == action)
    )
    for subject_id, body in rows:
        yield subject_id or 0, json.loads(body)
