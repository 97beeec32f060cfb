"""The table of total spending."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Kind
from tracker.extensions import Base, UtcDateTime, word


class Spending(Base):
    """One figure of 총구매액 in won; a newer figure for the same place replaces it and leaves it readable."""

    __tablename__ = "spending"
    __table_args__ = (Index(None, "fiscal_year", "department_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    fiscal_year: Mapped[int]
    kind: Mapped[Kind] = mapped_column(word(Kind))
    budget_item: Mapped[str] = mapped_column(String(60), default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
