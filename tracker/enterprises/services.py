"""Writing enterprises: register, update, certify, record what became of a certificate."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.money import Won
from tracker.core.names import normalise_name
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.models import Certification, CertificationEvent, Enterprise, Product, VulnerableShare
from tracker.enterprises.queries import find_by_number
from tracker.extensions import Base, db, get_locked, transaction

Record = TypeVar("Record", bound=Base)
Versioned: TypeAlias = Enterprise | Certification | Product

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


_DRAFTS: dict[type[Base], type[EnterpriseDraft | CertificationDraft | ProductDraft]] = {
    Enterprise: EnterpriseDraft,
    Certification: CertificationDraft,
    Product: ProductDraft,
}


class UnknownEnterprise(LookupError):
    """There is no enterprise, or nothing of one, with this number."""


class StaleRecord(Exception):
    """Somebody changed it after it was read."""


class DuplicateEnterprise(ValueError):
    """The business registration number is already registered."""

    def __init__(self, enterprise_id: int) -> None:
        super().__init__(f"registered as enterprise {enterprise_id}")
        self.enterprise_id = enterprise_id


def version_of(record: Versioned) -> str:
    """Return a mark of what stands there now: another one as soon as anything was changed."""
    if isinstance(record, Enterprise):
        return str(record.version)
    return sha256_hex(canonical_json(values_of(record)))[:16]


def values_of(record: Versioned) -> dict[str, object]:
    """Return what stands there now, by the names of its draft."""
    return {each.name: getattr(record, each.name) for each in fields(_DRAFTS[type(record)])}


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


def update_enterprise(
    enterprise_id: int, draft: EnterpriseDraft, by: Acting, version: str | None = None
) -> bool:
    """Change what is registered; return whether anything differed.

    StaleRecord where it no longer is what it was at `version`.
    """
    with transaction():
        enterprise = _get(Enterprise, enterprise_id)
        _check(enterprise, version)
        if draft.business_number and draft.business_number != enterprise.business_number:
            known = find_by_number(draft.business_number)
            if known:
                raise DuplicateEnterprise(known.id)
        changes = _apply(enterprise, draft)
        if not changes:
            return False
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
        certification = _get(Certification, certification_id)
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


def remove_status(event_id: int, by: Acting) -> int:
    """Take back a status event that was recorded by mistake; the trail keeps it. Return its certification."""
    with transaction():
        event = _get(CertificationEvent, event_id)
        certification = event.certification
        record_event(
            by,
            "enterprise.status_removed",
            "enterprise",
            certification.enterprise_id,
            {
                "certification": certification.id,
                "kind": event.kind,
                "on": event.happened_on,
                "note": event.note,
            },
        )
        db.session.delete(event)
        return certification.id


def change_certification(
    certification_id: int, draft: CertificationDraft, by: Acting, version: str | None = None
) -> bool:
    """Correct a certification's number, authority or dates; return whether anything differed.

    StaleRecord where it no longer is what it was at `version`.
    """
    with transaction():
        certification = _get(Certification, certification_id)
        _check(certification, version)
        changes = _apply(certification, draft)
        if changes:
            record_event(
                by,
                "enterprise.recertify",
                "enterprise",
                certification.enterprise_id,
                {"certification": certification_id, "number": certification.number, "changes": changes},
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


def change_product(product_id: int, draft: ProductDraft, by: Acting, version: str | None = None) -> bool:
    """Change a product; return whether anything differed. StaleRecord as for enterprises."""
    with transaction():
        product = _get(Product, product_id)
        _check(product, version)
        changes = _apply(product, draft)
        if changes:
            product.normalised_name = normalise_name(draft.name)
            record_event(
                by,
                "enterprise.product_changed",
                "enterprise",
                product.enterprise_id,
                {"product": product_id, "name": product.name, "changes": changes},
            )
        return bool(changes)


def remove_product(product_id: int, by: Acting) -> int:
    """Take a product off the list and return its enterprise; purchases keep what they say."""
    with transaction():
        product = _get(Product, product_id)
        record_event(
            by,
            "enterprise.product_removed",
            "enterprise",
            product.enterprise_id,
            {"product": product_id, "before": values_of(product)},
        )
        db.session.delete(product)
        return product.enterprise_id


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


def remove_vulnerable_share(record_id: int, by: Acting) -> int:
    """Take back a share that was recorded by mistake; the trail keeps it. Return its enterprise."""
    with transaction():
        record = _get(VulnerableShare, record_id)
        record_event(
            by,
            "enterprise.vulnerable_share_removed",
            "enterprise",
            record.enterprise_id,
            {"record": record_id, "basis_points": record.basis_points, "issued_on": record.issued_on},
        )
        db.session.delete(record)
        return record.enterprise_id


def _get(model: type[Record], identifier: int) -> Record:
    """Return the row, locked."""
    record = get_locked(model, identifier)
    if record is None:
        raise UnknownEnterprise(identifier)
    return record


def _check(record: Versioned, version: str | None) -> None:
    """Raise StaleRecord unless the row is still the version that was read."""
    if version is not None and version_of(record) != version:
        raise StaleRecord


def _apply(
    record: Versioned, draft: EnterpriseDraft | CertificationDraft | ProductDraft
) -> dict[str, list[object]]:
    """Set what differs and return it, before and after."""
    changes = {
        name: [getattr(record, name), value]
        for name, value in asdict(draft).items()
        if getattr(record, name) != value
    }
    for name, (_, value) in changes.items():
        setattr(record, name, value)
    return changes


def _public(values: Mapping[str, object]) -> dict[str, object]:
    return {name: None if name in PERSONAL_FIELDS else value for name, value in values.items()}
