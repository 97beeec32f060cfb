"""Writing the ledger: record, pay, correct, reverse; verdicts, rollup and audit in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy import Table, insert, select, update

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.canonical import canonical_json
from tracker.core.eligibility import Judgement, judge
from tracker.core.vocabulary import PaymentKind
from tracker.enterprises.queries import certificates_of
from tracker.extensions import chunks, db, get_locked, transaction
from tracker.purchases.closings import Change, find_late, mark_late
from tracker.purchases.drafts import (
    Facts,
    PaymentDraft,
    PurchaseDraft,
    changes_between,
    digest_of,
    facts_of,
    values_of,
)
from tracker.purchases.models import Payment, Purchase, PurchaseRevision, Verdict
from tracker.purchases.queries import entries_of, payments_of
from tracker.purchases.rollup import Entry, Sums, apply_sums

PURCHASE = cast("Table", Purchase.__table__)


class UnknownPurchase(LookupError):
    """There is no purchase with this number."""


class StalePurchase(Exception):
    """Someone else changed the purchase since it was opened."""

    def __init__(self, purchase_id: int, current_version: int) -> None:
        super().__init__(f"purchase {purchase_id} is at version {current_version}")
        self.purchase_id = purchase_id
        self.current_version = current_version


class ReversedPurchase(Exception):
    """The purchase was reversed: it cannot be changed any more."""


def record_purchase(draft: PurchaseDraft, by: Acting, late_reason: str = "") -> int:
    """Record one purchase, judged on its purchase date, and return its number."""
    [purchase_id] = record_purchases([draft], by, late_reason)
    return purchase_id


def record_purchases(drafts: Sequence[PurchaseDraft], by: Acting, late_reason: str = "") -> list[int]:
    """Record purchases that were entered together, all or none, and return their numbers in their order.

    Raises ClosedPeriod where one lies in a closed period and no reason is given.
    """
    with transaction():
        ids = add_purchases(drafts, by, change="", late_reason=late_reason)
        for purchase_id, draft in zip(ids, drafts, strict=True):
            record_event(
                by,
                "purchase.record",
                "purchase",
                purchase_id,
                {
                    "revision": 1,
                    "digest": digest_of(draft.facts),
                    "after": values_of(draft.facts),
                    "reason": late_reason,
                },
            )
        return ids


def add_purchases(
    drafts: Sequence[PurchaseDraft], by: Acting, change: str, late_reason: str = ""
) -> list[int]:
    """Store new purchases and return their numbers in the same order.

    The caller appends the audit event: one act of a person or file is one event, however many its rows.
    """
    with transaction():
        changes = [Change(None, draft.facts) for draft in drafts]
        late = find_late(changes, late_reason)
        certificates = certificates_of({draft.facts.enterprise_id for draft in drafts})
        judgements = [
            judge(certificates.get(draft.facts.enterprise_id, ()), draft.facts.purchased_on)
            for draft in drafts
        ]
        ids = list(
            db.session.scalars(
                insert(PURCHASE).returning(PURCHASE.c.id, sort_by_parameter_order=True),
                [
                    values_of(draft.facts) | _flags(judgement) | {"version": 1, "created_at": by.at}
                    for draft, judgement in zip(drafts, judgements, strict=True)
                ],
            )
        )
        _insert(
            PurchaseRevision, [_revision(i, 1, d.facts, change, by) for i, d in zip(ids, drafts, strict=True)]
        )
        _insert(
            Payment, [_payment(i, 1, paid) for i, d in zip(ids, drafts, strict=True) for paid in d.payments]
        )
        _insert(Verdict, [row for i, j in zip(ids, judgements, strict=True) for row in _verdicts(i, 1, j)])
        mark_late([(purchase_id, 1) for purchase_id in ids], changes, late, late_reason)
        sums = Sums()
        for draft, judgement in zip(drafts, judgements, strict=True):
            sums.add(_entry(draft, judgement))
        apply_sums(sums)
        return ids


def record_payment(
    purchase_id: int, payment: PaymentDraft, version: int, by: Acting, late_reason: str = ""
) -> None:
    """Add a payment; it is a revision of its own, so that the history tells what was paid when.

    Raises ClosedPeriod where the purchase lies in a closed period and no reason is given.
    """
    with transaction():
        purchase = _open_for_change(purchase_id, version)
        facts = facts_of(purchase)
        _revise(
            purchase,
            PurchaseDraft(facts=facts, payments=(*payments_of([purchase_id])[purchase_id], payment)),
            late_reason,
            by,
            action="purchase.pay",
        )


def correct_purchase(purchase_id: int, draft: PurchaseDraft, version: int, reason: str, by: Acting) -> None:
    """Replace what the purchase says by a new revision.

    It is judged anew only where the supplier or the purchase date changed: a certificate that was entered or
    cancelled since then must not alter an earlier verdict in passing. In a closed period the reason is that
    of a late entry, too.
    """
    with transaction():
        _revise(_open_for_change(purchase_id, version), draft, reason, by, action="purchase.correct")


def reverse_purchase(purchase_id: int, version: int, reason: str, by: Acting) -> None:
    """Take a purchase out of all totals; what it said, and why it went, stay readable."""
    with transaction():
        purchase = _open_for_change(purchase_id, version)
        draft = PurchaseDraft(
            facts=replace(facts_of(purchase), is_reversed=True),
            payments=payments_of([purchase_id])[purchase_id],
        )
        _revise(purchase, draft, reason, by, action="purchase.reverse")


def revise_in_batch(
    revisions: Iterable[tuple[int, PurchaseDraft]], reason: str, by: Acting, late_reason: str | None = None
) -> list[int]:
    """Give each purchase its next revision and return the revision numbers; the caller audits the batch.

    `late_reason` stands for the reason where a closed period is touched; the reason itself by default.
    """
    with transaction():
        numbers = []
        for purchase_id, draft in revisions:
            purchase = get_locked(Purchase, purchase_id)
            if purchase is None:
                raise UnknownPurchase(purchase_id)
            _revise(purchase, draft, reason, by, action=None, late_reason=late_reason)
            numbers.append(purchase.version)
        return numbers


def reverse_in_batch(purchase_ids: Sequence[int], reason: str, by: Acting) -> None:
    """Reverse many purchases at once, for a batch that is taken back; the caller audits the batch."""
    with transaction():
        for run in chunks(purchase_ids):
            rows = list(
                db.session.scalars(select(Purchase).where(Purchase.id.in_(run)).order_by(Purchase.id))
            )
            changes = [Change(facts_of(row), replace(facts_of(row), is_reversed=True)) for row in rows]
            late = find_late(changes, reason)
            sums = Sums()
            for entry in entries_of(rows):
                sums.add(entry, -1)
            apply_sums(sums)
            _insert(
                PurchaseRevision,
                [
                    _revision(row.id, row.version + 1, change.after, reason, by)
                    for row, change in zip(rows, changes, strict=True)
                ],
            )
            mark_late([(row.id, row.version + 1) for row in rows], changes, late, reason)
            db.session.execute(
                update(Purchase)
                .where(Purchase.id.in_(run))
                .values(is_reversed=True, version=Purchase.version + 1)
                .execution_options(synchronize_session=False)
            )
            db.session.expire_all()


def _open_for_change(purchase_id: int, version: int) -> Purchase:
    purchase = get_locked(Purchase, purchase_id)
    if purchase is None:
        raise UnknownPurchase(purchase_id)
    if purchase.version != version:
        raise StalePurchase(purchase_id, purchase.version)
    if purchase.is_reversed:
        raise ReversedPurchase(purchase_id)
    return purchase


def _revise(
    purchase: Purchase,
    draft: PurchaseDraft,
    reason: str,
    by: Acting,
    action: str | None,
    late_reason: str | None = None,
) -> None:
    before = facts_of(purchase)
    [old_entry] = entries_of([purchase])
    draft = _with_whole_payment_in_step(before, draft)
    number = purchase.version + 1
    change = Change(before, draft.facts)
    why_late = reason if late_reason is None else late_reason
    [late] = find_late([change], why_late)
    sums = Sums()
    sums.add(old_entry, -1)
    if (before.enterprise_id, before.purchased_on) == (draft.facts.enterprise_id, draft.facts.purchased_on):
        new_entry = old_entry._replace(facts=draft.facts, payments=draft.payments)
    else:
        certificates = certificates_of([draft.facts.enterprise_id])
        judgement = judge(certificates.get(draft.facts.enterprise_id, ()), draft.facts.purchased_on)
        new_entry = _entry(draft, judgement)
        db.session.execute(
            update(Verdict)
            .where(Verdict.purchase_id == purchase.id, Verdict.replaced_in.is_(None))
            .values(replaced_in=number)
        )
        _insert(Verdict, list(_verdicts(purchase.id, number, judgement)))
        for name, value in _flags(judgement).items():
            setattr(purchase, name, value)
    sums.add(new_entry)
    _replace_payments(purchase.id, number, old_entry.payments, draft.payments)
    for name, value in values_of(draft.facts).items():
        setattr(purchase, name, value)
    purchase.version = number
    db.session.flush()
    _insert(PurchaseRevision, [_revision(purchase.id, number, draft.facts, reason, by)])
    mark_late([(purchase.id, number)], [change], [late], why_late)
    apply_sums(sums)
    db.session.expire(purchase, ["payments", "verdicts"])
    if action:
        record_event(
            by,
            action,
            "purchase",
            purchase.id,
            {
                "revision": number,
                "digest": digest_of(draft.facts),
                "changes": changes_between(before, draft.facts),
                "reason": reason,
                "paid": [sum(p.amount for p in old_entry.payments), sum(p.amount for p in draft.payments)],
            },
        )


def _with_whole_payment_in_step(before: Facts, draft: PurchaseDraft) -> PurchaseDraft:
    """Let a payment of the whole amount, made because only a payment date was given, follow the amount."""
    if len(draft.payments) == 1 and draft.payments[0] == replace(
        draft.payments[0], kind=PaymentKind.WHOLE, amount=before.amount
    ):
        return replace(draft, payments=(replace(draft.payments[0], amount=draft.facts.amount),))
    return draft


def _replace_payments(
    purchase_id: int, number: int, before: Sequence[PaymentDraft], after: Sequence[PaymentDraft]
) -> None:
    kept = list(after)
    for row in db.session.scalars(
        select(Payment)
        .where(Payment.purchase_id == purchase_id, Payment.removed_in.is_(None))
        .order_by(Payment.id)
    ):
        stored = PaymentDraft(
            paid_on=row.paid_on, amount=row.amount, fiscal_year=row.fiscal_year, kind=row.kind
        )
        if stored in kept:
            kept.remove(stored)
        else:
            row.removed_in = number
    if len(before) or kept:
        db.session.flush()
    _insert(Payment, [_payment(purchase_id, number, paid) for paid in kept])


def _insert(
    model: type[PurchaseRevision] | type[Payment] | type[Verdict], rows: Sequence[dict[str, object]]
) -> None:
    if rows:
        db.session.execute(insert(cast("Table", model.__table__)), rows)


def _flags(judgement: Judgement) -> dict[str, object]:
    return {
        "reason": judgement.reason,
        "is_social": judgement.is_social,
        "is_certified": judgement.is_certified,
    }


def _entry(draft: PurchaseDraft, judgement: Judgement) -> Entry:
    return Entry(
        draft.facts, draft.payments, tuple(judgement.types), judgement.is_social, judgement.is_certified
    )


def _revision(purchase_id: int, number: int, facts: Facts, change: str, by: Acting) -> dict[str, object]:
    return values_of(facts) | {
        "purchase_id": purchase_id,
        "number": number,
        "change": change,
        "actor_id": by.actor_id,
        "recorded_at": by.at,
        "digest": digest_of(facts),
    }


def _payment(purchase_id: int, number: int, paid: PaymentDraft) -> dict[str, object]:
    return {
        "purchase_id": purchase_id,
        "paid_on": paid.paid_on,
        "amount": paid.amount,
        "fiscal_year": paid.fiscal_year,
        "kind": paid.kind,
        "added_in": number,
    }


def _verdicts(purchase_id: int, number: int, judgement: Judgement) -> list[dict[str, object]]:
    return [
        {
            "purchase_id": purchase_id,
            "type": verdict.type,
            "certification_id": verdict.certificate_id,
            "is_eligible": verdict.is_eligible,
            "was_social_economy": verdict.was_social_economy,
            "reason": verdict.reason,
            "parameters": canonical_json(dict(verdict.parameters)),
            "judged_in": number,
        }
        for verdict in judgement.verdicts
    ]
