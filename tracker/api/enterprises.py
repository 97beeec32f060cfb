"""Enterprises between the register and the shapes of the API."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort

from tracker.api.names import asked_type
from tracker.audit.acting import Acting
from tracker.enterprises.doubts import doubts_about_enterprise
from tracker.enterprises.listing import EnterpriseRow
from tracker.enterprises.models import Enterprise
from tracker.enterprises.queries import list_certifications, list_products
from tracker.enterprises.services import (
    CertificationDraft,
    EnterpriseDraft,
    ProductDraft,
    add_product,
    certify,
    register_enterprise,
)
from tracker.extensions import db, transaction
from tracker.purchases.suppliers import types_on

PERSONAL = ("representative", "phone")
PUBLIC = ("id", "version", "name", "business_number", "address", "homepage", "items")


def describe_rows(rows: Sequence[EnterpriseRow], day: date) -> list[dict[str, object]]:
    """Return what a list tells of each."""
    types = types_on([row.id for row in rows], day)
    return [row._asdict() | {"types": types[row.id]} for row in rows]


def describe_enterprise(enterprise_id: int, day: date, *, is_personal: bool = False) -> dict[str, object]:
    """Return what is told of an enterprise, personal data only where asked for."""
    enterprise = db.session.get(Enterprise, enterprise_id) or abort(404)
    certifications = list_certifications(enterprise_id)
    return {
        **{name: getattr(enterprise, name) for name in PUBLIC},
        **{name: getattr(enterprise, name) if is_personal else None for name in PERSONAL},
        "types": types_on([enterprise_id], day)[enterprise_id],
        "certifications": [
            {
                "id": row.certificate.id,
                "type": row.certificate.type,
                "type_name": row.type_name,
                "subtype": row.subtype,
                "number": row.certificate.number,
                "authority": row.authority,
                "valid_from": row.certificate.valid_from,
                "valid_to": row.certificate.valid_to,
                "standing": row.standing_on(day),
                "events": row.events,
            }
            for row in certifications
        ],
        "products": list_products(enterprise_id),
    }


def register(said: Mapping[str, Any], by: Acting, warnings: list[str]) -> int:
    """Register the enterprise with what it holds and sells, and return its number; warnings are added."""
    facts = {name: value for name, value in said.items() if name not in ("certifications", "products")}
    draft = EnterpriseDraft(**facts)
    with transaction():
        warnings += [doubt.text for doubt in doubts_about_enterprise(draft)]
        number = register_enterprise(draft, by)
        for held in said["certifications"]:
            certify(number, CertificationDraft(**{**held, "type": asked_type(held["type"])}), by)
        for sold in said["products"]:
            add_product(number, ProductDraft(**sold), by)
    return number
