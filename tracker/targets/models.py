"""Tables of schemes with their yearly rules, and of targets, deadlines, budgets and plans."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.core.vocabulary import Basis, DeadlineKind, Kind
from tracker.extensions import Base, DecimalText, UtcDateTime, word


class Scheme(Base):
    """제도: a duty or aim of purchasing; one that is not statutory is the body's own sum (자체 기준)."""

    __tablename__ = "scheme"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    law: Mapped[str] = mapped_column(String(200))
    is_statutory: Mapped[bool]
    sort_order: Mapped[int]


class SchemeRule(Base):
    """What a scheme counts in a year; lists are JSON. `excluded_items` holds [통계목, reason] pairs."""

    __tablename__ = "scheme_rule"
    __table_args__ = (UniqueConstraint("scheme", "fiscal_year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    fiscal_year: Mapped[int]
    notice: Mapped[str] = mapped_column(String(200), default="")
    types: Mapped[str] = mapped_column(Text)
    kinds: Mapped[str] = mapped_column(Text)
    excluded_items: Mapped[str] = mapped_column(Text, default="[]")
    with_affiliated: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[Basis] = mapped_column(word(Basis), default=Basis.CONTRACT)
    recipient: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)


class Target(Base):
    """목표 of the institution, or of one department, for a year: a rate, an amount, or both.

    An empty kind is the whole; the rate is a fraction, 0.011 is 1.1 %.
    """

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("fiscal_year", "scheme", "department_id", "kind"),
        # To the constraint above, no two rows without department are alike.
        Index(
            "uq_target_institution",
            "fiscal_year",
            "scheme",
            "kind",
            unique=True,
            sqlite_where=text("department_id IS NULL"),
            postgresql_where=text("department_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    fiscal_year: Mapped[int]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    kind: Mapped[str] = mapped_column(String(32), default="")
    rate: Mapped[Decimal | None] = mapped_column(DecimalText)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    ground: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)


class Deadline(Base):
    """기한: what has to be done for the results of a year, and until when."""

    __tablename__ = "deadline"
    __table_args__ = (Index(None, "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str | None] = mapped_column(ForeignKey("scheme.code"))
    fiscal_year: Mapped[int]
    due_on: Mapped[date]
    kind: Mapped[DeadlineKind] = mapped_column(word(DeadlineKind))
    title: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)


class PurchasableBudget(Base):
    """구매가능예산 in won, entered in January and changed by 추경; a newer figure replaces the last."""

    __tablename__ = "purchasable_budget"
    __table_args__ = (Index(None, "fiscal_year", "department_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    fiscal_year: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(300))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlannedPurchase(Base):
    """구매계획: one line of a department's plan for a year."""

    __tablename__ = "planned_purchase"
    __table_args__ = (Index(None, "fiscal_year", "department_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int]
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    scheme: Mapped[str] = mapped_column(ForeignKey("scheme.code"))
    item: Mapped[str] = mapped_column(String(300))
    kind: Mapped[Kind] = mapped_column(word(Kind))
    quantity: Mapped[Decimal | None] = mapped_column(DecimalText)
    unit: Mapped[str] = mapped_column(String(30), default="")
    planned_month: Mapped[int | None]
    amount: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
