"""Checking evidence: its rows against the audit trail, its files against their rows."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from tracker.audit.integrity import Finding
from tracker.audit.models import AuditEvent
from tracker.evidence.files import evidence_folder, place_of
from tracker.evidence.models import Evidence, EvidenceVersion
from tracker.extensions import db
from tracker.web.clock import now

# What is younger may belong to somebody who is sending it at this moment.
UPLOADS_TAKE = timedelta(hours=1)


def check_evidence(others: Collection[str] = ()) -> Iterator[Finding]:
    """Yield each version that is not what was recorded, each file that is gone, altered or nobody's.

    `others` are the SHA-256 of files that stand there and belong elsewhere.
    """
    found = list(_files())
    yield from _check_rows()
    known = set(db.session.scalars(select(EvidenceVersion.sha256).distinct()))
    for sha256 in sorted(known):
        if fault := _fault_of(sha256):
            for evidence_id in _owners_of(sha256):
                yield _found(evidence_id, f"its file {sha256} {fault}")
    expected = {place_of(sha256) for sha256 in known.union(others)}
    for path in found:
        if path not in expected and _is_left_over(path):
            name = path.relative_to(evidence_folder())
            yield Finding("evidence", "file", None, f"{name} belongs to no evidence")


def _check_rows() -> Iterator[Finding]:
    recorded: dict[int | None, dict[int, tuple[int, str]]] = defaultdict(dict)
    withdrawn = set()
    for evidence_id, action, body in db.session.execute(
        select(AuditEvent.subject_id, AuditEvent.action, AuditEvent.body).where(
            AuditEvent.subject == "evidence"
        )
    ):
        if action == "evidence.withdraw":
            withdrawn.add(evidence_id)
        else:
            content = json.loads(body)
            recorded[evidence_id][content["version"]] = content["purchase"], content["sha256"]
    stored: dict[int | None, dict[int, tuple[int, str]]] = defaultdict(dict)
    for evidence_id, number, purchase_id, sha256 in db.session.execute(
        select(
            EvidenceVersion.evidence_id, EvidenceVersion.number, Evidence.purchase_id, EvidenceVersion.sha256
        ).join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
    ):
        stored[evidence_id][number] = purchase_id, sha256
    for evidence in db.session.scalars(select(Evidence).order_by(Evidence.id)):
        versions = recorded.pop(evidence.id, {})
        if stored[evidence.id] != versions or evidence.version != max(versions, default=0):
            yield _found(evidence.id, "its versions are not what was recorded")
        if (evidence.id in withdrawn) != (evidence.withdrawn_at is not None):
            yield _found(evidence.id, "whether it is withdrawn is not what was recorded")
    for missing_id in recorded:
        yield _found(missing_id, "is missing")


def _fault_of(sha256: str) -> str | None:
    try:
        with place_of(sha256).open("rb") as file:
            return None if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "was altered"
    except OSError:
        return "is missing"


def _owners_of(sha256: str) -> list[int]:
    return list(
        db.session.scalars(
            select(EvidenceVersion.evidence_id)
            .where(EvidenceVersion.sha256 == sha256)
            .distinct()
            .order_by(EvidenceVersion.evidence_id)
        )
    )


def _files() -> Iterator[Path]:
    yield from sorted(path for path in evidence_folder().rglob("*") if not path.is_dir())


def _is_left_over(path: Path) -> bool:
    try:
        changed = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return abs(now() - changed) > UPLOADS_TAKE


def _found(evidence_id: int | None, detail: str) -> Finding:
    return Finding("evidence", "evidence", evidence_id, detail)
