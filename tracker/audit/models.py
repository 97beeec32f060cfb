"""Tables of the audit trail, and of acts that were done already."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base, UtcDateTime


class AuditEvent(Base):
    """One act; never changed or deleted (triggers refuse it), each holding the hash of the one before."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class DoneAct(Base):
    """An act by the key of its form, with what came of it; stored in the same transaction."""

    __tablename__ = "done_act"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    actor_id: Mapped[int]
    outcome: Mapped[int]
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
