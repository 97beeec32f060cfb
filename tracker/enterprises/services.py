"""Writing enterprises: register, update, certify, record what became of a certificate."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.money import Won
from tracker.core.names import normalise_name
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.models import Certification, CertificationEvent, Enterprise, Product, VulnerableShare
from tracker.enterprises.queries import find_by_number
from tracker.extensions import db, get_locked, transaction

# The trail outlives a request to erase a person's data: it names these fields, never their values.
PERSONAL_FIELDS = frozenset({"business_number", "representative", "phone"})


@dataclass(frozen=True, kw_only=True)
class EnterpriseDraft:
    """What is registered of an enterprise; the business number as 10 digits."""

    name: str
    business_number: str | None = None
    representative: str | None = None
    address: str | None = None
    phone: str | None = None
    homepage: str | None = None
    items: str | None = None


@dataclass(frozen=True, kw_only=True)
class CertificationDraft:
    """One certification; an empty end is open-ended."""

    type: str
    number: str | None = None
    authority: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    subtype: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProductDraft:
    """One product, its price in won."""

    name: str
    category_code: str | None = None
    unit: str | None = None
    unit_price: Won | None = None
    description: str | None = None


class UnknownEnterprise(LookupError):
    """There is no enterprise with this number."""


class DuplicateEnterprise(ValueError):
    """The business registration number is already registered."""

    def __init__(self, enterprise_id: int) -> None:
        super().__init__(f"registered as enterprise {enterprise_id}")
        self.enterprise_id = enterprise_id


def register_enterprise(draft: EnterpriseDraft, by: Acting) -> int:
    """Register an enterprise and return its number; DuplicateEnterprise when its business number is known."""
    with transaction():
        if draft.business_number and (known := find_by_number(draft.business_number)):
            raise DuplicateEnterprise(known.id)
        enterprise = Enterprise(
            **asdict(draft), normalised_name=normalise_name(draft.name), created_at=by.at, version=1
        )
        db.session.add(enterprise)
        db.session.flush()
        record_event(
            by, "enterprise.register", "enterprise", enterprise.id, {"after": _public(asdict(draft))}
        )
        return enterprise.id


def update_enterprise(enterprise_id: int, draft: EnterpriseDraft, by: Acting) -> bool:
    """Change what is registered; return whether anything differed."""
    with transaction():
        enterprise = get_locked(Enterprise, enterprise_id)
        if enterprise is None:
            raise UnknownEnterprise(enterprise_id)
        if draft.business_number and draft.business_number != enterprise.business_number:
            known = find_by_number(draft.business_number)
            if known:
                raise DuplicateEnterprise(known.id)
        changes = {
            name: [getattr(enterprise, name), value]
            for name, value in asdict(draft).items()
            if getattr(enterprise, name) != value
        }
        if not changes:
            return False
        for name, (_, value) in changes.items():
            setattr(enterprise, name, value)
        enterprise.normalised_name = normalise_name(draft.name)
        enterprise.version += 1
        record_event(by, "enterprise.update", "enterprise", enterprise_id, {"changes": _public(changes)})
        return True


def certify(enterprise_id: int, draft: CertificationDraft, by: Acting) -> int:
    """Add a certification and return its number. Purchases already judged keep their verdicts."""
    with transaction():
        certification = Certification(enterprise_id=enterprise_id, **asdict(draft))
        db.session.add(certification)
        db.session.flush()
        record_event(
            by,
            "enterprise.certify",
            "enterprise",
            enterprise_id,
            {"certification": certification.id, "after": asdict(draft)},
        )
        return certification.id


def record_status(
    certification_id: int, kind: CertificationEventKind, happened_on: date, note: str | None, by: Acting
) -> int:
    """Add a status event (반납, 취소, 만료, 전환 …) to a certification and return its number."""
    with transaction():
        certification = get_locked(Certification, certification_id)
        if certification is None:
            raise UnknownEnterprise(certification_id)
        event = CertificationEvent(
            certification_id=certification_id, kind=kind, happened_on=happened_on, note=note
        )
        db.session.add(event)
        db.session.flush()
        record_event(
            by,
            "enterprise.status",
            "enterprise",
            certification.enterprise_id,
            {"certification": certification_id, "kind": kind, "on": happened_on, "note": note},
        )
        return event.id


def change_certification(certification_id: int, draft: CertificationDraft, by: Acting) -> bool:
    """Correct a certification's number, authority or dates; return whether anything differed."""
    with transaction():
        certification = get_locked(Certification, certification_id)
        if certification is None:
            raise UnknownEnterprise(certification_id)
        changes = {
            name: [getattr(certification, name), value]
            for name, value in asdict(draft).items()
            if getattr(certification, name) != value
        }
        for name, (_, value) in changes.items():
            setattr(certification, name, value)
        if changes:
            record_event(
                by,
                "enterprise.recertify",
                "enterprise",
                certification.enterprise_id,
                {"certification": certification_id, "changes": changes},
            )
        return bool(changes)


def add_product(enterprise_id: int, draft: ProductDraft, by: Acting) -> int:
    """Add a product to an enterprise and return its number."""
    with transaction():
        product = Product(
            enterprise_id=enterprise_id, normalised_name=normalise_name(draft.name), **asdict(draft)
        )
        db.session.add(product)
        db.session.flush()
        record_event(
            by,
            "enterprise.product",
            "enterprise",
            enterprise_id,
            {"product": product.id, "after": asdict(draft)},
        )
        return product.id


def record_vulnerable_share(
    enterprise_id: int, share: Decimal, issuer: str | None, issued_on: date, by: Acting
) -> int:
    """Record 취약계층 고용비율 (a fraction, 0.3 is 30 %, kept to 0.01 %) and return the record's number."""
    with transaction():
        record = VulnerableShare(
            enterprise_id=enterprise_id,
            basis_points=int((share * 10_000).to_integral_value()),
            issuer=issuer,
            issued_on=issued_on,
        )
        db.session.add(record)
        db.session.flush()
        record_event(
            by,
            "enterprise.vulnerable_share",
            "enterprise",
            enterprise_id,
            {"record": record.id, "basis_points": record.basis_points, "issued_on": issued_on},
        )
        return record.id


def _public(values: Mapping[str, object]) -> dict[str, object]:
    return {name: None if name in PERSONAL_FIELDS else value for name, value in values.items()}
