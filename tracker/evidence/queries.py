"""Reading evidence: what stands with a purchase, and one file with all its versions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy import func as sql
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracker.accounts.models import User
from tracker.core.vocabulary import EvidenceKind
from tracker.evidence.formats import SHOWN, Format
from tracker.evidence.models import Evidence, EvidenceVersion
from tracker.extensions import db
from tracker.purchases.models import Purchase


class Owner(NamedTuple):
    """The purchase that evidence belongs to, and the department whose it is."""

    id: int
    department_id: int
    title: str | None


class Version(NamedTuple):
    """One version of a file, with who added it and why; and whether the file was withdrawn."""

    evidence_id: int
    number: int
    kind: EvidenceKind
    note: str | None
    file_name: str
    format: Format
    size: int
    sha256: str
    reason: str | None
    actor: str
    added_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawal_reason: str | None

    @property
    def is_shown(self) -> bool:
        """Return whether browsers show it by themselves."""
        return self.format in SHOWN

    @property
    def is_picture(self) -> bool:
        """Return whether it is a picture that a page can hold."""
        return self.is_shown and self.format is not Format.PDF


class Record(NamedTuple):
    """One file with all its versions, the newest first."""

    id: int
    owner: Owner
    versions: list[Version]

    @property
    def current(self) -> Version:
        """Return the version that holds."""
        return self.versions[0]

    def version(self, number: int) -> Version | None:
        """Return the version of this number."""
        return next((each for each in self.versions if each.number == number), None)


def find_owner(purchase_id: int) -> Owner | None:
    """Return the purchase, if there is one."""
    row = db.session.execute(
        select(
            Purchase.id, Purchase.department_id, sql.coalesce(Purchase.item, Purchase.contract_name)
        ).where(Purchase.id == purchase_id)
    ).one_or_none()
    return Owner(*row) if row else None


def list_evidence(purchase_id: int) -> list[Version]:
    """Return each file of a purchase in its current version, withdrawn ones at the end."""
    return _versions(
        Evidence.purchase_id == purchase_id,
        Evidence.version == EvidenceVersion.number,
        order=(Evidence.withdrawn_at.is_not(None), Evidence.id),
    )


def find_evidence(evidence_id: int) -> Record | None:
    """Return one file with all its versions."""
    versions = _versions(Evidence.id == evidence_id, order=(EvidenceVersion.number.desc(),))
    purchase_id = db.session.scalar(select(Evidence.purchase_id).where(Evidence.id == evidence_id))
    owner = find_owner(purchase_id) if purchase_id else None
    return Record(evidence_id, owner, versions) if owner else None


def standing_hashes(purchase_id: int) -> list[str]:
    """Return the SHA-256 of each file that stands with the purchase, in its current version."""
    return list(
        db.session.scalars(
            select(EvidenceVersion.sha256)
            .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
            .where(
                Evidence.purchase_id == purchase_id,
                Evidence.version == EvidenceVersion.number,
                Evidence.withdrawn_at.is_(None),
            )
        )
    )


def _versions(
    *conditions: ColumnElement[bool], order: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]
) -> list[Version]:
    actor, withdrawer = aliased(User), aliased(User)
    version = EvidenceVersion
    return [
        Version(**row._asdict())
        for row in db.session.execute(
            select(
                version.evidence_id,
                version.number,
                version.kind,
                version.note,
                version.file_name,
                version.format,
                version.size,
                version.sha256,
                version.reason,
                actor.name.label("actor"),
                version.added_at,
                Evidence.withdrawn_at,
                withdrawer.name.label("withdrawn_by"),
                Evidence.withdrawal_reason,
            )
            .join(Evidence, Evidence.id == version.evidence_id)
            .join(actor, actor.id == version.actor_id)
            .outerjoin(withdrawer, withdrawer.id == Evidence.withdrawn_by)
            .where(*conditions)
            .order_by(*order)
        )
    ]
