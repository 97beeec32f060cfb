"""Tables of import batches and of what each row became."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Word
from tracker.extensions import Base, UtcDateTime, word


class ImportSubject(Word):
    """What a file brings."""

    PURCHASES = "purchases", "구매"
    ENTERPRISES = "enterprises", "기업"
    SPENDING = "spending", "총구매액"
    PLAN = "plan", "구매계획"


class ImportBatch(Base):
    """자료 올리기: one file taken in whole, in one transaction; `result` is its report as JSON."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "file_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[ImportSubject] = mapped_column(word(ImportSubject))
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    options: Mapped[str] = mapped_column(Text)
    layout: Mapped[str] = mapped_column(String(60))
    imported: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_reason: Mapped[str | None] = mapped_column(String(300))


class ImportedRow(Base):
    """Which purchase revision, enterprise, spending figure or line of a plan a row of a file became."""

    __tablename__ = "imported_row"
    __table_args__ = (Index(None, "subject_id"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int]
    revision: Mapped[int | None]
