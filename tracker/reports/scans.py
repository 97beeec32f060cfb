"""Signed copies of reports: PDF or pictures, kept by their SHA-256 where evidence is kept; never deleted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from tracker.accounts.models import User
from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.evidence.files import Fault, Received, RefusedFile, put_in_place
from tracker.evidence.formats import SHOWN, Format
from tracker.extensions import db, get_locked, transaction
from tracker.reports.models import ReportScan, Snapshot
from tracker.reports.queries import UnknownReport

MOST_SCANS = 20


class Scan(NamedTuple):
    """A signed copy with who added it and when."""

    id: int
    file_name: str
    format: Format
    size: int
    sha256: str
    note: str | None
    actor: str
    added_at: datetime


def list_scans(report_id: int) -> list[Scan]:
    """Return the signed copies of a report, the earliest first."""
    return list(_scans(report_id))


def find_scan(report_id: int, scan_id: int) -> Scan | None:
    """Return one signed copy of the report."""
    return next((scan for scan in _scans(report_id) if scan.id == scan_id), None)


def scan_hashes() -> set[str]:
    """Return the SHA-256 of every file that is kept with a report."""
    return set(db.session.scalars(select(ReportScan.sha256).distinct()))


def add_scan(report_id: int, file: Received, note: str | None, by: Acting) -> int:
    """Keep a signed copy with the report and return its number.

    Raises UnknownReport; RefusedFile where it is no PDF or picture, is there already, or there are too many.
    """
    with transaction():
        if get_locked(Snapshot, report_id) is None:
            raise UnknownReport(report_id)
        if file.format not in SHOWN:
            raise RefusedFile(Fault.UNKNOWN_FORMAT, file.name)
        known: Sequence[Scan] = list_scans(report_id)
        if len(known) >= MOST_SCANS:
            raise RefusedFile(Fault.TOO_MANY, file.name)
        if file.sha256 in {scan.sha256 for scan in known}:
            raise RefusedFile(Fault.ALREADY_THERE, file.name)
        scan = ReportScan(
            report_id=report_id,
            file_name=file.name,
            format=file.format,
            size=file.size,
            sha256=file.sha256,
            note=note,
            actor_id=by.actor_id,
            added_at=by.at,
        )
        db.session.add(scan)
        db.session.flush()
        record_event(
            by,
            "report.scan",
            "report",
            report_id,
            {"copy": scan.id, "sha256": file.sha256, "size": file.size},
        )
        put_in_place(file)
        return scan.id


def _scans(report_id: int) -> Iterator[Scan]:
    rows = db.session.execute(
        select(
            ReportScan.id,
            ReportScan.file_name,
            ReportScan.format,
            ReportScan.size,
            ReportScan.sha256,
            ReportScan.note,
            User.name,
            ReportScan.added_at,
        )
        .join(User, User.id == ReportScan.actor_id)
        .where(ReportScan.report_id == report_id)
        .order_by(ReportScan.id)
    )
    for row in rows:
        yield Scan(*row)
