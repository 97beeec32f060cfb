"""Saying in words how certifications stand, and what was changed of an enterprise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.core.certification import Certificate, StatusEvent, Term, valid_terms
from tracker.core.eligibility import Reason
from tracker.core.money import format_won
from tracker.core.vocabulary import CertificationEventKind as Event
from tracker.web.filters import NOTHING
from tracker.web.filters import day as say_day

STATES: Mapping[Reason, LazyString] = {
    Reason.CERTIFIED: _l("Valid"),
    Reason.EXPIRED: _l("Expired"),
    Reason.RETURNED: _l("Returned"),
    Reason.CANCELLED: _l("Cancelled"),
    Reason.CONVERTED: _l("Converted"),
    Reason.NOT_YET: _l("Not yet valid"),
    Reason.UNDATED: _l("No first day"),
}

LABELS: Mapping[str, LazyString] = {
    "name": _l("Name"),
    "business_number": _l("Business number"),
    "representative": _l("Representative"),
    "address": _l("Address"),
    "phone": _l("Phone"),
    "homepage": _l("Homepage"),
    "items": _l("What it sells"),
    "type": _l("Type"),
    "subtype": _l("Subtype"),
    "number": _l("Certification number"),
    "authority": _l("Authority"),
    "valid_from": _l("Valid from"),
    "valid_to": _l("Valid to"),
    "status": _l("Status"),
    "category_code": _l("Category code"),
    "unit": _l("Unit of quantity"),
    "unit_price": _l("Unit price"),
    "description": _l("Description"),
}
"""What is kept of enterprises, certifications and products, by its column."""

ACTIONS: Mapping[str, LazyString] = {
    "enterprise.absence": _l("Absence from a list decided"),
    "enterprise.register": _l("Enterprise registered"),
    "enterprise.update": _l("Facts changed"),
    "enterprise.certify": _l("Certification added"),
    "enterprise.recertify": _l("Certification corrected"),
    "enterprise.status": _l("Status of a certification recorded"),
    "enterprise.status_removed": _l("Status of a certification taken back"),
    "enterprise.product": _l("Product added"),
    "enterprise.product_changed": _l("Product changed"),
    "enterprise.product_removed": _l("Product removed"),
    "enterprise.vulnerable_share": _l("Share of vulnerable workers recorded"),
    "enterprise.vulnerable_share_removed": _l("Share of vulnerable workers taken back"),
}

_DAYS = frozenset({"valid_from", "valid_to"})


def say_value(name: str, value: object, type_names: Mapping[str, str]) -> str:
    """Return one value as people read it; days come as the trail keeps them, in ISO form."""
    if value is None or value == "":
        return NOTHING
    if name == "type":
        return type_names.get(str(value), str(value))
    if name in _DAYS:
        return say_day(date.fromisoformat(str(value)))
    return format_won(value) if isinstance(value, int) else str(value)


def say_listed(field: str, value: object) -> str:
    """Return what a list says in a field; who represents an enterprise is not told."""
    if field == "representative":
        return str(_("(personal, not kept here)")) if value else NOTHING
    if isinstance(value, Event):
        return value.korean
    if isinstance(value, date):
        return say_day(value)
    return str(value) if value else NOTHING


def say_term(term: Term) -> str:
    """Return a run of days: 2023. 3. 1. ~ 2026. 2. 28."""
    return f"{say_day(term.start)} ~ {say_day(term.end) if term.end else ''}".strip()


def say_consequence(certificate: Certificate, event: StatusEvent, type_name: str) -> list[str]:
    """Return what recording the event means: until when purchases count, and on which days it then holds."""
    events = sorted((*certificate.events, event), key=lambda each: each.happened_on)
    after = valid_terms(replace(certificate, events=tuple(events)))
    day = say_day(event.happened_on)
    if after == valid_terms(certificate):
        said = [_("For purchases this changes nothing.")]
    elif event.kind is Event.EXPIRED:
        said = [
            _(
                "%(day)s is the last valid day: purchases up to and on it keep counting as %(type)s, "
                "later ones do not.",
                day=day,
                type=type_name,
            )
        ]
    elif event.ends_on:
        said = [
            _(
                "Purchases before %(day)s keep counting as %(type)s; those from that day on do not.",
                day=day,
                type=type_name,
            )
        ]
    else:
        said = [_("From %(day)s on the certification holds again, within its stored days.", day=day)]
    terms = ", ".join(say_term(term) for term in after)
    said.append(
        _("It is then valid: %(terms)s", terms=terms) if terms else _("It is then valid on no day at all.")
    )
    return said
