"""Writing evidence: add, replace by a new version, withdraw; never delete."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.vocabulary import EvidenceKind
from tracker.evidence.files import MOST_FILES, Fault, Received, RefusedFile, put_in_place
from tracker.evidence.models import Evidence, EvidenceVersion
from tracker.evidence.queries import standing_hashes
from tracker.extensions import db, get_locked, transaction
from tracker.purchases.models import Purchase
from tracker.purchases.services import UnknownPurchase


class EvidenceDraft(NamedTuple):
    """What a person says that files are."""

    kind: EvidenceKind
    note: str | None = None


class StaleEvidence(Exception):
    """Somebody else replaced or withdrew the file since it was opened, or it was never there."""


def add_evidence(purchase_id: int, draft: EvidenceDraft, files: Sequence[Received], by: Acting) -> list[int]:
    """Keep files with a purchase, all or none, and return their numbers.

    Raises UnknownPurchase; RefusedFile where there are too many, or one is there already.
    """
    with transaction():
        if get_locked(Purchase, purchase_id) is None:
            raise UnknownPurchase(purchase_id)
        known = standing_hashes(purchase_id)
        if len(known) + len(files) > MOST_FILES:
            raise RefusedFile(Fault.TOO_MANY)
        numbers = []
        for file in files:
            if file.sha256 in known:
                raise RefusedFile(Fault.ALREADY_THERE, file.name)
            known.append(file.sha256)
            evidence = Evidence(purchase_id=purchase_id)
            db.session.add(evidence)
            db.session.flush()
            _add_version(evidence.id, 1, draft, file, None, by)
            record_event(
                by,
                "evidence.add",
                "evidence",
                evidence.id,
                {
                    "purchase": purchase_id,
                    "version": 1,
                    "evidence_kind": draft.kind,
                    "sha256": file.sha256,
                    "size": file.size,
                },
            )
            numbers.append(evidence.id)
        for file in files:
            put_in_place(file)
        return numbers


def replace_evidence(
    evidence_id: int, draft: EvidenceDraft, file: Received | None, reason: str, version: int, by: Acting
) -> None:
    """Let a new version hold; without a file that of the one before, with another kind or note.

    The versions before stay readable. Raises StaleEvidence; RefusedFile where the file is there already.
    """
    with transaction():
        evidence = _get_current(evidence_id, version)
        last = db.session.get_one(EvidenceVersion, (evidence_id, version))
        if file and file.sha256 in standing_hashes(evidence.purchase_id):
            raise RefusedFile(Fault.ALREADY_THERE, file.name)
        content = file or last
        evidence.version = version + 1
        _add_version(evidence_id, version + 1, draft, content, reason, by)
        record_event(
            by,
            "evidence.replace",
            "evidence",
            evidence_id,
            {
                "purchase": evidence.purchase_id,
                "version": version + 1,
                "changes": {
                    "evidence_kind": [last.kind, draft.kind],
                    "size": [last.size, content.size],
                },
                "sha256": content.sha256,
                "reason": reason,
            },
        )
        if file:
            put_in_place(file)


def withdraw_evidence(evidence_id: int, reason: str, version: int, by: Acting) -> None:
    """Let a file hold no more; it stays readable with the reason. Raises StaleEvidence."""
    with transaction():
        evidence = _get_current(evidence_id, version)
        evidence.withdrawn_at = by.at
        evidence.withdrawn_by = by.actor_id
        evidence.withdrawal_reason = reason
        record_event(
            by,
            "evidence.withdraw",
            "evidence",
            evidence_id,
            {"purchase": evidence.purchase_id, "reason": reason},
        )


def _get_current(evidence_id: int, version: int) -> Evidence:
    evidence = get_locked(Evidence, evidence_id)
    if evidence is None or evidence.withdrawn_at or evidence.version != version:
        raise StaleEvidence(evidence_id)
    return evidence


def _add_version(
    evidence_id: int,
    number: int,
    draft: EvidenceDraft,
    file: Received | EvidenceVersion,
    reason: str | None,
    by: Acting,
) -> None:
    db.session.add(
        EvidenceVersion(
            evidence_id=evidence_id,
            number=number,
            kind=draft.kind,
            note=draft.note,
            file_name=file.name if isinstance(file, Received) else file.file_name,
            format=file.format,
            size=file.size,
            sha256=file.sha256,
            reason=reason,
            actor_id=by.actor_id,
            added_at=by.at,
        )
    )
