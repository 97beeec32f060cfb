"""The table of jobs: the queue, and what became of each."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Word
from tracker.extensions import Base, UtcDateTime, word


class JobState(Word):
    """Where a job stands."""

    QUEUED = "queued", "대기"
    RUNNING = "running", "진행 중"
    DONE = "done", "완료"
    FAILED = "failed", "실패"
    CANCELLED = "cancelled", "취소됨"


class Job(Base):
    """One piece of long work for one account. Progress stands in a file: a long write would hold the lock."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(40))
    parameters: Mapped[str] = mapped_column(Text)
    state: Mapped[JobState] = mapped_column(word(JobState))
    result: Mapped[str | None] = mapped_column(Text)
    worker: Mapped[str | None] = mapped_column(String(100))
    actor_id: Mapped[int]
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
