"""One purchase with all that became of it: each revision with who, when, why, and what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.accounts.models import User
from tracker.core.eligibility import Reason
from tracker.core.money import Won
from tracker.extensions import db
from tracker.purchases.drafts import Facts, PaymentDraft, changes_between, facts_of
from tracker.purchases.models import Payment, Purchase, PurchaseRevision, Verdict

JUDGED_BY = frozenset({"enterprise_id", "purchased_on"})


class StoredVerdict(NamedTuple):
    """One verdict as it was frozen; `parameters` is JSON."""

    type: str
    is_eligible: bool
    reason: Reason
    parameters: str


class Revision(NamedTuple):
    """What a purchase said from this revision on, and what that changed; `reason` is empty for none given."""

    number: int
    reason: str
    actor: str
    recorded_at: datetime
    facts: Facts
    changes: Mapping[str, Sequence[object]]
    added: tuple[PaymentDraft, ...]
    removed: tuple[PaymentDraft, ...]
    is_judged_anew: bool


class Record(NamedTuple):
    """A purchase as it stands now, with its history from the first revision on."""

    id: int
    version: int
    facts: Facts
    is_social: bool
    is_certified: bool
    reason: Reason
    payments: tuple[PaymentDraft, ...]
    verdicts: tuple[StoredVerdict, ...]
    revisions: tuple[Revision, ...]

    @property
    def paid(self) -> Won:
        """Return the sum of its payments."""
        return sum(payment.amount for payment in self.payments)

    @property
    def unpaid(self) -> Won:
        """Return what is left to pay; less than zero where more was paid."""
        return self.facts.amount - self.paid

    def facts_at(self, version: int) -> Facts:
        """Return what it said in that version; as it stands now where there is none such."""
        return next((each.facts for each in self.revisions if each.number == version), self.facts)

    def payments_at(self, version: int) -> tuple[PaymentDraft, ...]:
        """Return its payments in that version."""
        payments: list[PaymentDraft] = []
        for revision in self.revisions[:version]:
            for payment in revision.removed:
                payments.remove(payment)
            payments.extend(revision.added)
        return tuple(payments)

    def since(self, version: int) -> tuple[Revision, ...]:
        """Return the revisions after that version."""
        return tuple(each for each in self.revisions if each.number > version)


def find_record(purchase_id: int) -> Record | None:
    """Return the purchase with its history."""
    purchase = db.session.get(Purchase, purchase_id)
    if purchase is None:
        return None
    payments = list(
        db.session.scalars(select(Payment).where(Payment.purchase_id == purchase_id).order_by(Payment.id))
    )
    verdicts = list(
        db.session.scalars(
            select(Verdict).where(Verdict.purchase_id == purchase_id).order_by(Verdict.type, Verdict.id)
        )
    )
    return Record(
        id=purchase.id,
        version=purchase.version,
        facts=facts_of(purchase),
        is_social=purchase.is_social,
        is_certified=purchase.is_certified,
        reason=purchase.reason,
        payments=tuple(
            sorted(
                (_draft(payment) for payment in payments if payment.removed_in is None),
                key=lambda each: each.paid_on,
            )
        ),
        verdicts=tuple(
            StoredVerdict(row.type, row.is_eligible, row.reason, row.parameters)
            for row in verdicts
            if row.replaced_in is None
        ),
        revisions=_revisions(purchase_id, payments, {row.judged_in for row in verdicts}),
    )


def merge(base: Facts, mine: Facts, stored: Facts) -> Facts:
    """Return what two people made of the same facts; of a fact that both changed, mine."""
    mended: dict[str, Any] = {name: after for name, (_, after) in changes_between(base, mine).items()}
    return replace(stored, **mended)


def merge_payments(
    base: Sequence[PaymentDraft], mine: Sequence[PaymentDraft | None], stored: Sequence[PaymentDraft]
) -> list[PaymentDraft | None]:
    """Return the stored payments, or what I made of those that nobody else touched; None is one taken out."""
    open_pairs = list(zip(base, mine, strict=True))
    merged: list[PaymentDraft | None] = []
    for payment in stored:
        pair = next((each for each in open_pairs if each[0] == payment), None)
        if pair:
            open_pairs.remove(pair)
        merged.append(pair[1] if pair else payment)
    return merged


def _revisions(purchase_id: int, payments: Sequence[Payment], judged_in: set[int]) -> tuple[Revision, ...]:
    rows = db.session.execute(
        select(PurchaseRevision, User.name)
        .join(User, User.id == PurchaseRevision.actor_id)
        .where(PurchaseRevision.purchase_id == purchase_id)
        .order_by(PurchaseRevision.number)
    )
    revisions: list[Revision] = []
    for row, actor in rows:
        facts = facts_of(row)
        changes = changes_between(revisions[-1].facts, facts) if revisions else {}
        revisions.append(
            Revision(
                number=row.number,
                reason=row.change,
                actor=actor,
                recorded_at=row.recorded_at,
                facts=facts,
                changes=changes,
                added=tuple(_draft(each) for each in payments if each.added_in == row.number),
                removed=tuple(_draft(each) for each in payments if each.removed_in == row.number),
                is_judged_anew=bool(changes.keys() & JUDGED_BY)
                or (row.number > 1 and row.number in judged_in),
            )
        )
    return tuple(revisions)


def _draft(row: Payment) -> PaymentDraft:
    return PaymentDraft(paid_on=row.paid_on, amount=row.amount, fiscal_year=row.fiscal_year, kind=row.kind)
