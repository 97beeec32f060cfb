"""Tables of enterprises, their certifications, products and dated shares; editions of official lists."""

from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.core.vocabulary import AbsenceDecision, CertificationEventKind
from tracker.extensions import Base, UtcDateTime, word

SHARE_VALID_FOR = timedelta(days=180)


class CertificationType(Base):
    """유형: editable; whether it is social economy is frozen into each purchase's verdicts."""

    __tablename__ = "certification_type"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    synonyms: Mapped[str] = mapped_column(Text, default="")
    is_social_economy: Mapped[bool]
    usual_years: Mapped[int | None]
    sort_order: Mapped[int]


class Enterprise(Base):
    """사회적경제기업 or any other supplier; without certification it simply counts in no type."""

    __tablename__ = "enterprise"
    __table_args__ = (Index(None, "normalised_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    normalised_name: Mapped[str] = mapped_column(String(200))
    business_number: Mapped[str | None] = mapped_column(String(10), unique=True)
    representative: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[str | None] = mapped_column(String(300))
    phone: Mapped[str | None] = mapped_column(String(60))
    homepage: Mapped[str | None] = mapped_column(String(300))
    items: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    certifications: Mapped[list["Certification"]] = relationship(
        back_populates="enterprise", order_by="Certification.id"
    )
    products: Mapped[list["Product"]] = relationship(back_populates="enterprise", order_by="Product.id")


class Certification(Base):
    """인증·지정·인가·인정·확인 of one type; an empty end means open-ended."""

    __tablename__ = "certification"
    __table_args__ = (Index(None, "enterprise_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    type: Mapped[str] = mapped_column(ForeignKey("certification_type.code"))
    subtype: Mapped[str | None] = mapped_column(String(60))
    number: Mapped[str | None] = mapped_column(String(100))
    authority: Mapped[str | None] = mapped_column(String(100))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    enterprise: Mapped[Enterprise] = relationship(back_populates="certifications")
    events: Mapped[list["CertificationEvent"]] = relationship(
        back_populates="certification", order_by="CertificationEvent.happened_on"
    )


class CertificationEvent(Base):
    """A status event: 인증, 반납, 취소, 만료, 전환 and the like."""

    __tablename__ = "certification_event"
    __table_args__ = (Index(None, "certification_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certification_id: Mapped[int] = mapped_column(ForeignKey("certification.id"))
    kind: Mapped[CertificationEventKind] = mapped_column(word(CertificationEventKind))
    happened_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(Text)

    certification: Mapped[Certification] = relationship(back_populates="events")


class Product(Base):
    """취급품목 with its price in won."""

    __tablename__ = "product"
    __table_args__ = (Index(None, "enterprise_id"), Index(None, "normalised_name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    name: Mapped[str] = mapped_column(String(200))
    normalised_name: Mapped[str] = mapped_column(String(200))
    category_code: Mapped[str | None] = mapped_column(String(20))
    unit: Mapped[str | None] = mapped_column(String(20))
    unit_price: Mapped[int | None] = mapped_column(BigInteger)
    description: Mapped[str | None] = mapped_column(Text)

    enterprise: Mapped[Enterprise] = relationship(back_populates="products")


class VulnerableShare(Base):
    """취약계층 고용비율, valid 180 days from its issue; it matters for contract limits only."""

    __tablename__ = "vulnerable_share"
    __table_args__ = (Index(None, "enterprise_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    basis_points: Mapped[int]
    issuer: Mapped[str | None] = mapped_column(String(100))
    issued_on: Mapped[date]


class Edition(Base):
    """명단: an official list of one type, whole, as it stood on a day; `digest` is over its members.

    `unread` counts rows that could not be read: who stands there may seem to be gone.
    """

    __tablename__ = "edition"
    __table_args__ = (Index(None, "type", "day"), UniqueConstraint("batch_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(ForeignKey("certification_type.code"))
    day: Mapped[date]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    members: Mapped[int]
    unread: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EditionMember(Base):
    """What an edition says of one certification, in the words of its first row; empty is not said.

    Of the representative only a mark is kept, by which another name is noticed. Without a certification the
    row could not be read: it tells only that the enterprise is in the list.
    """

    __tablename__ = "edition_member"
    __table_args__ = (Index(None, "edition_id", "enterprise_id", "certification_id"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    certification_id: Mapped[int | None] = mapped_column(ForeignKey("certification.id"))
    name: Mapped[str] = mapped_column(String(200))
    representative: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(300))
    number: Mapped[str | None] = mapped_column(String(100))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    status: Mapped[CertificationEventKind | None] = mapped_column(word(CertificationEventKind))


class Absence(Base):
    """A certification that an edition no longer has, and what a person decided; nothing while it is open."""

    __tablename__ = "edition_absence"
    __table_args__ = (UniqueConstraint("edition_id", "certification_id"), Index(None, "certification_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    certification_id: Mapped[int] = mapped_column(ForeignKey("certification.id"))
    decision: Mapped[AbsenceDecision | None] = mapped_column(word(AbsenceDecision))
    happened_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
