"""Tables of departments and of what became of them."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Affiliation
from tracker.extensions import Base, word


class Department(Base):
    """부서 or 기관: a node of the dated tree; the root is the institution itself."""

    __tablename__ = "department"
    __table_args__ = (Index(None, "parent_id"), Index(None, "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    name: Mapped[str] = mapped_column(String(100))
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    affiliation: Mapped[Affiliation] = mapped_column(word(Affiliation), default=Affiliation.OWN)
    is_institution: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    sort_order: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)


class Succession(Base):
    """조직개편: from `happened_on` the successor does what the predecessor did."""

    __tablename__ = "department_succession"
    __table_args__ = (Index(None, "successor_id"),)

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    happened_on: Mapped[date]
