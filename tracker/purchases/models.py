"""Tables of the ledger. `purchase` is the current state; its revisions stand beside it, append-only."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from tracker.accounts.models import User
from tracker.core.eligibility import Reason
from tracker.core.vocabulary import (
    Basis,
    BudgetKind,
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Measure,
    Nature,
    PaymentKind,
    Procurement,
    Tax,
)
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.extensions import Base, DecimalText, UtcDateTime, word

WHOLE = ""


class PurchaseFacts:
    """What a purchase says: the columns that the purchase and each of its revisions share."""

    amount: Mapped[int] = mapped_column(BigInteger)
    fiscal_year: Mapped[int]
    purchased_on: Mapped[date]
    contracted_on: Mapped[date | None]
    item: Mapped[str | None] = mapped_column(String(300))
    kind: Mapped[Kind] = mapped_column(word(Kind))
    contract_name: Mapped[str | None] = mapped_column(String(500))
    contract_number: Mapped[str | None] = mapped_column(String(60))
    contract_item: Mapped[str | None] = mapped_column(String(20))
    amendment: Mapped[int | None]
    quantity: Mapped[Decimal | None] = mapped_column(DecimalText)
    unit: Mapped[str | None] = mapped_column(String(30))
    unit_price: Mapped[int | None] = mapped_column(BigInteger)
    estimated_price: Mapped[int | None] = mapped_column(BigInteger)
    tax: Mapped[Tax] = mapped_column(word(Tax))
    law: Mapped[GoverningLaw] = mapped_column(word(GoverningLaw))
    method: Mapped[ContractMethod] = mapped_column(word(ContractMethod))
    ground: Mapped[str | None] = mapped_column(String(300))
    quotations: Mapped[int | None]
    procurement: Mapped[Procurement] = mapped_column(word(Procurement))
    channel: Mapped[str | None] = mapped_column(String(60))
    means: Mapped[str | None] = mapped_column(String(60))
    budget_item: Mapped[str | None] = mapped_column(String(60))
    budget_kind: Mapped[BudgetKind] = mapped_column(word(BudgetKind))
    directness: Mapped[Directness] = mapped_column(word(Directness))
    nature: Mapped[Nature] = mapped_column(word(Nature))
    reference: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    is_reversed: Mapped[bool] = mapped_column(default=False)

    @declared_attr
    def department_id(cls) -> Mapped[int]:  # noqa: N805
        """Return the column of the department whose budget it is (사업부서)."""
        return mapped_column(ForeignKey("department.id"))

    @declared_attr
    def contracting_department_id(cls) -> Mapped[int | None]:  # noqa: N805
        """Return the column of the department that signed (계약부서)."""
        return mapped_column(ForeignKey("department.id"))

    @declared_attr
    def enterprise_id(cls) -> Mapped[int]:  # noqa: N805
        """Return the column of the supplier."""
        return mapped_column(ForeignKey("enterprise.id"))


class Purchase(PurchaseFacts, Base):
    """One contract or one small expense in whole won, as it stands now."""

    __tablename__ = "purchase"
    __table_args__ = (
        Index(None, "fiscal_year", "department_id"),
        Index(None, "fiscal_year", "purchased_on"),
        Index(None, "purchased_on", "amount"),
        Index(None, "enterprise_id", "purchased_on"),
        Index(None, "department_id", "purchased_on"),
        Index(None, "contract_number", "contract_item"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[Reason] = mapped_column(word(Reason))
    is_social: Mapped[bool]
    is_certified: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    department: Mapped[Department] = relationship(foreign_keys="Purchase.department_id")
    enterprise: Mapped[Enterprise] = relationship()
    payments: Mapped[list["Payment"]] = relationship(
        primaryjoin="and_(Payment.purchase_id == Purchase.id, Payment.removed_in == None)",
        order_by="Payment.paid_on",
        viewonly=True,
    )
    verdicts: Mapped[list["Verdict"]] = relationship(
        primaryjoin="and_(Verdict.purchase_id == Purchase.id, Verdict.replaced_in == None)", viewonly=True
    )


class PurchaseRevision(PurchaseFacts, Base):
    """A purchase as it was recorded or corrected, with who, when and why; `digest` is over its facts."""

    __tablename__ = "purchase_revision"

    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[str] = mapped_column(String(300))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64))

    actor: Mapped[User] = relationship()


class Payment(Base):
    """지출: one payment; a return is negative. Valid from revision `added_in` until `removed_in`."""

    __tablename__ = "payment"
    __table_args__ = (Index(None, "purchase_id"), Index(None, "paid_on"), Index(None, "fiscal_year"))

    id: Mapped[int] = mapped_column(primary_key=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
    paid_on: Mapped[date]
    amount: Mapped[int] = mapped_column(BigInteger)
    fiscal_year: Mapped[int]
    kind: Mapped[PaymentKind] = mapped_column(word(PaymentKind))
    added_in: Mapped[int] = mapped_column(default=1)
    removed_in: Mapped[int | None]


class Verdict(Base):
    """판정, frozen: whether the purchase counts in one type, and why, judged on the purchase date."""

    __tablename__ = "purchase_verdict"
    __table_args__ = (Index(None, "purchase_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
    type: Mapped[str] = mapped_column(ForeignKey("certification_type.code"))
    certification_id: Mapped[int | None] = mapped_column(ForeignKey("certification.id"))
    is_eligible: Mapped[bool]
    was_social_economy: Mapped[bool]
    reason: Mapped[Reason] = mapped_column(word(Reason))
    parameters: Mapped[str] = mapped_column(Text)
    judged_in: Mapped[int] = mapped_column(default=1)
    replaced_in: Mapped[int | None]


class Rollup(Base):
    """Sums of the ledger by month, written with it: `type` is a code, or empty for each purchase once."""

    __tablename__ = "purchase_rollup"
    __table_args__ = (
        CheckConstraint("month BETWEEN 190001 AND 299912", name="month"),
        Index(None, "month", "basis"),
    )

    basis: Mapped[Basis] = mapped_column(word(Basis), primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[Measure] = mapped_column(word(Measure), primary_key=True)
    type: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(word(Kind), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]


class Closing(Base):
    """마감: a department's purchases of a period are confirmed; what comes afterwards needs a reason."""

    __tablename__ = "closing"
    __table_args__ = (Index(None, "department_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    start_on: Mapped[date]
    end_on: Mapped[date]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LateEntry(Base):
    """마감 후 입력: a revision made in a closed period, why, and what it adds to its figures in won."""

    __tablename__ = "late_entry"
    __table_args__ = (Index(None, "closing_id"),)

    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    closing_id: Mapped[int] = mapped_column(ForeignKey("closing.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    difference: Mapped[int] = mapped_column(BigInteger)
