"""The table of frozen reports."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.extensions import Base, UtcDateTime


class Snapshot(Base):
    """A report's every figure, basis and purchase as canonical JSON; never changed (triggers refuse it)."""

    __tablename__ = "report_snapshot"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    fiscal_year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
