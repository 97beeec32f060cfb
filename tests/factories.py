"""Ordinary cases for tests, made by the program's own services."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.core.vocabulary import Kind
from tracker.departments.models import Department
from tracker.departments.services import add_department
from tracker.enterprises.models import Enterprise
from tracker.enterprises.services import CertificationDraft, EnterpriseDraft, certify, register_enterprise
from tracker.extensions import db
from tracker.purchases.drafts import Facts, PaymentDraft, PurchaseDraft
from tracker.purchases.services import record_purchase

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
BY = Acting(SYSTEM_ID, NOW)


def business_number(serial: int) -> str:
    """Return the serial-th business registration number with a good checksum."""
    head = f"{100_000_000 + serial:09d}"
    digits = [int(digit) for digit in head]
    check = sum(d * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True)) + digits[8] * 5 // 10
    return head + str(-check % 10)


def make_institution(name: str = "행복구") -> int:
    """Return the root of the tree, made when there is none."""
    root = db.session.scalar(select(Department.id).where(Department.parent_id.is_(None)))
    return root or add_department(name, parent_id=None, by=BY)


def make_department(name: str = "총무과", **options: Any) -> int:
    """Return a new department below the institution."""
    options.setdefault("parent_id", make_institution())
    return add_department(name, by=BY, **options)


def make_enterprise(
    name: str = "함께일하는사람들",
    *certified: tuple[str, date | None, date | None],
    number: str | None = "next",
    **fields: Any,
) -> int:
    """Return a new enterprise; `certified` holds (type, from, to), `number` its business number."""
    if number == "next":
        number = business_number(len(db.session.scalars(select(Enterprise.id)).all()) + 1)
    enterprise = register_enterprise(EnterpriseDraft(name=name, business_number=number, **fields), BY)
    for position, (type_code, start, end) in enumerate(certified, start=1):
        certify(
            enterprise,
            CertificationDraft(
                type=type_code, number=f"제2020-{enterprise:03d}{position}호", valid_from=start, valid_to=end
            ),
            BY,
        )
    return enterprise


def make_draft(
    department_id: int,
    enterprise_id: int,
    amount: int = 1_000_000,
    day: date = date(2026, 3, 2),
    *,
    payments: tuple[PaymentDraft, ...] = (),
    **facts: Any,
) -> PurchaseDraft:
    """Return a purchase by contract on `day`, in that year's books."""
    values: dict[str, Any] = {
        "fiscal_year": day.year,
        "purchased_on": day,
        "contracted_on": day,
        "kind": Kind.GOODS,
        "contract_name": "사무용품 구매",
    }
    return PurchaseDraft(
        facts=Facts(
            department_id=department_id, enterprise_id=enterprise_id, amount=amount, **(values | facts)
        ),
        payments=payments,
    )


def make_purchase(
    department_id: int,
    enterprise_id: int,
    amount: int = 1_000_000,
    day: date = date(2026, 3, 2),
    **options: Any,
) -> int:
    """Record that purchase and return its number."""
    return record_purchase(make_draft(department_id, enterprise_id, amount, day, **options), BY)
