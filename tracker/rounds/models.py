"""Tables of collection rounds and of what became of each department asked."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Word
from tracker.extensions import Base, UtcDateTime, word


class State(Word):
    """제출 상태: what has become of a department's answer."""

    MISSING = "missing", "미제출"
    SUBMITTED = "submitted", "제출"
    RETURNED = "returned", "보완요청"
    CONFIRMED = "confirmed", "확정"


class Round(Base):
    """자료제출 요청: the purchases of a period, asked of every department until a day."""

    __tablename__ = "collection_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    start_on: Mapped[date]
    end_on: Mapped[date]
    with_affiliated: Mapped[bool]
    due_on: Mapped[date]
    request: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Submission(Base):
    """A department's answer to a round.

    `count`, `amount`, `counted` (won that count as social economy) and `marks` are the figures submitted; the
    marks differ as soon as one of the purchases behind them does. Lateness goes by the first time.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("round_id", "department_id"), Index(None, "department_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("collection_round.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    state: Mapped[State] = mapped_column(word(State), default=State.MISSING)
    is_by_file: Mapped[bool] = mapped_column(default=False)
    count: Mapped[int | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    counted: Mapped[int | None] = mapped_column(BigInteger)
    marks: Mapped[str | None] = mapped_column(String(64))
    first_submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    remark: Mapped[str] = mapped_column(String(300), default="")
    closing_id: Mapped[int | None] = mapped_column(ForeignKey("closing.id"))
    version: Mapped[int] = mapped_column(default=1)
