"""Tables of frozen reports, their life and wording, and of indicators that stand in them."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import ReportState
from tracker.evidence.formats import Format
from tracker.extensions import Base, DecimalText, UtcDateTime, word


class Snapshot(Base):
    """A report's every figure, basis and purchase as canonical JSON; never changed (triggers refuse it).

    `asked` is the SHA-256 of what it was asked to be about: reports with the same one answer the same.
    """

    __tablename__ = "report_snapshot"
    __table_args__ = (Index(None, "asked"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    fiscal_year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    asked: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportStep(Base):
    """One step in the life of a report: confirmed, or superseded by a later one; append-only."""

    __tablename__ = "report_step"
    __table_args__ = (UniqueConstraint("report_id", "state"), Index(None, "successor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report_snapshot.id"))
    state: Mapped[ReportState] = mapped_column(word(ReportState))
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("report_snapshot.id"))
    reason: Mapped[str | None] = mapped_column(String(300))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportScan(Base):
    """A signed copy of a report (PDF or picture), its content kept by its SHA-256; append-only."""

    __tablename__ = "report_scan"
    __table_args__ = (Index(None, "report_id"), Index(None, "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report_snapshot.id"))
    file_name: Mapped[str] = mapped_column(String(100))
    format: Mapped[Format] = mapped_column(word(Format))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(String(300))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportText(Base):
    """문구 of a year's reports of one kind, or of all kinds (`kind` empty), as JSON of what is filled in."""

    __tablename__ = "report_text"

    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    words: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportLogo(Base):
    """A picture given as the logo of reports, its content kept by its SHA-256; append-only."""

    __tablename__ = "report_logo"
    __table_args__ = (Index(None, "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Indicator(Base):
    """지표: one other figure of the institution for the evaluation period that ends in `year`."""

    __tablename__ = "indicator"
    __table_args__ = (Index(None, "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    field: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(100))
    unit: Mapped[str] = mapped_column(String(20))
    value: Mapped[Decimal] = mapped_column(DecimalText)
    value_before: Mapped[Decimal | None] = mapped_column(DecimalText)
    evidence: Mapped[str] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
