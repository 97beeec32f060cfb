"""Purchases between the ledger and the API: what is told of one, and what is made of what is sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort
from flask_babel import gettext as _
from marshmallow import ValidationError

from tracker.accounts.permissions import Act, require
from tracker.core.canonical import canonical_json
from tracker.core.eligibility import counts_in
from tracker.core.vocabulary import Measure, PaymentKind
from tracker.departments.models import Department
from tracker.departments.queries import list_departments
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.purchases.drafts import FACT_NAMES, Facts, PaymentDraft, PurchaseDraft, values_of
from tracker.purchases.history import Record, Revision, find_record
from tracker.purchases.services import StalePurchase
from tracker.purchases.warnings import check_purchases
from tracker.purchases.wording import say_twin, say_verdict, say_warnings

Said = Mapping[str, Any]
PARTIES = {"department_id": Department, "contracting_department_id": Department, "enterprise_id": Enterprise}


def get_record(purchase_id: int) -> Record:
    """Return the purchase with its history, or answer 404."""
    return find_record(purchase_id) or abort(404)


def describe_purchase(record: Record, *, is_written: bool = False) -> dict[str, object]:
    """Return what is told of a purchase; of one that was just written, what should be read too."""
    facts = record.facts
    departments = {row.id: row.name for row in list_departments()}
    enterprise = db.session.get_one(Enterprise, facts.enterprise_id)
    flags = {"is_social": record.is_social, "is_certified": record.is_certified}
    return (
        values_of(facts)
        | flags
        | {
            "id": record.id,
            "version": record.version,
            "department": departments[facts.department_id],
            "contracting_department": departments.get(facts.contracting_department_id or 0),
            "enterprise": enterprise.name,
            "business_number": enterprise.business_number,
            "reason": record.reason,
            "is_counted": not facts.is_reversed
            and counts_in(Measure.SOCIAL, **flags, directness=facts.directness, nature=facts.nature),
            "types": [verdict.type for verdict in record.verdicts if verdict.is_eligible],
            "payments": record.payments,
            "verdicts": [
                verdict._asdict() | {"message": say_verdict(verdict.reason, verdict.parameters)}
                for verdict in record.verdicts
            ],
            "revisions": [_describe_revision(revision) for revision in record.revisions],
        }
        | ({"warnings": _warn_of(record)} if is_written and not facts.is_reversed else {})
    )


def draft_purchase(said: Said) -> PurchaseDraft:
    """Return the purchase to record. ValidationError, or 403 for another's department."""
    payments = draft_payments(said.get("payments", ()))
    paid_on = said.get("paid_on")
    day = said.get("contracted_on") or paid_on or _first_day(payments)
    facts = _checked(
        Facts(
            **{
                "fiscal_year": day.year,
                "purchased_on": day,
                **{name: value for name, value in said.items() if name in FACT_NAMES},
            }
        )
    )
    if paid_on:
        whole = PaymentDraft(
            paid_on=paid_on, amount=facts.amount, fiscal_year=facts.fiscal_year, kind=PaymentKind.WHOLE
        )
        payments = (whole,)
    return PurchaseDraft(facts=facts, payments=payments)


def draft_correction(purchase_id: int, said: Said) -> PurchaseDraft:
    """Return the purchase as it stands with the facts that are sent. StalePurchase where it was changed."""
    record = get_record(purchase_id)
    if record.version != said["version"]:
        raise StalePurchase(purchase_id, record.version)
    payments = draft_payments(said["payments"]) if "payments" in said else record.payments
    facts = replace(record.facts, **{name: value for name, value in said.items() if name in FACT_NAMES})
    day = facts.contracted_on or _first_day(payments)
    return PurchaseDraft(facts=_checked(replace(facts, purchased_on=day)), payments=payments)


def draft_payments(lines: Sequence[Said]) -> tuple[PaymentDraft, ...]:
    """Return the payments as they are sent; an empty year is that of the date."""
    return tuple(
        PaymentDraft(
            paid_on=line["paid_on"],
            amount=line["amount"],
            fiscal_year=line.get("fiscal_year", line["paid_on"].year),
            kind=line["kind"],
        )
        for line in lines
    )


def _first_day(payments: Sequence[PaymentDraft]) -> Any:  # noqa: ANN401
    if not payments:
        raise ValidationError(
            _("Give the contract date, or the payment date where there is none."), "contracted_on"
        )
    return min(payment.paid_on for payment in payments)


def _checked(facts: Facts) -> Facts:
    """Return the facts when all they name is there and the reader writes for the department."""
    require(Act.WRITE_PURCHASES, facts.department_id)
    for name, model in PARTIES.items():
        number = getattr(facts, name)
        if number is not None and db.session.get(model, number) is None:
            raise ValidationError(_("There is none of this number."), name)
    return facts


def _describe_revision(revision: Revision) -> dict[str, object]:
    changes = json.loads(canonical_json(revision.changes))
    return revision._asdict() | {"facts": values_of(revision.facts), "changes": changes}


def _warn_of(record: Record) -> list[str]:
    [check] = check_purchases([record.facts], leaving_out=record.id)
    return [*say_warnings(check), *(say_twin(twin) for twin in check.twins)]
