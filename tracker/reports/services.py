"""Freezing a report."""

import json
from typing import NamedTuple

from sqlalchemy import select, text

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.extensions import db, transaction
from tracker.reports.catalogue import build_report
from tracker.reports.models import Snapshot
from tracker.reports.requests import Content, ReportRequest, hash_request, request_of


class Created(NamedTuple):
    """The number of a frozen report and the SHA-256 of its content."""

    id: int
    sha256: str


def create_report(request: ReportRequest, by: Acting) -> Created:
    """Freeze an annual report: read in one transaction, stored in another, short one.

    Raises InconsistentReport when the figures do not add up, ValueError for days outside 1900 to 2999.
    """
    return freeze_report(build_report(request, by.at), by)


def freeze_report(content: Content, by: Acting) -> Created:
    """Freeze what was built, under the next number."""
    with transaction():
        report_id = _next_number()
        content = content | {
            "number": f"{content['year']}-{report_id:04d}",
            "title": f"{content['year']}년도 {content['institution']} {content['subject']}",
        }
        canonical = canonical_json(content)
        sha256 = sha256_hex(canonical)
        db.session.add(
            Snapshot(
                id=report_id,
                kind=content["kind"],
                fiscal_year=content["year"],
                title=content["title"],
                content=canonical,
                sha256=sha256,
                asked=hash_request(request_of(content)),
                actor_id=by.actor_id,
                frozen_at=by.at,
            )
        )
        db.session.flush()
        record_event(
            by, "report.create", "report", report_id, {"number": content["number"], "sha256": sha256}
        )
        return Created(report_id, sha256)


def as_frozen(content: Content) -> Content:
    """Return what was built in the plain values that it is frozen in."""
    frozen: Content = json.loads(canonical_json(content))
    return frozen


def _next_number() -> int:
    """Return the next report's number: part of its content, it must be known before it is stored."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE report_snapshot IN SHARE ROW EXCLUSIVE MODE"))
    last = db.session.scalar(select(Snapshot.id).order_by(Snapshot.id.desc()).limit(1))
    return (last or 0) + 1
