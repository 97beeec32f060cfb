"""Checking that batches still hold the rows that came in with them."""

import json
from collections.abc import Iterator

from sqlalchemy import select

from tracker.audit.integrity import Finding
from tracker.audit.models import AuditEvent
from tracker.extensions import db
from tracker.imports.models import ImportBatch
from tracker.imports.queries import batch_digest


def check_batches() -> Iterator[Finding]:
    """Yield every batch whose rows, or whose digest, are not what the audit trail says came in."""
    recorded = {
        batch_id: json.loads(body)["digest"]
        for batch_id, body in db.session.execute(
            select(AuditEvent.subject_id, AuditEvent.body).where(
                AuditEvent.subject == "import_batch", AuditEvent.action != "import.undo"
            )
        )
    }
    batches = db.session.execute(
        select(ImportBatch.id, ImportBatch.subject, ImportBatch.digest).order_by(ImportBatch.id)
    ).all()
    for batch_id, subject, digest in batches:
        if recorded.pop(batch_id, None) != digest:
            yield Finding("batches", "import_batch", batch_id, "its digest is not the one recorded")
        if batch_digest(batch_id, subject) != digest:
            yield Finding("batches", "import_batch", batch_id, "its rows are not those that came in")
    for missing_id in recorded:
        yield Finding("batches", "import_batch", missing_id, "is missing")
