"""Writing the ledger: record, pay, correct, reverse; verdicts, rollup and audit in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import cast

from sqlalchemy import Table, bindparam, select, update

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.eligibility import Judgement
from tracker.core.vocabulary import PaymentKind
from tracker.enterprises.queries import Records
from tracker.extensions import (
    CHUNK,
    chunks,
    db,
    get_locked,
    insert_columns,
    insert_rows,
    placeholder,
    reserve_ids,
    transaction,
)
from tracker.purchases.closings import Change, find_late, mark_late
from tracker.purchases.drafts import (
    FACT_NAMES,
    Facts,
    PaymentDraft,
    PurchaseDraft,
    changes_between,
    columns_of,
    digest_of,
    digests_of,
    facts_of,
    values_of,
)
from tracker.purchases.models import Payment, Purchase, PurchaseRevision, Verdict
from tracker.purchases.queries import entries_of, payments_of
from tracker.purchases.rejudging import Rejudged, judge_again, rejudging_digest
from tracker.purchases.rollup import Entry, Sums, apply_sums

PURCHASE = cast("Table", Purchase.__table__)
REVISION = cast("Table", PurchaseRevision.__table__)


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
    drafts: Sequence[PurchaseDraft],
    by: Acting,
    change: str,
    late_reason: str = "",
    records: Records | None = None,
    sums: Sums | None = None,
) -> list[int]:
    """Store new purchases and return their numbers in the same order.

    The caller appends the audit event: one act of a person or file is one event, however many its rows.
    Where a file comes in runs, `records` are those read so far, and `sums` are left to the caller to apply.
    """
    with transaction():
        changes = [Change(None, draft.facts) for draft in drafts]
        late = find_late(changes, late_reason)
        records = records or Records()
        records.read({draft.facts.enterprise_id for draft in drafts})
        ids = reserve_ids(PURCHASE.c.id, len(drafts))
        entered = [
            (number, draft, records.judge(draft.facts.enterprise_id, draft.facts.purchased_on))
            for number, draft in zip(ids, drafts, strict=True)
        ]
        _insert_purchases(entered, change, by)
        _insert_payments([(number, 1, paid) for number, draft, _ in entered for paid in draft.payments])
        _insert_verdicts((number, 1, judgement) for number, _, judgement in entered)
        mark_late([(number, 1) for number in ids], changes, late, late_reason)
        new_sums = Sums() if sums is None else sums
        for _, draft, judgement in entered:
            new_sums.add(_entry(draft, judgement))
        if sums is None:
            apply_sums(new_sums)
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
            revisions = [(row.id, row.version + 1) for row in rows]
            _insert_revisions(revisions, columns_of([change.after for change in changes]), reason, by)
            mark_late(revisions, changes, late, reason)
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


def rejudge_year(fiscal_year: int, reason: str, by: Acting) -> list[Rejudged]:
    """Judge the purchases of a year again and return those judged otherwise, each with a new revision.

    It is one act, all or nothing. In a closed period the reason is that of a late entry, too.
    """
    with transaction():
        done, sums = [], Sums()
        for found in judge_again(fiscal_year, is_locked=True):
            _judge_otherwise(found, reason, by, sums)
            done += [each for each, _ in found]
        if done:
            apply_sums(sums)
            digest = rejudging_digest((each.purchase_id, each.version + 1, each.now.types) for each in done)
            record_event(
                by,
                "purchase.rejudge",
                "purchase",
                None,
                {"fiscal_year": fiscal_year, "reason": reason, "purchases": len(done), "digest": digest},
            )
        return done


def _judge_otherwise(
    found: Sequence[tuple[Rejudged, Judgement]], reason: str, by: Acting, sums: Sums
) -> None:
    ids = [each.purchase_id for each, _ in found]
    purchases = db.session.scalars(
        select(Purchase)
        .where(Purchase.id.in_(ids))
        .order_by(Purchase.id)
        .execution_options(populate_existing=True)
    ).all()
    entries = entries_of(purchases)
    changes = [Change(entry.facts, entry.facts) for entry in entries]
    late = find_late(changes, reason)
    revisions = [(each.purchase_id, each.version + 1) for each, _ in found]
    db.session.execute(
        update(cast("Table", Verdict.__table__))
        .where(Verdict.purchase_id == bindparam("purchase"), Verdict.replaced_in.is_(None))
        .values(replaced_in=bindparam("revision")),
        [{"purchase": purchase_id, "revision": number} for purchase_id, number in revisions],
    )
    _insert_verdicts((each.purchase_id, each.version + 1, judgement) for each, judgement in found)
    for purchase, entry, (_, judgement) in zip(purchases, entries, found, strict=True):
        sums.add(entry, -1)
        sums.add(_entry(PurchaseDraft(facts=entry.facts, payments=entry.payments), judgement))
        purchase.version += 1
        purchase.reason = judgement.reason
        purchase.is_social, purchase.is_certified = judgement.is_social, judgement.is_certified
    db.session.flush()
    _insert_revisions(revisions, columns_of([entry.facts for entry in entries]), reason, by)
    mark_late(revisions, changes, late, reason)
    for purchase in purchases:
        db.session.expunge(purchase)


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
        records = Records()
        records.read({draft.facts.enterprise_id})
        judgement = records.judge(draft.facts.enterprise_id, draft.facts.purchased_on)
        new_entry = _entry(draft, judgement)
        db.session.execute(
            update(Verdict)
            .where(Verdict.purchase_id == purchase.id, Verdict.replaced_in.is_(None))
            .values(replaced_in=number)
        )
        _insert_verdicts([(purchase.id, number, judgement)])
        purchase.reason = judgement.reason
        purchase.is_social, purchase.is_certified = judgement.is_social, judgement.is_certified
    sums.add(new_entry)
    _replace_payments(purchase.id, number, old_entry.payments, draft.payments)
    for name, value in values_of(draft.facts).items():
        setattr(purchase, name, value)
    purchase.version = number
    db.session.flush()
    _insert_revisions([(purchase.id, number)], columns_of([draft.facts]), reason, by)
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
    _insert_payments([(purchase_id, number, paid) for paid in kept])


def _entry(draft: PurchaseDraft, judgement: Judgement) -> Entry:
    return Entry(draft.facts, draft.payments, judgement.types, judgement.is_social, judgement.is_certified)


def _insert_purchases(
    entered: Sequence[tuple[int, PurchaseDraft, Judgement]], change: str, by: Acting
) -> None:
    if not entered:
        return
    columns = columns_of([draft.facts for _, draft, _ in entered])
    insert_columns(
        PURCHASE,
        columns
        | {
            "id": [number for number, _, _ in entered],
            "version": [1] * len(entered),
            "reason": [found.reason for _, _, found in entered],
            "is_social": [found.is_social for _, _, found in entered],
            "is_certified": [found.is_certified for _, _, found in entered],
            "created_at": [by.at] * len(entered),
        },
    )
    _insert_first_revisions([number for number, _, _ in entered], digests_of(columns), change, by)


def _insert_first_revisions(
    purchase_ids: Sequence[int], digests: Sequence[str], change: str, by: Acting
) -> None:
    """Store what new purchases say as their first revisions, taken from where it was just stored."""
    connection = db.session.connection()
    mark = placeholder(connection)
    facts = ", ".join(FACT_NAMES)
    for start in range(0, len(purchase_ids), CHUNK):
        run = [*zip(purchase_ids[start : start + CHUNK], digests[start : start + CHUNK], strict=True)]
        known = ", ".join([f"({mark}, {mark})"] * len(run))
        connection.exec_driver_sql(
            f"WITH known (purchase_id, digest) AS (VALUES {known})"  # noqa: S608 - names of columns
            f" INSERT INTO purchase_revision"
            f" ({facts}, purchase_id, number, change, actor_id, recorded_at, digest)"
            f" SELECT {facts}, id, version, {mark}, {mark}, created_at, digest"
            f" FROM known JOIN purchase ON purchase.id = purchase_id",
            (*chain.from_iterable(run), change, by.actor_id),
        )


def _insert_revisions(
    revisions: Sequence[tuple[int, int]], columns: Mapping[str, Sequence[object]], change: str, by: Acting
) -> None:
    """Store these revisions (purchase and number) of facts that stand column by column."""
    insert_columns(
        REVISION,
        {
            **columns,
            "purchase_id": [purchase_id for purchase_id, _ in revisions],
            "number": [number for _, number in revisions],
            "change": [change] * len(revisions),
            "actor_id": [by.actor_id] * len(revisions),
            "recorded_at": [by.at] * len(revisions),
            "digest": digests_of(columns),
        },
    )


def _insert_payments(payments: Iterable[tuple[int, int, PaymentDraft]]) -> None:
    insert_rows(
        cast("Table", Payment.__table__),
        ("purchase_id", "added_in", "paid_on", "amount", "fiscal_year", "kind"),
        [
            (purchase_id, number, paid.paid_on, paid.amount, paid.fiscal_year, paid.kind)
            for purchase_id, number, paid in payments
        ],
    )


def _insert_verdicts(judgements: Iterable[tuple[int, int, Judgement]]) -> None:
    insert_rows(
        cast("Table", Verdict.__table__),
        (
            "purchase_id",
            "judged_in",
            "type",
            "certification_id",
            "is_eligible",
            "was_social_economy",
            "reason",
            "parameters",
        ),
        [
            (
                purchase_id,
                number,
                verdict.type,
                verdict.certificate_id,
                verdict.is_eligible,
                verdict.was_social_economy,
                verdict.reason,
                verdict.canonical_parameters,
            )
            for purchase_id, number, judgement in judgements
            for verdict in judgement.verdicts
        ],
    )
