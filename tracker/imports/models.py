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


class AmendmentRule(Word):
    """How the revisions of one contract line count, in files that have 변경차수: never both."""

    FINAL = "final", "최종 차수"
    INCREMENTS = "increments", "증감액의 합"
    NONE = "none", "차수와 무관"


class Party(Word):
    """Whom a name in a file means."""

    DEPARTMENT = "department", "부서"
    ENTERPRISE = "enterprise", "기업"


class LearntLayout(Base):
    """What a person said once about the columns of a file; files with its headings are read so ever after.

    `columns` is a JSON list of [heading, field or null] in the file's order; `unit` is that of amounts in
    won, where the file states none. The row of the headings is only where they stood at first.
    """

    __tablename__ = "layout"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    subject: Mapped[ImportSubject] = mapped_column(word(ImportSubject))
    columns: Mapped[str] = mapped_column(Text)
    unit: Mapped[int | None]
    amendments: Mapped[AmendmentRule] = mapped_column(word(AmendmentRule))
    header_row: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    learnt_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    learnt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Alias(Base):
    """A name in files that a person pointed at a department or an enterprise; `key` is what is compared."""

    __tablename__ = "alias"
    __table_args__ = (Index(None, "party", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    party: Mapped[Party] = mapped_column(word(Party))
    key: Mapped[str] = mapped_column(String(200))
    written: Mapped[str] = mapped_column(String(300))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    learnt_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    learnt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
