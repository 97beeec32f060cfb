"""Tables of the audit trail, of looks at what is not public, and of acts that were done already."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Word
from tracker.extensions import Base, UtcDateTime, word


class Access(Word):
    """What somebody did with personal data or evidence."""

    VIEW = "view", "열람"
    DOWNLOAD = "download", "내려받기"


class AuditEvent(Base):
    """One act; never changed or deleted (triggers refuse it), each holding the hash of the one before."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject", "subject_id"),
        Index(None, "actor_id", "sequence"),
        Index(None, "action", "sequence"),
        Index(None, "at"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AccessRecord(Base):
    """Who looked at whose personal data or evidence, when and from where; append-only like the trail."""

    __tablename__ = "access_record"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "actor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int]
    origin: Mapped[str] = mapped_column(String(60))
    access: Mapped[Access] = mapped_column(word(Access))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(200))


class DoneAct(Base):
    """An act by the key of its form, with what came of it; stored in the same transaction."""

    __tablename__ = "done_act"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    actor_id: Mapped[int]
    outcome: Mapped[int]
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
