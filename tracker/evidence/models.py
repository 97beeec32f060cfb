"""Tables of evidence. Each version of a file stands in a row that is never changed or deleted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import EvidenceKind
from tracker.evidence.formats import Format
from tracker.extensions import Base, UtcDateTime, word


class Evidence(Base):
    """증빙: one file kept with a purchase; `version` is the number of the version that holds now."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "purchase_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
    version: Mapped[int] = mapped_column(default=1)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawal_reason: Mapped[str | None] = mapped_column(String(300))


class EvidenceVersion(Base):
    """What a file was said to be, and the SHA-256 by which its content is kept; append-only."""

    __tablename__ = "evidence_version"
    __table_args__ = (Index(None, "sha256"),)

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EvidenceKind] = mapped_column(word(EvidenceKind))
    note: Mapped[str | None] = mapped_column(String(300))
    file_name: Mapped[str] = mapped_column(String(100))
    format: Mapped[Format] = mapped_column(word(Format))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(300))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
